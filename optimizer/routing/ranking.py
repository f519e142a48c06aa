"""Sorting in place, without allocating."""

import numpy as np
from numpy.typing import NDArray

from optimizer.routing.input import Int64
from optimizer.routing.kernel import kernel


@kernel
def rank(keys: NDArray[np.float64], order: Int64, count: int) -> None:
    """Fill `order` with 0..count-1 so that the keys rise, equal ones in any but always the same order (Shell 1959)."""
    for number in range(count):
        order[number] = number
    gap = 1
    while gap < count:
        gap = 3 * gap + 1
    while gap > 0:
        for number in range(gap, count):
            item, place = order[number], number
            while place >= gap and keys[order[place - gap]] > keys[item]:
                order[place] = order[place - gap]
                place -= gap
            order[place] = item
        gap //= 3
