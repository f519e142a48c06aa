"""One report holds every fault of a workbook, each with its place and advice in both languages."""

from pathlib import Path

import pytest

from optimizer.tables import TableFault, TableFaults
from tests.optimizer.tables.folders import Rows, draft_of, small, write, write_book

Place = tuple[str, str, int, str]


def faulty_workbook() -> tuple[dict[str, Rows], set[Place]]:
    """The small folder with one row per fault, and where each is expected: code, sheet, row, column."""
    rows, expected = small(), set[Place]()

    def add(sheet: str, base: int, code: str, column: str, change: dict[str, str], id: str = "") -> None:  # noqa: A002
        number = len(rows[sheet]) + 2
        rows[sheet].append(rows[sheet][base] | {"id": id or f"x{number}"} | change)
        expected.add((code, sheet, number, column))

    add("sites", 1, "DUPLICATE_ID", "id", {}, id="V2")
    add("sites", 1, "EMPTY_CELL", "kind", {"kind": ""})
    add("sites", 1, "UNKNOWN_WORD", "kind", {"kind": "村庄儿"})
    add("sites", 1, "SWAPPED", "latitude", {"latitude": "118.9", "longitude": "36.7"})
    add("sites", 1, "OUTSIDE_CHINA", "latitude", {"latitude": "49.9", "longitude": "11.6"})
    add("sites", 1, "NOT_A_NUMBER", "latitude", {"latitude": "北纬36度"})
    add("sites", 1, "HALF_COORDINATES", "longitude", {"longitude": ""})
    add("sites", 1, "NO_COORDINATES", "latitude", {"latitude": "", "longitude": ""})
    add("sites", 1, "TOO_FAR", "latitude", {"latitude": "30.1", "longitude": "104.2"})
    add("sites", 1, "VILLAGE_CODE", "statistics_code", {"statistics_code": "3799001002"})
    add("sites", 4, "UNKNOWN_ID", "village", {"village": "V11"})
    add("sites", 1, "OUT_OF_RANGE", "people", {"people": "-5"})
    add("teams", 0, "UNKNOWN_ID", "base", {"base": "B7"})
    add("teams", 0, "UNKNOWN_WORD", "level", {"level": "七级"})
    add("members", 0, "UNKNOWN_ID", "team", {"team": "T8"})
    add("members", 0, "NOTATION", "field", {"field": "周八上午"})
    add("members", 0, "UNKNOWN_WORD", "role", {"role": "全科大夫"})
    add("members", 0, "UNKNOWN_WORD", "skills", {"skills": "飞行"})
    add("members", 0, "NOTATION", "skills", {"skills": "采血:明年"})
    add("members", 0, "UNKNOWN_WORD", "sex", {"sex": "未知"})
    add("members", 0, "UNKNOWN_WORD", "drives", {"drives": "飞机"})
    add("members", 0, "NOT_A_NUMBER", "max_field_minutes", {"max_field_minutes": "很多"})
    add("members", 0, "OUT_OF_RANGE", "max_half_days", {"max_half_days": "99"})
    add("members", 0, "EMPTY_CELL", "role", {"role": ""})
    add("vehicles", 0, "UNKNOWN_WORD", "mode", {"mode": "直升机"})
    add("vehicles", 0, "OUT_OF_RANGE", "seats", {"seats": "0"})
    add("vehicles", 0, "NOT_WHOLE", "seats", {"seats": "2.5"})
    add("vehicles", 0, "UNKNOWN_ID", "base", {"base": "V1"})
    add("followups", 0, "UNKNOWN_WORD", "rule", {"rule": "高血压隋访", "resident": "a1"})
    add("followups", 0, "NOTATION", "due", {"due": "2026-13-45", "resident": "a2"})
    add("followups", 0, "ORDER", "latest", {"latest": "2026-11-20", "resident": "a3"})
    add("followups", 0, "ORDER", "earliest", {"earliest": "2026-11-27", "resident": "a4"})
    add("followups", 0, "DATE_RANGE", "due", {"due": "1926-11-25", "earliest": "2026-11-20", "latest": "2026-11-27"})
    add("followups", 0, "UNKNOWN_ID", "site", {"site": "东柳村", "resident": "a5"})
    add("followups", 0, "UNKNOWN_ID", "team", {"team": "T9", "resident": "a6"})
    add("followups", 0, "UNKNOWN_WORD", "priority", {"priority": "P9", "resident": "a7"})
    add("followups", 0, "NOTATION", "times", {"times": "九点", "resident": "a8"})
    add("followups", 0, "UNKNOWN_WORD", "channels", {"channels": "飞鸽", "resident": "a9"})
    add("followups", 0, "NO_MINUTES", "channels", {"channels": "电话", "resident": "b1"})
    add("followups", 0, "NOTATION", "deadline", {"deadline": "25:00", "resident": "b2"})
    add("followups", 0, "NOTATION", "needs", {"needs": "1 神仙", "resident": "b3"})
    add("followups", 0, "EMPTY_CELL", "resident", {"resident": ""})
    add("followups", 0, "TOO_FAR", "latitude", {"latitude": "37.2", "resident": "b4", "household": "HX"})
    add("followups", 0, "UNKNOWN_WORD", "hard_end", {"hard_end": "也许", "resident": "b5"})
    add("sessions", 0, "UNKNOWN_ID", "site", {"site": "V99"})
    add("sessions", 0, "NOTATION", "half_days", {"half_days": "周一早"})
    add("sessions", 0, "ORDER", "max_members", {"min_members": "4", "max_members": "3"})
    add("sessions", 0, "UNKNOWN_ID", "equipment", {"equipment": "彩超"})
    add("sessions", 0, "OUT_OF_RANGE", "minutes", {"minutes": "5"})
    for code, column, key, value in (
        ("UNKNOWN_SETTING", "key", "上午上斑", "08:00"),
        ("NOTATION", "value", "下午上班", "两点"),
        ("DUPLICATE_ID", "key", "上午上班", "08:00"),
        ("NOTATION", "value", "漏访代价", "3000 1000"),
        ("NOTATION", "value", "严格洁污顺序", "可能"),
    ):
        expected.add((code, "settings", len(rows["settings"]) + 2, column))
        rows["settings"].append({"key": key, "value": value})
    rows["sites"][0]["经渡"] = "118.9"
    rows["members"][0]["血型"] = "A"
    expected |= {("UNKNOWN_COLUMN", "sites", 0, ""), ("UNKNOWN_COLUMN", "members", 0, "")}
    return rows, expected


