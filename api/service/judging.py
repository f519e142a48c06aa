"""Judges one row of a resource with the code that judges a folder of tables, and leads its faults back to JSON.

The row is put, as the last one, into the sheets it may refer to; only its own faults count.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.service.moments import local_today
from api.service.problems import FieldFault, pointer_of, shown
from api.service.sheets import column_names
from api.store.models.organisations import Setting
from api.store.models.resources import Member, Patrol, Site, Team
from optimizer.tables import Folder, Grid, TableFault, TableFaults, monday_of, read_draft
from optimizer.tables.reading import cell_text

REFERRED = {
    "sites": ("sites",),
    "teams": ("sites",),
    "members": ("sites", "teams"),
    "vehicles": ("sites",),
    "sessions": ("sites", "teams", "members"),
    "followups": ("sites", "teams", "members", "sessions"),
    "settings": (),
}
"""The sheets whose ids a row may name, by its own sheet."""
KINDS = {"sites": Site, "teams": Team, "members": Member, "sessions": Patrol}
OF_ONE_WEEK = ("working_days", "extra_days", "closed", "snow_days")
"""Settings that would make some weeks have no day; whether a row is right does not hang on them."""

Cells = Mapping[str, Any]
"""Values by column key of the sheet."""


def judge_row(
    session: Session, organisation_id: str, sheet: str, cells: Cells, *, own_id: str = ""
) -> list[FieldFault]:
    """Every fault of a row that shall be stored; `own_id` is the id of the row that it replaces."""
    folder = Folder()
    for other in REFERRED[sheet]:
        if other != sheet:
            _add(folder, other, _stored(session, organisation_id, other, own_id))
    kept = _stored(session, organisation_id, sheet, own_id) if sheet in REFERRED[sheet] else []
    kept = [row for row in kept if row.get("id") != cells.get("id")]  # a taken id is the database's to refuse
    _add(folder, sheet, [*kept, cells])
    if sheet != "settings":
        _add(folder, "settings", _settings(session, organisation_id))
    number = len(kept) + 2
    return [field_fault(fault) for fault in _faults(folder) if (fault.sheet, fault.row) == (sheet, number)]


def _faults(folder: Folder) -> Iterable[TableFault]:
    try:
        read_draft(folder, monday_of(local_today().isoformat()))
    except TableFaults as error:
        return error.faults
    return ()


def _add(folder: Folder, sheet: str, rows: Iterable[Cells]) -> None:
    keys = column_names(sheet)
    numbered = [(number, tuple(cell_text(row.get(key)) for key in keys)) for number, row in enumerate(rows, start=2)]
    folder.grids[sheet] = Grid(sheet, keys, tuple(numbered))


def _stored(session: Session, organisation_id: str, sheet: str, own_id: str) -> list[dict[str, Any]]:
    """The organisation's rows of a sheet, without names and phone numbers."""
    kind: Any = KINDS[sheet]
    rows = session.scalars(
        select(kind)
        .where(kind.organisation_id == organisation_id, kind.is_deleted.is_(False), kind.id != own_id)
        .order_by(kind.position, kind.external_id)
    )
    return [cells_of(row, sheet) for row in rows]


def cells_of(row: Any, sheet: str) -> dict[str, Any]:
    """The values of a stored row by column key; personal words stay sealed and empty."""
    columns = row.__table__.columns
    return {
        key: row.external_id if key == "id" else getattr(row, key)
        for key in column_names(sheet)
        if key == "id" or (key in columns and key not in PERSONAL)
    }


PERSONAL = ("name", "phone", "address")
"""Columns that are never needed to judge a row."""


def _settings(session: Session, organisation_id: str) -> list[dict[str, Any]]:
    rows = session.scalars(select(Setting).where(Setting.organisation_id == organisation_id).order_by(Setting.position))
    return [{"key": row.key, "value": row.value} for row in rows if row.key not in OF_ONE_WEEK]


def field_fault(fault: TableFault) -> FieldFault:
    """A fault of a cell as one of a JSON field: the column `id` is `external_id` here."""
    name = "external_id" if fault.column == "id" else fault.column
    pointer = pointer_of((name,)) if name else ""
    return FieldFault(fault.code, pointer, shown(fault.value, name), fault.advice_en, fault.advice_zh, fault.advice_en)
