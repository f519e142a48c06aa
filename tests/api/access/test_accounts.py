"""Accounts: made, changed and closed."""

import pytest

from api.access.accounts import AccountChange, bootstrap, change_account, get_account
from api.access.door import Door
from api.access.errors import (
    AccessFaults,
    NotSignedIn,
    WrongCredentials,
)
from api.access.logins import sign_in
from api.access.permissions import Role
from api.store.database import Database
from api.store.scope import everything
from tests.api.access.callers import identify
from tests.api.access.conftest import PASSWORD, County, add_person


def test_the_first_administrator_gets_a_random_password_that_must_be_changed(database: Database) -> None:
    passwords = [bootstrap(database, name=f"root{number}", organisation_external_id="C1") for number in range(2)]
    assert passwords[0] != passwords[1]
    signed_in = sign_in(Door(database), "root0", passwords[0])
    assert signed_in.identity.roles == frozenset({Role.SECURITY_ADMIN})
    assert signed_in.identity.must_set_up == "password"


def test_closing_an_account_ends_its_sessions(door: Door, county: County) -> None:
    account_id = add_person(door.database, county.township, "wang", Role.CLINICIAN)
    token = sign_in(door, "wang", PASSWORD).token
    with door.database.session(everything("account:tests")) as session:
        change_account(session, get_account(session, account_id), AccountChange(is_active=False), "x", door.clock())
    with pytest.raises(NotSignedIn):
        identify(door, token)
    with pytest.raises(WrongCredentials):
        sign_in(door, "wang", PASSWORD)


def test_a_change_of_roles_ends_the_sessions(door: Door, county: County) -> None:
    account_id = add_person(door.database, county.township, "wang", Role.TEAM_LEADER)
    token = sign_in(door, "wang", PASSWORD).token
    with door.database.session(everything("account:tests")) as session:
        change = AccountChange(roles=(Role.CLINICIAN,))
        change_account(session, get_account(session, account_id), change, "x", door.clock())
    with pytest.raises(NotSignedIn):
        identify(door, token)
    assert sign_in(door, "wang", PASSWORD).identity.roles == frozenset({Role.CLINICIAN})


def test_nobody_changes_the_own_account(door: Door, county: County) -> None:
    account_id = add_person(door.database, county.county, "admin", Role.SECURITY_ADMIN)
    change = AccountChange(roles=(Role.COUNTY_ADMIN,))
    with door.database.session(everything("tests")) as session:
        account = get_account(session, account_id)
        with pytest.raises(AccessFaults) as caught:
            change_account(session, account, change, f"account:{account_id}", door.clock())
    assert [fault.code for fault in caught.value.faults] == ["OWN_ACCOUNT"]


@pytest.mark.parametrize(
    ("name", "roles", "codes"),
    [
        ("new", (Role.COUNTY_ADMIN, Role.AUDITOR), ["ROLES_NOT_SEPARATED"]),
        ("new", (Role.SECURITY_ADMIN, Role.COUNTY_ADMIN, Role.CLINICIAN), ["ROLES_NOT_SEPARATED"]),
        ("new", (Role.CONTRACT_SYSTEM,), ["SYSTEM_ROLE"]),
        ("new", (), ["NO_ROLE"]),
        ("wang", (Role.CLINICIAN,), ["NAME_TAKEN"]),
        ("a\nb", (Role.COUNTY_ADMIN, Role.AUDITOR), ["NAME_FORM", "ROLES_NOT_SEPARATED"]),
    ],
)
def test_an_account_that_makes_no_sense_is_refused_with_every_fault(
    door: Door, county: County, name: str, roles: tuple[Role, ...], codes: list[str]
) -> None:
    add_person(door.database, county.township, "wang", Role.CLINICIAN)
    with pytest.raises(AccessFaults) as caught:
        add_person(door.database, county.township, name, *roles)
    assert [fault.code for fault in caught.value.faults] == codes
