"""Bodies and answers of the routes of the exchange; secrets go in and never come out."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.service.bodies import Answer, AwareMoment, Body, RowId, Word, YesNo
from api.service.moments import as_json
from api.service.paging import PageQuery
from api.store.models.exchange import (
    ContractSource,
    DeadLetter,
    LetterState,
    OutboxMessage,
    OutboxState,
    RunKind,
    RunState,
    SyncRun,
    Topic,
    WebhookSubscription,
)

Secret = Annotated[str, Field(max_length=500, pattern=r"^[\x21-\x7e]*$")]
Address = Annotated[str, Field(max_length=500, pattern=r"^https?://[\x21-\x7e]+$")]
SourceName = Annotated[Word, Field(max_length=64, pattern=r"^\S+$")]
VendorName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9\-]{0,62}$")]
PageRows = Annotated[int, Field(ge=1, le=5000)]
OverlapSeconds = Annotated[int, Field(ge=0, le=604_800)]


class NewSource(Body):
    """A contract system to read from and write back to."""

    organisation_id: RowId | None = None
    name: SourceName
    vendor: VendorName
    base_url: Address
    key: Secret = ""
    webhook_secret: Secret = ""
    page_rows: PageRows = 500
    overlap_seconds: OverlapSeconds = 900


class ChangeSource(Body):
    """The fields of a contract system to change."""

    base_url: Address = ""
    key: Secret = ""
    webhook_secret: Secret = ""
    page_rows: PageRows = 500
    overlap_seconds: OverlapSeconds = 900
    is_active: YesNo = True


class SourceView(Answer):
    """A contract system; its secrets are never shown."""

    id: str
    organisation_id: str
    name: str
    vendor: str
    base_url: str
    page_rows: int
    overlap_seconds: int
    is_active: bool
    has_key: bool
    has_webhook_secret: bool
    version: int
    read_until: AwareMoment | None
    """How far it has been read."""


class SourceList(Answer):
    """The contract systems in sight."""

    items: list[SourceView]


class NewRun(Body):
    """A pull or reconciliation that a worker shall do now."""

    source_id: RowId
    kind: RunKind = RunKind.PULL


class RunView(Answer):
    """A run with its counts; `details` holds the differences found and left by a reconciliation."""

    id: str
    source_id: str
    kind: RunKind
    state: RunState
    created_at: AwareMoment
    started_at: AwareMoment | None
    finished_at: AwareMoment | None
    counts: dict[str, int]
    details: dict[str, Any]
    code: str | None
    message_zh: str | None
    message_en: str | None


class RunList(Answer):
    """The newest runs first."""

    items: list[RunView]


class LetterQuery(PageQuery):
    """The query of the dead letters."""

    source_id: RowId | None = None
    state: LetterState | None = None


class LetterView(Answer):
    """What was refused and why; the record itself stays at its source."""

    id: str
    source_id: str | None = None
    kind: str | None = None
    reference: str | None = None
    record_version: int | None = None
    state: LetterState | None = None
    reasons: list[dict[str, str]] | None = None
    times_seen: int | None = None
    created_at: AwareMoment | None = None
    last_seen_at: AwareMoment | None = None
    resolved_at: AwareMoment | None = None


class LetterPage(Answer):
    """A page of dead letters."""

    items: list[LetterView]
    next_cursor: str


class OutboxQuery(PageQuery):
    """The query of the outbox."""

    source_id: RowId | None = None
    subscription_id: RowId | None = None
    topic: Topic | None = None
    state: OutboxState | None = None


class OutboxView(Answer):
    """A message to another system; its id is the Idempotency-Key that it is sent with."""

    id: str
    number: int | None = None
    source_id: str | None = None
    subscription_id: str | None = None
    topic: Topic | None = None
    state: OutboxState | None = None
    payload: dict[str, Any] | None = None
    attempts: int | None = None
    created_at: AwareMoment | None = None
    next_attempt_at: AwareMoment | None = None
    sent_at: AwareMoment | None = None
    code: str | None = None
    message_zh: str | None = None
    message_en: str | None = None


class OutboxPage(Answer):
    """A page of messages."""

    items: list[OutboxView]
    next_cursor: str


class NewSubscription(Body):
    """Somebody who wants to be told."""

    organisation_id: RowId | None = None
    url: Address
    events: Annotated[tuple[Literal[Topic.PLAN_PUBLISHED], ...], Field(min_length=1, max_length=1)] = (
        Topic.PLAN_PUBLISHED,
    )


class SubscriptionView(Answer):
    """A subscription."""

    id: str
    organisation_id: str
    url: str
    events: list[str]
    is_active: bool


class NewSubscriptionView(SubscriptionView):
    """A subscription that was just made, with the secret that events are signed with; shown this once."""

    secret: str


class SubscriptionList(Answer):
    """The subscriptions in sight."""

    items: list[SubscriptionView]


class EventAnswer(Answer):
    """What became of an event; a refused one is in the dead letters with its reasons."""

    state: str
    type: str
    reasons: list[dict[str, str]]


SHOWN_LETTER = (
    *("id", "source_id", "kind", "reference", "record_version", "state", "reasons", "times_seen", "created_at"),
    *("last_seen_at", "resolved_at"),
)
SHOWN_MESSAGE = (
    *("id", "number", "source_id", "subscription_id", "topic", "state", "payload", "attempts", "created_at"),
    *("next_attempt_at", "sent_at", "code", "message_zh", "message_en"),
)
SHOWN_RUN = (
    *("id", "source_id", "kind", "state", "created_at", "started_at", "finished_at", "counts", "details", "code"),
    *("message_zh", "message_en"),
)
SHOWN_SOURCE = (
    *("id", "organisation_id", "name", "vendor", "base_url", "page_rows", "overlap_seconds", "is_active", "version"),
)
SHOWN_SUBSCRIPTION = ("id", "organisation_id", "url", "events", "is_active")

Row = ContractSource | DeadLetter | OutboxMessage | SyncRun | WebhookSubscription


def view(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    """Fields of a row as JSON writes them."""
    return {name: as_json(getattr(row, name)) for name in names}


def source_view(row: ContractSource, read_until: datetime | None) -> dict[str, Any]:
    """A contract system as its answer."""
    return {
        **view(row, SHOWN_SOURCE),
        "has_key": row.key_sealed is not None,
        "has_webhook_secret": row.webhook_secret_sealed is not None,
        "read_until": as_json(read_until),
    }
