"""What both engines on a road graph share: networks per mode, snapping, tables over distinct nodes, route lines.

An engine on a graph adds two searches: a table between nodes, and the arcs of one path.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from geodata.engines.network import ModeNetwork, mode_network
from geodata.engines.protocol import Float32Array, FloatArray, Route, Snapped, Table
from geodata.engines.snapping import Snapper
from geodata.engines.stretch import between, is_direct, shorten_neighbours, stub, without_repeats
from geodata.errors import UnreachableError
from geodata.modes import DEFAULT_SPEEDS, Mode, SpeedTable
from geodata.roads import RoadGraph

NodeArray = npt.NDArray[np.int32]
Search = TypeVar("Search")


class GraphEngine(ABC, Generic[Search]):
    """An engine that searches a road graph; each mode is prepared at its first use; safe to share between threads."""

    def __init__(self, graph: RoadGraph, speeds: SpeedTable = DEFAULT_SPEEDS) -> None:
        self._graph = graph
        self._speeds = speeds
        self._ready: dict[Mode, tuple[ModeNetwork, Snapper, Search]] = {}
        self._lock = threading.Lock()

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name for reports."""

    @property
    @abstractmethod
    def _version(self) -> str:
        """The searching library and its version."""

    @abstractmethod
    def _prepare(self, network: ModeNetwork) -> Search:
        """Whatever the engine keeps per mode."""

    @abstractmethod
    def _node_table(
        self, search: Search, origins: NodeArray, destinations: NodeArray
    ) -> tuple[Float32Array, Float32Array]:
        """(seconds, metres) of the fastest ways between distinct nodes of the network."""

    @abstractmethod
    def _path(self, search: Search, origin: int, destination: int) -> list[int] | None:
        """The graph's arcs of the fastest way between two different nodes, or None."""

    def fingerprint(self, mode: Mode) -> str:
        """The network, the mode's speeds, the searching library and the one that snaps."""
        speeds = json.dumps(dict(self._speeds.get(mode, {})), sort_keys=True)
        return f"{self.name} {self._version} shapely {shapely.__version__} {self._graph.fingerprint()} {speeds}"

    def snap(self, latitude: FloatArray, longitude: FloatArray, mode: Mode) -> Snapped:
        """The road points next to the given points."""
        return self._mode(mode)[1].snap(latitude, longitude)

    def table(self, origins: Snapped, destinations: Snapped, mode: Mode) -> Table:
        """The fastest ways between all road points, by way of the nearer ends of their stretches.

        That overstates a way by the length of a stretch at most; points on the same stretch go straight.
        """
        network, _, search = self._mode(mode)
        rows, row = np.unique(origins.leaving.node, return_inverse=True)
        columns, column = np.unique(destinations.arriving.node, return_inverse=True)
        seconds, metres = self._node_table(search, rows, columns)
        seconds = _spread(seconds, row, column, (origins.leaving.seconds, destinations.arriving.seconds))
        metres = _spread(metres, row, column, (origins.leaving.metres, destinations.arriving.metres))
        shorten_neighbours(self._graph, network, (origins, destinations), (seconds, metres))
        return Table(seconds, metres)

    def route(self, origin: tuple[float, float], destination: tuple[float, float], mode: Mode) -> Route:
        """The fastest way between the road points next to two (latitude, longitude)."""
        both = np.array([origin, destination])
        ends = self.snap(both[:, 0], both[:, 1], mode)
        table = self.table(ends.part(slice(0, 1)), ends.part(slice(1, 2)), mode)
        latitude, longitude = self._line(ends, float(table.metres[0, 0]), mode)
        return Route(float(table.seconds[0, 0]), float(table.metres[0, 0]), latitude, longitude)

    def _mode(self, mode: Mode) -> tuple[ModeNetwork, Snapper, Search]:
        with self._lock:
            if mode not in self._ready:
                network = mode_network(self._graph, mode, self._speeds)
                self._ready[mode] = (network, Snapper(self._graph, network), self._prepare(network))
            return self._ready[mode]

    def _line(self, ends: Snapped, metres: float, mode: Mode) -> tuple[FloatArray, FloatArray]:
        """From road point to road point: along the stretch that both share, or through the arcs of the path."""
        if is_direct(self._graph, ends, metres):
            return without_repeats(*between(self._graph, ends))
        start, finish = int(ends.leaving.node[0]), int(ends.arriving.node[1])
        path = [] if start == finish else self._path(self._mode(mode)[2], start, finish)
        if path is None:
            raise UnreachableError([(_name(ends, 0), _name(ends, 1))], mode=mode)
        lines = [stub(self._graph, ends, 0, start), *(self._graph.line(arc) for arc in path)]
        last = stub(self._graph, ends, 1, finish)
        lines.append((last[0][::-1], last[1][::-1]))
        return without_repeats(np.concatenate([line[0] for line in lines]), np.concatenate([line[1] for line in lines]))


def _spread(
    nodes: Float32Array,
    row: npt.NDArray[np.int64],
    column: npt.NDArray[np.int64],
    along: tuple[FloatArray, FloatArray],
) -> Float32Array:
    """Values between nodes -> values between road points, with the way along the stretch at both ends added."""
    table = np.empty((len(row), len(column)), dtype=np.float32)
    at_origin, at_destination = along[0].astype(np.float32), along[1].astype(np.float32)
    for index, (node, extra) in enumerate(zip(row.tolist(), at_origin, strict=True)):
        np.take(nodes[node], column, out=table[index], mode="clip")  # clip: without the copy that raising needs
        table[index] += extra
        table[index] += at_destination
    return table


def _name(ends: Snapped, index: int) -> str:
    return f"({ends.latitude[index]:.5f}, {ends.longitude[index]:.5f})"
