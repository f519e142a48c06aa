"""A database that is made, opened and asked: durable settings, transactions, what is refused."""

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm.exc import StaleDataError

from api.store.crypto import demo_keys
from api.store.database import Database
from api.store.models.resources import Site
from api.store.scope import ScopeError, everything
from tests.api.store.databases import add_organisation, scope_in


def add_site_and_fail(database: Database, organisation: str) -> None:
    """A transaction that ends in an exception after a write."""
    with database.session(scope_in(organisation)) as session:
        session.add(Site(organisation_id=organisation, external_id="V1", kind="village"))
        session.flush()
        raise ZeroDivisionError


def change_people(database: Database, organisation: str, row: Site) -> None:
    """A change of a row that was read in an earlier transaction."""
    with database.session(scope_in(organisation)) as session:
        session.add(row)
        row.people = 200


def test_a_new_file_is_migrated_to_the_newest_version(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/deep/new.sqlite", demo_keys())
    database.migrate()
    assert database.is_current()
    database.migrate()
    assert database.is_current()
    database.close()


def test_a_file_without_tables_is_not_current(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.sqlite", demo_keys())
    assert not database.is_current()
    database.close()


def test_sqlite_keeps_what_it_has_acknowledged_and_checks_references(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        found = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert found == ["wal", 2, 1]


def test_a_session_commits_at_its_end(database: Database) -> None:
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session:
        session.add(Site(organisation_id=organisation, external_id="V1", kind="village"))
    with database.session(scope_in(organisation), read_only=True) as session:
        assert session.scalars(select(Site.external_id)).all() == ["V1"]


def test_an_exception_leaves_nothing_behind(database: Database) -> None:
    organisation = add_organisation(database)
    with pytest.raises(ZeroDivisionError):
        add_site_and_fail(database, organisation)
    with database.session(scope_in(organisation)) as session:
        assert session.scalars(select(Site)).all() == []


def test_a_session_that_only_reads_cannot_write(database: Database) -> None:
    organisation = add_organisation(database)
    with pytest.raises(ScopeError), database.session(everything(), read_only=True) as session:
        session.add(Site(organisation_id=organisation, external_id="V1", kind="village"))


def test_a_change_of_a_row_that_somebody_else_has_changed_is_refused(database: Database) -> None:
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session:
        session.add(Site(organisation_id=organisation, external_id="V1", kind="village"))
    with database.session(scope_in(organisation), read_only=True) as session:
        mine = session.scalars(select(Site)).one()
    with database.session(scope_in(organisation)) as session:
        session.scalars(select(Site)).one().people = 100
    with pytest.raises(StaleDataError):
        change_people(database, organisation, mine)
    with database.session(scope_in(organisation)) as session:
        row = session.scalars(select(Site)).one()
        assert (row.people, row.version) == (100, 2)


def test_row_security_holds_under_a_plain_role(database: Database) -> None:
    database.ping()
    assert database.has_row_security() is not database.is_sqlite
