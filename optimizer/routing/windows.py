"""When service of a visit may start: exact answers for several windows a day and for joint visits with a set time."""

from optimizer.routing.arrays import NEVER, Data, State
from optimizer.routing.kernel import inlined, kernel


@inlined
def earliest_start(data: Data, state: State, visit: int, day: int, arrival: int) -> int:
    """First possible start at or after an arrival, NEVER when there is none."""
    frozen = state.visit[visit].frozen
    if frozen >= 0:
        return frozen if arrival <= frozen else NEVER
    for number in range(data.window_count[visit, day]):
        if arrival <= int(data.windows[visit, day, number, 2]):
            return max(arrival, int(data.windows[visit, day, number, 0]))
    return NEVER


@inlined
def latest_start(data: Data, state: State, visit: int, day: int, bound: int) -> int:
    """Last possible start at or before a bound, -NEVER when there is none."""
    frozen = state.visit[visit].frozen
    if frozen >= 0:
        return frozen if frozen <= bound else -NEVER
    best = -NEVER
    for number in range(data.window_count[visit, day]):
        if int(data.windows[visit, day, number, 0]) <= bound:
            best = max(best, min(bound, int(data.windows[visit, day, number, 2])))
    return best


@kernel
def lateness(data: Data, visit: int, day: int, start: int) -> int:
    """Seconds after the end of the window that suits a start best; 0 inside one, NEVER outside all."""
    best = NEVER
    for number in range(data.window_count[visit, day]):
        if int(data.windows[visit, day, number, 0]) <= start <= int(data.windows[visit, day, number, 2]):
            best = min(best, max(0, start - int(data.windows[visit, day, number, 1])))
    return best
