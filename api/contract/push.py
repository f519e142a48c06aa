"""Sends the outbox: at least once, in order within one record, with growing and jittered pauses, dead after so many.

A message is claimed for a while, sent outside any transaction and settled by whoever still holds the claim. The
other side counts it once by its idempotency key, so a crash between sending and settling does no harm.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from api.contract.client import ContractClient
from api.contract.errors import ContractError, NotAnswered, Refused
from api.contract.signatures import sign
from api.contract.sources import ClientOf, client_of
from api.contract.transport import Call, HttpTransport, Transport
from api.store.base import new_id, now
from api.store.database import Database
from api.store.models.exchange import ContractSource, OutboxMessage, OutboxState, WebhookSubscription
from api.store.scope import Scope, everything

SYSTEM = everything("outbox")


@dataclass(frozen=True, slots=True)
class Pace:
    """How many messages at once, how long a claim lasts, and when the next attempt is."""

    batch: int = 10
    lease_seconds: float = 900.0
    most_attempts: int = 12
    first_pause_seconds: float = 5.0
    longest_pause_seconds: float = 3600.0

    def pause_seconds(self, attempts: int, rng: random.Random) -> float:
        """Twice as long after each attempt, give or take a half."""
        grown = self.first_pause_seconds * 2.0 ** min(attempts - 1, 30)
        return min(grown, self.longest_pause_seconds) * rng.uniform(0.5, 1.5)


def subscriber_transport(subscription: WebhookSubscription) -> Transport:
    """The transport to a subscriber."""
    return HttpTransport(subscription.url)


@dataclass(slots=True)
class Sender:
    """Sends what is due. The clock, the random numbers and the ways out are given, so that tests can choose them."""

    database: Database
    client_of: ClientOf = client_of
    transport_of: Callable[[WebhookSubscription], Transport] = subscriber_transport
    pace: Pace = Pace()
    clock: Callable[[], datetime] = now
    rng: random.Random = field(default_factory=random.Random)
    scope: Scope = SYSTEM

    def send_due(self, most: int = 1000) -> Counter[str]:
        """Send messages that are due until there are none or so many were tried; counts by what became of them."""
        counts: Counter[str] = Counter()
        while counts.total() < most:
            claimed = self._claim(min(self.pace.batch, most - counts.total()))
            if not claimed:
                break
            counts.update(self._send(claimed))
        return counts

    def _claim(self, most: int) -> list[OutboxMessage]:
        """Claim due messages; of one key only the first that is still to be sent."""
        present, token = self.clock(), new_id()
        message, earlier = OutboxMessage, aliased(OutboxMessage)
        is_blocked = exists().where(
            earlier.order_key == message.order_key,
            earlier.number < message.number,
            earlier.state == OutboxState.PENDING,
        )
        query = select(message).where(
            message.state == OutboxState.PENDING,
            message.next_attempt_at <= present,
            or_(message.lease_until.is_(None), message.lease_until < present),
            ~is_blocked,
        )
        with self.database.session(self.scope) as session:
            rows = session.scalars(
                query.order_by(message.number).limit(most).with_for_update(skip_locked=True, of=message)
            ).all()
            for row in rows:
                row.lease_token, row.lease_until = token, present + timedelta(seconds=self.pace.lease_seconds)
        return list(rows)

    def _send(self, claimed: list[OutboxMessage]) -> Counter[str]:
        """Send each claimed message over the way of its destination, and settle it."""
        counts: Counter[str] = Counter()
        ways: dict[str, _Way] = {}
        try:
            for row in claimed:
                destination = row.source_id or row.subscription_id or ""
                try:
                    if destination not in ways:
                        ways[destination] = self._way(row)
                    ways[destination].send(row, self.clock())
                    error = None
                except ContractError as found:
                    error = found
                counts[self._settle(row, error)] += 1
        finally:
            for way in ways.values():
                way.close()
        return counts

    def _way(self, row: OutboxMessage) -> "_Way":
        with self.database.session(self.scope, read_only=True) as session:
            if row.source_id is not None:
                source = session.get_one(ContractSource, row.source_id)
                if not source.is_active:
                    raise NotAnswered("SOURCE_OFF", "该签约系统已停用", "the contract system is switched off")
                return _Way(client=self.client_of(source))
            subscription = session.get_one(WebhookSubscription, row.subscription_id)
            if not subscription.is_active:
                raise Refused("UNSUBSCRIBED", "订阅已停用", "the subscription is switched off")
            secret = WebhookSubscription.secret.peek(subscription) or ""
            return _Way(transport=self.transport_of(subscription), secret=secret)

    def _settle(self, row: OutboxMessage, error: ContractError | None) -> str:
        """Note what became of a message, unless the claim has been lost meanwhile."""
        present, attempts = self.clock(), row.attempts + 1
        values: dict[str, object] = {"attempts": attempts, "lease_until": None, "lease_token": None}
        if error is None:
            result = OutboxState.SENT
            values |= {"sent_at": present, "code": None, "message_zh": None, "message_en": None}
        else:
            is_dead = isinstance(error, Refused) or attempts >= self.pace.most_attempts
            result = OutboxState.DEAD if is_dead else OutboxState.PENDING
            values |= {"code": error.code, "message_zh": error.message_zh, "message_en": error.message_en}
            wait = max(self.pace.pause_seconds(attempts, self.rng), getattr(error, "wait_seconds", 0.0))
            values["next_attempt_at"] = present + timedelta(seconds=wait)
        change = update(OutboxMessage).where(
            OutboxMessage.number == row.number, OutboxMessage.lease_token == row.lease_token
        )
        with self.database.session(self.scope) as session:
            changed = session.execute(
                change.values(state=result, **values).returning(OutboxMessage.number)
            ).scalar_one_or_none()
        if changed is None:
            return "lost_claim"
        return "later" if result is OutboxState.PENDING else str(result)


@dataclass(slots=True)
class _Way:
    """The way to one destination: the client of a contract system, or a subscriber's transport and secret."""

    client: ContractClient | None = None
    transport: Transport | None = None
    secret: str = field(default="", repr=False)

    def send(self, row: OutboxMessage, present: datetime) -> None:
        if self.client is not None:
            self.client.push(row.topic, row.payload, row.id)
            return
        assert self.transport is not None
        body = json.dumps({"type": row.topic, "id": row.id, "data": row.payload}, ensure_ascii=False).encode()
        self.transport.send(Call("POST", "", body=body, headers=sign(self.secret, row.id, present, body).headers))

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        if self.transport is not None:
            self.transport.close()


class Overtaken(ContractError):
    """A dead message may not be sent any more, for a later one of the same record has been."""

    def __init__(self) -> None:
        zh, en = (
            "同一记录较新的消息已送达，不再重发",
            "a later message of the same record was sent; this one is out of date",
        )
        super().__init__("OVERTAKEN", zh, en)


class NotDead(ContractError):
    """Only dead messages are replayed."""

    def __init__(self) -> None:
        super().__init__("NOT_DEAD", "只有失败的消息可以重发", "only dead messages are replayed")


def replay(session: Session, message_id: str) -> OutboxMessage | None:
    """Put a dead message back into the queue; None when there is none. Raises NotDead or Overtaken."""
    query = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    if row.state != OutboxState.DEAD:
        raise NotDead
    later = select(OutboxMessage.number).where(
        OutboxMessage.order_key == row.order_key, OutboxMessage.number > row.number,
        or_(OutboxMessage.state == OutboxState.SENT, OutboxMessage.lease_until > now()),
    )  # fmt: skip
    if session.scalars(later.limit(1)).first() is not None:
        raise Overtaken
    row.state, row.attempts, row.next_attempt_at, row.lease_until = OutboxState.PENDING, 0, now(), None
    session.flush()
    return row
