"""Labels of a route: how early everything before a stop can be done, how late everything after it may begin.

Two labels each, before and after lunch, make insertion checks exact in constant time; forward time slack of Savelsbergh
(1992, section 3) carried over to a floating break and to a soft and a hard end of the day.
"""

from optimizer.routing.arrays import (
    BROKEN,
    EARLY,
    EARLY_FED,
    LATEST,
    LATEST_FED,
    LEG,
    NEVER,
    ROUTES_COST,
    TIMELY,
    TIMELY_FED,
    Data,
    State,
)
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.timing import timed_cost
from optimizer.routing.windows import earliest_start, latest_start


@inlined
def fed_arrival(data: Data, route: int, early: int, early_fed: int, leg: int) -> int:
    """Earliest arrival with lunch behind: taken before, or in the gap of this leg."""
    arrival = early_fed + leg
    if early <= data.route[route].lunch_latest:
        fed = max(early + leg, data.route[route].lunch_earliest) + data.route[route].lunch_seconds
        arrival = min(arrival, fed)
    return arrival


@inlined
def return_time(data: Data, route: int, early: int, early_fed: int, leg: int) -> int:
    """Earliest return; without lunch only while no lunch is due."""
    fed = fed_arrival(data, route, early, early_fed, leg)
    return int(min(fed, early + leg)) if early + leg <= data.route[route].home_by else fed


@inlined
def overtime_cost(data: Data, route: int, back: int) -> int:
    """Price of coming back after the normal end."""
    return int(data.overtime_weight * max(0, back - data.route[route].soft_end))


@kernel
def relabel(data: Data, state: State, route: int) -> None:
    """Recompute labels, seconds and cost of a route from its stops, and the total with it."""
    before = state.route[route].cost
    state.route[route].cost = 0
    state.route[route].time_cost = 0
    state.route[route].busy = 0
    state.route[route].load = 0
    state.route[route].soft_stops = 0
    _label_early(data, state, route)
    _label_latest(data, state, route)
    state.totals[ROUTES_COST] += state.route[route].cost - before


@inlined
def _label_early(data: Data, state: State, route: int) -> None:
    """Forward labels, legs, busy seconds and cost; BROKEN when the stops do not fit."""
    count, matrix, day = state.route[route].length, data.route[route].matrix, data.route[route].day
    early, early_fed, last = data.route[route].span_start, NEVER, data.route[route].start_node
    state.labels[route, 0, EARLY] = early
    state.labels[route, 0, EARLY_FED] = early_fed
    travel, service, price = 0, 0, 0
    for place in range(1, count + 1):
        visit = state.stops[route, place - 1]
        leg = int(data.travel[matrix, last, visit])
        fed = earliest_start(data, state, visit, day, fed_arrival(data, route, early, early_fed, leg))
        unfed = earliest_start(data, state, visit, day, early + leg)
        early = unfed + data.visit[visit].service if unfed < NEVER else NEVER
        early_fed = fed + data.visit[visit].service if fed < NEVER else NEVER
        state.labels[route, place, LEG] = leg
        state.labels[route, place, EARLY] = early
        state.labels[route, place, EARLY_FED] = early_fed
        state.route[route].soft_stops += data.soft[visit, day]
        state.route[route].load += data.visit[visit].load
        travel += leg
        service += data.visit[visit].service
        price += int(data.cost[visit, route])
        last = visit
    leg = int(data.travel[matrix, last, data.route[route].end_node])
    state.labels[route, count + 1, LEG] = leg if count else 0
    if count:
        travel += leg
        state.route[route].busy = travel + service
        back = return_time(data, route, early, early_fed, leg)
        _set_cost(data, state, route, price + data.travel_weight * travel + data.route[route].open_cost, back)


@kernel
def _set_cost(data: Data, state: State, route: int, price: int, back: int) -> None:
    """Cost of a route from the price of its stops and legs and its return."""
    if back > data.route[route].hard_end:
        state.route[route].cost = BROKEN
        return
    if has_timed_parts(data, state, route):
        state.route[route].time_cost = timed_cost(data, state, route, -1, 0)
    else:
        state.route[route].time_cost = overtime_cost(data, route, back)
    state.route[route].cost = price + state.route[route].time_cost


@inlined
def has_timed_parts(data: Data, state: State, route: int) -> bool:
    """Whether lateness or waiting may cost something, so that the return alone does not tell the price."""
    return state.route[route].soft_stops > 0 or data.waiting_weight > 0


@inlined
def _label_latest(data: Data, state: State, route: int) -> None:
    """Backward labels, for an end without overtime and for the hard end."""
    count, matrix, day = state.route[route].length, data.route[route].matrix, data.route[route].day
    has_lunch = data.route[route].lunch_latest > -NEVER
    soft, hard, home_by = data.route[route].soft_end, data.route[route].hard_end, data.route[route].home_by
    timely, timely_fed = min(soft, home_by), soft if has_lunch else -NEVER
    latest, latest_fed = min(hard, home_by), hard if has_lunch else -NEVER
    state.labels[route, count + 1, TIMELY] = timely
    state.labels[route, count + 1, TIMELY_FED] = timely_fed
    state.labels[route, count + 1, LATEST] = latest
    state.labels[route, count + 1, LATEST_FED] = latest_fed
    following = data.route[route].end_node
    for place in range(count, 0, -1):
        visit = state.stops[route, place - 1]
        leg, service = int(data.travel[matrix, visit, following]), data.visit[visit].service
        timely = latest_start(data, state, visit, day, latest_end(data, route, timely, timely_fed, leg) - service)
        timely_fed = latest_start(data, state, visit, day, timely_fed - leg - service)
        latest = latest_start(data, state, visit, day, latest_end(data, route, latest, latest_fed, leg) - service)
        latest_fed = latest_start(data, state, visit, day, latest_fed - leg - service)
        state.labels[route, place, TIMELY] = timely
        state.labels[route, place, TIMELY_FED] = timely_fed
        state.labels[route, place, LATEST] = latest
        state.labels[route, place, LATEST_FED] = latest_fed
        following = visit


@inlined
def latest_end(data: Data, route: int, unfed: int, fed: int, leg: int) -> int:
    """Latest end of a stop before lunch, so that the next place is reached in time, with lunch in between or not."""
    bound = unfed - leg
    if fed >= data.route[route].lunch_earliest + data.route[route].lunch_seconds:
        bound = max(bound, min(data.route[route].lunch_latest, fed - data.route[route].lunch_seconds - leg))
    return bound


@inlined
def reaches(data: Data, state: State, route: int, place: int, unfed: int, fed: int, column: int) -> bool:
    """Whether an arrival at the place (before or after lunch) is in time for the rest; column TIMELY or LATEST."""
    return unfed <= int(state.labels[route, place, column]) or fed <= int(state.labels[route, place, column + 1])
