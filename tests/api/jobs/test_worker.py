"""Workers on real databases: jobs are done, given back, taken up again, cancelled; chores come round once."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from api.jobs import queue
from api.jobs.chores import Routine
from api.jobs.engines import Engine
from api.jobs.local import LocalEngine
from api.jobs.messages import Cancelled, Found, OnMessage, Order, Solved, expanded
from api.jobs.reading import find_best_plan, get_problem, list_events
from api.jobs.refusals import JobRefused
from api.jobs.work import Limits, Shop
from api.jobs.worker import Pace, Worker
from api.store.database import Database
from api.store.models.jobs import Chore, Job, JobKind, JobState
from api.store.scope import everything
from optimizer.check import check
from optimizer.documents import plan_from_json
from tests.api.jobs.trials import Here, NoWeeks, claimed, enqueued, job_of, until
from tests.api.store.databases import add_organisation
from tests.builders import a_problem

FAST = Pace(lease_seconds=20.0, beat_seconds=0.05, look_seconds=0.01, idle_seconds=0.05, chore_seconds=0.05)


def a_shop(database: Database, engine: Engine | None = None) -> Shop:
    """Everything that a worker needs for bare solves."""
    return Shop(database, engine or Here(), NoWeeks(), Limits())


def work_off(database: Database, engine: Engine | None = None) -> None:
    """Let one worker do everything that waits."""
    Worker(a_shop(database, engine), pace=FAST, concurrency=2).run(threading.Event(), until_empty=True)


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    """A worker at work in the background, told to stop at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def result_of(database: Database, job_id: str) -> dict[str, object]:
    """The result document of a job."""
    with database.session(everything("tests")) as session:
        content: dict[str, object] = json.loads(
            expanded(session.scalar(select(Job.result).where(Job.id == job_id)) or b"")
        )
    return content


@dataclass
class Failing:
    """An engine that refuses so many times before it solves, after handing in the plan it was given."""

    code: str
    times: int
    found: Found | None = None
    calls: int = 0

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        self.calls += 1
        if self.calls > self.times:
            return Here().run(order, on_message, cancelled)
        if self.found is not None:
            on_message(self.found)
        raise JobRefused(self.code)

    def close(self) -> None: ...


@dataclass
class Waiting:
    """An engine that searches until it is stopped, and then hands in a plan."""

    is_begun: threading.Event = field(default_factory=threading.Event)

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        solved = Here().run(order, on_message, cancelled)
        self.is_begun.set()
        until(cancelled, "somebody stops the search")
        return solved

    def close(self) -> None: ...


