"""Roads: what is read from a file, who may use which arc, and what is said of a file without roads."""

from pathlib import Path

import numpy as np
import osmium
import pytest

from geodata.coordinates import great_circle_metres
from geodata.errors import GeodataError, RoadFileError
from geodata.modes import DEFAULT_SPEEDS, HIGHWAYS, Mode
from geodata.roads import RoadGraph, open_modes, read_roads
from tests.geodata.builders import roads, write_grid, write_roads

CROSS = {1: (0.0, 0.0), 2: (100.0, 30.0), 3: (200.0, 0.0), 4: (300.0, 0.0), 5: (200.0, 150.0)}
RESIDENTIAL = {"highway": "residential"}


def modes_of(mask: int) -> set[Mode]:
    return {mode for mode in Mode if mask & mode.bit}


def test_bends_are_geometry_and_only_crossings_and_ends_are_nodes(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 2, 3, 4), RESIDENTIAL), ((3, 5), RESIDENTIAL)])
    assert (graph.node_count, graph.edge_count) == (4, 6)
    assert sorted(np.diff(graph.shape_offset).tolist()) == [2, 2, 3]


def test_length_follows_the_bends(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 2, 3), RESIDENTIAL)])
    assert graph.length_metres == pytest.approx(2 * np.hypot(100.0, 30.0), abs=0.2)


def test_the_two_arcs_of_a_stretch_mirror_each_other(tmp_path: Path) -> None:
    graph = read_roads(write_grid(tmp_path / "grid.osm.pbf", size=6, seed=1))
    assert np.array_equal(graph.edge_tail[0::2], graph.edge_head[1::2])
    assert np.array_equal(graph.length_metres[0::2], graph.length_metres[1::2])


def test_a_line_runs_from_tail_to_head_and_is_as_long_as_its_arc(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 2, 3, 4), RESIDENTIAL), ((5, 3), RESIDENTIAL)])
    for edge in range(graph.edge_count):
        latitude, longitude = graph.line(edge)
        tail, head = graph.edge_tail[edge], graph.edge_head[edge]
        assert (latitude[0], longitude[0]) == (graph.node_latitude[tail], graph.node_longitude[tail])
        assert (latitude[-1], longitude[-1]) == (graph.node_latitude[head], graph.node_longitude[head])
        steps = great_circle_metres(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])
        assert steps.sum() == pytest.approx(graph.length_metres[edge], abs=1e-6)


def test_a_long_road_gets_nodes_in_between(tmp_path: Path) -> None:
    spots = {ref: (50.0 * ref, 0.0) for ref in range(1, 22)}
    graph = roads(tmp_path, spots, [(list(spots), RESIDENTIAL)])
    assert graph.length_metres.max() <= 300.0
    assert graph.length_metres.sum() / 2 == pytest.approx(1000.0, abs=1.0)
    assert graph.node_count == 5


def test_a_road_that_ends_where_it_began_keeps_its_length(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 3), RESIDENTIAL), ((3, 4, 5, 3), RESIDENTIAL)])
    expected = 200.0 + 100.0 + np.hypot(100.0, 150.0) + 150.0
    assert graph.length_metres.sum() / 2 == pytest.approx(expected, abs=0.5)


def test_a_node_outside_of_the_extract_cuts_the_road(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 2, 99, 3, 4), RESIDENTIAL)])
    assert graph.node_count == 4
    assert graph.length_metres.max() < 110.0


def test_every_array_is_read_only(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 3), RESIDENTIAL)])
    with pytest.raises(ValueError, match="read-only"):
        graph.length_metres[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        graph.shape_latitude[0] = 1.0


def test_a_graph_says_how_large_it_is(tmp_path: Path) -> None:
    assert repr(roads(tmp_path, CROSS, [((1, 3), RESIDENTIAL)])) == "RoadGraph(2 nodes, 1 stretches, 0 km)"


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    ways = [((1, 3), RESIDENTIAL)]
    assert roads(tmp_path, CROSS, ways).fingerprint() == roads(tmp_path, CROSS, ways).fingerprint()
    changed = roads(tmp_path, CROSS, [((1, 3), {"highway": "primary"})])
    assert changed.fingerprint() != roads(tmp_path, CROSS, ways).fingerprint()


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, set(Mode), set(Mode)),
        ({"oneway": "yes"}, set(Mode), {Mode.FOOT}),
        ({"oneway": "-1"}, {Mode.FOOT}, set(Mode)),
        ({"oneway": "no", "junction": "roundabout"}, set(Mode), set(Mode)),
        ({"junction": "roundabout"}, set(Mode), {Mode.FOOT}),
        ({"oneway": "yes", "oneway:bicycle": "no"}, set(Mode), {Mode.FOOT, Mode.EBIKE, Mode.BICYCLE}),
        ({"access": "private"}, set(), set()),
        ({"access": "no", "foot": "yes"}, {Mode.FOOT}, {Mode.FOOT}),
        ({"motor_vehicle": "no"}, {Mode.EBIKE, Mode.BICYCLE, Mode.FOOT}, {Mode.EBIKE, Mode.BICYCLE, Mode.FOOT}),
        ({"vehicle": "no", "bicycle": "yes"},) + 2 * ({Mode.EBIKE, Mode.BICYCLE, Mode.FOOT},),
        ({"motor_vehicle": "no", "motorcar": "yes"}, set(Mode) - {Mode.ESCOOTER}, set(Mode) - {Mode.ESCOOTER}),
    ],
)
def test_access_and_one_ways_hold_per_mode(tags: dict[str, str], forward: set[Mode], backward: set[Mode]) -> None:
    along, against = open_modes({"highway": "residential", **tags})
    assert (modes_of(along), modes_of(against)) == (forward, backward)


