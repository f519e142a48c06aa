"""Takes rows of a contract system into the store: idempotent by source, id and version; older versions do nothing.

One call is one page in the caller's transaction. A refused row leaves a dead letter and its place in the ledger, never
its words.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract import letters
from api.contract.cells import Json
from api.contract.codes import PENDING, PlanStatus
from api.contract.people import People, load_people
from api.contract.places import Known, known_of
from api.contract.reading import Read, read_row
from api.contract.records import ContractRecord, Header
from api.contract.vendors import Vendor
from api.contract.wishes import Value, read_wishes
from api.store.base import new_id, now
from api.store.models.exchange import ContractSource, DeadLetter, ExchangeRecord, RecordState, SyncCursor
from api.store.models.follow_ups import FollowUp, FollowUpStatus
from optimizer.errors import Fault


class Mode(Enum):
    """Which rows count as news: higher versions; whatever differs; also what was refused before."""

    NEWER = "newer"
    DIFFERENT = "different"
    AGAIN = "again"


@dataclass(slots=True)
class Intake:
    """The rows of one page and what the store holds of them."""

    session: Session
    source: ContractSource
    vendor: Vendor
    mode: Mode
    known: Known
    people: People
    ledger: dict[str, ExchangeRecord]
    follow_ups: dict[str, FollowUp]
    letters: dict[str, DeadLetter]
    counts: Counter[str] = field(default_factory=Counter)
    new_follow_ups: list[FollowUp] = field(default_factory=list)
    history: list[FollowUpStatus] = field(default_factory=list)


def lock_source(session: Session, source: ContractSource) -> SyncCursor:
    """The cursor of a source, locked until the transaction ends: rows of one source are taken one page at a time."""
    query = select(SyncCursor).where(SyncCursor.source_id == source.id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def take_rows(
    session: Session, source: ContractSource, vendor: Vendor, rows: Sequence[Json], mode: Mode = Mode.NEWER
) -> Counter[str]:
    """Take rows into the store; gives counts of what became of them. The caller holds `lock_source`."""
    counts: Counter[str] = Counter(received=len(rows))
    reads: dict[str, Read] = {}
    for row in rows:
        read = read_row(vendor, row)
        if read.header is None:
            _refuse_unreadable(session, source, row, read.faults)
            counts["unreadable"] += 1
            continue
        earlier = reads.get(read.header.external_id)
        if earlier is not None:
            counts["doubled"] += 1
        if earlier is None or earlier.header is None or earlier.header.version < read.header.version:
            reads[read.header.external_id] = read
    intake = _load(session, source, vendor, mode, reads)
    intake.counts = counts
    with session.no_autoflush:
        for read in sorted(reads.values(), key=_moment_of):
            assert read.header is not None
            _take(intake, read.header, read)
    session.flush()  # residents and ledger first: follow-ups refer to the former, the history to follow-ups
    for news in (intake.new_follow_ups, intake.history):
        session.add_all(news)
        session.flush()
    return counts


def take_absence(session: Session, source: ContractSource, ids: Iterable[str]) -> Counter[str]:
    """Tombstones for records that the contract system says it does not have."""
    query = select(ExchangeRecord).where(
        ExchangeRecord.source_id == source.id, ExchangeRecord.external_id.in_(list(ids))
    )
    counts: Counter[str] = Counter()
    for entry in session.scalars(query).all():
        if entry.is_deleted:
            continue
        entry.is_deleted = True
        counts["absent"] += 1
        follow_up = session.get(FollowUp, entry.follow_up_id) if entry.follow_up_id else None
        session.add_all(_withdrawn(source, follow_up, "ABSENT"))
    session.flush()
    return counts


def _moment_of(read: Read) -> datetime:
    assert read.header is not None
    return read.header.updated_at


def _load(session: Session, source: ContractSource, vendor: Vendor, mode: Mode, reads: dict[str, Read]) -> Intake:
    ids = list(reads)
    records = [read.record for read in reads.values() if read.record is not None]
    entries = select(ExchangeRecord).where(ExchangeRecord.source_id == source.id, ExchangeRecord.external_id.in_(ids))
    held = select(FollowUp).where(FollowUp.organisation_id == source.organisation_id, FollowUp.external_id.in_(ids))
    return Intake(
        session,
        source,
        vendor,
        mode,
        known_of(session, source.organisation_id),
        load_people(session, source.organisation_id, vendor, records),
        {entry.external_id: entry for entry in session.scalars(entries)},
        {follow_up.external_id: follow_up for follow_up in session.scalars(held)},
        letters.find_letters(session, source, letters.RECORD, ids),
    )


def _take(intake: Intake, header: Header, read: Read) -> None:
    entry = intake.ledger.get(header.external_id)
    if entry is not None and not _is_news(intake.mode, entry, header):
        intake.counts["unchanged"] += 1
        return
    entry = _enter(intake, entry, header)
    follow_up = _own_follow_up(intake, entry)
    letter = intake.letters.get(header.external_id)
    if header.is_deleted:
        intake.counts["deleted"] += 1
        intake.history += _withdrawn(intake.source, follow_up, "TOMBSTONE")
        letters.resolve(letter)
        return
    values, faults = _judge(intake, header, read, follow_up)
    if faults:
        _refuse(intake, header, entry, follow_up, faults, letter)
        return
    letters.resolve(letter)
    assert read.record is not None
    status = read.record.due.status
    if follow_up is None and status not in PENDING:
        entry.state = RecordState.CLOSED
        intake.counts["closed"] += 1
    elif follow_up is not None and status not in PENDING:
        entry.state = RecordState.ACCEPTED
        _set_status(intake, follow_up, status)
        _stamp(follow_up, header)
        intake.counts["ended"] += 1
    else:
        entry.state = RecordState.ACCEPTED
        intake.counts["changed" if follow_up is not None else "added"] += 1
        entry.follow_up_id = _write(intake, read.record, follow_up, values).id


def _is_news(mode: Mode, entry: ExchangeRecord, header: Header) -> bool:
    if mode is Mode.NEWER:
        return header.version > entry.record_version
    if mode is Mode.AGAIN and entry.state == RecordState.REFUSED:
        return header.version >= entry.record_version
    is_same = header.version == entry.record_version and header.is_deleted == entry.is_deleted
    return not is_same


def _enter(intake: Intake, entry: ExchangeRecord | None, header: Header) -> ExchangeRecord:
    """The record's place in the ledger, now with this version."""
    if entry is None:
        entry = ExchangeRecord(
            organisation_id=intake.source.organisation_id, source_id=intake.source.id, external_id=header.external_id,
            state=RecordState.CLOSED, status_code="", business_code="", follow_up_id=None,
        )  # fmt: skip
        intake.session.add(entry)
        intake.ledger[header.external_id] = entry
    entry.record_version, entry.source_updated_at = header.version, header.updated_at
    if not header.is_deleted:
        entry.status_code, entry.business_code = header.status_code, header.business_code
    entry.is_deleted, entry.seen_at = header.is_deleted, now()
    return entry


