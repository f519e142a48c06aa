"""Least starts by longest path: raising what has to follow, with a log to take it back.

Two rules and no other: the next point of a route starts after the leg, the other half of a pair after its gap. A most
gap is a least gap backwards, so a late second half draws the first after it. Label correcting from the points that
changed (Cherkassky, Goldberg and Radzik 1996, section 3), stopped as soon as the price reaches a limit.
"""

from optimizer.routing.arrays import BROKEN, EARLY, LEG, ROUTES_COST, Data, State
from optimizer.routing.exact import BOOKED, HIGHEST, IDLE, LATE, LOGGED, ExactData, ExactState
from optimizer.routing.exact_choices import (
    arrival_at,
    due_at,
    due_of,
    earliest_of,
    forget_way,
    improve_window,
    latest_at,
    latest_of,
)
from optimizer.routing.exact_line import unline_all, unline_moved
from optimizer.routing.exact_prices import extra_price, idle_price, raised_idle
from optimizer.routing.exact_upkeep import note_busy, note_extras, pass_lunch_on
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import inlined, kernel

MOST_ROUNDS = 50
"""Full logs after which a plan counts as one that contradicts itself."""


@inlined
def late_price(fixed: ExactData, times: ExactState) -> int:
    """Price of all lateness and overtime, of the largest lateness, and of extras."""
    late = times.figures[LATE] + fixed.highest_weight * times.figures[HIGHEST]
    return int(late + extra_price(fixed, times))


@inlined
def raise_price(fixed: ExactData, times: ExactState, point: int, before: int, start: int) -> int:
    """Price of a placed point's lateness when its start rises; BROKEN above its last start."""
    if start > latest_of(fixed, times, point):
        return BROKEN
    return int(fixed.point[point].weight * max(0, start - max(before, due_of(fixed, times, point))))


@inlined
def start_price(fixed: ExactData, visit: int, start: int) -> int:
    """Price of an absent visit's lateness with a start; BROKEN above its last start."""
    if start > latest_at(fixed, visit, start):
        return BROKEN
    return int(fixed.point[visit].weight * max(0, start - due_at(fixed, visit, start)))


@kernel
def propagate(fixed: ExactData, times: ExactState, waiting: int, limit: int) -> int:
    """Raise what follows from the first `waiting` points of the stack.

    Returns 0 when all is raised, -1 when the price of lateness reaches the limit or a last start is passed, else the
    number of points still waiting because the log is full.
    """
    figures, most_logged, most_waiting = times.figures, len(times.log) - 3, len(times.stack) - len(times.log)
    late, highest, idle, logged = figures[LATE], figures[HIGHEST], figures[IDLE], figures[LOGGED]
    is_good = waiting == 0 or late + fixed.highest_weight * highest + idle_price(fixed, idle) < limit
    while is_good and waiting > 0 and logged <= most_logged:
        waiting -= 1
        point = times.stack[waiting]
        while point >= 0 and is_good and logged <= most_logged:
            mate, following, last = times.point[point].mate, times.point[point].next, point
            start = times.point[point].start + fixed.point[point].gap
            if mate >= 0 and start > times.point[mate].start:
                late, highest, idle, is_good = _raised(fixed, times, mate, start, logged, late, highest, idle, limit)
                logged += 1
                times.stack[waiting] = mate
                waiting += 1
            point = NOBODY
            if following >= 0 and is_good:
                start = arrival_at(fixed, times, last, following)
                if start > times.point[following].start:
                    late, highest, idle, is_good = _raised(
                        fixed, times, following, start, logged, late, highest, idle, limit
                    )
                    logged += 1
                    point = following
        if point >= 0:
            times.stack[waiting] = point
            waiting += 1
        is_good &= waiting <= most_waiting
    figures[LATE], figures[HIGHEST], figures[IDLE], figures[LOGGED] = late, highest, idle, logged
    return waiting if is_good else -1


