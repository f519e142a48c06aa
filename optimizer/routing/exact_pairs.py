"""Inserting both halves of a pair with exact timing.

The best places of each half by bound over all its routes, then combinations in the order of the sum of both bounds:
starts moved to the gap give a better bound, and what survives is propagated. When none of the few best places will do,
because they lie on one route, many are tried.
"""

from optimizer.routing.arrays import BROKEN, LEG, Data, State
from optimizer.routing.exact import BOOKED, HIGHEST, LATE, MOST_PLACES
from optimizer.routing.exact_insertion import (
    join,
    leg_from,
    leg_to,
    part,
    point_after,
    point_before,
    start_behind,
)
from optimizer.routing.input import NOBODY, Int64
from optimizer.routing.insertion import fixed_price, has_room, insert, keeps_order, seconds_left
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.propagation import late_price, propagate, raise_price, raise_start, take_back
from optimizer.routing.randomness import uniform

FEW_PLACES = 12
WIDE = 0.25
"""Chance of many places for a pair that was absent before this iteration."""
BOUND, ROUTE, POSITION, START, PRICE = 0, 1, 2, 3, 4


@kernel
def list_places(data: Data, state: State, side: int, visit: int, most: int, blink: float) -> int:
    """Fill the best places of one half (side 0 or 1) by bound, over all allowed routes; returns how many."""
    count = 0
    for number in range(data.visit[visit].allowed_from, data.visit[visit].allowed_after):
        count = _list_route(data, state, side, data.allowed[number], visit, most, blink, count)
    return count


@inlined
def _list_route(
    data: Data, state: State, side: int, route: int, visit: int, most: int, blink: float, count: int
) -> int:
    """Add the places of one route; returns the new count."""
    fixed, times, places = data.exact, state.exact, state.exact.places[side]
    left = seconds_left(data, state, route) - data.visit[visit].service
    static, stops = fixed_price(data, state, route, visit), state.route[route].length
    if left < 0 or not has_room(data, state, route, visit):
        stops = -1
    for position in range(stops + 1):
        worst = places[most - 1, BOUND] if count == most else BROKEN
        before, after = point_before(data, state, route, position), point_after(data, state, route, position)
        leg, leg_on = leg_to(data, route, visit, before), leg_from(data, route, visit, after)
        start = start_behind(fixed, times, visit, before, leg)
        bound = static + raise_price(fixed, visit, fixed.point[visit].earliest, start)
        if bound >= worst:
            break  # later positions are later still
        extra = leg + leg_on - int(state.labels[route, position + 1, LEG])
        bound += data.travel_weight * extra
        if bound >= worst or extra > left or not keeps_order(data, state, route, visit, position):
            continue
        arrival = start + fixed.point[visit].service + leg_on
        bound += raise_price(fixed, after, times.point[after].start, arrival)
        if bound < worst and (blink <= 0.0 or uniform(state.random) >= blink):
            count = min(most, count + 1)
            row = _make_room(places, count, bound)
            places[row, BOUND], places[row, ROUTE], places[row, POSITION] = bound, route, position
            places[row, START], places[row, PRICE] = start, static + data.travel_weight * extra
    return count


@inlined
def _make_room(places: Int64, count: int, bound: int) -> int:
    """Move dearer places one row down, the last of `count` rows out; returns the row that is free now."""
    row = count - 1
    while row > 0 and places[row - 1, BOUND] > bound:
        for column in range(5):
            places[row, column] = places[row - 1, column]
        row -= 1
    return row


@inlined
def join_at(data: Data, state: State, visit: int, place: Int64) -> int:
    """Put a visit between the points of its place; returns the seconds between them, for the way back."""
    before = point_before(data, state, place[ROUTE], place[POSITION])
    after = point_after(data, state, place[ROUTE], place[POSITION])
    onward = int(state.exact.point[before].onward)
    leg, leg_on = leg_to(data, place[ROUTE], visit, before), leg_from(data, place[ROUTE], visit, after)
    join(data.exact, state.exact, before, visit, after, leg, leg_on)
    return onward


@inlined
def part_at(data: Data, state: State, place: Int64, onward: int) -> None:
    """Join the points of a place again."""
    before = point_before(data, state, place[ROUTE], place[POSITION])
    part(state.exact, before, point_after(data, state, place[ROUTE], place[POSITION]), onward)


@inlined
def pair_trial(data: Data, state: State, visit: int, here: Int64, there: Int64, limit: int) -> int:
    """Exact change in the price of lateness with both halves at their places; BROKEN from the limit on."""
    fixed, times, other = data.exact, state.exact, data.visit[visit].partner
    start = max(here[START], there[START] + fixed.point[other].gap)
    start_other = max(there[START], start + fixed.point[visit].gap)
    sure = raise_price(fixed, visit, fixed.point[visit].earliest, start)
    sure += raise_price(fixed, other, fixed.point[other].earliest, start_other)
    if sure >= limit:
        return BROKEN
    late, highest, booked = times.figures[LATE], times.figures[HIGHEST], times.figures[BOOKED]
    onward = join_at(data, state, visit, here)
    onward_other = join_at(data, state, other, there)
    times.point[visit].mate, times.point[other].mate = other, visit
    raise_start(fixed, times, visit, start)
    raise_start(fixed, times, other, start_other)
    times.stack[0], times.stack[1] = other, visit
    price = BROKEN
    if propagate(fixed, times, 2, booked + limit) == 0:
        price = late_price(fixed, times) - booked
    take_back(times, late, highest)
    times.point[visit].mate, times.point[other].mate = NOBODY, NOBODY
    part_at(data, state, here, onward)
    part_at(data, state, there, onward_other)
    return int(price)


@kernel
def combine(data: Data, state: State, visit: int, heres: int, theres: int) -> tuple[int, int]:
    """The rows of the cheapest two places that is below the price of leaving the pair; (-1, -1) when there are none."""
    places, best_here, best_there = state.exact.places, -1, -1
    best = data.visit[visit].penalty + data.visit[data.visit[visit].partner].penalty
    for first in range(heres):
        here = places[0, first]
        if theres == 0 or here[BOUND] + places[1, 0, BOUND] >= best:
            break
        for second in range(theres):
            there = places[1, second]
            if here[BOUND] + there[BOUND] >= best:
                break
            if may_meet(data, here[ROUTE], there[ROUTE]):
                price = here[PRICE] + there[PRICE]
                price += pair_trial(data, state, visit, here, there, best - price)
                if price < best:
                    best, best_here, best_there = price, first, second
    return best_here, best_there


@kernel
def insert_pair_exactly(data: Data, state: State, visit: int, blink: float) -> bool:
    """Insert both halves of an absent pair where they are cheapest, if that is below the price of leaving it."""
    other = data.visit[visit].partner
    first, second = -1, -1
    for most in (FEW_PLACES, MOST_PLACES):
        if first < 0:
            is_tried = most == FEW_PLACES or state.visit[visit].is_wide or uniform(state.random) < WIDE
            if is_tried:
                heres = list_places(data, state, 0, visit, most, blink)
                theres = list_places(data, state, 1, other, most, blink)
                first, second = combine(data, state, visit, heres, theres)
    if first < 0:
        return False
    here, there = state.exact.places[0, first], state.exact.places[1, second]
    insert(data, state, here[ROUTE], visit, here[POSITION])
    insert(data, state, there[ROUTE], other, there[POSITION])
    return True
