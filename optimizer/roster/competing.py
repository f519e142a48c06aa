"""Sessions that could see the same residents: decided together, they settle who goes where."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
LEAST_SHARED = 0.3
"""Groups that any two sessions are taken to share, so that every session may be drawn beside every other."""


def shared_groups(count: int, groups: Iterable[Iterable[int]]) -> Counts:
    """By two of so many sessions: how many groups could be seen at both, shape (count, count)."""
    shared = np.zeros((count, count), dtype=np.int64)
    for sessions in groups:
        numbers = sorted(set(sessions))
        shared[np.ix_(numbers, numbers)] += 1
    return shared


def draw_competing(shared: Counts, left: list[int], count: int, rng: np.random.Generator) -> list[int]:
    """So many of the sessions that are left, drawn one after the other by what they share; takes them away."""
    some: list[int] = []
    while left and len(some) < count:
        weights = shared[np.ix_(some, left)].sum(axis=0) + LEAST_SHARED
        some.append(left.pop(int(rng.choice(len(left), p=weights / weights.sum()))))
    return some
