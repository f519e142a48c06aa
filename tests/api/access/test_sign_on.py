"""Single sign-on against a real provider: who gets in as what, and how often."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select

from api.access.accounts import AccountChange, change_account, get_account
from api.access.door import Credentials, Door
from api.access.errors import AccessError, ProviderUnreachable, SingleSignOnFailed, SingleSignOnOff
from api.access.permissions import Role
from api.access.sign_on import begin_sign_on, finish_sign_on
from api.store.models.access import Account, SignOnAttempt
from api.store.scope import everything
from tests.api.access.browser import provider, refusal, sso_door, visit
from tests.api.access.conftest import Clock, County, audit_of
from tests.api.access.provider import Provider

__all__ = ["provider", "sso_door"]


def test_a_leader_of_the_provider_is_a_leader_here(sso_door: Door, provider: Provider, county: County) -> None:
    provider.claims |= {"teams": ["T02", "T01"], "member": "M007"}
    signed_in = visit(sso_door)
    found = sso_door.authenticate(Credentials(signed_in.token))
    assert found.roles == frozenset({Role.TEAM_LEADER})
    assert found.organisation_ids == (county.township,)
    assert (found.team_external_ids, found.member_external_id) == (("T01", "T02"), "M007")
    assert found.must_set_up == ""


def test_the_account_is_made_once_and_without_a_name_of_a_person(sso_door: Door, provider: Provider) -> None:
    provider.claims |= {"name": "测试甲", "email": "a@example.com"}
    assert visit(sso_door).identity.actor == visit(sso_door).identity.actor
    with sso_door.database.session(everything("tests"), read_only=True) as session:
        account = session.scalars(select(Account)).one()
        assert "测试甲" not in str(vars(account))
        assert account.password_hash is None
        assert session.scalars(select(SignOnAttempt)).all() == []


def test_a_changed_group_counts_at_the_next_sign_in(sso_door: Door, provider: Provider, county: County) -> None:
    visit(sso_door)
    provider.claims["groups"] = ["doctors"]
    assert visit(sso_door).identity.roles == frozenset({Role.CLINICIAN})
    actions = [action for _, action, _ in audit_of(sso_door.database, county.township)]
    assert actions == ["accounts:add", "login", "accounts:change", "login"]


def test_groups_may_come_from_userinfo(sso_door: Door, provider: Provider) -> None:
    provider.claims = {"sub": "1001"}
    provider.userinfo = {"sub": "1001", "groups": ["doctors"], "org": "T1"}
    assert visit(sso_door).identity.roles == frozenset({Role.CLINICIAN})
    provider.userinfo["sub"] = "1002"
    assert refusal(sso_door) == "SUBJECT_DIFFERS"


def test_an_administrator_needs_a_second_factor_of_the_provider_or_of_ours(sso_door: Door, provider: Provider) -> None:
    provider.claims |= {"groups": ["office"], "amr": ["pwd"]}
    assert visit(sso_door).identity.must_set_up == "second_factor"
    provider.claims["amr"] = ["pwd", "otp"]
    assert visit(sso_door).identity.must_set_up == ""


def test_an_answer_is_taken_once(sso_door: Door) -> None:
    url, state = begin_sign_on(sso_door, "/")
    location = httpx2.get(url, follow_redirects=False).headers["location"]
    parts = {"state": state, "cookie_state": state, "code": parse_qs(urlsplit(location).query)["code"][0]}
    finish_sign_on(sso_door, **parts, issuer=None)
    with pytest.raises(SingleSignOnFailed) as caught:
        finish_sign_on(sso_door, **parts, issuer=None)
    assert caught.value.reason == "STATE_UNKNOWN"


def test_an_answer_after_ten_minutes_is_too_late(sso_door: Door, clock: Clock) -> None:
    _, state = begin_sign_on(sso_door, "/")
    clock.forward(minutes=10)
    with pytest.raises(SingleSignOnFailed) as caught:
        finish_sign_on(sso_door, state=state, cookie_state=state, code="any", issuer=None)
    assert caught.value.reason == "TOO_LATE"


def test_a_closed_account_stays_closed(sso_door: Door, county: County, clock: Clock) -> None:
    account_id = visit(sso_door).identity.actor.removeprefix("account:")
    with sso_door.database.session(everything("tests")) as session:
        change_account(session, get_account(session, account_id), AccountChange(is_active=False), "x", clock())
    assert refusal(sso_door) == "ACCOUNT_CLOSED"


def test_a_person_who_moves_to_another_organisation_is_not_moved_silently(sso_door: Door, provider: Provider) -> None:
    visit(sso_door)
    provider.claims["org"] = "T2"
    assert refusal(sso_door) == "ORGANISATION_CHANGED"


def test_a_provider_that_is_down_is_told_as_such(sso_door: Door, provider: Provider) -> None:
    provider.spoil = "down"
    with pytest.raises(ProviderUnreachable):
        begin_sign_on(sso_door, "/")


def test_without_a_provider_there_is_no_single_sign_on(door: Door) -> None:
    with pytest.raises(SingleSignOnOff) as caught:
        begin_sign_on(door, "/")
    assert isinstance(caught.value, AccessError)
