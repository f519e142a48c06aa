"""The part of a road graph that one mode may use, with the whole-number weights that both graph engines search.

A shortest path by one number forgets the other, and a table of millions of pairs cannot afford to unpack its paths. So
the cost of an arc is `factor * time + length` in whole units: the fastest way, and of two ways that are equal within a
split second the shorter. A second search with `factor * time + 2 * length` tells the length of the same way apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.errors import ModeError
from geodata.modes import HIGHWAYS, Mode, SpeedTable
from geodata.roads import RoadGraph

Int64Array = npt.NDArray[np.int64]

COST_LIMIT = 2**31 - 2  # one below the infinity of the contraction hierarchies
FLOAT_BITS = 53  # whole numbers that a float64 holds exactly: the reference search packs cost and length into one
UNITS = ((0.01, 0.1), (0.1, 1.0), (1.0, 10.0), (10.0, 100.0))
"""(seconds, metres) of one unit of time and of length; coarser where the network is so wide that the costs overflow."""
FACTOR_RANGE = (101, 20_001)
"""Below, one unit of time would weigh too little against length; above, nothing is gained."""


@dataclass(frozen=True, slots=True, eq=False)
class ModeNetwork:
    """A mode's largest strongly connected part of the road graph: k arcs, all of them usable both to and fro.

    `arc` int64[k] are indices into the graph's arcs, `time` and `length` int64[k] their weights in units, `is_inside`
    bool[n] the nodes of the part. Two ways whose times differ by less than `seconds_per_metre` times their difference
    in length count as equally fast.
    """

    mode: Mode
    node_count: int
    is_inside: npt.NDArray[np.bool_]
    arc: Int64Array
    tail: Int64Array
    head: Int64Array
    time: Int64Array
    length: Int64Array
    time_unit_seconds: float
    length_unit_metres: float
    factor: int
    length_bits: int

    @property
    def cost(self) -> Int64Array:
        """Weight of each arc: what the engines minimise."""
        return np.asarray(self.factor * self.time + self.length)

    @property
    def seconds_per_metre(self) -> float:
        """The price of length: what a metre weighs against a second."""
        return self.time_unit_seconds / self.factor / self.length_unit_metres

    def is_symmetric(self) -> bool:
        """Whether every way is the same back: no one-way road among the arcs."""
        onward = np.lexsort((self.length, self.time, self.head, self.tail))
        back = np.lexsort((self.length, self.time, self.tail, self.head))
        pairs = ((self.tail, self.head), (self.head, self.tail), (self.time, self.time), (self.length, self.length))
        return all(np.array_equal(one[onward], other[back]) for one, other in pairs)

    def matrix(self, weight: npt.NDArray[np.generic]) -> csr_array:
        """Square sparse matrix of arc weights; of parallel arcs the lightest (float64, exact for whole numbers)."""
        order = np.lexsort((weight, self.head, self.tail))
        tail, head = self.tail[order], self.head[order]
        is_lightest = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])]
        keep = order[is_lightest]
        entries = (weight[keep].astype(np.float64), (self.tail[keep], self.head[keep]))
        return csr_array(entries, shape=(self.node_count, self.node_count))


def mode_network(graph: RoadGraph, mode: Mode, speeds: SpeedTable) -> ModeNetwork:
    """Cut a mode's network out of the graph and weigh it.

    Raises
    ------
    ModeError
        When the speed table or the graph has no road for the mode.
    """
    by_class = np.array([speeds.get(mode, {}).get(name, 0.0) for name in HIGHWAYS])
    kmh = np.where(graph.is_open(mode), by_class[graph.highway], 0.0)
    usable = np.flatnonzero((kmh > 0) & (graph.edge_tail != graph.edge_head))
    if not len(usable):
        raise ModeError(f"道路网中没有可供 {mode} 通行的道路 / the road network has no road for {mode}")
    is_inside = _largest_part(graph, usable)
    arc = usable[is_inside[graph.edge_tail[usable]] & is_inside[graph.edge_head[usable]]]
    if not len(arc):
        raise ModeError(f"{mode} 的道路都是走不回来的单行道 / no road for {mode} can be travelled to and fro")
    seconds = graph.length_metres[arc] / (kmh[arc] / 3.6)
    return _weighed(graph, mode, is_inside, arc, seconds)


def _largest_part(graph: RoadGraph, usable: Int64Array) -> npt.NDArray[np.bool_]:
    count = graph.node_count
    ones = np.ones(len(usable), dtype=np.int8)
    matrix = csr_array((ones, (graph.edge_tail[usable], graph.edge_head[usable])), shape=(count, count))
    _, label = connected_components(matrix, directed=True, connection="strong")
    return np.asarray(label == np.bincount(label).argmax())


def _weighed(
    graph: RoadGraph, mode: Mode, is_inside: npt.NDArray[np.bool_], arc: Int64Array, seconds: npt.NDArray[np.float64]
) -> ModeNetwork:
    """The network in the finest units that keep every cost below the limit."""
    tail, head = graph.edge_tail[arc].astype(np.int64), graph.edge_head[arc].astype(np.int64)
    for time_unit, length_unit in UNITS:
        time = np.maximum(np.rint(seconds / time_unit), 1).astype(np.int64)
        length = np.maximum(np.rint(graph.length_metres[arc] / length_unit), 1).astype(np.int64)
        make = ModeNetwork(
            mode, graph.node_count, is_inside, arc, tail, head, time, length, time_unit, length_unit, 1, 1
        )
        longest_time = _longest_time(make)
        longest = int(np.ceil(longest_time * float((length / time).max()))) + 1
        bits = int(longest).bit_length() + 1
        room = min(COST_LIMIT, 2 ** (FLOAT_BITS - bits) - 1) - 2 * longest
        factor = min(room // (longest_time + 1), FACTOR_RANGE[1])
        if factor >= FACTOR_RANGE[0]:
            odd = factor - 1 + factor % 2  # odd, so that twice a length difference only vanishes with the difference
            return ModeNetwork(
                mode, graph.node_count, is_inside, arc, tail, head, time, length, time_unit, length_unit, odd, bits
            )
    raise ModeError(f"道路网对 {mode} 而言过大 / the road network is too wide for {mode}; cut out a region")


def _longest_time(network: ModeNetwork) -> int:
    """An upper bound of the time between any two nodes: to one node and on from it, each at its longest."""
    matrix = network.matrix(network.time)
    hub = int(network.tail[0])
    onward, back = dijkstra(matrix, indices=hub), dijkstra(matrix.T.tocsr(), indices=hub)
    return int(onward[network.is_inside].max() + back[network.is_inside].max())