def test_the_graph_knows_which_arcs_a_mode_may_use(tmp_path: Path) -> None:
    graph = roads(tmp_path, CROSS, [((1, 3), {**RESIDENTIAL, "oneway": "yes"})])
    assert graph.is_open(Mode.CAR).tolist() == [True, False]
    assert graph.is_open(Mode.FOOT).tolist() == [True, True]


def test_closed_roads_areas_and_unknown_classes_are_left_out(tmp_path: Path) -> None:
    closed = [
        ((1, 3), {**RESIDENTIAL, "access": "private"}),
        ((3, 4), {"highway": "proposed"}),
        ((1, 3, 5, 1), {"highway": "pedestrian", "area": "yes"}),
    ]
    graph = roads(tmp_path, CROSS, [*closed, ((3, 5), RESIDENTIAL)])
    assert graph.edge_count == 2


def test_every_speed_is_of_a_class_that_is_read_and_within_the_modes_limit() -> None:
    limits = {Mode.CAR: 90.0, Mode.EBIKE: 25.0, Mode.ESCOOTER: 32.0, Mode.BICYCLE: 15.0, Mode.FOOT: 4.6}
    for mode, speeds in DEFAULT_SPEEDS.items():
        assert set(speeds) <= set(HIGHWAYS)
        assert 0.0 < min(speeds.values()) <= max(speeds.values()) == limits[mode]


def test_only_cars_and_feet_go_out_in_snow() -> None:
    assert [mode for mode in Mode if mode.is_usable_in_snow] == [Mode.CAR, Mode.FOOT]


def fault_of(path: Path) -> str:
    with pytest.raises(RoadFileError) as caught:
        read_roads(path)
    assert isinstance(caught.value, GeodataError)
    assert isinstance(caught.value, ValueError)
    assert str(path) in str(caught.value)
    return caught.value.fault


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "no.osm.pbf") == "missing"
    assert fault_of(tmp_path) == "missing"


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "zero.osm.pbf").write_bytes(b"")
    assert fault_of(tmp_path / "zero.osm.pbf") == "empty"
    assert fault_of(write_roads(tmp_path / "hollow.osm.pbf", {}, [])) == "empty"


def test_a_damaged_file_is_called_corrupt(tmp_path: Path) -> None:
    whole = write_grid(tmp_path / "grid.osm.pbf", size=20, seed=1).read_bytes()
    faults = {
        "cut": whole[: len(whole) // 2],
        "text": b"no roads here at all",
        "holes": whole[:200] + bytes(len(whole)),
    }
    for name, content in faults.items():
        (tmp_path / f"{name}.osm.pbf").write_bytes(content)
        assert fault_of(tmp_path / f"{name}.osm.pbf") == "corrupt"


def test_a_file_whose_ways_are_no_roads_is_called_roadless(tmp_path: Path) -> None:
    assert fault_of(write_roads(tmp_path / "a.osm.pbf", CROSS, [((1, 3), {"waterway": "river"})])) == "roadless"
    assert (
        fault_of(write_roads(tmp_path / "b.osm.pbf", CROSS, [((1, 3), {**RESIDENTIAL, "access": "no"})])) == "roadless"
    )
    assert fault_of(write_roads(tmp_path / "c.osm.pbf", CROSS, [])) == "roadless"


def test_a_way_without_any_of_its_nodes_is_no_road(tmp_path: Path) -> None:
    assert fault_of(write_roads(tmp_path / "a.osm.pbf", CROSS, [((98, 99), RESIDENTIAL)])) == "roadless"


def test_a_real_extract_is_read(shared_folder: Path) -> None:
    graph = read_roads(shared_folder / "geo" / "north-bayreuth.osm.pbf")
    assert 550_000 < graph.length_metres.sum() / 2 < 620_000
    assert_consistent(graph)


def assert_consistent(graph: RoadGraph) -> None:
    ends = graph.shape_offset[1:] - 1
    assert np.array_equal(graph.shape_latitude[ends], graph.node_latitude[graph.edge_head[::2]])
    assert np.array_equal(graph.shape_longitude[graph.shape_offset[:-1]], graph.node_longitude[graph.edge_tail[::2]])
    assert set(np.unique(graph.edge_tail)) | set(np.unique(graph.edge_head)) == set(range(graph.node_count))


def test_the_builder_writes_what_osmium_reads(tmp_path: Path) -> None:
    path = write_roads(tmp_path / "a.osm.pbf", CROSS, [((1, 3), RESIDENTIAL)])
    assert sum(1 for _ in osmium.FileProcessor(str(path))) == len(CROSS) + 1
