"""The door's settings from those of the installation, and what a provider's claims mean here (a file of JSON).

single_sign_on.json in the data folder:
{"roles_claim": "groups", "roles": {"xunzhen-leaders": "team_leader"}, "organisation_claim": "org"}
"""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from api.access.permissions import SYSTEM_ROLES, Role
from api.access.settings import AccessSettings, ClaimMapping, OidcSettings
from api.config import ConfigFaults, Settings
from optimizer.errors import Fault

MAPPING_FILE = "single_sign_on.json"
CALLBACK_PATH = "/v1/oidc/callback"


def access_settings(settings: Settings) -> AccessSettings:
    """How strict the door is for an installation; invented people of a demo need no second factor.

    Raises ConfigFaults when the mapping of claims cannot be used.
    """
    return AccessSettings(
        idle_minutes=settings.idle_logout_minutes,
        second_factor_for_admins=settings.mode == "production",
        oidc=_oidc_settings(settings) if settings.oidc_issuer else None,
    )


def _oidc_settings(settings: Settings) -> OidcSettings:
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    return OidcSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        redirect_uri=address + CALLBACK_PATH,
        mapping=read_mapping(settings.data_dir / MAPPING_FILE),
    )


def read_mapping(file: Path) -> ClaimMapping:
    """The mapping in a file; without the file nobody gets a role. Raises ConfigFaults."""
    if not file.exists():
        return ClaimMapping()
    try:
        mapping = TypeAdapter(ClaimMapping).validate_json(file.read_bytes(), extra="forbid")
    except ValidationError as error:
        raise ConfigFaults(
            tuple(_fault("/".join(map(str, item["loc"])), item["msg"]) for item in error.errors())
        ) from None
    allowed = {role.value for role in Role} - SYSTEM_ROLES
    wrong = [word for word, role in mapping.roles.items() if role not in allowed]
    if wrong:
        raise ConfigFaults(tuple(_fault(f"roles/{word}", f"one of {', '.join(sorted(allowed))}") for word in wrong))
    return mapping


def _fault(where: str, expected: str) -> Fault:
    zh, en = f"应为 {expected}", f"has to be {expected}"
    return Fault("SINGLE_SIGN_ON", f"{MAPPING_FILE}: {where}", "***", expected, zh, en)
