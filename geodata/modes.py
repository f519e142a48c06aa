"""How people travel: the modes, the road classes, and the speed of each mode on each class.

The speeds are assumptions, not measurements: for a car 60/50/42/32/15 km/h from primary road down to village lane, a
legal e-bike 25, an e-scooter (electric moped) up to 32, a bicycle about 15, walking 4.6. Whoever knows better passes
an own table to the engine. Turns, lights and traffic are not modelled; the overhead per stop is the matrix's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

SpeedTable = Mapping["Mode", Mapping[str, float]]
"""km/h per mode and road class; a class that is not listed is closed to the mode."""

SNOW_SPEED_FACTOR = 0.6
WALKING_KMH = 4.6


class Mode(StrEnum):
    """A way of travelling over the road network."""

    CAR = "car"
    EBIKE = "ebike"
    ESCOOTER = "escooter"
    BICYCLE = "bicycle"
    FOOT = "foot"

    @property
    def bit(self) -> int:
        """The mode's flag in `RoadGraph.modes`."""
        return 1 << _ORDER.index(self)

    @property
    def is_usable_in_snow(self) -> bool:
        """Whether the mode may be planned on snow and ice: two wheels may not. The caller decides when it snows."""
        return self in (Mode.CAR, Mode.FOOT)


_ORDER = tuple(Mode)

HIGHWAYS: tuple[str, ...] = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "track",
    "cycleway",
    "path",
    "footway",
    "pedestrian",
    "steps",
)
"""The road classes that are read, by OpenStreetMap's names; `RoadGraph.highway` holds indices into this tuple."""


def _speeds(**kmh: float) -> Mapping[str, float]:
    """A row of the table: a link road takes its class's speed x 0.7 unless it is listed itself."""
    linked = {f"{name}_link": 0.7 * speed for name, speed in kmh.items() if f"{name}_link" in HIGHWAYS}
    return MappingProxyType({**linked, **kmh})


DEFAULT_SPEEDS: SpeedTable = MappingProxyType(
    {
        Mode.CAR: _speeds(
            motorway=90, trunk=70, primary=60, secondary=50, tertiary=42, unclassified=32,
            residential=15, living_street=12, service=15, road=25, track=15,
        ),
        Mode.EBIKE: _speeds(
            trunk=25, primary=25, secondary=25, tertiary=25, unclassified=23, residential=18, living_street=12,
            service=14, road=20, track=13, cycleway=23, path=9,
        ),
        Mode.ESCOOTER: _speeds(
            trunk=32, primary=32, secondary=32, tertiary=30, unclassified=27, residential=18, living_street=12,
            service=14, road=22, track=13, path=8,
        ),
        Mode.BICYCLE: _speeds(
            trunk=15, primary=15, secondary=15, tertiary=15, unclassified=14, residential=13, living_street=11,
            service=12, road=14, track=10, cycleway=15, path=8,
        ),
        Mode.FOOT: _speeds(
            trunk=4.6, trunk_link=4.6, primary=4.6, primary_link=4.6, secondary=4.6, secondary_link=4.6, tertiary=4.6,
            tertiary_link=4.6, unclassified=4.6, residential=4.6, living_street=4.6, service=4.6, road=4.6, track=4.6,
            cycleway=4.6, path=4.3, footway=4.6, pedestrian=4.6, steps=2.0,
        ),
    }
)  # fmt: skip
"""The documented assumptions; motorways are for cars only, as in China."""
