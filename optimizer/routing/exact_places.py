"""The best places of one half of a pair with exact timing, by a price that cannot be undercut there."""

from optimizer.routing.arrays import BROKEN, Data, State
from optimizer.routing.exact import (
    AFTER,
    BOUND,
    BUSIER,
    ONWARD,
    POSITION,
    PRICE,
    ROUTE,
    ROW,
    START,
    WAY,
)
from optimizer.routing.exact_choices import reached, start_behind, ways
from optimizer.routing.exact_line import later_price, line_up
from optimizer.routing.exact_prices import busier_half_price, first_lunch, most_gain_of_half, most_saved
from optimizer.routing.input import Int64
from optimizer.routing.insertion import fixed_price, has_room, keeps_order, seconds_left
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.propagation import start_price
from optimizer.routing.randomness import uniform


@kernel
def list_places(data: Data, state: State, side: int, visit: int, most: int, blink: float) -> int:
    """Fill the best places of one half (side 0 or 1) by bound, over all allowed routes; returns how many."""
    count = 0
    for number in range(data.visit[visit].allowed_from, data.visit[visit].allowed_after):
        count = list_route(data, state, side, data.allowed[number], visit, most, blink, count)
    return count


@inlined
def list_route(data: Data, state: State, side: int, route: int, visit: int, most: int, blink: float, count: int) -> int:
    """Add the places of one half on one route, by bound; returns the new count."""
    fixed, times, places, ranked = data.exact, state.exact, state.exact.places[side], state.exact.ranked[side]
    left = seconds_left(data, state, route) - data.visit[visit].service
    static, stops = fixed_price(data, state, route, visit), state.route[route].length
    if left < 0 or not has_room(data, state, route, visit):
        stops = -1
    gain, first = most_gain_of_half(fixed, times, route), first_lunch(fixed, times, route)
    worst = ranked[most - 1, BOUND] if count == most else BROKEN
    line_up(data, state, route)
    matrix, line = data.route[route].matrix, times.line[route]
    legs_to, legs_from = data.travel_back[matrix, visit], data.travel[matrix, visit]
    for position in range(stops + 1):
        before, after = line[position], line[position + 1]
        leg, leg_on = int(legs_to[before.node]), int(legs_from[after.node])
        extra, onward = leg + leg_on - after.leg, fixed.point[visit].service + leg_on
        busier = extra + fixed.point[visit].service + first
        saved = most_saved(fixed, times, route, busier)
        for way in range(ways(fixed)):
            start = start_behind(fixed, times, visit, before.free_at, position == 0, after.point, leg, way)
            bound = static + start_price(fixed, visit, start)
            if bound - gain - saved >= worst:
                if ways(fixed) == 1:
                    return count  # later positions are later still
                continue
            bound += data.travel_weight * extra - saved + busier_half_price(fixed, times, route, busier)
            if bound >= worst or extra > left:
                continue
            arrival = reached(fixed, times, visit, after.point, start, onward, way)
            bound += later_price(after, arrival)
            if bound >= worst or not keeps_order(data, state, route, visit, position):
                continue
            if blink <= 0.0 or uniform(state.random) >= blink:
                row = _rank_in(ranked, min(most, count + 1), count < most, bound)
                count = min(most, count + 1)
                worst = ranked[most - 1, BOUND] if count == most else BROKEN
                places[row, BOUND], places[row, ROUTE], places[row, POSITION] = bound, route, position
                places[row, START], places[row, PRICE] = start, static + data.travel_weight * extra
                places[row, BUSIER], places[row, WAY] = busier, way
                places[row, AFTER], places[row, ONWARD] = after.point, onward
    return count


@inlined
def _rank_in(ranked: Int64, count: int, is_new: bool, bound: int) -> int:
    """Rank a bound among `count`, the last of them out; returns the row that is free for its place."""
    rank = count - 1
    row = rank if is_new else ranked[rank, ROW]
    while rank > 0 and ranked[rank - 1, BOUND] > bound:
        ranked[rank, BOUND], ranked[rank, ROW] = ranked[rank - 1, BOUND], ranked[rank - 1, ROW]
        rank -= 1
    ranked[rank, BOUND], ranked[rank, ROW] = bound, row
    return int(row)
