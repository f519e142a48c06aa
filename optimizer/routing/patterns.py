"""Allowed day combinations of a person who is seen several times within the plan."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from optimizer.routing.input import NOBODY, Int32


def spaced_days(days: Sequence[int], visits: int, *, least: int, most: int) -> tuple[tuple[int, ...], ...]:
    """All ways to choose so many of the days with at least `least` and at most `most` from one visit to the next."""
    chosen = combinations(sorted(days), visits)
    return tuple(found for found in chosen if all(least <= b - a <= most for a, b in pairwise(found)))


def pattern_array(patterns: Sequence[Sequence[Sequence[int]]]) -> Int32:
    """(groups, most patterns, most visits) for `RoutingInput`, from the patterns of every group."""
    most = max((len(group) for group in patterns), default=0)
    longest = max((len(days) for group in patterns for days in group), default=0)
    array = np.full((len(patterns), most, longest), NOBODY, np.int32)
    for number, group in enumerate(patterns):
        for place, days in enumerate(group):
            array[number, place, : len(days)] = days
    return array
