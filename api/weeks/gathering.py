"""The store's rows of an organisation as the sheets of a folder, and as a prepared week.

Names, phone numbers and addresses are not read here: a plan is made without them.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api.planning import Prepared, monday_of_week, prepare_draft
from api.store.models.follow_ups import DUE_STATUSES, FollowUp
from api.store.models.organisations import Setting
from api.store.models.residents import Household, Resident
from api.store.models.resources import Member
from api.store.scope import require_whole
from api.weeks.cells import KINDS, cells_of, grid_of_rows
from api.weeks.changes import FIELDS, Change, changed_week, taken_in, without_channels
from api.weeks.errors import ChangeFault, ChangeFaults, WeekFaults
from optimizer.model import Pin
from optimizer.plan import Plan
from optimizer.tables import SHEETS, Draft, Folder, Grid, Note, TableFault, TableFaults, read_draft
from optimizer.tables.columns import NEEDED

ROADS, CACHE = "roads", "cache"
"""Folders in the data folder: roads by organisation, and travel times measured on them."""
SUNDAY = timedelta(days=6)


@dataclass(slots=True)
class Gathered:
    """Sheets from the store; `external_ids` leads from a sheet and row back to the row's own id."""

    grids: dict[str, Grid] = field(default_factory=dict)
    external_ids: dict[tuple[str, int], str] = field(default_factory=dict)


def week_folder(session: Session, organisation_id: str) -> Folder:
    """All sheets of an organisation; of the follow-ups those that are due or missed."""
    return Folder(gather_sheets(session, organisation_id, SHEETS).grids)


def prepare_week(
    session: Session,
    organisation_id: str,
    week: str,
    data_folder: Path,
    *,
    earlier: Plan | None = None,
    pins: tuple[Pin, ...] = (),
    changes: Sequence[Change] = (),
) -> Prepared:
    """An organisation's week ready to be solved, with the changes of a scenario.

    Best in a session that only reads, for measuring roads takes a while.

    Raises
    ------
    WeekFaults
        With every fault of the rows, the week and the roads.
    ChangeFaults
        With every change that cannot be made.
    """
    require_whole(session, organisation_id)
    gathered = gather_sheets(session, organisation_id, SHEETS, taken_in(changes))
    try:
        monday = monday_of_week(week)
        draft = _changed_draft(session, organisation_id, gathered, monday, changes)
        notes = (*_by_ids(draft.notes, gathered), *_left_out(session, organisation_id, monday))
        draft = replace(draft, notes=notes)
        roads = roads_file(data_folder, organisation_id)
        found = roads if roads.exists() else None
        return prepare_draft(draft, found, cache=data_folder / CACHE, earlier=earlier, pins=pins)
    except TableFaults as error:
        raise WeekFaults(error, gathered.external_ids) from error


def _by_ids(notes: Iterable[Note], gathered: Gathered) -> Iterator[Note]:
    """Notes whose places are ids of rows, for nobody has seen the numbers of sheets that come from the store."""
    ids = {f"{sheet}!{number}": f"{sheet} {own}" for (sheet, number), own in gathered.external_ids.items()}
    for note in notes:
        cut = (place.partition(" ") for place in note.places)
        yield replace(note, places=tuple(f"{ids.get(row, row)} {column}".rstrip() for row, _, column in cut))


def _changed_draft(
    session: Session, organisation_id: str, gathered: Gathered, monday: date, changes: Sequence[Change]
) -> Draft:
    """The draft of the sheets with changes made on them. Raises TableFaults and ChangeFaults."""
    if not changes:
        return read_draft(Folder(gathered.grids), monday)
    changed = changed_week(session, gathered.grids, organisation_id, monday, changes)
    if changed.faults:
        raise ChangeFaults(changed.faults)
    return without_channels(read_draft(Folder(changed.grids()), monday), changed.closed_channels)


def judge_changes(
    session: Session, organisation_id: str, week: str, changes: Sequence[Change]
) -> tuple[ChangeFault, ...]:
    """Every fault of changes to a week as it stands now; faults that the rows have without them are not told here."""
    monday = monday_of_week(week)
    gathered = gather_sheets(session, organisation_id, [sheet for sheet in SHEETS if sheet != "followups"])
    gathered.grids["followups"] = grid_of_rows("followups", ())  # thousands, of which changes name some by id
    changed = changed_week(session, gathered.grids, organisation_id, monday, changes)
    try:
        read_draft(Folder(changed.grids()), monday)
    except TableFaults as error:
        for found in error.faults:
            number = changed.touched.get((found.sheet, found.row))
            if number is not None:
                changed.faults.append(_fault_of_row(found, number))
    return tuple(changed.faults)


