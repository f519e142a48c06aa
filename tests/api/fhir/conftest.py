"""A township with an application over it, and keys for the roles that may speak FHIR."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.store.database import Database
from api.store.models.resources import Member, Site, Team
from api.store.scope import everything
from tests.api.exports.conftest import stored
from tests.api.exports.service import client_of, key_of
from tests.api.store.databases import add_organisation, database, postgresql_url, sqlite_database, sqlite_template

__all__ = ["database", "postgresql_url", "sqlite_database", "sqlite_template", "stored"]


@pytest.fixture
def township(sqlite_database: Database) -> str:
    """An organisation with one base, two villages, two teams and a member."""
    organisation_id = add_organisation(sqlite_database, "T1")
    with sqlite_database.session(everything("tests")) as session:
        common = {"organisation_id": organisation_id}
        session.add_all(
            [
                Site(external_id="B01", kind="base", latitude=36.7, longitude=118.9, **common),
                Site(external_id="V001", kind="village", latitude=36.71, longitude=118.91, **common),
                Site(external_id="V002", kind="village", latitude=36.72, longitude=118.92, **common),
                Team(external_id="T01", base="B01", **common),
                Team(external_id="T02", base="B01", **common),
                Member(external_id="M001", role="GP", team="T01", field="每天", **common),
            ]
        )
    return organisation_id


@pytest.fixture
def client(sqlite_database: Database, township: str) -> Iterator[TestClient]:
    """The application, asked by the contract system of the township."""
    with client_of(sqlite_database) as found:
        found.headers["Authorization"] = f"Bearer {key_of(sqlite_database, township, Role.CONTRACT_SYSTEM)}"
        yield found
