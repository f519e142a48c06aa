"""A backup is what comes back when it is restored: every row, the sealed words and the audit chain."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, inspect, select

from api.store import audit
from api.store.backup import BackupError, backup, restore
from api.store.base import Base
from api.store.crypto import demo_keys
from api.store.database import Database
from api.store.models.follow_ups import FollowUp
from api.store.models.organisations import Organisation
from api.store.models.plans import PlanProblem, WeekPlan
from api.store.models.residents import Resident
from api.store.models.scenarios import Scenario
from api.store.scope import everything
from tests.api.store.databases import add_organisation, empty_postgresql, scope_in


def fill(database: Database) -> str:
    """The id of a village clinic below a county, with rows of every kind of column."""
    county = add_organisation(database, "county", kind="county")
    organisation = add_organisation(database, "clinic", parent_id=county)
    with database.session(scope_in(organisation)) as session:
        resident = Resident(organisation_id=organisation, external_id="R1", name="王小明", phone="13100001111")
        problem = PlanProblem(organisation_id=organisation, input_hash="0" * 64, document=bytes(range(256)))
        session.add_all([resident, problem])
        session.flush()
        session.add(
            FollowUp(
                organisation_id=organisation,
                external_id="F1",
                resident_id=resident.id,
                site="V1",
                latitude=36.7123456789,
                rule="HTN_ROUTINE",
                due=date(2026, 11, 25),
                hard_end=True,
                source_updated_at=datetime(2026, 11, 20, 8, 30, 15, 123456, tzinfo=UTC),
            )
        )
        first = new_plan(organisation, problem, 1)
        session.add(first)
        session.flush()
        session.add_all(new_plan(organisation, problem, number, first.id) for number in range(2, 520))
        audit.append(session, organisation, "test", details={"清单": [1, None, 2.5]})
        if database.is_current():
            changes = [{"kind": "channel_closed", "channel": "电话"}, {"kind": "setting", "key": "k", "value": ""}]
            what_if = Scenario(organisation_id=organisation, week="2026-W48", name="不打电话", changes=changes)
            what_if.base_plan_id = what_if.plan_id = first.id
            session.add(what_if)
    return organisation


def new_plan(organisation: str, problem: PlanProblem, number: int, base: str | None = None) -> WeekPlan:
    """A plan without contents."""
    return WeekPlan(
        organisation_id=organisation,
        week="2026-W48",
        number=number,
        base_plan_id=base,
        problem_id=problem.id,
        seed=2**40,
        cost_total=1,
        cost_parts={"travel": 1},
        kpis={},
        is_feasible=True,
    )


def all_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is there."""
    present = set(inspect(database.engine).get_table_names())
    with database.session(everything()) as session:
        connection: Connection = session.connection()
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
            if table.name in present
        }


def new_sqlite(folder: Path) -> Database:
    """A database on a file that is not there yet."""
    return Database(f"sqlite:///{folder}/restored.sqlite", demo_keys())


def judge(restored: Database, organisation: str) -> None:
    """The sealed words open, the chain is whole, and the next rows go in."""
    with restored.session(scope_in(organisation)) as session:
        what_if = session.scalars(select(Scenario)).one()
        assert (what_if.name, what_if.changes[1]["key"], what_if.version) == ("不打电话", "k", 1)
        assert what_if.base_plan_id is not None
        assert session.scalars(select(Resident)).one().name == "王小明"
        assert audit.verify(session, organisation) is None
    add_organisation(restored, "another")


def test_what_is_restored_is_what_was_backed_up(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    organisation = fill(database)
    before = all_rows(database)
    counts = backup(database, tmp_path / "backup")
    assert counts == {name: len(rows) for name, rows in before.items()}
    if database.is_sqlite:
        restored = new_sqlite(tmp_path)
    else:
        url: URL = request.getfixturevalue("postgresql_url")
        restored = empty_postgresql(url)
    assert restore(tmp_path / "backup", restored) == counts
    assert all_rows(restored) == before
    judge(restored, organisation)
    restored.close()


def test_an_archive_of_postgresql_goes_into_sqlite_too(postgresql_database: Database, tmp_path: Path) -> None:
    organisation = fill(postgresql_database)
    before = all_rows(postgresql_database)
    backup(postgresql_database, tmp_path / "backup.zip")
    restored = new_sqlite(tmp_path)
    restore(tmp_path / "backup.zip", restored)
    assert all_rows(restored) == before
    judge(restored, organisation)
    restored.close()


def test_a_backup_is_taken_while_somebody_writes(database: Database, tmp_path: Path) -> None:
    organisation = add_organisation(database, "one")
    with database.session(everything()) as session:
        session.add(Organisation(external_id="not committed"))
        if not database.is_sqlite:
            session.flush()
        counts = backup(database, tmp_path / "backup")
    assert counts["organisations"] == 1
    assert organisation


def test_a_database_with_rows_is_not_written_over(database: Database, tmp_path: Path) -> None:
    add_organisation(database)
    backup(database, tmp_path / "backup")
    with pytest.raises(BackupError, match="rows already"):
        restore(tmp_path / "backup", database)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"SQLite format 3\x00", b"SQLite format 3\x00" + b"x" * 5000])
def test_a_file_that_is_no_backup_is_refused(sqlite_database: Database, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)
    with pytest.raises(BackupError):
        restore(tmp_path / "backup", sqlite_database)
    assert not any(all_rows(sqlite_database).values())


def test_an_archive_with_a_row_missing_is_refused_and_leaves_nothing(
    postgresql_database: Database, sqlite_database: Database, tmp_path: Path
) -> None:
    fill(postgresql_database)
    backup(postgresql_database, tmp_path / "whole.zip")
    with zipfile.ZipFile(tmp_path / "whole.zip") as whole, zipfile.ZipFile(tmp_path / "cut.zip", "w") as cut:
        for name in whole.namelist():
            lines = whole.read(name).splitlines(keepends=True)
            cut.writestr(name, b"".join(lines[:-1] if name == "residents.jsonl" else lines))
    with pytest.raises(BackupError, match="residents: 0 rows, 1 expected"):
        restore(tmp_path / "cut.zip", sqlite_database)
    assert not any(all_rows(sqlite_database).values())


def test_a_backup_holds_no_plain_word(postgresql_database: Database, tmp_path: Path) -> None:
    fill(postgresql_database)
    backup(postgresql_database, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert "王小明".encode() not in content
    assert b"13100001111" not in content