def _fault_of_row(found: TableFault, number: int) -> ChangeFault:
    """A fault of a changed row, where the change says it."""
    column = FIELDS.get(found.sheet, found.column) if found.column in ("id", "value") else found.column
    return ChangeFault(
        found.code, f"/changes/{number}/{column}", found.value, found.advice_en, found.advice_zh, found.advice_en
    )


def roads_file(data_folder: Path, organisation_id: str) -> Path:
    """Where the roads of an organisation lie; without the file, travel is measured in straight lines."""
    return data_folder / ROADS / f"{organisation_id}.osm.pbf"


def keep_roads(file: Path, data_folder: Path, organisation_id: str) -> Path:
    """Copy a road file to where the organisation's plans look for it; raises OSError."""
    place = roads_file(data_folder, organisation_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(place.name + ".part")
    shutil.copyfile(file, unfinished)
    return unfinished.replace(place)


def gather_sheets(
    session: Session, organisation_id: str, sheets: Iterable[str], also: Collection[str] = ()
) -> Gathered:
    """Some sheets of an organisation; `also` are our ids of follow-ups that are planned although they are not due."""
    gathered = Gathered()
    for sheet in sheets:
        rows = list(_rows_of(session, organisation_id, sheet, also))
        grid = grid_of_rows(sheet, rows)
        if rows or sheet not in NEEDED:  # an empty sheet that is needed is a missing one
            gathered.grids[sheet] = grid
        for (number, _), row in zip(grid.rows, rows, strict=True):
            gathered.external_ids[sheet, number] = str(row.get("id") or row.get("key"))
    return gathered


def _rows_of(session: Session, organisation_id: str, sheet: str, also: Collection[str]) -> Iterable[Mapping[str, Any]]:
    if sheet == "settings":
        query = select(Setting).where(Setting.organisation_id == organisation_id)
        return (
            {"key": row.key, "value": row.value, "note": row.note}
            for row in session.scalars(query.order_by(Setting.position, Setting.key))
        )
    if sheet == "followups":
        return _follow_up_rows(session, organisation_id, also)
    kind: Any = KINDS[sheet]
    rows = select(kind).where(kind.organisation_id == organisation_id, kind.is_deleted.is_(False))
    return (cells_of(row) for row in session.scalars(rows.order_by(kind.position, kind.external_id)))


def _follow_up_rows(session: Session, organisation_id: str, also: Collection[str]) -> Iterable[Mapping[str, Any]]:
    """The follow-ups that are to be planned, with resident and household.

    A home without a place takes its door's; a follow-up that names nobody prefers the doctors of the contract.
    """
    members = select(Member.external_id).where(Member.organisation_id == organisation_id, Member.is_deleted.is_(False))
    staff = frozenset(session.scalars(members))
    doctors = Resident.doctor, Resident.village_doctor, Resident.township_doctor
    query = (
        select(FollowUp, Resident.external_id, Resident.household, Household.latitude, Household.longitude, *doctors)
        .join(Resident, Resident.id == FollowUp.resident_id)
        .outerjoin(
            Household,
            (Household.external_id == Resident.household) & (Household.organisation_id == Resident.organisation_id),
        )
        .where(FollowUp.organisation_id == organisation_id, FollowUp.is_deleted.is_(False))
        .where(or_(FollowUp.plan_status.in_(DUE_STATUSES), FollowUp.id.in_(also)))
        .order_by(FollowUp.position, FollowUp.external_id)
    )
    for row, resident, household, latitude, longitude, *named in session.execute(query):
        cells = {
            **cells_of(row),
            "resident": resident,
            "household": household,
            "status": DUE_STATUSES[0] if row.id in also else row.plan_status,
        }
        if row.latitude is None and row.longitude is None:
            cells |= {"latitude": latitude, "longitude": longitude}
        if row.preferred is None:
            cells["preferred"] = " ".join(dict.fromkeys(name for name in named if name in staff)) or None
        yield cells


def _left_out(session: Session, organisation_id: str, monday: date) -> Iterable[Note]:
    """How many follow-ups due in this week are not to be planned any more, and why; ended contracts are told apart."""
    this_week = FollowUp.organisation_id == organisation_id, FollowUp.due.between(monday, monday + SUNDAY)
    pending = FollowUp.plan_status.in_(DUE_STATUSES)
    settled = session.scalar(
        select(func.count(FollowUp.id)).where(*this_week, FollowUp.is_deleted.is_(False), ~pending)
    )
    gone = session.scalar(select(func.count(FollowUp.id)).where(*this_week, FollowUp.is_deleted, pending))
    if settled:
        zh, en = "本周应访中已完成或已结束，未列入", "due this week and settled already: left out"
        yield Note("NOT_DUE", settled, zh, en)
    if gone:
        yield Note(
            "WITHDRAWN", gone, "本周应访中已被来源撤回，未列入", "due this week and withdrawn by the source: left out"
        )
