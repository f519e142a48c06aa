"""The matrix: door-to-door figures, errors that name places, and a store that survives crashes and company."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coordinates import great_circle_metres
from geodata.engines import ContractionHierarchies, Dijkstra, Engine, GreatCircle, Route, Snapped, Table
from geodata.errors import CoordinateError, PlaceTooFarError, UnreachableError
from geodata.matrix import Points, TravelMatrix, travel_matrices, travel_matrix
from geodata.modes import SNOW_SPEED_FACTOR, Mode
from geodata.roads import read_roads
from tests.geodata.builders import graph_of, place, scattered, write_grid


@dataclass
class FlatEngine:
    """A plain where every way is straight at 10 m/s; counts its tables; some points are far off, or cut off."""

    access_metres: tuple[float, ...] = ()
    cut_off: tuple[int, ...] = ()
    version: str = "1"
    tables: list[Mode] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "flat"

    def fingerprint(self, mode: Mode) -> str:
        return f"flat {self.version}"

    def snap(self, latitude: np.ndarray, longitude: np.ndarray, mode: Mode) -> Snapped:
        access = np.array(self.access_metres) if self.access_metres else np.zeros(len(latitude))
        return Snapped.on_the_spot(latitude, longitude, access)

    def table(self, origins: Snapped, destinations: Snapped, mode: Mode) -> Table:
        self.tables.append(mode)
        metres = great_circle_metres(
            origins.latitude[:, None], origins.longitude[:, None], destinations.latitude, destinations.longitude
        ).astype(np.float32)
        seconds = metres / np.float32(10.0)
        for index in self.cut_off:
            seconds[index, :] = seconds[:, index] = np.inf
            seconds[index, index] = 0.0
        return Table(seconds, metres)

    def route(self, origin: tuple[float, float], destination: tuple[float, float], mode: Mode) -> Route:
        raise NotImplementedError


def points(*spots: tuple[float, float]) -> Points:
    """Points A, B, C ... at (east, north) metres."""
    places = np.array([place(*spot) for spot in spots])
    return Points(tuple("ABCDEFGHIJ"[: len(spots)]), places[:, 0], places[:, 1])


THREE = points((0, 0), (1000, 0), (3000, 0))


# --- figures -------------------------------------------------------------------------------------------------------


def test_an_entry_is_walk_and_way_and_walk_and_overhead() -> None:
    engine = FlatEngine(access_metres=(46.0, 0.0, 92.0))
    matrix = travel_matrix(THREE, engine, Mode.CAR, walking_kmh=4.6, stop_overhead_seconds=180)
    assert matrix.seconds[0, 1] == 36 + 100 + 180
    assert matrix.seconds[1, 2] == 200 + 72 + 180
    assert matrix.seconds[2, 0] == 72 + 300 + 36 + 180
    assert matrix.metres.tolist() == [[0, 1046, 3138], [1046, 0, 2092], [3138, 2092, 0]]
    assert matrix.access_metres.tolist() == [46.0, 0.0, 92.0]


def test_the_overhead_is_a_parameter() -> None:
    assert travel_matrix(THREE, FlatEngine(), Mode.CAR, stop_overhead_seconds=0).seconds[0, 1] == 100


def test_places_at_one_spot_cost_nothing_between_them() -> None:
    matrix = travel_matrix(points((0, 0), (500, 0), (0, 0)), FlatEngine((30.0,) * 3), Mode.FOOT)
    assert matrix.seconds[0, 2] == matrix.seconds[2, 0] == matrix.metres[0, 2] == 0
    assert not np.diag(matrix.seconds).any()
    assert matrix.seconds[0, 1] == matrix.seconds[2, 1] > 180


def test_snow_slows_driving_and_walking_but_not_the_overhead() -> None:
    engine = FlatEngine(access_metres=(46.0, 0.0, 0.0))
    matrix = travel_matrix(THREE, engine, Mode.CAR, snow_factor=SNOW_SPEED_FACTOR)
    assert matrix.seconds[0, 1] == round((100 + 36) / 0.6) + 180
    assert matrix.metres[0, 1] == 1046


def test_the_arrays_are_whole_numbers_and_read_only() -> None:
    matrix = travel_matrix(THREE, FlatEngine(), Mode.CAR)
    assert matrix.seconds.dtype == matrix.metres.dtype == np.int32
    for array in (matrix.seconds, matrix.metres, matrix.access_metres):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_matrix_says_what_it_holds() -> None:
    matrix = travel_matrix(THREE, FlatEngine(), Mode.CAR)
    assert repr(matrix) == "TravelMatrix(car, 3 places, longest 8 min)"


def test_one_matrix_per_mode() -> None:
    matrices = travel_matrices(THREE, GreatCircle(), (Mode.CAR, Mode.FOOT))
    assert [matrix.mode for matrix in matrices.values()] == [Mode.CAR, Mode.FOOT] == list(matrices)
    assert matrices[Mode.FOOT].seconds[0, 2] > matrices[Mode.CAR].seconds[0, 2]


def test_one_place_and_no_place_have_a_matrix() -> None:
    assert travel_matrix(points((0, 0)), GreatCircle(), Mode.CAR).seconds.tolist() == [[0]]
    nothing = Points((), np.array([]), np.array([]))
    assert travel_matrix(nothing, GreatCircle(), Mode.CAR).seconds.shape == (0, 0)


@given(seed=st.integers(0, 10_000), jitter=st.sampled_from([0.0, 0.2]), mode=st.sampled_from(list(Mode)))
def test_both_graph_engines_give_the_same_matrix(
    tmp_path_factory: pytest.TempPathFactory, seed: int, jitter: float, mode: Mode
) -> None:
    path = tmp_path_factory.mktemp("roads") / "grid.osm.pbf"
    graph = read_roads(write_grid(path, size=12, seed=seed, jitter=jitter))
    latitude, longitude = scattered(graph, 60, seed)
    places = Points(tuple(f"P{k}" for k in range(60)), latitude, longitude)
    fast, reference = (
        travel_matrix(places, engine, mode, max_access_metres=5_000.0)
        for engine in (ContractionHierarchies(graph), Dijkstra(graph))
    )
    assert np.abs(fast.seconds - reference.seconds).max() <= 1
    assert np.abs(fast.metres - reference.metres).max() <= 1
    assert np.array_equal(fast.access_metres, reference.access_metres)


def test_real_roads_give_plausible_speeds(shared_folder: Path) -> None:
    graph = read_roads(shared_folder / "geo" / "north-bayreuth.osm.pbf")
    latitude, longitude = scattered(graph, 200, 1, spread_metres=10.0)
    places = Points(tuple(map(str, range(200))), latitude, longitude)
    matrix = travel_matrix(places, ContractionHierarchies(graph), Mode.CAR, stop_overhead_seconds=0)
    far = matrix.metres > 5_000
    kmh = matrix.metres[far] / matrix.seconds[far] * 3.6
    assert 20.0 < np.median(kmh) < 60.0
    straight = great_circle_metres(latitude[:, None], longitude[:, None], latitude, longitude)
    assert 1.1 < np.median(matrix.metres[far] / straight[far]) < 1.8


# --- errors --------------------------------------------------------------------------------------------------------


def test_places_too_far_from_a_road_are_all_named_with_their_distance() -> None:
    with pytest.raises(PlaceTooFarError) as caught:
        travel_matrix(THREE, FlatEngine((5_000.0, 10.0, float("inf"))), Mode.CAR)
    assert caught.value.places == (("A", 5_000.0), ("C", float("inf")))
    assert "A (5000 m)" in str(caught.value)
    assert "B" not in str(caught.value)
    assert isinstance(caught.value, LookupError)


def test_how_far_is_too_far_is_a_parameter() -> None:
    graph = graph_of([(0.0, 0.0), (200.0, 0.0)], [(0, 1, 200.0, "tertiary")])
    spots = points((0, 0), (100, 800))
    assert travel_matrix(spots, Dijkstra(graph), Mode.CAR, max_access_metres=900.0).metres[0, 1] == 900
    with pytest.raises(PlaceTooFarError, match=r"B \(800 m\)"):
        travel_matrix(spots, Dijkstra(graph), Mode.CAR, max_access_metres=700.0)


def test_pairs_without_a_way_are_named() -> None:
    with pytest.raises(UnreachableError) as caught:
        travel_matrix(THREE, FlatEngine(cut_off=(1,)), Mode.CAR)
    assert set(caught.value.pairs) == {("A", "B"), ("C", "B"), ("B", "A"), ("B", "C")}
    assert "A -> B" in str(caught.value)


def test_a_long_list_of_names_is_cut_in_the_message_but_not_in_the_error() -> None:
    count = 50
    many = Points(tuple(f"P{k}" for k in range(count)), np.linspace(36.0, 36.5, count), np.full(count, 118.0))
    with pytest.raises(PlaceTooFarError, match=r"\(\+30\)") as caught:
        travel_matrix(many, FlatEngine((9_999.0,) * count), Mode.CAR)
    assert len(caught.value.places) == count


@pytest.mark.parametrize(
    ("ids", "latitude", "longitude", "named"),
    [
        (("A", "A"), [36.0, 36.1], [118.0, 118.1], "A"),
        (("A", "B"), [36.0, float("nan")], [118.0, 118.1], "B"),
        (("A", "B"), [36.0, 118.1], [118.0, 36.1], "B"),
        (("A", "B"), [36.0], [118.0, 118.1], "2 ids"),
    ],
)
def test_points_that_cannot_be_are_refused_by_name(
    ids: tuple[str, ...], latitude: list[float], longitude: list[float], named: str
) -> None:
    with pytest.raises(CoordinateError, match=named):
        Points(ids, np.array(latitude), np.array(longitude))


@pytest.mark.parametrize("terms", [{"snow_factor": 0.0}, {"snow_factor": 1.5}, {"walking_kmh": 0.0}])
def test_terms_that_cannot_be_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(terms))):
        travel_matrix(THREE, FlatEngine(), Mode.CAR, **terms)
    with pytest.raises(ValueError, match="stop_overhead_seconds"):
        travel_matrix(THREE, FlatEngine(), Mode.CAR, stop_overhead_seconds=-1)


# --- the store -----------------------------------------------------------------------------------------------------


def assert_same(one: TravelMatrix, other: TravelMatrix) -> None:
    assert np.array_equal(one.seconds, other.seconds)
    assert np.array_equal(one.metres, other.metres)
    assert np.array_equal(one.access_metres, other.access_metres)
    assert (one.ids, one.mode) == (other.ids, other.mode)


def test_a_stored_matrix_is_found_again_and_is_read_only(tmp_path: Path) -> None:
    engine = FlatEngine()
    first = travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path / "new" / "folder")
    again = travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path / "new" / "folder")
    assert len(engine.tables) == 1
    assert_same(first, again)
    with pytest.raises(ValueError, match="read-only"):
        again.seconds[0, 0] = 1


def test_a_stored_matrix_takes_the_ids_of_whoever_asks(tmp_path: Path) -> None:
    engine = FlatEngine()
    travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path)
    renamed = replace(THREE, ids=("X", "Y", "Z"))
    assert travel_matrix(renamed, engine, Mode.CAR, cache_dir=tmp_path).ids == ("X", "Y", "Z")
    assert len(engine.tables) == 1


def test_any_other_input_is_another_matrix(tmp_path: Path) -> None:
    moved = points((0, 0), (1000, 0), (3000, 1))
    asked: list[FlatEngine] = [FlatEngine(), FlatEngine(version="2")]
    for engine in asked:
        travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path)
    for engine in (FlatEngine(), FlatEngine(), FlatEngine()):
        asked.append(engine)
    travel_matrix(moved, asked[2], Mode.CAR, cache_dir=tmp_path)
    travel_matrix(THREE, asked[3], Mode.FOOT, cache_dir=tmp_path)
    travel_matrix(THREE, asked[4], Mode.CAR, snow_factor=0.6, cache_dir=tmp_path)
    assert [len(engine.tables) for engine in asked] == [1] * 5
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_off_file_is_noticed_and_made_anew(tmp_path: Path, kept: float) -> None:
    engine = FlatEngine()
    first = travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path)
    (stored,) = tmp_path.iterdir()
    content = stored.read_bytes()
    stored.write_bytes(content[: int(len(content) * kept)])
    assert_same(first, travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path))
    assert len(engine.tables) == 2
    assert stored.read_bytes() == content


def test_a_file_with_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    engine = FlatEngine()
    first = travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path)
    (stored,) = tmp_path.iterdir()
    content = bytearray(stored.read_bytes())
    content[content.index(first.seconds.tobytes()) + 5] ^= 1
    stored.write_bytes(content)
    assert_same(first, travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path))


def test_a_matrix_of_another_size_under_the_same_name_is_not_believed(tmp_path: Path) -> None:
    engine = FlatEngine()
    travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path)
    (stored,) = tmp_path.iterdir()
    np.savez(stored, seconds=np.zeros((2, 2), "i4"), metres=np.zeros((2, 2), "i4"), access_metres=np.zeros(2))
    assert travel_matrix(THREE, engine, Mode.CAR, cache_dir=tmp_path).seconds.shape == (3, 3)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        travel_matrix(THREE, FlatEngine(), Mode.CAR, cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def _fill_store(folder: Path, engine: Engine) -> int:
    """Runs in another process: ask for the same matrix again and again, throwing it away in between."""
    total = 0
    for _ in range(30):
        total += int(travel_matrix(THREE, engine, Mode.CAR, cache_dir=folder).seconds.sum())
        for stored in folder.glob("*.npz"):
            stored.unlink(missing_ok=True)
    return total


def test_two_processes_may_fill_one_store(tmp_path: Path) -> None:
    expected = 30 * int(travel_matrix(THREE, FlatEngine(), Mode.CAR).seconds.sum())
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        totals = workers.starmap(_fill_store, [(tmp_path, FlatEngine())] * 2, chunksize=1)
    assert totals == [expected, expected]
    assert [path for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_points_come_from_a_table_of_any_ids() -> None:
    table = pd.DataFrame({"village_id": [7, 8], "latitude": [36.7, 36.8], "longitude": [118.9, 119.0]})
    points = Points.from_table(table, "village_id")
    assert points.ids == ("7", "8")
    assert points.latitude.tolist() == [36.7, 36.8]
    with pytest.raises(CoordinateError, match="8"):
        Points.from_table(table.assign(latitude=[36.7, float("nan")]), "village_id")
