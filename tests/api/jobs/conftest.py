"""Real databases with one organisation in them."""

import pytest

from api.store.database import Database
from tests.api.store.databases import add_organisation, database, postgresql_url, sqlite_database, sqlite_template

__all__ = ["database", "postgresql_url", "sqlite_database", "sqlite_template"]


@pytest.fixture
def organisation(database: Database) -> str:
    """The id of a township."""
    return add_organisation(database)