@inlined
def _raised(
    fixed: ExactData,
    times: ExactState,
    point: int,
    start: int,
    logged: int,
    late: int,
    highest: int,
    idle: int,
    limit: int,
) -> tuple[int, int, int, bool]:
    """Raise a point; the lateness, the largest lateness and idle time then, and whether it may go on."""
    before, excess = times.point[point].start, start - due_of(fixed, times, point)
    times.log[logged, 0], times.log[logged, 1] = point, before
    times.point[point].start = start
    is_good = start <= latest_of(fixed, times, point)
    if excess > 0:
        late += fixed.point[point].weight * min(excess, start - before)
        highest = max(highest, excess) if point < fixed.leaves else highest
        idle = raised_idle(fixed, times, point, start, idle)
        is_good &= late + fixed.highest_weight * highest + idle_price(fixed, idle) < limit
    return late, highest, idle, is_good


@kernel
def raise_start(fixed: ExactData, times: ExactState, point: int, start: int) -> None:
    """Raise one point, on the log."""
    logged, before = times.figures[LOGGED], times.point[point].start
    if start <= before:
        return
    times.log[logged, 0], times.log[logged, 1] = point, before
    times.figures[LOGGED] = logged + 1
    times.point[point].start = start
    excess = start - due_of(fixed, times, point)
    if excess > 0:
        times.figures[LATE] += fixed.point[point].weight * min(excess, start - before)
        if point < fixed.leaves:
            times.figures[HIGHEST] = max(times.figures[HIGHEST], excess)


@kernel
def take_back(times: ExactState, late: int, highest: int, idle: int) -> None:
    """Undo everything on the log."""
    for number in range(times.figures[LOGGED] - 1, -1, -1):
        times.point[times.log[number, 0]].start = times.log[number, 1]
    times.figures[LATE], times.figures[HIGHEST], times.figures[IDLE], times.figures[LOGGED] = late, highest, idle, 0


@kernel
def settle(fixed: ExactData, times: ExactState, waiting: int) -> bool:
    """Propagate for good, with what has moved on the log; False when a last start is passed or no end is in sight."""
    for number in range(MOST_ROUNDS):
        times.figures[LOGGED] = 0
        waiting = propagate(fixed, times, waiting, BROKEN)
        if waiting <= 0:
            times.figures[LOGGED] = times.figures[LOGGED] if number == 0 else -1
            break
    return waiting == 0


@kernel
def book(data: Data, state: State, changed: int) -> None:
    """Put the price of time into the plan's cost and empty the log; `changed` is one route, or NOBODY for all."""
    note_extras(data.exact, state.exact, state, changed)
    state.exact.figures[LOGGED] = 0
    price = late_price(data.exact, state.exact)
    state.totals[ROUTES_COST] += price - state.exact.figures[BOOKED]
    state.exact.figures[BOOKED] = price


@kernel
def relink(data: Data, state: State, route: int) -> None:
    """Join the points of a route anew after its stops were rewritten, raise what has to rise, and book the cost."""
    fixed, times = data.exact, state.exact
    before, count = state.route[route].cost, state.route[route].length
    travel, service, load, price, waiting = 0, 0, 0, 0, 0
    last = fixed.leaves + route
    pass_lunch_on(fixed, times, state, route)
    for place in range(count + 1):
        point = state.stops[route, place] if place < count else fixed.returns + route
        leg = _leg(data, route, last, point) if count else 0
        state.labels[route, place + 1, LEG] = leg
        times.point[last].next = point
        times.point[last].onward = fixed.point[last].service + leg
        travel += leg
        if arrival_at(fixed, times, last, point) > times.point[point].start:
            times.stack[waiting] = last
            waiting += 1
        if place < count:
            waiting = _join_mate(data, state, point, waiting)
            service += data.visit[point].service
            load += data.visit[point].load
            price += int(data.cost[point, route])
        last = point
    is_used = count > 0
    state.route[route].busy = travel + service
    state.route[route].load = load
    state.route[route].cost = price + data.travel_weight * travel + data.route[route].open_cost * is_used
    state.totals[ROUTES_COST] += state.route[route].cost - before
    note_busy(fixed, times, route, travel + service)
    settle(fixed, times, waiting)
    unline_moved(fixed, times, state, route)
    book(data, state, route)
    note_ends(data, state, route)


