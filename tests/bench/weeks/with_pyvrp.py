"""The measured week for PyVRP: prizes, overtime, and a profile for every team-day that forbids what it may not do.

It knows no breaks. Lunch is an hour at noon that is cut out of the day: later times come an hour earlier, and the judge
then looks for the best lunch in the plan.
"""

import time
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp.stop import MaxRuntime

from tests.bench.weeks.found import Found, Limit
from tests.bench.weeks.noon import without_lunch
from tests.bench.weeks.recipe import LAST_RETURN_TENTHS, LUNCH_TENTHS, OVERTIME_WEIGHT, SHIFT_END_TENTHS, Week

FAR = 10**6
LONG_TENTHS = 10**5


class Feasible:
    """Keeps the last best plan that breaks no rule of the model; PyVRP's best may be one that does."""

    last: Any = None

    def on_best(self, best: Any) -> None:
        """A new best plan."""
        if best.is_feasible():
            self.last = best

    def on_start(self, ils: Any) -> None:
        """Nothing to do."""

    def on_iteration(self, current: Any, candidate: Any, best: Any, cost_evaluator: Any) -> None:
        """Nothing to do."""

    def on_restart(self, best: Any) -> None:
        """Nothing to do."""

    def on_end(self, result: Any) -> None:
        """Nothing to do."""


def solve(week: Week, limit: Limit) -> Found:
    """PyVRP's plan; building its model counts."""
    began, cpu_began = time.perf_counter(), time.process_time()
    data = data_of(week)
    left = max(0.2, limit.seconds - (time.perf_counter() - began))
    kept: Any = Feasible()  # has what they ask for, without being one of theirs
    params = pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(callbacks=kept))
    result = pyvrp.solve(data, MaxRuntime(left), seed=limit.seed, collect_stats=False, params=params)
    best = result.best if result.best.is_feasible() else kept.last
    taken = time.process_time() - cpu_began
    return Found({} if best is None else routes_of(best), taken, iterations=float(result.num_iterations))


def routes_of(solution: Any) -> dict[int, list[int]]:
    """Visits by route; every vehicle type is one route."""
    return {
        int(route.vehicle_type()): [int(activity.idx) + 1 for activity in route if activity.is_client()]
        for route in solution.routes()
    }


def data_of(week: Week) -> pyvrp.ProblemData:
    """The week as PyVRP takes it."""
    windows = [[without_lunch(int(tenths)) for tenths in pair] for pair in week.windows_tenths]
    clients = [
        pyvrp.Client(
            visit,
            service_duration=int(week.service_tenths[visit]),
            tw_early=windows[visit][0],
            tw_late=windows[visit][1],
            prize=int(week.penalty_tenths[visit]),
            required=False,
        )
        for visit in range(1, week.count + 1)
    ]
    places = [pyvrp.Location(int(x * 100), int(y * 100)) for x, y in week.place_km]
    types, distances, durations = _profiles(week)
    return pyvrp.ProblemData(places, clients, [pyvrp.Depot(0)], types, distances, durations)


def _profiles(week: Week) -> tuple[list[Any], list[Any], list[Any]]:
    """A vehicle type for every route; routes with the same team and the same visits share their matrices."""
    number: dict[bytes, int] = {}
    types, distances, durations = [], [], []
    for team, allowed in zip(week.route_team.tolist(), week.allowed, strict=True):
        key = bytes([team]) + allowed.tobytes()
        if key not in number:
            number[key] = len(number)
            price, travel = _matrices(week, team, ~allowed)
            distances.append(price)
            durations.append(travel)
        types.append(_vehicle_type(number[key]))
    return types, distances, durations


def _matrices(week: Week, team: int, barred: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Price (travel and continuity) and travel time of every leg for a team that some visits are barred from."""
    travel = week.travel_tenths.copy()
    price = travel + week.continuity_tenths[team]
    price[:, barred], travel[:, barred] = FAR, LONG_TENTHS
    np.fill_diagonal(price, 0)
    np.fill_diagonal(travel, 0)
    return price, travel


def _vehicle_type(profile: int) -> Any:
    """One team-day without its lunch."""
    return pyvrp.VehicleType(
        tw_late=LAST_RETURN_TENTHS - LUNCH_TENTHS,
        start_late=0,
        shift_duration=SHIFT_END_TENTHS - LUNCH_TENTHS,
        max_overtime=LAST_RETURN_TENTHS - SHIFT_END_TENTHS,
        unit_overtime_cost=OVERTIME_WEIGHT,
        profile=profile,
    )
