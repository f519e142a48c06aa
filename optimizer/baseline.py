"""The home-visit part as an OR-Tools routing model: a cross-check of the search and a peer in the benchmarks.

Same input and output as `routing.search`. It knows day and time windows, staff, lunch, overtime, working limits,
opening prices and joint visits; it does not know the order of classes, soft window ends, waiting and limits across two
crews, so its routes are timed again exactly and visits that then do not fit are left.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimizer.routing import search
from optimizer.routing.input import FORBIDDEN, NOBODY, RoutingInput, RoutingOutput
from optimizer.stop import Budget

DAY_SECONDS = 86_400
TIME = "time"
WORK = "work"


@dataclass(frozen=True)
class _Model:
    """The OR-Tools objects of one input."""

    given: RoutingInput
    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel

    @property
    def visits(self) -> range:
        return range(self.given.depots, self.given.nodes)

    def index(self, node: int) -> int:
        return int(self.manager.NodeToIndex(node))


def solve_with_routing_library(given: RoutingInput, *, seconds: float) -> RoutingOutput:
    """Routes by guided local search after parallel cheapest insertion, within wall-clock seconds."""
    if given.routes == 0 or given.nodes == given.depots:
        return _output(given, tuple(() for _ in range(given.routes)))
    model = _model(given)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    solution = model.routing.SolveWithParameters(parameters)
    if solution is None:
        return _output(given, tuple(() for _ in range(given.routes)))
    return _output(given, tuple(_route(model, solution, route) for route in range(given.routes)))


def _model(given: RoutingInput) -> _Model:
    starts, ends = given.start_node.tolist(), given.end_node.tolist()
    manager = pywrapcp.RoutingIndexManager(given.nodes, given.routes, starts, ends)
    model = _Model(given, manager, pywrapcp.RoutingModel(manager))
    _add_prices(model)
    _add_dimensions(model)
    _add_visits(model)
    _add_lunches(model)
    _add_pairs(model)
    return model


def _groups(given: RoutingInput) -> dict[bytes, list[int]]:
    """Routes with the same travel matrix and the same static prices, so that they can share a matrix."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for route in range(given.routes):
        groups[bytes([int(given.matrix[route])]) + given.cost[:, route].tobytes()].append(route)
    return groups


def _add_prices(model: _Model) -> None:
    given = model.given
    for routes in _groups(given).values():
        prices = given.matrices[given.matrix[routes[0]]].astype(np.int64) * given.travel_weight
        prices += np.maximum(given.cost[:, routes[0]], 0)[None, :]
        evaluator = model.routing.RegisterTransitMatrix(prices.tolist())
        for route in routes:
            model.routing.SetArcCostEvaluatorOfVehicle(evaluator, route)
            model.routing.SetFixedCostOfVehicle(int(given.open_cost[route]), route)


def _add_dimensions(model: _Model) -> None:
    """Time counts through the days (day x 86400 + second of the day); work is travel and service alone."""
    given, days = model.given, int(model.given.day.max()) + 1
    transits = [
        model.routing.RegisterTransitMatrix((matrix.astype(np.int64) + given.service[:, None]).tolist())
        for matrix in given.matrices
    ]
    per_route = [transits[number] for number in given.matrix]
    horizon = (days + 1) * DAY_SECONDS
    model.routing.AddDimensionWithVehicleTransits(per_route, horizon, horizon, False, TIME)
    limits = [int(limit) for limit in given.work_limit]
    model.routing.AddDimensionWithVehicleTransitAndCapacity(per_route, 0, limits, True, WORK)
    time = model.routing.GetDimensionOrDie(TIME)
    for route in range(given.routes):
        midnight = int(given.day[route]) * DAY_SECONDS
        first, last = midnight + int(given.span_start[route]), midnight + int(given.hard_end[route])
        time.CumulVar(model.routing.Start(route)).SetRange(first, last)
        time.CumulVar(model.routing.End(route)).SetRange(first, last)
        soft_end = midnight + int(given.soft_end[route])
        time.SetCumulVarSoftUpperBound(model.routing.End(route), soft_end, given.overtime_weight)


