"""How strict the door is; the defaults are what a level-3 assessment (GB/T 22239) asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMapping:
    """Which claims of a provider say what somebody may do here.

    `roles` maps a value of `roles_claim` to a role; values not named give nothing. `organisation_claim` holds the
    external id of an organisation, or one that `organisations` maps to such an id. `default_organisation` serves
    providers that know only one.
    """

    roles_claim: str = "groups"
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    organisation_claim: str = "organisation"
    organisations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    default_organisation: str = ""
    teams_claim: str = "teams"
    member_claim: str = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """One provider of single sign-on, found by its issuer's discovery document.

    `second_factor_methods` are the values of `amr` that count as a second factor of the provider.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scope: str = "openid profile"
    mapping: ClaimMapping = field(default_factory=ClaimMapping)
    second_factor_methods: frozenset[str] = frozenset({"mfa", "otp", "hwk", "sc", "fpt", "face"})
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Limits of passwords, log-ins, sessions and keys."""

    most_failures: int = 5
    lock_minutes: int = 15
    idle_minutes: int = 30
    session_hours: int = 12
    password_days: int = 90
    longest_key_days: int = 366
    second_factor_for_admins: bool = True
    cache_seconds: float = 2.0
    oidc: OidcSettings | None = None
