"""Choosing anew once a plan is complete again: with extras, and only for the routes that have changed."""

from optimizer.routing.arrays import TOUCHED, Data, State
from optimizer.routing.by_timing import with_extras
from optimizer.routing.exact import BOOKED, ExactData
from optimizer.routing.exact_upkeep import choose_lunches, copy, repack, restore_lunches
from optimizer.routing.kernel import kernel
from optimizer.routing.propagation import retime


@kernel
def _finish(fixed: ExactData, data: Data, state: State) -> None:
    extras, before = state.exact.extras, state.exact.figures[BOOKED]
    copy(extras.eats_before, extras.former_eats_before)
    choose_lunches(fixed, state.exact, state, state.totals[TOUCHED])
    if not retime(data, state) or state.exact.figures[BOOKED] > before:
        restore_lunches(state.exact, extras.former_eats_before)
        for number in range(state.totals[TOUCHED]):
            repack(fixed, state.exact, state.touched[number], state.route[state.touched[number]].busy)
        retime(data, state)


finish_choices = with_extras(_finish)
"""Have lunch where it is best now, and bring all starts down to the least."""
