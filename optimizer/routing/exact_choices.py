"""What a plan has chosen with exact timing beside its routes: the window of each visit and the gap of each lunch.

The start is not before the begin of the chosen window, and lateness counts from its end; so it grows with the start, as
propagation asks for. Each name stands for two kernels: without extras there is one window and no lunch.
"""

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.by_timing import by_extras, with_extras
from optimizer.routing.exact import ExactData, ExactState
from optimizer.routing.exact_extras import BEGIN, END, LAST, LUNCH_FIRST, NEXT_WINDOW, WAYS
from optimizer.routing.exact_lunch import after_lunch
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import inlined, kernel


@kernel
def _only_earliest(fixed: ExactData, times: ExactState, point: int) -> int:
    return int(fixed.point[point].earliest)


@kernel
def _chosen_earliest(fixed: ExactData, times: ExactState, point: int) -> int:
    return int(fixed.extras.windows[point, times.extras.window[point], BEGIN])


earliest_of = by_extras(_only_earliest, _chosen_earliest)
"""First start of a point in its window."""


@kernel
def _only_due(fixed: ExactData, times: ExactState, point: int) -> int:
    return int(fixed.point[point].due)


@kernel
def _chosen_due(fixed: ExactData, times: ExactState, point: int) -> int:
    return int(fixed.extras.windows[point, times.extras.window[point], END])


due_of = by_extras(_only_due, _chosen_due)
"""The start from which a point is late."""


@kernel
def _only_latest(fixed: ExactData, times: ExactState, point: int) -> int:
    return int(fixed.point[point].latest)


@kernel
def _chosen_latest(fixed: ExactData, times: ExactState, point: int) -> int:
    return int(fixed.extras.windows[point, times.extras.window[point], LAST])


latest_of = by_extras(_only_latest, _chosen_latest)
"""Last start of a point in its window."""


@inlined
def window_at(fixed: ExactData, point: int, start: int) -> int:
    """The window that a start lies in or behind."""
    window = 0
    while window + 1 < fixed.extras.window_count[point] and start >= fixed.extras.windows[point, window + 1, BEGIN]:
        window += 1
    return window


@kernel
def _only_due_at(fixed: ExactData, point: int, start: int) -> int:
    return int(fixed.point[point].due)


@kernel
def _due_at(fixed: ExactData, point: int, start: int) -> int:
    return int(fixed.extras.windows[point, window_at(fixed, point, start), END])


due_at = by_extras(_only_due_at, _due_at)
"""The start from which an absent visit would be late if it was to start then."""


@kernel
def _only_latest_at(fixed: ExactData, point: int, start: int) -> int:
    return int(fixed.point[point].latest)


@kernel
def _latest_at(fixed: ExactData, point: int, start: int) -> int:
    return int(fixed.extras.windows[point, window_at(fixed, point, start), LAST])


latest_at = by_extras(_only_latest_at, _latest_at)
"""Last start of an absent visit in the window that a start lies in or behind."""


@kernel
def _all_ways(fixed: ExactData) -> int:
    return WAYS


ways = with_extras(_all_ways, 1)
"""Ways of putting a visit at a position."""


@kernel
def _start_behind(
    fixed: ExactData, times: ExactState, visit: int, free_at: int, is_leaving: bool, after: int, leg: int, way: int
) -> int:
    return int(max(free_at + leg, fixed.point[visit].earliest))


@kernel
def _start_in_way(
    fixed: ExactData, times: ExactState, visit: int, free_at: int, is_leaving: bool, after: int, leg: int, way: int
) -> int:
    arrival = free_at + leg
    if way & LUNCH_FIRST:
        route = times.extras.fed[after]
        if route < 0:
            return NEVER
        arrival = after_lunch(fixed, route, free_at, arrival, is_leaving, False)
    start = max(arrival, fixed.point[visit].earliest)
    if way & NEXT_WINDOW:
        window = window_at(fixed, visit, start)
        is_late = start > fixed.extras.windows[visit, window, END]
        if window + 1 == fixed.extras.window_count[visit] or not (is_late or fixed.extras.waiting_weight):
            return NEVER
        start = max(start, fixed.extras.windows[visit, window + 1, BEGIN])
    return int(start)


