"""What it costs to put a visit into a route, where it is cheapest, and doing it. Pricing changes nothing but a cache.

Prices are exact: the route's cost afterwards minus its cost before. A price stays known as long as the route keeps
its version, also when a rejected plan is taken back.
"""

from optimizer.routing.arrays import (
    BROKEN,
    EARLY,
    EARLY_FED,
    LATEST,
    LEG,
    NEVER,
    TIMELY,
    Data,
    State,
)
from optimizer.routing.input import FORBIDDEN, Int64
from optimizer.routing.kernel import entry, inlined, kernel
from optimizer.routing.labels import fed_arrival, has_timed_parts, overtime_cost, reaches, return_time
from optimizer.routing.plan import add_stop
from optimizer.routing.shared import shared
from optimizer.routing.timing import timed_cost
from optimizer.routing.windows import earliest_start


@inlined
def seconds_left(data: Data, state: State, route: int) -> int:
    """Travel and service seconds that a route may still take on, also for members it shares with other routes."""
    left = data.route[route].work_limit - state.route[route].busy
    for number in range(data.coupled.shape[1]):
        other = data.coupled[route, number, 0]
        if other >= 0:
            both = state.route[route].busy + state.route[other].busy
            left = min(left, data.coupled[route, number, 1] - both)
    return int(left)


@inlined
def has_room(data: Data, state: State, route: int, visit: int) -> bool:
    """Whether a route has a stop and load to spare for a visit."""
    if state.route[route].length >= state.stops.shape[1]:
        return False
    return bool(state.route[route].load + data.visit[visit].load <= data.route[route].capacity)


@inlined
def detour(data: Data, state: State, route: int, visit: int, position: int) -> int:
    """Extra travel seconds of a visit at a position."""
    matrix, count = data.route[route].matrix, state.route[route].length
    before = state.stops[route, position - 1] if position > 0 else data.route[route].start_node
    after = state.stops[route, position] if position < count else data.route[route].end_node
    extra = int(data.travel_back[matrix, visit, before]) + int(data.travel[matrix, visit, after])
    return extra - int(state.labels[route, position + 1, LEG])


@inlined
def keeps_order(data: Data, state: State, route: int, visit: int, position: int) -> bool:
    """Whether the classes stay in order with a visit at a position."""
    rank = data.visit[visit].rank
    if position > 0 and data.visit[state.stops[route, position - 1]].rank > rank:
        return False
    return bool(position >= state.route[route].length or data.visit[state.stops[route, position]].rank >= rank)


@inlined
def time_price(data: Data, state: State, route: int, visit: int, position: int) -> int:
    """Change in the price of time (overtime, lateness, waiting) with a visit at a position; BROKEN when impossible."""
    matrix, day, service = data.route[route].matrix, data.route[route].day, data.visit[visit].service
    before = state.stops[route, position - 1] if position > 0 else data.route[route].start_node
    after = state.stops[route, position] if position < state.route[route].length else data.route[route].end_node
    leg = int(data.travel_back[matrix, visit, before])
    early, early_fed = int(state.labels[route, position, EARLY]), int(state.labels[route, position, EARLY_FED])
    fed = earliest_start(data, state, visit, day, fed_arrival(data, route, early, early_fed, leg))
    unfed = earliest_start(data, state, visit, day, early + leg)
    if unfed >= NEVER and fed >= NEVER:
        return BROKEN
    leg = int(data.travel[matrix, visit, after])
    end = unfed + service if unfed < NEVER else NEVER
    end_fed = fed + service if fed < NEVER else NEVER
    next_fed = fed_arrival(data, route, end, end_fed, leg)
    if not reaches(data, state, route, position + 1, end + leg, next_fed, LATEST):
        return BROKEN
    if data.soft[visit, day] or has_timed_parts(data, state, route):
        return int(timed_cost(data, state, route, visit, position) - state.route[route].time_cost)
    if reaches(data, state, route, position + 1, end + leg, next_fed, TIMELY):
        return -int(state.route[route].time_cost)
    back = _back_after(data, state, route, visit, position, end, end_fed)
    return int(overtime_cost(data, route, back) - state.route[route].time_cost)