def faults_of(path: Path) -> tuple[TableFault, ...]:
    with pytest.raises(TableFaults) as caught:
        draft_of(path)
    return caught.value.faults


def test_a_workbook_with_more_than_forty_faults_gives_one_report_with_exactly_these(tmp_path: Path) -> None:
    rows, expected = faulty_workbook()
    faults = faults_of(write_book(tmp_path / "book.xlsx", rows))
    found = [(fault.code, fault.sheet, fault.row, fault.column) for fault in faults]
    assert len(expected) > 40
    assert sorted(set(found) - expected) == []
    assert sorted(expected - set(found)) == []
    assert len(found) == len(expected)
    assert all(fault.advice_zh and fault.advice_en for fault in faults)


def test_the_same_faults_are_found_in_csv_files(tmp_path: Path) -> None:
    rows, expected = faulty_workbook()
    assert len(faults_of(write(tmp_path, rows))) == len(expected)


def test_advice_names_the_word_that_was_probably_meant(tmp_path: Path) -> None:
    rows, _ = faulty_workbook()
    said = {(fault.sheet, fault.value): fault.advice_zh for fault in faults_of(write(tmp_path, rows))}
    assert "经度" in said["sites", "经渡"]
    assert "高血压随访" in said["followups", "高血压隋访"]
    assert "上午上班" in said["settings", "上午上斑"]
    assert "V1" in said["sites", "V11"]


def test_missing_sheets_and_columns_are_told_together(tmp_path: Path) -> None:
    rows = small()
    del rows["teams"]
    write(tmp_path, rows)
    (tmp_path / "vehicles.csv").write_text("编号,类别\nC1,汽车\n", encoding="utf-8")
    codes = {(fault.code, fault.sheet, fault.column) for fault in faults_of(tmp_path)}
    assert {
        ("MISSING_SHEET", "teams", ""),
        ("MISSING_COLUMN", "vehicles", "seats"),
        ("MISSING_COLUMN", "vehicles", "base"),
    } <= codes


def test_a_repaired_workbook_has_no_fault_left(tmp_path: Path) -> None:
    rows, _ = faulty_workbook()
    repaired = {sheet: content[: len(small()[sheet])] for sheet, content in rows.items()}
    repaired["sites"][0].pop("经渡")
    repaired["members"][0].pop("血型")
    assert draft_of(write(tmp_path, repaired)).follow_ups
