"""Coordinates: datums both ways, projection, distances, boxes, and the suspicion of a wrong datum."""

import itertools

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coordinates import (
    CHINA_BOX,
    Box,
    Datum,
    LatLon,
    bounding_box,
    convert,
    great_circle_metres,
    local_crs,
    project,
    suspect_datum,
    to_degrees,
)
from geodata.errors import CoordinateError

PAIRS = list(itertools.permutations(Datum, 2))


def points_over_china(count: int, seed: int = 1) -> LatLon:
    rng = np.random.default_rng(seed)
    return rng.uniform(18.0, 53.5, count), rng.uniform(73.7, 135.0, count)


def far(first: LatLon, second: LatLon) -> float:
    return float(np.max(great_circle_metres(*first, *second)))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_way_back_is_exact_to_a_micrometre_on_random_points_over_china(source: Datum, target: Datum) -> None:
    start = points_over_china(20_000)
    back = convert(*convert(*start, source=source, target=target), source=target, target=source)
    assert far(start, back) < 1e-6


@given(st.floats(1.0, 55.7), st.floats(72.2, 137.7))
def test_the_way_back_is_exact_anywhere_in_the_box(latitude: float, longitude: float) -> None:
    there = convert(latitude, longitude, source=Datum.WGS84, target=Datum.BD09)
    back = convert(*there, source=Datum.BD09, target=Datum.WGS84)
    assert great_circle_metres(latitude, longitude, *back) < 1e-6


def test_the_known_shift_of_a_shandong_point_is_reproduced() -> None:
    """36.7 N 119.1 E moves by 536 m to GCJ-02 and by 1,314 m to BD-09 (independent published implementations)."""
    gcj = convert(36.7, 119.1, source=Datum.WGS84, target=Datum.GCJ02)
    bd = convert(36.7, 119.1, source=Datum.WGS84, target=Datum.BD09)
    assert great_circle_metres(36.7, 119.1, *gcj) == pytest.approx(536, abs=2)
    assert great_circle_metres(36.7, 119.1, *bd) == pytest.approx(1314, abs=4)


def test_by_way_of_wgs_is_the_same_as_direct() -> None:
    gcj = points_over_china(500)
    wgs = convert(*gcj, source=Datum.GCJ02, target=Datum.WGS84)
    assert (
        far(convert(*wgs, source=Datum.WGS84, target=Datum.BD09), convert(*gcj, source=Datum.GCJ02, target=Datum.BD09))
        < 1e-6
    )


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_moves_outside_china(source: Datum, target: Datum) -> None:
    latitude = np.array([50.0, -33.9, 40.7, 90.0, -90.0, 0.0])
    longitude = np.array([11.5, 151.2, -74.0, 0.0, 180.0, -180.0])
    moved = convert(latitude, longitude, source=source, target=target)
    np.testing.assert_array_equal(moved[0], latitude)
    np.testing.assert_array_equal(moved[1], longitude)


def test_conversion_copies_and_keeps_missing_points_missing() -> None:
    latitude, longitude = np.array([36.7, np.nan]), np.array([118.9, np.nan])
    moved = convert(latitude, longitude, source=Datum.WGS84, target=Datum.GCJ02)
    assert latitude[0] == 36.7
    assert moved[0][0] != 36.7
    assert np.isnan(moved[0][1])
    same = convert(latitude, longitude, source=Datum.WGS84, target=Datum.WGS84)
    assert same[0] is not latitude


def test_great_circle_agrees_with_the_ellipsoid_to_half_a_percent_and_broadcasts() -> None:
    a, b = points_over_china(300, seed=2), points_over_china(300, seed=3)
    _, _, exact = pyproj.Geod(ellps="WGS84").inv(a[1], a[0], b[1], b[0])
    np.testing.assert_allclose(great_circle_metres(*a, *b), exact, rtol=6e-3)
    table = great_circle_metres(a[0][:, None], a[1][:, None], b[0][None, :], b[1][None, :])
    assert table.shape == (300, 300)
    assert great_circle_metres(36.7, 118.9, 36.7, 118.9) == 0


def test_the_projection_is_the_three_degree_zone_in_china_and_utm_elsewhere() -> None:
    assert local_crs(np.array([36.7]), np.array([118.9])).to_epsg() == 4549
    assert local_crs(np.array([50.0]), np.array([11.5])).to_epsg() == 32632
    assert local_crs(np.array([-33.9]), np.array([151.2])).to_epsg() == 32756
    assert local_crs(np.array([10.0]), np.array([180.0])).to_epsg() == 32660


