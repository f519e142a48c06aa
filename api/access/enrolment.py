"""Steps that the owner of an account does alone: setting up the second factor, showing its code, a new password.

Wrong tries count under the account's log-in name, so that a stolen session cannot guess without end either.
"""

from sqlalchemy.orm import Session

from api.access.accounts import change_own_password
from api.access.door import Door
from api.access.errors import AccessFault, AccessFaults, NotSignedIn, WrongCredentials
from api.access.guards import count_attempt, take_back
from api.access.identity import Identity
from api.access.logins import account_second_factor
from api.access.passwords import is_password
from api.access.second_factor import find_step, new_secret, provisioning_uri
from api.store.audit import append
from api.store.models.access import Account, LoginSession
from api.store.scope import everything


def begin_second_factor(door: Door, caller: Identity) -> tuple[str, str]:
    """A fresh secret and its otpauth URI, which count only after `confirm_second_factor`.

    Raises AccessFaults when one is in use: an administrator takes it away first. Raises NotSignedIn for a key.
    """
    with door.database.session(everything(caller.actor)) as session:
        account, _ = _own_rows(session, caller)
        if account.second_factor_confirmed_at is not None:
            zh, en = "请安全管理员先重置", "Have the security administrator reset it first"
            raise AccessFaults((AccessFault("", "SECOND_FACTOR_IN_USE", zh, en),))
        secret = new_secret()
        account.second_factor = secret
        return secret, provisioning_uri(secret, account.name)


def confirm_second_factor(door: Door, caller: Identity, code: str) -> None:
    """Show a code: the first time it puts the second factor into use, later it lifts a single sign-on session.

    Raises WrongCredentials or AccountLocked.
    """
    moment = door.clock()
    name = _count(door, caller)
    with door.database.session(everything(caller.actor)) as session:
        account, login = _own_rows(session, caller)
        secret = account_second_factor(account)
        step = find_step(secret, code, moment, account.second_factor_step) if secret else None
        if step is not None:
            take_back(session, name)
            account.second_factor_step = step
            account.second_factor_confirmed_at = account.second_factor_confirmed_at or moment
            login.has_second_factor = True
        action = "second_factor:confirm" if step is not None else "second_factor:failed"
        append(session, account.organisation_id, action, target_kind="accounts", target_id=account.id)
    if step is None:
        raise WrongCredentials
    door.forget()


def change_password(door: Door, caller: Identity, current: str, fresh: str) -> None:
    """Change the own password. Raises WrongCredentials, AccountLocked or AccessFaults."""
    name = _count(door, caller)
    with door.database.session(everything(caller.actor), read_only=True) as session:
        account, _ = _own_rows(session, caller)
        stored = account.password_hash
    fits = is_password(stored, current)
    with door.database.session(everything(caller.actor)) as session:
        account, login = _own_rows(session, caller)
        if fits:
            take_back(session, name)
            if fresh == current:
                zh, en = "新密码须与旧密码不同", "Choose one that differs from the present one"
                raise AccessFaults((AccessFault("/new_password", "PASSWORD_SAME", zh, en),))
            change_own_password(session, account, fresh, door.clock(), login.id)
        else:
            append(session, account.organisation_id, "login:failed", target_kind="accounts", target_id=account.id)
    if not fits:
        raise WrongCredentials
    door.forget()


def _count(door: Door, caller: Identity) -> str:
    with door.database.session(everything(caller.actor)) as session:
        account, _ = _own_rows(session, caller)
        count_attempt(session, account.name, door.settings, door.clock())
        return account.name


def _own_rows(session: Session, caller: Identity) -> tuple[Account, LoginSession]:
    """Account and login session of a caller. Raises NotSignedIn for a key, which has neither."""
    login = session.get(LoginSession, caller.credential_id) if caller.kind == "account" else None
    if login is None:
        raise NotSignedIn
    return session.get_one(Account, login.account_id), login
