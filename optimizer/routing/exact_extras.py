"""What exact timing adds to the arrays for inputs that ask for more: the largest idle time and waiting.

An input that does not has None in their place, and its kernels are compiled without them.
"""

from typing import NamedTuple

import numpy as np

from optimizer.routing.input import NOBODY, UNLIMITED, Bool, Int64, RoutingInput

IDLEST = 3
"""Routes with the largest idle times that are known: two may be left out, as a pair changes two."""
WHO, SECONDS = 0, 1
"""Columns of ExtrasState.idlest."""


class ExtrasData(NamedTuple):
    """The part of `ExactData` for extras; it never changes."""

    idle_weight: int
    waiting_weight: int
    is_tied: Bool
    """(N,) whether a visit's start stands in a relation to that of another."""


class ExtrasState(NamedTuple):
    """The part of `ExactState` for extras."""

    packed: Int64
    """(R,) when a route would be back if it was never idle."""
    kept_packed: Int64
    idlest: Int64
    """(IDLEST, 2) routes with the largest idle times and these, NOBODY where there are fewer."""
    waiting: Int64
    """(R,) seconds that a route waits."""
    kept_waiting: Int64
    seen: Int64
    """(R + 1,) scratch: the number of the look in which a route was met, and of the last look."""
    target: Int64
    """(1,) idle seconds of a route up to which the search does not mind, NOBODY without such guidance."""


def extras_of(given: RoutingInput) -> ExtrasData | None:
    """The kernels' view for extras, None where the input asks for none."""
    if not given.idle_weight and not given.waiting_weight:
        return None
    is_free = (given.gap_least <= -UNLIMITED) & (given.gap_most >= UNLIMITED)
    leads = np.flatnonzero(given.partner > np.arange(given.nodes))
    is_tied = np.zeros(given.nodes, np.bool_)
    is_tied[leads] = is_tied[given.partner[leads]] = ~is_free[leads]
    return ExtrasData(given.idle_weight, given.waiting_weight, is_tied)


def blank_extras(extras: ExtrasData | None, span_start: Int64) -> ExtrasState | None:
    """Extras of a plan without any stop, from the begin of every route."""
    if extras is None:
        return None
    return ExtrasState(
        packed=span_start.copy(),
        kept_packed=span_start.copy(),
        idlest=np.full((IDLEST, 2), NOBODY, np.int64),
        waiting=np.zeros(len(span_start), np.int64),
        kept_waiting=np.zeros(len(span_start), np.int64),
        seen=np.zeros(len(span_start) + 1, np.int64),
        target=np.full(1, NOBODY, np.int64),
    )
