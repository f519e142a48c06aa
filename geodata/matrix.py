"""Seconds and metres from door to door between all places, by any engine, kept on disk under a hash of the inputs.

One entry = walking from the door to the road + the way along the road + walking to the other door + the overhead of a
stop (parking, greeting, finding the house). Whole seconds and metres, read-only. A place too far from any road and a
pair without a way are errors that name them; no huge number ever stands for either.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.engines.protocol import Engine, FloatArray, IntArray, Snapped, Table
from geodata.errors import CoordinateError, PlaceTooFarError, UnreachableError
from geodata.modes import WALKING_KMH, Mode

Scalar = TypeVar("Scalar", bound=np.generic)

MATRIX_VERSION = 1
"""Part of every stored matrix's name: raise it whenever the same inputs give other numbers."""
MAX_ACCESS_METRES = 1_000.0
STOP_OVERHEAD_SECONDS = 180
ROWS_AT_ONCE = 256
PAIRS_NAMED = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """n places: ids that appear in errors, and WGS-84 degrees.

    Raises
    ------
    CoordinateError
        When the lengths differ, an id is repeated, or a coordinate is missing or outside the globe (all named).
    """

    ids: tuple[str, ...]
    latitude: FloatArray
    longitude: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "latitude", _frozen(np.array(self.latitude, dtype=np.float64)))
        object.__setattr__(self, "longitude", _frozen(np.array(self.longitude, dtype=np.float64)))
        if not len(self.ids) == len(self.latitude) == len(self.longitude):
            raise CoordinateError(
                f"编号与坐标数量不一致 / {len(self.ids)} ids, {len(self.latitude)} latitudes, "
                f"{len(self.longitude)} longitudes"
            )
        if len(set(self.ids)) != len(self.ids):
            repeated = sorted({name for name in self.ids if self.ids.count(name) > 1})
            raise CoordinateError(f"编号重复 / ids are repeated: {', '.join(repeated)}")
        is_wrong = ~((np.abs(self.latitude) <= 90.0) & (np.abs(self.longitude) <= 180.0))
        if is_wrong.any():
            wrong = ", ".join(self.ids[index] for index in np.flatnonzero(is_wrong))
            raise CoordinateError(f"坐标缺失或超出范围 / coordinates missing or outside the globe: {wrong}")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def from_table(cls, table: pd.DataFrame, key: str = "id") -> Points:
        """The places of a table with columns latitude and longitude; `key` names the column of their ids."""
        latitude, longitude = (table[name].to_numpy(dtype=np.float64) for name in ("latitude", "longitude"))
        return cls(tuple(table[key].astype(str)), latitude, longitude)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TravelMatrix:
    """Door to door, int32[n, n] in the order of `ids`, row = from, read-only; zero between points at the same spot.

    `access_metres` float64[n] is the walk between the road and each door, already part of both arrays.
    """

    ids: tuple[str, ...]
    mode: Mode
    seconds: IntArray
    metres: IntArray
    access_metres: FloatArray

    def __repr__(self) -> str:
        return f"TravelMatrix({self.mode}, {len(self.ids)} places, longest {self.seconds.max(initial=0) // 60} min)"


@dataclass(frozen=True, slots=True)
class _Terms:
    """What turns road times into door-to-door times."""

    snow_factor: float
    max_access_metres: float
    walking_kmh: float
    stop_overhead_seconds: int

    def __post_init__(self) -> None:
        if not 0.0 < self.snow_factor <= 1.0:
            raise ValueError(f"雪天系数须在 0 与 1 之间 / snow_factor must be in (0, 1], found {self.snow_factor}")
        if not self.walking_kmh > 0.0:
            raise ValueError(f"步行速度须大于 0 / walking_kmh must be above 0, found {self.walking_kmh}")
        if self.stop_overhead_seconds < 0:
            raise ValueError(
                f"停留附加时间不能为负 / stop_overhead_seconds must not be negative, found {self.stop_overhead_seconds}"
            )


def travel_matrix(
    points: Points,
    engine: Engine,
    mode: Mode,
    *,
    snow_factor: float = 1.0,
    cache_dir: Path | None = None,
    max_access_metres: float = MAX_ACCESS_METRES,
    walking_kmh: float = WALKING_KMH,
    stop_overhead_seconds: int = STOP_OVERHEAD_SECONDS,
) -> TravelMatrix:
    """Seconds and metres between all points by one mode.

    The snow factor slows driving and walking alike (0.6 in snow); whether the mode may go out at all then is
    `Mode.is_usable_in_snow`, and the caller's decision. The overhead is added to every arc into another spot.

    Raises
    ------
    PlaceTooFarError
        When points have no road within `max_access_metres`; all are named.
    UnreachableError
        When there is no way between some points; all pairs are named, up to a thousand.
    ModeError
        When the engine does not serve the mode.
    """
    terms = _Terms(snow_factor, max_access_metres, walking_kmh, stop_overhead_seconds)
    stored = None if cache_dir is None else Path(cache_dir) / f"{_key(points, engine, mode, terms)}.npz"
    matrix = None if stored is None else _find_stored(stored, points, mode)
    if matrix is None:
        matrix = _computed(points, engine, mode, terms)
        if stored is not None:
            _store(stored, matrix)
    return matrix


