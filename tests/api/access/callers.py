"""Keys and log-ins as tests make them."""

import pytest

from api.access.api_keys import NewKey, add_key
from api.access.door import Credentials, Door
from api.access.enrolment import begin_second_factor, confirm_second_factor
from api.access.errors import WrongCredentials
from api.access.identity import Identity
from api.access.logins import SignedIn, sign_in
from api.access.permissions import Role
from api.access.second_factor import code_at
from api.store.scope import everything
from tests.api.access.conftest import Clock


def make_key(door: Door, organisation_id: str, role: Role, **fields: object) -> tuple[str, str]:
    """Id and text of a fresh key."""
    new = NewKey(name="system", organisation_id=organisation_id, role=role, **fields)  # type: ignore[arg-type]
    with door.database.session(everything("account:tests")) as session:
        key, text = add_key(session, new, door.settings, door.clock())
        return key.id, text.text


def identify(door: Door, secret: str) -> Identity:
    """Who is behind a secret, asked of the store."""
    door.forget()
    return door.authenticate(Credentials(secret))


def try_in_vain(door: Door, name: str, times: int) -> None:
    """Sign in with wrong passwords."""
    for number in range(times):
        with pytest.raises(WrongCredentials):
            sign_in(door, name, f"wrong {number}")


def enrol(door: Door, signed_in: SignedIn, clock: Clock) -> str:
    """Set up a second factor; gives its secret."""
    secret, _ = begin_second_factor(door, signed_in.identity)
    confirm_second_factor(door, signed_in.identity, code_at(secret, clock()))
    return secret
