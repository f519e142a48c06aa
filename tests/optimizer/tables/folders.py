"""A small valid folder as rows by sheet, to be changed cell by cell and written where a test wants it."""

from copy import deepcopy
from pathlib import Path

import pandas as pd

from optimizer.tables import Draft, Folder, monday_of, read_draft, read_folder
from optimizer.tables.columns import SHEETS, all_columns

Rows = list[dict[str, str]]
WEEK = "2026-W48"

SMALL: dict[str, Rows] = {
    "sites": [
        {"id": "B1", "name": "柳镇卫生院", "kind": "基地", "latitude": "36.700", "longitude": "118.900"},
        {"id": "V1", "name": "东柳村", "kind": "村", "latitude": "36.710", "longitude": "118.905"},
        {"id": "V2", "name": "西柳村", "kind": "村", "latitude": "36.712", "longitude": "118.915"},
        {"id": "V3", "name": "远柳村", "kind": "村", "latitude": "36.800", "longitude": "118.990"},
        {
            "id": "K1", "name": "柳镇棉纺厂", "kind": "功能社区", "village": "V1",
            "latitude": "36.711", "longitude": "118.906",
        },
    ],
    "teams": [{"id": "T1", "name": "一队", "level": "1", "base": "B1"}],
    "members": [
        {
            "id": "M1", "name": "王一", "phone": "13100001111", "role": "全科医生", "team": "T1", "field": "周一至周五",
            "drives": "汽车",
        },
        {
            "id": "M2", "name": "李二", "role": "NURSE", "team": "T1", "field": "周一上午 周二", "desk": "周四",
            "sex": "女",
        },
    ],
    "vehicles": [{"id": "C1", "mode": "汽车", "seats": "5", "base": "B1", "equipment": "patrol_kit"}],
    "followups": [
        {
            "id": "F1", "resident": "R1", "name": "孙三", "phone": "13100002222", "address": "东柳村1号",
            "household": "H1", "site": "V1", "latitude": "36.7105", "longitude": "118.9055", "rule": "高血压随访",
            "due": "2026-11-25", "channels": "上门 巡诊", "team": "T1",
        },
        {"id": "F2", "resident": "R2", "site": "V2", "rule": "DM_ROUTINE", "due": "2026-11-24", "channels": "巡诊"},
    ],
    "sessions": [
        {"id": "S1", "site": "V1", "half_days": "周一上午 周二上午", "team": "T1", "needs": "1 全科医生/公卫医师"},
    ],
    "settings": [{"key": "上午上班", "value": "08:30"}],
}  # fmt: skip


def small() -> dict[str, Rows]:
    """A copy of the small folder to change."""
    return deepcopy(SMALL)


def table(sheet: str, rows: Rows) -> pd.DataFrame:
    """A sheet with the columns that any row has, under Chinese headers; a key that is no column is its own header."""
    headers = {column.key: column.zh for column in all_columns()[sheet]}
    keys = list(dict.fromkeys([c.key for c in all_columns()[sheet] if c.required] + [k for row in rows for k in row]))
    return pd.DataFrame([[row.get(key, "") for key in keys] for row in rows], columns=[headers.get(k, k) for k in keys])


def write(folder: Path, rows: dict[str, Rows], encoding: str = "utf-8") -> Path:
    """Write the sheets as CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet, content in rows.items():
        (folder / f"{sheet}.csv").write_text(table(sheet, content).to_csv(index=False), encoding=encoding)
    return folder


def write_book(file: Path, rows: dict[str, Rows], *, chinese: bool = True) -> Path:
    """Write the sheets as one workbook."""
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        for sheet, content in rows.items():
            table(sheet, content).to_excel(book, sheet_name=SHEETS[sheet] if chinese else sheet, index=False)
    return file


def draft_of(path: Path, week: str = WEEK) -> Draft:
    """Read and build."""
    return read_draft(read_folder(path), monday_of(week))


def folder_of(path: Path) -> Folder:
    """Read only."""
    return read_folder(path)
