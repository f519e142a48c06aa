"""Warm start: given routes go in as they are; what does not fit together is inserted where it is cheapest."""

from collections.abc import Sequence

import numpy as np

from optimizer.routing.arrays import BROKEN, Data, State
from optimizer.routing.by_timing import by_timing
from optimizer.routing.exact_plan import load_exactly
from optimizer.routing.groups import drop_broken_groups
from optimizer.routing.input import NOBODY, Int64, RoutingInput
from optimizer.routing.insertion import insert, is_allowed, search_route
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.pairs import insert_pair
from optimizer.routing.plan import mark_absent, mark_placed, set_length
from optimizer.routing.ranking import rank
from optimizer.routing.shared import shared

Routes = Sequence[Sequence[int]]


def listed_routes(given: RoutingInput, initial: Routes | None) -> tuple[Int64, Int64]:
    """Initial routes (None: all empty) as one array (R, most) and their lengths; ValueError when they do not fit."""
    routes: Routes = initial if initial is not None else [()] * given.routes
    if len(routes) != given.routes:
        raise ValueError(f"found {len(routes)} initial routes, expected {given.routes}")
    lengths = np.array([len(route) for route in routes], np.int64)
    listed = np.zeros((given.routes, max(1, int(lengths.max(initial=0)))), np.int64)
    for number, route in enumerate(routes):
        listed[number, : len(route)] = route
        if any(not given.depots <= visit < given.nodes for visit in route):
            raise ValueError(f"initial route {number} names a node that is no visit")
    return listed, lengths


@kernel
def load_frozen(data: Data, state: State, listed: Int64, lengths: Int64) -> None:
    """Fill a blank state with listed routes, joint visits with a start that suits both halves."""
    for visit in range(data.depots, len(data.visit)):
        mark_absent(data, state, visit)
    for route in range(len(lengths)):
        set_length(data, state, route, 0)
    for route in range(len(lengths)):
        if lengths[route]:
            load_as_is(data, state, route, listed[route, : lengths[route]])
    load_pairs(data, state, listed, lengths)  # first, for two routes have to agree on their start
    for route in range(len(lengths)):
        load_cheapest(data, state, route, listed[route, : lengths[route]])
    drop_broken_groups(data, state)


load_listed = by_timing(load_frozen, load_exactly)


@entry
def load(data: Data, state: State, listed: Int64, lengths: Int64) -> None:
    """Fill a blank state with listed routes (R, most) of the given lengths; all other visits are absent."""
    data, state = shared(data), shared(state)
    load_listed(data, state, listed, lengths)


@kernel
def load_as_is(data: Data, state: State, route: int, visits: Int64) -> bool:
    """Take over the whole sequence of a route; False, with the route empty, when it breaks a rule."""
    if len(visits) > state.stops.shape[1]:
        return False
    for number in range(len(visits)):
        visit = visits[number]
        if state.visit[visit].route >= 0 or data.visit[visit].partner >= 0 or not is_allowed(data, visit, route):
            return False
        if number > 0 and data.visit[visits[number - 1]].rank > data.visit[visit].rank:
            return False
    for number in range(len(visits)):
        for earlier in range(number):
            if visits[earlier] == visits[number]:
                return False
    for number in range(len(visits)):
        state.stops[route, number] = visits[number]
        mark_placed(data, state, visits[number], route)
    set_length(data, state, route, len(visits))
    if state.route[route].cost < BROKEN and is_within_limits(data, state, route):
        return True
    for number in range(len(visits)):
        mark_absent(data, state, visits[number])
    set_length(data, state, route, 0)
    return False


@kernel
def is_within_limits(data: Data, state: State, route: int) -> bool:
    """Whether a route's travel and service seconds and its load keep its own limits and those it shares."""
    if state.route[route].load > data.route[route].capacity:
        return False
    busy = state.route[route].busy
    for number in range(data.coupled.shape[1]):
        other = data.coupled[route, number, 0]
        if other >= 0 and busy + state.route[other].busy > data.coupled[route, number, 1]:
            return False
    return bool(busy <= data.route[route].work_limit)


@kernel
def load_cheapest(data: Data, state: State, route: int, visits: Int64) -> None:
    """Insert the visits of one route, the dearest to leave first; those that do not fit stay absent."""
    for number in range(len(visits)):
        state.key[number] = -float(data.visit[visits[number]].penalty)
    rank(state.key, state.order, len(visits))
    for number in range(len(visits)):
        visit = visits[state.order[number]]
        if state.visit[visit].route < 0 and data.visit[visit].partner < 0 and is_allowed(data, visit, route):
            _, position = search_route(data, state, route, visit, BROKEN // 2)
            if position >= 0:
                insert(data, state, route, visit, position)


@kernel
def load_pairs(data: Data, state: State, listed: Int64, lengths: Int64) -> None:
    """Insert the joint visits of which both halves are listed, each on its route."""
    for route in range(len(lengths)):
        for number in range(lengths[route]):
            state.visit[listed[route, number]].only = route
    for number in range(len(data.leads)):
        lead = data.leads[number]
        other = data.visit[lead].partner
        if state.visit[lead].only >= 0 and state.visit[other].only >= 0:
            insert_pair(data, state, lead, 0.0 * data.depots)
    for visit in range(len(data.visit)):
        state.visit[visit].only = NOBODY