def test_projected_distances_are_metres_and_the_way_back_holds() -> None:
    latitude, longitude = np.array([36.70, 36.71]), np.array([118.90, 118.91])
    x, y, crs = project(latitude, longitude)
    straight = float(np.hypot(x[1] - x[0], y[1] - y[0]))
    _, _, exact = pyproj.Geod(ellps="WGS84").inv(longitude[0], latitude[0], longitude[1], latitude[1])
    assert straight == pytest.approx(exact, rel=5e-4)
    assert x[1] > x[0]
    assert y[1] > y[0]
    np.testing.assert_allclose(to_degrees(x, y, crs), (latitude, longitude), atol=1e-9)


@pytest.mark.parametrize(("latitude", "longitude"), [(np.nan, np.nan), (118.9, 36.7), (36.7, 400.0)])
def test_no_projection_for_nothing_or_for_swapped_columns(latitude: float, longitude: float) -> None:
    with pytest.raises(CoordinateError):
        project(np.array([latitude]), np.array([longitude]))


def test_a_box_contains_its_points_and_grows_by_metres() -> None:
    latitude, longitude = points_over_china(100)
    box = bounding_box(latitude, longitude)
    assert box.contains(latitude, longitude).all()
    assert not box.contains(np.array([np.nan]), np.array([110.0])).any()
    wide = Box(36.0, 118.0, 37.0, 119.0).grown(1_000.0)
    assert great_circle_metres(wide.south, 118.0, 36.0, 118.0) == pytest.approx(1_000.0)
    assert great_circle_metres(wide.north, wide.east, wide.north, 119.0) == pytest.approx(1_000.0, rel=1e-3)
    assert CHINA_BOX.contains(np.array([36.7]), np.array([118.9])).all()


def town_and_roads() -> tuple[LatLon, LatLon, LatLon]:
    """Sixty homes in villages on a 1.5 km lattice with a road point every 75 m of the lattice lines."""
    crs = pyproj.CRS.from_epsg(4549)
    rng = np.random.default_rng(4)
    gx, gy = (axis.ravel() for axis in np.meshgrid(np.arange(8) * 1_500.0, np.arange(8) * 1_500.0))
    along = np.arange(0.0, 10_500.0, 75.0)
    line = np.repeat(np.arange(8) * 1_500.0, len(along))
    rx, ry = np.r_[line, np.tile(along, 8)], np.r_[np.tile(along, 8), line]
    pick = rng.integers(0, 64, 60)
    hx, hy = gx[pick] + rng.uniform(-120, 120, 60), gy[pick] + rng.uniform(-20, 20, 60)
    base = (400_000.0, 4_060_000.0)
    homes, villages, roads = (to_degrees(x + base[0], y + base[1], crs) for x, y in ((hx, hy), (gx, gy), (rx, ry)))
    return homes, villages, roads


@pytest.mark.parametrize("truth", list(Datum))
@pytest.mark.parametrize("with_roads", [True, False])
def test_a_wrong_datum_is_named_with_evidence(truth: Datum, with_roads: bool) -> None:
    homes, villages, roads = town_and_roads()
    written = convert(*homes, source=Datum.WGS84, target=truth)
    report = suspect_datum(written, villages, roads if with_roads else None, declared=Datum.WGS84)
    assert report.likely == truth
    assert report.is_suspect == (truth != Datum.WGS84)
    assert [one.datum for one in report.evidence] == list(Datum)
    best = min(report.evidence, key=lambda one: one.village_median_metres)
    assert best.datum == truth
    assert best.village_share_near == 1.0
    assert (best.road_median_metres is not None) == with_roads
    assert truth.value in report.summary()


def test_few_or_missing_points_raise_no_suspicion() -> None:
    homes, villages, _ = town_and_roads()
    shifted = convert(homes[0][:5], homes[1][:5], source=Datum.WGS84, target=Datum.BD09)
    report = suspect_datum(shifted, villages)
    assert not report.is_suspect
    assert "too few" in report.summary()
    nothing = suspect_datum((np.array([np.nan]), np.array([np.nan])), villages)
    assert nothing.point_count == 0
    assert not nothing.is_suspect


def test_the_points_given_are_never_changed() -> None:
    homes, villages, roads = town_and_roads()
    shifted = convert(*homes, source=Datum.WGS84, target=Datum.GCJ02)
    before = shifted[0].copy()
    suspect_datum(shifted, villages, roads)
    np.testing.assert_array_equal(shifted[0], before)


def test_outside_china_no_datum_is_suspected() -> None:
    """All three are the same there, so nothing can speak for another one."""
    rng = np.random.default_rng(5)
    villages = rng.uniform(49.9, 50.1, 30), rng.uniform(11.4, 11.6, 30)
    report = suspect_datum((villages[0] + 0.001, villages[1]), villages)
    assert not report.is_suspect
    assert len({one.village_median_metres for one in report.evidence}) == 1
