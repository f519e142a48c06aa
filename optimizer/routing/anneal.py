"""The main loop: ruin, recreate, accept or go back, under a temperature that falls with the share of the budget used.

Christiaens and Vanden Berghe (2020), section 4.3: a plan is accepted below the present cost minus temperature times
the logarithm of a uniform number, drawn before the plan is made.
"""

import numpy as np

from optimizer.routing.arrays import (
    ABSENT,
    ABSENT_COST,
    ACCEPTED,
    BEST,
    CURRENT,
    ITERATIONS,
    PAIR,
    REMOVED,
    ROUTES_COST,
    Data,
    Settings,
    State,
)
from optimizer.routing.by_timing import by_timing
from optimizer.routing.exact_plan import go_back_exactly, go_to_best_exactly, keep_best_exactly, keep_exactly
from optimizer.routing.exact_ruin import ruin_exactly
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import entry
from optimizer.routing.operators import (
    BETTER,
    NEW_BEST,
    SEGMENT,
    reset_operators,
    reward,
    update_weights,
)
from optimizer.routing.plan import go_back, go_to_best, keep, keep_best
from optimizer.routing.randomness import uniform
from optimizer.routing.recreate import clear_list, list_absent, recreate
from optimizer.routing.ruin import ruin
from optimizer.routing.shared import shared

take_visits_out = by_timing(ruin, ruin_exactly)
keep_plan = by_timing(keep, keep_exactly)
restore_kept = by_timing(go_back, go_back_exactly)
note_best = by_timing(keep_best, keep_best_exactly)
restore_best = by_timing(go_to_best, go_to_best_exactly)


@entry
def anneal(data: Data, state: State, settings: Settings, count: int, offset: float, step: float) -> None:
    """So many iterations; the share of the budget at iteration i of this search is offset + step * i."""
    data, state = shared(data), shared(state)
    fall = np.log(settings.cold / settings.hot)
    for _ in range(count):
        share = min(1.0, offset + step * state.totals[ITERATIONS])
        temperature = settings.hot * np.exp(fall * share)
        limit = state.totals[CURRENT] - temperature * np.log(1.0 - uniform(state.random))
        was_absent = state.totals[ABSENT]
        take_visits_out(data, state, settings)
        list_absent(data, state, settings, was_absent)
        score = 0.0
        is_done = recreate(data, state, settings, limit)
        cost = state.totals[ROUTES_COST] + state.totals[ABSENT_COST]
        if is_done and cost < limit:
            score = BETTER if cost < state.totals[CURRENT] else 0.0
            keep_plan(state)
            state.totals[CURRENT] = cost
            state.totals[ACCEPTED] += 1
            if cost < state.totals[BEST]:
                state.totals[BEST] = cost
                note_best(state)
                score = NEW_BEST
        else:
            restore_kept(data, state)
        reward(state, score)
        clear_list(state)
        state.totals[ITERATIONS] += 1
        if state.totals[ITERATIONS] % SEGMENT == 0:
            update_weights(state)


@entry
def start_plan(data: Data, state: State, settings: Settings) -> None:
    """Insert every absent visit that pays, and make the plan the present, the kept and the best one."""
    data, state = shared(data), shared(state)
    reset_operators(state)
    state.totals[PAIR] = NOBODY
    for number in range(state.totals[ABSENT]):
        visit = state.absent[number]
        state.removed[number] = visit
        state.visit[visit].is_wide = True
    state.totals[REMOVED] = state.totals[ABSENT]
    recreate(data, state, settings, np.inf)
    clear_list(state)
    keep_plan(state)
    state.totals[CURRENT] = state.totals[ROUTES_COST] + state.totals[ABSENT_COST]
    state.totals[BEST] = state.totals[CURRENT]
    note_best(state)


@entry
def adopt_best(data: Data, state: State) -> None:
    """Go on from the arrays of the best plan (an exchanged one, or the answer)."""
    data, state = shared(data), shared(state)
    restore_best(data, state)
    state.totals[CURRENT] = state.totals[ROUTES_COST] + state.totals[ABSENT_COST]
    state.totals[BEST] = state.totals[CURRENT]
