"""A folder becomes a problem on its roads; what stands in the way is told with sheet and row."""

import shutil
from pathlib import Path

import pytest

from api.planning import prepare
from optimizer.tables import TableFaults
from tests.api.conftest import WEEK
from tests.optimizer.tables.folders import small, write


def test_without_roads_travel_is_straight_lines_with_a_detour(tmp_path: Path) -> None:
    prepared = prepare(write(tmp_path, small()), WEEK)
    assert prepared.roads is None
    assert prepared.engine.name == "great circle"
    seconds = prepared.problem.travel.modes["car"].seconds
    assert seconds[0, 1] > 180
    assert seconds[0, 0] == 0


def test_with_roads_travel_follows_them(demo_folder: Path) -> None:
    prepared = prepare(demo_folder, WEEK)
    assert prepared.roads is not None
    assert set(prepared.problem.travel.modes) == {"car", "ebike"}


@pytest.mark.parametrize("content", [b"", b"not a road file"])
def test_a_damaged_road_file_is_a_fault_of_the_folder(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, small())
    (tmp_path / "roads.osm.pbf").write_bytes(content)
    with pytest.raises(TableFaults) as caught:
        prepare(tmp_path, WEEK)
    assert [fault.code for fault in caught.value.faults] == ["ROADS"]


@pytest.mark.parametrize(("degrees", "code"), [(0.2, "FAR_FROM_ROAD"), (0.4, "TOO_FAR")])
def test_a_village_at_a_wrong_place_is_named_with_sheet_and_row(
    demo_folder: Path, tmp_path: Path, degrees: float, code: str
) -> None:
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "sites.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    header, village = lines[0].split(","), lines[2].split(",")
    village[header.index("纬度")] = f"{float(village[header.index('纬度')]) + degrees:.6f}"
    lines[2] = ",".join(village)
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TableFaults) as caught:
        prepare(tmp_path, WEEK)
    assert {(fault.code, fault.sheet, fault.row) for fault in caught.value.faults} == {(code, "sites", 3)}


@pytest.mark.parametrize("week", ["2026-W60", "next week", ""])
def test_a_week_that_is_none_is_refused(demo_folder: Path, week: str) -> None:
    with pytest.raises(TableFaults, match="2026-W48"):
        prepare(demo_folder, week)


def test_a_date_stands_for_its_week(demo_folder: Path) -> None:
    assert prepare(demo_folder, "2026-11-25").problem.days == prepare(demo_folder, WEEK).problem.days
