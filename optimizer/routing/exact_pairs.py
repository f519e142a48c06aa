"""Inserting both halves of a pair with exact timing.

The best places of each half by bound over all its routes, then their combinations: starts moved to the gap give a
better bound, and what could still be cheapest is propagated, the most promising first. When none of the few best
places will do, because they lie on one route, many are tried.
"""

from optimizer.routing.arrays import BROKEN, Data, State
from optimizer.routing.exact import (
    AFTER,
    BOOKED,
    BOUND,
    BUSIER,
    HIGHEST,
    IDLE,
    LATE,
    MOST_COMBINATIONS,
    MOST_PLACES,
    ONWARD,
    POSITION,
    PRICE,
    ROUTE,
    ROW,
    START,
    WAY,
    ExactData,
    ExactState,
)
from optimizer.routing.exact_choices import due_at, keep_way, leave_way, reached, take_way
from optimizer.routing.exact_insertion import (
    join,
    leg_from,
    leg_to,
    part,
    point_after,
    point_before,
)
from optimizer.routing.exact_places import list_places
from optimizer.routing.exact_prices import (
    begin_pair_trial,
    busier_pair_price,
    end_trial,
    is_known_at_once,
    most_saved,
    price_aside,
    waiting_price,
)
from optimizer.routing.input import NOBODY, Int64
from optimizer.routing.insertion import insert
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.propagation import late_price, propagate, raise_price, raise_start, start_price, take_back
from optimizer.routing.randomness import uniform

FIRST_PLACES = 4
"""Places of each half that are combined before the others."""
FEW_PLACES = 12
WIDE = 0.25
"""Chance of many places for a pair that was absent before this iteration."""


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
def paired_starts_at(fixed: ExactData, visit: int, here: Int64, there: Int64) -> tuple[int, int]:
    """Earliest starts of both halves at their places that keep the gap."""
    other = fixed.point[visit].other
    start = max(here[START], there[START] + fixed.point[other].gap)
    return int(start), int(max(there[START], start + fixed.point[visit].gap))


@inlined
def reach(fixed: ExactData, times: ExactState, visit: int, place: Int64, start: int) -> int:
    """When the point behind a place is reached, from a start there."""
    return int(reached(fixed, times, visit, place[AFTER], start, place[ONWARD], place[WAY]))


@inlined
def push_price(fixed: ExactData, times: ExactState, place: Int64, arrival: int) -> int:
    """Price of the lateness of the point behind a place when it is reached so late."""
    return int(raise_price(fixed, times, place[AFTER], times.point[place[AFTER]].start, arrival))


@inlined
def combination_bound(data: Data, state: State, visit: int, here: Int64, there: Int64) -> tuple[int, bool]:
    """A price that both halves at their places cannot undercut, and whether it is exact: no stop behind has to move."""
    fixed, times, other = data.exact, state.exact, data.exact.point[visit].other
    start, start_other = paired_starts_at(fixed, visit, here, there)
    price = here[PRICE] + there[PRICE]
    price -= most_saved(fixed, times, here[ROUTE], here[BUSIER]) + most_saved(fixed, times, there[ROUTE], there[BUSIER])
    price += busier_pair_price(fixed, times, here[ROUTE], there[ROUTE], here[BUSIER], there[BUSIER])
    price += start_price(fixed, visit, start) + start_price(fixed, other, start_other)
    excess = max(start - due_at(fixed, visit, start), start_other - due_at(fixed, other, start_other))
    price += fixed.highest_weight * max(0, excess - times.figures[HIGHEST])
    arrival, arrival_other = reach(fixed, times, visit, here, start), reach(fixed, times, other, there, start_other)
    is_quiet = arrival <= times.point[here[AFTER]].start and arrival_other <= times.point[there[AFTER]].start
    if not is_quiet:
        price += push_price(fixed, times, here, arrival) + push_price(fixed, times, there, arrival_other)
    return int(price), is_quiet and is_known_at_once(fixed)


@inlined
def list_combinations(
    data: Data, state: State, visit: int, found: tuple[int, int, int], known: int, heres: int, theres: int
) -> tuple[tuple[int, int, int], int]:
    """Go through the combinations of two places, but for those of the first `known` of each half.

    One whose price is known at once may become the cheapest `found` (price and both ranks). Those that could still be
    cheaper are listed as chances by their bounds, in no order; returns how many.
    """
    places, ranked, chances, count = state.exact.places, state.exact.ranked, state.exact.combinations, 0
    for first in range(heres):
        here = places[0, ranked[0, first, ROW]]
        if theres == 0 or here[BOUND] + ranked[1, 0, BOUND] >= found[0] or count == MOST_COMBINATIONS:
            break
        for second in range(known if first < known else 0, theres):
            there = places[1, ranked[1, second, ROW]]
            if here[BOUND] + ranked[1, second, BOUND] >= found[0] or count == MOST_COMBINATIONS:
                break
            if not may_meet(data, here[ROUTE], there[ROUTE]):
                continue
            bound, is_exact = combination_bound(data, state, visit, here, there)
            if bound >= found[0]:
                continue
            if is_exact:
                found = (bound, first, second)
            else:
                chances[count, 0], chances[count, 1], chances[count, 2] = bound, first, second
                count += 1
    return found, count