start_behind = by_extras(_start_behind, _start_in_way)
"""Start of an absent visit in one way, before a point and behind one that the crew is free to leave at a time; NEVER
where there is no such way."""


@kernel
def _reached(fixed: ExactData, times: ExactState, visit: int, after: int, start: int, onward: int, way: int) -> int:
    return int(start + onward)


@kernel
def _reached_fed(fixed: ExactData, times: ExactState, visit: int, after: int, start: int, onward: int, way: int) -> int:
    route = times.extras.fed[after]
    if route < 0 or way & LUNCH_FIRST:
        return int(start + onward)
    free_at = start + fixed.point[visit].service
    return int(after_lunch(fixed, route, free_at, start + onward, False, after >= fixed.returns))


reached = by_extras(_reached, _reached_fed)
"""When the point after an absent visit is reached, from its start there."""


@kernel
def _arrival(fixed: ExactData, times: ExactState, before: int, after: int) -> int:
    return int(times.point[before].start + times.point[before].onward)


@kernel
def _arrival_fed(fixed: ExactData, times: ExactState, before: int, after: int) -> int:
    arrival, route = times.point[before].start + times.point[before].onward, times.extras.fed[after]
    if route < 0:
        return int(arrival)
    free_at = times.point[before].start + fixed.point[before].service
    return int(after_lunch(fixed, route, free_at, arrival, before >= fixed.leaves, after >= fixed.returns))


arrival_at = by_extras(_arrival, _arrival_fed)
"""When the next point of a route is reached, ready to begin."""


@kernel
def _take_way(fixed: ExactData, times: ExactState, visit: int, after: int, start: int, way: int) -> None:
    times.extras.window[visit] = window_at(fixed, visit, start)
    if way & LUNCH_FIRST:
        times.extras.fed[visit], times.extras.fed[after] = times.extras.fed[after], NOBODY


take_way = with_extras(_take_way)
"""Choose for a visit that is put before a point."""


@kernel
def _leave_way(fixed: ExactData, times: ExactState, visit: int, after: int, start: int, way: int) -> None:
    if way & LUNCH_FIRST:
        times.extras.fed[after], times.extras.fed[visit] = times.extras.fed[visit], NOBODY


leave_way = with_extras(_leave_way)
"""Undo that."""


@kernel
def _keep_way(fixed: ExactData, times: ExactState, visit: int, after: int, start: int, way: int) -> None:
    _take_way(fixed, times, visit, after, start, way)
    if way & LUNCH_FIRST:
        times.extras.eats_before[times.extras.fed[visit]] = visit
    times.point[visit].start = _chosen_earliest(fixed, times, visit)


keep_way = with_extras(_keep_way)
"""Choose for a visit that is about to be inserted before a point."""


@kernel
def _forget_way(fixed: ExactData, times: ExactState, visit: int) -> None:
    times.extras.window[visit] = 0


forget_way = with_extras(_forget_way)
"""Choose nothing for a visit that is absent."""


@kernel
def _improve_window(fixed: ExactData, times: ExactState, point: int) -> None:
    times.extras.window[point] = max(times.extras.window[point], window_at(fixed, point, times.point[point].start))


@inlined
def move_on(fixed: ExactData, times: ExactState, visit: int) -> bool:
    """Give a placed visit that starts too late for its window the next one, if there is one."""
    is_too_late = times.point[visit].start > _chosen_latest(fixed, times, visit)
    if not is_too_late or times.extras.window[visit] + 1 == fixed.extras.window_count[visit]:
        return False
    times.extras.window[visit] += 1
    return True


@kernel
def _later_windows(fixed: ExactData, times: ExactState, state: State) -> bool:
    is_moved = False
    for visit in range(len(state.visit)):
        if state.visit[visit].route >= 0:
            is_moved |= move_on(fixed, times, visit)
    return is_moved


choose_later_windows = with_extras(_later_windows, False)
"""Choose later windows for placed visits that are too late for theirs; whether there were any."""


improve_window = with_extras(_improve_window)
"""Choose the window that a start has come to lie in."""
