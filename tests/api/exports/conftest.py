"""A published week in a store and a client of the application over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.access.permissions import Role
from tests.api.exports.service import SETTINGS, Stored, client_of, login_of, publish_week
from tests.api.store.databases import empty_sqlite, sqlite_database, sqlite_template

__all__ = ["sqlite_database", "sqlite_template"]


@pytest.fixture(scope="module")
def stored(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """The published week, in one database for all tests of a file."""
    database = empty_sqlite(sqlite_template, tmp_path_factory.mktemp("stored"))
    yield publish_week(database)
    database.close()


@pytest.fixture(scope="module")
def client(stored: Stored, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application."""
    with client_of(stored.database, SETTINGS.with_changes(data_dir=tmp_path_factory.mktemp("data"))) as found:
        yield found


@pytest.fixture(scope="module")
def leader(stored: Stored) -> dict[str, str]:
    """Headers of the leader of team t1."""
    return {"Authorization": f"Bearer {stored.key(Role.TEAM_LEADER, 't1')}"}


@pytest.fixture(scope="module")
def clinician(client: TestClient, stored: Stored) -> dict[str, str]:
    """Headers of nurse2, who goes with crew c2 alone."""
    return {"Authorization": f"Bearer {login_of(client, stored, 'nurse2', 't2')}"}


@pytest.fixture(scope="module")
def county(stored: Stored) -> dict[str, str]:
    """Headers of an administrator, who may export and see nobody."""
    return {"Authorization": f"Bearer {stored.key(Role.COUNTY_ADMIN)}"}
