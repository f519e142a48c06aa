"""Giving what two crews do to each other, with exact timing: at no price where they leave from the same base.

A crew's skills say which visits it may still take on. Two plans that differ in who drives which route cost the same,
but lead to different ones; so after visits were taken out, one of the routes concerned may change hands.
"""

from optimizer.routing.arrays import TOUCHED, Data, State
from optimizer.routing.by_timing import by_extras
from optimizer.routing.exact import ExactData
from optimizer.routing.insertion import is_allowed
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.plan import set_length
from optimizer.routing.randomness import below, uniform

SWAPPED = 0.3
"""Share of iterations in which a crew may change its route with another one."""
DRAWS = 8
"""Crews that are asked at most whether they could take over."""


@kernel
def _never(fixed: ExactData, data: Data, state: State) -> None:
    """With lunch and windows of their own, what a route has chosen belongs to its crew."""


@kernel
def _at_times(fixed: ExactData, data: Data, state: State) -> None:
    for route in range(len(data.route)):
        if data.route[route].twin != 0:  # not all crews are the same
            if uniform(state.random) < SWAPPED:
                swap_crews(data, state)
            break


swap_at_times = by_extras(_at_times, _never)
"""In a share of the iterations, swap crews that are not the same."""


@inlined
def are_alike(data: Data, here: int, there: int) -> bool:
    """Whether two different crews leave from and return to the same bases, at the same speed, and share no limit."""
    one, other = data.route[here], data.route[there]
    if one.twin == other.twin:
        return False
    if one.start_node != other.start_node or one.end_node != other.end_node or one.matrix != other.matrix:
        return False
    for number in range(data.coupled.shape[1]):
        if data.coupled[here, number, 0] >= 0 or data.coupled[there, number, 0] >= 0:
            return False
    return bool(one.day == other.day)


@inlined
def _may_take_over(data: Data, state: State, route: int, crew: int) -> bool:
    """Whether another crew may do all that is left on a route."""
    if state.route[route].busy > data.route[crew].work_limit or state.route[route].load > data.route[crew].capacity:
        return False
    for place in range(state.route[route].length):
        stop = state.stops[route, place]
        if data.visit[stop].pinned or not is_allowed(data, stop, crew):
            return False
        mate = data.visit[stop].partner
        if mate >= 0 and state.visit[mate].route >= 0:
            met = state.visit[mate].route
            if not may_meet(data, crew, route if met == crew else met):
                return False
    return True


@kernel
def swap_crews(data: Data, state: State) -> None:
    """Let the crew of a route from which visits were taken out change with another one, if one of a few may."""
    if state.totals[TOUCHED] == 0:
        return
    here = state.touched[below(state.random, state.totals[TOUCHED])]
    for _ in range(DRAWS):
        there = below(state.random, len(data.route))
        if there == here or not are_alike(data, here, there):
            continue
        if _may_take_over(data, state, here, there) and _may_take_over(data, state, there, here):
            _swap(data, state, here, there)
            break


@kernel
def _swap(data: Data, state: State, here: int, there: int) -> None:
    """Exchange the stops of two routes; starts are worked out anew afterwards."""
    count, count_there = state.route[here].length, state.route[there].length
    for place in range(max(count, count_there)):
        stop, stop_there = state.stops[here, place], state.stops[there, place]
        state.stops[here, place], state.stops[there, place] = stop_there, stop
        if place < count:
            state.visit[stop].route = there
        if place < count_there:
            state.visit[stop_there].route = here
    set_length(data, state, here, count_there)
    set_length(data, state, there, count)
