"""Travel without road data: the great circle times a detour factor, at speeds that grow with the distance.

Measured circuity on real road networks falls with the distance; there is no published value for rural China, and 1.30
with 12 % more on short trips lies between the rolling-country figures and the mean of Chinese cities (1.324). Short
trips run on village lanes, long ones on country roads, so that the speed rises from the local to the open one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from geodata.coordinates import great_circle_metres
from geodata.engines.protocol import FloatArray, Route, Snapped, Table
from geodata.errors import ModeError
from geodata.modes import WALKING_KMH, Mode

ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class CrowSpeed:
    """Speed by distance: from `local_kmh` to `open_kmh`, two thirds of the rise by `rise_metres`; and a fixed start."""

    local_kmh: float
    open_kmh: float
    rise_metres: float
    start_seconds: float


CROW_SPEEDS: Mapping[Mode, CrowSpeed] = MappingProxyType(
    {
        Mode.CAR: CrowSpeed(20.0, 50.0, 6_000.0, 60.0),
        Mode.EBIKE: CrowSpeed(15.0, 24.0, 3_000.0, 30.0),
        Mode.ESCOOTER: CrowSpeed(16.0, 27.0, 3_000.0, 30.0),
        Mode.BICYCLE: CrowSpeed(10.0, 14.0, 2_000.0, 20.0),
        Mode.FOOT: CrowSpeed(WALKING_KMH, WALKING_KMH, 1.0, 0.0),
    }
)
SHORT_TRIP_EXTRA = 0.12
SHORT_TRIP_METRES = 1_500.0


class GreatCircle:
    """The engine of last resort: no roads, no access legs, every pair reachable."""

    def __init__(self, circuity: float = 1.30, speeds: Mapping[Mode, CrowSpeed] = CROW_SPEEDS) -> None:
        if circuity < 1.0:
            raise ValueError(f"绕行系数不能小于 1 / circuity must be at least 1, found {circuity}")
        self._circuity = circuity
        self._speeds = speeds

    @property
    def name(self) -> str:
        """A short name for reports."""
        return "great circle"

    def fingerprint(self, mode: Mode) -> str:
        """The detour factor and the mode's speeds."""
        return f"{self.name} 1 {self._circuity} {SHORT_TRIP_EXTRA} {SHORT_TRIP_METRES} {self._speed(mode)}"

    def snap(self, latitude: FloatArray, longitude: FloatArray, mode: Mode) -> Snapped:
        """The points themselves."""
        self._speed(mode)
        return Snapped.on_the_spot(np.asarray(latitude, float), np.asarray(longitude, float))

    def table(self, origins: Snapped, destinations: Snapped, mode: Mode) -> Table:
        """Estimates for all pairs."""
        shape = (len(origins.latitude), len(destinations.latitude))
        table = Table(np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32))
        for start in range(0, shape[0], ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            table.metres[rows] = metres = self._metres(origins.part(rows), destinations)
            table.seconds[rows] = _seconds(metres, self._speed(mode))
        return table

    def route(self, origin: tuple[float, float], destination: tuple[float, float], mode: Mode) -> Route:
        """The estimate, with the straight line for a way."""
        both = np.array([origin, destination], dtype=np.float64)
        ends = self.snap(both[:, 0], both[:, 1], mode)
        table = self.table(ends.part(slice(0, 1)), ends.part(slice(1, 2)), mode)
        return Route(float(table.seconds[0, 0]), float(table.metres[0, 0]), both[:, 0].copy(), both[:, 1].copy())

    def _speed(self, mode: Mode) -> CrowSpeed:
        if mode not in self._speeds:
            raise ModeError(f"没有 {mode} 的速度 / no speed is given for {mode}")
        return self._speeds[mode]

    def _metres(self, origins: Snapped, destinations: Snapped) -> FloatArray:
        straight = great_circle_metres(
            origins.latitude[:, None], origins.longitude[:, None], destinations.latitude, destinations.longitude
        )
        detour = self._circuity * (1.0 + SHORT_TRIP_EXTRA * np.exp(-straight / SHORT_TRIP_METRES))
        return np.asarray(straight * detour)


def _seconds(metres: FloatArray, speed: CrowSpeed) -> FloatArray:
    kmh = speed.open_kmh - (speed.open_kmh - speed.local_kmh) * np.exp(-metres / speed.rise_metres)
    return np.asarray(np.where(metres > 1.0, metres / (kmh / 3.6) + speed.start_seconds, 0.0))
