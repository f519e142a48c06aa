"""The door of the service: from the credentials of a request to an identity.

A key or login token is a secret of 256 bits, so one digest and one look-up check it. What was found is remembered for
about two seconds, so that a busy caller costs no query; within that time a revoked key may still pass in another
process. In the process that revokes, it ends at once.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.access.errors import CsrfMissing, NotSignedIn
from api.access.identities import account_identity, ids_below
from api.access.identity import Identity
from api.access.permissions import PERMISSIONS, Role
from api.access.settings import AccessSettings
from api.access.tokens import KEY_MARK, csrf_token, digest, is_same, read_key_text
from api.store.base import now
from api.store.database import Database
from api.store.models.access import Account, ApiKey, LoginSession
from api.store.scope import everything

COOKIE, CSRF_HEADER = "xunzhen_session", "X-CSRF-Token"
TOUCH_SECONDS = 60  # how exact "last used" and the idle clock are; every request would be a write otherwise
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a request brought: a bearer token (key or login token), else the cookie."""

    bearer: str | None = None
    cookie: str | None = None

    @property
    def secret(self) -> str:
        """The one that counts."""
        return self.bearer or self.cookie or ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was brought."""
        return not self.secret


@dataclass(frozen=True, slots=True)
class _Remembered:
    identity: Identity
    until: float
    ends_at: datetime


@dataclass(slots=True)
class Door:
    """Checks credentials against the store. `clock` gives the present moment; tests set it forward."""

    database: Database
    settings: AccessSettings = field(default_factory=AccessSettings)
    clock: Callable[[], datetime] = now
    _remembered: dict[str, _Remembered] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def find_cached(self, credentials: Credentials) -> Identity | None:
        """The identity behind credentials that were checked a moment ago; None: ask `authenticate`."""
        found = self._remembered.get(digest(credentials.secret))
        if found is None or found.until < monotonic() or found.ends_at <= self.clock():
            return None
        return found.identity

    def authenticate(self, credentials: Credentials) -> Identity:
        """The identity behind the credentials. Raises NotSignedIn."""
        if credentials.is_empty:
            raise NotSignedIn
        cached = self.find_cached(credentials)
        if cached is not None:
            return cached
        with self.database.session(everything("door"), read_only=True) as session:
            check = _check_key if credentials.secret.startswith(KEY_MARK) else _check_login
            found = check(session, credentials.secret, self.clock(), self.settings)
        if found.is_touch_due:
            self._touch(found.row)
        self._remember(credentials.secret, found)
        return found.identity

    def forget(self) -> None:
        """Drop what is remembered, after a key, an account or a session has changed."""
        with self._lock:
            self._remembered.clear()

    def _touch(self, row: ApiKey | LoginSession) -> None:
        """Note that a key or session was used. A database that cannot write now (full disk) still lets people read."""
        column = "last_used_at" if isinstance(row, ApiKey) else "last_seen_at"
        with suppress(OperationalError), self.database.session(everything("door")) as session:
            session.execute(update(type(row)).where(type(row).id == row.id).values({column: self.clock()}))

    def _remember(self, secret: str, found: "_Found") -> None:
        with self._lock:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            until = monotonic() + self.settings.cache_seconds
            self._remembered[digest(secret)] = _Remembered(found.identity, until, found.ends_at)


def check_csrf(cookie: str, token: str | None) -> None:
    """Raises CsrfMissing unless the token belongs to the cookie's session."""
    if token is None or not is_same(csrf_token(cookie), token):
        raise CsrfMissing


@dataclass(frozen=True, slots=True)
class _Found:
    identity: Identity
    ends_at: datetime
    row: ApiKey | LoginSession
    is_touch_due: bool


def _check_key(session: Session, secret: str, moment: datetime, settings: AccessSettings) -> _Found:
    text = read_key_text(secret)
    key = session.scalar(select(ApiKey).where(ApiKey.prefix == text.prefix)) if text else None
    if text is None or key is None or not is_same(key.secret_digest, digest(text.secret)):
        raise NotSignedIn
    if key.revoked_at is not None or key.expires_at <= moment:
        raise NotSignedIn
    identity = Identity(
        actor=f"key:{key.id}",
        kind="api_key",
        roles=frozenset({Role(key.role)}),
        organisation_ids=(key.organisation_id,),
        below_ids=ids_below(session, key.organisation_id),
        team_external_ids=tuple(key.team_external_ids),
        credential_id=key.id,
        actions=frozenset(key.actions) & frozenset(PERMISSIONS),
    )
    return _Found(identity, key.expires_at, key, _is_touch_due(key.last_used_at, moment))


def _check_login(session: Session, secret: str, moment: datetime, settings: AccessSettings) -> _Found:
    login = session.scalar(select(LoginSession).where(LoginSession.token_digest == digest(secret)))
    if login is None or login.ended_at is not None:
        raise NotSignedIn
    ends_at = min(login.last_seen_at + timedelta(minutes=settings.idle_minutes), login.expires_at)
    account = session.get_one(Account, login.account_id)
    if ends_at <= moment or not account.is_active:
        raise NotSignedIn
    identity = account_identity(session, account, login, settings, moment)
    return _Found(identity, ends_at, login, _is_touch_due(login.last_seen_at, moment))


def _is_touch_due(last: datetime | None, moment: datetime) -> bool:
    return last is None or moment - last >= timedelta(seconds=TOUCH_SECONDS)