def _add_visits(model: _Model) -> None:
    given = model.given
    time = model.routing.GetDimensionOrDie(TIME)
    for node in model.visits:
        allowed = np.flatnonzero(given.cost[node] != FORBIDDEN).tolist()
        index = model.index(node)
        model.routing.VehicleVar(index).SetValues([-1, *allowed])
        model.routing.AddDisjunction([index], int(given.penalty[node]))
        intervals = sorted({int(given.day[route]) for route in allowed})
        _allow_times(time.CumulVar(index), given.windows[node], given.window_count[node], intervals)


def _allow_times(
    cumul: pywrapcp.IntVar, windows: NDArray[np.int32], counts: NDArray[np.int32], days: Sequence[int]
) -> None:
    """Keep only the starts that some window of some day allows."""
    allowed = [
        (day * DAY_SECONDS + int(start), day * DAY_SECONDS + int(max(end, late)))
        for day in days
        for start, end, late in windows[day, : counts[day]]
    ]
    if not allowed:
        return
    cumul.SetRange(allowed[0][0], allowed[-1][1])
    for (_, end), (start, _) in itertools.pairwise(allowed):
        if end + 1 < start:
            cumul.RemoveInterval(end + 1, start - 1)


def _add_lunches(model: _Model) -> None:
    given = model.given
    time = model.routing.GetDimensionOrDie(TIME)
    service = [0 if model.routing.IsEnd(i) else int(given.service[model.manager.IndexToNode(i)]) for i in _all(model)]
    for route in range(given.routes):
        if not given.lunch_seconds[route]:
            continue
        midnight = int(given.day[route]) * DAY_SECONDS
        first, last = (midnight + int(values[route]) for values in (given.lunch_earliest, given.lunch_latest))
        duration = int(given.lunch_seconds[route])
        lunch = model.routing.solver().FixedDurationIntervalVar(first, last, duration, False, f"lunch{route}")
        time.SetBreakIntervalsOfVehicle([lunch], route, service)


def _all(model: _Model) -> range:
    return range(model.manager.GetNumberOfIndices())


def _add_pairs(model: _Model) -> None:
    """Both halves of a joint visit or none, at the same start, by routes of different teams."""
    given = model.given
    solver, time = model.routing.solver(), model.routing.GetDimensionOrDie(TIME)
    teams = given.team.tolist()
    for node in model.visits:
        other = int(given.partner[node])
        if other == NOBODY or other < node:
            continue
        a, b = model.index(node), model.index(other)
        solver.Add(model.routing.ActiveVar(a) == model.routing.ActiveVar(b))
        solver.Add(time.CumulVar(a) == time.CumulVar(b))
        shifted = [-2 - a, *teams]  # position 0 is "on no route": different for both halves, so that both may be left
        of_a = solver.Element(shifted, model.routing.VehicleVar(a) + 1)
        of_b = solver.Element([-2 - b, *teams], model.routing.VehicleVar(b) + 1)
        solver.Add(of_a != of_b)


def _output(given: RoutingInput, routes: tuple[tuple[int, ...], ...]) -> RoutingOutput:
    """The routes timed and priced as the search does it; what breaks a rule there is inserted again or left."""
    return search(given, seed=0, budget=Budget(iterations=0), initial=routes)


def _route(model: _Model, solution: pywrapcp.Assignment, route: int) -> tuple[int, ...]:
    nodes = []
    index = solution.Value(model.routing.NextVar(model.routing.Start(route)))
    while not model.routing.IsEnd(index):
        nodes.append(int(model.manager.IndexToNode(index)))
        index = solution.Value(model.routing.NextVar(index))
    return tuple(nodes)
