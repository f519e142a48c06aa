"""Which way of taking visits out is used next: by what each has gained for its effort so far.

Adaptive choice by roulette, Ropke and Pisinger (2006), section 3.4.1, with scores divided by the visits that had to be
put back, and a floor so that none is ever forgotten.
"""

from optimizer.routing.arrays import KIND, KINDS, REMOVED, State
from optimizer.routing.kernel import kernel
from optimizer.routing.randomness import uniform

WEIGHT, SCORE, EFFORT = 0, 1, 2
NEW_BEST, BETTER = 10.0, 1.0
"""Scores of one iteration; a plan that is accepted although it is dearer gains nothing."""
SEGMENT = 400
"""Iterations between two updates of the weights."""
MEMORY = 0.8
"""Share of a weight that stays at an update."""
FLOOR = 0.02
"""Least weight, as a share of all."""
BASE_EFFORT = 4.0
"""Effort of an iteration besides the visits put back, in visits."""


@kernel
def reset_operators(state: State) -> None:
    """Give every kind the same weight."""
    for kind in range(KINDS):
        state.operators[kind, WEIGHT] = 1.0 / KINDS
        state.operators[kind, SCORE], state.operators[kind, EFFORT] = 0.0, 0.0


@kernel
def draw_kind(state: State) -> int:
    """A kind by its weight; weights add up to 1."""
    drawn = uniform(state.random)
    for kind in range(KINDS - 1):
        drawn -= state.operators[kind, WEIGHT]
        if drawn < 0.0:
            return kind
    return KINDS - 1


@kernel
def reward(state: State, score: float) -> None:
    """Book what the kind of this iteration has gained; -1 is the kind of an iteration for a joint visit."""
    kind = state.totals[KIND]
    if kind >= 0:
        state.operators[kind, SCORE] += score
        state.operators[kind, EFFORT] += BASE_EFFORT + state.totals[REMOVED]


@kernel
def update_weights(state: State) -> None:
    """Move the weights towards the gain for effort of the last segment."""
    gains = 0.0
    for kind in range(KINDS):
        if state.operators[kind, EFFORT] > 0.0:
            gains += state.operators[kind, SCORE] / state.operators[kind, EFFORT]
    if gains > 0.0:
        total = 0.0
        for kind in range(KINDS):
            share = state.operators[kind, WEIGHT]
            if state.operators[kind, EFFORT] > 0.0:
                share = state.operators[kind, SCORE] / state.operators[kind, EFFORT] / gains
            weight = max(FLOOR, MEMORY * state.operators[kind, WEIGHT] + (1.0 - MEMORY) * share)
            state.operators[kind, WEIGHT] = weight
            total += weight
        for kind in range(KINDS):
            state.operators[kind, WEIGHT] /= total
    for kind in range(KINDS):
        state.operators[kind, SCORE], state.operators[kind, EFFORT] = 0.0, 0.0
