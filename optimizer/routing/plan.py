"""Keeping the plan's books: which visits are absent, which routes changed, and going back to the kept plan.

Everything that changes a route's stops ends here, so that totals, versions and labels always fit the stops.
"""

from optimizer.routing.arrays import (
    ABSENT,
    ABSENT_COST,
    LAST_VERSION,
    OPEN,
    ROUTES_COST,
    STOPS,
    TOUCHED,
    Data,
    Records,
    State,
)
from optimizer.routing.by_timing import by_timing
from optimizer.routing.input import NOBODY, Int32
from optimizer.routing.kernel import kernel
from optimizer.routing.labels import relabel
from optimizer.routing.propagation import relink

bring_up_to_date = by_timing(relabel, relink)


@kernel
def mark_absent(data: Data, state: State, visit: int) -> None:
    """Book a visit as absent."""
    count = state.totals[ABSENT]
    state.absent[count] = visit
    state.visit[visit].absent_at = count
    state.totals[ABSENT] += 1
    state.totals[ABSENT_COST] += data.visit[visit].penalty
    if state.visit[visit].route >= 0:
        state.visit[visit].last_day = data.route[state.visit[visit].route].day
    state.visit[visit].route = NOBODY
    state.visit[visit].frozen = NOBODY


@kernel
def mark_placed(data: Data, state: State, visit: int, route: int) -> None:
    """Book an absent visit as placed."""
    place = state.visit[visit].absent_at
    state.totals[ABSENT] -= 1
    last = state.absent[state.totals[ABSENT]]
    state.absent[place] = last
    state.visit[last].absent_at = place
    state.visit[visit].absent_at = NOBODY
    state.totals[ABSENT_COST] -= data.visit[visit].penalty
    state.visit[visit].route = route


@kernel
def touch(state: State, route: int) -> None:
    """Note that a route differs from the kept plan."""
    if not state.route[route].is_touched:
        state.route[route].is_touched = True
        state.touched[state.totals[TOUCHED]] = route
        state.totals[TOUCHED] += 1


@kernel
def set_length(data: Data, state: State, route: int, count: int) -> None:
    """Book a new number of stops after the stops were rewritten, and bring labels and versions up to date."""
    before = state.route[route].length
    state.totals[STOPS] += count - before
    state.totals[OPEN] += (count > 0) - (before > 0)
    state.route[route].length = count
    touch(state, route)
    bring_up_to_date(data, state, route)
    new_version(data, state, route)


@kernel
def new_version(data: Data, state: State, route: int) -> None:
    """A version never seen before, also for routes whose spare seconds depend on this one."""
    state.totals[LAST_VERSION] += 1
    state.route[route].version = state.totals[LAST_VERSION]
    for number in range(data.coupled.shape[1]):
        other = data.coupled[route, number, 0]
        if other >= 0:
            touch(state, other)
            state.route[other].version = state.totals[LAST_VERSION]


@kernel
def add_stop(data: Data, state: State, route: int, visit: int) -> None:
    """Book a visit that was just written into the stops."""
    mark_placed(data, state, visit, route)
    set_length(data, state, route, state.route[route].length + 1)


@kernel
def remove_stop(data: Data, state: State, visit: int) -> None:
    """Take a placed visit out of its route."""
    route = state.visit[visit].route
    place = place_of(state, route, visit)
    count = state.route[route].length
    for number in range(place, count - 1):
        state.stops[route, number] = state.stops[route, number + 1]
    mark_absent(data, state, visit)
    set_length(data, state, route, count - 1)


@kernel
def place_of(state: State, route: int, visit: int) -> int:
    """Position of a visit in its route."""
    place = 0
    while state.stops[route, place] != visit:
        place += 1
    return place


@kernel
def keep(state: State) -> None:
    """Make the present plan the one to go back to."""
    for number in range(state.totals[TOUCHED]):
        route = state.touched[number]
        count = state.route[route].length
        for place in range(count):
            visit = state.stops[route, place]
            state.kept_stops[route, place] = visit
            state.visit[visit].kept_frozen = state.visit[visit].frozen
        _copy_labels(state.labels, state.kept_labels, route, count + 2)
        _copy_figures(state.route, state.kept, route)
        state.route[route].is_touched = False
    state.totals[TOUCHED] = 0


@kernel
def go_back(data: Data, state: State) -> None:
    """Restore the kept plan."""
    for number in range(state.totals[TOUCHED]):
        route = state.touched[number]
        for place in range(state.route[route].length):
            mark_absent(data, state, state.stops[route, place])
    for number in range(state.totals[TOUCHED]):
        route = state.touched[number]
        count = state.kept[route].length
        for place in range(count):
            visit = state.kept_stops[route, place]
            state.stops[route, place] = visit
            mark_placed(data, state, visit, route)
            state.visit[visit].frozen = state.visit[visit].kept_frozen
        before = state.route[route].length
        state.totals[STOPS] += count - before
        state.totals[OPEN] += (count > 0) - (before > 0)
        state.totals[ROUTES_COST] += state.kept[route].cost - state.route[route].cost
        _copy_labels(state.kept_labels, state.labels, route, count + 2)
        _copy_figures(state.kept, state.route, route)
        state.route[route].is_touched = False
    state.totals[TOUCHED] = 0


@kernel
def _copy_figures(source: Records, target: Records, route: int) -> None:
    target[route].length = source[route].length
    target[route].busy = source[route].busy
    target[route].load = source[route].load
    target[route].version = source[route].version
    target[route].cost = source[route].cost
    target[route].time_cost = source[route].time_cost
    target[route].soft_stops = source[route].soft_stops


@kernel
def _copy_labels(source: Int32, target: Int32, route: int, count: int) -> None:
    for place in range(count):
        for column in range(7):
            target[route, place, column] = source[route, place, column]


@kernel
def keep_best(state: State) -> None:
    """Note the present plan as the best one."""
    for route in range(len(state.route)):
        count = state.route[route].length
        state.route[route].best_length = count
        for place in range(count):
            visit = state.stops[route, place]
            state.best_stops[route, place] = visit
            state.visit[visit].best_frozen = state.visit[visit].frozen


@kernel
def go_to_best(data: Data, state: State) -> None:
    """Make the best plan the present and the kept one."""
    for route in range(len(state.route)):
        for place in range(state.route[route].length):
            mark_absent(data, state, state.stops[route, place])
    for route in range(len(state.route)):
        for place in range(state.route[route].best_length):
            visit = state.best_stops[route, place]
            state.stops[route, place] = visit
            mark_placed(data, state, visit, route)
            state.visit[visit].frozen = state.visit[visit].best_frozen
        set_length(data, state, route, state.route[route].best_length)
    keep(state)
