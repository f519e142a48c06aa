"""Joint visits: two halves on routes of two teams on one day, with the same start or one after the other.

While both are placed their starts are frozen, so that every other check stays exact in constant time. Candidates of the
leading and the following half are combined in the order of their bounds, and only what survives is priced exactly.
"""

from optimizer.routing.arrays import BROKEN, EARLY, EARLY_FED, LATEST, NEVER, PLACES_PER_ROUTE, Data, State
from optimizer.routing.input import NOBODY, Int64
from optimizer.routing.insertion import detour, fixed_price, has_room, insert, keeps_order, seconds_left, time_price
from optimizer.routing.kernel import kernel
from optimizer.routing.labels import fed_arrival, reaches
from optimizer.routing.meeting import may_meet
from optimizer.routing.randomness import uniform
from optimizer.routing.ranking import rank
from optimizer.routing.windows import earliest_start

MOST_PRICED = 400
"""Combinations priced for one joint visit."""
BOUND, ROUTE, POSITION, START = 0, 1, 2, 3


@kernel
def possible_start(data: Data, state: State, route: int, visit: int, position: int) -> int:
    """Earliest start of a visit at a position from which the rest can still be done, NEVER when there is none."""
    matrix, day = data.route[route].matrix, data.route[route].day
    before = state.stops[route, position - 1] if position > 0 else data.route[route].start_node
    after = state.stops[route, position] if position < state.route[route].length else data.route[route].end_node
    leg, leg_on = int(data.travel_back[matrix, visit, before]), int(data.travel[matrix, visit, after])
    early, early_fed = int(state.labels[route, position, EARLY]), int(state.labels[route, position, EARLY_FED])
    fed = earliest_start(data, state, visit, day, fed_arrival(data, route, early, early_fed, leg))
    unfed = earliest_start(data, state, visit, day, early + leg)
    best, place = NEVER, position + 1
    if unfed < NEVER:
        end = unfed + data.visit[visit].service
        if reaches(data, state, route, place, end + leg_on, fed_arrival(data, route, end, NEVER, leg_on), LATEST):
            best = unfed
    if fed < best and reaches(data, state, route, place, NEVER, fed + data.visit[visit].service + leg_on, LATEST):
        best = fed
    return best


@kernel
def list_candidates(data: Data, state: State, side: int, visit: int, blink: float) -> int:
    """Rank up to PLACES_PER_ROUTE places per allowed route for one half (side 0 or 1) by bound; returns how many.

    A candidate is a row of bound, route, position and earliest start.
    """
    count, only = 0, state.visit[visit].only
    for number in range(data.visit[visit].allowed_from, data.visit[visit].allowed_after):
        route = data.allowed[number]
        if only < 0 or route == only:
            count = _list_route(data, state, route, visit, blink, state.candidates[side], count)
    for number in range(count):
        state.bounds[side, number] = state.candidates[side, number, BOUND]
    rank(state.bounds[side], state.ranked[side], count)
    return count


@kernel
def _list_route(data: Data, state: State, route: int, visit: int, blink: float, found: Int64, count: int) -> int:
    """Add the places of one route; returns the new count."""
    begin = count
    left = seconds_left(data, state, route) - data.visit[visit].service
    if left < 0 or not has_room(data, state, route, visit):
        return count
    fixed = fixed_price(data, state, route, visit) - state.route[route].time_cost
    for position in range(state.route[route].length + 1):
        extra = detour(data, state, route, visit, position)
        if extra > left or not keeps_order(data, state, route, visit, position):
            continue
        start = possible_start(data, state, route, visit, position)
        if start >= NEVER or (blink > 0.0 and uniform(state.random) < blink):
            continue
        bound, row = data.travel_weight * extra + fixed, count
        if count - begin == PLACES_PER_ROUTE:
            row = _dearest(found, begin, count)
            if found[row, BOUND] <= bound:
                continue
        else:
            count += 1
        found[row, BOUND], found[row, ROUTE] = bound, route
        found[row, POSITION], found[row, START] = position, start
    return count


@kernel
def _dearest(found: Int64, begin: int, after: int) -> int:
    """The candidate with the highest bound."""
    row = begin
    for number in range(begin + 1, after):
        if found[number, BOUND] > found[row, BOUND]:
            row = number
    return row


@kernel
def paired_starts(data: Data, state: State, day: int, visit: int, here: int, there: int) -> tuple[int, int]:
    """First starts of both halves at or after given times that keep windows and gap; NEVER when there are none.

    Each round raises a start, and only into a later window after the first, so the rounds end.
    """
    other, least, most = data.visit[visit].partner, data.visit[visit].gap_least, data.visit[visit].gap_most
    start = earliest_start(data, state, visit, day, here)
    start_other = earliest_start(data, state, other, day, there)
    while start < NEVER and start_other < NEVER:
        if start_other < start + least:
            start_other = earliest_start(data, state, other, day, start + least)
        elif start < start_other - most:
            start = earliest_start(data, state, visit, day, start_other - most)
        else:
            return start, start_other
    return NEVER, NEVER


@kernel
def pair_price(data: Data, state: State, visit: int, here: Int64, there: Int64, start: int, start_other: int) -> int:
    """Exact price of both halves at their candidate places with given starts; BROKEN when impossible."""
    other = data.visit[visit].partner
    state.visit[visit].frozen = start
    state.visit[other].frozen = start_other
    price = here[BOUND] + state.route[here[ROUTE]].time_cost + there[BOUND] + state.route[there[ROUTE]].time_cost
    price += time_price(data, state, here[ROUTE], visit, here[POSITION])
    if price < BROKEN // 2:
        price += time_price(data, state, there[ROUTE], other, there[POSITION])
    state.visit[visit].frozen = NOBODY
    state.visit[other].frozen = NOBODY
    return int(price)


@kernel
def insert_pair(data: Data, state: State, visit: int, blink: float) -> bool:
    """Insert both halves of an absent joint visit where they are cheapest, if that is below the price of leaving it."""
    other = data.visit[visit].partner
    heres = list_candidates(data, state, 0, visit, blink)
    theres = list_candidates(data, state, 1, other, blink)
    best, best_here, best_there = data.visit[visit].penalty + data.visit[other].penalty, -1, -1
    best_start, best_other, priced = NEVER, NEVER, 0
    for first in range(heres):
        here = state.candidates[0, state.ranked[0, first]]
        for second in range(theres):
            there = state.candidates[1, state.ranked[1, second]]
            if here[BOUND] + there[BOUND] >= best or priced >= MOST_PRICED:
                break
            if not may_meet(data, here[ROUTE], there[ROUTE]):
                continue
            day = data.route[here[ROUTE]].day
            start, start_other = paired_starts(data, state, day, visit, here[START], there[START])
            if start >= NEVER:
                continue
            priced += 1
            price = pair_price(data, state, visit, here, there, start, start_other)
            if price < best:
                best, best_here, best_there, best_start, best_other = price, first, second, start, start_other
    if best_here < 0:
        return False
    state.visit[visit].frozen = best_start
    state.visit[other].frozen = best_other
    here, there = state.candidates[0, state.ranked[0, best_here]], state.candidates[1, state.ranked[1, best_there]]
    insert(data, state, here[ROUTE], visit, here[POSITION])
    insert(data, state, there[ROUTE], other, there[POSITION])
    return True
