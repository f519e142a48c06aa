"""A crew's way to draw: from its base along the roads through its stops and back.

Knows a label and places only; whose stops these are, and when, is the caller's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geodata.coordinates import FloatArray
from geodata.engines.protocol import Engine
from geodata.errors import UnreachableError
from geodata.modes import Mode

Place = tuple[float, float]
"""Latitude and longitude."""


@dataclass(frozen=True, slots=True, eq=False)
class RouteLine:
    """One crew's way to draw: its line, and its stops in order (degrees)."""

    label: str
    latitude: FloatArray
    longitude: FloatArray
    stop_latitude: FloatArray
    stop_longitude: FloatArray


def route_line(label: str, base: Place, stops: Sequence[Place], engine: Engine, mode: Mode) -> RouteLine:
    """The way from a base through its stops and back, door to door; straight where there is no road."""
    way = [base, *stops, base]
    legs = [np.array([base], dtype=np.float64)]
    legs += [_leg(engine, origin, destination, mode) for origin, destination in pairwise(way) if origin != destination]
    line = np.concatenate(legs)
    at = np.array(stops, dtype=np.float64).reshape(-1, 2)
    return RouteLine(label, line[:, 0], line[:, 1], at[:, 0], at[:, 1])


def _leg(engine: Engine, origin: Place, destination: Place, mode: Mode) -> FloatArray:
    """float64[n, 2] from door to door."""
    try:
        route = engine.route(origin, destination, mode)
    except UnreachableError:
        return np.array([origin, destination], dtype=np.float64)
    return np.vstack([[origin], np.column_stack([route.latitude, route.longitude]), [destination]])
