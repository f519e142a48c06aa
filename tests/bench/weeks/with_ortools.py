"""The measured week for the routing library of OR-Tools, by size in the best of six variants that were tried.

Lunch as an interval of its own slows its search down more than it gains. So lunch is cut out of the day at noon, and
the judge then looks for the best lunch in the plan. It runs on one thread and takes no seed.
"""

import time
from dataclasses import dataclass
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2, routing_ils_pb2

from tests.bench.weeks.found import Found, Limit
from tests.bench.weeks.noon import without_lunch
from tests.bench.weeks.recipe import (
    LAST_RETURN_TENTHS,
    LUNCH_EARLIEST_TENTHS,
    LUNCH_LATEST_TENTHS,
    LUNCH_TENTHS,
    OVERTIME_WEIGHT,
    SHIFT_END_TENTHS,
    Week,
)

TIME = "time"


@dataclass(frozen=True, slots=True)
class Variant:
    """How the library is used."""

    has_real_lunch: bool = False
    has_overtime: bool = True
    is_iterated: bool = False
    """Iterated local search by removing strings, else guided local search."""
    first: str = "PARALLEL_CHEAPEST_INSERTION"


BEST = {
    150: Variant(has_overtime=False, is_iterated=True),
    400: Variant(has_overtime=False),
    1000: Variant(),
}
"""By size: of the variants above, with and without overtime, the cheapest plan in 20 s."""


@dataclass(frozen=True, slots=True)
class _Model:
    week: Week
    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel


def solve(week: Week, limit: Limit, variant: Variant | None = None) -> Found:
    """The library's plan; building its model counts."""
    began, cpu_began = time.perf_counter(), time.process_time()
    variant = variant or BEST.get(week.count, Variant())
    model = _model(week, variant)
    parameters = _parameters(variant)
    left = limit.seconds - (time.perf_counter() - began)
    parameters.time_limit.FromMilliseconds(max(100, int(left * 1000)))
    run = model.routing.SolveWithIteratedLocalSearch if variant.is_iterated else model.routing.SolveWithParameters
    solution = run(parameters)
    taken = time.process_time() - cpu_began
    return Found({} if solution is None else _routes(model, solution), taken)


def _model(week: Week, variant: Variant) -> _Model:
    manager = pywrapcp.RoutingIndexManager(week.count + 1, len(week.route_day), 0)
    model = _Model(week, manager, pywrapcp.RoutingModel(manager))
    prices = [
        model.routing.RegisterTransitMatrix((week.travel_tenths + continuity).tolist())
        for continuity in week.continuity_tenths
    ]
    for route, team in enumerate(week.route_team.tolist()):
        model.routing.SetArcCostEvaluatorOfVehicle(prices[team], route)
    transit = model.routing.RegisterTransitMatrix((week.travel_tenths + week.service_tenths[:, None]).tolist())
    model.routing.AddDimension(transit, LAST_RETURN_TENTHS, LAST_RETURN_TENTHS, True, TIME)
    clock = model.routing.GetDimensionOrDie(TIME)
    for visit in range(1, week.count + 1):
        _add_visit(model, clock, visit, variant)
    for route in range(len(week.route_day)):
        _add_end(model, clock, route, variant)
    return model


def _add_visit(model: _Model, clock: Any, visit: int, variant: Variant) -> None:
    """Window, price of leaving it, and the routes that may make it."""
    week, index = model.week, model.manager.NodeToIndex(visit)
    first, last = week.windows_tenths[visit].tolist()
    if not variant.has_real_lunch:
        first, last = without_lunch(first), without_lunch(last)
    clock.CumulVar(index).SetRange(first, last)
    model.routing.AddDisjunction([index], int(week.penalty_tenths[visit]))
    routes = [route for route in range(len(week.route_day)) if week.allowed[route, visit]]
    model.routing.VehicleVar(index).SetValues([-1, *routes])


def _add_end(model: _Model, clock: Any, route: int, variant: Variant) -> None:
    """End of the day, overtime and lunch of a route."""
    end = model.routing.End(route)
    cut = 0 if variant.has_real_lunch else LUNCH_TENTHS
    if variant.has_overtime:
        clock.SetCumulVarSoftUpperBound(end, SHIFT_END_TENTHS - cut, OVERTIME_WEIGHT)
    clock.CumulVar(end).SetMax((LAST_RETURN_TENTHS if variant.has_overtime else SHIFT_END_TENTHS) - cut)
    if variant.has_real_lunch:
        lunch = model.routing.solver().FixedDurationIntervalVar(
            LUNCH_EARLIEST_TENTHS, LUNCH_LATEST_TENTHS, LUNCH_TENTHS, False, f"lunch{route}"
        )
        service = [0] * model.routing.Size()
        for visit in range(1, model.week.count + 1):
            service[model.manager.NodeToIndex(visit)] = int(model.week.service_tenths[visit])
        clock.SetBreakIntervalsOfVehicle([lunch], route, service)


def _parameters(variant: Variant) -> Any:
    found = pywrapcp.DefaultRoutingSearchParameters()
    found.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, variant.first)
    methods = routing_enums_pb2.LocalSearchMetaheuristic
    found.local_search_metaheuristic = methods.GREEDY_DESCENT if variant.is_iterated else methods.GUIDED_LOCAL_SEARCH
    if variant.is_iterated:
        found.use_iterated_local_search = True
        _iterate(found.iterated_local_search_parameters)
    return found


def _iterate(parameters: Any) -> None:
    """Ruin by strings, recreate by insertion, accept under a falling temperature."""
    strings = parameters.ruin_recreate_parameters.ruin_strategies.add().sisr
    strings.max_removed_sequence_size, strings.avg_num_removed_visits, strings.bypass_factor = 10, 12, 0.01
    insertion = routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
    parameters.ruin_recreate_parameters.recreate_strategy.heuristic = insertion
    parameters.improve_perturbed_solution = False
    cooling = parameters.reference_solution_acceptance_strategy.simulated_annealing
    cooling.cooling_schedule_strategy = routing_ils_pb2.CoolingScheduleStrategy.EXPONENTIAL
    cooling.initial_temperature, cooling.final_temperature, cooling.automatic_temperatures = 300, 3, False


def _routes(model: _Model, solution: Any) -> dict[int, list[int]]:
    """Visits by route."""
    found: dict[int, list[int]] = {}
    for route in range(len(model.week.route_day)):
        index, stops = solution.Value(model.routing.NextVar(model.routing.Start(route))), []
        while not model.routing.IsEnd(index):
            stops.append(int(model.manager.IndexToNode(index)))
            index = solution.Value(model.routing.NextVar(index))
        found[route] = stops
    return found
