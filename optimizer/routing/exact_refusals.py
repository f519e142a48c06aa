"""Why a visit or a pair does not go into routes with exact timing, and by how much.

A trial is propagated with all last starts open, by the kernel that propagates the search's own trials; then whatever
has moved is compared with its real last start. So a stop that comes too late may be one of another route.
"""

from optimizer.routing.arrays import BROKEN, NEVER, Data, State
from optimizer.routing.exact import AFTER, HIGHEST, IDLE, LATE, LOGGED, MOST_PLACES, POSITION, PRICE, ROW, WAY
from optimizer.routing.exact_choices import latest_at, latest_of, leave_way, start_behind, take_way, ways
from optimizer.routing.exact_extras import LAST
from optimizer.routing.exact_insertion import (
    join,
    leg_from,
    leg_to,
    part,
    point_after,
    point_before,
    price_exactly,
)
from optimizer.routing.exact_pairs import combination_bound, join_at, pair_trial, paired_starts_at, part_at
from optimizer.routing.exact_places import list_route
from optimizer.routing.input import NOBODY, UNLIMITED, Int64
from optimizer.routing.insertion import is_allowed
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.propagation import propagate, raise_start, take_back
from optimizer.routing.relaxing import Limit
from optimizer.routing.shared import shared
from optimizer.routing.standing import standing_refusal

_WINDOW, _LATER_STOPS, _MEETING, _PRICE = (
    int(limit) for limit in (Limit.WINDOW, Limit.LATER_STOPS, Limit.MEETING, Limit.PRICE)
)


def with_open_ends(data: Data) -> Data:
    """The same data with every last start open."""
    assert data.exact is not None
    point = data.exact.point.copy()
    point["latest"] = UNLIMITED
    extras = data.exact.extras
    if extras is not None:
        windows = extras.windows.copy()
        windows[..., LAST] = UNLIMITED
        extras = extras._replace(windows=windows)
    return data._replace(exact=data.exact._replace(point=point, extras=extras))


@entry
def ask_route_exactly(
    data: Data, opened: Data, state: State, route: int, visit: int, prices: Int64, found: Int64
) -> None:
    """Fill (positions, 3) with limit, amount and price of an absent visit at every position of a route.

    `opened` is the same data with all last starts open; `prices` (positions,) is scratch.
    """
    data, opened, state = shared(data), shared(opened), shared(state)
    is_priced = False
    for position in range(state.route[route].length + 1):
        limit, amount = standing_refusal(data, state, route, visit, position)
        price = 0
        if limit == 0:
            if not is_priced:
                price_exactly(data, state, route, visit, prices)
                is_priced = True
            price = prices[position]
            if price >= BROKEN:
                limit, amount = lateness(data, opened, state, route, visit, position)
                price = 0
            elif price >= data.visit[visit].penalty:
                limit, amount = _PRICE, price - data.visit[visit].penalty
        found[position, 0], found[position, 1], found[position, 2] = limit, amount, price


@kernel
def lateness(data: Data, opened: Data, state: State, route: int, visit: int, position: int) -> tuple[int, int]:
    """Whether a visit at a position, or what it makes later, starts too late, and by how many seconds at the most.

    Of several ways to put it there the one counts that comes nearest to being possible.
    """
    fixed, times = opened.exact, state.exact
    before, after = point_before(data, state, route, position), point_after(data, state, route, position)
    leg, leg_on = leg_to(data, route, visit, before), leg_from(data, route, visit, after)
    limit, least = _WINDOW, NEVER
    free_at = times.point[before].start + fixed.point[before].service
    for way in range(ways(fixed)):
        start = start_behind(fixed, times, visit, free_at, position == 0, after, leg, way)
        excess = start - latest_at(data.exact, visit, start) if start < NEVER else NEVER
        if excess > 0:
            least = min(least, excess) if limit == _WINDOW else least
            continue
        late, highest, idle = times.figures[LATE], times.figures[HIGHEST], times.figures[IDLE]
        onward = times.point[before].onward
        take_way(fixed, times, visit, after, start, way)
        join(fixed, times, before, visit, after, leg, leg_on)
        raise_start(fixed, times, visit, start)
        times.stack[0] = visit
        why, amount = _raised_too_far(data, opened, state, 1)
        take_back(times, late, highest, idle)
        leave_way(fixed, times, visit, after, start, way)
        part(times, before, after, onward)
        if limit == _WINDOW or amount < least:
            limit, least = why, amount
    return limit, least


