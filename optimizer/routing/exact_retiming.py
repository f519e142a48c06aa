"""Choosing anew once a plan is complete again: with extras, and only for the routes that have changed."""

from optimizer.routing.arrays import TOUCHED, Data, State
from optimizer.routing.by_timing import by_extras
from optimizer.routing.exact import ExactData
from optimizer.routing.exact_prices import choose_lunches
from optimizer.routing.kernel import kernel
from optimizer.routing.propagation import retime


@kernel
def _nothing_to_finish(fixed: ExactData, data: Data, state: State) -> None:
    pass


@kernel
def _finish(fixed: ExactData, data: Data, state: State) -> None:
    choose_lunches(fixed, state.exact, state, state.totals[TOUCHED])
    retime(data, state)


finish_choices = by_extras(_nothing_to_finish, _finish)
"""Have lunch where it is best now, and bring all starts down to the least."""
