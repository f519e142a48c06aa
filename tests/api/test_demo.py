"""The demo is a folder like a user's, the same for the same seed."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from api.demo import write_demo, write_demo_county, write_demo_on_roads
from api.planning import prepare
from optimizer.model import SiteKind
from optimizer.tables import SHEETS, monday_of, read_draft, read_folder
from tests.api.conftest import WEEK

MONDAY = monday_of(WEEK)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(demo_folder: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "same", 1, 3000, MONDAY)
    write_demo(tmp_path / "other", 2, 3000, MONDAY)
    names = sorted(file.name for file in demo_folder.iterdir())
    assert names == sorted([*(f"{sheet}.csv" for sheet in SHEETS), "roads.osm.pbf"])
    assert all((tmp_path / "same" / name).read_bytes() == (demo_folder / name).read_bytes() for name in names)
    assert (tmp_path / "other" / "followups.csv").read_bytes() != (demo_folder / "followups.csv").read_bytes()


def test_it_is_read_without_a_fault_and_the_mess_is_noted(demo_folder: Path) -> None:
    draft = read_draft(read_folder(demo_folder), MONDAY)
    assert {"KNOWN_TWICE", "NOT_OPEN", "NO_COORDINATES"} <= {note.code for note in draft.notes}
    homes = sum(site.kind is SiteKind.HOUSEHOLD for site in draft.sites)
    assert 0 < homes < len(draft.follow_ups)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
def test_saved_again_in_another_encoding_it_gives_the_same_problem(
    demo_folder: Path, tmp_path: Path, encoding: str
) -> None:
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    for sheet in SHEETS:
        text = (demo_folder / f"{sheet}.csv").read_text(encoding="utf-8-sig")
        (tmp_path / f"{sheet}.csv").write_text(text, encoding=encoding, errors="replace", newline="")
    first, second = prepare(demo_folder, WEEK), prepare(tmp_path, WEEK)
    assert second.problem.follow_ups == first.problem.follow_ups
    assert second.problem.sites == first.problem.sites
    assert (second.problem.travel.modes["car"].seconds == first.problem.travel.modes["car"].seconds).all()


def test_as_one_workbook_it_gives_the_same_problem(demo_folder: Path, tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "data.xlsx", engine="openpyxl") as book:
        for sheet, name in SHEETS.items():
            frame = pd.read_csv(demo_folder / f"{sheet}.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
            frame.to_excel(book, sheet_name=name, index=False)
    first, second = read_draft(read_folder(demo_folder), MONDAY), read_draft(read_folder(tmp_path), MONDAY)
    assert second == first


@pytest.mark.slow
def test_a_county_is_one_folder_per_township_and_an_overview(tmp_path: Path) -> None:
    written = write_demo_county(tmp_path, 1, 100_000, MONDAY)
    overview = pd.read_csv(tmp_path / "county.csv", encoding="utf-8-sig")
    assert len(written) == len(overview) >= 2
    assert abs(overview["people"].sum() - 100_000) < 1_000
    for one in written:
        assert prepare(one.folder, WEEK).problem.follow_ups


def test_on_real_roads_villages_homes_and_demand_are_invented(shared_folder: Path, tmp_path: Path) -> None:
    write_demo_on_roads(tmp_path, shared_folder / "geo" / "north-bayreuth.osm.pbf", 1, 20_000, MONDAY)
    prepared = prepare(tmp_path, WEEK)
    assert prepared.roads is not None
    assert len(prepared.problem.follow_ups) > 500
    assert prepared.problem.travel.modes["car"].seconds.max() < 2 * 3600
