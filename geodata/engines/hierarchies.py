"""Customizable contraction hierarchies (Dibbelt, Strasser, Wagner 2016) by pyroutingkit: the fast engine.

A metric must never be used by two threads at once, so that each worker borrows one from a pool. The wheels of the
library exist for Linux and macOS; `is_available` tells, and `Dijkstra` gives the same answers more slowly.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.engines.graph_engine import GraphEngine, NodeArray
from geodata.engines.network import ModeNetwork
from geodata.engines.protocol import Float32Array
from geodata.errors import EngineMissingError
from geodata.modes import DEFAULT_SPEEDS, SpeedTable
from geodata.roads import RoadGraph

UIntArray = npt.NDArray[np.uint32]

ROWS_AT_ONCE = 250
DEFAULT_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Metrics:
    """Two customised metrics for one worker at a time: cost, and cost with the length counted once more."""

    cost: Any
    cost_and_length: Any


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    network: ModeNetwork
    cost: UIntArray  # per arc of the graph, infinite where closed
    cost_and_length: UIntArray
    time: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    is_symmetric: bool
    idle: list[_Metrics] = field(default_factory=list)


def is_available() -> bool:
    """Whether the library is installed on this machine."""
    return importlib.util.find_spec("pyroutingkit") is not None


class ContractionHierarchies(GraphEngine[_Search]):
    """Millions of pairs per second, the same answers as `Dijkstra`; the topology is built at the first use."""

    def __init__(
        self, graph: RoadGraph, speeds: SpeedTable = DEFAULT_SPEEDS, *, threads: int = DEFAULT_THREADS
    ) -> None:
        if not is_available():
            raise EngineMissingError(
                "没有安装 pyroutingkit，请改用 Dijkstra / pyroutingkit is not installed; use Dijkstra"
            )
        super().__init__(graph, speeds)
        self._threads = threads
        self._topology: Any = None
        self._pool_lock = threading.Lock()

    @property
    def name(self) -> str:
        """A short name for reports."""
        return "contraction hierarchies"

    @property
    def _version(self) -> str:
        return f"pyroutingkit {importlib.metadata.version('pyroutingkit')}"

    def _prepare(self, network: ModeNetwork) -> _Search:
        if self._topology is None:
            self._topology = _topology(self._graph)
        edges = self._graph.edge_count
        time, length = np.zeros(edges, dtype=np.int64), np.zeros(edges, dtype=np.int64)
        time[network.arc], length[network.arc] = network.time, network.length
        weights = (
            _everywhere(network.cost, network, edges),
            _everywhere(network.cost + network.length, network, edges),
        )
        return _Search(network, *weights, time, length, network.is_symmetric())

    def _node_table(
        self, search: _Search, origins: NodeArray, destinations: NodeArray
    ) -> tuple[Float32Array, Float32Array]:
        shape = (len(origins), len(destinations))
        seconds, metres = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
        sources, targets = origins.astype(np.uint32), destinations.astype(np.uint32)
        starts = range(0, shape[0], max(1, min(ROWS_AT_ONCE, -(-shape[0] // self._threads))))
        is_mirrored = search.is_symmetric and np.array_equal(sources, targets)

        def fill(start: int) -> None:
            rows, columns = slice(start, start + starts.step), slice(start if is_mirrored else 0, None)
            block = seconds[rows, columns], metres[rows, columns]
            with self._metrics(search) as metrics:
                _fill(search, metrics, (sources[rows], targets[columns]), block)
            if is_mirrored:  # the ways back are the same
                seconds[columns, rows], metres[columns, rows] = block[0].T, block[1].T

        if len(starts) == 1:
            fill(0)
        else:
            with ThreadPoolExecutor(self._threads) as workers:
                list(workers.map(fill, starts))
        return seconds, metres

    def _path(self, search: _Search, origin: int, destination: int) -> list[int] | None:
        with self._metrics(search) as metrics:
            cost, _, arcs = metrics.cost.query(origin, destination)
        return None if cost >= _infinity() else [int(arc) for arc in arcs]

    @contextmanager
    def _metrics(self, search: _Search) -> Iterator[_Metrics]:
        """A pair of metrics that nobody else holds; customised on demand, kept for the next."""
        with self._pool_lock:
            metrics = search.idle.pop() if search.idle else None
        if metrics is None:
            metrics = _Metrics(self._metric(search.cost), self._metric(search.cost_and_length))
        try:
            yield metrics
        finally:
            with self._pool_lock:
                search.idle.append(metrics)

    def _metric(self, weight: UIntArray) -> Any:
        import pyroutingkit

        metric = pyroutingkit.CCHMetric(self._topology)
        metric.customize(weight)
        return metric


def _infinity() -> int:
    import pyroutingkit

    return int(pyroutingkit.INF_WEIGHT)


def _topology(graph: RoadGraph) -> Any:
    import pyroutingkit

    topology = pyroutingkit.CCHTopology()
    topology.build(
        graph.edge_tail.astype(np.uint32),
        graph.edge_head.astype(np.uint32),
        graph.node_latitude.astype(np.float32),
        graph.node_longitude.astype(np.float32),
        graph.node_count,
    )
    return topology


def _everywhere(weight: npt.NDArray[np.int64], network: ModeNetwork, edge_count: int) -> UIntArray:
    """The weights spread over all arcs of the graph, infinite where the mode may not go."""
    everywhere = np.full(edge_count, _infinity(), dtype=np.uint32)
    everywhere[network.arc] = weight
    return everywhere


def _fill(
    search: _Search, metrics: _Metrics, ends: tuple[UIntArray, UIntArray], into: tuple[Float32Array, Float32Array]
) -> None:
    """Seconds and metres of a block of rows from two searches.

    Both searches nearly always find the same way, and then their difference is its length. Where they differ, the
    remainder of the division by the factor shows it (but for one case in `factor`), and the path is unpacked.
    """
    network, infinity = search.network, _infinity()
    sources, targets = ends
    cost = metrics.cost.distances_many_to_many(sources, targets)
    length = metrics.cost_and_length.distances_many_to_many(sources, targets)
    length -= cost
    is_lost = cost >= infinity if cost.max(initial=0) >= infinity else None
    cost -= length
    time = cost // np.uint32(network.factor)
    cost -= time * np.uint32(network.factor)  # now the remainder
    for index in np.flatnonzero(cost):
        row, column = divmod(int(index), len(targets))
        if is_lost is None or not is_lost[row, column]:
            _, _, arcs = metrics.cost.query(int(sources[row]), int(targets[column]))
            time[row, column], length[row, column] = search.time[arcs].sum(), search.length[arcs].sum()
    np.multiply(time, network.time_unit_seconds, out=into[0], casting="unsafe")
    np.multiply(length, network.length_unit_metres, out=into[1], casting="unsafe")
    if is_lost is not None:
        into[0][is_lost] = np.inf
        into[1][is_lost] = np.inf
