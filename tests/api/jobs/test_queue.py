"""The queue on both databases: one holder at a time, fences, leases, best plans, cancelling, numbered events."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.jobs import queue
from api.jobs.messages import Look, expanded
from api.jobs.queue import Claim, Ending, LostJob
from api.jobs.reading import find_best_plan, get_problem, list_events
from api.jobs.refusals import REASONS
from api.store.base import now
from api.store.database import Database
from api.store.models.jobs import ENDED, OPEN, Job, JobState
from api.store.scope import everything
from tests.api.jobs.trials import LEASE_SECONDS, PLAN, a_document, a_new_job, claimed, enqueued, is_empty, job_of

LOST = REASONS["SOLVER_CRASHED"]


def end(database: Database, claim: Claim, state: JobState = JobState.COMPLETED) -> None:
    """The job ends."""
    with database.session(everything("tests")) as session:
        queue.finish(session, claim, Ending(state, PLAN, "{}"))


def expire(database: Database, claim: Claim) -> None:
    """The worker of a job has not been heard of for long."""
    with database.session(everything("tests")) as session:
        session.execute(update(Job).where(Job.id == claim.job_id).values(lease_until=now() - timedelta(seconds=1)))


def back(database: Database, claim: Claim, *, failed: bool) -> JobState:
    """The job goes back to the queue."""
    with database.session(everything("tests")) as session:
        return queue.give_back(session, claim, LOST if failed else None)


def test_a_job_goes_through_its_states(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    assert job_of(database, job_id).state == JobState.QUEUED
    claim = claimed(database)
    assert (claim.job_id, job_of(database, job_id).state) == (job_id, JobState.PREPARING)
    with database.session(everything("tests")) as session:
        queue.begin_solving(session, claim, "0" * 64)
    assert job_of(database, job_id).state == JobState.SOLVING
    end(database, claim)
    job = job_of(database, job_id)
    assert job.state == JobState.COMPLETED
    assert job.finished_at is not None
    assert job.started_at is not None
    assert job.queued_at <= job.started_at <= job.finished_at


def test_the_oldest_job_of_the_first_priority_comes_first(database: Database, organisation: str) -> None:
    in_bulk, first, second = (enqueued(database, organisation, priority=number) for number in (5, 0, 0))
    assert [claimed(database).job_id for _ in range(3)] == [first, second, in_bulk]


def test_an_empty_queue_gives_nothing(database: Database) -> None:
    assert is_empty(database)


def test_nobody_gets_a_job_that_somebody_holds(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    claimed(database)
    assert is_empty(database)


def test_many_workers_at_once_get_a_job_each(database: Database, organisation: str) -> None:
    for _ in range(12):
        enqueued(database, organisation)
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda number: claimed(database, f"w{number}"), range(12)))
    assert len({claim.job_id for claim in claims}) == 12


def test_the_same_natural_key_is_the_same_job_while_it_is_open(database: Database, organisation: str) -> None:
    first = enqueued(database, organisation, natural_key="week 48")
    assert enqueued(database, organisation, natural_key="week 48") == first
    end(database, claimed(database))
    assert enqueued(database, organisation, natural_key="week 48") != first


def test_asking_at_the_same_moment_gives_one_job(database: Database, organisation: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(lambda _: enqueued(database, organisation, natural_key="k"), range(12)))
    assert len(ids) == 1


def test_a_problem_document_comes_out_as_it_went_in(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    with database.session(everything("tests")) as session:
        assert get_problem(session, job_id) == a_document()


def test_a_job_whose_worker_is_silent_is_taken_up_by_another(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    first = claimed(database, "w1")
    expire(database, first)
    second = claimed(database, "w2")
    assert (second.job_id, second.attempt) == (first.job_id, first.attempt + 1)


def test_a_beat_makes_the_lease_longer(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    claim = claimed(database)
    expire(database, claim)
    with database.session(everything("tests")) as session:
        queue.beat(session, claim, LEASE_SECONDS, None, None)
    assert is_empty(database)


@pytest.mark.parametrize("step", ["beat", "begin", "finish", "back", "failed"])
def test_every_late_write_of_a_lost_job_is_refused(step: str, database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    late = claimed(database, "w1")
    expire(database, late)
    claimed(database, "w2")
    before = job_of(database, late.job_id)
    with pytest.raises(LostJob), database.session(everything("tests")) as session:
        write(session, step, late)
    after = job_of(database, late.job_id)
    assert (after.state, after.attempt, after.last_event) == (before.state, before.attempt, before.last_event)


def test_a_job_ends_once(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    claim = claimed(database)
    end(database, claim)
    with pytest.raises(LostJob):
        end(database, claim)


def test_workers_that_are_lost_again_and_again_make_the_job_fail_with_its_message(
    database: Database, organisation: str
) -> None:
    job_id = enqueued(database, organisation, max_attempts=2)
    for _ in range(2):
        expire(database, claimed(database))
    assert is_empty(database)
    job = job_of(database, job_id)
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "WORKER_LOST", 2)
    assert job.message_zh
    assert job.message_en


def test_a_failed_try_counts_and_the_last_one_ends_the_job(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation, max_attempts=2)
    assert back(database, claimed(database), failed=True) is JobState.QUEUED
    assert back(database, claimed(database), failed=True) is JobState.FAILED
    assert job_of(database, job_id).code == "SOLVER_CRASHED"


def test_giving_back_in_order_does_not_count_as_a_try(database: Database, organisation: str) -> None:
    enqueued(database, organisation, max_attempts=1)
    for _ in range(3):
        assert back(database, claimed(database), failed=False) is JobState.QUEUED
    assert claimed(database).attempt == 4


def test_a_failure_that_cannot_pass_is_not_tried_again(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    claim = claimed(database)
    with database.session(everything("tests")) as session:
        assert queue.give_back(session, claim, REASONS["PARAMETERS"]) is JobState.FAILED


def test_the_best_plan_is_kept_over_attempts(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    first = claimed(database)
    with database.session(everything("tests")) as session:
        queue.beat(session, first, LEASE_SECONDS, None, PLAN)
    expire(database, first)
    second = claimed(database)
    worse = replace(PLAN, document='{"worse": 1}', cost=PLAN.cost + 1)
    unlawful = replace(PLAN, document='{"unlawful": 1}', cost=1, is_feasible=False)
    for found in (worse, unlawful):
        with database.session(everything("tests")) as session:
            queue.beat(session, second, LEASE_SECONDS, None, found)
    with database.session(everything("tests")) as session:
        assert find_best_plan(session, first.job_id) == PLAN.document


def test_a_best_plan_of_another_problem_is_forgotten(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    claim = claimed(database)
    with database.session(everything("tests")) as session:
        queue.begin_solving(session, claim, "0" * 64)
        queue.beat(session, claim, LEASE_SECONDS, None, PLAN)
    expire(database, claim)
    again = claimed(database)
    with database.session(everything("tests")) as session:
        queue.begin_solving(session, again, "1" * 64)
        assert find_best_plan(session, claim.job_id) is None


def test_a_queued_job_is_cancelled_at_once(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    with database.session(everything("tests")) as session:
        queue.request_cancel(session, job_id)
    assert job_of(database, job_id).state == JobState.CANCELLED
    assert is_empty(database)


def test_a_running_job_is_told_to_stop(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    claim = claimed(database)
    with database.session(everything("tests")) as session:
        queue.request_cancel(session, job_id)
        assert queue.list_cancelled(session, [claim]) == {job_id}
    assert job_of(database, job_id).state == JobState.PREPARING


def test_a_cancelled_job_whose_worker_is_lost_is_not_taken_up(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    claim = claimed(database)
    with database.session(everything("tests")) as session:
        queue.request_cancel(session, job_id)
    expire(database, claim)
    assert is_empty(database)
    assert job_of(database, job_id).state == JobState.CANCELLED


def test_an_ended_job_cannot_be_cancelled(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    end(database, claimed(database))
    with database.session(everything("tests")) as session:
        queue.request_cancel(session, job_id)
    assert job_of(database, job_id).state == JobState.COMPLETED


def test_the_result_is_read_as_it_was_written(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    end(database, claimed(database))
    with database.session(everything("tests")) as session:
        assert expanded(session.scalar(select(Job.result).where(Job.id == job_id)) or b"") == "{}"


def test_progress_can_be_read_while_it_runs(database: Database, organisation: str) -> None:
    enqueued(database, organisation)
    claim = claimed(database)
    with database.session(everything("tests")) as session:
        queue.beat(session, claim, LEASE_SECONDS, Look("roster", 0.25, 1234, 5), None)
    job = job_of(database, claim.job_id)
    seen = (job.progress_phase, job.progress_share, job.progress_cost, job.progress_unplanned)
    assert seen == ("roster", 0.25, 1234, 5)


def test_an_ended_job_tells_the_figures_of_its_plan_and_not_of_its_last_look(
    database: Database, organisation: str
) -> None:
    job_id, claim = enqueued(database, organisation), claimed(database)
    with database.session(everything("tests")) as session:
        queue.beat(session, claim, LEASE_SECONDS, Look("roster", 0.3, 999_999, None), None)
    end(database, claim)
    job = job_of(database, job_id)
    assert (job.progress_cost, job.progress_unplanned) == (PLAN.cost, PLAN.unplanned)


def test_nothing_is_enqueued_when_the_caller_takes_it_back(database: Database, organisation: str) -> None:
    with database.session(everything("tests")) as session:
        queue.enqueue(session, a_new_job(organisation))
        session.rollback()
    assert is_empty(database)


STEPS = st.sampled_from(["claim", "expire", "beat", "late beat", "back", "failed", "finish", "cancel", "enqueue"])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_happens_a_job_has_one_holder_ends_once_and_its_events_have_no_gaps(
    steps: list[str], database: Database, organisation: str
) -> None:
    claims: list[Claim] = []
    ended: dict[str, str] = {}
    for step in ["enqueue", *steps]:
        take_step(database, organisation, step, claims)
        with database.session(everything("tests"), read_only=True) as session:
            for job in session.scalars(select(Job)):
                assert job.id not in ended or ended[job.id] == job.state
                if job.state in ENDED:
                    ended[job.id] = job.state
                    assert job.lease_until is None
                    assert job.natural_key is None
                assert job.state in (*OPEN, *ENDED)
                assert job.tries <= job.max_attempts
                numbers = [event.number for event in list_events(session, job.id, 0)]
                assert numbers == list(range(1, job.last_event + 1))


def take_step(database: Database, organisation: str, step: str, claims: list[Claim]) -> None:
    """One thing that may happen; whoever has lost the job is told so."""
    if step == "enqueue":
        enqueued(database, organisation, natural_key="k")
        return
    with database.session(everything("tests")) as session:
        if step == "claim":
            claims += filter(None, [queue.claim(session, worker="w", lease_seconds=LEASE_SECONDS)])
        if not claims:
            return
        claim = claims[0] if step == "late beat" else claims[-1]
        job = session.get_one(Job, claim.job_id)
        is_held = job.attempt == claim.attempt and job.state in ("preparing", "solving")
        if step == "expire":
            job.lease_until = now() - timedelta(seconds=1) if is_held else job.lease_until
        elif step == "cancel":
            queue.request_cancel(session, claim.job_id)
        elif step in ("beat", "late beat", "back", "failed", "finish"):
            if not is_held:
                with pytest.raises(LostJob):
                    write(session, step, claim)
            else:
                write(session, step, claim)


def write(session: Session, step: str, claim: Claim) -> None:
    """One write of a worker."""
    if step.endswith("beat"):
        queue.beat(session, claim, LEASE_SECONDS, Look("roster", 0.5), PLAN)
    elif step == "begin":
        queue.begin_solving(session, claim, "0" * 64)
    elif step == "finish":
        queue.finish(session, claim, Ending(JobState.COMPLETED, PLAN, "{}"))
    else:
        queue.give_back(session, claim, LOST if step == "failed" else None)


def test_events_of_a_job_count_from_one(database: Database, organisation: str) -> None:
    job_id = enqueued(database, organisation)
    end(database, claimed(database))
    with database.session(everything("tests")) as session:
        events = list_events(session, job_id, 0)
        assert [event.kind for event in events] == ["state", "state", "plan", "state"]
        assert [event.number for event in list_events(session, job_id, 2)] == [3, 4]
        assert session.scalar(select(func.max(Job.last_event))) == 4
