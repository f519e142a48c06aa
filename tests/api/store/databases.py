"""The store's databases for tests: an empty migrated one on SQLite and on PostgreSQL, real ones both.

PostgreSQL is asked for at `XUNZHEN_TEST_POSTGRESQL`, or at 127.0.0.1 as `postgres`. Each test session gets a database
of its own under a plain role (a superuser would pass by row-level security), and both are dropped at the end.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from api.store.base import Base
from api.store.crypto import demo_keys
from api.store.database import Database
from api.store.models.organisations import Organisation
from api.store.scope import Scope, everything, organisation_scope

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
PASSWORD = "only-for-tests"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows; to be copied."""
    file = tmp_path_factory.mktemp("store") / "template.sqlite"
    database = Database(f"sqlite:///{file}", demo_keys())
    database.migrate()
    database.close()
    return file


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[URL]:
    """The URL of a fresh migrated PostgreSQL database under a plain role; skips where no server answers."""
    with bare_postgresql() as url:
        database = Database(url, demo_keys())
        database.migrate()
        database.close()
        yield url


@contextmanager
def bare_postgresql() -> Iterator[URL]:
    """The URL of a PostgreSQL database without any table under a plain role; skips where no server answers."""
    address = os.environ.get("XUNZHEN_TEST_POSTGRESQL", SERVER)
    server = create_engine(address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"xunzhen_{uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'"))
            connection.execute(text(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8'"))
    except OperationalError:
        pytest.skip("no PostgreSQL server answers: start one, or name one in XUNZHEN_TEST_POSTGRESQL")
    yield make_url(address).set(drivername="postgresql+psycopg", username=name, password=PASSWORD, database=name)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))
    server.dispose()


def empty_sqlite(template: Path, folder: Path) -> Database:
    """A database on a copy of the template."""
    file = folder / "xunzhen.sqlite"
    shutil.copyfile(template, file)
    return Database(f"sqlite:///{file}", demo_keys())


def empty_postgresql(url: URL) -> Database:
    """The database with all rows of earlier tests taken away, past the triggers that forbid it."""
    address = os.environ.get("XUNZHEN_TEST_POSTGRESQL", SERVER)
    server = create_engine(make_url(address).set(drivername="postgresql+psycopg", database=url.database))
    deletes = [f"DELETE FROM {table.name}" for table in Base.metadata.sorted_tables]
    with server.begin() as connection:
        connection.exec_driver_sql("; ".join(["SET session_replication_role = replica", *deletes]))
    server.dispose()
    return Database(url, demo_keys())


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty migrated database, first SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        found = empty_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        found = empty_postgresql(request.getfixturevalue("postgresql_url"))
    yield found
    found.close()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty migrated SQLite database."""
    found = empty_sqlite(sqlite_template, tmp_path)
    yield found
    found.close()


@pytest.fixture
def postgresql_database(postgresql_url: URL) -> Iterator[Database]:
    """An empty migrated PostgreSQL database."""
    found = empty_postgresql(postgresql_url)
    yield found
    found.close()


def add_organisation(database: Database, external_id: str = "T1", **fields: object) -> str:
    """The id of a new organisation."""
    with database.session(everything("tests")) as session:
        organisation = Organisation(external_id=external_id, **fields)
        session.add(organisation)
        session.flush()
        return organisation.id


def scope_in(organisation_id: str, *teams: str) -> Scope:
    """The scope of one organisation, or of some of its teams."""
    if teams:
        return Scope((organisation_id,), teams, "tests")
    return organisation_scope(organisation_id, "tests")
