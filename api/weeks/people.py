"""Residents and households of a sheet of follow-ups: one of each, however many rows name them.

An empty cell takes nothing away that is known already.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.base import new_id
from api.store.models.residents import Household, Resident
from api.weeks.counts import Counts, Tally
from optimizer.tables import Grid, TableFault
from optimizer.tables.cells import Row, rows_of
from optimizer.tables.faults import Log
from optimizer.tables.privacy import tells_who

WORDS = ("name", "phone", "address", "household", "team")


@dataclass(slots=True)
class People:
    """What the rows say of residents and households, by external id; of several words the first counts."""

    residents: dict[str, dict[str, str]] = field(default_factory=dict)
    households: dict[str, dict[str, object]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Take in what a row of the follow-ups says."""
        person = self.residents.setdefault(row.text("resident"), {})
        for key in WORDS:
            if row.text(key):
                person.setdefault(key, row.text(key))
        if row.text("household"):
            door = self.households.setdefault(row.text("household"), {"site": row.text("site")})
            if row.text("latitude") and row.text("longitude"):
                door.setdefault("latitude", row.number_in("latitude", -180, 180, 0))
                door.setdefault("longitude", row.number_in("longitude", -180, 180, 0))


def telling_ids(grid: Grid | None) -> tuple[TableFault, ...]:
    """Ids of residents and households that hold a mobile or identity number: the store keeps ids in plain."""
    log = Log()
    for row in rows_of(grid, "followups", log):
        for key in ("resident", "household"):
            if tells_who(row.text(key)):
                zh, en = (
                    "编号不能含手机号或身份证号；改用档案号或序号",
                    "no mobile or identity number: use a record number",
                )
                log.faults.append(TableFault("PERSONAL_ID", row.sheet, row.number, key, "", zh, en))
    return tuple(fault for fault in log.faults if fault.code == "PERSONAL_ID")


def people_of(rows: Iterable[Row]) -> People:
    """What all rows say."""
    people = People()
    for row in rows:
        people.add(row)
    return people


def write_people(session: Session, organisation_id: str, people: People) -> tuple[dict[str, str], Counts]:
    """Put residents and households into the store; gives the ids of residents by external id, and what changed."""
    _write_households(session, organisation_id, people)
    query = select(Resident).where(Resident.organisation_id == organisation_id)
    known = {row.external_id: row for row in session.scalars(query)}
    tally = Tally()
    for external_id, words in people.residents.items():
        row = known.get(external_id)
        if row is None:
            row = known[external_id] = Resident(
                id=new_id(), organisation_id=organisation_id, external_id=external_id, **words
            )
            session.add(row)
            tally.created += 1
        else:
            for key, word in words.items():
                setattr(row, key, word)
            row.is_deleted = False
            tally.count_change(session.is_modified(row))
    session.flush()
    return {external_id: known[external_id].id for external_id in people.residents}, tally.counts


def _write_households(session: Session, organisation_id: str, people: People) -> None:
    query = select(Household).where(Household.organisation_id == organisation_id)
    known = {row.external_id: row for row in session.scalars(query)}
    for external_id, values in people.households.items():
        row = known.get(external_id)
        if row is None:
            session.add(Household(organisation_id=organisation_id, external_id=external_id, **values))
            continue
        for key, value in values.items():
            setattr(row, key, value)
