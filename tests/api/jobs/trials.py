"""What the tests of jobs share: jobs to ask for, an engine without a process, and waiting with a limit."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from api.jobs import queue
from api.jobs.child import found_of, solve_params
from api.jobs.messages import Cancelled, Found, Look, OnMessage, Order, Solved
from api.jobs.queue import Claim, NewJob
from api.jobs.work import Week
from api.store.database import Database
from api.store.models.jobs import Job, JobKind
from api.store.scope import everything
from optimizer.documents import problem_from_json, problem_to_json, result_to_json
from optimizer.plan import Result
from optimizer.solve import Progress, solve
from tests.builders import a_problem

LONGEST_SECONDS = 60.0
LEASE_SECONDS = 30.0
PLAN = Found('{"format": "xunzhen-plan-1"}', 100, is_feasible=True, unplanned=1)


@cache
def a_document() -> str:
    """The document of the small hand-made week."""
    return problem_to_json(a_problem())


def a_new_job(organisation_id: str, **changes: Any) -> NewJob:
    """A bare solve of the small week."""
    fields: dict[str, Any] = {
        "organisation_id": organisation_id,
        "kind": JobKind.SOLVE,
        "payload": {},
        "params": {"iterations": 100, "workers": 1},
        "problem": a_document(),
    }
    return NewJob(**{**fields, **changes})


def enqueued(database: Database, organisation_id: str, **changes: Any) -> str:
    """The id of a job that waits."""
    with database.session(everything("tests")) as session:
        return queue.enqueue(session, a_new_job(organisation_id, **changes))[0].id


def claimed(database: Database, worker: str = "w1", lease_seconds: float = LEASE_SECONDS) -> Claim:
    """The next job, held by a worker."""
    with database.session(everything("tests")) as session:
        claim = queue.claim(session, worker=worker, lease_seconds=lease_seconds)
    assert claim is not None
    return claim


def is_empty(database: Database) -> bool:
    """Whether nobody gets a job."""
    with database.session(everything("tests")) as session:
        return queue.claim(session, worker="w", lease_seconds=LEASE_SECONDS) is None


def job_of(database: Database, job_id: str) -> Job:
    """The job as it stands."""
    with database.session(everything("tests"), read_only=True) as session:
        return session.get_one(Job, job_id)


def until(is_true: Callable[[], bool], what: str) -> None:
    """Wait for something; a failed assertion when it never comes."""
    give_up_at = time.monotonic() + LONGEST_SECONDS
    while not is_true():
        assert time.monotonic() < give_up_at, f"never: {what}"
        time.sleep(0.01)


class Here:
    """An engine that solves in the calling thread, without a process."""

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        """The answer to an order."""

        class Ear:
            def on_progress(self, progress: Progress) -> None:
                on_message(Look(progress.phase, progress.share, progress.cost, progress.unplanned))

        def on_plan(result: Result) -> None:
            on_message(found_of(result))

        problem = problem_from_json(order.document)
        result = solve(problem, solve_params(order.params), Ear(), cancelled, on_plan)
        return Solved(found_of(result), result_to_json(result), result.cancelled)

    def close(self) -> None:
        """Nothing is held."""


class NoWeeks:
    """Where there are no weeks to gather: asking for one is a fault of whoever asks."""

    def gather(self, database: Database, claim: Claim) -> Week:
        """Raises LookupError."""
        raise LookupError(claim.job_id)

    def keep(self, session: Session, claim: Claim, week: Week, result: Result) -> str:
        """Raises LookupError."""
        raise LookupError(claim.job_id)
