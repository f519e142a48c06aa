"""The commands `worker` and `plan-all` as real processes on one database."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from api.config import Settings
from api.store.database import Database
from api.store.models.jobs import JobState
from api.store.models.organisations import OrganisationKind
from tests.api.jobs.trials import enqueued, job_of, until
from tests.api.store.databases import add_organisation


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a demo in a folder of its own."""
    return {**os.environ, "XUNZHEN_MODE": "demo", "XUNZHEN_DATA_DIR": str(tmp_path)}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """The database that the commands find there."""
    settings = Settings.from_values({"mode": "demo", "data_dir": tmp_path})
    found = Database(settings.database_location, settings.key_ring)
    found.migrate()
    return found


def started(name: str, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    """A command as a process."""
    return subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", name, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_county_is_planned_by_a_worker_and_the_counts_are_told(
    database: Database, environment: dict[str, str]
) -> None:
    county = add_organisation(database, "COUNTY", kind=OrganisationKind.COUNTY.value)
    for name in ("T1", "T2"):
        add_organisation(database, name, parent_id=county)
    worker = started("worker", [], environment)
    county_plan = started("plan-all", ["--week", "2026-W48", "--iterations", "1", "--json"], environment)
    told, _ = county_plan.communicate(timeout=120)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    assert json.loads(told)["counts"] == {"failed": 2}  # there is nothing to plan with
    assert (county_plan.returncode, worker.returncode) == (1, 0)


@pytest.mark.slow
def test_a_worker_gives_its_job_back_on_a_signal(database: Database, environment: dict[str, str]) -> None:
    organisation = add_organisation(database)
    job_id = enqueued(database, organisation, params={"seconds": 300.0, "workers": 1})
    worker = started("worker", [], environment)
    until(lambda: job_of(database, job_id).progress_cost is not None, "the search runs")
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    job = job_of(database, job_id)
    assert (worker.returncode, job.state, job.tries) == (0, JobState.QUEUED, 0)
    assert job.best_cost is not None
