"""Coordinates: the three Chinese datums, a metric projection chosen from the data, distances and boxes.

The order is always (latitude, longitude) in degrees, as separate arrays; it is swapped to x, y only at the border of
pyproj. This module never shifts anybody's points by itself: it converts when told to, and reports when a list looks
as if it were in another datum than it says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyproj
from scipy.spatial import cKDTree

from geodata.errors import CoordinateError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
LatLon = tuple[FloatArray, FloatArray]

EARTH_RADIUS_METRES = 6_371_008.8  # mean radius of the IUGG sphere
_KRASOVSKY_METRES = 6_378_245.0
_KRASOVSKY_E2 = 0.006_693_421_622_965_943
_BD_TURN = np.pi * 3000.0 / 180.0
_INVERSE_ROUNDS = 12  # each gains about three digits; six reach the last bit


class Datum(StrEnum):
    """The reference a latitude and a longitude are meant in; CGCS2000 equals WGS84 for our purpose."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Box:
    """A latitude-longitude rectangle in degrees, borders included."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, latitude: FloatArray, longitude: FloatArray) -> BoolArray:
        """Which points lie inside (broadcasts; NaN lies nowhere)."""
        inside = (latitude >= self.south) & (latitude <= self.north)
        return np.asarray(inside & (longitude >= self.west) & (longitude <= self.east))

    def grown(self, margin_metres: float) -> Box:
        """The box widened on all four sides."""
        north_south = math.degrees(margin_metres / EARTH_RADIUS_METRES)
        east_west = north_south / math.cos(math.radians(max(abs(self.south), abs(self.north))))
        return Box(self.south - north_south, self.west - east_west, self.north + north_south, self.east + east_west)


CHINA_BOX = Box(south=0.8293, west=72.004, north=55.8271, east=137.8347)
"""Where GCJ-02 and BD-09 differ from WGS-84; outside of it they are the same by convention."""
_REACH_BOX = CHINA_BOX.grown(5_000.0)


def bounding_box(latitude: FloatArray, longitude: FloatArray, margin_metres: float = 0.0) -> Box:
    """The smallest box around the points (NaN left out), widened by a margin.

    Raises
    ------
    CoordinateError
        When no point has coordinates.
    """
    if not np.isfinite(latitude).any():
        raise CoordinateError("没有任何带坐标的点 / no point has coordinates")
    box = Box(
        float(np.nanmin(latitude)), float(np.nanmin(longitude)), float(np.nanmax(latitude)), float(np.nanmax(longitude))
    )
    return box.grown(margin_metres) if margin_metres else box


def great_circle_metres(
    latitude_1: npt.ArrayLike, longitude_1: npt.ArrayLike, latitude_2: npt.ArrayLike, longitude_2: npt.ArrayLike
) -> FloatArray:
    """Great-circle distance in metres on the mean sphere (haversine; the arguments broadcast)."""
    phi_1, phi_2 = np.radians(np.asarray(latitude_1, float)), np.radians(np.asarray(latitude_2, float))
    lambda_1, lambda_2 = np.radians(np.asarray(longitude_1, float)), np.radians(np.asarray(longitude_2, float))
    half = np.sin((phi_2 - phi_1) / 2) ** 2
    half = half + np.cos(phi_1) * np.cos(phi_2) * np.sin((lambda_2 - lambda_1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))), dtype=np.float64)


def local_crs(latitude: FloatArray, longitude: FloatArray) -> pyproj.CRS:
    """The metric system that fits the middle of the points.

    Inside China the 3-degree Gauss-Kruger zone of CGCS2000 (EPSG:4534 to 4554), elsewhere the UTM zone.

    Raises
    ------
    CoordinateError
        When no point has coordinates, or one lies outside the globe.
    """
    box = bounding_box(latitude, longitude)
    if box.south < -90 or box.north > 90 or box.west < -180 or box.east > 180:
        raise CoordinateError(
            f"坐标超出范围 / coordinates outside the globe: latitude {box.south:.4f} to {box.north:.4f}, "
            f"longitude {box.west:.4f} to {box.east:.4f}"
        )
    middle_latitude, middle_longitude = (box.south + box.north) / 2, (box.west + box.east) / 2
    if 3.0 <= middle_latitude <= 54.0 and 73.5 <= middle_longitude < 136.5:
        return pyproj.CRS.from_epsg(4534 + round((middle_longitude - 75.0) / 3.0))
    zone = min(int((middle_longitude + 180.0) // 6.0) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if middle_latitude >= 0 else 32700) + zone)


def project(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray, pyproj.CRS]:
    """(x_metres, y_metres, crs): east and north in the system that `local_crs` picks for these points."""
    crs = local_crs(latitude, longitude)
    x_metres, y_metres = to_metres(latitude, longitude, crs)
    return x_metres, y_metres, crs


def to_metres(latitude: FloatArray, longitude: FloatArray, crs: pyproj.CRS) -> LatLon:
    """East and north metres of WGS-84 points in a given metric system."""
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(longitude, latitude)
    return np.asarray(x, float), np.asarray(y, float)


def to_degrees(x_metres: FloatArray, y_metres: FloatArray, crs: pyproj.CRS) -> LatLon:
    """WGS-84 latitude and longitude of east and north metres in a given metric system."""
    longitude, latitude = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(x_metres, y_metres)
    return np.asarray(latitude, float), np.asarray(longitude, float)


def convert(latitude: npt.ArrayLike, longitude: npt.ArrayLike, *, source: Datum, target: Datum) -> LatLon:
    """Points of one datum in another; outside China the datums are equal, so nothing moves there.

    The way back is exact to below a micrometre. Copies. The GCJ-02 polynomial and the BD-09 rotation are the publicly
    known ones; the inverses are fixed-point iterations on them.
    """
    latitude, longitude = np.array(latitude, float), np.array(longitude, float)
    if source == target:
        return latitude, longitude
    latitude, longitude = np.broadcast_arrays(latitude, longitude)
    latitude, longitude = latitude.copy(), longitude.copy()
    maybe = _REACH_BOX.contains(latitude, longitude)  # a point outside in one datum can be inside in another
    wgs = _undo(_FORWARD[source], latitude[maybe], longitude[maybe])
    inside = CHINA_BOX.contains(*wgs)
    there = _FORWARD[target](*wgs)
    latitude[maybe] = np.where(inside, there[0], latitude[maybe])
    longitude[maybe] = np.where(inside, there[1], longitude[maybe])
    return latitude, longitude


def _same(latitude: FloatArray, longitude: FloatArray) -> LatLon:
    return latitude, longitude


def _wgs_to_gcj(latitude: FloatArray, longitude: FloatArray) -> LatLon:
    x, y, pi = longitude - 105.0, latitude - 35.0, np.pi
    waves = (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    root = 0.2 * np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + root + waves
    north = north + (20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north = north + (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root / 2 + waves
    east = east + (20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east = east + (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    phi = np.radians(latitude)
    flat = 1 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    prime_vertical = _KRASOVSKY_METRES / np.sqrt(flat)
    meridian = prime_vertical * (1 - _KRASOVSKY_E2) / flat
    return latitude + np.degrees(north / meridian), longitude + np.degrees(east / (prime_vertical * np.cos(phi)))


def _gcj_to_bd(latitude: FloatArray, longitude: FloatArray) -> LatLon:
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _BD_TURN)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _BD_TURN)
    return radius * np.sin(angle) + 0.006, radius * np.cos(angle) + 0.0065


def _wgs_to_bd(latitude: FloatArray, longitude: FloatArray) -> LatLon:
    return _gcj_to_bd(*_wgs_to_gcj(latitude, longitude))


_FORWARD: dict[Datum, Callable[[FloatArray, FloatArray], LatLon]] = {
    Datum.WGS84: _same,
    Datum.GCJ02: _wgs_to_gcj,
    Datum.BD09: _wgs_to_bd,
}


def _undo(forward: Callable[[FloatArray, FloatArray], LatLon], latitude: FloatArray, longitude: FloatArray) -> LatLon:
    """The WGS-84 points that `forward` maps onto the given ones (fixed point: subtract the error, repeat)."""
    guess_latitude, guess_longitude = latitude, longitude
    for _ in range(_INVERSE_ROUNDS):
        there_latitude, there_longitude = forward(guess_latitude, guess_longitude)
        guess_latitude = guess_latitude - (there_latitude - latitude)
        guess_longitude = guess_longitude - (there_longitude - longitude)
    return guess_latitude, guess_longitude


@dataclass(frozen=True, slots=True)
class DatumEvidence:
    """How well the points fall on the map if they are read in one datum."""

    datum: Datum
    village_median_metres: float
    village_share_near: float
    road_median_metres: float | None
    road_share_near: float | None


@dataclass(frozen=True, slots=True)
class DatumReport:
    """What `suspect_datum` found; `likely` differs from `declared` only when the evidence is clear."""

    declared: Datum
    likely: Datum
    point_count: int
    near_metres: float
    evidence: tuple[DatumEvidence, ...]

    @property
    def is_suspect(self) -> bool:
        """Whether another datum fits clearly better than the declared one."""
        return self.likely != self.declared

    def summary(self) -> str:
        """The finding with its evidence, in Chinese and English; it proposes, it never shifts."""
        lines = [
            f"{one.datum.value}: 距最近村庄中位数 / median to nearest village {one.village_median_metres:.0f} m, "
            f"{one.village_share_near:.0%} within {self.near_metres:.0f} m"
            + ("" if one.road_median_metres is None else f"; 道路 / road {one.road_median_metres:.0f} m")
            for one in self.evidence
        ]
        if self.point_count < _FEWEST_POINTS:
            head = f"只有 {self.point_count} 个点, 无法判断 / too few points to judge ({self.point_count})"
        elif self.is_suspect:
            head = (
                f"坐标声明为 {self.declared.value}, 但更像 {self.likely.value}; 请核实后再转换 / "
                f"declared {self.declared.value}, looks like {self.likely.value}; check before converting"
            )
        else:
            head = f"坐标与声明的 {self.declared.value} 相符 / agrees with the declared {self.declared.value}"
        return "\n".join([head, *lines])


_FEWEST_POINTS = 8
_CLEARLY_BETTER = 1.3  # the typical distance must fall by this factor before another datum is named


def suspect_datum(
    points: LatLon,
    villages: LatLon,
    roads: LatLon | None = None,
    *,
    declared: Datum = Datum.WGS84,
    near_metres: float = 300.0,
) -> DatumReport:
    """Compare the three datums by how near the points come to known villages and roads; nothing is shifted.

    `villages` and `roads` (any points along the roads) are WGS-84. Points without coordinates are left out; with fewer
    than eight points nothing is suspected.
    """
    known = np.isfinite(points[0]) & np.isfinite(points[1])
    latitude, longitude = points[0][known], points[1][known]
    if not len(latitude):
        return DatumReport(declared, declared, 0, near_metres, ())
    crs = local_crs(*villages)
    village_tree = cKDTree(np.column_stack(to_metres(*villages, crs)))
    road_tree = None if roads is None else cKDTree(np.column_stack(to_metres(*roads, crs)))
    evidence, misfit = [], {}
    for datum in Datum:
        wgs = convert(latitude, longitude, source=datum, target=Datum.WGS84)
        xy = np.column_stack(to_metres(*wgs, crs))
        one, misfit[datum] = _evidence(datum, xy, village_tree, road_tree, near_metres)
        evidence.append(one)
    best = min(Datum, key=lambda datum: misfit[datum])
    clear = len(latitude) >= _FEWEST_POINTS and misfit[declared] > _CLEARLY_BETTER * misfit[best]
    return DatumReport(declared, best if clear else declared, len(latitude), near_metres, tuple(evidence))


def _evidence(
    datum: Datum, xy_metres: FloatArray, village_tree: cKDTree, road_tree: cKDTree | None, near_metres: float
) -> tuple[DatumEvidence, float]:
    """The evidence for one datum and its misfit: the geometric mean of the median distances."""
    to_village, _ = village_tree.query(xy_metres)
    medians = [float(np.median(to_village))]
    road_share = None
    if road_tree is not None:
        to_road, _ = road_tree.query(xy_metres)
        medians.append(float(np.median(to_road)))
        road_share = float(np.mean(to_road <= near_metres))
    share = float(np.mean(to_village <= near_metres))
    road_median = medians[1] if road_tree is not None else None
    # ten metres: below that a map is not better, only luckier
    misfit = float(np.exp(np.mean(np.log(np.asarray(medians) + 10.0))))
    return DatumEvidence(datum, medians[0], share, road_median, road_share), misfit