@inlined
def try_combinations(
    data: Data, state: State, visit: int, found: tuple[int, int, int], count: int
) -> tuple[int, int, int]:
    """Price the chances exactly, the most promising first, until the next one's bound is no better than `found`."""
    places, ranked, chances = state.exact.places, state.exact.ranked, state.exact.combinations
    while count > 0:
        row = 0
        for number in range(1, count):
            if chances[number, 0] < chances[row, 0]:
                row = number
        if chances[row, 0] >= found[0]:
            break
        first, second = chances[row, 1], chances[row, 2]
        here, there = places[0, ranked[0, first, ROW]], places[1, ranked[1, second, ROW]]
        sure = here[PRICE] + there[PRICE]
        price = sure + pair_trial(data, state, visit, here, there, found[0] - sure)
        if price < found[0]:
            found = (price, first, second)
        count -= 1
        for column in range(3):
            chances[row, column] = chances[count, column]
    return found


@kernel
def pair_trial(data: Data, state: State, visit: int, here: Int64, there: Int64, limit: int) -> int:
    """Exact change in the price of time with both halves at their places; BROKEN from the limit on."""
    fixed, times, other = data.exact, state.exact, data.visit[visit].partner
    start, start_other = paired_starts_at(fixed, visit, here, there)
    late, highest, idle = times.figures[LATE], times.figures[HIGHEST], times.figures[IDLE]
    booked = times.figures[BOOKED]
    limit += booked - price_aside(fixed, times)
    limit += most_saved(fixed, times, here[ROUTE], here[BUSIER]) + most_saved(fixed, times, there[ROUTE], there[BUSIER])
    guide = begin_pair_trial(fixed, times, here[ROUTE], there[ROUTE], here[BUSIER], there[BUSIER])
    take_way(fixed, times, visit, here[AFTER], start, here[WAY])
    take_way(fixed, times, other, there[AFTER], start_other, there[WAY])
    onward = join_at(data, state, visit, here)
    onward_other = join_at(data, state, other, there)
    times.point[visit].mate, times.point[other].mate = other, visit
    raise_start(fixed, times, visit, start)
    raise_start(fixed, times, other, start_other)
    times.stack[0], times.stack[1] = other, visit
    price = BROKEN
    if propagate(fixed, times, 2, limit - guide) == 0:
        price = late_price(fixed, times) - booked + guide
        price += waiting_price(fixed, times, state, here[ROUTE], there[ROUTE])
    take_back(times, late, highest, idle)
    end_trial(fixed, times, here[ROUTE], here[BUSIER])
    end_trial(fixed, times, there[ROUTE], there[BUSIER])
    leave_way(fixed, times, visit, here[AFTER], start, here[WAY])
    leave_way(fixed, times, other, there[AFTER], start_other, there[WAY])
    times.point[visit].mate, times.point[other].mate = NOBODY, NOBODY
    part_at(data, state, here, onward)
    part_at(data, state, there, onward_other)
    return int(price)


@kernel
def combine(data: Data, state: State, visit: int, heres: int, theres: int) -> tuple[int, int]:
    """The ranks of the cheapest two places that is below the price of leaving the pair; (-1, -1) when there are none.

    The few best places of each half come first: what is found there rules most other combinations out.
    """
    found = (data.visit[visit].penalty + data.visit[data.visit[visit].partner].penalty, -1, -1)
    known = 0
    for most in (FIRST_PLACES, MOST_PLACES):
        found, count = list_combinations(data, state, visit, found, known, min(heres, most), min(theres, most))
        found = try_combinations(data, state, visit, found, count)
        known = most
    return found[1], found[2]


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
    places, ranked = state.exact.places, state.exact.ranked
    here, there = places[0, ranked[0, first, ROW]], places[1, ranked[1, second, ROW]]
    start, start_other = paired_starts_at(data.exact, visit, here, there)
    keep_way(data.exact, state.exact, visit, here[AFTER], start, here[WAY])
    keep_way(data.exact, state.exact, other, there[AFTER], start_other, there[WAY])
    insert(data, state, here[ROUTE], visit, here[POSITION])
    insert(data, state, there[ROUTE], other, there[POSITION])
    return True
