"""Plan jobs from the rows of the store to a stored plan, and a whole county side by side."""

import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update

from api.cli.plan_all import say
from api.demo import write_demo
from api.jobs import queue
from api.jobs.county import NoCounty, enqueue_county, standings
from api.jobs.queue import NewJob
from api.jobs.store_weeks import StoreWeeks
from api.jobs.work import Shop
from api.jobs.worker import Worker
from api.store.database import Database
from api.store.models.jobs import JobKind, JobState
from api.store.models.organisations import Organisation, OrganisationKind
from api.store.models.plans import WeekPlan
from api.store.models.resources import Member
from api.store.scope import everything
from api.weeks import import_folder, plan_of, problem_of
from optimizer.check import check
from optimizer.tables import monday_of, read_folder
from tests.api.jobs.test_worker import FAST
from tests.api.jobs.trials import Here, job_of
from tests.api.store.databases import add_organisation

WEEK = "2026-W48"
PARAMS = {"iterations": 100, "workers": 1}


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small invented township; not to be changed."""
    folder = tmp_path_factory.mktemp("township")
    write_demo(folder, 1, 3000, monday_of(WEEK))
    return folder


@pytest.fixture
def township(database: Database, demo_folder: Path) -> str:
    """The id of a township with the rows of the demo, below a county."""
    county = add_organisation(database, "COUNTY", kind=OrganisationKind.COUNTY.value)
    name = add_organisation(database, "T1", parent_id=county)
    with database.session(everything("tests")) as session:
        import_folder(session, name, read_folder(demo_folder), monday=monday_of(WEEK))
    return name


def work_off(database: Database, data_folder: Path) -> None:
    """Let one worker do everything that waits."""
    shop = Shop(database, Here(), StoreWeeks(data_folder))
    Worker(shop, pace=FAST).run(threading.Event(), until_empty=True)


def asked(database: Database, organisation_id: str, **payload: str) -> str:
    """The id of a plan job."""
    new = NewJob(organisation_id, JobKind.PLAN, {"week": WEEK, **payload}, PARAMS, actor_id="a" * 32)
    with database.session(everything("tests")) as session:
        return queue.enqueue(session, new)[0].id


def test_a_plan_job_ends_with_a_judged_draft(database: Database, township: str, tmp_path: Path) -> None:
    job_id = asked(database, township)
    work_off(database, tmp_path)
    job = job_of(database, job_id)
    assert job.state == JobState.COMPLETED
    with database.session(everything("tests")) as session:
        row = session.scalars(select(WeekPlan)).one()
        verdict = check(problem_of(session, row), plan_of(session, row))
    assert (row.id, row.state, row.created_by) == (job.result_plan_id, "draft", "a" * 32)
    assert verdict.is_feasible
    assert verdict.cost.total == row.cost_total == job.best_cost


def test_a_plan_can_stay_close_to_another(database: Database, township: str, tmp_path: Path) -> None:
    first = asked(database, township)
    work_off(database, tmp_path)
    base = job_of(database, first).result_plan_id or ""
    second = asked(database, township, base_plan_id=base)
    work_off(database, tmp_path)
    with database.session(everything("tests")) as session:
        row = session.get_one(WeekPlan, job_of(database, second).result_plan_id or "")
    assert row.base_plan_id == base


def test_a_base_plan_that_is_not_there_is_told(database: Database, township: str, tmp_path: Path) -> None:
    job_id = asked(database, township, base_plan_id="0" * 32)
    work_off(database, tmp_path)
    job = job_of(database, job_id)
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "BASE_PLAN", 1)


def test_rows_that_cannot_be_planned_are_told_by_their_ids_and_without_values(
    database: Database, township: str, tmp_path: Path
) -> None:
    with database.session(everything("tests")) as session:
        session.execute(update(Member).values(field="whenever 13800000000"))
    job_id = asked(database, township)
    work_off(database, tmp_path)
    job = job_of(database, job_id)
    assert (job.state, job.code) == (JobState.FAILED, "INPUT_FAULTS")
    with database.session(everything("tests")) as session:
        names = set(session.scalars(select(Member.external_id)))
    told = job.faults or []
    assert {fault["where"].split()[1] for fault in told} == names
    assert "13800000000" not in json.dumps(told)


def test_a_county_is_planned_township_by_township_and_says_what_is_in_the_way(
    database: Database, township: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.session(everything("tests")) as session:
        parent = session.get_one(Organisation, township).parent_id
    add_organisation(database, "T2", parent_id=parent)
    add_organisation(database, "CLINIC", parent_id=township, kind=OrganisationKind.VILLAGE_CLINIC.value)
    job_ids = enqueue_county(database, "COUNTY", WEEK, PARAMS, 1, "tests")
    assert enqueue_county(database, None, WEEK, PARAMS, 1, "tests") == job_ids
    work_off(database, tmp_path)
    found = {each.organisation: each for each in standings(database, job_ids)}
    assert {name: each.state for name, each in found.items()} == {"T1": JobState.COMPLETED, "T2": JobState.FAILED}
    assert found["T1"].unplanned is not None
    say(list(found.values()), as_json=False)
    said = capsys.readouterr().out
    assert "数据有错误" in said
    assert all(fault["where"] in said and fault["advice_zh"] in said for fault in found["T2"].faults)
    assert found["T2"].faults


@pytest.mark.parametrize("name", [None, "NOWHERE"])
def test_a_county_that_is_not_there_is_refused(name: str | None, database: Database) -> None:
    with pytest.raises(NoCounty, match="--county"):
        enqueue_county(database, name, WEEK, PARAMS, 1, "tests")
