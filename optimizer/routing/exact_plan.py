"""Keeping, going back and loading with exact timing: the times of all points go with the plan."""

from optimizer.routing.arrays import ROUTES_COST, Data, State
from optimizer.routing.exact import BOOKED, KEPT_FIGURES, Records
from optimizer.routing.exact_choices import choose_later_windows
from optimizer.routing.exact_line import unline_all
from optimizer.routing.exact_retiming import finish_choices
from optimizer.routing.exact_upkeep import (
    go_to_best_choices,
    keep_best_choices,
    keep_extras,
    leave_lunches_out,
    restore_extras,
)
from optimizer.routing.input import Int64
from optimizer.routing.insertion import is_allowed, seconds_left
from optimizer.routing.kernel import kernel
from optimizer.routing.plan import (
    go_back,
    go_to_best,
    keep,
    keep_best,
    mark_absent,
    mark_placed,
    remove_stop,
    set_length,
)
from optimizer.routing.propagation import note_ends, retime


@kernel
def keep_exactly(state: State) -> None:
    """Make the present plan and its times those to go back to."""
    keep(state)
    keep_times(state)


@kernel
def keep_times(state: State) -> None:
    """Make the present times those to go back to."""
    _copy_points(state.exact.point, state.exact.kept)
    for figure in KEPT_FIGURES:
        state.exact.kept_figures[figure] = state.exact.figures[figure]
    keep_extras(state.exact)


@kernel
def go_back_exactly(data: Data, state: State) -> None:
    """Restore the kept plan and its times."""
    go_back(data, state)
    _copy_points(state.exact.kept, state.exact.point)
    state.totals[ROUTES_COST] += state.exact.kept_figures[BOOKED] - state.exact.figures[BOOKED]
    for figure in KEPT_FIGURES:
        state.exact.figures[figure] = state.exact.kept_figures[figure]
    restore_extras(data.exact, state.exact)
    unline_all(state.exact)


@kernel
def _copy_points(source: Records, target: Records) -> None:
    for point in range(len(source)):
        target[point].next = source[point].next
        target[point].onward = source[point].onward
        target[point].mate = source[point].mate
        target[point].start = source[point].start


@kernel
def go_to_best_exactly(data: Data, state: State) -> None:
    """Make the best plan the present and the kept one, with its times."""
    go_to_best_choices(state.exact)
    go_to_best(data, state)
    retime(data, state)
    for route in range(len(data.route)):
        note_ends(data, state, route)
    keep_times(state)


@kernel
def keep_best_exactly(state: State) -> None:
    """Note the present plan as the best one, with what it has chosen."""
    keep_best(state)
    keep_best_choices(state.exact)


@kernel
def load_exactly(data: Data, state: State, listed: Int64, lengths: Int64) -> None:
    """Fill a blank state with listed routes as far as they can be driven together; all other visits are absent."""
    for visit in range(data.depots, len(data.visit)):
        mark_absent(data, state, visit)
    for route in range(len(data.route)):
        set_length(data, state, route, 0)
    for route in range(len(lengths)):
        _take_over(data, state, route, listed[route, : lengths[route]])
    _remove_single_halves(data, state)
    leave_lunches_out(data.exact, state.exact)
    route = len(data.route) - 1
    while not retime(data, state) and route >= 0:
        if choose_later_windows(data.exact, state.exact, state):
            continue
        _clear(data, state, route)
        _remove_single_halves(data, state)
        route -= 1
    finish_choices(data.exact, data, state)


@kernel
def _take_over(data: Data, state: State, route: int, visits: Int64) -> None:
    """Put the visits of one route into it, without those that may not be there."""
    count, rank = 0, -1
    for number in range(len(visits)):
        visit = visits[number]
        is_free = state.visit[visit].route < 0 and is_allowed(data, visit, route) and data.visit[visit].rank >= rank
        if is_free and count < state.stops.shape[1]:
            state.stops[route, count] = visit
            mark_placed(data, state, visit, route)
            count += 1
            rank = data.visit[visit].rank
    set_length(data, state, route, count)
    if seconds_left(data, state, route) < 0:
        _clear(data, state, route)


@kernel
def _clear(data: Data, state: State, route: int) -> None:
    """Take all stops out of a route."""
    for place in range(state.route[route].length):
        mark_absent(data, state, state.stops[route, place])
    set_length(data, state, route, 0)


@kernel
def _remove_single_halves(data: Data, state: State) -> None:
    """Take out the halves of pairs that are placed alone."""
    for visit in range(data.depots, len(data.visit)):
        other = data.visit[visit].partner
        if other >= 0 and state.visit[visit].route >= 0 and state.visit[other].route < 0:
            remove_stop(data, state, visit)
