"""Cleaning a list of places: proper names, one row a place, a position for each that can have one.

Missing coordinates fall back to the middle of the village and are marked; the two village codes stay two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import pandas as pd

from geodata.coordinates import CHINA_BOX, great_circle_metres
from geodata.places.report import PlaceNote, PlacesReport

DEFAULT_ALIASES: Mapping[str, str] = MappingProxyType({"唐吾": "鄌郚"})
"""Substitute spelling -> proper name: government lists write rare characters by homophones."""

NAMES = ("name", "town", "village")
CODES = ("statistics_code", "record_code")
NEAR_METRES = 50.0


class LocationSource(StrEnum):
    """Where a place's coordinates come from."""

    GIVEN = "given"
    CENTROID = "village_centroid"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The cleaned list and the report.

    table: place_id, name, town, village, statistics_code, record_code (text, "" where unknown), latitude, longitude
    (degrees, NaN where unknown), location_source, and whatever other columns the list had.
    """

    table: pd.DataFrame
    report: PlacesReport


def clean_places(
    raw: pd.DataFrame,
    villages: pd.DataFrame | None = None,
    *,
    aliases: Mapping[str, str] = DEFAULT_ALIASES,
    near_metres: float = NEAR_METRES,
) -> Places:
    """Clean rows as `read_places` gives them; neither table is changed.

    `villages` may hold village (or name), town, statistics_code, record_code, latitude, longitude: the middles of
    villages. A village it does not know has its middle at the median of its located places in the list itself.
    """
    notes: list[PlaceNote] = []
    table = raw.reset_index(drop=True)
    table["_row"] = np.arange(1, len(table) + 1)
    _fill_ids(table, notes)
    _clean_names(table, aliases, notes)
    _check_codes(table, notes)
    _read_coordinates(table, notes)
    table = _merge_same_ids(table, notes)
    table = _merge_same_places(table, near_metres, notes)
    _locate(table, _middles(villages, aliases), notes)
    kept = table.drop(columns="_row").reset_index(drop=True)
    return Places(kept, PlacesReport(len(raw), len(kept), tuple(notes)))


def proper_name(text: str, aliases: Mapping[str, str] = DEFAULT_ALIASES) -> str:
    """A name without stray blanks and full-width forms, substitute spellings replaced."""
    name = "".join(unicodedata.normalize("NFKC", text).split())
    for substitute, proper in aliases.items():
        name = name.replace(substitute, proper)
    return name


def _note(notes: list[PlaceNote], code: str, part: pd.DataFrame, value: str = "") -> None:
    """Add a note for each row of the part; `value` is the column whose content is shown."""
    shown = part[value].astype(str) if value else pd.Series("", index=part.index)
    for row, place_id, text in zip(part["_row"], part["place_id"], shown, strict=True):
        notes.append(PlaceNote(code, int(row), str(place_id), str(text)))


def _fill_ids(table: pd.DataFrame, notes: list[PlaceNote]) -> None:
    table["place_id"] = table["place_id"].str.strip()
    empty = table.index[table["place_id"] == ""]
    table.loc[empty, "place_id"] = "row-" + table.loc[empty, "_row"].astype(str)
    _note(notes, "no-id", table.loc[empty])


def _clean_names(table: pd.DataFrame, aliases: Mapping[str, str], notes: list[PlaceNote]) -> None:
    for column in NAMES:
        plain = pd.Series([proper_name(text, {}) for text in table[column]], index=table.index, dtype=str)
        proper = pd.Series([proper_name(text, aliases) for text in table[column]], index=table.index, dtype=str)
        _note(notes, "alias", table[plain != proper], value=column)
        table[column] = proper


def _check_codes(table: pd.DataFrame, notes: list[PlaceNote]) -> None:
    for column in CODES:
        table[column] = table[column].str.strip()
        odd = (table[column] != "") & ~table[column].str.fullmatch(r"\d{12}")
        _note(notes, "code-shape", table[odd], value=column)


def _read_coordinates(table: pd.DataFrame, notes: list[PlaceNote]) -> None:
    """Turn the text into degrees; whatever cannot be a position is noted and becomes NaN."""
    text = {column: table[column].str.strip() for column in ("latitude", "longitude")}
    latitude, longitude = (
        pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, copy=True) for cells in text.values()
    )
    written = [(cells != "").to_numpy() for cells in text.values()]
    unreadable = (written[0] & ~np.isfinite(latitude)) | (written[1] & ~np.isfinite(longitude))
    swapped = CHINA_BOX.contains(longitude, latitude) & (latitude > 60.0)
    outside = (np.abs(latitude) > 90) | (np.abs(longitude) > 180) | ((latitude == 0) & (longitude == 0))
    faults = {
        "bad-number": unreadable,
        "half-pair": (written[0] != written[1]) & ~unreadable,
        "swapped": swapped,
        "out-of-range": outside & ~swapped & ~unreadable,
    }
    pairs = table.assign(_pair=text["latitude"] + ", " + text["longitude"])
    for code, mask in faults.items():
        _note(notes, code, pairs[mask], value="_pair")
        latitude[mask] = longitude[mask] = np.nan
    table["latitude"], table["longitude"] = latitude, longitude


def _merge_same_ids(table: pd.DataFrame, notes: list[PlaceNote]) -> pd.DataFrame:
    """One row for each id: the first, its gaps filled from the later ones."""
    later = table["place_id"].duplicated()
    if not later.any():
        return table
    first = dict(zip(table.loc[~later, "place_id"], table.index[~later], strict=True))
    for label in table.index[later]:
        _fill_gaps(table, into=first[table.at[label, "place_id"]], source=label)
    _note(notes, "same-id", table[later])
    return table[~later]


def _merge_same_places(table: pd.DataFrame, near_metres: float, notes: list[PlaceNote]) -> pd.DataFrame:
    """One row for places of the same name and village that lie within some metres of each other."""
    table = table.copy()
    gone: list[int] = []
    located = table[table["latitude"].notna() & (table["name"] != "")]
    identity = ["name", "village", "town"]
    for _, group in located[located.duplicated(identity, keep=False)].groupby(identity):
        keep: list[int] = []
        for label in group.index:
            twin = next((other for other in keep if _metres_between(table, label, other) <= near_metres), None)
            if twin is None:
                keep.append(label)
            else:
                _fill_gaps(table, into=twin, source=label)
                gone.append(label)
    _note(notes, "same-place", table.loc[sorted(gone)], value="name")
    return table.drop(index=gone)


def _metres_between(table: pd.DataFrame, one: int, other: int) -> float:
    a, b = table.loc[one], table.loc[other]
    return float(great_circle_metres(a["latitude"], a["longitude"], b["latitude"], b["longitude"]))


def _fill_gaps(table: pd.DataFrame, *, into: int, source: int) -> None:
    """Copy what the kept row lacks: text cells one by one, coordinates as a pair."""
    kept, other = table.loc[into], table.loc[source]
    for column in table.columns.difference(["latitude", "longitude", "_row"]):
        if kept[column] == "":
            table.loc[into, column] = other[column]
    if np.isnan(kept["latitude"]):
        table.loc[into, ["latitude", "longitude"]] = other[["latitude", "longitude"]]


_VillageKey = tuple[str, ...]
_KEYS: tuple[tuple[str, ...], ...] = (("statistics_code",), ("record_code",), ("town", "village"), ("village",))
"""How a place finds its village, the surest way first; a key that means two villages is not used."""


def _middles(
    villages: pd.DataFrame | None, aliases: Mapping[str, str]
) -> dict[_VillageKey, dict[_VillageKey, tuple[float, float]]]:
    if villages is None:
        return {}
    table = villages.rename(columns={} if "village" in villages else {"name": "village"})
    for column in ("village", "town"):
        names = table[column] if column in table else pd.Series("", index=table.index)
        table = table.assign(**{column: [proper_name(str(name), aliases) for name in names]})
    for column in CODES:
        table = table if column in table else table.assign(**{column: ""})
    located = table[table["latitude"].notna() & table["longitude"].notna()]
    return {key: _by_key(located, key, several=False) for key in _KEYS}


def _by_key(table: pd.DataFrame, key: _VillageKey, *, several: bool) -> dict[_VillageKey, tuple[float, float]]:
    """Position for each full value of a key; with `several` the median of many rows, else rows must be alone."""
    full = table[(table[list(key)] != "").all(axis=1)]
    return {
        tuple(str(part) for part in value): (float(group["latitude"].median()), float(group["longitude"].median()))
        for value, group in full.groupby(list(key))
        if several or len(group) == 1
    }


def _locate(
    table: pd.DataFrame, middles: dict[_VillageKey, dict[_VillageKey, tuple[float, float]]], notes: list[PlaceNote]
) -> None:
    """Give places without coordinates the middle of their village, and mark where every position comes from."""
    lacking = table["latitude"].isna()
    table["location_source"] = np.where(lacking, LocationSource.MISSING.value, LocationSource.GIVEN.value)
    given = table[~lacking]
    positions: dict[int, tuple[float, float]] = {}
    # the list's own rows count for a village only by sure keys: a bare name may mean two villages
    own = {key: _by_key(given, key, several=True) for key in _KEYS[:3]}
    for label, row in zip(table.index[lacking], table[lacking].to_dict("records"), strict=True):
        found = _find(row, middles) or _find(row, own)
        if found:
            positions[label] = found
    located = list(positions)
    table.loc[located, ["latitude", "longitude"]] = np.array(list(positions.values())).reshape(-1, 2)
    table.loc[located, "location_source"] = LocationSource.CENTROID.value
    _note(notes, "centroid", table[table["location_source"] == LocationSource.CENTROID.value])
    _note(notes, "unlocated", table[table["location_source"] == LocationSource.MISSING.value])


def _find(
    row: Mapping[Hashable, object], middles: dict[_VillageKey, dict[_VillageKey, tuple[float, float]]]
) -> tuple[float, float] | None:
    for key, positions in middles.items():
        position = positions.get(tuple(str(row[part]) for part in key))
        if position:
            return position
    return None
