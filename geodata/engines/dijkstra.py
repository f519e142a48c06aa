"""Dijkstra's search (scipy): slow, always there, and the reference that the fast engine is tested against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.engines.graph_engine import GraphEngine, NodeArray
from geodata.engines.network import ModeNetwork
from geodata.engines.protocol import Float32Array

ROWS_AT_ONCE = 64  # a row is a float64 for every node of the network


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    network: ModeNetwork
    matrix: csr_array  # cost << length_bits | length: the cheapest way, of equally cheap ones the shortest
    lightest_arc: dict[tuple[int, int], int]


class Dijkstra(GraphEngine[_Search]):
    """One search per origin over the whole network, in whole numbers that a float64 holds exactly."""

    @property
    def name(self) -> str:
        """A short name for reports."""
        return "dijkstra"

    @property
    def _version(self) -> str:
        return f"scipy {scipy.__version__}"

    def _prepare(self, network: ModeNetwork) -> _Search:
        packed = (network.cost << network.length_bits) | network.length
        order = np.argsort(-packed, kind="stable")  # heaviest first: the lightest of parallel arcs stays in the dict
        ends = zip(network.tail[order].tolist(), network.head[order].tolist(), strict=True)
        return _Search(network, network.matrix(packed), dict(zip(ends, network.arc[order].tolist(), strict=True)))

    def _node_table(
        self, search: _Search, origins: NodeArray, destinations: NodeArray
    ) -> tuple[Float32Array, Float32Array]:
        network = search.network
        seconds = np.empty((len(origins), len(destinations)), dtype=np.float32)
        metres = np.empty_like(seconds)
        for start in range(0, len(origins), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            packed = dijkstra(search.matrix, indices=origins[rows])[:, destinations]
            is_reached = np.isfinite(packed)
            whole = np.where(is_reached, packed, 0).astype(np.int64)
            length = whole & ((1 << network.length_bits) - 1)
            time = ((whole >> network.length_bits) - length) // network.factor
            seconds[rows] = np.where(is_reached, time * network.time_unit_seconds, np.inf)
            metres[rows] = np.where(is_reached, length * network.length_unit_metres, np.inf)
        return seconds, metres

    def _path(self, search: _Search, origin: int, destination: int) -> list[int] | None:
        _, before = dijkstra(search.matrix, indices=origin, return_predecessors=True)
        path: list[int] = []
        node = destination
        while node != origin:
            previous = int(before[node])
            if previous < 0:
                return None
            path.append(search.lightest_arc[previous, node])
            node = previous
        return path[::-1]
