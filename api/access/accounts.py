"""Accounts of people: made, changed and closed by a security administrator, never deleted, every step audited."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access.errors import AccessFault, AccessFaults, AccessNotFound
from api.access.logins import end_all, folded_name
from api.access.passwords import hash_password, password_faults
from api.access.permissions import APART, SYSTEM_ROLES, Role, is_separated
from api.store.audit import append
from api.store.base import now
from api.store.database import Database
from api.store.models.access import NAME_LENGTH, Account
from api.store.models.organisations import Organisation, OrganisationKind
from api.store.scope import everything

TARGET = "accounts"
NAME_TAKEN = AccessFault("/name", "NAME_TAKEN", "换一个用户名", "Choose another name")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is made from."""

    name: str
    organisation_id: str
    roles: tuple[str, ...]
    team_external_ids: tuple[str, ...] = ()
    member_external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What is to be changed of an account; None leaves a thing as it is."""

    roles: tuple[str, ...] | None = None
    team_external_ids: tuple[str, ...] | None = None
    member_external_id: str | None = None
    is_active: bool | None = None
    reset_password: bool = False
    reset_second_factor: bool = False


def one_time_password() -> str:
    """A random first password that fits the policy; it has to be changed at the first sign-in."""
    return f"Xz-{secrets.token_urlsafe(15)}-7"


def add_account(
    session: Session, new: NewAccount, password: str | None, moment: datetime, *, must_change_password: bool = True
) -> Account:
    """A new account in the session's scope; without a password it can only use single sign-on.

    Raises AccessFaults with everything that is wrong.
    """
    name = folded_name(new.name)
    faults = [*_name_faults(session, name), *role_faults(new.roles), *_organisation_faults(session, new)]
    if password is not None:
        faults += password_faults(password, name)
    if faults:
        raise AccessFaults(tuple(faults))
    account = Account(
        name=name,
        organisation_id=new.organisation_id,
        roles=sorted(set(new.roles)),
        team_external_ids=sorted(set(new.team_external_ids)),
        member_external_id=new.member_external_id,
        password_hash=hash_password(password) if password is not None else None,
        password_changed_at=moment if password is not None else None,
        must_change_password=password is not None and must_change_password,
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:  # the name is taken in an organisation out of sight
        raise AccessFaults((NAME_TAKEN,)) from None
    _audit(session, account, "accounts:add", {"roles": account.roles})
    return account


def get_account(session: Session, account_id: str) -> Account:
    """An account in the session's scope. Raises AccessNotFound."""
    account = session.scalar(select(Account).where(Account.id == account_id))
    if account is None:
        raise AccessNotFound
    return account


def change_account(session: Session, account: Account, change: AccountChange, actor: str, moment: datetime) -> str:
    """Change an account and end its sessions; gives the new one-time password, or "" when none was asked for.

    Raises AccessFaults; nobody changes the own roles, reopens or closes the own account.
    """
    faults = list(role_faults(change.roles)) if change.roles is not None else []
    if actor == f"account:{account.id}":
        faults.append(
            AccessFault("", "OWN_ACCOUNT", "请另一位安全管理员修改您的账户", "Ask another security administrator")
        )
    if faults:
        raise AccessFaults(tuple(faults))
    if change.roles is not None:
        account.roles = sorted(set(change.roles))
    if change.team_external_ids is not None:
        account.team_external_ids = sorted(set(change.team_external_ids))
    if change.member_external_id is not None:
        account.member_external_id = change.member_external_id or None
    if change.is_active is not None:
        account.is_active = change.is_active
    if change.reset_second_factor:
        drop_second_factor(account)
    password = one_time_password() if change.reset_password else ""
    if password:
        _put_password(account, password, moment)
        account.must_change_password = True
    end_all(session, account.id, moment)
    changed = [name for name in AccountChange.__slots__ if getattr(change, name) not in (None, False)]
    _audit(session, account, "accounts:change", {"changed": changed, "roles": account.roles})
    return password