@kernel
def _raised_too_far(data: Data, opened: Data, state: State, waiting: int) -> tuple[int, int]:
    """Propagate a trial and say what has moved too far: MEETING where halves of pairs draw each other on for ever."""
    fixed, times = data.exact, state.exact
    if propagate(opened.exact, times, waiting, BROKEN) != 0:
        last = times.figures[LOGGED] - 1
        point = times.log[last, 0]
        return _MEETING, int(times.point[point].start - times.log[last, 1])
    amount = 0
    for number in range(times.figures[LOGGED]):
        point = times.log[number, 0]
        amount = max(amount, int(times.point[point].start - latest_of(fixed, times, point)))
    return (_LATER_STOPS, amount) if amount > 0 else (0, 0)


@entry
def ask_meeting_exactly(
    data: Data, opened: Data, state: State, visit: int, here: int, there: int, found: Int64
) -> bool:
    """Fill (6,) limit, amount, half, price and both positions for the halves of an absent pair on two routes.

    The cheapest positions, or those that come nearest to being possible together. A half that has no position of its
    own is left to who asks for it: the limit is then NOBODY and the half named. False when the routes may not hold
    them.
    """
    data, opened, state = shared(data), shared(opened), shared(state)
    if not may_meet(data, here, there):
        return False
    other, places, ranked = data.visit[visit].partner, state.exact.places, state.exact.ranked
    heres = list_route(data, state, 0, here, visit, MOST_PLACES, 0.0, 0) if is_allowed(data, visit, here) else 0
    theres = list_route(data, state, 1, there, other, MOST_PLACES, 0.0, 0) if is_allowed(data, other, there) else 0
    found[0], found[1], found[2], found[3] = NOBODY, 0, visit if heres == 0 else other, BROKEN
    for first in range(heres):
        for second in range(theres):
            place, place_other = places[0, ranked[0, first, ROW]], places[1, ranked[1, second, ROW]]
            price = _pair_price(data, state, visit, place, place_other)
            limit, amount = (0, 0) if price < BROKEN else _apart(data, opened, state, visit, first, second)
            is_nearer = found[3] == BROKEN and price >= BROKEN and (found[0] < 0 or amount < found[1])
            if price < found[3] or is_nearer:
                found[0], found[1], found[2], found[3] = limit, amount, NOBODY, min(price, BROKEN)
                found[4], found[5] = place[POSITION], place_other[POSITION]
    above = found[3] - data.visit[visit].penalty - data.visit[other].penalty
    if found[3] < BROKEN and above >= 0:
        found[0], found[1] = _PRICE, above
    return True


@kernel
def _pair_price(data: Data, state: State, visit: int, here: Int64, there: Int64) -> int:
    """Exact price of both halves at their places; BROKEN or above when impossible."""
    bound, is_exact = combination_bound(data, state, visit, here, there)
    if is_exact or bound >= BROKEN:
        return int(bound)
    return int(here[PRICE] + there[PRICE] + pair_trial(data, state, visit, here, there, BROKEN))


@kernel
def _apart(data: Data, opened: Data, state: State, visit: int, first: int, second: int) -> tuple[int, int]:
    """MEETING, and by how many seconds both halves at their places, or what they make later, start too late."""
    fixed, times, other = opened.exact, state.exact, data.visit[visit].partner
    here, there = times.places[0, times.ranked[0, first, ROW]], times.places[1, times.ranked[1, second, ROW]]
    start, start_other = paired_starts_at(fixed, visit, here, there)
    late, highest, idle = times.figures[LATE], times.figures[HIGHEST], times.figures[IDLE]
    take_way(fixed, times, visit, here[AFTER], start, here[WAY])
    take_way(fixed, times, other, there[AFTER], start_other, there[WAY])
    onward, onward_other = join_at(data, state, visit, here), join_at(data, state, other, there)
    times.point[visit].mate, times.point[other].mate = other, visit
    raise_start(fixed, times, visit, start)
    raise_start(fixed, times, other, start_other)
    times.stack[0], times.stack[1] = other, visit
    _, amount = _raised_too_far(data, opened, state, 2)
    take_back(times, late, highest, idle)
    leave_way(fixed, times, visit, here[AFTER], start, here[WAY])
    leave_way(fixed, times, other, there[AFTER], start_other, there[WAY])
    times.point[visit].mate, times.point[other].mate = NOBODY, NOBODY
    part_at(data, state, here, onward)
    part_at(data, state, there, onward_other)
    return _MEETING, amount
