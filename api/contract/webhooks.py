"""Webhooks: signed events that come in, each counted once, and the subscribers who are told about ours."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from api.contract import letters
from api.contract.cells import Json
from api.contract.errors import ContractError
from api.contract.events import RecordsEvent, add_item, item_of, kind_of, read_event
from api.contract.intake import lock_source, take_rows
from api.contract.signatures import Signed, new_secret, verify
from api.contract.sources import get_source, judge_address
from api.contract.strict_json import NotJson, read_json
from api.contract.vendors import get_vendor
from api.service.moments import local_today
from api.store.base import new_id, now
from api.store.models.exchange import ContractSource, InboxEvent, Topic, WebhookSubscription
from optimizer.errors import Fault

MOST_BYTES = 512 * 1024
SUBSCRIBED = (Topic.PLAN_PUBLISHED,)
"""What subscribers can be told."""


class Taken(StrEnum):
    """What became of an event."""

    TAKEN = "taken"
    REPEATED = "repeated"
    """It came before; nothing was done."""
    REFUSED = "refused"
    """A dead letter tells why; sending it again does not help."""


class BadEvent(ContractError, ValueError):
    """An event that is too large, no JSON, or has the id of another one."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an event, and why it was refused."""

    taken: Taken
    kind: str
    faults: tuple[Fault, ...] = ()


def receive(
    session: Session, source_id: str, signed: Signed, body: bytes, clock: Callable[[], datetime] = now
) -> Received:
    """Take an event in the caller's transaction. Raises UnknownSource, BadSignature or BadEvent."""
    if len(body) > MOST_BYTES:
        raise BadEvent("TOO_LARGE", f"事件超过 {MOST_BYTES} 字节", f"an event has at most {MOST_BYTES} bytes")
    source = get_source(session, source_id)
    verify(ContractSource.webhook_secret.peek(source) or "", signed, body, clock())
    lock_source(session, source)
    earlier = session.get(InboxEvent, (source.id, signed.event_id))
    digest = hashlib.sha256(body).hexdigest()
    if earlier is not None:
        if earlier.body_hash != digest:
            raise BadEvent("EVENT_ID_REUSED", "该编号已用于另一事件", "this id was used for another event")
        return Received(Taken.REPEATED, earlier.kind)
    try:
        content = read_json(body)
    except NotJson:
        raise BadEvent("NOT_JSON", "事件不是有效的 JSON", "the event is no strict JSON") from None
    received = _take(session, source, signed.event_id, content, clock())
    session.add(
        InboxEvent(
            organisation_id=source.organisation_id, source_id=source.id, event_id=signed.event_id,
            kind=received.kind, body_hash=digest,
        )
    )  # fmt: skip
    session.flush()
    return received


def _take(session: Session, source: ContractSource, event_id: str, content: Json, present: datetime) -> Received:
    event = read_event(content)
    if isinstance(event, tuple):
        return _refused(session, source, event_id, kind_of(content), event)
    if isinstance(event, RecordsEvent):
        take_rows(session, source, get_vendor(source.vendor), event.data.records)
        return Received(Taken.TAKEN, event.type)
    item = item_of(event, local_today(present))
    done = item if isinstance(item, Fault) else add_item(session, source, item)
    if isinstance(done, Fault):
        return _refused(session, source, event_id, event.type, (done,))
    return Received(Taken.TAKEN if done else Taken.REPEATED, event.type)


def _refused(session: Session, source: ContractSource, event_id: str, kind: str, faults: tuple[Fault, ...]) -> Received:
    found = letters.find_letters(session, source, kind, [event_id])
    letters.refuse(session, source, kind, event_id, faults, letter=found.get(event_id))
    session.flush()
    return Received(Taken.REFUSED, kind, faults)


def subscribe(
    session: Session, organisation_id: str, url: str, events: Iterable[Topic]
) -> tuple[WebhookSubscription, str]:
    """A new subscription and the secret that we sign with, which is shown this once. Raises BadAddress."""
    judge_address(url)
    secret = new_secret()
    row = WebhookSubscription(
        id=new_id(), organisation_id=organisation_id, url=url, events=sorted({str(event) for event in events})
    )
    session.add(row)
    row.secret = secret
    session.flush()
    return row, secret