@kernel
def _back_after(data: Data, state: State, route: int, visit: int, position: int, end: int, end_fed: int) -> int:
    """Return of a route when a visit put in at a position ends then; linear in the stops behind it."""
    matrix, day, last = data.route[route].matrix, data.route[route].day, visit
    for place in range(position, state.route[route].length):
        stop = state.stops[route, place]
        leg = int(data.travel[matrix, last, stop])
        fed = earliest_start(data, state, stop, day, fed_arrival(data, route, end, end_fed, leg))
        unfed = earliest_start(data, state, stop, day, end + leg)
        end = unfed + data.visit[stop].service if unfed < NEVER else NEVER
        end_fed = fed + data.visit[stop].service if fed < NEVER else NEVER
        last = stop
    leg = int(data.travel[matrix, last, data.route[route].end_node])
    return int(return_time(data, route, end, end_fed, leg))


@inlined
def fixed_price(data: Data, state: State, route: int, visit: int) -> int:
    """What a visit costs anywhere on a route: its static price, and opening the route when it has no stop yet."""
    opening = data.route[route].open_cost if state.route[route].length == 0 else 0
    return int(data.cost[visit, route]) + opening


@kernel
def search_route(data: Data, state: State, route: int, visit: int, bound: int) -> tuple[int, int]:
    """Cheapest position of an allowed visit in a route below a bound, and its price; position -1: none below it."""
    best, best_position = bound, -1
    count = state.route[route].length
    left = seconds_left(data, state, route) - data.visit[visit].service
    if left < 0 or not has_room(data, state, route, visit):
        return best, best_position
    fixed, spare = fixed_price(data, state, route, visit), state.route[route].time_cost
    day = data.route[route].day
    last_start = int(data.windows[visit, day, data.window_count[visit, day] - 1, 2])
    for position in range(count + 1):
        if min(int(state.labels[route, position, EARLY]), int(state.labels[route, position, EARLY_FED])) > last_start:
            break
        extra = detour(data, state, route, visit, position)
        price = data.travel_weight * extra + fixed
        # The price of time is at best all that the route pays for time now.
        if price - spare >= best or extra > left or not keeps_order(data, state, route, visit, position):
            continue
        price += time_price(data, state, route, visit, position)
        if price < best:
            best, best_position = price, position
    return best, best_position


@inlined
def cheapest_in_route(data: Data, state: State, route: int, visit: int, bound: int) -> tuple[int, int]:
    """`search_route`, looked up where the route has not changed since it was last asked for this visit."""
    version = state.route[route].version
    stamp = state.cache[visit, route, 0]
    if stamp >> 8 == version:
        price = state.cache[visit, route, 1]
        if price >= bound:
            return bound, -1
        if stamp & 255:
            return price, (stamp & 255) - 1
    price, position = search_route(data, state, route, visit, bound)
    state.cache[visit, route, 0] = (version << 8) | (position + 1)
    state.cache[visit, route, 1] = price
    return price, position


@kernel
def is_allowed(data: Data, visit: int, route: int) -> bool:
    """Whether a visit may be on a route at all."""
    return int(data.cost[visit, route]) != FORBIDDEN


@kernel
def insert(data: Data, state: State, route: int, visit: int, position: int) -> None:
    """Put an absent visit into a route."""
    for place in range(state.route[route].length, position, -1):
        state.stops[route, place] = state.stops[route, place - 1]
    state.stops[route, position] = visit
    add_stop(data, state, route, visit)


@entry
def price_positions(data: Data, state: State, route: int, visit: int, prices: Int64) -> None:
    """Price of an absent visit at every position of an allowed route; BROKEN where impossible."""
    data, state = shared(data), shared(state)
    left = seconds_left(data, state, route) - data.visit[visit].service
    is_carried = has_room(data, state, route, visit)
    for position in range(state.route[route].length + 1):
        extra = detour(data, state, route, visit, position)
        price = data.travel_weight * extra + fixed_price(data, state, route, visit)
        is_possible = is_carried and extra <= left and keeps_order(data, state, route, visit, position)
        prices[position] = price + time_price(data, state, route, visit, position) if is_possible else BROKEN