def travel_matrices(
    points: Points,
    engine: Engine,
    modes: Iterable[Mode],
    *,
    snow_factor: float = 1.0,
    cache_dir: Path | None = None,
    max_access_metres: float = MAX_ACCESS_METRES,
    stop_overhead_seconds: int = STOP_OVERHEAD_SECONDS,
) -> dict[Mode, TravelMatrix]:
    """One matrix per mode, raising what `travel_matrix` raises."""
    return {
        mode: travel_matrix(
            points,
            engine,
            mode,
            snow_factor=snow_factor,
            cache_dir=cache_dir,
            max_access_metres=max_access_metres,
            stop_overhead_seconds=stop_overhead_seconds,
        )
        for mode in modes
    }


def _computed(points: Points, engine: Engine, mode: Mode, terms: _Terms) -> TravelMatrix:
    snapped = engine.snap(points.latitude, points.longitude, mode)
    _require_near(points, snapped, mode, terms.max_access_metres)
    table = engine.table(snapped, snapped, mode)
    _require_reachable(points, table, mode)
    seconds, metres = _door_to_door(table, snapped, terms)
    _clear_same_spot(points, seconds, metres)
    return TravelMatrix(points.ids, mode, _frozen(seconds), _frozen(metres), _frozen(snapped.access_metres.copy()))


def _require_near(points: Points, snapped: Snapped, mode: Mode, limit_metres: float) -> None:
    far = np.flatnonzero(~(snapped.access_metres <= limit_metres))
    if len(far):
        named = [(points.ids[index], float(snapped.access_metres[index])) for index in far]
        raise PlaceTooFarError(named, limit_metres=limit_metres, mode=mode)


def _require_reachable(points: Points, table: Table, mode: Mode) -> None:
    if not np.isfinite(table.seconds.max(initial=0.0)):
        lost = np.argwhere(~np.isfinite(table.seconds))[:PAIRS_NAMED]
        raise UnreachableError([(points.ids[row], points.ids[column]) for row, column in lost], mode=mode)


def _door_to_door(table: Table, snapped: Snapped, terms: _Terms) -> tuple[IntArray, IntArray]:
    """Add the walks and the overhead, slow down for snow, and round once at the end; works in the table's memory."""
    metres = snapped.access_metres.astype(np.float32)
    seconds = (snapped.access_metres / (terms.walking_kmh / 3.6) / terms.snow_factor).astype(np.float32)
    arrival = seconds + np.float32(terms.stop_overhead_seconds)
    if terms.snow_factor != 1.0:
        np.divide(table.seconds, np.float32(terms.snow_factor), out=table.seconds)
    return _rounded_sum(table.seconds, seconds, arrival), _rounded_sum(table.metres, metres, metres)


def _rounded_sum(
    table: npt.NDArray[np.float32], row: npt.NDArray[np.float32], column: npt.NDArray[np.float32]
) -> IntArray:
    """rint(table + row + column) as int32, written over the table block by block to save a second copy."""
    result: IntArray = table.view(np.int32)
    for start in range(0, len(table), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        block = table[rows] + row[rows, None]
        block += column
        np.rint(block, out=block)
        result[rows] = block
    return result


def _clear_same_spot(points: Points, *arrays: IntArray) -> None:
    """Zero between points with the same coordinates: no travel, no overhead."""
    spots = np.column_stack([points.latitude, points.longitude])
    _, spot, sizes = np.unique(spots, axis=0, return_inverse=True, return_counts=True)
    spot = spot.ravel()
    for array in arrays:
        np.fill_diagonal(array, 0)
        for shared in np.flatnonzero(sizes > 1):
            members = np.flatnonzero(spot == shared)
            array[np.ix_(members, members)] = 0


def _key(points: Points, engine: Engine, mode: Mode, terms: _Terms) -> str:
    digest = hashlib.sha256()
    for part in (f"matrix {MATRIX_VERSION}", np.__version__, engine.fingerprint(mode), mode.value, repr(terms)):
        digest.update(part.encode() + b"\0")
    digest.update(points.latitude.tobytes())
    digest.update(points.longitude.tobytes())
    return digest.hexdigest()


def _find_stored(path: Path, points: Points, mode: Mode) -> TravelMatrix | None:
    """A stored matrix, or None where there is none or its file is cut off or damaged."""
    count = len(points)
    try:
        with (
            path.open("rb") as file,
            np.load(file) as stored,
        ):  # reads every byte, so that a damaged one fails its check sum
            seconds, metres, access_metres = stored["seconds"], stored["metres"], stored["access_metres"]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None
    if seconds.shape != (count, count) or metres.shape != (count, count) or access_metres.shape != (count,):
        return None
    return TravelMatrix(points.ids, mode, _frozen(seconds), _frozen(metres), _frozen(access_metres))


def _store(path: Path, matrix: TravelMatrix) -> None:
    """Write beside the place and move into it in one step: nobody ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, seconds=matrix.seconds, metres=matrix.metres, access_metres=matrix.access_metres)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _frozen(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    array.flags.writeable = False
    return array
