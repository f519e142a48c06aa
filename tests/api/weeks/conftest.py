"""A tiny township in the store, and one solved week of it for all tests of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.planning import Prepared, prepare
from api.store.database import Database
from api.weeks import import_folder
from optimizer.plan import Result
from optimizer.solve import SolveParams, solve
from optimizer.tables import monday_of, read_folder
from tests.api.store.databases import (
    add_organisation,
    database,
    empty_postgresql,
    empty_sqlite,
    postgresql_database,
    postgresql_url,
    scope_in,
    sqlite_database,
    sqlite_template,
)
from tests.optimizer.tables.folders import WEEK, small, write

__all__ = ["database", "postgresql_database", "postgresql_url", "sqlite_database", "sqlite_template"]


@dataclass(frozen=True, slots=True)
class Solved:
    """The small folder, its week and a plan for it."""

    folder: Path
    prepared: Prepared
    result: Result


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    """The small folder with one more follow-up, solved once."""
    rows = small()
    rows["followups"].append(
        {
            "id": "F3",
            "resident": "R3",
            "site": "V2",
            "rule": "HTN_ROUTINE",
            "due": "2026-11-25",
            "channels": "电话",
            "phone_minutes": "8",
        }
    )
    folder = write(tmp_path_factory.mktemp("small"), rows)
    prepared = prepare(folder, WEEK)
    return Solved(folder, prepared, solve(prepared.problem, SolveParams(iterations=200, workers=1)))


@dataclass(frozen=True, slots=True)
class Township:
    """An organisation with the small folder in its store."""

    database: Database
    organisation: str


def filled(database: Database, folder: Path) -> str:
    """The id of a new organisation with the folder in the store."""
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session:
        import_folder(session, organisation, read_folder(folder), monday=monday_of(WEEK))
    return organisation


@pytest.fixture(scope="session")
def filled_sqlite(sqlite_template: Path, solved: Solved, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A SQLite file with the small folder, and the organisation's id; to be copied."""
    found = empty_sqlite(sqlite_template, tmp_path_factory.mktemp("filled"))
    organisation = filled(found, solved.folder)
    found.close()
    return Path(str(found.url.database)), organisation


@pytest.fixture(params=["sqlite", "postgresql"])
def township(request: pytest.FixtureRequest, solved: Solved, tmp_path: Path) -> Iterator[Township]:
    """A fresh store with the small folder imported, on both databases."""
    if request.param == "sqlite":
        template, organisation = request.getfixturevalue("filled_sqlite")
        found = empty_sqlite(template, tmp_path)
    else:
        found = empty_postgresql(request.getfixturevalue("postgresql_url"))
        organisation = filled(found, solved.folder)
    yield Township(found, organisation)
    found.close()
