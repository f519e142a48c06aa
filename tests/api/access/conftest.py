"""An organisation tree, a door with a clock that tests set forward, and the application over both."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from api.access import passwords
from api.access.accounts import NewAccount, add_account
from api.access.door import Door
from api.access.permissions import Role
from api.access.settings import AccessSettings
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.scope import everything
from tests.api.store.databases import (
    add_organisation,
    database,
    postgresql_url,
    sqlite_database,
    sqlite_template,
)

__all__ = ["database", "postgresql_url", "sqlite_database", "sqlite_template"]

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PASSWORD = "Correct-horse-7"


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is set forward."""

    moment: datetime = field(default=MONDAY)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


@dataclass(frozen=True, slots=True)
class County:
    """Ids of a county with two townships, one with a clinic below it, and a county next door."""

    county: str
    township: str
    other_township: str
    clinic: str
    foreign_county: str


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed with little work: hundreds of sign-ins would take minutes otherwise."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._decoy.cache_clear()


@pytest.fixture
def clock() -> Clock:
    """A clock at a Monday morning."""
    return Clock()


@pytest.fixture
def door(database: Database, clock: Clock, quick_hash: None) -> Door:
    """A door as strict as in production."""
    return Door(database, AccessSettings(), clock)


@pytest.fixture
def county(database: Database) -> County:
    """The organisations."""
    top = add_organisation(database, "C1", kind="county")
    township = add_organisation(database, "T1", parent_id=top)
    return County(
        top,
        township,
        add_organisation(database, "T2", parent_id=top),
        add_organisation(database, "V1", parent_id=township, kind="village_clinic"),
        add_organisation(database, "C2", kind="county"),
    )


def add_person(
    database: Database,
    organisation_id: str,
    name: str,
    *roles: Role,
    password: str | None = PASSWORD,
    moment: datetime = MONDAY,
    **fields: Any,
) -> str:
    """The id of an account whose password need not be changed."""
    new = NewAccount(name=name, organisation_id=organisation_id, roles=roles, **fields)
    with database.session(everything("tests")) as session:
        return add_account(session, new, password, moment, must_change_password=False).id


def audit_of(database: Database, organisation_id: str | None) -> list[tuple[str, str, str]]:
    """Actor, action and target of an organisation's audit entries, in order."""
    with database.session(everything("tests"), read_only=True) as session:
        rows = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id).order_by(AuditEntry.number)
        return [(row.actor, row.action, row.target_id) for row in session.scalars(rows)]
