"""The answer of a search: its best plan as routes with times, read from the state that holds it."""

from itertools import pairwise

import numpy as np

from optimizer.routing.arrays import BEST, Data, State
from optimizer.routing.exact_answer import exact_times
from optimizer.routing.input import Int64, RouteTimes, RoutingInput, RoutingOutput
from optimizer.routing.kernel import entry
from optimizer.routing.shared import shared
from optimizer.routing.timing import best_lunch_gap, walk


@entry
def schedule(data: Data, state: State, route: int, starts: Int64) -> tuple[int, int]:
    """Fill the starts of a route's stops; returns the gap of lunch (-1: none) and the return."""
    data, state = shared(data), shared(state)
    _, gap = best_lunch_gap(data, state, route, -1, 0)
    _, back = walk(data, state, route, -1, 0, gap, starts)
    return gap, back


def answer_of(
    given: RoutingInput, data: Data, state: State, trace: tuple[tuple[int, int], ...], statistics: dict[str, float]
) -> RoutingOutput:
    """The present plan of a state as the answer."""
    lengths = state.route.length
    routes = tuple(tuple(int(v) for v in state.stops[r, : lengths[r]]) for r in range(given.routes))
    times = tuple(_times(given, data, state, r, route) if route else None for r, route in enumerate(routes))
    placed = {visit for route in routes for visit in route}
    absent = tuple(visit for visit in range(given.depots, given.nodes) if visit not in placed)
    return RoutingOutput(routes, times, absent, int(state.totals[BEST]), trace, statistics)


def _times(given: RoutingInput, data: Data, state: State, route: int, stops: tuple[int, ...]) -> RouteTimes:
    """Times of one route. Lunch is taken on arrival, or on the way when it would begin too late there."""
    if data.exact is not None:
        return exact_times(given, data.exact, state, route, stops, _legs(given, route, stops))
    starts = np.zeros(len(stops), np.int64)
    gap, back = schedule(data, state, route, starts)
    lunch_seconds = int(given.lunch_seconds[route])
    legs = _legs(given, route, stops)
    first_lunch = lunch_seconds if gap == 0 else 0
    leave = int(starts[0]) - legs[0] - first_lunch
    if gap == 0:
        leave = min(leave, int(given.lunch_latest[route]))
    ends = tuple(int(start) + int(given.service[stop]) for start, stop in zip(starts, stops, strict=True))
    before = (leave, *ends)
    arrivals = [end + leg for end, leg in zip(before, legs, strict=True)]
    lunch_start = None
    if gap >= 0:
        earliest, latest = int(given.lunch_earliest[route]), int(given.lunch_latest[route])
        is_on_arrival = arrivals[gap] <= latest
        lunch_start = max(arrivals[gap] if is_on_arrival else before[gap], earliest)
        arrivals[gap] += 0 if is_on_arrival else lunch_seconds
    return RouteTimes(leave, int(back), tuple(arrivals[:-1]), tuple(int(s) for s in starts), ends, lunch_start)


def _legs(given: RoutingInput, route: int, stops: tuple[int, ...]) -> list[int]:
    """Travel seconds of every leg of a route, the return last."""
    places = [int(given.start_node[route]), *stops, int(given.end_node[route])]
    matrix = given.matrices[given.matrix[route]]
    return [int(matrix[a, b]) for a, b in pairwise(places)]
