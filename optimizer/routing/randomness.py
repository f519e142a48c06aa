"""Random numbers of one search, held in an array: two searches in two threads never share a state.

SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 16).
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.routing.kernel import inlined

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 1.0 / 9007199254740992.0


@inlined
def uniform(random: NDArray[np.uint64]) -> float:
    """A number in [0, 1)."""
    random[0] += _STEP
    word = random[0]
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    word = word ^ (word >> np.uint64(31))
    return float(word >> np.uint64(11)) * _UNIT


@inlined
def below(random: NDArray[np.uint64], count: int) -> int:
    """A whole number in 0..count-1."""
    return int(uniform(random) * count)
