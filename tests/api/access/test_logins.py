"""Log-ins at the door: passwords, locks, sessions and the second factor."""

import threading

import pytest
from sqlalchemy import select

from api.access.door import Credentials, Door, check_csrf
from api.access.enrolment import begin_second_factor, change_password
from api.access.errors import (
    AccessFaults,
    AccountLocked,
    CsrfMissing,
    NotSignedIn,
    SecondFactorNeeded,
    WrongCredentials,
)
from api.access.logins import sign_in, sign_out
from api.access.permissions import Role
from api.access.second_factor import code_at
from api.access.tokens import csrf_token
from api.store.audit import verify_all
from api.store.models.access import Account, LoginGuard, LoginSession
from api.store.scope import everything
from tests.api.access.callers import enrol, identify, make_key, try_in_vain
from tests.api.access.conftest import PASSWORD, Clock, County, add_person, audit_of

FRESH = "Another-horse-8"


def test_a_right_password_signs_in(door: Door, county: County) -> None:
    account_id = add_person(
        door.database, county.township, "Wang.Li", Role.TEAM_LEADER, team_external_ids=("T01",), member_external_id="M1"
    )
    signed_in = sign_in(door, " wang.li ", PASSWORD)
    found = identify(door, signed_in.token)
    assert found == signed_in.identity
    assert found.actor == f"account:{account_id}"
    assert (found.organisation_ids, found.below_ids) == ((county.township,), (county.clinic,))
    assert (found.team_external_ids, found.member_external_id) == (("T01",), "M1")
    assert signed_in.token not in repr(signed_in)


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(door: Door, county: County) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    with pytest.raises(WrongCredentials) as for_password:
        sign_in(door, "wang", "wrong")
    with pytest.raises(WrongCredentials) as for_name:
        sign_in(door, "nobody", "wrong")
    assert str(for_password.value) == str(for_name.value)


@pytest.mark.parametrize("name", ["wang", "nobody"])
def test_five_failures_lock_a_name_whether_it_exists_or_not(
    door: Door, county: County, clock: Clock, name: str
) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    try_in_vain(door, name, 5)
    with pytest.raises(AccountLocked) as caught:
        sign_in(door, name, PASSWORD)
    assert 0 < caught.value.retry_seconds <= 15 * 60 + 1
    clock.forward(minutes=15)
    if name == "wang":
        sign_in(door, name, PASSWORD)
    else:
        try_in_vain(door, name, 5)


def test_four_failures_and_the_right_password_start_the_count_anew(door: Door, county: County) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    for _ in range(2):
        try_in_vain(door, "wang", 4)
        sign_in(door, "wang", PASSWORD)


def test_guesses_at_the_same_time_get_no_more_tries(door: Door, county: County) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    results: list[type[Exception]] = []

    def guess() -> None:
        try:
            sign_in(door, "wang", "wrong")
        except (WrongCredentials, AccountLocked) as error:
            results.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(error.__name__ for error in results) == ["AccountLocked"] * 7 + ["WrongCredentials"] * 5


def test_names_that_failed_long_ago_are_forgotten(door: Door, county: County, clock: Clock) -> None:
    try_in_vain(door, "nobody", 1)
    clock.forward(hours=25)
    try_in_vain(door, "somebody", 1)
    with door.database.session(everything("tests"), read_only=True) as session:
        assert len(session.scalars(select(LoginGuard)).all()) == 1


def test_every_sign_in_failure_and_lock_is_audited_without_a_name(door: Door, county: County) -> None:
    account_id = add_person(door.database, county.township, "wang", Role.CLINICIAN)
    signed_in = sign_in(door, "wang", PASSWORD)
    sign_out(door, signed_in.identity)
    try_in_vain(door, "wang", 5)
    entries = audit_of(door.database, county.township)
    wanted = ["accounts:add", "login", "login:end", *["login:failed"] * 5, "login:locked"]
    assert [action for _, action, _ in entries] == wanted
    assert {target for _, _, target in entries} == {account_id}
    try_in_vain(door, "nobody-knows-him", 1)
    assert audit_of(door.database, None) == [("sign-in", "login:failed", "")]
    with door.database.session(everything("tests"), read_only=True) as session:
        assert verify_all(session) == []


def test_an_idle_session_ends_after_half_an_hour(door: Door, county: County, clock: Clock) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    token = sign_in(door, "wang", PASSWORD).token
    for _ in range(3):
        clock.forward(minutes=29)
        door.authenticate(Credentials(token))
    clock.forward(minutes=30)
    with pytest.raises(NotSignedIn):
        door.authenticate(Credentials(token))


def test_a_busy_session_ends_after_twelve_hours(door: Door, county: County, clock: Clock) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    token = sign_in(door, "wang", PASSWORD).token
    for _ in range(12 * 3 - 1):
        clock.forward(minutes=20)
        identify(door, token)
    clock.forward(minutes=20)
    with pytest.raises(NotSignedIn):
        identify(door, token)


def test_signing_out_ends_the_session_at_once(door: Door, county: County) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    signed_in = sign_in(door, "wang", PASSWORD)
    door.authenticate(Credentials(signed_in.token))
    sign_out(door, signed_in.identity)
    with pytest.raises(NotSignedIn):
        door.authenticate(Credentials(signed_in.token))


