"""Putting visits back: one after the other in a drawn order, each where it is cheapest (greedy insertion with blinks).

Christiaens and Vanden Berghe (2020), section 4.2, with orders for optional visits. Stops early once the plan can no
longer become good enough to be accepted.
"""

from optimizer.routing.arrays import (
    ABSENT_COST,
    BROKEN,
    PAIR,
    REMOVED,
    ROUTES_COST,
    TOUCHED,
    Data,
    Settings,
    State,
)
from optimizer.routing.by_timing import by_timing
from optimizer.routing.exact_insertion import cheapest_place_exactly
from optimizer.routing.exact_order import exact_order_key
from optimizer.routing.exact_pairs import insert_pair_exactly
from optimizer.routing.exact_prices import extra_price
from optimizer.routing.exact_retiming import finish_choices
from optimizer.routing.groups import place_member
from optimizer.routing.insertion import cheapest_in_route, insert, is_allowed
from optimizer.routing.kernel import kernel
from optimizer.routing.pairs import insert_pair
from optimizer.routing.randomness import below, uniform
from optimizer.routing.ranking import rank

ANYWHERE = 0.01
"""Chance of an absent visit to be tried on all its routes."""
PAIR_TRIED = 0.3
"""Chance of an absent joint visit or group to be tried when nothing was removed for it."""


place_pair = by_timing(insert_pair, insert_pair_exactly)


@kernel
def list_absent(data: Data, state: State, settings: Settings, count: int) -> None:
    """Add those absent before this iteration (the first `count`), some of them when they are many."""
    take = min(count, settings.most_absent)
    begin = below(state.random, count) if take < count else 0
    for number in range(take):
        visit = state.absent[(begin + number) % count]
        if state.visit[visit].is_wide:
            continue
        state.removed[state.totals[REMOVED]] = visit
        state.totals[REMOVED] += 1
        if uniform(state.random) < ANYWHERE:
            state.visit[visit].is_wide = True


@kernel
def order_key(data: Data, state: State, settings: Settings, visit: int, mode: float) -> float:
    """Key of one visit: random, urgent first, urgent by time taken, far first, near first, or inflexible first."""
    if mode < 0.3:
        return float(uniform(state.random))
    if mode < 0.55:
        return float(uniform(state.random) - data.visit[visit].penalty)
    if mode < 0.75:
        return float(-data.visit[visit].penalty / (data.visit[visit].service + settings.detour_seconds))
    if mode < 0.85:
        return -float(data.travel[0, 0, visit])
    if mode < 0.92:
        return float(data.travel[0, 0, visit])
    return float(data.visit[visit].flexible + uniform(state.random))


order_of = by_timing(order_key, exact_order_key)


@kernel
def draw_order(data: Data, state: State, settings: Settings) -> None:
    """Fill `key` for the visits to insert: lower goes first. Joint visits first in a share of the iterations."""
    mode = uniform(state.random)
    is_pairs_first = len(data.leads) > 0 and uniform(state.random) < settings.pairs_first
    for number in range(state.totals[REMOVED]):
        visit = state.removed[number]
        key = order_of(data, state, settings, visit, mode)
        if data.visit[visit].partner >= 0 and is_pairs_first:
            key -= 1e15
        if visit == state.totals[PAIR]:
            key -= 1e16
        state.key[number] = key


@kernel
def cheapest_place(data: Data, state: State, settings: Settings, visit: int) -> tuple[int, int]:
    """Route and position where a visit is cheapest, below the price of leaving it; (-1, -1) when nowhere."""
    best, best_route, best_position = data.visit[visit].penalty, -1, -1
    if state.visit[visit].is_wide:
        empty_twin = -1
        for number in range(data.visit[visit].allowed_from, data.visit[visit].allowed_after):
            route = data.allowed[number]
            if state.route[route].length == 0:  # one of equal empty routes is enough
                if data.route[route].twin == empty_twin:
                    continue
                empty_twin = data.route[route].twin
            price, position = cheapest_in_route(data, state, route, visit, best)
            if position >= 0 and uniform(state.random) >= settings.blink:
                best, best_route, best_position = price, route, position
    else:
        for number in range(state.totals[TOUCHED]):
            route = state.touched[number]
            if is_allowed(data, visit, route):
                price, position = cheapest_in_route(data, state, route, visit, best)
                if position >= 0 and uniform(state.random) >= settings.blink:
                    best, best_route, best_position = price, route, position
    return best_route, best_position


find_place = by_timing(cheapest_place, cheapest_place_exactly)


@kernel
def _no_group(data: Data, state: State, visit: int, blink: float) -> None:
    """Groups are refused with exact timing, so there is none to place."""


find_group_place = by_timing(place_member, _no_group)


@kernel
def place_visit(data: Data, state: State, settings: Settings, visit: int) -> None:
    """Insert one visit of the list, together with its other half or its group, if that pays."""
    other = data.visit[visit].partner
    if data.visit[visit].group >= 0:
        if state.visit[visit].route < 0 and (state.visit[visit].is_wide or uniform(state.random) < PAIR_TRIED):
            find_group_place(data, state, visit, settings.blink)
    elif other < 0:
        route, position = find_place(data, state, settings, visit)
        if route >= 0:
            insert(data, state, route, visit, position)
    elif visit < other and state.visit[visit].route < 0:
        is_tried = state.visit[visit].is_wide or uniform(state.random) < PAIR_TRIED
        if is_tried:
            place_pair(data, state, visit, settings.blink)


@kernel
def _nothing_to_lose(data: Data, state: State) -> int:
    return 0


@kernel
def _extras_to_lose(data: Data, state: State) -> int:
    return int(extra_price(data.exact, state.exact))


price_to_lose = by_timing(_nothing_to_lose, _extras_to_lose)
"""What inserting the rest of the list may make the plan cheaper by."""


@kernel
def _finished(data: Data, state: State) -> None:
    pass


@kernel
def _finish_exactly(data: Data, state: State) -> None:
    finish_choices(data.exact, data, state)


finish_plan = by_timing(_finished, _finish_exactly)


@kernel
def recreate(data: Data, state: State, settings: Settings, limit: float) -> bool:
    """Insert the listed visits; False when the cost is bound to reach the limit (the plan is then half done)."""
    if state.totals[ROUTES_COST] >= BROKEN:  # what is left cannot be driven, as after an exchange of ends
        return False
    draw_order(data, state, settings)
    count = state.totals[REMOVED]
    rank(state.key, state.order, count)
    undecided = 0
    for number in range(count):
        undecided += data.visit[state.removed[number]].penalty
    for number in range(count):
        visit = state.removed[state.order[number]]
        place_visit(data, state, settings, visit)
        undecided -= data.visit[visit].penalty
        least = state.totals[ROUTES_COST] + state.totals[ABSENT_COST] - undecided
        if least - price_to_lose(data, state) >= limit:
            return False
    finish_plan(data, state)
    return True


@kernel
def clear_list(state: State) -> None:
    """Forget the list of this iteration."""
    for number in range(state.totals[REMOVED]):
        state.visit[state.removed[number]].is_wide = False
    state.totals[REMOVED] = 0
