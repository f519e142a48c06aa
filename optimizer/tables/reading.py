"""From files to plain text cells: CSV in UTF-8 (with or without BOM) or GBK, or an Excel workbook with named sheets.

Knows nothing about what the cells mean. A folder may hold either kind; a sheet that comes twice is a fault.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from xml.etree.ElementTree import ParseError

import pandas as pd

from optimizer.tables.columns import SHEETS, sheet_of
from optimizer.tables.faults import TableFault
from optimizer.tables.words import closest

ENCODINGS = ("utf-8-sig", "gb18030")
OTHER_TABLES = {".xls", ".ods", ".et", ".numbers"}
"""Formats of tables that are not read."""
HELP_SHEETS = ("说明", "词表")
"""Sheets of the template that carry no data."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet as text: the header, and the non-empty rows with their numbers in the file."""

    sheet: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(slots=True)
class Folder:
    """What was found in a folder: its sheets, the road file if there is one, and what could not be read."""

    grids: dict[str, Grid] = field(default_factory=dict)
    roads: Path | None = None
    faults: list[TableFault] = field(default_factory=list)

    def add(self, grid: Grid, source: str) -> None:
        """Take a sheet; a second one of the same name is a fault."""
        if grid.sheet in self.grids:
            advice = f"保留一份，删除 {source}", f"keep one of them, remove {source}"
            self.faults.append(TableFault("SHEET_TWICE", grid.sheet, 0, "", source, *advice))
        else:
            self.grids[grid.sheet] = grid


def read_folder(path: Path) -> Folder:
    """The sheets of a folder or of one workbook, and the *.osm.pbf beside them."""
    folder = Folder()
    if not path.exists():
        advice = "没有这个文件夹或文件；核对路径", "there is no such folder or file; check the path"
        folder.faults.append(TableFault("NOT_FOUND", str(path), 0, "", "", *advice))
        return folder
    home = path if path.is_dir() else path.parent
    files = sorted(home.iterdir()) if path.is_dir() else [path]
    for file in files:
        if file.name.startswith(("~$", ".")):
            continue
        if file.suffix.lower() == ".csv":
            _read_csv_file(file, folder)
        elif file.suffix.lower() in {".xlsx", ".xlsm"}:
            _read_workbook(file, folder)
    for file in files:  # another format is only told where something would be missing without it
        if file.suffix.lower() in OTHER_TABLES and (not folder.grids or sheet_of(file.stem)):
            advice = "另存为 .xlsx 或 CSV", "save it as .xlsx or CSV"
            folder.faults.append(TableFault("OTHER_FORMAT", file.name, 0, "", file.name, *advice))
    _find_roads(home, folder)
    if not folder.grids and not folder.faults:
        advice = (
            "没有数据表（CSV 或 .xlsx）；用 xunzhen template 生成空白模板",
            "no tables here (CSV or .xlsx); xunzhen template writes empty ones",
        )
        folder.faults.append(TableFault("NO_TABLES", path.name, 0, "", "", *advice))
    return folder


def _find_roads(home: Path, folder: Folder) -> None:
    roads = sorted(home.glob("*.osm.pbf")) if home.is_dir() else []
    if len(roads) > 1:
        names = " ".join(file.name for file in roads)
        advice = "只留一个道路文件", "keep one road file only"
        folder.faults.append(TableFault("ROADS_TWICE", "roads", 0, "", names, *advice))
    folder.roads = roads[0] if roads else None


def _read_csv_file(file: Path, folder: Folder) -> None:
    sheet = sheet_of(file.stem)
    if sheet is None:
        _unknown_sheet(file.stem, file.name, folder)
        return
    text = decoded(file.read_bytes())
    if text is None:
        advice = "另存为 UTF-8 编码的 CSV", "save it as CSV in UTF-8"
        folder.faults.append(TableFault("ENCODING", sheet, 0, "", file.name, *advice))
        return
    folder.add(grid_of(sheet, csv_rows(text)), file.name)


def decoded(content: bytes) -> str | None:
    """The text of a CSV file whatever of the usual encodings it is in, or None."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def csv_rows(text: str) -> list[list[str]]:
    """The cells of a CSV text; commas, semicolons and tabs are told apart by the first line."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _read_workbook(file: Path, folder: Folder) -> None:
    try:
        frames = pd.read_excel(file, sheet_name=None, header=None, dtype=object, engine="openpyxl")
    except (ValueError, TypeError, KeyError, OSError, ParseError, zipfile.BadZipFile, zlib.error, EOFError):
        advice = "不是可读的 Excel 工作簿；另存为 .xlsx", "not a readable workbook; save it as .xlsx"
        folder.faults.append(TableFault("WORKBOOK", file.name, 0, "", file.name, *advice))
        return
    if not any(sheet_of(str(name)) for name in frames):
        return  # some other workbook, such as a printed plan
    for name, frame in frames.items():
        sheet = sheet_of(str(name))
        if sheet is None:
            _unknown_sheet(str(name), file.name, folder)
        else:
            rows = [[cell_text(value) for value in row] for row in frame.itertuples(index=False)]
            folder.add(grid_of(sheet, rows), f"{file.name}!{name}")


def _unknown_sheet(name: str, source: str, folder: Folder) -> None:
    """A sheet whose name is nearly a known one is a fault; any other is not ours."""
    near = closest(name, [*SHEETS, *SHEETS.values()])
    if near is not None and name not in HELP_SHEETS:
        advice = f"表名是否应为“{near}”？", f"should its name be {near}?"
        folder.faults.append(TableFault("UNKNOWN_SHEET", source, 0, "", name, *advice))


def cell_text(value: object) -> str:
    """A cell of a workbook as text: dates in ISO form, whole numbers without a point."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def grid_of(sheet: str, rows: Iterable[Sequence[str]]) -> Grid:
    """Rows of text as a grid: the first non-empty row is the header, empty rows are skipped, numbers kept."""
    numbered = [(number, tuple(cell.strip() for cell in row)) for number, row in enumerate(rows, start=1)]
    filled = [(number, row) for number, row in numbered if any(row)]
    return Grid(sheet, filled[0][1] if filled else (), tuple(filled[1:]))
