"""Inserting with exact timing: a bound from the two neighbours first, and only what survives it is propagated.

The bound is the detour, the visit's own lateness and that of the stop behind it. Inserting never lowers a start, so no
price lies below its bound. It is exact when the stop behind need not move. The other places are priced by propagation
in the order of their bounds, so that few of them are.
"""

from optimizer.routing.arrays import BROKEN, LEG, TOUCHED, Data, Settings, State
from optimizer.routing.exact import (
    BOOKED,
    BOUND,
    BUSIER,
    CHANCE_COLUMNS,
    HIGHEST,
    IDLE,
    LATE,
    POSITION,
    PRICE,
    ROUTE,
    START,
    WAY,
    ExactData,
    ExactState,
)
from optimizer.routing.exact_choices import (
    due_at,
    keep_way,
    latest_at,
    leave_way,
    reached,
    start_behind,
    take_way,
    ways,
)
from optimizer.routing.exact_line import later_price, line_up
from optimizer.routing.exact_prices import (
    begin_trial,
    busier_price,
    end_trial,
    first_lunch,
    is_known_at_once,
    most_gain,
    most_saved,
    price_aside,
    waiting_price,
)
from optimizer.routing.input import Int64
from optimizer.routing.insertion import fixed_price, has_room, is_allowed, keeps_order, seconds_left
from optimizer.routing.kernel import entry, inlined, kernel
from optimizer.routing.propagation import late_price, propagate, raise_start, start_price, take_back
from optimizer.routing.randomness import uniform
from optimizer.routing.shared import shared

Found = tuple[int, int, int, int, int]
"""The cheapest place so far: price, route, position, start and way."""


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
def leg_to(data: Data, route: int, visit: int, before: int) -> int:
    """Travel seconds from the point before to a visit."""
    return int(data.travel_back[data.route[route].matrix, visit, data.exact.point[before].node])


@inlined
def leg_from(data: Data, route: int, visit: int, after: int) -> int:
    """Travel seconds from a visit to the point after."""
    return int(data.travel[data.route[route].matrix, visit, data.exact.point[after].node])


@inlined
def join(fixed: ExactData, times: ExactState, before: int, visit: int, after: int, leg: int, leg_on: int) -> None:
    """Put a visit between two points, for a trial."""
    times.point[before].next = visit
    times.point[before].onward = fixed.point[before].service + leg
    times.point[visit].next = after
    times.point[visit].onward = fixed.point[visit].service + leg_on


@inlined
def part(times: ExactState, before: int, after: int, onward: int) -> None:
    """Join two points again, so many seconds from start to start."""
    times.point[before].next = after
    times.point[before].onward = onward


@kernel
def trial_price(
    data: Data,
    state: State,
    route: int,
    visit: int,
    before: int,
    after: int,
    leg: int,
    leg_on: int,
    start: int,
    busier: int,
    way: int,
    limit: int,
) -> int:
    """Exact change in the price of time with a visit between two points of a route; BROKEN from the limit on."""
    fixed, times = data.exact, state.exact
    late, highest, idle = times.figures[LATE], times.figures[HIGHEST], times.figures[IDLE]
    booked, onward = times.figures[BOOKED], times.point[before].onward
    limit += booked + most_saved(fixed, times, route, busier) - price_aside(fixed, times)
    guide = begin_trial(fixed, times, route, busier)
    take_way(fixed, times, visit, after, start, way)
    join(fixed, times, before, visit, after, leg, leg_on)
    raise_start(fixed, times, visit, start)
    times.stack[0] = visit
    price = BROKEN
    if propagate(fixed, times, 1, limit - guide) == 0:
        price = late_price(fixed, times) - booked + guide + waiting_price(fixed, times, state, route, route)
    take_back(times, late, highest, idle)
    end_trial(fixed, times, route, busier)
    leave_way(fixed, times, visit, after, start, way)
    part(times, before, after, onward)
    return int(price)


