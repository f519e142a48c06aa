"""Between the text cells of a sheet and the typed columns of its table."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper

from api.store.models.follow_ups import FollowUp
from api.store.models.resources import Member, Patrol, Site, Team, Vehicle
from api.store.models.sheets import SheetRow
from optimizer.tables import Grid, all_columns
from optimizer.tables.cells import Row
from optimizer.tables.columns import Column, plain
from optimizer.tables.writing import LISTS

KINDS: Mapping[str, type[SheetRow]] = {
    "sites": Site,
    "teams": Team,
    "members": Member,
    "vehicles": Vehicle,
    "followups": FollowUp,
    "sessions": Patrol,
}
"""The table behind every sheet but the settings."""
NUMBERED = ("levels", "priorities")
"""Lists of words whose codes are numbers."""
LARGEST = 2**31 - 1
STATUSES = {"due": 0, "done": 1, "lost": 2, "missed": 3, "over": 8}
"""Plan statuses by the codes of the sheet's words; `over` is several of the contract system's, told apart below."""
OVER = {"过访": 4, "补录": 5, "结案": 8, "注销": 9, "4": 4, "5": 5, "8": 8, "9": 9}


def values_of(row: Row) -> dict[str, Any]:
    """The values of a row by attribute of its table; empty cells are None, encrypted attributes are left out."""
    columns = inspect(KINDS[row.sheet]).columns
    return {
        column.key: _value(row, column, columns[column.key].type.python_type)
        for column in all_columns()[row.sheet]
        if column.key in columns and column.key != "id"
    }


def plan_status_of(row: Row) -> int:
    """The plan status of a row of the follow-ups, 0 to 9."""
    code = row.choice("status", "statuses", "due")
    return OVER.get(plain(row.text("status")), STATUSES[code]) if code == "over" else STATUSES[code]


def _value(row: Row, column: Column, kind: type) -> Any:
    key = column.key
    if not row.text(key):
        return None
    if kind is bool:
        return row.yes(key, default=False)
    if column.choices in NUMBERED:
        return int(row.choice(key, column.choices, "0"))
    if key in LISTS:
        return " ".join(row.choices(key, column.choices))
    if column.choices:
        return row.choice(key, column.choices, "")
    if kind is date:
        return row.date(key)
    if kind in (int, float):
        return kind(row.number_in(key, -LARGEST, LARGEST, 0))
    return row.text(key)


def text_of(value: Any) -> str:
    """A stored value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def grid_of_rows(sheet: str, rows: Iterable[Mapping[str, Any]]) -> Grid:
    """Rows of values by column key as a grid; the first row has number 2, as under a header."""
    keys = tuple(column.key for column in all_columns()[sheet])
    numbered = [(number, tuple(text_of(row.get(key)) for key in keys)) for number, row in enumerate(rows, start=2)]
    return Grid(sheet, keys, tuple(numbered))


def cells_of(row: SheetRow) -> dict[str, Any]:
    """The values of a stored row by column key, without encrypted ones."""
    mapper: Mapper[Any] = inspect(type(row))
    return {**{attribute.key: getattr(row, attribute.key) for attribute in mapper.column_attrs}, "id": row.external_id}
