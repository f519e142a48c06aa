"""From rows of accounts and organisations to an identity."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from api.access.identity import Identity
from api.access.permissions import APART, Role
from api.access.settings import AccessSettings
from api.store.models.access import Account, LoginSession
from api.store.models.organisations import Organisation


def ids_below(session: Session, organisation_id: str) -> tuple[str, ...]:
    """Ids of all organisations below one, however deep."""
    below = select(Organisation.id).where(Organisation.parent_id == organisation_id).cte("below", recursive=True)
    child = aliased(Organisation)
    below = below.union(select(child.id).join(below, child.parent_id == below.c.id))  # union: a circle ends
    return tuple(sorted(set(session.scalars(select(below.c.id))) - {organisation_id}))


def account_identity(
    session: Session, account: Account, login: LoginSession, settings: AccessSettings, moment: datetime
) -> Identity:
    """Who is behind a login session."""
    return Identity(
        actor=f"account:{account.id}",
        kind="account",
        roles=frozenset(Role(role) for role in account.roles),
        organisation_ids=(account.organisation_id,),
        below_ids=ids_below(session, account.organisation_id),
        team_external_ids=tuple(account.team_external_ids),
        member_external_id=account.member_external_id,
        credential_id=login.id,
        must_set_up=find_open_step(account, login, settings, moment),
    )


def find_open_step(
    account: Account, login: LoginSession, settings: AccessSettings, moment: datetime
) -> Literal["", "second_factor", "password"]:
    """What has to be done before the account may be used: a fresh password, then the administrators' second factor."""
    if not login.by_single_sign_on:
        changed = account.password_changed_at
        if account.must_change_password or changed is None or moment - changed > timedelta(days=settings.password_days):
            return "password"
    is_admin = bool(APART & {Role(role) for role in account.roles})
    if is_admin and settings.second_factor_for_admins and not login.has_second_factor:
        return "second_factor"
    return ""
