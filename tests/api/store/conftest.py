"""The databases for all tests of this folder."""

from tests.api.store.databases import database, postgresql_database, postgresql_url, sqlite_database, sqlite_template

__all__ = ["database", "postgresql_database", "postgresql_url", "sqlite_database", "sqlite_template"]
