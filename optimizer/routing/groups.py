"""Visits of one person on several days: all of them or none, on one of the allowed combinations of days.

The days of a combination are served by different routes, so its price is the sum of the cheapest insertions of its
days: exact, unless two routes share a member, which happens within a day only.
"""

from optimizer.routing.arrays import Data, State
from optimizer.routing.input import Int64
from optimizer.routing.insertion import cheapest_in_route, insert
from optimizer.routing.kernel import kernel
from optimizer.routing.plan import remove_stop
from optimizer.routing.randomness import uniform

PRICE, ROUTE, POSITION = 0, 1, 2


@kernel
def placed_of(data: Data, state: State, group: int) -> int:
    """How many visits of a group are placed."""
    count = 0
    for number in range(data.members.shape[1]):
        visit = data.members[group, number]
        count += visit >= 0 and state.visit[visit].route >= 0
    return count


@kernel
def group_penalty(data: Data, group: int) -> int:
    """Price of leaving a whole group."""
    price = 0
    for number in range(data.members.shape[1]):
        visit = data.members[group, number]
        if visit >= 0:
            price += data.visit[visit].penalty
    return int(price)


@kernel
def price_days(data: Data, state: State, visit: int, only: int, bound: int, blink: float, found: Int64) -> None:
    """Fill (days, 3) with price, route and position of the cheapest insertion on each day, or on `only` one if >= 0.

    Price `bound` and route -1 where there is none below the bound.
    """
    for day in range(found.shape[0]):
        found[day, PRICE], found[day, ROUTE], found[day, POSITION] = bound, -1, -1
    empty_twin = -1
    for number in range(data.visit[visit].allowed_from, data.visit[visit].allowed_after):
        route = data.allowed[number]
        day = data.route[route].day
        if only >= 0 and day != only:
            continue
        if state.route[route].length == 0:
            if data.route[route].twin == empty_twin:
                continue
            empty_twin = data.route[route].twin
        price, position = cheapest_in_route(data, state, route, visit, found[day, PRICE])
        if position >= 0 and (blink <= 0.0 or uniform(state.random) >= blink):
            found[day, PRICE], found[day, ROUTE], found[day, POSITION] = price, route, position


@kernel
def place_group(data: Data, state: State, group: int, blink: float) -> bool:
    """Place an absent group on its cheapest combination of days, if that is below the price of leaving it."""
    best, best_pattern = group_penalty(data, group), -1
    for number in range(data.members.shape[1]):
        if data.members[group, number] >= 0:
            price_days(data, state, data.members[group, number], -1, best, blink, state.by_day[number])
    for pattern in range(data.patterns.shape[1]):
        price = pattern_price(data, state, group, pattern, best)
        if price < best:
            best, best_pattern = price, pattern
    if best_pattern < 0:
        return False
    for number in range(data.patterns.shape[2]):
        day = data.patterns[group, best_pattern, number]
        if day >= 0:
            row = state.by_day[number, day]
            insert(data, state, row[ROUTE], data.members[group, number], row[POSITION])
    return True


@kernel
def pattern_price(data: Data, state: State, group: int, pattern: int, bound: int) -> int:
    """Price of a combination of days from the table of `place_group`; the bound where it is not possible."""
    if data.patterns[group, pattern, 0] < 0:
        return bound
    price = 0
    for number in range(data.patterns.shape[2]):
        day = data.patterns[group, pattern, number]
        if day >= 0:
            if state.by_day[number, day, ROUTE] < 0:
                return bound
            price += state.by_day[number, day, PRICE]
    return int(price)


@kernel
def place_member(data: Data, state: State, visit: int, blink: float) -> None:
    """Place a visit of a group: alone on its old day while others of the group stand, else with the whole group."""
    group = data.visit[visit].group
    if placed_of(data, state, group) == 0:
        place_group(data, state, group, blink)
        return
    day = state.visit[visit].last_day
    price_days(data, state, visit, day, group_penalty(data, group), blink, state.by_day[0])
    row = state.by_day[0, day]
    if row[ROUTE] >= 0:
        insert(data, state, row[ROUTE], visit, row[POSITION])
        return
    remove_group(data, state, group)
    place_group(data, state, group, blink)


@kernel
def remove_group(data: Data, state: State, group: int) -> None:
    """Take all placed visits of a group out."""
    for number in range(data.members.shape[1]):
        visit = data.members[group, number]
        if visit >= 0 and state.visit[visit].route >= 0:
            remove_stop(data, state, visit)


@kernel
def keeps_pattern(data: Data, state: State, group: int) -> bool:
    """Whether the visits of a group stand on the days of one of its patterns."""
    for pattern in range(data.patterns.shape[1]):
        is_kept = data.patterns[group, pattern, 0] >= 0
        for number in range(data.members.shape[1]):
            visit = data.members[group, number]
            if visit >= 0:
                route = state.visit[visit].route
                is_kept &= route >= 0 and data.route[route].day == data.patterns[group, pattern, number]
        if is_kept:
            return True
    return False


@kernel
def drop_broken_groups(data: Data, state: State) -> None:
    """Take out every group that stands on days which are not one of its patterns."""
    for group in range(data.members.shape[0]):
        if placed_of(data, state, group) > 0 and not keeps_pattern(data, state, group):
            remove_group(data, state, group)
