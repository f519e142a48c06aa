"""The best places of one half of a pair with exact timing, by a price that cannot be undercut there."""

from optimizer.routing.arrays import BROKEN, LEG, Data, State
from optimizer.routing.exact import (
    AFTER,
    BOUND,
    BUSIER,
    ONWARD,
    PLACE_COLUMNS,
    POSITION,
    PRICE,
    ROUTE,
    START,
    WAY,
)
from optimizer.routing.exact_choices import reached, start_behind, ways
from optimizer.routing.exact_insertion import leg_from, leg_to, point_after, point_before
from optimizer.routing.exact_prices import busier_half_price, first_lunch, most_gain_of_half, most_saved
from optimizer.routing.input import Int64
from optimizer.routing.insertion import fixed_price, has_room, keeps_order, seconds_left
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.propagation import raise_price, start_price
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
    fixed, times, places = data.exact, state.exact, state.exact.places[side]
    left = seconds_left(data, state, route) - data.visit[visit].service
    static, stops = fixed_price(data, state, route, visit), state.route[route].length
    if left < 0 or not has_room(data, state, route, visit):
        stops = -1
    gain = most_gain_of_half(fixed, times, route)
    for position in range(stops + 1):
        before, after = point_before(data, state, route, position), point_after(data, state, route, position)
        leg, leg_on = leg_to(data, route, visit, before), leg_from(data, route, visit, after)
        extra, onward = leg + leg_on - int(state.labels[route, position + 1, LEG]), fixed.point[visit].service + leg_on
        is_fitting = extra <= left and keeps_order(data, state, route, visit, position)
        busier = extra + fixed.point[visit].service + first_lunch(fixed, times, route)
        saved = most_saved(fixed, times, route, busier)
        for way in range(ways(fixed)):
            worst = places[most - 1, BOUND] if count == most else BROKEN
            start = start_behind(fixed, times, visit, before, after, leg, way)
            bound = static + start_price(fixed, visit, start)
            if bound - gain - saved >= worst:
                if ways(fixed) == 1:
                    return count  # later positions are later still
                continue
            bound += data.travel_weight * extra - saved + busier_half_price(fixed, times, route, busier)
            if bound >= worst or not is_fitting:
                continue
            arrival = reached(fixed, times, visit, after, start, onward, way)
            bound += raise_price(fixed, times, after, times.point[after].start, arrival)
            if bound < worst and (blink <= 0.0 or uniform(state.random) >= blink):
                count = min(most, count + 1)
                row = _make_room(places, count, bound)
                places[row, BOUND], places[row, ROUTE], places[row, POSITION] = bound, route, position
                places[row, START], places[row, PRICE] = start, static + data.travel_weight * extra
                places[row, BUSIER], places[row, WAY] = busier, way
                places[row, AFTER], places[row, ONWARD] = after, onward
    return count


@inlined
def _make_room(places: Int64, count: int, bound: int) -> int:
    """Move dearer places one row down, the last of `count` rows out; returns the row that is free now."""
    row = count - 1
    while row > 0 and places[row - 1, BOUND] > bound:
        for column in range(PLACE_COLUMNS):
            places[row, column] = places[row - 1, column]
        row -= 1
    return row