def change_own_password(session: Session, account: Account, password: str, moment: datetime, login_id: str) -> None:
    """Set a new password and end the account's other sessions. Raises AccessFaults."""
    faults = password_faults(password, account.name, "/new_password")
    if faults:
        raise AccessFaults(faults)
    _put_password(account, password, moment)
    account.must_change_password = False
    end_all(session, account.id, moment, but=login_id)
    _audit(session, account, "accounts:change_password", {})


def drop_second_factor(account: Account) -> None:
    """Take the second factor away; an administrator has to set up a new one before anything else."""
    account.second_factor = None
    account.second_factor_confirmed_at = None


def role_faults(roles: tuple[str, ...]) -> tuple[AccessFault, ...]:
    """Everything that is wrong with the roles of one account."""
    known = {role.value for role in Role}
    faults = [
        AccessFault(f"/roles/{place}", "UNKNOWN_ROLE", "没有这个角色", f"Use one of {', '.join(sorted(known))}")
        for place, role in enumerate(roles)
        if role not in known
    ]
    found = frozenset(Role(role) for role in roles if role in known)
    if not roles:
        faults.append(AccessFault("/roles", "NO_ROLE", "至少给一个角色", "Give at least one role"))
    if not is_separated(found):
        names = ", ".join(sorted(APART))
        faults.append(
            AccessFault("/roles", "ROLES_NOT_SEPARATED", "系统、安全、审计三类管理员须分设", f"Only one of {names}")
        )
    if found & SYSTEM_ROLES:
        faults.append(
            AccessFault("/roles", "SYSTEM_ROLE", "该角色只用于 API 密钥", "This role is for API keys only: make a key")
        )
    return tuple(faults)


def bootstrap(
    database: Database,
    *,
    name: str,
    role: str = Role.SECURITY_ADMIN,
    organisation_external_id: str,
    organisation_name: str = "",
    password: str | None = None,
    team_external_ids: tuple[str, ...] = (),
    member_external_id: str | None = None,
) -> str:
    """Make an account from the machine itself, the first administrator above all; gives the password to be told.

    Without a password a random one is made, which has to be changed at the first sign-in. An organisation that is not
    there is made as a county. Raises AccessFaults.
    """
    with database.session(everything("console")) as session:
        organisation = session.scalar(
            select(Organisation).where(Organisation.external_id == organisation_external_id)
        ) or Organisation(
            external_id=organisation_external_id, name=organisation_name, kind=OrganisationKind.COUNTY.value
        )
        session.add(organisation)
        session.flush()
        new = NewAccount(
            name=name,
            organisation_id=organisation.id,
            roles=(role,),
            team_external_ids=team_external_ids,
            member_external_id=member_external_id,
        )
        chosen = password or one_time_password()
        add_account(session, new, chosen, now(), must_change_password=password is None)
        return chosen


def _put_password(account: Account, password: str, moment: datetime) -> None:
    account.password_hash, account.password_changed_at = hash_password(password), moment


def _name_faults(session: Session, name: str) -> list[AccessFault]:
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        return [AccessFault("/name", "NAME_FORM", f"1 至 {NAME_LENGTH} 个字符", f"Use 1 to {NAME_LENGTH} characters")]
    is_taken = session.scalar(select(Account.id).where(Account.name == name)) is not None
    return [NAME_TAKEN] if is_taken else []


def _organisation_faults(session: Session, new: NewAccount) -> list[AccessFault]:
    found = session.scalar(select(Organisation.id).where(Organisation.id == new.organisation_id))
    if found is not None:
        return []
    return [AccessFault("/organisation_id", "NO_ORGANISATION", "没有这个机构或无权", "No such organisation in sight")]


def _audit(session: Session, account: Account, action: str, details: dict[str, object]) -> None:
    append(session, account.organisation_id, action, target_kind=TARGET, target_id=account.id, details=details)
