"""Coverage: nearest bases by engine and by matrix, far villages, areas within minutes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.coverage import areas_within, cover, cover_from_matrix, minutes_to_nodes
from geodata.demo_county import DemoCounty, demo_county
from geodata.engines import Dijkstra, GreatCircle
from geodata.engines.network import mode_network
from geodata.errors import PlaceTooFarError
from geodata.matrix import Points, travel_matrix
from geodata.modes import DEFAULT_SPEEDS, Mode
from geodata.roads import RoadGraph, read_roads


def points(table: pd.DataFrame, key: str) -> Points:
    return Points(tuple(table[key]), table["latitude"].to_numpy(), table["longitude"].to_numpy())


@pytest.fixture(scope="module")
def county() -> DemoCounty:
    return demo_county(4, people=120_000)


@pytest.fixture(scope="module")
def graph(county: DemoCounty, tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    path = tmp_path_factory.mktemp("roads") / "roads.osm.pbf"
    county.write_roads(path)
    return read_roads(path)


@pytest.fixture(scope="module")
def bases(county: DemoCounty) -> Points:
    return points(county.bases, "site_id")


@pytest.fixture(scope="module")
def villages(county: DemoCounty) -> Points:
    return points(county.villages, "village_id")


def test_every_village_gets_its_nearest_base(graph: RoadGraph, bases: Points, villages: Points) -> None:
    coverage = cover(villages, bases, Dijkstra(graph))
    assert coverage.table["place_id"].tolist() == list(villages.ids)
    assert set(coverage.table["base_id"]) == set(bases.ids)
    for base in bases.ids:
        index = bases.ids.index(base)
        alone = Points((base,), bases.latitude[[index]], bases.longitude[[index]])
        single = cover(villages, alone, Dijkstra(graph)).table["minutes"]
        assert (coverage.table["minutes"] <= single + 1e-6).all()
        mine = coverage.table["base_id"] == base
        np.testing.assert_allclose(coverage.table["minutes"][mine], single[mine], rtol=1e-6)


def test_a_base_covers_its_own_spot_in_no_time(graph: RoadGraph, bases: Points) -> None:
    coverage = cover(bases, bases, Dijkstra(graph))
    assert coverage.table["base_id"].tolist() == list(bases.ids)
    assert (coverage.table["minutes"] == 0).all()
    assert (coverage.table["metres"] == 0).all()


def test_the_matrix_gives_the_same_coverage_without_its_overhead(
    graph: RoadGraph, bases: Points, villages: Points
) -> None:
    both = Points(
        bases.ids + villages.ids,
        np.r_[bases.latitude, villages.latitude],
        np.r_[bases.longitude, villages.longitude],
    )
    engine = Dijkstra(graph)
    by_matrix = cover_from_matrix(travel_matrix(both, engine, Mode.CAR), bases.ids)
    by_engine = cover(villages, bases, engine)
    assert by_matrix.table["place_id"].tolist() == list(villages.ids)
    np.testing.assert_allclose(by_matrix.table["minutes"], by_engine.table["minutes"], atol=1 / 60)
    np.testing.assert_allclose(by_matrix.table["metres"], by_engine.table["metres"], atol=1)
    assert (by_matrix.table["base_id"] == by_engine.table["base_id"]).mean() > 0.97  # a rounded tie may differ


def test_walking_leaves_villages_beyond_thirty_minutes_and_a_car_does_not(
    graph: RoadGraph, county: DemoCounty, bases: Points, villages: Points
) -> None:
    on_foot, by_car = (cover(villages, bases, Dijkstra(graph), mode) for mode in (Mode.FOOT, Mode.CAR))
    far = on_foot.beyond()
    assert len(far) > 0
    assert (far["minutes"] > 30).all()
    assert far["minutes"].is_monotonic_decreasing
    assert len(by_car.beyond()) == 0
    assert by_car.share_within(30) == 1.0
    people = county.villages["people"].tolist()
    assert on_foot.share_within(30) < on_foot.share_within(30, people) < 1.0, "town seats are large and near"


def test_snow_slows_down(graph: RoadGraph, bases: Points, villages: Points) -> None:
    clear, snow = (cover(villages, bases, Dijkstra(graph), snow_factor=factor) for factor in (1.0, 0.6))
    np.testing.assert_allclose(snow.table["minutes"], clear.table["minutes"] / 0.6)


def test_coverage_works_without_roads(bases: Points, villages: Points) -> None:
    coverage = cover(villages, bases, GreatCircle())
    assert coverage.table["minutes"].between(0, 120).all()


def test_a_village_far_from_any_road_is_named(graph: RoadGraph, bases: Points) -> None:
    lost = Points(("V-lost",), np.array([38.0]), np.array([118.9]))
    with pytest.raises(PlaceTooFarError, match="V-lost"):
        cover(lost, bases, Dijkstra(graph))


def test_no_base_is_an_error_and_no_village_an_empty_answer(graph: RoadGraph, bases: Points, villages: Points) -> None:
    none = Points((), np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="no base"):
        cover(villages, none, Dijkstra(graph))
    with pytest.raises(ValueError, match="no base"):
        areas_within(graph, none)
    empty = cover(none, bases, Dijkstra(graph))
    assert len(empty.table) == 0
    assert empty.share_within(30) == 0.0


def test_minutes_to_nodes_agree_with_the_engine(graph: RoadGraph, bases: Points) -> None:
    network = mode_network(graph, Mode.CAR, DEFAULT_SPEEDS)
    minutes = minutes_to_nodes(graph, network, bases)
    pick = np.random.default_rng(0).choice(np.flatnonzero(network.is_inside), 50, replace=False)
    nodes = Points(tuple(f"N{node}" for node in pick), graph.node_latitude[pick], graph.node_longitude[pick])
    table = cover(nodes, bases, Dijkstra(graph)).table
    np.testing.assert_allclose(minutes[pick], table["minutes"], atol=0.05)


@pytest.mark.parametrize("mode", [Mode.CAR, Mode.EBIKE, Mode.FOOT])
def test_areas_hold_each_other_and_agree_with_the_minutes(
    graph: RoadGraph, bases: Points, villages: Points, mode: Mode
) -> None:
    areas = areas_within(graph, bases, mode, minutes=(30, 5, 10, 20))
    assert areas.crs.to_epsg() == 4326
    assert areas["minutes"].tolist() == [5, 10, 20, 30]
    assert areas.geometry.is_valid.all()
    assert areas["square_kilometres"].is_monotonic_increasing
    for smaller, larger in zip(areas.geometry[:-1], areas.geometry[1:], strict=True):
        assert smaller.difference(larger.buffer(1e-7)).area == pytest.approx(0, abs=1e-9)
    minutes = cover(villages, bases, Dijkstra(graph), mode).table["minutes"]
    for limit, area in zip(areas["minutes"], areas.geometry, strict=True):
        inside = shapely.contains_xy(area, villages.longitude, villages.latitude)
        clear = (minutes - limit).abs() > 1  # the border is simplified
        assert (inside == (minutes <= limit))[clear].mean() > 0.97


def test_no_time_at_all_gives_an_empty_area(graph: RoadGraph, bases: Points) -> None:
    areas = areas_within(graph, bases, minutes=(0, 20))
    assert areas["square_kilometres"][0] < 0.1
    assert areas["square_kilometres"][1] > 50


def test_a_real_extract_is_covered(shared_folder: Path) -> None:
    from geodata.demo_county import settle

    path = shared_folder / "geo" / "north-bayreuth.osm.pbf"
    place = settle(path, seed=2, people=20_000)
    graph = read_roads(path)
    coverage = cover(points(place.villages, "village_id"), points(place.bases, "site_id"), Dijkstra(graph))
    assert coverage.table["minutes"].between(0, 40).all()
    areas = areas_within(graph, points(place.bases, "site_id"))
    assert areas.geometry.is_valid.all()
