"""Inserting with exact timing: a bound from the two neighbours first, and only what survives it is propagated.

The bound is the detour, the visit's own lateness and that of the stop behind it. Inserting never lowers a start, so no
price lies below its bound. It is exact when the stop behind need not move.
"""

from optimizer.routing.arrays import BROKEN, Data, State
from optimizer.routing.exact import BOOKED, HIGHEST, LATE, ExactState
from optimizer.routing.input import Int64
from optimizer.routing.insertion import detour, fixed_price, has_room, keeps_order, seconds_left
from optimizer.routing.kernel import entry, inlined, kernel
from optimizer.routing.propagation import late_price, propagate, raise_price, raise_start, take_back


@inlined
def point_before(data: Data, state: State, route: int, position: int) -> int:
    """The point in front of a position: a stop or the leaving."""
    return int(state.stops[route, position - 1]) if position > 0 else int(data.exact.leaves + route)


@inlined
def point_after(data: Data, state: State, route: int, position: int) -> int:
    """The point behind a position: a stop or the return."""
    is_stop = position < state.route[route].length
    return int(state.stops[route, position]) if is_stop else int(data.exact.returns + route)


@inlined
def start_at(data: Data, state: State, route: int, visit: int, position: int) -> int:
    """Earliest start of an absent visit at a position."""
    before, fixed = point_before(data, state, route, position), data.exact
    leg = int(data.travel_back[data.route[route].matrix, visit, fixed.point[before].node])
    arrival = state.exact.point[before].start + fixed.point[before].service + leg
    return int(max(arrival, fixed.point[visit].earliest))


@inlined
def arrival_behind(data: Data, route: int, visit: int, start: int, after: int) -> int:
    """Arrival at the point behind a visit that starts then."""
    leg = int(data.travel[data.route[route].matrix, visit, data.exact.point[after].node])
    return int(start + data.exact.point[visit].service + leg)


@inlined
def link(data: Data, state: State, route: int, visit: int, position: int) -> None:
    """Join a visit into a route's points, for a trial."""
    before, after = point_before(data, state, route, position), point_after(data, state, route, position)
    fixed, times, matrix = data.exact, state.exact, data.route[route].matrix
    times.point[before].next = visit
    times.point[before].onward = fixed.point[before].service + int(
        data.travel_back[matrix, visit, fixed.point[before].node]
    )
    times.point[visit].next = after
    times.point[visit].onward = fixed.point[visit].service + int(data.travel[matrix, visit, fixed.point[after].node])


@inlined
def unlink(data: Data, state: State, route: int, position: int, onward: int) -> None:
    """Join a position's neighbours again, so many seconds from start to start."""
    before, after = point_before(data, state, route, position), point_after(data, state, route, position)
    times: ExactState = state.exact
    times.point[before].next = after
    times.point[before].onward = onward


@kernel
def trial_price(data: Data, state: State, route: int, visit: int, position: int, start: int, limit: int) -> int:
    """Exact change in the price of lateness with a visit at a position; BROKEN from the limit on."""
    fixed, times = data.exact, state.exact
    late, highest, booked = times.figures[LATE], times.figures[HIGHEST], times.figures[BOOKED]
    onward = times.point[point_before(data, state, route, position)].onward
    link(data, state, route, visit, position)
    raise_start(fixed, times, visit, start)
    times.stack[0] = visit
    price = BROKEN
    if propagate(fixed, times, 1, booked + limit) == 0:
        price = late_price(fixed, times) - booked
    take_back(times, late, highest)
    unlink(data, state, route, position, onward)
    return int(price)


@inlined
def highest_price(data: Data, state: State, visit: int, start: int) -> int:
    """Price of a visit's lateness above the largest one so far."""
    above = start - data.exact.point[visit].due - state.exact.figures[HIGHEST]
    return int(data.exact.highest_weight * max(0, above))


@kernel
def search_exactly(data: Data, state: State, route: int, visit: int, bound: int) -> tuple[int, int]:
    """Cheapest position of an allowed visit in a route below a bound, and its price; position -1: none below it."""
    best, best_position, count = bound, -1, state.route[route].length
    fixed, times = data.exact, state.exact
    left = seconds_left(data, state, route) - data.visit[visit].service
    if left < 0 or not has_room(data, state, route, visit):
        return best, best_position
    static = fixed_price(data, state, route, visit)
    for position in range(count + 1):
        start = start_at(data, state, route, visit, position)
        late = raise_price(fixed, visit, fixed.point[visit].earliest, start)
        if static + late >= best:
            break  # later positions are later still
        extra = detour(data, state, route, visit, position)
        price = data.travel_weight * extra + static
        late += highest_price(data, state, visit, start)
        if price + late >= best or extra > left or not keeps_order(data, state, route, visit, position):
            continue
        after = point_after(data, state, route, position)
        arrival = arrival_behind(data, route, visit, start, after)
        if arrival > times.point[after].start:
            if price + late + raise_price(fixed, after, times.point[after].start, arrival) >= best:
                continue
            late = trial_price(data, state, route, visit, position, start, best - price)
        if price + late < best:
            best, best_position = price + late, position
    return best, best_position


@entry
def price_exactly(data: Data, state: State, route: int, visit: int, prices: Int64) -> None:
    """Price of an absent single visit at every position of an allowed route; BROKEN where impossible."""
    static = fixed_price(data, state, route, visit)
    for position in range(state.route[route].length + 1):
        start = start_at(data, state, route, visit, position)
        price = static + data.travel_weight * detour(data, state, route, visit, position)
        prices[position] = BROKEN
        if start <= data.exact.point[visit].latest:
            late = trial_price(data, state, route, visit, position, start, BROKEN)
            prices[position] = price + late if late < BROKEN else BROKEN