@inlined
def list_chances(
    data: Data, state: State, route: int, visit: int, found: Found, count: int, blink: float
) -> tuple[Found, int]:
    """Go through the positions of an allowed route.

    What nothing behind has to make way for is priced at once: it may become the cheapest `found` (price, route and
    position). What could still be cheaper is added to the `count` chances by its bound.
    """
    fixed, times, chances = data.exact, state.exact, state.exact.chances
    left = seconds_left(data, state, route) - data.visit[visit].service
    static, stops = fixed_price(data, state, route, visit), state.route[route].length
    if left < 0 or not has_room(data, state, route, visit):
        stops = -1
    gain, first = most_gain(fixed, times, route), first_lunch(fixed, times, route)
    line_up(data, state, route)
    matrix, line = data.route[route].matrix, times.line[route]
    legs_to, legs_from = data.travel_back[matrix, visit], data.travel[matrix, visit]
    for position in range(stops + 1):
        before, after = line[position], line[position + 1]
        leg, leg_on = int(legs_to[before.node]), int(legs_from[after.node])
        extra, onward = leg + leg_on - after.leg, fixed.point[visit].service + leg_on
        busier, price = extra + fixed.point[visit].service + first, data.travel_weight * extra + static
        saved = most_saved(fixed, times, route, busier)
        for way in range(ways(fixed)):
            start = start_behind(fixed, times, visit, before.free_at, position == 0, after.point, leg, way)
            late = start_price(fixed, visit, start)
            if static + late - gain - saved >= found[0]:
                if ways(fixed) == 1:
                    return found, count  # later positions are later still
                continue
            late += fixed.highest_weight * max(0, start - due_at(fixed, visit, start) - times.figures[HIGHEST])
            bound = price + late + busier_price(fixed, times, route, busier) - saved
            if bound >= found[0] or extra > left:
                continue
            arrival = reached(fixed, times, visit, after.point, start, onward, way)
            if arrival <= after.start and is_known_at_once(fixed):
                if keeps_order(data, state, route, visit, position) and uniform(state.random) >= blink:
                    found = (bound, route, position, start, way)
                continue
            bound += later_price(after, arrival)
            if bound < found[0] and keeps_order(data, state, route, visit, position):
                chances[count, BOUND], chances[count, ROUTE], chances[count, POSITION] = bound, route, position
                chances[count, START], chances[count, PRICE], chances[count, BUSIER] = start, price, busier
                chances[count, WAY] = way
                count += 1
    return found, count


@inlined
def try_chances(data: Data, state: State, visit: int, found: Found, count: int, blink: float) -> Found:
    """Price the chances exactly, the most promising first, until the next one's bound is no better than `found`."""
    chances = state.exact.chances
    while count > 0:
        row = 0
        for number in range(1, count):
            if chances[number, BOUND] < chances[row, BOUND]:
                row = number
        if chances[row, BOUND] >= found[0]:
            break
        price = chance_price(data, state, visit, chances[row], found[0])
        if price < found[0] and uniform(state.random) >= blink:
            found = (price, chances[row, ROUTE], chances[row, POSITION], chances[row, START], chances[row, WAY])
        count -= 1
        for column in range(CHANCE_COLUMNS):
            chances[row, column] = chances[count, column]
    return found


@inlined
def chance_price(data: Data, state: State, visit: int, chance: Int64, limit: int) -> int:
    """Exact price of a visit at a place; at the limit or above when it is no better."""
    route, position = chance[ROUTE], chance[POSITION]
    before, after = point_before(data, state, route, position), point_after(data, state, route, position)
    leg, leg_on = leg_to(data, route, visit, before), leg_from(data, route, visit, after)
    left = limit - chance[PRICE]
    start, busier, way = chance[START], chance[BUSIER], chance[WAY]
    late = trial_price(data, state, route, visit, before, after, leg, leg_on, start, busier, way, left)
    return int(chance[PRICE] + late)


@kernel
def cheapest_place_exactly(data: Data, state: State, settings: Settings, visit: int) -> tuple[int, int]:
    """Route and position where a visit is cheapest, below the price of leaving it; (-1, -1) when nowhere.

    What the place asks to be chosen is chosen, for the visit is about to be inserted there.
    """
    found, count = (data.visit[visit].penalty, -1, -1, 0, 0), 0
    is_wide = state.visit[visit].is_wide
    first = data.visit[visit].allowed_from if is_wide else 0
    after = data.visit[visit].allowed_after if is_wide else state.totals[TOUCHED]
    for number in range(first, after):
        route = data.allowed[number] if is_wide else state.touched[number]
        if is_wide or is_allowed(data, visit, route):
            found, count = list_chances(data, state, route, visit, found, count, settings.blink)
    found = try_chances(data, state, visit, found, count, settings.blink)
    if found[1] >= 0:
        after = point_after(data, state, found[1], found[2])
        keep_way(data.exact, state.exact, visit, after, found[3], found[4])
    return found[1], found[2]


@entry
def price_exactly(data: Data, state: State, route: int, visit: int, prices: Int64) -> None:
    """Price of an absent single visit at every position of an allowed route; BROKEN where impossible."""
    data, state = shared(data), shared(state)
    fixed, times = data.exact, state.exact
    static = fixed_price(data, state, route, visit)
    for position in range(state.route[route].length + 1):
        before, after = point_before(data, state, route, position), point_after(data, state, route, position)
        leg, leg_on = leg_to(data, route, visit, before), leg_from(data, route, visit, after)
        extra = leg + leg_on - int(state.labels[route, position + 1, LEG])
        price = static + data.travel_weight * extra
        busier = extra + fixed.point[visit].service + first_lunch(fixed, times, route)
        prices[position] = BROKEN
        free_at = times.point[before].start + fixed.point[before].service
        for way in range(ways(fixed)):
            start = start_behind(fixed, times, visit, free_at, position == 0, after, leg, way)
            if start <= latest_at(fixed, visit, start):
                late = trial_price(data, state, route, visit, before, after, leg, leg_on, start, busier, way, BROKEN)
                prices[position] = min(prices[position], price + late if late < BROKEN else BROKEN)
