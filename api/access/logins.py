"""Signing in and out with name, password and one-time code; every try is audited."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.access.door import Door
from api.access.errors import NotSignedIn, SecondFactorNeeded, WrongCredentials
from api.access.guards import count_attempt, drop_old, take_back, take_back_one
from api.access.identities import account_identity
from api.access.identity import Identity
from api.access.passwords import hash_password, is_password, needs_new_hash
from api.access.second_factor import find_step
from api.access.settings import AccessSettings
from api.access.tokens import digest, new_session_token
from api.store.audit import append
from api.store.models.access import Account, LoginSession
from api.store.scope import everything

ACTOR = "sign-in"


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """A fresh login: the token, shown once, who it is, and when it ends at the latest."""

    token: str
    identity: Identity
    expires_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class _Attempt:
    """What is known before the slow check of the password, which holds no transaction."""

    account_id: str | None
    password_hash: str | None
    locks: bool


def folded_name(name: str) -> str:
    """A log-in name as it is kept: without space around it, in small letters."""
    return name.strip().casefold()


def sign_in(door: Door, name: str, password: str, code: str | None = None) -> SignedIn:
    """Sign in with a password and, where one is set up, a one-time code.

    Raises WrongCredentials, SecondFactorNeeded or AccountLocked.
    """
    name = folded_name(name)
    attempt = _begin(door, name)
    fits = is_password(attempt.password_hash, password)
    if not fits or attempt.account_id is None:
        raise _failure(door, attempt, "password")
    with door.database.session(everything(ACTOR)) as session:
        account = session.get_one(Account, attempt.account_id, with_for_update=True)
        has_code = account.second_factor_confirmed_at is not None
        step = _step_of(account, code, door.clock()) if has_code and code else None
        if not has_code or step is not None:
            return _finish(session, door, account, name, password, step)
        if not code:
            take_back_one(session, name)  # the password was right; wrong codes before it stay counted
    if not code:
        raise SecondFactorNeeded
    raise _failure(door, attempt, "code")


def sign_out(door: Door, identity: Identity) -> None:
    """End the login session of an identity. Raises NotSignedIn for a caller without one."""
    if identity.kind != "account":
        raise NotSignedIn
    with door.database.session(everything(identity.actor)) as session:
        login = session.get_one(LoginSession, identity.credential_id)
        login.ended_at = door.clock()
        append(session, identity.organisation_ids[0], "login:end", target_kind="accounts", target_id=login.account_id)
    door.forget()


def end_all(session: Session, account_id: str, moment: datetime, but: str = "") -> None:
    """End every login session of an account but one."""
    open_ones = LoginSession.ended_at.is_(None), LoginSession.account_id == account_id, LoginSession.id != but
    session.execute(update(LoginSession).where(*open_ones).values(ended_at=moment))


def open_login(
    session: Session,
    account: Account,
    settings: AccessSettings,
    moment: datetime,
    *,
    has_second_factor: bool,
    by_single_sign_on: bool = False,
) -> SignedIn:
    """A fresh login session of an account that has shown who it is."""
    token = new_session_token()
    login = LoginSession(
        account_id=account.id,
        token_digest=digest(token),
        has_second_factor=has_second_factor,
        by_single_sign_on=by_single_sign_on,
        last_seen_at=moment,
        expires_at=moment + timedelta(hours=settings.session_hours),
    )
    session.add(login)
    session.flush()
    ways = {"second_factor": has_second_factor, "single_sign_on": by_single_sign_on}
    append(session, account.organisation_id, "login", target_kind="accounts", target_id=account.id, details=ways)
    return SignedIn(token, account_identity(session, account, login, settings, moment), login.expires_at)


def _begin(door: Door, name: str) -> _Attempt:
    with door.database.session(everything(ACTOR)) as session:
        locks = count_attempt(session, name, door.settings, door.clock())
        account = session.scalar(select(Account).where(Account.name == name, Account.is_active))
        return _Attempt(account.id if account else None, account.password_hash if account else None, locks)


def _failure(door: Door, attempt: _Attempt, reason: str) -> WrongCredentials:
    """Audit a failure; gives what is to be raised."""
    with door.database.session(everything(ACTOR)) as session:
        drop_old(session, door.clock())
        account = session.get(Account, attempt.account_id) if attempt.account_id else None
        organisation_id = account.organisation_id if account else None
        for action in ("login:failed", "login:locked") if attempt.locks else ("login:failed",):
            append(
                session,
                organisation_id,
                action,
                target_kind="accounts",
                target_id=attempt.account_id or "",
                details={"reason": reason},
            )
    return WrongCredentials()


def _step_of(account: Account, code: str, moment: datetime) -> int | None:
    secret = account_second_factor(account)
    return find_step(secret, code, moment, account.second_factor_step) if secret else None


def account_second_factor(account: Account) -> str | None:
    """The secret of an account's second factor; comparing with it is no read of a personal word."""
    return Account.second_factor.peek(account)


def _finish(session: Session, door: Door, account: Account, name: str, password: str, step: int | None) -> SignedIn:
    """The password fits, and the code where one is asked for."""
    take_back(session, name)
    if step is not None:
        account.second_factor_step = step
    if account.password_hash is not None and needs_new_hash(account.password_hash):
        account.password_hash = hash_password(password)
    return open_login(session, account, door.settings, door.clock(), has_second_factor=step is not None)
