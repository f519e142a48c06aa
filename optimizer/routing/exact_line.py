"""The points of a route side by side in memory, with all that looking for a place reads; drawn up when it is asked for.

What changes a route or a start for good says so; trials take their changes back and need not.
"""

from typing import Any

from optimizer.routing.arrays import BROKEN, LEG, Data, State
from optimizer.routing.exact import LOGGED, ExactData, ExactState
from optimizer.routing.exact_choices import due_of, latest_of
from optimizer.routing.kernel import inlined, kernel

Record = Any
"""One row of Records."""


@inlined
def line_up(data: Data, state: State, route: int) -> None:
    """Draw up the line of a route unless it is as the route is."""
    if not state.exact.is_lined[route]:
        draw_up(data, state, route)


@inlined
def later_price(point: Record, start: int) -> int:
    """Price of the lateness of a point of a line when its start rises; BROKEN above its last start."""
    if start > point.latest:
        return BROKEN
    return int(point.weight * max(0, start - point.late_from))


@kernel
def draw_up(data: Data, state: State, route: int) -> None:
    """Write the points of a route, from its leaving to its return."""
    fixed, times, count = data.exact, state.exact, state.route[route].length
    for place in range(count + 2):
        point = fixed.leaves + route if place == 0 else fixed.returns + route
        if 0 < place <= count:
            point = state.stops[route, place - 1]
        start, due = times.point[point].start, due_of(fixed, times, point)
        times.line[route, place].point = point
        times.line[route, place].node = fixed.point[point].node
        times.line[route, place].start = start
        times.line[route, place].free_at = start + fixed.point[point].service
        times.line[route, place].late_from = max(start, due)
        times.line[route, place].latest = latest_of(fixed, times, point)
        times.line[route, place].weight = fixed.point[point].weight
        times.line[route, place].leg = state.labels[route, place, LEG]
    times.is_lined[route] = True


@kernel
def unline_all(times: ExactState) -> None:
    """Note that any start may have changed."""
    for route in range(len(times.is_lined)):
        times.is_lined[route] = False


@kernel
def unline_moved(fixed: ExactData, times: ExactState, state: State, changed: int) -> None:
    """Note that a route has changed, and the starts that are on the log."""
    times.is_lined[changed] = False
    if times.figures[LOGGED] < 0:
        unline_all(times)
    for number in range(times.figures[LOGGED]):
        route = route_of(fixed, state, times.log[number, 0])
        if route >= 0:
            times.is_lined[route] = False


@inlined
def route_of(fixed: ExactData, state: State, point: int) -> int:
    """The route that a point lies on, below 0 for none."""
    return int(state.visit[point].route if point < fixed.leaves else point - fixed.returns)
