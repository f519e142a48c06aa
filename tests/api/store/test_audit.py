"""The audit log: only added to, whole under concurrency, and a changed or missing row is named."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from api.store import audit
from api.store.crypto import KeyRing
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.residents import Resident
from api.store.models.resources import Member, Site
from api.store.scope import everything, organisation_scope
from tests.api.store.databases import add_organisation, scope_in
from tests.api.store.test_crypto import add_resident


def fill(database: Database, count: int = 4) -> str:
    """The id of an organisation with so many entries."""
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session:
        for number in range(count):
            audit.append(session, organisation, "test", target_kind="site", target_id=str(number), details={"n": 1.5})
    return organisation


def without_triggers(database: Database, statement: str) -> None:
    """What somebody with the rights of the database's owner can do."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            for trigger in ("audit_entries_no_update", "audit_entries_no_delete", "audit_heads_not_deleted"):
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            connection.execute(text("SELECT set_config('xunzhen.organisations', '*', true)"))
            for table in ("audit_entries", "audit_heads"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))
        if not database.is_sqlite:
            for table in ("audit_entries", "audit_heads"):
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def broken_in(database: Database, organisation: str) -> audit.Broken | None:
    """What verification finds."""
    with database.session(scope_in(organisation), read_only=True) as session:
        return audit.verify(session, organisation)


def test_a_chain_that_nobody_touched_is_whole(database: Database) -> None:
    organisation = fill(database)
    assert broken_in(database, organisation) is None
    with database.session(everything()) as session:
        audit.append(session, None, "started")
        assert audit.verify_all(session) == []


def test_an_entry_names_who_what_and_when(database: Database) -> None:
    organisation = fill(database, 1)
    with database.session(scope_in(organisation)) as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.actor, entry.action, entry.number, entry.details) == ("tests", "test", 1, {"n": 1.5})


def test_an_entry_goes_away_with_the_transaction_that_failed(database: Database) -> None:
    organisation = fill(database)
    with database.session(scope_in(organisation)) as session:
        audit.append(session, organisation, "lost")
        session.rollback()
    assert broken_in(database, organisation) is None
    with database.session(scope_in(organisation)) as session:
        assert len(session.scalars(select(AuditEntry)).all()) == 4


@pytest.mark.parametrize("statement", [update(AuditEntry).values(actor="somebody"), delete(AuditEntry)])
def test_an_entry_is_neither_changed_nor_deleted(database: Database, statement: object) -> None:
    fill(database)
    with pytest.raises(DBAPIError, match="only added"), database.session(everything()) as session:
        session.execute(statement)  # type: ignore[call-overload]


def test_a_table_of_entries_is_not_emptied(database: Database) -> None:
    fill(database)
    statement = "DELETE FROM audit_entries" if database.is_sqlite else "TRUNCATE audit_entries"
    with pytest.raises(DBAPIError, match="only added"), database.engine.begin() as connection:
        connection.execute(text(statement))


TAMPERING = {
    "an actor": ("UPDATE audit_entries SET actor = 'somebody' WHERE number = 2", 2, "changed"),
    "a detail": ("UPDATE audit_entries SET details = '{}' WHERE number = 3", 3, "changed"),
    "an order": ("UPDATE audit_entries SET number = number + 10 WHERE number > 2", 3, "missing"),
    "one row": ("DELETE FROM audit_entries WHERE number = 2", 2, "missing"),
    "the first row": ("DELETE FROM audit_entries WHERE number = 1", 1, "missing"),
    "the last row": ("DELETE FROM audit_entries WHERE number = 4", 4, "cut off"),
    "all rows": ("DELETE FROM audit_entries", 1, "cut off"),
    "the end": ("DELETE FROM audit_heads", 5, "cut off"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_the_first_broken_row_is_named(database: Database, name: str) -> None:
    organisation = fill(database)
    statement, number, reason = TAMPERING[name]
    without_triggers(database, statement)
    broken = broken_in(database, organisation)
    assert broken is not None
    assert (broken.number, broken.reason) == (number, reason)


def test_a_chain_made_anew_without_the_key_is_found_out(sqlite_database: Database) -> None:
    organisation = fill(sqlite_database)
    forger = Database(sqlite_database.url, KeyRing({"k": b"f" * 32}, "k", b"f" * 32))
    with forger.session(organisation_scope(organisation, "forger")) as session:
        audit.append(session, organisation, "forged")
    forger.close()
    broken = broken_in(sqlite_database, organisation)
    assert broken is not None
    assert (broken.number, broken.reason) == (5, "changed")


def test_many_writers_make_one_chain_without_gaps(database: Database) -> None:
    organisation = add_organisation(database)

    def write(number: int) -> None:
        with database.session(scope_in(organisation)) as session:
            session.add(Site(organisation_id=organisation, external_id=f"V{number}", kind="village"))
            audit.append(session, organisation, "test", target_id=str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert broken_in(database, organisation) is None
    with database.session(scope_in(organisation)) as session:
        assert session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)).all() == list(range(1, 41))


@pytest.mark.parametrize("read_only", [True, False])
def test_a_read_of_a_personal_word_is_noted(database: Database, read_only: bool) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, name="王小明", phone="13100001111")
    with database.session(scope_in(organisation), read_only=read_only) as session:
        row = session.scalars(select(Resident)).one()
        assert (row.name, row.phone) == ("王小明", "13100001111")
    with database.session(scope_in(organisation)) as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.target_kind, entry.target_id) == (audit.READ_PERSONAL, "residents", known)
        assert entry.details == {"rows": {known: ["name", "phone"]}}
    assert broken_in(database, organisation) is None


def test_what_the_store_compares_for_itself_is_not_noted(database: Database) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, name="王小明")
    with database.session(scope_in(organisation)) as session:
        session.get_one(Resident, known).name = "王小明"
        session.get_one(Resident, known).team = "T1"
    with database.session(scope_in(organisation)) as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_reads_of_several_rows_are_one_entry_per_table(database: Database) -> None:
    organisation = add_organisation(database)
    known = [add_resident(database, organisation, f"R{number}", name="王小明") for number in range(3)]
    with database.session(scope_in(organisation)) as session:
        session.add(
            Member(organisation_id=organisation, external_id="M1", role="GP", team="T1", field="all", name="李")
        )
    with database.session(scope_in(organisation), read_only=True) as session:
        assert {row.name for row in session.scalars(select(Resident))} == {"王小明"}
        assert session.scalars(select(Member)).one().name == "李"
    with database.session(scope_in(organisation)) as session:
        entries = {entry.target_kind: entry.details["rows"] for entry in session.scalars(select(AuditEntry))}
    assert set(entries) == {"members", "residents"}
    assert set(entries["residents"]) == set(known)
