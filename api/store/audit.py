"""The audit log: what was done or read, by whom, in the same transaction; one chain of digests per organisation.

Rows cannot be changed or deleted (triggers of both databases). Whoever gets past the triggers still cannot make the
digests anew without the deployment's key, and the end of every chain is kept apart, so a cut is seen too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.store.base import now
from api.store.crypto import KEYS, READS, KeyRing
from api.store.models.audit import SYSTEM_CHAIN, AuditEntry, AuditHead
from api.store.scope import READ_ONLY, StoreSession, scope_of

READ_PERSONAL = "personal:read"
"""The action under which reads of personal words are noted."""
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain is broken first: the entry's number, its id ("" where it is missing), and why."""

    chain: str
    number: int
    entry_id: str
    reason: str


def append(
    session: Session,
    organisation_id: str | None,
    action: str,
    *,
    target_kind: str = "",
    target_id: str = "",
    details: Mapping[str, Any] | None = None,
    actor: str = "",
) -> AuditEntry:
    """Add an entry in the caller's transaction, in the name of the scope's actor or of another; None: no organisation.

    Whoever appends to the same chain waits until this transaction ends. Ids and codes only in `details`.
    """
    head = hold(session, organisation_id)
    entry = AuditEntry(
        organisation_id=organisation_id,
        chain=head.chain,
        number=head.number + 1,
        at=now(),
        actor=actor or scope_of(session).actor,
        action=action,
        target_kind=target_kind,
        target_id=target_id,
        details=dict(details or {}),
        previous_digest=head.digest,
    )
    entry.digest = digest_of(entry, session.info[KEYS])
    head.number, head.digest = entry.number, entry.digest
    session.add(entry)
    session.flush()
    return entry


def digest_of(entry: AuditEntry, keys: KeyRing) -> str:
    """The digest of an entry and everything before it."""
    fields = {
        "chain": entry.chain,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "details": entry.details,
        "previous": entry.previous_digest,
    }
    text = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return keys.chain_digest(text.encode())


def verify(session: Session, organisation_id: str | None) -> Broken | None:
    """The first place at which an organisation's chain is broken, or None; reads every entry."""
    chain = organisation_id or SYSTEM_CHAIN
    keys: KeyRing = session.info[KEYS]
    head = session.get(AuditHead, chain)
    expected, previous = 1, ""
    for entry in _entries(session, chain):
        if entry.number != expected:
            return Broken(chain, expected, "", "missing")
        if entry.previous_digest != previous or entry.digest != digest_of(entry, keys):
            return Broken(chain, entry.number, entry.id, "changed")
        expected, previous = expected + 1, entry.digest
    if (head.number, head.digest) != (expected - 1, previous) if head else expected > 1:
        return Broken(chain, expected, "", "cut off")
    return None


def verify_all(session: Session) -> list[Broken]:
    """The first broken place of every chain in sight."""
    chains = set(session.scalars(select(AuditHead.chain))) | set(session.scalars(select(AuditEntry.chain).distinct()))
    found = (verify(session, None if chain == SYSTEM_CHAIN else chain) for chain in sorted(chains))
    return [broken for broken in found if broken is not None]


def record_reads(session: Session) -> None:
    """Write what personal words the session has read since the last time; done by itself when a session ends."""
    reads: dict[tuple[str, str, str], set[str]] = session.info.pop(READS, {})
    by_organisation: dict[str, dict[str, dict[str, list[str]]]] = {}
    for (organisation, table, row), columns in sorted(reads.items()):
        by_organisation.setdefault(organisation, {}).setdefault(table, {})[row] = sorted(columns)
    for organisation, tables in by_organisation.items():
        for table, rows in tables.items():
            target = next(iter(rows)) if len(rows) == 1 else ""
            append(session, organisation, READ_PERSONAL, target_kind=table, target_id=target, details={"rows": rows})


@event.listens_for(StoreSession, "before_commit")
def _record_before_commit(session: Session) -> None:
    """No read of a personal word is committed without its entry; sessions that only read leave it to `Database`."""
    if session.info.get(READS) and not session.info.get(READ_ONLY):
        record_reads(session)


def hold(session: Session, organisation_id: str | None) -> AuditHead:
    """The end of a chain, held until the transaction ends: other writers of it wait (SQLite has one anyway)."""
    chain = organisation_id or SYSTEM_CHAIN
    locked = select(AuditHead).where(AuditHead.chain == chain).with_for_update()
    locked = locked.execution_options(populate_existing=True)
    session.flush()
    head = session.scalars(locked).one_or_none()
    if head is not None:
        return head
    try:
        with session.begin_nested():
            session.add(AuditHead(chain=chain, organisation_id=organisation_id, number=0, digest=""))
    except IntegrityError:
        pass  # somebody else has just begun the chain
    return session.scalars(locked).one()


def _entries(session: Session, chain: str) -> Iterator[AuditEntry]:
    last = 0
    while True:
        page = select(AuditEntry).where(AuditEntry.chain == chain, AuditEntry.number > last)
        rows = session.scalars(page.order_by(AuditEntry.number).limit(ROWS_AT_ONCE)).all()
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].number
        session.expunge_all()
