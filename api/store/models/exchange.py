"""Tables of the exchange with contract systems: where they are, how far we read, what was refused, what goes out.

None of them holds a personal word: a refused record is kept by its id and reasons and is read again when retried.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, Scoped, Versioned, new_id, now
from api.store.crypto import Encrypted, SealedValue, sealed_column

LONGEST_ID = 64
"""Characters of an id that another system gives."""


class RecordState(StrEnum):
    """What became of a record of a contract system."""

    ACCEPTED = "accepted"
    """It is a follow-up of ours."""
    CLOSED = "closed"
    """Not pending when it was first seen, so nothing of it is kept but its id."""
    REFUSED = "refused"
    """A dead letter tells why."""


class RunKind(StrEnum):
    """What a run does."""

    PULL = "pull"
    RECONCILE = "reconcile"
    RETRY = "retry"


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    """Asked for; a worker takes it up."""
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class LetterState(StrEnum):
    """Whether somebody still has to look at a dead letter."""

    OPEN = "open"
    RESOLVED = "resolved"


class OutboxState(StrEnum):
    """Where a message to another system stands."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


class Topic(StrEnum):
    """What a message tells."""

    APPOINTMENT = "appointment"
    OUTCOME = "outcome"
    PLAN_PUBLISHED = "plan.published"


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class OfSource:
    """A row that belongs to one contract system."""

    @declared_attr
    def source_id(cls) -> Mapped[str]:
        """The contract system."""
        return mapped_column(String(ID_LENGTH), ForeignKey("contract_sources.id"), index=True)


class ContractSource(Base, Identified, Scoped, Versioned):
    """A contract system that an organisation reads from and writes back to."""

    __tablename__ = "contract_sources"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    name: Mapped[str] = mapped_column(String(LONGEST_ID))
    """Goes into the `source` of every follow-up that comes from it."""
    vendor: Mapped[str] = mapped_column(String(LONGEST_ID))
    """Name of the mapping file."""
    base_url: Mapped[str] = mapped_column(String(500))
    page_rows: Mapped[int] = mapped_column(default=500)
    overlap_seconds: Mapped[int] = mapped_column(default=900)
    """A pull reads so much of what it has read once more, for rows that were late or had a wrong clock."""
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    key_sealed: Mapped[SealedValue] = sealed_column("key")
    key = Encrypted("key_sealed")
    """Our key at the contract system."""
    webhook_secret_sealed: Mapped[SealedValue] = sealed_column("webhook_secret")
    webhook_secret = Encrypted("webhook_secret_sealed")
    """What the contract system signs its events with."""


class SyncCursor(Base, Scoped):
    """How far a contract system has been read; moved only together with the rows that were read."""

    __tablename__ = "sync_cursors"

    source_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("contract_sources.id"), primary_key=True)
    position_at: Mapped[datetime | None]
    position_id: Mapped[str] = mapped_column(String(LONGEST_ID), default="")
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class SyncRun(Base, Identified, Scoped, OfSource):
    """One pull or reconciliation with its counts."""

    __tablename__ = "sync_runs"
    __table_args__ = (_one_of("kind", RunKind), _one_of("state", RunState))

    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=RunState.RUNNING)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was asked for; differences that were found, by status and business type: ids, codes and numbers only."""
    code: Mapped[str | None] = mapped_column(String(64))
    message_zh: Mapped[str | None] = mapped_column(String(500))
    message_en: Mapped[str | None] = mapped_column(String(500))


class ExchangeRecord(Base, Scoped):
    """The newest version of each record that a contract system has shown us, whatever became of it."""

    __tablename__ = "exchange_records"
    __table_args__ = (_one_of("state", RecordState),)

    source_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("contract_sources.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(LONGEST_ID), primary_key=True)
    record_version: Mapped[int] = mapped_column(BigInteger)
    source_updated_at: Mapped[datetime]
    status_code: Mapped[str] = mapped_column(String(16))
    """Plan status in the code of the vendor."""
    business_code: Mapped[str] = mapped_column(String(16))
    """Business type in the code of the vendor."""
    is_deleted: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16))
    follow_up_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class DeadLetter(Base, Identified, Scoped, OfSource):
    """A record or event that was refused, and why; the record itself stays with its owner."""

    __tablename__ = "dead_letters"
    __table_args__ = (UniqueConstraint("source_id", "kind", "reference"), _one_of("state", LetterState))

    kind: Mapped[str] = mapped_column(String(32))
    """`record`, or the kind of the event."""
    reference: Mapped[str] = mapped_column(String(LONGEST_ID))
    """Id of the record or event; where it has none that can be read, a digest of what came."""
    record_version: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default=LetterState.OPEN)
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """Faults: code, pointer, what was expected, advice. What was found is told only where it is a plain code."""
    times_seen: Mapped[int] = mapped_column(default=1)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None]


class OutboxMessage(Base, Scoped):
    """Something that another system has to be told, written in the transaction that made it true."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("(source_id IS NULL) <> (subscription_id IS NULL)", name="destination"),
        _one_of("state", OutboxState),
        _one_of("topic", Topic),
        Index("ix_outbox_due", "state", "next_attempt_at"),
        Index("ix_outbox_order", "order_key", "number"),
        Index("ix_outbox_week", "source_id", "week"),
    )

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    """Order of writing; messages of one key are sent in this order."""
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    """Idempotency key at the other side."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    source_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("contract_sources.id"))
    subscription_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("webhook_subscriptions.id"))
    topic: Mapped[str] = mapped_column(String(32))
    order_key: Mapped[str] = mapped_column(String(160))
    """Destination and record; nothing overtakes within one key."""
    week: Mapped[str | None] = mapped_column(String(8))
    """Week of the plan that an appointment belongs to."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    """External ids, days and codes; never a personal word."""
    state: Mapped[str] = mapped_column(String(16), default=OutboxState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """Fence: a sender that lost its lease can no longer settle the message."""
    code: Mapped[str | None] = mapped_column(String(64))
    """Why the last attempt failed."""
    message_zh: Mapped[str | None] = mapped_column(String(500))
    message_en: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime | None]


class InboxEvent(Base, Scoped):
    """An event that came in, by its id, so that a replay does nothing."""

    __tablename__ = "inbox_events"

    source_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("contract_sources.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(LONGEST_ID), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    body_hash: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(default=now, index=True)


class WebhookSubscription(Base, Identified, Scoped, Versioned):
    """Somebody who is told about events of ours."""

    __tablename__ = "webhook_subscriptions"

    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    secret_sealed: Mapped[SealedValue] = sealed_column("secret")
    secret = Encrypted("secret_sealed")
    """What we sign with; shown once when it is made."""
