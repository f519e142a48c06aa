"""The lock after failures. An attempt is counted before the password is checked and taken back when it fits,
so that a burst of guesses in parallel gets no more tries than one after the other.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access.errors import AccountLocked
from api.access.settings import AccessSettings
from api.access.tokens import digest
from api.store.models.access import LoginGuard

FORGET_HOURS = 24


def count_attempt(session: Session, name: str, settings: AccessSettings, moment: datetime) -> bool:
    """Count one more attempt under a log-in name, known or not; gives whether it locks unless it fits.

    Raises AccountLocked while the name is locked.
    """
    guard = _locked_guard(session, digest(name), moment)
    if guard.locked_until is not None and guard.locked_until > moment:
        raise AccountLocked(int((guard.locked_until - moment).total_seconds()) + 1)
    is_old = moment - guard.last_failed_at > timedelta(hours=FORGET_HOURS)
    guard.failures = 1 if guard.locked_until is not None or is_old else guard.failures + 1
    guard.last_failed_at = moment
    is_last = guard.failures >= settings.most_failures
    guard.locked_until = moment + timedelta(minutes=settings.lock_minutes) if is_last else None
    return is_last


def take_back(session: Session, name: str) -> None:
    """Forget all failures of a name."""
    session.execute(delete(LoginGuard).where(LoginGuard.name_digest == digest(name)))


def take_back_one(session: Session, name: str) -> None:
    """Forget the last attempt of a name, which was no failure."""
    guard = session.get(LoginGuard, digest(name), with_for_update=True)
    if guard is not None:
        guard.failures, guard.locked_until = max(0, guard.failures - 1), None


def drop_old(session: Session, moment: datetime) -> None:
    """Forget names that have not failed for a day."""
    session.execute(delete(LoginGuard).where(LoginGuard.last_failed_at < moment - timedelta(hours=FORGET_HOURS)))


def _locked_guard(session: Session, name_digest: str, moment: datetime) -> LoginGuard:
    """The guard of a name, held until the transaction ends, so that attempts at the same time are counted in turn."""
    locked = select(LoginGuard).where(LoginGuard.name_digest == name_digest).with_for_update()
    guard = session.scalars(locked).one_or_none()
    if guard is None:
        try:
            with session.begin_nested():
                session.add(LoginGuard(name_digest=name_digest, failures=0, last_failed_at=moment))
        except IntegrityError:
            pass  # another attempt has just made it
        guard = session.scalars(locked.execution_options(populate_existing=True)).one()
    return guard
