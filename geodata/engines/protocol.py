"""What every engine answers, and the values it answers with.

An engine knows the way along roads between points that lie on roads. Doors, walking, stops and snow are the matrix's
business, so that nothing above it knows which engine answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from geodata.modes import Mode

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """The way between n road points and a network node at an end of their stretch (-1 without a network)."""

    node: IntArray
    metres: FloatArray
    seconds: FloatArray

    def part(self, index: slice | npt.NDArray[np.int64]) -> Along:
        """Some of the points, in the order of the index."""
        return Along(self.node[index], self.metres[index], self.seconds[index])


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Where n points meet the road: the foot of the perpendicular, and how to go on from there and to come there.

    `access_metres` is the straight line from the point to the road. `edge` is an arc of the graph that the foot lies
    on, -1 without a network. `leaving` and `arriving` differ only on one-way roads.
    """

    latitude: FloatArray
    longitude: FloatArray
    access_metres: FloatArray
    edge: IntArray
    leaving: Along
    arriving: Along

    @staticmethod
    def on_the_spot(latitude: FloatArray, longitude: FloatArray, access_metres: FloatArray | None = None) -> Snapped:
        """Points of an engine that has no network of its own."""
        none, zero = np.full(len(latitude), -1, dtype=np.int32), np.zeros(len(latitude))
        nowhere = Along(none, zero, zero)
        return Snapped(latitude, longitude, zero if access_metres is None else access_metres, none, nowhere, nowhere)

    def part(self, index: slice | npt.NDArray[np.int64]) -> Snapped:
        """Some of the points, in the order of the index."""
        return Snapped(
            self.latitude[index],
            self.longitude[index],
            self.access_metres[index],
            self.edge[index],
            self.leaving.part(index),
            self.arriving.part(index),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Seconds and metres, float32[origins, destinations], of the same way; infinite where there is no way.

    Fresh arrays that the caller may overwrite.
    """

    seconds: Float32Array
    metres: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One way along the roads: what the table says of it, and its line from road point to road point."""

    seconds: float
    metres: float
    latitude: FloatArray
    longitude: FloatArray


class Engine(Protocol):
    """Answers travel questions for the modes it serves.

    All methods raise `ModeError` for a mode that the engine does not serve; `OsrmServer` also `RoutingServerError`.
    """

    @property
    def name(self) -> str:
        """A short name for reports."""

    def fingerprint(self, mode: Mode) -> str:
        """Text that changes whenever this engine's answers for the mode may change: its data, settings, version."""

    def snap(self, latitude: FloatArray, longitude: FloatArray, mode: Mode) -> Snapped:
        """The road points next to the given points."""

    def table(self, origins: Snapped, destinations: Snapped, mode: Mode) -> Table:
        """The fastest ways between all road points."""

    def route(self, origin: tuple[float, float], destination: tuple[float, float], mode: Mode) -> Route:
        """The fastest way between the road points next to two (latitude, longitude).

        Raises
        ------
        UnreachableError
            When there is no way.
        """
