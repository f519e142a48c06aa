"""The versions of the schema make what the classes say, on both databases, and every later version keeps the rows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect

from api.store.base import Base
from api.store.database import Database
from api.store.migrations.upgrading import configuration


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