@inlined
def _leg(data: Data, route: int, first: int, second: int) -> int:
    """Travel seconds between two points of a route."""
    fixed = data.exact
    return int(data.travel[data.route[route].matrix, fixed.point[first].node, fixed.point[second].node])


@inlined
def _join_mate(data: Data, state: State, visit: int, waiting: int) -> int:
    """Join a placed visit with its other half when that is placed too; returns the new height of the stack."""
    times, mate = state.exact, data.visit[visit].partner
    if mate >= 0 and state.visit[mate].route < 0:
        mate = NOBODY
    times.point[visit].mate = mate
    if mate >= 0:
        times.point[mate].mate = visit
        for first, second in ((visit, mate), (mate, visit)):
            if times.point[first].start + data.exact.point[first].gap > times.point[second].start:
                times.stack[waiting] = first
                waiting += 1
    return waiting


@kernel
def note_ends(data: Data, state: State, route: int) -> None:
    """Write the ends of a route's stops where those who make room look for them."""
    for place in range(state.route[route].length):
        stop = state.stops[route, place]
        state.labels[route, place + 1, EARLY] = state.exact.point[stop].start + data.visit[stop].service


@kernel
def retime(data: Data, state: State) -> bool:
    """All starts from scratch, as after a removal; False, with a BROKEN cost, when the plan cannot be driven."""
    fixed, times = data.exact, state.exact
    for visit in range(data.depots, len(data.visit)):
        mate = data.visit[visit].partner
        is_pair = mate >= 0 and state.visit[visit].route >= 0 and state.visit[mate].route >= 0
        times.point[visit].mate = mate if is_pair else NOBODY
        if state.visit[visit].route < 0:
            forget_way(fixed, times, visit)
        times.point[visit].start = earliest_of(fixed, times, visit)
    times.figures[LATE], times.figures[HIGHEST], times.figures[IDLE] = 0, 0, 0  # a broken plan may have been before
    waiting, is_driven = 0, True
    for route in range(len(data.route)):
        waiting, is_in_time = _walk(fixed, times, route, waiting)
        is_driven &= is_in_time
    is_driven = is_driven and settle(fixed, times, waiting)
    if is_driven:
        _sum_lateness(data, state)
    else:
        times.figures[LATE] = BROKEN
    unline_all(times)
    book(data, state, NOBODY)
    return is_driven


@inlined
def _walk(fixed: ExactData, times: ExactState, route: int, waiting: int) -> tuple[int, bool]:
    """Starts of one route by its legs alone, its halves of pairs on the stack; whether all last starts are kept."""
    point, is_in_time = fixed.leaves + route, True
    times.point[fixed.returns + route].start = fixed.point[fixed.returns + route].earliest
    while times.point[point].next >= 0:
        following = times.point[point].next
        start = arrival_at(fixed, times, point, following)
        if start > times.point[following].start:
            times.point[following].start = start
            is_in_time &= start <= latest_of(fixed, times, following)
        if times.point[following].mate >= 0:
            times.stack[waiting] = following
            waiting += 1
        point = following
    return waiting, is_in_time


@kernel
def _sum_lateness(data: Data, state: State) -> None:
    """The figures of all placed visits and all returns."""
    fixed, times = data.exact, state.exact
    late, highest = 0, 0
    for point in range(data.depots, len(fixed.point)):
        if point >= fixed.leaves or state.visit[point].route >= 0:
            improve_window(fixed, times, point)
            excess = times.point[point].start - due_of(fixed, times, point)
            if excess > 0:
                late += fixed.point[point].weight * excess
                if point < fixed.leaves:
                    highest = max(highest, excess)
    times.figures[LATE], times.figures[HIGHEST] = late, highest
