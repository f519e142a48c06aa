"""Requests that may be sent twice and are done once, by the Idempotency-Key of the caller.

The key is claimed in a transaction of its own; the work and its answer are stored together in another one. Whoever
comes with the same key gets the stored answer, or is told that the first try is still going on. A try that died is
taken over after its lease. Answers hold ids only, so nothing personal is kept.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import Caller
from api.config import Settings
from api.service.deps import database_of, settings_of
from api.service.problems import ProblemError
from api.store.base import new_id, now
from api.store.database import Database
from api.store.models.idempotency import LONGEST_KEY, IdempotentAnswer
from api.store.scope import Scope, organisation_scope

LEASE = timedelta(minutes=2)
"""How long a try may work; longer than any answer takes."""
RETRY_SECONDS = {"Retry-After": "2"}
_KEY = re.compile(rf"[A-Za-z0-9._:,\-]{{8,{LONGEST_KEY}}}")

KeyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="One unique key for each operation; the same one to try again"),
]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that can be kept: a JSON value with ids only."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """The content as JSON text."""
        return json.dumps(self.content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


Work = Callable[[Session], Answered]
"""Does what was asked for inside a transaction, which is committed with the answer."""


@dataclass(frozen=True, slots=True)
class Once:
    """One request and its key, "" when it has none and needs none."""

    key: str
    fingerprint: str
    actor: str
    database: Database
    settings: Settings

    def answer(self, scope: Scope, organisation_id: str, work: Work) -> Response:
        """Do the work once, or give the answer it was given before. Raises ProblemError, and whatever the work raises.

        The organisation has to be in the scope.
        """
        if not self.key:
            with self.database.session(scope) as session:
                return _response(work(session))
        claim = self._claim(organisation_id)
        if isinstance(claim, Response):
            return claim
        is_done = False
        try:
            with self.database.session(scope) as session:
                answered = work(session)
                self._keep(session, organisation_id, claim, answered)
            is_done = True
        finally:
            if not is_done:
                with suppress(SQLAlchemyError):  # the database may be what is gone; then the lease runs out
                    self._release(organisation_id, claim)
        return _response(answered)

    def _claim(self, organisation_id: str) -> Response | str:
        """The stored answer, or a fresh claim on the key."""
        claim, moment = new_id(), now()
        try:
            with self.database.session(organisation_scope(organisation_id, self.actor)) as session:
                _forget_expired(session, organisation_id, moment)
                row = self._find(session, organisation_id)
                if row is None:
                    session.add(self._new_row(organisation_id, claim, moment))
                    return claim
                return self._take(row, claim, moment)
        except IntegrityError:  # somebody else has claimed it in the same moment
            raise ProblemError("IDEMPOTENCY_IN_FLIGHT", headers=RETRY_SECONDS) from None

    def _take(self, row: IdempotentAnswer, claim: str, moment: datetime) -> Response | str:
        if row.fingerprint != self.fingerprint:
            raise ProblemError("IDEMPOTENCY_MISMATCH")
        if row.status is not None:
            return _replayed(row)
        if row.claimed_until > moment:
            raise ProblemError("IDEMPOTENCY_IN_FLIGHT", headers=RETRY_SECONDS)
        row.claim, row.claimed_until = claim, moment + LEASE
        return claim

    def _new_row(self, organisation_id: str, claim: str, moment: datetime) -> IdempotentAnswer:
        return IdempotentAnswer(
            organisation_id=organisation_id,
            actor=self.actor,
            key=self.key,
            fingerprint=self.fingerprint,
            claim=claim,
            claimed_until=moment + LEASE,
            expires_at=moment + timedelta(hours=self.settings.idempotency_hours),
        )

    def _keep(self, session: Session, organisation_id: str, claim: str, answered: Answered) -> None:
        """Store the answer with the work; raises ProblemError when another try has taken over."""
        row = self._find(session, organisation_id)
        if row is None or row.claim != claim:
            raise ProblemError("IDEMPOTENCY_IN_FLIGHT", headers=RETRY_SECONDS)
        row.status, row.content, row.headers = answered.status, answered.as_bytes(), dict(answered.headers)

    def _release(self, organisation_id: str, claim: str) -> None:
        with self.database.session(organisation_scope(organisation_id, self.actor)) as session:
            row = self._find(session, organisation_id)
            if row is not None and row.claim == claim and row.status is None:
                session.delete(row)

    def _find(self, session: Session, organisation_id: str) -> IdempotentAnswer | None:
        query = select(IdempotentAnswer).where(
            IdempotentAnswer.organisation_id == organisation_id,
            IdempotentAnswer.actor == self.actor,
            IdempotentAnswer.key == self.key,
        )
        return session.scalars(query.with_for_update()).one_or_none()


def _forget_expired(session: Session, organisation_id: str, moment: datetime) -> None:
    old = IdempotentAnswer.organisation_id == organisation_id, IdempotentAnswer.expires_at <= moment
    session.execute(delete(IdempotentAnswer).where(*old))


def _response(answered: Answered) -> Response:
    return Response(answered.as_bytes(), answered.status, dict(answered.headers), "application/json")


def _replayed(row: IdempotentAnswer) -> Response:
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    return Response(row.content, row.status or 200, headers, "application/json")


async def _once(request: Request, caller: Caller, key: KeyHeader = None) -> Once:
    settings = settings_of(request)
    if key is not None and not _KEY.fullmatch(key):
        raise ProblemError("IDEMPOTENCY_KEY_INVALID")
    # Keyed, so that nobody can guess a phone number from the digest of a body.
    words = (request.method, request.url.path, request.url.query)
    message = json.dumps(words).encode() + b"\0" + await request.body()
    fingerprint = hmac.new(settings.signing_bytes, message, hashlib.sha256).hexdigest()
    return Once(key or "", fingerprint, caller.actor, database_of(request), settings)


async def _once_with_key(once: Annotated[Once, Depends(_once)]) -> Once:
    if not once.key:
        raise ProblemError("IDEMPOTENCY_KEY_MISSING")
    return once


MaybeOnce = Annotated[Once, Depends(_once)]
"""For routes whose key may be left out."""
NeedsOnce = Annotated[Once, Depends(_once_with_key)]
"""For routes that refuse to work without a key."""
