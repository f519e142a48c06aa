"""What a partial route remembers of its past: few visits at first, more where a cheap route goes in circles.

ng-routes (Baldacci, Mingozzi and Roberti 2011): a label at a place forgets all visits outside the place's own set. The
sets grow along the circles that pricing finds (Roberti and Mingozzi 2014), until they no longer matter.
"""

import numpy as np

from optimizer.bound.labels import KEY_BITS
from optimizer.bound.network import NEVER, Network
from optimizer.routing.input import Int64

NEAR = 6
"""Visits remembered at a place at first."""


def words_of(net: Network) -> int:
    """Words that a bit for each visit takes."""
    return len(net.visits) // 64 + 1


def full_memory(net: Network) -> Int64:
    """(m + 1, words) everything."""
    return np.full((len(net.visits) + 1, words_of(net)), -1, np.int64)


def no_memory(net: Network) -> Int64:
    """(m + 1, words) nothing."""
    return np.zeros((len(net.visits) + 1, words_of(net)), np.int64)


def near_memory(net: Network, size: int = NEAR) -> Int64:
    """(m + 1, words) at each visit those nearest to it, itself included."""
    memory, count = no_memory(net), len(net.visits)
    both = np.minimum(net.legs, net.legs.T)[:count, :count].copy()
    np.fill_diagonal(both, -1)
    for place, near in enumerate(np.argsort(both, axis=1, kind="stable")[:, :size]):
        for visit in near:
            remember(memory, place, int(visit))
    return memory


def remember(memory: Int64, place: int, visit: int) -> None:
    """Set the bit of a visit at a place."""
    memory.view(np.uint64)[place, visit >> 6] |= np.uint64(1) << np.uint64(visit & 63)


def keys_of(net: Network, compared: Int64) -> Int64:
    """(m + 1, KEY_BITS) at each place the nearest visits that are compared there and may be made at all, -1: none."""
    count = len(net.visits)
    keys = np.full((count + 1, KEY_BITS), -1, np.int64)
    bits = np.unpackbits(compared.view(np.uint8).reshape(count + 1, -1), axis=1, bitorder="little")[:count, :count]
    is_made = (net.after_count[:count] > 0) | (net.before_count[:count] > 0)
    legs = np.where(bits.astype(np.bool_) & is_made[None, :], net.legs[:count, :count], NEVER)
    np.fill_diagonal(legs, NEVER)
    order = np.argsort(legs, axis=1, kind="stable")[:, :KEY_BITS]
    keys[:count, : order.shape[1]] = np.where(np.take_along_axis(legs, order, axis=1) < NEVER, order, -1)
    return keys


def is_elementary(stops: Int64) -> bool:
    """Whether no visit is made twice."""
    return len(set(stops.tolist())) == len(stops)


def remember_circles(memory: Int64, stops: Int64) -> None:
    """Forbid the circles of a route: every place on one remembers the visit that closes it."""
    seen: dict[int, int] = {}
    listed = stops.tolist()
    for number, visit in enumerate(listed):
        for place in listed[seen.get(visit, number) : number]:
            remember(memory, place, visit)
        seen[visit] = number
