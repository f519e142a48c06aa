"""Exchanging the ends of two routes with exact timing, where both crews may do what the other did.

What strings take out of two routes leaves gaps through which they can be joined crosswise (2-opt*, Potvin and Rousseau
1995); putting visits back never moves so many of them at once.
"""

from optimizer.routing.arrays import BROKEN, LEG, TOUCHED, Data, State
from optimizer.routing.by_timing import by_extras
from optimizer.routing.exact import ExactData
from optimizer.routing.exact_insertion import point_after, point_before
from optimizer.routing.exact_swap import are_alike
from optimizer.routing.input import NOBODY
from optimizer.routing.insertion import is_allowed, seconds_left
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.plan import set_length
from optimizer.routing.propagation import retime
from optimizer.routing.randomness import below, uniform

CROSSED = 0.2
"""Share of iterations in which two routes may exchange their ends."""
CROSS_BLINK = 0.2
"""Chance of a pair of cuts to be overlooked."""


@kernel
def _never(fixed: ExactData, data: Data, state: State) -> None:
    """With lunch and windows of their own, what a route has chosen belongs to its crew."""


@kernel
def _at_times(fixed: ExactData, data: Data, state: State) -> None:
    if fixed.highest_weight and uniform(state.random) < CROSSED:
        cross_ends(data, state)


cross_at_times = by_extras(_at_times, _never)
"""In a share of the iterations, let two routes exchange their ends."""


@inlined
def _first_cut(data: Data, state: State, route: int, crew: int) -> int:
    """The least number of stops that stay so that another crew may do all behind them."""
    cut = state.route[route].length
    while cut > 0:
        stop = state.stops[route, cut - 1]
        if data.visit[stop].pinned or not is_allowed(data, stop, crew):
            break
        cut -= 1
    return int(cut)


@inlined
def _joining_price(data: Data, state: State, route: int, cut: int, other: int, other_cut: int) -> int:
    """Change in travel of a route that goes on with the end of another one, and the lateness where they are joined."""
    fixed, times = data.exact, state.exact
    before, after = point_before(data, state, route, cut), point_after(data, state, other, other_cut)
    if before < fixed.leaves and after < fixed.leaves and data.visit[before].rank > data.visit[after].rank:
        return BROKEN
    leg = int(data.travel[data.route[route].matrix, fixed.point[before].node, fixed.point[after].node])
    arrival = times.point[before].start + fixed.point[before].service + leg
    late = fixed.point[after].weight * max(0, arrival - max(fixed.point[after].due, times.point[after].start))
    return int(data.travel_weight * (leg - int(state.labels[route, cut + 1, LEG])) + late)


@kernel
def best_cuts(data: Data, state: State, here: int, there: int) -> tuple[int, int]:
    """How many stops stay in front on each of two routes that are cheapest joined crosswise; (-1, -1) for none."""
    best, found = BROKEN, (-1, -1)
    count, count_there = state.route[here].length, state.route[there].length
    first, first_there = _first_cut(data, state, here, there), _first_cut(data, state, there, here)
    for cut in range(first, count + 1):
        for cut_there in range(first_there, count_there + 1):
            if cut + cut_there == 0 or (cut == count and cut_there == count_there):
                continue  # whole routes, or nothing
            price = _joining_price(data, state, here, cut, there, cut_there)
            price += _joining_price(data, state, there, cut_there, here, cut)
            if price < best and uniform(state.random) >= CROSS_BLINK:
                best, found = price, (cut, cut_there)
    return found


@inlined
def _keeps_apart(data: Data, state: State, route: int, cut: int, crew: int, crew_cut: int) -> bool:
    """Whether no pair of which a half is behind the cut meets on one route with another crew."""
    for place in range(cut, state.route[route].length):
        mate = data.visit[state.stops[route, place]].partner
        if mate < 0 or state.visit[mate].route < 0:
            continue
        met = state.visit[mate].route
        if met == crew:
            moves = False
            for number in range(crew_cut, state.route[crew].length):
                moves |= state.stops[crew, number] == mate
            met = route if moves else crew
        if not may_meet(data, crew, met):
            return False
    return True


@kernel
def cross_ends(data: Data, state: State) -> None:
    """Exchange the ends of two of the routes from which visits were taken out, where that is cheapest."""
    if state.totals[TOUCHED] < 2:
        return
    here = state.touched[below(state.random, state.totals[TOUCHED])]
    there = state.touched[below(state.random, state.totals[TOUCHED])]
    if here == there or not are_alike(data, here, there):
        return
    retime(data, state)
    cut, cut_there = best_cuts(data, state, here, there)
    longest = max(cut + state.route[there].length - cut_there, cut_there + state.route[here].length - cut)
    if cut < 0 or longest > state.stops.shape[1]:
        return
    is_apart = _keeps_apart(data, state, here, cut, there, cut_there)
    if is_apart and _keeps_apart(data, state, there, cut_there, here, cut):
        _exchange(data, state, here, cut, there, cut_there)
        if _is_overfull(data, state, here) or _is_overfull(data, state, there):
            _exchange(data, state, here, cut, there, cut_there)


@inlined
def _is_overfull(data: Data, state: State, route: int) -> bool:
    """Whether a route takes on more than its crew's day or vehicle holds."""
    is_loaded = state.route[route].load > data.route[route].capacity
    return bool(is_loaded or seconds_left(data, state, route) < 0)


@kernel
def _exchange(data: Data, state: State, here: int, cut: int, there: int, cut_there: int) -> None:
    """Exchange what is behind the cuts; starts are worked out anew afterwards."""
    count, count_there = state.route[here].length, state.route[there].length
    for number in range(max(count - cut, count_there - cut_there)):
        stop = state.stops[here, cut + number] if cut + number < count else NOBODY
        is_longer = cut_there + number < count_there
        stop_there = state.stops[there, cut_there + number] if is_longer else NOBODY
        if stop_there >= 0:
            state.stops[here, cut + number] = stop_there
            state.visit[stop_there].route = here
        if stop >= 0:
            state.stops[there, cut_there + number] = stop
            state.visit[stop].route = there
    set_length(data, state, here, cut + count_there - cut_there)
    set_length(data, state, there, cut_there + count - cut)