def test_tokens_are_not_in_the_store(door: Door, county: County) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    token = sign_in(door, "wang", PASSWORD).token
    with door.database.session(everything("tests"), read_only=True) as session:
        login = session.scalars(select(LoginSession)).one()
        assert all(token[4:] not in str(value) for value in vars(login).values())


def test_a_password_of_ninety_days_has_to_be_changed(door: Door, county: County, clock: Clock) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    clock.forward(days=91)
    signed_in = sign_in(door, "wang", PASSWORD)
    assert signed_in.identity.must_set_up == "password"
    change_password(door, signed_in.identity, PASSWORD, FRESH)
    assert identify(door, signed_in.token).must_set_up == ""
    with pytest.raises(WrongCredentials):
        sign_in(door, "wang", PASSWORD)


@pytest.mark.parametrize(("fresh", "code"), [("short", "PASSWORD_LENGTH"), (PASSWORD, "PASSWORD_SAME")])
def test_a_poor_new_password_is_refused(door: Door, county: County, fresh: str, code: str) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    signed_in = sign_in(door, "wang", PASSWORD)
    with pytest.raises(AccessFaults) as caught:
        change_password(door, signed_in.identity, PASSWORD, fresh)
    assert code in {fault.code for fault in caught.value.faults}
    sign_in(door, "wang", PASSWORD)


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(door: Door, county: County) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    other, own = sign_in(door, "wang", PASSWORD), sign_in(door, "wang", PASSWORD)
    with pytest.raises(WrongCredentials):
        change_password(door, own.identity, "wrong", FRESH)
    change_password(door, own.identity, PASSWORD, FRESH)
    identify(door, own.token)
    with pytest.raises(NotSignedIn):
        identify(door, other.token)


@pytest.mark.parametrize("role", [Role.COUNTY_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
def test_an_administrator_sets_up_a_second_factor_first(door: Door, county: County, clock: Clock, role: Role) -> None:
    add_person(door.database, county.county, "admin", role)
    signed_in = sign_in(door, "admin", PASSWORD)
    assert signed_in.identity.must_set_up == "second_factor"
    secret = enrol(door, signed_in, clock)
    assert identify(door, signed_in.token).must_set_up == ""
    clock.forward(minutes=1)
    with pytest.raises(SecondFactorNeeded):
        sign_in(door, "admin", PASSWORD)
    assert sign_in(door, "admin", PASSWORD, code_at(secret, clock())).identity.must_set_up == ""


def test_a_code_is_not_taken_twice(door: Door, county: County, clock: Clock) -> None:
    add_person(door.database, county.county, "admin", Role.AUDITOR)
    secret = enrol(door, sign_in(door, "admin", PASSWORD), clock)
    with pytest.raises(WrongCredentials):
        sign_in(door, "admin", PASSWORD, code_at(secret, clock()))


def test_wrong_codes_lock_although_the_password_is_right(door: Door, county: County, clock: Clock) -> None:
    add_person(door.database, county.county, "admin", Role.AUDITOR)
    secret = enrol(door, sign_in(door, "admin", PASSWORD), clock)
    clock.forward(minutes=1)
    for _ in range(4):
        with pytest.raises(WrongCredentials):
            sign_in(door, "admin", PASSWORD, "not a code")
        with pytest.raises(SecondFactorNeeded):  # no way to start the count anew
            sign_in(door, "admin", PASSWORD)
    with pytest.raises(WrongCredentials):
        sign_in(door, "admin", PASSWORD, "not a code")
    with pytest.raises(AccountLocked):
        sign_in(door, "admin", PASSWORD, code_at(secret, clock()))


def test_a_second_factor_in_use_is_not_replaced_by_its_owner(door: Door, county: County, clock: Clock) -> None:
    add_person(door.database, county.county, "admin", Role.AUDITOR)
    signed_in = sign_in(door, "admin", PASSWORD)
    enrol(door, signed_in, clock)
    with pytest.raises(AccessFaults):
        begin_second_factor(door, signed_in.identity)


def test_the_secret_of_a_second_factor_is_sealed(door: Door, county: County, clock: Clock) -> None:
    account_id = add_person(door.database, county.county, "admin", Role.AUDITOR)
    secret = enrol(door, sign_in(door, "admin", PASSWORD), clock)
    with door.database.session(everything("tests"), read_only=True) as session:
        sealed = session.get_one(Account, account_id).second_factor_sealed
        assert isinstance(sealed, bytes)
        assert secret.encode() not in sealed


def test_a_key_has_no_password_and_no_second_factor(door: Door, county: County) -> None:
    _, text = make_key(door, county.county, Role.AUDITOR)
    caller = identify(door, text)
    with pytest.raises(NotSignedIn):
        begin_second_factor(door, caller)
    with pytest.raises(NotSignedIn):
        sign_out(door, caller)


def test_a_change_by_the_own_cookie_needs_the_token_of_its_session() -> None:
    check_csrf("xzs_1", csrf_token("xzs_1"))
    for token in (None, "", csrf_token("xzs_2")):
        with pytest.raises(CsrfMissing):
            check_csrf("xzs_1", token)
