"""Single sign-on from our side: what was asked for is kept until the answer comes, claims become an account."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.access.door import Door
from api.access.errors import SingleSignOnFailed, SingleSignOnOff
from api.access.logins import ACTOR, SignedIn, open_login
from api.access.oidc import Challenge, authorization_url, discover, fetch_claims, new_challenge
from api.access.permissions import SYSTEM_ROLES, Role, is_separated
from api.access.settings import ClaimMapping, OidcSettings
from api.access.tokens import digest, is_same
from api.store.audit import append
from api.store.models.access import Account, SignOnAttempt
from api.store.models.organisations import Organisation
from api.store.scope import everything

ATTEMPT_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Grant:
    """What the claims of a person give here."""

    organisation_external_id: str
    roles: frozenset[Role]
    team_external_ids: tuple[str, ...]
    member_external_id: str | None


def begin_sign_on(door: Door, return_path: str) -> tuple[str, str]:
    """The address to send the browser to, and the state that its cookie has to bring back.

    Raises SingleSignOnOff, ProviderUnreachable or SingleSignOnFailed.
    """
    settings = _settings_of(door)
    challenge = new_challenge()
    url = authorization_url(settings, discover(settings), challenge)
    moment = door.clock()
    with door.database.session(everything(ACTOR)) as session:
        session.execute(delete(SignOnAttempt).where(SignOnAttempt.expires_at < moment))
        session.add(
            SignOnAttempt(
                state_digest=digest(challenge.state),
                nonce=challenge.nonce,
                code_verifier=challenge.code_verifier,
                return_path=local_path(return_path),
                expires_at=moment + timedelta(minutes=ATTEMPT_MINUTES),
            )
        )
    return url, challenge.state


def finish_sign_on(door: Door, *, state: str, cookie_state: str, code: str, issuer: str | None) -> tuple[SignedIn, str]:
    """The login for the provider's answer, and where in our pages the person wanted to go.

    Raises SingleSignOnOff, ProviderUnreachable or SingleSignOnFailed.
    """
    settings = _settings_of(door)
    if not cookie_state or not is_same(state, cookie_state):
        raise SingleSignOnFailed("STATE_DIFFERS")  # the answer belongs to another browser
    if issuer is not None and issuer != settings.issuer:
        raise SingleSignOnFailed("ISSUER_DIFFERS")  # RFC 9207: the answer of another provider
    challenge, return_path = _take_attempt(door, state)
    claims = fetch_claims(settings, challenge, code)
    grant = read_claims(claims, settings.mapping)
    has_second_factor = bool(settings.second_factor_methods & set(_words(claims.get("amr"))))
    with door.database.session(everything(ACTOR)) as session:
        account = _account_for(session, settings.issuer, str(claims["sub"]), grant)
        login = open_login(
            session,
            account,
            door.settings,
            door.clock(),
            has_second_factor=has_second_factor,
            by_single_sign_on=True,
        )
    return login, return_path


def read_claims(claims: Mapping[str, Any], mapping: ClaimMapping) -> Grant:
    """What the claims give. Raises SingleSignOnFailed when that is no role, no organisation, or roles kept apart."""
    names = [mapping.roles[word] for word in _words(claims.get(mapping.roles_claim)) if word in mapping.roles]
    roles = frozenset(Role(name) for name in names)
    organisation = str(claims.get(mapping.organisation_claim) or mapping.default_organisation)
    if not roles or roles & SYSTEM_ROLES:
        raise SingleSignOnFailed("NO_ROLE")
    if not is_separated(roles):
        raise SingleSignOnFailed("ROLES_NOT_SEPARATED")
    if not organisation:
        raise SingleSignOnFailed("NO_ORGANISATION")
    return Grant(
        mapping.organisations.get(organisation, organisation),
        roles,
        tuple(sorted(set(_words(claims.get(mapping.teams_claim))))),
        str(claims.get(mapping.member_claim) or "") or None,
    )


def local_path(path: str) -> str:
    """The path when it is one of our own pages, else the first page; a foreign address could steal a visitor."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and len(path) <= 300
    return path if is_ours else "/"


def _settings_of(door: Door) -> OidcSettings:
    if door.settings.oidc is None:
        raise SingleSignOnOff
    return door.settings.oidc


def _take_attempt(door: Door, state: str) -> tuple[Challenge, str]:
    """The sign-in that a state belongs to; it is used up, whatever comes of it."""
    with door.database.session(everything(ACTOR)) as session:
        attempt = session.get(SignOnAttempt, digest(state), with_for_update=True)
        if attempt is None:
            raise SingleSignOnFailed("STATE_UNKNOWN")
        session.delete(attempt)
    if attempt.expires_at <= door.clock():
        raise SingleSignOnFailed("TOO_LATE")
    return Challenge(state, attempt.nonce, attempt.code_verifier), attempt.return_path


def _account_for(session: Session, issuer: str, subject: str, grant: Grant) -> Account:
    """The account of a person at a provider, made at the first sign-in; the provider's word on roles counts each time.

    Raises SingleSignOnFailed for a closed account, an unknown organisation, or one that has changed: rows stay with
    the organisation they were made in, so a person who moves gets a new account from the security administrator.
    """
    wanted = select(Organisation).where(Organisation.external_id == grant.organisation_external_id)
    organisation = session.scalar(wanted.where(Organisation.is_active))
    if organisation is None:
        raise SingleSignOnFailed("NO_ORGANISATION")
    account = session.scalar(select(Account).where(Account.oidc_issuer == issuer, Account.oidc_subject == subject))
    is_new = account is None
    if account is None:
        name = "sso:" + hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()[:24]
        account = Account(name=name, organisation_id=organisation.id, oidc_issuer=issuer, oidc_subject=subject)
        session.add(account)
    elif account.organisation_id != organisation.id:
        raise SingleSignOnFailed("ORGANISATION_CHANGED")
    elif not account.is_active:
        raise SingleSignOnFailed("ACCOUNT_CLOSED")
    granted = {
        "roles": sorted(grant.roles),
        "team_external_ids": list(grant.team_external_ids),
        "member_external_id": grant.member_external_id,
    }
    is_changed = any(getattr(account, name) != value for name, value in granted.items())
    for name, value in granted.items():
        setattr(account, name, value)
    session.flush()
    if is_changed:
        action = "accounts:add" if is_new else "accounts:change"
        details = {"roles": account.roles, "by": "single_sign_on"}
        append(session, organisation.id, action, target_kind="accounts", target_id=account.id, details=details)
    return account


def _words(value: object) -> list[str]:
    """A claim as words: a list, one word, or nothing."""
    if isinstance(value, str):
        return value.split()
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
