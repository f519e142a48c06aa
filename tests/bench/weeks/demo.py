"""Weeks of the generated demo township with their roster fixed: the routing problem that remains, for who can state it.

PyVRP and VROOM cannot: they know no joint visits, no order of classes, and no limits that two crews share.
"""

import time
from dataclasses import dataclass

from optimizer.baseline import solve_with_routing_library
from optimizer.bundle import units_of
from optimizer.roster import decide
from optimizer.routing import RoutingInput, RoutingOutput, SearchParams, search, warm
from optimizer.routing.input import NOBODY
from optimizer.routing.translate import translate
from optimizer.stop import Budget
from tests.bench.joint import overloaded_week
from tests.bench.weeks.found import Limit
from tests.optimizer.routing.reference import plan_cost

PEOPLE, STAFF_PERCENT, NEIGHBOURHOODS = 60_000, 80, 20
"""An overloaded township; its roster is decided once, in so many neighbourhoods."""
SOLVERS = ("xunzhen", "ortools")
LEFT_OUT = "pyvrp and vroom know no joint visits, order of classes or limits shared by crews: not run on demo weeks"


@dataclass(frozen=True, slots=True)
class DemoRun:
    """One run of one solver on one routing problem."""

    solver: str
    given: RoutingInput
    limit: Limit


def make_demo(seed: int) -> RoutingInput:
    """The routing problem that the roster of a demo week leaves."""
    problem = overloaded_week(seed, PEOPLE, STAFF_PERCENT)
    units = units_of(problem)
    roster = decide(problem, units, seed=seed, budget=Budget(iterations=NEIGHBOURHOODS), workers=1)
    taken = {unit for duty in roster.duties for held in duty.sessions for unit in held.attendees}
    taken |= {call.unit for call in roster.calls}
    return translate(problem, units, roster.duties, frozenset(taken)).given


def find(run: DemoRun) -> tuple[RoutingOutput, float]:
    """The solver's plan from nothing, and its CPU seconds; compiling does not count."""
    warm()
    began = time.process_time()
    if run.solver == "ortools":
        found = solve_with_routing_library(run.given, seconds=run.limit.seconds)
    else:
        params = SearchParams(workers=run.limit.cores)
        found = search(run.given, seed=run.limit.seed, budget=Budget(seconds=run.limit.seconds), params=params)
    return found, time.process_time() - began


def judge(given: RoutingInput, found: RoutingOutput) -> int | None:
    """The cost of a plan by the plain rules, None when it breaks one."""
    start: dict[int, int] = {}
    route_of: dict[int, int] = {}
    for number, (stops, times) in enumerate(zip(found.routes, found.times, strict=True)):
        if times is not None:
            start |= dict(zip(stops, times.starts, strict=True))
            route_of |= dict.fromkeys(stops, number)
    joint = [v for v in range(given.depots, given.nodes) if given.partner[v] != NOBODY]
    for visit in joint:
        other = int(given.partner[visit])
        if start.get(visit) != start.get(other):
            return None
        if visit in start and given.team[route_of[visit]] == given.team[route_of[other]]:
            return None
    return plan_cost(given, found.routes, {visit: start[visit] for visit in joint if visit in start})
