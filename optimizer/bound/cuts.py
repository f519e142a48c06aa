"""Cuts over three visits: at most one route of a whole plan makes two or more of them.

Subset-row inequalities (Jepsen, Petersen, Spoorendonk and Pisinger 2008): half the sum of three visits' rows, rounded
down in every column.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from optimizer.bound.network import Network
from optimizer.routing.input import Int64

Cut = tuple[int, int, int]
"""Three nodes, ascending."""
LEAST_EXCESS = 0.03
"""Smallest breach that is worth a cut."""
MOST_PER_VISIT = 4
"""Cuts of one round in which a visit may be."""


def units(cut: Cut, nodes: Iterable[int]) -> int:
    """What a route counts in a cut."""
    return sum(node in cut for node in nodes) // 2


def local_cuts(net: Network, cuts: Sequence[Cut], prices: Int64) -> tuple[Int64, Int64, Int64, int]:
    """Cuts that cost something on a route, as the kernels read them: lists, counts, prices and words of bits."""
    place = {int(node): number for number, node in enumerate(net.visits)}
    members: list[list[int]] = [[] for _ in range(len(net.visits) + 1)]
    kept: list[int] = []
    for cut, price in zip(cuts, prices.tolist(), strict=True):
        found = [place[node] for node in cut if node in place]
        if price > 0 and len(found) > 1:
            for visit in found:
                members[visit].append(len(kept))
            kept.append(price)
    words = (len(kept) + 63) // 64
    listed = np.zeros((len(members), max(1, *map(len, members))), np.int64)
    for row, found in zip(listed, members, strict=True):
        row[: len(found)] = found
    counts = np.array([len(found) for found in members], np.int64)
    return listed, counts, np.array(kept + [0] * (64 * max(1, words) - len(kept)), np.int64), words


def separate(routes: Sequence[Sequence[int]], shares: Sequence[float], known: Iterable[Cut], most: int) -> list[Cut]:
    """The cuts that a mixture of routes breaks most, by trying all triples of visits that meet on its routes."""
    nodes = max((node for route in routes for node in route), default=0) + 1
    made = np.zeros((nodes, len(routes)))
    for number, route in enumerate(routes):
        for node in route:
            made[node, number] += 1
    weight = np.asarray(shares, np.float64)
    together = (np.minimum(made, 1) * weight) @ np.minimum(made, 1).T
    found = []
    for first in range(nodes):
        for second in (np.flatnonzero(together[first, first + 1 :] > LEAST_EXCESS) + first + 1).tolist():
            thirds = np.flatnonzero((together[first] > LEAST_EXCESS) | (together[second] > LEAST_EXCESS))
            thirds = thirds[thirds > first]
            thirds = thirds[thirds != second]
            sums = (made[thirds] + made[first] + made[second]) // 2 @ weight - 1
            for third, excess in zip(thirds.tolist(), sums.tolist(), strict=True):
                if excess > LEAST_EXCESS:
                    found.append((-excess, (first, *sorted((second, third)))))
    return _choose(sorted(set(found)), set(known), nodes, most)


def _choose(found: Sequence[tuple[float, tuple[int, ...]]], known: set[Cut], nodes: int, most: int) -> list[Cut]:
    """The worst breaches, spread over the visits."""
    used = np.zeros(nodes, np.int64)
    chosen: list[Cut] = []
    for _, (first, second, third) in found:
        cut = (first, second, third)
        if cut not in known and used[list(cut)].max() < MOST_PER_VISIT and len(chosen) < most:
            used[list(cut)] += 1
            chosen.append(cut)
    return chosen
