"""A small invented township in a store, behind the service, with callers of every role and a worker at hand."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.access.api_keys import NewKey, add_key
from api.access.settings import AccessSettings
from api.config import Settings
from api.jobs.store_weeks import StoreWeeks
from api.jobs.work import Shop
from api.jobs.worker import Worker
from api.service.app import create_app
from api.store.base import now
from api.store.database import Database
from api.store.scope import everything, organisation_scope
from api.weeks import import_folder, prepare_week
from optimizer.tables import monday_of, read_folder
from tests.api.jobs.test_worker import FAST
from tests.api.jobs.trials import Here
from tests.api.service.conftest import Caller
from tests.api.store.databases import add_organisation

WEEK = "2026-W48"
SEARCH = {"iterations": 60}


@dataclass(frozen=True, slots=True)
class Town:
    """A township with the demo's rows, behind the service."""

    database: Database
    organisation_id: str
    client: TestClient
    folder: Path

    def caller(self, role: str) -> Caller:
        """A caller of a role."""
        with self.database.session(everything("tests")) as session:
            new = NewKey(name="test", organisation_id=self.organisation_id, role=role)
            return Caller(self.client, add_key(session, new, AccessSettings(), now())[1].text)

    def first(self, column: Any) -> str:
        """The smallest value of a column."""
        with self.database.session(everything("tests"), read_only=True) as session:
            return str(session.scalar(select(func.min(column))))

    def planned(self, caller: Caller, path: str, key: str, **body: Any) -> dict[str, Any]:
        """The ended job of a planning that was asked for."""
        asked = caller.post(path, json={**SEARCH, **body}, headers={"Idempotency-Key": f"trials-{key}"})
        assert asked.status_code == 202, asked.text
        shop = Shop(self.database, Here(), StoreWeeks(self.folder))
        Worker(shop, pace=FAST).run(threading.Event(), until_empty=True)
        job: dict[str, Any] = asked.json()
        return job

    def problem(self, *changes: dict[str, Any]) -> Any:
        """The problem of the week with changes."""
        with self.database.session(organisation_scope(self.organisation_id), read_only=True) as session:
            return prepare_week(session, self.organisation_id, WEEK, self.folder, changes=changes).problem


@pytest.fixture
def town(database: Database, demo_folder: Path, tmp_path: Path) -> Iterator[Town]:
    """The township on a fresh store."""
    name = add_organisation(database, "T1")
    with database.session(everything("tests")) as session:
        import_folder(session, name, read_folder(demo_folder), monday=monday_of(WEEK))
    app = create_app(Settings.from_values({"mode": "demo", "data_dir": tmp_path}), database)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Town(database, name, client, tmp_path)
