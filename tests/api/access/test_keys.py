"""Keys at the door: who passes, for how long, and what is kept of it."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import update

from api.access.api_keys import get_key, revoke_key
from api.access.door import Credentials, Door
from api.access.errors import (
    AccessFaults,
    AccessNotFound,
    NotSignedIn,
)
from api.access.permissions import Role, actions_of
from api.store.models.access import ApiKey
from api.store.scope import everything, organisation_scope
from tests.api.access.callers import identify, make_key
from tests.api.access.conftest import Clock, County, audit_of


def test_a_key_gives_its_role_organisation_and_actions(door: Door, county: County) -> None:
    key_id, text = make_key(door, county.county, Role.CONTRACT_SYSTEM, actions=("plans:read",))
    found = identify(door, text)
    assert (found.actor, found.kind) == (f"key:{key_id}", "api_key")
    assert found.roles == frozenset({Role.CONTRACT_SYSTEM})
    assert found.organisation_ids == (county.county,)
    assert set(found.below_ids) == {county.township, county.other_township, county.clinic}
    assert found.actions == frozenset({"plans:read"})


def test_a_key_without_named_actions_may_do_all_of_its_role(door: Door, county: County) -> None:
    _, text = make_key(door, county.county, Role.ANALYST)
    assert identify(door, text).actions == frozenset(actions_of(Role.ANALYST))


def test_the_secret_of_a_key_is_not_in_the_store(door: Door, county: County) -> None:
    key_id, text = make_key(door, county.county, Role.ANALYST)
    with door.database.session(everything("tests"), read_only=True) as session:
        row = session.get_one(ApiKey, key_id)
        assert all(text.split("_")[2] not in str(value) for value in vars(row).values())


@pytest.mark.parametrize("change", ["secret", "prefix", "cut", "mark", "empty", "signs"])
def test_a_changed_key_does_not_pass(door: Door, county: County, change: str) -> None:
    _, text = make_key(door, county.county, Role.ANALYST)
    changed = {
        "secret": text[:-1] + ("0" if text[-1] != "0" else "1"),
        "prefix": text.replace(text[4], "0" if text[4] != "0" else "1", 1),
        "cut": text[:-1],
        "mark": "xzs" + text[3:],
        "empty": "",
        "signs": "密" + text,
    }[change]
    with pytest.raises(NotSignedIn):
        identify(door, changed)


def test_a_key_ends(door: Door, county: County, clock: Clock) -> None:
    _, text = make_key(door, county.county, Role.ANALYST, days=30)
    clock.forward(days=29)
    identify(door, text)
    clock.forward(days=1)
    with pytest.raises(NotSignedIn):
        door.authenticate(Credentials(text))


def test_a_revoked_key_ends_at_once_where_it_is_revoked(door: Door, county: County) -> None:
    key_id, text = make_key(door, county.county, Role.ANALYST)
    identify(door, text)
    with door.database.session(everything("account:tests")) as session:
        revoke_key(session, get_key(session, key_id), door.clock())
    door.forget()
    with pytest.raises(NotSignedIn):
        door.authenticate(Credentials(text))


def test_a_revoked_key_ends_within_seconds_elsewhere(door: Door, county: County) -> None:
    elsewhere = Door(door.database, replace(door.settings, cache_seconds=0.05), door.clock)
    key_id, text = make_key(door, county.county, Role.ANALYST)
    elsewhere.authenticate(Credentials(text))
    with door.database.session(everything("account:tests")) as session:
        revoke_key(session, get_key(session, key_id), door.clock())
    waiter = threading.Event()
    for _ in range(100):
        if elsewhere.find_cached(Credentials(text)) is None:
            break
        waiter.wait(0.01)
    with pytest.raises(NotSignedIn):
        elsewhere.authenticate(Credentials(text))


def test_a_known_caller_costs_no_query(door: Door, county: County) -> None:
    _, text = make_key(door, county.county, Role.ANALYST)
    found = door.authenticate(Credentials(text))
    with door.database.session(everything("tests")) as session:
        session.execute(update(ApiKey).values(expires_at=door.clock()))
    assert door.find_cached(Credentials(text)) is found


def test_the_last_use_of_a_key_is_noted_once_a_minute(door: Door, county: County, clock: Clock) -> None:
    def last_use() -> object:
        with door.database.session(everything("tests"), read_only=True) as session:
            return session.get_one(ApiKey, key_id).last_used_at

    key_id, text = make_key(door, county.county, Role.ANALYST)
    assert last_use() is None
    first = clock()
    identify(door, text)
    clock.forward(seconds=30)
    identify(door, text)
    assert last_use() == first
    clock.forward(seconds=30)
    identify(door, text)
    assert last_use() == clock()


@pytest.mark.parametrize(
    ("role", "fields", "code"),
    [
        (Role.SECURITY_ADMIN, {}, "NO_KEY_ROLE"),
        (Role.CLINICIAN, {}, "NO_KEY_ROLE"),
        (Role.ANALYST, {"actions": ("plans:write",)}, "NOT_OF_ROLE"),
        (Role.ANALYST, {"actions": ("plans:fly",)}, "UNKNOWN_ACTION"),
        (Role.ANALYST, {"days": 0}, "KEY_LIFETIME"),
        (Role.ANALYST, {"days": 9999}, "KEY_LIFETIME"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    door: Door, county: County, role: Role, fields: dict[str, object], code: str
) -> None:
    with pytest.raises(AccessFaults) as caught:
        make_key(door, county.county, role, **fields)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_a_key_of_a_foreign_organisation_is_not_in_sight(door: Door, county: County) -> None:
    key_id, _ = make_key(door, county.foreign_county, Role.ANALYST)
    with door.database.session(organisation_scope(county.county)) as session, pytest.raises(AccessNotFound):
        get_key(session, key_id)


def test_keys_made_and_revoked_are_audited(door: Door, county: County) -> None:
    key_id, _ = make_key(door, county.county, Role.ANALYST)
    with door.database.session(everything("account:tests")) as session:
        for _ in range(2):
            revoke_key(session, get_key(session, key_id), door.clock())
    actor = "account:tests"
    assert audit_of(door.database, county.county) == [
        (actor, "api_keys:add", key_id),
        (actor, "api_keys:revoke", key_id),
    ]
