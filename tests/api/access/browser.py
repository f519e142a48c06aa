"""A door that knows a real provider of single sign-on, and the walk of a browser through it."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from api.access.door import Door
from api.access.errors import SingleSignOnFailed
from api.access.logins import SignedIn
from api.access.settings import ClaimMapping, OidcSettings
from api.access.sign_on import begin_sign_on, finish_sign_on
from tests.api.access.conftest import County
from tests.api.access.provider import CLIENT, SECRET, Provider, running_provider

ROLES = {
    "leaders": "team_leader",
    "doctors": "clinician",
    "office": "county_admin",
    "audit": "auditor",
    "bad": "contract_system",
}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that signs in a team leader of T1."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_provider() as found:
        yield found


@pytest.fixture
def sso_door(door: Door, provider: Provider, county: County) -> Door:
    """A door that knows the provider."""
    oidc = OidcSettings(
        issuer=provider.address,
        client_id=CLIENT,
        client_secret=SECRET,
        redirect_uri="http://board.example/v1/oidc/callback",
        mapping=ClaimMapping(roles=MappingProxyType(ROLES), organisation_claim="org"),
    )
    door.settings = replace(door.settings, oidc=oidc)
    return door


def visit(door: Door, **changes: Any) -> SignedIn:
    """Walk the whole way as a browser does; `changes` replace parts of the provider's answer."""
    url, cookie_state = begin_sign_on(door, "/plans?week=2026-W48")
    answer = httpx2.get(url, follow_redirects=False)
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    parts = {"state": query["state"], "cookie_state": cookie_state, "code": query["code"], "issuer": query["iss"]}
    signed_in, path = finish_sign_on(door, **{**parts, **changes})
    assert path == "/plans?week=2026-W48"
    return signed_in


def refusal(door: Door, **changes: Any) -> str:
    """The reason why a visit is refused."""
    with pytest.raises(SingleSignOnFailed) as caught:
        visit(door, **changes)
    return caught.value.reason
