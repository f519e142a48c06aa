"""Taking visits out with exact timing: strings, some of them around a late visit, or visits scattered around a seed."""

from optimizer.routing.arrays import KIND, PAIR, REMOVED, STOPS, TOUCHED, Data, Settings, State
from optimizer.routing.exact import HIGHEST
from optimizer.routing.exact_choices import due_of
from optimizer.routing.exact_cross import cross_at_times
from optimizer.routing.exact_swap import swap_at_times
from optimizer.routing.exact_upkeep import aim_lower, choose_lunches
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import kernel
from optimizer.routing.propagation import retime
from optimizer.routing.randomness import below, uniform
from optimizer.routing.removal import take_out
from optimizer.routing.ruin import remove_other_halves, remove_strings, ruin

SCATTERED = 0.2
"""Share of iterations that take out scattered visits."""
SCATTER = 1.2
"""Most visits scattered, as a multiple of the mean number removed."""
LATE_SEED = 0.1
"""Share of the others whose strings lie around a late visit, when one is."""


@kernel
def ruin_exactly(data: Data, state: State, settings: Settings) -> None:
    """Take visits out, as `ruin` does, and bring all starts down to the least."""
    draw = uniform(state.random)
    if draw < SCATTERED and state.totals[STOPS] > 0:
        begin(state)
        remove_scattered(data, state, settings)
        remove_other_halves(data, state)
    elif draw < SCATTERED + LATE_SEED * (1.0 - SCATTERED) and state.exact.figures[HIGHEST] > 0:
        begin(state)
        remove_strings(data, state, settings, late_visit(data, state))
        remove_other_halves(data, state)
    else:
        ruin(data, state, settings)
    cross_at_times(data.exact, data, state)
    swap_at_times(data.exact, data, state)
    choose_lunches(data.exact, state.exact, state, state.totals[TOUCHED])
    retime(data, state)
    aim_lower(data.exact, state.exact, state)


@kernel
def begin(state: State) -> None:
    """Nothing removed yet, no room made for a pair, and nothing to learn for the choice among ways."""
    state.totals[REMOVED] = 0
    state.totals[KIND] = -1
    state.totals[PAIR] = NOBODY


@kernel
def remove_scattered(data: Data, state: State, settings: Settings) -> None:
    """Remove half of the visits nearest to a seed, up to a drawn number."""
    seed = data.depots + below(state.random, len(data.visit) - data.depots)
    most = 1 + int(uniform(state.random) * SCATTER * settings.mean_removed)
    for number in range(data.near.shape[1]):
        visit = data.near[seed, number]
        if state.totals[REMOVED] >= most:
            break
        if state.visit[visit].route >= 0 and not data.visit[visit].pinned and uniform(state.random) < 0.5:
            take_out(data, state, visit)


@kernel
def late_visit(data: Data, state: State) -> int:
    """A late visit, with chances by lateness."""
    fixed, times, late = data.exact, state.exact, 0
    for visit in range(data.depots, len(data.visit)):
        if state.visit[visit].route >= 0:
            late += max(0, times.point[visit].start - due_of(fixed, times, visit))
    drawn, found = uniform(state.random) * late, -1
    for visit in range(data.depots, len(data.visit)):
        if state.visit[visit].route >= 0 and drawn >= 0.0:
            excess = times.point[visit].start - due_of(fixed, times, visit)
            if excess > 0:
                found = visit
                drawn -= excess
    return found
