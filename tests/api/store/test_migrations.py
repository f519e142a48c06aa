"""The versions of the schema make what the classes say, on both databases, and every later version keeps the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, select, text

from api.store import audit
from api.store.base import Base
from api.store.crypto import demo_keys
from api.store.database import Database
from api.store.migrations.upgrading import configuration
from api.store.models.residents import Resident
from api.store.models.scenarios import Scenario
from tests.api.store.databases import bare_postgresql, scope_in
from tests.api.store.test_backup import all_rows, fill


def test_the_migrated_schema_is_that_of_the_classes(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_are_those_of_the_classes(database: Database) -> None:
    found = inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
        assert {rule["name"] for rule in found.get_check_constraints(table.name)} == wanted, table.name


def test_the_versions_form_one_line() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def first_version(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as the first version of the program made it."""
    if request.param == "sqlite":
        yield from _made(Database(f"sqlite:///{tmp_path}/old.sqlite", demo_keys()))
        return
    with bare_postgresql() as url:
        yield from _made(Database(url, demo_keys()))


def _made(database: Database) -> Iterator[Database]:
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    yield database
    database.close()


@contextmanager
def _later_columns(database: Database) -> Iterator[None]:
    """Columns that came later, for as long as the classes of today write rows."""
    there = inspect(database.engine)
    later = [
        (table.name, column)
        for table in Base.metadata.sorted_tables
        if there.has_table(table.name)
        for column in table.columns
        if column.name not in {found["name"] for found in there.get_columns(table.name)}
    ]
    assert later
    with database.engine.begin() as connection:
        for table, column in later:
            kind = column.type.compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column.name} {kind}"))
    yield
    with database.engine.begin() as connection:
        for table, column in later:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column.name}"))


def test_a_filled_database_of_the_first_version_is_brought_up_to_date_and_keeps_its_rows(
    first_version: Database,
) -> None:
    assert "scenarios" not in inspect(first_version.engine).get_table_names()
    with _later_columns(first_version):
        organisation = fill(first_version)
        before = all_rows(first_version)
    assert not first_version.is_current()
    for _ in range(2):  # whoever comes second finds nothing to do
        first_version.migrate()
        assert first_version.is_current()
        assert all_rows(first_version) == {**before, "scenarios": []}
    test_the_migrated_schema_is_that_of_the_classes(first_version)
    with first_version.session(scope_in(organisation)) as session:
        assert session.scalars(select(Resident)).one().name == "王小明"
        assert audit.verify(session, organisation) is None
        session.add(Scenario(organisation_id=organisation, week="2026-W48", name="new"))
    with first_version.session(scope_in("0" * 32)) as session:
        assert session.scalars(select(Scenario)).all() == []
