"""Taking one visit out and putting it on the list of those to insert."""

from optimizer.routing.arrays import REMOVED, Data, State
from optimizer.routing.kernel import kernel
from optimizer.routing.plan import remove_stop


@kernel
def note_removed(state: State, visit: int) -> None:
    """Put a visit on the list of those to insert anywhere."""
    state.removed[state.totals[REMOVED]] = visit
    state.totals[REMOVED] += 1
    state.visit[visit].is_wide = True


@kernel
def take_out(data: Data, state: State, visit: int) -> None:
    """Remove one placed visit, to be inserted anywhere."""
    remove_stop(data, state, visit)
    note_removed(state, visit)