def _own_follow_up(intake: Intake, entry: ExchangeRecord) -> FollowUp | None:
    """The follow-up that this record made or may go on with."""
    follow_up = intake.follow_ups.get(entry.external_id)
    if follow_up is None or follow_up.id == entry.follow_up_id or follow_up.source in {None, "", intake.source.name}:
        return follow_up
    return None


def _judge(
    intake: Intake, header: Header, read: Read, follow_up: FollowUp | None
) -> tuple[dict[str, Value], list[Fault]]:
    """The values of the wishes, and every reason against the record."""
    record, faults = read.record, list(read.faults)
    if record is None or record.due.status not in PENDING:
        return {}, faults
    faults += intake.known.faults_of(record)
    values, wrong = read_wishes(record.due.wishes, "/wishes")
    faults += wrong
    if follow_up is None and header.external_id in intake.follow_ups:
        zh, en = "另一来源已用此编号", "another source uses this id already"
        faults.append(Fault("ID_TAKEN", "/external_id", header.external_id, "an id of its own", zh, en))
    return values, faults


def _refuse(intake: Intake, header: Header, entry: ExchangeRecord, follow_up: FollowUp | None,
            faults: list[Fault], letter: DeadLetter | None) -> None:  # fmt: skip
    """Keep the reasons. What is known for sure is done all the same: an ended contract or item is planned no more."""
    entry.state = RecordState.REFUSED
    intake.counts["refused"] += 1
    intake.letters[header.external_id] = letters.refuse(
        intake.session, intake.source, letters.RECORD, header.external_id, faults,
        version=header.version, letter=letter,
    )  # fmt: skip
    if follow_up is None:
        return
    status = intake.vendor.code_of("plan_status", header.status_code)
    if isinstance(status, int) and PlanStatus(status) not in PENDING:
        _set_status(intake, follow_up, PlanStatus(status))
    if any(fault.code == "CONTRACT_ENDED" for fault in faults):
        intake.history += _withdrawn(intake.source, follow_up, "CONTRACT_ENDED")


