"""The invented county: people, towns, codes, names, homes near lanes, roads, the cut township, real roads."""

from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geodata.coordinates import project, to_metres
from geodata.demo_county import DemoCounty, RoadNetwork, demo_county, settle, township
from geodata.errors import RoadFileError
from geodata.modes import DEFAULT_SPEEDS, HIGHWAYS, Mode
from geodata.roads import RoadGraph, read_roads

RARE = set("㙍崮峱郚堐疃岞夼埝隅臧逄綦亓禚訾鄢蔺仉郗")


@pytest.fixture(scope="module")
def county() -> DemoCounty:
    return demo_county(seed=1)


@pytest.fixture(scope="module")
def cut(county: DemoCounty) -> DemoCounty:
    return township(county)


@pytest.fixture(scope="module")
def county_graph(county: DemoCounty, tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    path = tmp_path_factory.mktemp("county") / "roads.osm.pbf"
    county.write_roads(path)
    return read_roads(path)


def car_graph(graph: RoadGraph) -> tuple[csr_array, csr_array]:
    """Seconds and metres by car; two junctions are never joined twice here."""
    kmh = np.array([DEFAULT_SPEEDS[Mode.CAR].get(name, np.nan) for name in HIGHWAYS])[graph.highway]
    shape = (graph.node_count, graph.node_count)
    where = (graph.edge_tail, graph.edge_head)
    seconds = csr_array((graph.length_metres / kmh * 3.6, where), shape=shape)
    return seconds, csr_array((graph.length_metres, where), shape=shape)


def circuity(graph: RoadGraph, places: pd.DataFrame) -> float:
    """Mean of shortest way over straight line between places 0.5 to 40 km apart."""
    x, y, crs = project(graph.node_latitude, graph.node_longitude)
    at = np.column_stack(to_metres(places["latitude"].to_numpy(), places["longitude"].to_numpy(), crs))
    _, nodes = cKDTree(np.column_stack([x, y])).query(at)
    _, metres = car_graph(graph)
    road = dijkstra(metres, indices=nodes[::7])[:, nodes]
    straight = np.linalg.norm(at[::7, None] - at[None], axis=2)
    inside = (straight > 500) & (straight < 40_000)
    return float((road[inside] / straight[inside]).mean())


def test_the_county_has_exactly_the_people_asked_for(county: DemoCounty) -> None:
    assert county.people == 600_000
    assert int(county.households["persons"].sum()) == 600_000
    for table in (county.towns, county.villages):
        assert int(table["people"].sum()) == 600_000
    assert county.households["persons"].between(1, 4).all()
    per_settlement = county.households.groupby("settlement_id")["persons"].sum()
    assert per_settlement.reindex(county.settlements["settlement_id"]).tolist() == county.settlements["people"].tolist()
    counted = county.households.groupby("settlement_id").size()
    assert counted.reindex(county.settlements["settlement_id"]).tolist() == county.settlements["households"].tolist()


def test_towns_have_about_sixty_thousand_people_and_villages_a_thousand(county: DemoCounty) -> None:
    assert len(county.towns) == 10
    assert county.towns["people"].between(50_000, 70_000).all()
    assert 800 < county.villages["people"].median() < 1_500
    assert county.villages["share_65"].between(0.12, 0.30).all()
    per_village = county.settlements.groupby("village_id").size()
    assert per_village.max() <= 4
    assert len(per_village) == len(county.villages)


def test_every_place_belongs_to_one_that_exists(county: DemoCounty, cut: DemoCounty) -> None:
    for one in (county, cut):
        town_of = one.villages.set_index("village_id")["town_id"]
        assert set(one.villages["town_id"]) == set(one.towns["town_id"])
        assert set(one.settlements["village_id"]) == set(one.villages["village_id"])
        assert set(one.households["settlement_id"]) == set(one.settlements["settlement_id"])
        for table in (one.settlements, one.households, one.sites):
            assert (town_of.reindex(table["village_id"]).to_numpy() == table["town_id"].to_numpy()).all()
        assert one.towns["settlement_id"].isin(one.settlements["settlement_id"]).all()


def test_ids_and_names_are_unique(county: DemoCounty) -> None:
    assert county.settlements["name"].is_unique
    assert county.villages["name"].is_unique
    assert county.towns["name"].is_unique
    assert county.sites["name"].is_unique
    for table, key in (
        (county.towns, "town_id"),
        (county.villages, "village_id"),
        (county.settlements, "settlement_id"),
        (county.households, "household_id"),
        (county.sites, "site_id"),
    ):
        assert table[key].is_unique


def test_names_look_right_and_some_have_rare_characters(county: DemoCounty) -> None:
    names = county.settlements["name"]
    assert names.str.len().between(2, 6).all()
    rare = [bool(RARE & set(name)) for name in names]
    assert 0.05 < np.mean(rare) < 0.4
    assert county.towns["name"].str.endswith(("镇", "街道")).all()


@pytest.mark.needs_shared
def test_no_town_bears_the_name_of_a_real_one(county: DemoCounty, shared_folder: Path) -> None:
    real = pd.read_csv(shared_folder / "geo" / "changle_villages_2023.csv", dtype=str)
    assert not set(county.towns["name"]) & set(real["town"])
    assert not set(county.towns["statistics_code"]) & set(real["town_code"])


def test_the_two_village_codes_are_numbered_independently(county: DemoCounty) -> None:
    statistics, record = county.villages["statistics_code"], county.villages["record_code"]
    for code, low, high in ((statistics, 200, 999), (record, 101, 199)):
        assert code.is_unique
        assert code.str.fullmatch(r"379900\d{6}").all()
        assert code.str[-3:].astype(int).between(low, high).all()
    assert (statistics.str[:9] == record.str[:9]).all()
    step = statistics.str[-3:].astype(int) - 200 - (record.str[-3:].astype(int) - 101)
    assert (step != 0).mean() > 0.9, "one code would follow from the other"
    town_code = county.towns.set_index("town_id")["statistics_code"]
    assert (town_code.reindex(county.villages["town_id"]).to_numpy() == statistics.str[:9].to_numpy()).all()


def test_every_town_has_a_hospital_stations_and_functional_communities(county: DemoCounty) -> None:
    assert sorted(county.bases["town_id"]) == sorted(county.towns["town_id"])
    for part in (county.stations, county.clinics, county.communities):
        assert set(part["town_id"]) == set(county.towns["town_id"])
    assert (county.communities["people"] >= 20).all()
    assert set(county.communities["kind"]) == {"factory", "school", "nursing_home"}
    sites = len(county.bases) + len(county.stations) + len(county.clinics) + len(county.communities)
    assert sites == len(county.sites)


def test_two_villages_of_a_township_have_no_clinic(county: DemoCounty) -> None:
    served = pd.concat([county.bases, county.stations, county.clinics])["village_id"]
    without = county.villages[~county.villages["village_id"].isin(served)]
    assert (without.groupby("town_id").size() == 2).all()
    assert len(without) == 2 * len(county.towns)


def test_homes_lie_near_the_middle_of_their_settlement(county: DemoCounty) -> None:
    x, y, crs = project(county.households["latitude"].to_numpy(), county.households["longitude"].to_numpy())
    middle = county.settlements.set_index("settlement_id").reindex(county.households["settlement_id"])
    cx, cy = to_metres(middle["latitude"].to_numpy(), middle["longitude"].to_numpy(), crs)
    distance = np.hypot(x - cx, y - cy)
    assert np.median(distance) < 400
    assert np.quantile(distance, 0.99) < 1_000


def test_homes_stand_beside_the_roads(county: DemoCounty, county_graph: RoadGraph) -> None:
    x, y, crs = project(county_graph.node_latitude, county_graph.node_longitude)
    homes = county.households.iloc[::50]
    at = np.column_stack(to_metres(homes["latitude"].to_numpy(), homes["longitude"].to_numpy(), crs))
    distance, _ = cKDTree(np.column_stack([x, y])).query(at)
    assert distance.max() < 120


def test_the_county_has_about_twenty_thousand_road_nodes(county_graph: RoadGraph) -> None:
    assert 18_000 < county_graph.node_count < 22_500


def test_the_road_network_is_in_one_piece(county_graph: RoadGraph) -> None:
    seconds, _ = car_graph(county_graph)
    assert connected_components(seconds, directed=True, connection="strong")[0] == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_circuity_lies_between_1_3_and_1_4(seed: int, tmp_path: Path) -> None:
    county = demo_county(seed)
    county.write_roads(tmp_path / "roads.osm.pbf")
    assert 1.3 < circuity(read_roads(tmp_path / "roads.osm.pbf"), county.settlements) < 1.4


def test_the_fastest_way_is_a_little_longer_than_the_shortest(county_graph: RoadGraph) -> None:
    """Fast roads exist and attract trips, without absurd detours."""
    seconds, metres = car_graph(county_graph)
    start = int(np.random.default_rng(0).integers(county_graph.node_count))
    fast, before = dijkstra(seconds, indices=start, return_predecessors=True)
    driven = np.zeros(county_graph.node_count)
    for node in np.argsort(fast)[1:]:
        driven[node] = driven[before[node]] + metres[before[node], node]
    shortest = dijkstra(metres, indices=start)
    assert 1.01 < driven.sum() / shortest.sum() < 1.15
    assert 25 < driven.sum() / fast.sum() * 3.6 < 60


def test_every_road_class_is_used(county: DemoCounty) -> None:
    assert isinstance(county.roads, RoadNetwork)
    assert set(county.roads.way_class) == set(range(5))


@pytest.mark.parametrize("seed", [1, 7])
def test_the_same_seed_gives_the_same_county_and_the_same_bytes(seed: int, tmp_path: Path) -> None:
    first, second = demo_county(seed, people=30_000), demo_county(seed, people=30_000)
    for name in ("towns", "villages", "settlements", "households", "sites"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    first.write_roads(tmp_path / "a.osm.pbf")
    second.write_roads(tmp_path / "b.osm.pbf")
    assert (tmp_path / "a.osm.pbf").read_bytes() == (tmp_path / "b.osm.pbf").read_bytes()


def test_another_seed_gives_another_county() -> None:
    first, second = demo_county(1, people=30_000), demo_county(2, people=30_000)
    assert first.settlements["name"].tolist() != second.settlements["name"].tolist()
    assert not np.allclose(first.settlements["latitude"].to_numpy(), second.settlements["latitude"].to_numpy())


def test_writing_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "roads.osm.pbf"
    path.write_bytes(b"old")
    demo_county(1, people=5_000).write_roads(path)
    assert [item.name for item in tmp_path.iterdir()] == ["roads.osm.pbf"]
    assert sum(1 for _ in osmium.FileProcessor(str(path))) > 100


@pytest.mark.parametrize("people", [3_000, 4_000, 20_000, 60_000, 130_000])
def test_small_counties_work_too(people: int) -> None:
    county = demo_county(3, people=people)
    assert county.people == people
    assert len(county.bases) == len(county.towns) == max(1, round(people / 60_000))
    assert str(people // 1000) in county.summary()


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3000"):
        demo_county(1, people=100)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_township_has_sixty_thousand_people_and_45_to_90_settlements(seed: int) -> None:
    cut = township(demo_county(seed))
    assert cut.people == pytest.approx(60_000, rel=0.03)
    assert 45 <= len(cut.settlements) <= 90
    assert len(cut.towns) == len(cut.bases) == 1
    assert cut.name == cut.towns["name"][0] != "槐川县"


def test_the_townships_roads_reach_all_of_its_settlements(cut: DemoCounty, tmp_path: Path) -> None:
    cut.write_roads(tmp_path / "roads.osm.pbf")
    graph = read_roads(tmp_path / "roads.osm.pbf")
    seconds, _ = car_graph(graph)
    assert connected_components(seconds, directed=True, connection="strong")[0] == 1
    x, y, crs = project(graph.node_latitude, graph.node_longitude)
    at = np.column_stack(
        to_metres(cut.settlements["latitude"].to_numpy(), cut.settlements["longitude"].to_numpy(), crs)
    )
    distance, _ = cKDTree(np.column_stack([x, y])).query(at)
    assert distance.max() < 1.0
    assert graph.node_count < 5_000


def test_villages_of_the_township_bear_its_code(cut: DemoCounty) -> None:
    code = cut.towns["statistics_code"][0]
    assert cut.villages["statistics_code"].str.startswith(code).all()
    assert cut.villages["statistics_code"].is_unique
    assert cut.villages["record_code"].is_unique


def test_a_smaller_township_and_a_county_that_is_one(county: DemoCounty) -> None:
    assert township(county, people=25_000).people == pytest.approx(25_000, rel=0.05)
    alone = demo_county(1, people=60_000)
    assert township(alone).people == 60_000
    with pytest.raises(ValueError, match="cannot be cut"):
        township(alone, people=70_000)


def test_the_networks_arrays_cannot_be_written(county: DemoCounty) -> None:
    assert isinstance(county.roads, RoadNetwork)
    with pytest.raises(ValueError, match="read-only"):
        county.roads.node_latitude[0] = 0.0


@pytest.fixture(scope="module")
def small_roads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A road file without any place node: the roads of a small invented county."""
    path = tmp_path_factory.mktemp("small") / "roads.osm.pbf"
    demo_county(5, people=15_000).write_roads(path)
    return path


def test_places_are_settled_on_a_road_file_without_named_places(small_roads: Path, tmp_path: Path) -> None:
    settled = settle(small_roads, seed=1, people=8_000)
    assert settled.people == 8_000
    assert len(settled.bases) == 1
    again = settle(small_roads, seed=1, people=8_000)
    pd.testing.assert_frame_equal(settled.households, again.households)
    settled.write_roads(tmp_path / "copy.osm.pbf")
    assert (tmp_path / "copy.osm.pbf").read_bytes() == small_roads.read_bytes()
    settled.write_roads(small_roads)  # onto itself: nothing happens
    assert small_roads.stat().st_size > 0
    with pytest.raises(ValueError, match="not cut"):
        township(settled, people=5_000)


def test_settling_refuses_a_file_without_roads_and_too_few_people(small_roads: Path, tmp_path: Path) -> None:
    with pytest.raises(RoadFileError):
        settle(tmp_path / "nowhere.osm.pbf", seed=1, people=5_000)
    with pytest.raises(ValueError, match="at least 3000"):
        settle(small_roads, seed=1, people=10)


@pytest.mark.needs_shared
def test_places_are_settled_on_real_roads(shared_folder: Path) -> None:
    path = shared_folder / "geo" / "north-bayreuth.osm.pbf"
    settled = settle(path, seed=1, people=20_000)
    assert settled.people == 20_000
    assert settled.settlements["name"].is_unique
    graph = read_roads(path)
    x, y, crs = project(graph.node_latitude, graph.node_longitude)
    homes = settled.households
    at = np.column_stack(to_metres(homes["latitude"].to_numpy(), homes["longitude"].to_numpy(), crs))
    distance, _ = cKDTree(np.column_stack([x, y])).query(at)
    assert np.quantile(distance, 0.99) < 200
    middle = settled.settlements.set_index("settlement_id").reindex(homes["settlement_id"])
    mx, my = to_metres(middle["latitude"].to_numpy(), middle["longitude"].to_numpy(), crs)
    assert np.median(np.hypot(at[:, 0] - mx, at[:, 1] - my)) < 700
