"""Every error of geodata, one tree.

GeodataError
├── CoordinateError (ValueError)          a latitude, longitude or datum that cannot be
├── PlaceFileError (ValueError)           a list of places that cannot be read
├── RoadFileError (ValueError)            a road file that is missing, corrupt, empty or without roads
├── ModeError (ValueError)                a mode of travel that this engine or road network does not serve
├── PlaceTooFarError (LookupError)        places with no road within reach
├── UnreachableError (LookupError)        pairs of places with no way between them
├── EngineMissingError (ImportError)      an engine whose library is not installed
└── RoutingServerError (ConnectionError)  a routing server that is away, or answers nonsense
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

RoadFileFault = Literal["missing", "corrupt", "empty", "roadless"]

LISTED = 20
"""At most so many names are spelled out in a message; the attributes of the error hold all of them."""


class GeodataError(Exception):
    """Anything that geodata refuses to do."""


class CoordinateError(GeodataError, ValueError):
    """A latitude, longitude or datum that cannot be."""


class PlaceFileError(GeodataError, ValueError):
    """A list of places that cannot be read: missing, damaged, of an unknown kind, or without a needed column."""


class RoadFileError(GeodataError, ValueError):
    """A road file that gives no road network; `fault` says which of four reasons."""

    def __init__(self, path: Path, fault: RoadFileFault, detail: str = "") -> None:
        self.path = path
        self.fault: RoadFileFault = fault
        chinese, english = _ROAD_FILE_TEXT[fault]
        tail = f" ({detail})" if detail else ""
        super().__init__(f"{path}: {chinese} / {english}{tail}")


_ROAD_FILE_TEXT: dict[RoadFileFault, tuple[str, str]] = {
    "missing": ("找不到道路文件", "there is no such road file"),
    "corrupt": ("道路文件已损坏，或不是 .osm.pbf 格式", "the road file is damaged or not an .osm.pbf file"),
    "empty": ("道路文件是空的", "the road file is empty"),
    "roadless": ("文件中没有可通行的道路", "the file holds no road that can be travelled"),
}


class ModeError(GeodataError, ValueError):
    """A mode of travel that this engine or road network does not serve."""


class PlaceTooFarError(GeodataError, LookupError):
    """Places with no road of the mode within reach; `places` holds (id, metres to the nearest road)."""

    def __init__(self, places: Sequence[tuple[str, float]], *, limit_metres: float, mode: str) -> None:
        self.places = tuple(places)
        self.limit_metres = limit_metres
        named = _listed([f"{name} ({metres:.0f} m)" for name, metres in self.places])
        super().__init__(
            f"{len(self.places)} 个地点离道路太远（方式 {mode}，上限 {limit_metres:.0f} 米） / "
            f"{len(self.places)} places are farther than {limit_metres:.0f} m from any road for {mode}: {named}"
        )


class UnreachableError(GeodataError, LookupError):
    """Pairs of places with no way between them; `pairs` holds (from id, to id)."""

    def __init__(self, pairs: Sequence[tuple[str, str]], *, mode: str) -> None:
        self.pairs = tuple(pairs)
        named = _listed([f"{origin} -> {destination}" for origin, destination in self.pairs])
        super().__init__(
            f"{len(self.pairs)} 对地点之间没有道路（方式 {mode}） / "
            f"{len(self.pairs)} pairs of places have no way between them for {mode}: {named}"
        )


class EngineMissingError(GeodataError, ImportError):
    """An engine whose library is not installed."""


class RoutingServerError(GeodataError, ConnectionError):
    """A routing server that is away, or answers nonsense."""


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" … (+{rest})" if rest > 0 else "")
