"""A township's folder into the store: judged as a whole first, then written in the caller's transaction.

A sheet that is given replaces the rows of that sheet; a row that is no longer in it gets a tombstone. Follow-ups that a
contract system keeps (they have a version of their source) are never taken away by a sheet. A sheet that is not given
stays as it is.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store import audit
from api.store.base import new_id, now
from api.store.crypto import encrypted_attributes
from api.store.models.follow_ups import FollowUp, FollowUpStatus
from api.store.models.organisations import Setting
from api.store.models.sheets import SheetRow
from api.store.scope import require_whole
from api.weeks.cells import KINDS, plan_status_of, values_of
from api.weeks.counts import Counts, Tally
from api.weeks.errors import WeekFaults
from api.weeks.gathering import gather_sheets
from api.weeks.people import people_of, telling_ids, write_people
from optimizer.tables import SHEETS, Draft, Folder, Note, TableFaults, read_draft
from optimizer.tables.cells import Row, rows_of
from optimizer.tables.columns import plain
from optimizer.tables.faults import Log
from optimizer.tables.settings import all_settings

LOCAL = timezone(timedelta(hours=8))
WEEK = timedelta(days=7)
MOST_CLOSED_WEEKS = 4
"""Whether rows are right does not hang on a week of holidays: then the next one is taken to judge them."""
IMPORT = "folders:import"
MADE_HERE = "import"
"""The reason in the history of a status that came with a sheet."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: counts by sheet (and `residents`), and what was put right or left out."""

    counts: dict[str, Counts]
    notes: tuple[Note, ...]


def import_folder(
    session: Session, organisation_id: str, folder: Folder, *, monday: date | None = None, actor: str = ""
) -> Imported:
    """Put the sheets of a folder into the store.

    Raises
    ------
    WeekFaults
        With every fault; then nothing has been written.
    """
    require_whole(session, organisation_id)
    draft = _judge(session, organisation_id, folder, monday)
    log = Log()
    rows = {sheet: rows_of(folder.grids[sheet], sheet, log) for sheet in SHEETS if sheet in folder.grids}
    values = {sheet: {row.text("id"): values_of(row) for row in rows[sheet]} for sheet in KINDS if sheet in rows}
    if log.faults:
        raise WeekFaults(TableFaults(tuple(log.faults)), {})
    counts = {}
    if "settings" in rows:
        counts["settings"] = _write_settings(session, organisation_id, rows["settings"])
    if "followups" in rows:
        ids, counts["residents"] = write_people(session, organisation_id, people_of(rows["followups"]))
        for row in rows["followups"]:
            more = {"resident_id": ids[row.text("resident")], "plan_status": plan_status_of(row)}
            values["followups"][row.text("id")].update(more)
    if "members" in rows:
        for row in rows["members"]:
            values["members"][row.text("id")].update(_personal_words(row))
    for sheet, wanted in values.items():
        counts[sheet] = _write_sheet(session, organisation_id, sheet, wanted, actor)
    details = {sheet: asdict(count) for sheet, count in counts.items()}
    audit.append(session, organisation_id, IMPORT, details=details, actor=actor)
    return Imported(counts, draft.notes)


def _judge(session: Session, organisation_id: str, folder: Folder, monday: date | None) -> Draft:
    """The draft of the folder with the stored sheets that it leaves out; raises WeekFaults."""
    stored = gather_sheets(session, organisation_id, [sheet for sheet in SHEETS if sheet not in folder.grids])
    faults = [*folder.faults, *telling_ids(folder.grids.get("followups"))]
    whole = Folder({**stored.grids, **folder.grids}, faults=faults)
    today = now().astimezone(LOCAL).date()
    first = monday or today - timedelta(days=today.weekday())
    for number in range(1 if monday else MOST_CLOSED_WEEKS):
        try:
            return read_draft(whole, first + number * WEEK)
        except TableFaults as error:
            found = WeekFaults(error, stored.external_ids)
            if not any(fault.code == "NO_DAYS" for fault in error.faults):
                break
    raise found


def _personal_words(row: Row) -> dict[str, str]:
    """Names and phone numbers that the row gives; an empty cell takes none away."""
    names = [attribute.name for attribute in encrypted_attributes(KINDS[row.sheet])]
    return {name: row.text(name) for name in names if row.text(name)}


def _write_sheet(
    session: Session, organisation_id: str, sheet: str, wanted: dict[str, dict[str, Any]], actor: str
) -> Counts:
    kind: Any = KINDS[sheet]
    known = {
        row.external_id: row for row in session.scalars(select(kind).where(kind.organisation_id == organisation_id))
    }
    tally, statuses = Tally(), []
    for position, (external_id, values) in enumerate(wanted.items()):
        row = known.pop(external_id, None)
        if row is None:
            row = kind(id=new_id(), organisation_id=organisation_id, external_id=external_id, **values)
            session.add(row)
            statuses.append(row)
            tally.created += 1
        else:
            before = row.plan_status if isinstance(row, FollowUp) else None
            tally.count_change(_assign(row, {**values, "is_deleted": False}))
            if isinstance(row, FollowUp) and row.plan_status != before:
                statuses.append(row)
        row.position = position
    for row in known.values():
        if not row.is_deleted and getattr(row, "source_version", None) is None:
            row.is_deleted = True
            tally.removed += 1
    session.flush()
    if sheet == "followups":
        session.add_all(_status(row, actor) for row in statuses)
    return tally.counts


def _assign(row: SheetRow, values: dict[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    words = {attribute.name: attribute for attribute in encrypted_attributes(type(row))}
    is_changed = False
    for key, value in values.items():
        found = words[key].peek(row) if key in words else getattr(row, key)
        if found != value:
            setattr(row, key, value)
            is_changed = True
    return is_changed


def _status(row: FollowUp, actor: str) -> FollowUpStatus:
    return FollowUpStatus(
        organisation_id=row.organisation_id,
        follow_up_id=row.id,
        plan_status=row.plan_status,
        actor=actor,
        reason=MADE_HERE,
    )


def _write_settings(session: Session, organisation_id: str, rows: list[Row]) -> Counts:
    names = {plain(name): s.key for s in all_settings().values() for name in (s.key, s.zh)}
    query = select(Setting).where(Setting.organisation_id == organisation_id)
    known = {row.key: row for row in session.scalars(query)}
    tally = Tally()
    for position, row in enumerate(row for row in rows if row.text("key")):
        key = names[plain(row.text("key"))]
        values = {"value": row.text("value"), "note": row.text("note")}
        found = known.pop(key, None)
        if found is None:
            session.add(Setting(organisation_id=organisation_id, key=key, position=position, **values))
            tally.created += 1
            continue
        is_changed = (found.value, found.note) != (values["value"], values["note"])
        found.value, found.note, found.position = values["value"], values["note"], position
        tally.count_change(is_changed)
    for found in known.values():
        session.delete(found)
        tally.removed += 1
    session.flush()
    return tally.counts
