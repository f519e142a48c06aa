"""A folder opens whatever Excel made of it: encodings, separators, workbooks, Chinese or English names."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from optimizer.tables import SHEETS, TableFaults, read_folder
from optimizer.tables.reading import cell_text, csv_rows, decoded
from tests.optimizer.tables.folders import draft_of, small, write, write_book


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_usual_encoding_gives_the_same_draft(tmp_path: Path, encoding: str) -> None:
    expected = draft_of(write(tmp_path / "plain", small()))
    assert draft_of(write(tmp_path / "other", small(), encoding)) == expected


def test_a_rare_character_outside_gbk_opens_in_gb18030(tmp_path: Path) -> None:
    rows = small()
    rows["sites"][1]["name"] = "㙍䶮村"
    draft = draft_of(write(tmp_path, rows, "gb18030"))
    assert draft.labels.sites["V1"] == "㙍䶮村"


@pytest.mark.parametrize("chinese", [True, False])
def test_a_workbook_with_chinese_or_english_sheet_names_gives_the_same_draft(tmp_path: Path, chinese: bool) -> None:
    expected = draft_of(write(tmp_path / "csv", small()))
    draft = draft_of(write_book(tmp_path / "book.xlsx", small(), chinese=chinese))
    assert draft == expected


def test_english_headers_mean_the_same_as_chinese_ones(tmp_path: Path) -> None:
    expected = draft_of(write(tmp_path / "zh", small()))
    (tmp_path / "en").mkdir()
    for sheet, rows in small().items():
        pd.DataFrame(rows).to_csv(tmp_path / "en" / f"{sheet}.csv", index=False)
    assert draft_of(tmp_path / "en") == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separator_is_told_from_the_first_line(delimiter: str) -> None:
    assert csv_rows(f'a{delimiter}b\n"1{delimiter}1"{delimiter}2') == [["a", "b"], [f"1{delimiter}1", "2"]]


def test_bytes_that_are_no_text_are_refused() -> None:
    assert decoded(b"\x81\x20\xff\xff") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pd.Timestamp("2026-11-25"), "2026-11-25"),
        (pd.Timestamp("2026-11-25 08:30"), "2026-11-25 08:30"),
        (pd.Timestamp("2026-11-25 08:30").time(), "08:30"),
        (12.0, "12"),
        (36.71, "36.71"),
        (True, "yes"),
        (float("nan"), ""),
        (None, ""),
        (" 周一 ", "周一"),
    ],
)
def test_cells_of_a_workbook_become_text(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_real_dates_and_numbers_in_a_workbook_are_read(tmp_path: Path) -> None:
    rows = small()
    frame = pd.DataFrame(rows["followups"]).assign(due=pd.Timestamp("2026-11-25"))
    with pd.ExcelWriter(tmp_path / "b.xlsx", engine="openpyxl") as book:
        for sheet in SHEETS:
            (frame if sheet == "followups" else pd.DataFrame(rows[sheet])).to_excel(book, sheet_name=sheet, index=False)
    draft = draft_of(tmp_path / "b.xlsx")
    assert {item.due.isoformat() for item in draft.follow_ups} == {"2026-11-25"}


def test_a_sheet_that_comes_twice_a_damaged_workbook_and_two_road_files_are_all_reported(tmp_path: Path) -> None:
    write(tmp_path, small())
    write_book(tmp_path / "book.xlsx", {"sites": small()["sites"]})
    (tmp_path / "damaged.xlsx").write_bytes(b"PK not really")
    (tmp_path / "a.osm.pbf").touch()
    (tmp_path / "b.osm.pbf").touch()
    (tmp_path / "folowupss.csv").write_text("a")
    with pytest.raises(TableFaults) as caught:
        draft_of(tmp_path)
    codes = sorted(fault.code for fault in caught.value.faults)
    assert codes == ["ROADS_TWICE", "SHEET_TWICE", "UNKNOWN_SHEET", "WORKBOOK"]


def test_an_empty_folder_says_how_to_get_a_template(tmp_path: Path) -> None:
    with pytest.raises(TableFaults, match="xunzhen template"):
        draft_of(tmp_path)


def test_a_workbook_with_a_damaged_sheet_is_a_fault(tmp_path: Path) -> None:
    whole, broken = write_book(tmp_path / "whole.xlsx", small()), tmp_path / "b" / "broken.xlsx"
    broken.parent.mkdir()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:200] if name.endswith("sheet1.xml") else content)
    assert [fault.code for fault in read_folder(broken.parent).faults] == ["WORKBOOK"]


@pytest.mark.parametrize("name", ["数据.xls", "人员.ods", "待随访.et"])
def test_a_table_in_another_format_is_told_instead_of_being_missed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert [fault.code for fault in read_folder(tmp_path).faults] == ["OTHER_FORMAT"]


def test_an_old_workbook_beside_the_tables_does_no_harm(tmp_path: Path) -> None:
    (write(tmp_path, small()) / "去年总结.xls").write_bytes(b"x")
    assert read_folder(tmp_path).faults == []


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert [fault.code for fault in read_folder(tmp_path / "nowhere").faults] == ["NOT_FOUND"]