def test_a_bare_solve_is_done_with_a_plan_that_passes(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    work_off(database)
    job = job_of(database, job_id)
    assert job.state == JobState.COMPLETED
    with database.session(everything("tests")) as session:
        document = find_best_plan(session, job_id)
    verdict = check(a_problem(), plan_from_json(document or ""))
    assert verdict.is_feasible
    assert verdict.cost.total == job.best_cost
    assert result_of(database, job_id)["status"] == "feasible"


def test_the_real_process_does_it_too(sqlite_database: Database) -> None:
    database = sqlite_database
    job_id = enqueued(database, add_organisation(database))
    work_off(database, LocalEngine())
    with database.session(everything("tests")) as session:
        kinds = {event.kind for event in list_events(session, job_id, 0)}
    assert job_of(database, job_id).state == JobState.COMPLETED
    assert kinds == {"state", "progress", "plan"}


def test_all_jobs_are_done_by_two_workers_each_once(database: Database, organisation: str) -> None:
    ids = [enqueued(database, organisation, params={"iterations": 0, "workers": 1}) for _ in range(12)]
    with working(Worker(a_shop(database), pace=FAST)), working(Worker(a_shop(database), pace=FAST)):
        until(lambda: all(job_of(database, name).state == JobState.COMPLETED for name in ids), "all are done")
    assert {job_of(database, name).attempt for name in ids} == {1}


@pytest.mark.parametrize("code", ["SOLVER_CRASHED", "OUT_OF_MEMORY"])
def test_a_crashed_solve_is_taken_up_again(code: str, database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    work_off(database, Failing(code, times=1))
    job = job_of(database, job_id)
    assert (job.state, job.attempt) == (JobState.COMPLETED, 2)


def test_it_is_taken_up_no_more_than_so_often(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation, max_attempts=2)
    work_off(database, Failing("SOLVER_CRASHED", times=9))
    job = job_of(database, job_id)
    assert (job.state, job.attempt, job.code) == (JobState.FAILED, 2, "SOLVER_CRASHED")


def test_a_better_plan_of_an_earlier_attempt_is_the_answer(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation, params={"iterations": 0, "workers": 1})
    good = Here().run(Order(document_of(database, job_id), {"iterations": 600}, 60.0), lambda _: None, lambda: False)
    work_off(database, Failing("SOLVER_CRASHED", times=1, found=good.found))
    job = job_of(database, job_id)
    assert (job.state, job.best_cost) == (JobState.COMPLETED, good.found.cost)
    assert result_of(database, job_id)["plan"] == json.loads(good.result)["plan"]


def document_of(database: Database, job_id: str) -> str:
    """The problem document of a job."""
    with database.session(everything("tests")) as session:
        return get_problem(session, job_id)


def test_a_solve_that_takes_too_long_gives_the_best_plan_it_had(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    good = Here().run(Order(document_of(database, job_id), {"iterations": 50}, 60.0), lambda _: None, lambda: False)
    work_off(database, Failing("TOO_LONG", times=9, found=good.found))
    job = job_of(database, job_id)
    assert (job.state, job.attempt, job.best_cost) == (JobState.COMPLETED, 1, good.found.cost)


def test_an_error_of_our_own_ends_the_job_with_a_message(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation, kind=JobKind.PLAN, problem=None)
    work_off(database)
    job = job_of(database, job_id)
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "INTERNAL", 3)


def test_cancelling_a_running_job_keeps_its_best_plan(database: Database, organisation: str) -> None:
    engine = Waiting()
    job_id = enqueued(database, organisation)
    with working(Worker(a_shop(database, engine), pace=FAST)):
        assert engine.is_begun.wait(60)
        with database.session(everything("tests")) as session:
            queue.request_cancel(session, job_id)
        until(lambda: job_of(database, job_id).state == JobState.CANCELLED, "the job ends")
    with database.session(everything("tests")) as session:
        assert check(a_problem(), plan_from_json(find_best_plan(session, job_id) or "")).is_feasible


def test_a_worker_that_is_told_to_stop_gives_its_job_back_with_the_best_plan(
    database: Database, organisation: str
) -> None:
    engine = Waiting()
    job_id = enqueued(database, organisation)
    with working(Worker(a_shop(database, engine), pace=FAST)):
        assert engine.is_begun.wait(60)
    job = job_of(database, job_id)
    assert (job.state, job.tries, job.worker) == (JobState.QUEUED, 0, None)
    assert job.best_cost is not None


def test_a_worker_whose_job_was_taken_over_writes_nothing_more(database: Database, organisation: str) -> None:
    engine = Waiting()
    job_id = enqueued(database, organisation)
    with working(Worker(a_shop(database, engine), pace=FAST)):
        assert engine.is_begun.wait(60)
        with database.session(everything("tests")) as session:
            job = session.get_one(Job, job_id)
            job.attempt, job.worker = job.attempt + 1, "another"
            until_event = job.last_event
    job = job_of(database, job_id)
    assert (job.state, job.worker) == (JobState.SOLVING, "another")
    assert job.last_event >= until_event


def counted(routine_runs: list[int], error: type[Exception] | None = None) -> Callable[[Database], None]:
    """A chore that counts, and fails when asked to."""

    def run(database: Database) -> None:
        routine_runs.append(1)
        if error is not None:
            raise error("a word that nobody shall read")

    return run


def chore_of(database: Database, name: str) -> Chore | None:
    """The row of a chore."""
    with database.session(everything("tests"), read_only=True) as session:
        return session.get(Chore, name)


def test_a_chore_is_done_by_one_of_two_workers(database: Database) -> None:
    runs: list[int] = []
    routines = [Routine("outbox", 3600.0, 60.0, counted(runs))]
    first, second = (Worker(a_shop(database), pace=FAST, routines=routines) for _ in range(2))
    with working(first), working(second):
        until(lambda: has_ended(database, "outbox"), "the chore is done")
    assert len(runs) == 1


def has_ended(database: Database, name: str) -> bool:
    """Whether a chore was done."""
    chore = chore_of(database, name)
    return chore is not None and chore.finished_at is not None


def test_a_chore_comes_round_again(database: Database) -> None:
    runs: list[int] = []
    with working(Worker(a_shop(database), pace=FAST, routines=[Routine("pull", 0.01, 60.0, counted(runs))])):
        until(lambda: len(runs) >= 3, "three rounds")


def test_a_chore_that_fails_is_noted_by_the_kind_of_error_only(database: Database) -> None:
    routine = Routine("pull", 3600.0, 60.0, counted([], LookupError))
    with working(Worker(a_shop(database), pace=FAST, routines=[routine])):
        until(lambda: has_ended(database, "pull"), "the chore ends")
    chore = chore_of(database, "pull")
    assert chore is not None
    assert (chore.failure, chore.failures) == ("LookupError", 1)


def test_a_job_of_a_worker_that_died_is_done_by_the_next(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    claimed(database, "dead", lease_seconds=0.0)
    work_off(database)
    job = job_of(database, job_id)
    assert (job.state, job.attempt) == (JobState.COMPLETED, 2)
