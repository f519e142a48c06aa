"""Bodies of the routes about accounts, keys and signing in: what comes in, what goes out. Secrets go out once."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, Strict, StringConstraints, WithJsonSchema

from api.access.identity import Identity
from api.access.permissions import ACTIONS, Role
from api.service.bodies import Answer, Body, RowId, Whole, Word, YesNo
from api.service.moments import local_text
from api.store.models.access import Account, ApiKey

Secret = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=1_000)]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]
Local = Annotated[
    datetime,
    PlainSerializer(local_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class LoginBody(Body):
    """Name, password and, where one is set up, the six digits of the authenticator."""

    name: Word
    password: Secret
    code: Annotated[str, Strict(), StringConstraints(max_length=20)] = ""
    use_cookie: YesNo = False
    """For browsers: the token goes into a cookie that scripts cannot read, and not into the answer."""


class LoginAnswer(Answer):
    """A fresh login. `token` is empty when a cookie holds it."""

    token: str
    csrf_token: str
    expires_at: Local
    must_set_up: Literal["", "second_factor", "password"]


class Me(Answer):
    """Who the caller is and how far each action reaches: own_self, own_crew, own_team, own_organisation, county."""

    actor: str
    kind: Literal["account", "api_key", "process"]
    roles: list[Role]
    organisation_ids: list[str]
    organisations_below: int
    team_external_ids: list[str]
    member_external_id: str | None
    actions: dict[str, str]
    must_set_up: Literal["", "second_factor", "password"]
    csrf_token: str


class PasswordBody(Body):
    """A change of the own password."""

    current_password: Secret
    new_password: Secret


class SecondFactorAnswer(Answer):
    """The secret for an authenticator app, shown once; it counts after a code has been confirmed."""

    secret: str
    uri: str


class CodeBody(Body):
    """Six digits of the authenticator."""

    code: Annotated[str, Strict(), StringConstraints(min_length=1, max_length=20)]


class NewAccountBody(Body):
    """An account to be made."""

    name: Annotated[str, Strict(), StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    organisation_id: RowId
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=7)]
    team_external_ids: Words = ()
    member_external_id: Word | None = None
    has_password: YesNo = True
    """false: the account can only be used through single sign-on."""


class AccountChangeBody(Body):
    """What is to be changed; what is left out stays."""

    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=7)] | None = None
    team_external_ids: Words | None = None
    member_external_id: Annotated[str, Strict(), StringConstraints(max_length=200)] | None = None
    """Empty: takes it away."""
    is_active: YesNo | None = None
    reset_password: YesNo = False
    reset_second_factor: YesNo = False


class AccountView(Answer):
    """An account without anything secret."""

    id: str
    version: int | None = None
    name: str | None = None
    organisation_id: str | None = None
    roles: list[str] | None = None
    team_external_ids: list[str] | None = None
    member_external_id: str | None = None
    is_active: bool | None = None
    has_password: bool | None = None
    has_second_factor: bool | None = None
    has_single_sign_on: bool | None = None
    created_at: Local | None = None


class AccountAnswer(AccountView):
    """An account, and the one-time password when one was made: it is not shown again."""

    one_time_password: str = ""


class AccountPage(Answer):
    """One page of accounts."""

    items: list[AccountView]
    next_cursor: str


class NewKeyBody(Body):
    """A key to be made; no actions means all that the role may do."""

    name: Annotated[str, Strict(), StringConstraints(min_length=1, max_length=100)]
    organisation_id: RowId
    role: Role
    actions: Words = ()
    team_external_ids: Words = ()
    days: Whole = 90


class KeyView(Answer):
    """A key without its secret."""

    id: str
    name: str | None = None
    organisation_id: str | None = None
    prefix: str | None = None
    role: str | None = None
    actions: list[str] | None = None
    team_external_ids: list[str] | None = None
    made_by: str | None = None
    created_at: Local | None = None
    expires_at: Local | None = None
    revoked_at: Local | None = None
    last_used_at: Local | None = None


class NewKeyAnswer(KeyView):
    """A fresh key: `secret` is what the system sends as bearer token, and is not shown again."""

    secret: str


class KeyPage(Answer):
    """One page of keys."""

    items: list[KeyView]
    next_cursor: str


def view_me(caller: Identity, csrf_token: str) -> Me:
    """The caller as the answer shows it."""
    reaches = {name: caller.reach(name) for name in ACTIONS}
    return Me(
        actor=caller.actor,
        kind=caller.kind,
        roles=sorted(caller.roles),
        organisation_ids=list(caller.organisation_ids),
        organisations_below=len(caller.below_ids),
        team_external_ids=list(caller.team_external_ids),
        member_external_id=caller.member_external_id,
        actions={name: reach.name.lower() for name, reach in reaches.items() if reach is not None},
        must_set_up=caller.must_set_up,
        csrf_token=csrf_token,
    )


def view_account(account: Account) -> AccountView:
    """An account as the answer shows it."""
    return AccountView(
        id=account.id,
        version=account.version,
        name=account.name,
        organisation_id=account.organisation_id,
        roles=account.roles,
        team_external_ids=account.team_external_ids,
        member_external_id=account.member_external_id,
        is_active=account.is_active,
        has_password=account.password_hash is not None,
        has_second_factor=account.second_factor_confirmed_at is not None,
        has_single_sign_on=account.oidc_subject is not None,
        created_at=account.created_at,
    )


def view_key(key: ApiKey) -> KeyView:
    """A key as the answer shows it."""
    return KeyView(
        id=key.id,
        name=key.name,
        organisation_id=key.organisation_id,
        prefix=key.prefix,
        role=key.role,
        actions=key.actions,
        team_external_ids=key.team_external_ids,
        made_by=key.made_by,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )
