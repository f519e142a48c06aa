"""Roads from an .osm.pbf file into arrays: nodes, directed arcs, and the line of every stretch of road.

Nodes are where ways meet or end; bends stay in the geometry. A stretch longer than 300 m gets nodes at some of its
bends, so that a farm on an open road is seldom far from one. This module knows which arc a mode may use, and nothing
of speeds; it refuses files without a usable road instead of returning an empty network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import osmium

from geodata.coordinates import great_circle_metres
from geodata.errors import RoadFileError
from geodata.modes import HIGHWAYS, Mode

FloatArray = npt.NDArray[np.float64]
Scalar = TypeVar("Scalar", bound=np.generic)
IntArray = npt.NDArray[np.int32]

LONGEST_STRETCH_METRES = 300.0

_CODES = {name: code for code, name in enumerate(HIGHWAYS)}
_CLOSED = frozenset({"no", "private", "military", "emergency", "agricultural", "forestry", "agricultural;forestry"})
_ACCESS_TAGS: dict[Mode, tuple[str, ...]] = {  # the most specific first, as OpenStreetMap reads them
    Mode.CAR: ("motorcar", "motor_vehicle", "vehicle", "access"),
    Mode.EBIKE: ("bicycle", "vehicle", "access"),
    Mode.ESCOOTER: ("moped", "motor_vehicle", "vehicle", "access"),
    Mode.BICYCLE: ("bicycle", "vehicle", "access"),
    Mode.FOOT: ("foot", "access"),
}
_ONE_WAY = frozenset({"yes", "1", "true"})
_CYCLES = Mode.EBIKE.bit | Mode.BICYCLE.bit
_EVERY_MODE = sum(mode.bit for mode in Mode)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RoadGraph:
    """A road network: n nodes, m directed arcs, m / 2 stretches of road; all arrays are read-only.

    Stretch k is the arcs 2k (along its line) and 2k + 1 (against it). An arc that a mode may not use, by access or
    one-way, lacks the mode's bit in `modes`. The line of stretch k, both ends included, is
    `shape_latitude[shape_offset[k]:shape_offset[k + 1]]` and the same for the longitude.
    """

    node_latitude: FloatArray
    node_longitude: FloatArray
    edge_tail: IntArray
    edge_head: IntArray
    length_metres: FloatArray
    highway: npt.NDArray[np.uint8]
    modes: npt.NDArray[np.uint8]
    shape_latitude: FloatArray
    shape_longitude: FloatArray
    shape_offset: npt.NDArray[np.int64]
    _digest: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for array in self._arrays():
            array.flags.writeable = False

    def __repr__(self) -> str:
        kilometres = self.length_metres.sum() / 2_000.0
        return f"RoadGraph({self.node_count} nodes, {self.edge_count // 2} stretches, {kilometres:.0f} km)"

    @property
    def node_count(self) -> int:
        """The number of nodes n."""
        return len(self.node_latitude)

    @property
    def edge_count(self) -> int:
        """The number of directed arcs m, two for every stretch of road."""
        return len(self.edge_tail)

    def line(self, edge: int) -> tuple[FloatArray, FloatArray]:
        """(latitude, longitude) of an arc's line from its tail to its head."""
        part = slice(self.shape_offset[edge // 2], self.shape_offset[edge // 2 + 1])
        step = -1 if edge % 2 else 1
        return self.shape_latitude[part][::step], self.shape_longitude[part][::step]

    def is_open(self, mode: Mode) -> npt.NDArray[np.bool_]:
        """Which of the m arcs the mode may use."""
        return np.asarray((self.modes & mode.bit) != 0)

    def fingerprint(self) -> str:
        """A hash of the whole network, computed once."""
        if not self._digest:
            digest = hashlib.sha256()
            for array in self._arrays():
                digest.update(str((array.dtype.str, array.shape)).encode())
                digest.update(np.ascontiguousarray(array).data)
            self._digest.append(digest.hexdigest())
        return self._digest[0]

    def _arrays(self) -> Iterator[npt.NDArray[np.generic]]:
        return (getattr(self, item.name) for item in fields(self) if not item.name.startswith("_"))


@dataclass(slots=True)
class _Ways:
    """What is taken from the file: per way its node refs, road class and mode bits; where each node is."""

    refs: list[list[int]] = field(default_factory=list)
    highway: list[int] = field(default_factory=list)
    forward: list[int] = field(default_factory=list)
    backward: list[int] = field(default_factory=list)
    place: dict[int, tuple[float, float]] = field(default_factory=dict)


def read_roads(path: Path, *, longest_stretch_metres: float = LONGEST_STRETCH_METRES) -> RoadGraph:
    """The road network of an .osm.pbf file.

    Raises
    ------
    RoadFileError
        When the file is missing, corrupt, empty or without a road that any mode may use; `fault` says which.
    """
    path = Path(path)
    if not path.is_file():
        raise RoadFileError(path, "missing")
    if path.stat().st_size == 0:
        raise RoadFileError(path, "empty")
    try:
        ways = _read_ways(path)
    except RuntimeError as error:  # osmium's only error: cannot open, cut off, not this format, bad compression
        raise RoadFileError(path, "corrupt", str(error)) from error
    if not ways.refs:
        raise RoadFileError(path, "roadless" if _holds_anything(path) else "empty")
    return _graph(ways, longest_stretch_metres)


def _read_ways(path: Path) -> _Ways:
    processor = osmium.FileProcessor(osmium.io.File(str(path), "pbf"), osmium.osm.NODE | osmium.osm.WAY)
    processor = processor.with_locations()
    processor = processor.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    ways = _Ways()
    for way in processor.with_filter(osmium.filter.KeyFilter("highway")):
        tags = dict(way.tags)
        code = _CODES.get(tags["highway"])
        if code is None or not isinstance(way, osmium.osm.Way) or tags.get("area") == "yes":
            continue
        forward, backward = open_modes(tags)
        for refs in _runs(way.nodes, ways.place) if forward | backward else ():
            ways.refs.append(refs)
            ways.highway.append(code)
            ways.forward.append(forward)
            ways.backward.append(backward)
    return ways


def _runs(nodes: osmium.osm.WayNodeList, place: dict[int, tuple[float, float]]) -> list[list[int]]:
    """The way's refs, cut where an extract's border has left a node without a place; notes the places."""
    runs: list[list[int]] = [[]]
    for node in nodes:
        location = node.location
        if not location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != node.ref:
            place[node.ref] = (location.lat, location.lon)
            runs[-1].append(node.ref)
    return [refs for refs in runs if len(refs) > 1]


def _holds_anything(path: Path) -> bool:
    return any(True for _ in osmium.FileProcessor(osmium.io.File(str(path), "pbf")))


def open_modes(tags: dict[str, str]) -> tuple[int, int]:
    """Mode bits along and against a way with these tags: access, one-ways, and who is exempt from them."""
    allowed = 0
    for mode, keys in _ACCESS_TAGS.items():
        value = next((tags[key] for key in keys if key in tags), "yes")
        allowed |= 0 if value in _CLOSED else mode.bit
    one_way = tags.get("oneway", "yes" if _is_one_way_by_class(tags) else "no")
    if one_way not in _ONE_WAY and one_way != "-1":
        return allowed, allowed
    exempt = Mode.FOOT.bit | (_CYCLES if tags.get("oneway:bicycle") == "no" else 0)
    against = allowed & exempt
    return (against, allowed) if one_way == "-1" else (allowed, against)


def _is_one_way_by_class(tags: dict[str, str]) -> bool:
    return tags.get("junction") in ("roundabout", "circular") or tags["highway"] in ("motorway", "motorway_link")


def _graph(ways: _Ways, longest_stretch_metres: float) -> RoadGraph:
    """Cut the ways at crossings, and long stretches in between."""
    way_of, ref = _flat(ways.refs)
    names, point = np.unique(ref, return_inverse=True)
    latitude, longitude = np.array([ways.place[name] for name in names.tolist()], dtype=np.float64).reshape(-1, 2).T
    is_cut = _is_node(way_of, point)
    first = np.flatnonzero(way_of[1:] == way_of[:-1])  # position of each segment's first point
    step_metres = great_circle_metres(
        latitude[point[first]], longitude[point[first]], latitude[point[first + 1]], longitude[point[first + 1]]
    )
    stretch = np.cumsum(is_cut[first]) - 1
    stretch = _shortened(stretch, step_metres, longest_stretch_metres)
    start = np.flatnonzero(np.r_[True, stretch[1:] != stretch[:-1]])
    length_metres = np.add.reduceat(step_metres, start)
    tail, head = point[first[start]], point[first[np.r_[start[1:], len(first)] - 1] + 1]
    shape, offset = _shapes(point, first, start)
    node = np.unique(np.r_[tail, head])
    way = way_of[first[start]]
    return RoadGraph(
        node_latitude=latitude[node],
        node_longitude=longitude[node],
        edge_tail=_both(np.searchsorted(node, tail), np.searchsorted(node, head)).astype(np.int32),
        edge_head=_both(np.searchsorted(node, head), np.searchsorted(node, tail)).astype(np.int32),
        length_metres=_both(length_metres, length_metres),
        highway=_per_stretch(ways.highway, ways.highway, way),
        modes=_per_stretch(ways.forward, ways.backward, way),
        shape_latitude=latitude[shape],
        shape_longitude=longitude[shape],
        shape_offset=offset,
    )


def _flat(refs: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(way index, node ref) of every point of every way, one after the other."""
    sizes = np.array([len(part) for part in refs])
    ref = np.fromiter((name for part in refs for name in part), dtype=np.int64, count=int(sizes.sum()))
    return np.repeat(np.arange(len(refs)), sizes), ref


def _is_node(way_of: npt.NDArray[np.int64], point: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Per position whether a stretch starts there: ends of ways and points that are used more than once."""
    border = np.r_[True, way_of[1:] != way_of[:-1]]
    is_end = border | np.r_[border[1:], True]
    uses = np.bincount(point) + np.bincount(point[is_end], minlength=int(point.max()) + 1)
    return np.asarray(uses[point] > 1)


def _shortened(
    stretch: npt.NDArray[np.int64], step_metres: FloatArray, longest_stretch_metres: float
) -> npt.NDArray[np.int64]:
    """Number the stretches anew, long ones cut at the bends into about equal parts; a loop into two at least."""
    start = np.flatnonzero(np.r_[True, stretch[1:] != stretch[:-1]])
    total = np.add.reduceat(step_metres, start)
    parts = np.maximum(np.ceil(total / longest_stretch_metres), 1.0)
    gone = np.cumsum(step_metres) - step_metres
    gone = gone - gone[start][stretch]
    share = (gone + step_metres / 2) / np.maximum(total[stretch], 1e-9)
    part = np.minimum((share * parts[stretch]).astype(np.int64), parts[stretch].astype(np.int64) - 1)
    change = np.r_[True, (stretch[1:] != stretch[:-1]) | (part[1:] != part[:-1])]
    return np.cumsum(change) - 1


def _shapes(
    point: npt.NDArray[np.int64], first: npt.NDArray[np.int64], start: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(points of all lines one after the other, offsets): per stretch the tails of its steps, then its end."""
    sizes = np.diff(np.r_[start, len(first)])
    offset = np.r_[0, np.cumsum(sizes + 1)]
    shape = np.empty(offset[-1], dtype=np.int64)
    is_end = np.zeros(len(shape), dtype=bool)
    is_end[offset[1:] - 1] = True
    shape[~is_end] = point[first]
    shape[is_end] = point[first[np.r_[start[1:], len(first)] - 1] + 1]
    return shape, offset


def _both(forward: npt.NDArray[Scalar], backward: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Interleave the values of arcs 2k and 2k + 1."""
    return np.asarray(np.stack([forward, backward], axis=1).ravel())


def _per_stretch(forward: list[int], backward: list[int], way: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    return _both(np.array(forward, dtype=np.uint8)[way], np.array(backward, dtype=np.uint8)[way])
