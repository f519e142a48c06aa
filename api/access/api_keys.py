"""API keys of systems: shown once, kept as a digest, narrowed to actions, always with an end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.errors import AccessFault, AccessFaults, AccessNotFound
from api.access.permissions import KEY_ROLES, PERMISSIONS, Role, actions_of
from api.access.settings import AccessSettings
from api.access.tokens import KeyText, digest, new_key_text
from api.store.audit import append
from api.store.models.access import ApiKey
from api.store.models.organisations import Organisation
from api.store.scope import scope_of

TARGET = "api_keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a key is made from; no actions means all that the role may do."""

    name: str
    organisation_id: str
    role: str
    actions: tuple[str, ...] = ()
    team_external_ids: tuple[str, ...] = ()
    days: int = 90


def add_key(session: Session, new: NewKey, settings: AccessSettings, moment: datetime) -> tuple[ApiKey, KeyText]:
    """A new key in the session's scope, and its text, which is nowhere else. Raises AccessFaults."""
    faults = (*_role_faults(new), *_day_faults(new, settings), *_organisation_faults(session, new))
    if faults:
        raise AccessFaults(faults)
    text = new_key_text()
    key = ApiKey(
        name=new.name,
        organisation_id=new.organisation_id,
        prefix=text.prefix,
        secret_digest=digest(text.secret),
        role=new.role,
        actions=sorted(set(new.actions) or set(actions_of(Role(new.role)))),
        team_external_ids=sorted(set(new.team_external_ids)),
        made_by=scope_of(session).actor,
        expires_at=moment + timedelta(days=new.days),
    )
    session.add(key)
    session.flush()
    details = {"role": key.role, "actions": key.actions, "days": new.days}
    append(session, key.organisation_id, "api_keys:add", target_kind=TARGET, target_id=key.id, details=details)
    return key, text


def get_key(session: Session, key_id: str) -> ApiKey:
    """A key in the session's scope. Raises AccessNotFound."""
    key = session.scalar(select(ApiKey).where(ApiKey.id == key_id))
    if key is None:
        raise AccessNotFound
    return key


def revoke_key(session: Session, key: ApiKey, moment: datetime) -> None:
    """End a key for good; a second time changes nothing. The caller lets the door forget."""
    if key.revoked_at is None:
        key.revoked_at = moment
        append(session, key.organisation_id, "api_keys:revoke", target_kind=TARGET, target_id=key.id)


def _role_faults(new: NewKey) -> tuple[AccessFault, ...]:
    if new.role not in KEY_ROLES:
        names = ", ".join(sorted(KEY_ROLES))
        return (AccessFault("/role", "NO_KEY_ROLE", f"密钥可用的角色：{names}", f"A key may have one of: {names}"),)
    allowed = set(actions_of(Role(new.role)))
    return tuple(
        AccessFault(
            f"/actions/{place}",
            "NOT_OF_ROLE" if action in PERMISSIONS else "UNKNOWN_ACTION",
            "该角色没有此操作",
            "The role may not do this: leave it out",
        )
        for place, action in enumerate(new.actions)
        if action not in allowed
    )


def _day_faults(new: NewKey, settings: AccessSettings) -> tuple[AccessFault, ...]:
    most = settings.longest_key_days
    if 1 <= new.days <= most:
        return ()
    return (AccessFault("/days", "KEY_LIFETIME", f"有效期 1 至 {most} 天", f"Let it live for 1 to {most} days"),)


def _organisation_faults(session: Session, new: NewKey) -> tuple[AccessFault, ...]:
    if session.scalar(select(Organisation.id).where(Organisation.id == new.organisation_id)) is not None:
        return ()
    zh, en = "没有这个机构或无权", "No such organisation in sight"
    return (AccessFault("/organisation_id", "NO_ORGANISATION", zh, en),)
