"""Answers of a provider that must not be trusted, and what they are refused with."""

from typing import Any

import pytest

from api.access.door import Door
from api.access.sign_on import local_path
from api.store.database import Database
from tests.api.access.browser import provider, refusal, sso_door
from tests.api.access.provider import Provider

__all__ = ["provider", "sso_door"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """The embedded database: what is refused here never gets as far as a second kind of database."""
    return sqlite_database


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"groups": []}, "NO_ROLE"),
        ({"groups": ["strangers"]}, "NO_ROLE"),
        ({"groups": {"leaders": True}}, "NO_ROLE"),
        ({"groups": ["bad"]}, "NO_ROLE"),
        ({"groups": ["office", "audit"]}, "ROLES_NOT_SEPARATED"),
        ({"org": ""}, "NO_ORGANISATION"),
        ({"org": "T99"}, "NO_ORGANISATION"),
    ],
)
def test_claims_that_give_nothing_here_are_refused(
    sso_door: Door, provider: Provider, claims: dict[str, Any], reason: str
) -> None:
    provider.claims |= claims
    assert refusal(sso_door) == reason


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("issuer", "ISSUER_DIFFERS"),
        ("algorithms", "DISCOVERY_INCOMPLETE"),
        ("no id token", "NO_ID_TOKEN"),
        ("audience", "TOKEN_REFUSED"),
        ("several audiences", "PARTY_DIFFERS"),
        ("token issuer", "TOKEN_REFUSED"),
        ("nonce", "NONCE_DIFFERS"),
        ("expired", "TOKEN_REFUSED"),
        ("no subject", "TOKEN_REFUSED"),
        ("unsigned", "TOKEN_REFUSED"),
        ("shared secret", "TOKEN_REFUSED"),
        ("foreign key", "TOKEN_REFUSED"),
        ("key id", "KEY_UNKNOWN"),
    ],
)
def test_an_answer_that_is_not_the_providers_or_not_for_us_is_refused(
    sso_door: Door, provider: Provider, spoil: str, reason: str
) -> None:
    provider.spoil = spoil
    assert refusal(sso_door) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cookie_state": ""}, "STATE_DIFFERS"),
        ({"cookie_state": "of another browser"}, "STATE_DIFFERS"),
        ({"state": "made up", "cookie_state": "made up"}, "STATE_UNKNOWN"),
        ({"code": "made up"}, "CODE_REFUSED"),
        ({"issuer": "https://elsewhere.example"}, "ISSUER_DIFFERS"),
    ],
)
def test_an_answer_that_does_not_fit_the_question_is_refused(
    sso_door: Door, changes: dict[str, Any], reason: str
) -> None:
    assert refusal(sso_door, **changes) == reason


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/plans/1?x=2#y", "/plans/1?x=2#y"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_only_our_own_pages_are_returned_to(path: str, expected: str) -> None:
    assert local_path(path) == expected