def _write(intake: Intake, record: ContractRecord, follow_up: FollowUp | None, values: dict[str, Value]) -> FollowUp:
    """The follow-up with what the record says, and the resident and household behind it."""
    site = intake.known.site_of(record)
    assert site is not None
    resident = intake.people.write(record, site)
    if follow_up is None:
        follow_up = FollowUp(id=new_id(), organisation_id=intake.source.organisation_id,
                             external_id=record.header.external_id, plan_status=-1)  # fmt: skip
        intake.new_follow_ups.append(follow_up)
        intake.follow_ups[follow_up.external_id] = follow_up
    due, home, contract = record.due, record.home, record.contract
    follow_up.resident_id, follow_up.site, follow_up.team = resident.id, site, contract.team
    if "latitude" in intake.vendor.fields:
        follow_up.latitude, follow_up.longitude = home.latitude, home.longitude
    follow_up.rule, follow_up.earliest, follow_up.due, follow_up.latest = (
        due.rule,
        due.earliest,
        due.plan_date,
        due.latest,
    )
    follow_up.contract_end, follow_up.source = contract.last_day, intake.source.name
    if "wishes" in intake.vendor.fields:
        for name in intake.people.wish_columns:
            setattr(follow_up, name, values.get(name))
    follow_up.is_deleted = False
    _stamp(follow_up, record.header)
    _set_status(intake, follow_up, due.status)
    return follow_up


def _stamp(follow_up: FollowUp, header: Header) -> None:
    follow_up.source_version, follow_up.source_updated_at = str(header.version), header.updated_at


def _set_status(intake: Intake, follow_up: FollowUp, status: PlanStatus) -> None:
    """The status with a line of its history."""
    if follow_up.plan_status != status:
        follow_up.plan_status = int(status)
        intake.history.append(_line(intake.source, follow_up, "SOURCE"))


def _withdrawn(source: ContractSource, follow_up: FollowUp | None, reason: str) -> list[FollowUpStatus]:
    """A tombstone on a follow-up, never a deletion; gives the line of history."""
    if follow_up is None or follow_up.is_deleted:
        return []
    follow_up.is_deleted = True
    return [_line(source, follow_up, reason)]


def _line(source: ContractSource, follow_up: FollowUp, reason: str) -> FollowUpStatus:
    return FollowUpStatus(
        organisation_id=source.organisation_id,
        follow_up_id=follow_up.id,
        plan_status=follow_up.plan_status,
        actor=source.id,
        reason=reason,
    )


def _refuse_unreadable(session: Session, source: ContractSource, row: Json, faults: tuple[Fault, ...]) -> None:
    """A row without a readable id is known by a digest of itself."""
    reference = hashlib.sha256(repr(row).encode("utf-8", "backslashreplace")).hexdigest()
    found = letters.find_letters(session, source, "unreadable", [reference])
    letters.refuse(session, source, "unreadable", reference, faults, letter=found.get(reference))
    session.flush()
