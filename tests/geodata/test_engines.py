"""Engines: the two on road graphs agree, both are right, and the others keep to the same protocol."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.coordinates import great_circle_metres
from geodata.engines import ContractionHierarchies, Dijkstra, Engine, GreatCircle, OsrmServer, Table, fastest_engine
from geodata.engines.network import COST_LIMIT, FACTOR_RANGE, mode_network
from geodata.errors import EngineMissingError, ModeError, RoutingServerError, UnreachableError
from geodata.modes import DEFAULT_SPEEDS, HIGHWAYS, Mode
from geodata.roads import RoadGraph, read_roads
from tests.geodata.builders import graph_of, place, scattered, write_grid
from tests.geodata.routing_server import RoutingServer, serving

GraphEngineType = type[ContractionHierarchies] | type[Dijkstra]
BOTH = pytest.mark.parametrize("engine_type", [ContractionHierarchies, Dijkstra])


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    return read_roads(write_grid(tmp_path_factory.mktemp("roads") / "grid.osm.pbf", size=14, seed=3))


def columns(*places: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """(latitudes, longitudes) of some places."""
    return np.array([latitude for latitude, _ in places]), np.array([longitude for _, longitude in places])


def table_of(engine: Engine, latitude: np.ndarray, longitude: np.ndarray, mode: Mode) -> Table:
    snapped = engine.snap(latitude, longitude, mode)
    return engine.table(snapped, snapped, mode)


def at_nodes(engine: Engine, graph: RoadGraph, nodes: list[int], mode: Mode = Mode.CAR) -> Table:
    return table_of(engine, graph.node_latitude[nodes], graph.node_longitude[nodes], mode)


# --- the two engines on a road graph -------------------------------------------------------------------------------


@pytest.mark.parametrize("jitter", [0.0, 0.25])  # without jitter thousands of ways are equally fast
@pytest.mark.parametrize("seed", range(4))
def test_both_graph_engines_give_the_same_seconds_and_metres(tmp_path: Path, seed: int, jitter: float) -> None:
    graph = read_roads(write_grid(tmp_path / "grid.osm.pbf", size=16, seed=seed, jitter=jitter))
    latitude, longitude = scattered(graph, 60, seed)
    fast, reference = ContractionHierarchies(graph), Dijkstra(graph)
    for mode in Mode:
        found, expected = (table_of(engine, latitude, longitude, mode) for engine in (fast, reference))
        assert np.isfinite(found.seconds).all()
        assert np.abs(found.seconds - expected.seconds).max() <= 0.01
        assert np.abs(found.metres - expected.metres).max() <= 0.1


def test_both_graph_engines_agree_on_a_real_extract(shared_folder: Path) -> None:
    graph = read_roads(shared_folder / "geo" / "north-bayreuth.osm.pbf")
    latitude, longitude = scattered(graph, 150, 5)
    for mode in Mode:
        found = table_of(ContractionHierarchies(graph), latitude, longitude, mode)
        expected = table_of(Dijkstra(graph), latitude, longitude, mode)
        assert np.abs(found.seconds - expected.seconds).max() <= 0.01
        assert np.abs(found.metres - expected.metres).max() <= 0.1


@BOTH
@pytest.mark.parametrize("mode", list(Mode))
def test_the_seconds_are_those_of_a_plain_search_in_real_numbers(
    grid: RoadGraph, engine_type: GraphEngineType, mode: Mode
) -> None:
    kmh = np.array([DEFAULT_SPEEDS[mode].get(HIGHWAYS[code], 0.0) for code in grid.highway])
    network = mode_network(grid, mode, DEFAULT_SPEEDS)
    arc = network.arc
    weights = grid.length_metres[arc] / (kmh[arc] / 3.6)
    matrix = csr_array((weights, (grid.edge_tail[arc], grid.edge_head[arc])), shape=(grid.node_count,) * 2)
    nodes = np.flatnonzero(network.is_inside)[::4].tolist()
    expected = dijkstra(matrix, indices=nodes)[:, nodes]
    found = at_nodes(engine_type(grid), grid, nodes, mode).seconds
    assert np.abs(found - expected).max() <= 0.5


@BOTH
@pytest.mark.parametrize("mode", [Mode.CAR, Mode.FOOT])
def test_a_route_has_the_tables_figures_and_a_line_of_that_length(
    grid: RoadGraph, engine_type: GraphEngineType, mode: Mode
) -> None:
    engine = engine_type(grid)
    latitude, longitude = scattered(grid, 40, 7)
    snapped = engine.snap(latitude, longitude, mode)
    table = engine.table(snapped, snapped, mode)
    for start in range(0, 40, 2):
        origin, destination = ((latitude[k], longitude[k]) for k in (start, start + 1))
        route = engine.route(origin, destination, mode)
        assert route.seconds == pytest.approx(float(table.seconds[start, start + 1]), abs=0.01)
        assert route.metres == pytest.approx(float(table.metres[start, start + 1]), abs=0.1)
        assert length_of(route.latitude, route.longitude) == pytest.approx(route.metres, abs=2.0)
        for end, k in ((0, start), (-1, start + 1)):
            assert route.latitude[end] == pytest.approx(snapped.latitude[k], abs=1e-9)
            assert route.longitude[end] == pytest.approx(snapped.longitude[k], abs=1e-9)


def length_of(latitude: np.ndarray, longitude: np.ndarray) -> float:
    return float(great_circle_metres(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:]).sum())


@BOTH
def test_the_metres_are_those_of_the_fastest_way_not_of_the_shortest(engine_type: GraphEngineType) -> None:
    nodes = [(0.0, 0.0), (1500.0, 0.0), (750.0, 1000.0)]
    graph = graph_of(nodes, [(0, 1, 1500.0, "residential"), (0, 2, 1250.0, "primary"), (2, 1, 1250.0, "primary")])
    table = at_nodes(engine_type(graph), graph, [0, 1])
    assert table.metres[0, 1] == pytest.approx(2500.0, abs=0.3)
    assert table.seconds[0, 1] == pytest.approx(2500.0 / 60 * 3.6, abs=0.05)


@BOTH
def test_of_two_equally_fast_ways_the_shorter_counts(engine_type: GraphEngineType) -> None:
    nodes = [(0.0, 0.0), (1000.0, 0.0), (500.0, 300.0), (500.0, -300.0)]
    fast, slow = "primary", "tertiary"
    stretches = [(0, 2, 600.0, fast), (2, 1, 600.0, fast), (0, 3, 500.0, slow), (3, 1, 500.0, slow)]
    graph = graph_of(nodes, stretches)
    speeds = {Mode.CAR: {fast: 60.0, slow: 50.0}}
    assert at_nodes(engine_type(graph, speeds), graph, [0, 1]).metres[0, 1] == pytest.approx(1000.0, abs=0.2)


@BOTH
def test_a_hundredth_of_a_second_does_not_mix_up_two_ways(engine_type: GraphEngineType) -> None:
    """The two searches of the fast engine find different ways here, and it has to notice."""
    nodes = [(0.0, 0.0), (1000.0, 0.0), (500.0, 300.0), (500.0, -300.0)]
    fast, slow, slower = "primary", "tertiary", "residential"
    stretches = [(0, 2, 1500.0, fast), (2, 1, 1500.0, fast), (0, 3, 750.0, slow), (3, 1, 750.0, slower)]
    graph = graph_of(nodes, stretches)
    speeds = {Mode.CAR: {fast: 60.0, slow: 30.0, slower: 750.0 / 90.01 * 3.6}}
    factor = mode_network(graph, Mode.CAR, speeds).factor
    assert 15_000 < factor < 30_000  # in this range the first search takes the fast way and the second the short one
    table = at_nodes(engine_type(graph, speeds), graph, [0, 1])
    assert table.metres[0, 1] == pytest.approx(3000.0, abs=0.2)
    assert table.seconds[0, 1] == pytest.approx(180.0, abs=0.005)


@BOTH
def test_of_parallel_roads_the_faster_counts(engine_type: GraphEngineType) -> None:
    graph = graph_of([(0.0, 0.0), (250.0, 0.0)], [(0, 1, 250.0, "residential"), (0, 1, 270.0, "primary")])
    engine = engine_type(graph)
    assert at_nodes(engine, graph, [0, 1]).metres[0, 1] == pytest.approx(270.0, abs=0.1)
    assert engine.route(place(0, 0), place(250, 0), Mode.CAR).metres == pytest.approx(270.0, abs=0.1)


@BOTH
def test_points_snap_only_to_roads_that_lead_everywhere_and_back(engine_type: GraphEngineType) -> None:
    nodes = [(0.0, 0.0), (200.0, 0.0), (400.0, 0.0), (600.0, 0.0), (0.0, 900.0), (200.0, 900.0)]
    main = [(0, 1, 200.0, "tertiary"), (1, 2, 200.0, "tertiary"), (2, 3, 200.0, "tertiary")]
    graph = graph_of(nodes, [*main, (4, 5, 200.0, "tertiary")])  # the last is an island
    snapped = engine_type(graph).snap(*columns(place(100.0, 800.0)), Mode.CAR)
    assert snapped.access_metres[0] == pytest.approx(800.0, abs=2.0)
    assert snapped.leaving.node[0] in (0, 1)


@BOTH
def test_a_point_snaps_to_the_line_of_the_road_not_to_its_ends(engine_type: GraphEngineType) -> None:
    graph = graph_of([(0.0, 0.0), (1000.0, 0.0)], [(0, 1, 1000.0, "tertiary")])
    snapped = engine_type(graph).snap(*columns(place(300.0, 40.0)), Mode.CAR)
    assert snapped.access_metres[0] == pytest.approx(40.0, abs=0.2)
    for along in (snapped.leaving, snapped.arriving):
        assert along.node[0] == 0
        assert along.metres[0] == pytest.approx(300.0, abs=1.0)
        assert along.seconds[0] == pytest.approx(300.0 / 42 * 3.6, abs=0.1)


@BOTH
def test_neighbours_on_one_stretch_go_straight(engine_type: GraphEngineType) -> None:
    graph = graph_of([(0.0, 0.0), (300.0, 0.0)], [(0, 1, 300.0, "tertiary")])
    engine = engine_type(graph)
    table = table_of(engine, *columns(place(140.0, 10.0), place(160.0, 10.0)), Mode.CAR)
    assert table.metres == pytest.approx(np.array([[0, 20], [20, 0]]), abs=0.3)
    route = engine.route(place(160.0, 10.0), place(140.0, 10.0), Mode.CAR)
    assert length_of(route.latitude, route.longitude) == pytest.approx(20.0, abs=0.3)
    assert route.longitude[0] > route.longitude[-1]


@BOTH
def test_on_a_one_way_stretch_the_neighbour_behind_is_all_the_way_round(engine_type: GraphEngineType) -> None:
    nodes = [(0.0, 0.0), (300.0, 0.0), (150.0, 300.0)]
    ring = [(0, 1, 300.0, "tertiary"), (1, 2, 335.0, "tertiary"), (2, 0, 335.0, "tertiary")]
    graph = graph_of(nodes, ring, one_way=True)
    engine = engine_type(graph)
    table = table_of(engine, *columns(place(100.0, 0.0), place(120.0, 0.0)), Mode.CAR)
    assert table.metres[0, 1] == pytest.approx(20.0, abs=0.5)
    assert table.metres[1, 0] == pytest.approx(970.0 - 20.0, abs=1.0)
    back = engine.route(place(120.0, 0.0), place(100.0, 0.0), Mode.CAR)
    assert length_of(back.latitude, back.longitude) == pytest.approx(950.0, abs=3.0)


@BOTH
def test_a_wide_network_is_weighed_in_coarser_units_and_still_answered(engine_type: GraphEngineType) -> None:
    count, step = 40, 50_000.0
    nodes = [(step * k, 0.0) for k in range(count)]
    graph = graph_of(nodes, [(k, k + 1, step, "primary") for k in range(count - 1)])
    network = mode_network(graph, Mode.FOOT, DEFAULT_SPEEDS)
    assert network.time_unit_seconds > 0.01
    assert FACTOR_RANGE[0] <= network.factor
    assert int(network.cost[::2].sum() + network.length[::2].sum()) < COST_LIMIT
    table = at_nodes(engine_type(graph), graph, [0, count - 1], Mode.FOOT)
    assert table.metres[0, 1] == pytest.approx(step * (count - 1), rel=1e-4)
    assert table.seconds[0, 1] == pytest.approx(step * (count - 1) / 4.6 * 3.6, rel=1e-4)


def test_a_road_network_without_a_road_for_the_mode_is_an_error() -> None:
    graph = graph_of([(0.0, 0.0), (300.0, 0.0)], [(0, 1, 300.0, "footway")])
    with pytest.raises(ModeError, match="no road for car"):
        Dijkstra(graph).snap(graph.node_latitude, graph.node_longitude, Mode.CAR)


def test_roads_that_all_lead_one_way_are_an_error() -> None:
    graph = graph_of([(0.0, 0.0), (300.0, 0.0)], [(0, 1, 300.0, "tertiary")], one_way=True)
    with pytest.raises(ModeError, match="to and fro"):
        Dijkstra(graph).snap(graph.node_latitude, graph.node_longitude, Mode.CAR)


def test_only_a_network_without_one_ways_is_symmetric(grid: RoadGraph) -> None:
    assert not mode_network(grid, Mode.CAR, DEFAULT_SPEEDS).is_symmetric()
    assert mode_network(grid, Mode.FOOT, DEFAULT_SPEEDS).is_symmetric()


@pytest.mark.parametrize("mode", [Mode.CAR, Mode.FOOT])
def test_a_table_in_many_blocks_is_the_same_table(grid: RoadGraph, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    latitude, longitude = scattered(grid, 80, 4)
    expected = table_of(ContractionHierarchies(grid, threads=1), latitude, longitude, mode)
    monkeypatch.setattr("geodata.engines.hierarchies.ROWS_AT_ONCE", 7)
    found = table_of(ContractionHierarchies(grid, threads=3), latitude, longitude, mode)
    assert np.array_equal(found.seconds, expected.seconds)
    assert np.array_equal(found.metres, expected.metres)


def test_one_engine_serves_many_threads_at_once(grid: RoadGraph) -> None:
    engine = ContractionHierarchies(grid)
    latitude, longitude = scattered(grid, 50, 9)
    expected = table_of(engine, latitude, longitude, Mode.EBIKE)
    with ThreadPoolExecutor(4) as workers:
        jobs = [workers.submit(table_of, engine, latitude, longitude, Mode.EBIKE) for _ in range(12)]
    for job in jobs:
        assert np.array_equal(job.result().seconds, expected.seconds)
        assert np.array_equal(job.result().metres, expected.metres)


def test_a_table_may_have_other_destinations_than_origins(grid: RoadGraph) -> None:
    engine = ContractionHierarchies(grid)
    snapped = engine.snap(*scattered(grid, 30, 2), Mode.CAR)
    whole = engine.table(snapped, snapped, Mode.CAR)
    part = engine.table(snapped.part(slice(0, 3)), snapped.part(np.array([7, 4])), Mode.CAR)
    assert np.array_equal(part.seconds, whole.seconds[:3][:, [7, 4]])


def test_the_fingerprint_changes_with_roads_and_speeds(grid: RoadGraph) -> None:
    other = graph_of([(0.0, 0.0), (300.0, 0.0)], [(0, 1, 300.0, "tertiary")])
    faster = {Mode.CAR: {"tertiary": 80.0}}
    prints = {engine.fingerprint(Mode.CAR) for engine in (Dijkstra(grid), Dijkstra(other), Dijkstra(grid, faster))}
    assert len(prints) == 3
    assert Dijkstra(grid).fingerprint(Mode.CAR) != ContractionHierarchies(grid).fingerprint(Mode.CAR)
    assert Dijkstra(grid).fingerprint(Mode.CAR) == Dijkstra(grid).fingerprint(Mode.CAR)


def test_the_fastest_engine_is_the_one_that_is_installed(grid: RoadGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(fastest_engine(grid), ContractionHierarchies)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert isinstance(fastest_engine(grid), Dijkstra)
    with pytest.raises(EngineMissingError, match="use Dijkstra"):
        ContractionHierarchies(grid)


# --- without roads -------------------------------------------------------------------------------------------------


def test_the_great_circle_adds_the_detour_and_more_on_short_trips() -> None:
    engine = GreatCircle(circuity=1.30)
    latitude, longitude = columns(place(0, 0), place(300, 0), place(30_000, 0))
    table = table_of(engine, latitude, longitude, Mode.CAR)
    assert table.metres[0, 2] == pytest.approx(30_000 * 1.30, rel=0.002)
    assert 1.38 < table.metres[0, 1] / 300.0 < 1.46
    assert np.diag(table.seconds).max() == np.diag(table.metres).max() == 0.0


def test_without_roads_long_trips_are_faster_and_a_car_beats_an_ebike_beats_feet() -> None:
    latitude, longitude = columns(place(0, 0), place(800, 0), place(20_000, 0))
    tables = {mode: table_of(GreatCircle(), latitude, longitude, mode) for mode in (Mode.CAR, Mode.EBIKE, Mode.FOOT)}
    seconds = [table.seconds[0, 2] for table in tables.values()]
    assert seconds == sorted(seconds)
    kmh = tables[Mode.CAR].metres / np.maximum(tables[Mode.CAR].seconds, 1.0) * 3.6
    assert kmh[0, 1] < kmh[0, 2] <= 50.0


def test_without_roads_a_route_is_the_straight_line() -> None:
    route = GreatCircle().route(place(0, 0), place(1000, 0), Mode.FOOT)
    assert route.latitude.tolist() == [place(0, 0)[0], place(1000, 0)[0]]
    assert route.metres > 1300.0


def test_a_detour_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="circuity"):
        GreatCircle(circuity=0.9)


def test_a_mode_without_a_speed_is_refused() -> None:
    with pytest.raises(ModeError, match="foot"):
        GreatCircle(speeds={}).snap(np.array([36.7]), np.array([118.9]), Mode.FOOT)


# --- a routing server ----------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[RoutingServer]:
    with serving() as running:
        yield running


def test_the_servers_table_is_handed_on(server: RoutingServer) -> None:
    engine = OsrmServer(server.url)
    latitude, longitude = columns(*(place(1000.0 * k, 0.0) for k in range(4)))
    snapped = engine.snap(latitude, longitude, Mode.CAR)
    table = engine.table(snapped, snapped, Mode.CAR)
    assert snapped.access_metres == pytest.approx(np.full(4, server.shift_metres), abs=0.5)
    assert table.metres[0] == pytest.approx(np.array([0, 1300, 2600, 3900]), abs=2.0)
    assert table.seconds == pytest.approx(table.metres / 10.0, abs=0.2)


def test_small_requests_add_up_to_the_same_table(server: RoutingServer) -> None:
    latitude, longitude = columns(*(place(500.0 * k, 30.0 * k) for k in range(7)))
    one, many = OsrmServer(server.url), OsrmServer(server.url, places_per_request=5)
    whole = table_of(one, latitude, longitude, Mode.CAR)
    server.most_places = 0
    pieces = table_of(many, latitude, longitude, Mode.CAR)
    assert np.array_equal(whole.seconds, pieces.seconds)
    assert server.most_places <= 5


def test_the_servers_route_has_its_line(server: RoutingServer) -> None:
    route = OsrmServer(server.url).route(place(0, 0), place(1000, 0), Mode.FOOT)
    assert route.metres == pytest.approx(1300.0, abs=1.0)
    assert route.latitude[0] == pytest.approx(place(0, 0)[0], abs=1e-5)
    assert route.longitude[0] == pytest.approx(place(0, 0)[1], abs=1e-5)
    assert server.profiles == {"walking"}


def test_what_the_server_cannot_reach_is_infinite_and_no_route_is_an_error(server: RoutingServer) -> None:
    server.is_cut_off = True
    engine = OsrmServer(server.url)
    table = table_of(engine, *columns(place(0, 0), place(1000, 0)), Mode.CAR)
    assert np.isinf(table.seconds[0, 1])
    with pytest.raises(UnreachableError):
        engine.route(place(0, 0), place(1000, 0), Mode.CAR)


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", b'{"code": "InvalidQuery"}', b'{"code": "Ok", "destinations": 3}']
)
def test_an_answer_that_makes_no_sense_is_an_error(server: RoutingServer, answer: bytes) -> None:
    server.canned = answer
    with pytest.raises(RoutingServerError, match="nonsense"):
        OsrmServer(server.url).snap(np.array([36.7]), np.array([118.9]), Mode.CAR)


@pytest.mark.parametrize("durations", [b"[[1.0]]", b'"no"', b'[["a", "b"], [1, 2]]'])
def test_a_table_of_the_wrong_shape_is_an_error(server: RoutingServer, durations: bytes) -> None:
    engine = OsrmServer(server.url)
    snapped = engine.snap(*columns(place(0, 0), place(1000, 0)), Mode.CAR)
    server.canned = b'{"code": "Ok", "distances": [[0, 1], [1, 0]], "durations": ' + durations + b"}"
    with pytest.raises(RoutingServerError, match="durations"):
        engine.table(snapped, snapped, Mode.CAR)


def test_a_server_that_is_away_is_an_error() -> None:
    with serving() as gone:
        url = gone.url
    with pytest.raises(RoutingServerError, match="cannot be reached"):
        OsrmServer(url, timeout_seconds=2.0).snap(np.array([36.7]), np.array([118.9]), Mode.CAR)


def test_a_mode_without_a_profile_and_an_address_that_is_none_are_refused(server: RoutingServer) -> None:
    with pytest.raises(ModeError, match="ebike"):
        OsrmServer(server.url).fingerprint(Mode.EBIKE)
    with pytest.raises(ValueError, match="http"):
        OsrmServer("ftp://nowhere")


def test_the_servers_fingerprint_changes_with_its_data(server: RoutingServer) -> None:
    old, new = (OsrmServer(server.url, data_version=version).fingerprint(Mode.CAR) for version in ("2025", "2026"))
    assert old != new


def test_no_thread_of_a_server_is_left_behind() -> None:
    before = threading.active_count()
    with serving():
        assert threading.active_count() > before
    assert threading.active_count() == before
