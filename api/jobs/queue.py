"""The queue in the database: enqueue, claim, beat, finish, give back, cancel. Every function works in the caller's
transaction, so a job and whatever belongs to it are written together or not at all.

A claim counts the attempt up, and every later write names the attempt: a worker that was thought dead and comes back
is refused with `LostJob`. PostgreSQL skips rows that others hold; SQLite has one writer at a time.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.jobs.messages import Found, Look, compressed, hash_of, rank_of
from api.jobs.reading import progress_of
from api.jobs.refusals import REASONS, Reason
from api.store.base import now
from api.store.models.jobs import ENDED, RUNNING, EventKind, Job, JobEvent, JobKind, JobState

Event = tuple[EventKind, dict[str, Any]]


class LostJob(Exception):
    """The job is not held by this attempt any more: it has ended, was given back, or another worker has it."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is asked for. The natural key makes it the same job as an open one that was asked for under that key."""

    organisation_id: str
    kind: JobKind
    payload: dict[str, Any]
    params: dict[str, Any]
    seed: int = 1
    natural_key: str | None = None
    actor_id: str | None = None
    priority: int = 0
    max_attempts: int = 3
    problem: str | None = None
    """The problem document of a bare solve."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker holds; `attempt` is its fence."""

    job_id: str
    organisation_id: str
    kind: JobKind
    attempt: int
    payload: dict[str, Any]
    params: dict[str, Any]
    seed: int
    actor_id: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends: its state with the plan, or the reason why there is none."""

    state: JobState
    found: Found | None = None
    result: str | None = None
    plan_id: str | None = None
    reason: Reason | None = None
    faults: tuple[dict[str, str], ...] = ()


def natural_key_of(payload: dict[str, Any], params: dict[str, Any], seed: int) -> str:
    """The key under which the same wish is the same job: whoever asks while it is open gets that job."""
    return hash_of(json.dumps([payload, params, seed], sort_keys=True, ensure_ascii=False))


def moment_of(session: Session) -> datetime:
    """The present moment by the database's clock, for workers on several machines; SQLite is on this one."""
    if session.get_bind().dialect.name == "postgresql":
        moment = session.connection().scalar(select(func.clock_timestamp()))  # no rows are asked for: no scope
        assert isinstance(moment, datetime)
        return moment
    return now()


def enqueue(session: Session, new: NewJob) -> tuple[Job, bool]:
    """The queued job and whether it is new; the open job of the same natural key when there is one."""
    job = Job(
        organisation_id=new.organisation_id,
        kind=new.kind,
        state=JobState.QUEUED,
        payload=new.payload,
        params=new.params,
        seed=new.seed,
        natural_key=new.natural_key,
        actor_id=new.actor_id,
        priority=new.priority,
        max_attempts=new.max_attempts,
        problem=compressed(new.problem) if new.problem is not None else None,
        queued_at=moment_of(session),
        last_event=0,
    )
    found = _find_open(session, new)
    if found is not None:
        return found, False
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # somebody else was quicker, with the same key
        found = _find_open(session, new)
        if found is None:
            raise
        return found, False
    _note(session, job, (EventKind.STATE, {"state": JobState.QUEUED}))
    return job, True


def _find_open(session: Session, new: NewJob) -> Job | None:
    if new.natural_key is None:
        return None
    wanted = select(Job).where(Job.organisation_id == new.organisation_id, Job.natural_key == new.natural_key)
    return session.scalars(wanted).first()


def is_work_waiting(session: Session) -> bool:
    """Whether a claim would find something; reads only."""
    return session.scalars(_waiting(moment_of(session)).with_only_columns(Job.id)).first() is not None


def _waiting(at: datetime) -> Select[Job]:
    """The job that comes first among those queued and those whose worker has not been heard of."""
    is_left = and_(Job.state.in_(RUNNING), Job.lease_until < at)
    wanted = select(Job).where(or_(Job.state == JobState.QUEUED, is_left))
    return wanted.order_by(Job.priority, Job.queued_at, Job.id).limit(1)


def claim(session: Session, *, worker: str, lease_seconds: float) -> Claim | None:
    """The next job, now held by this worker; None when there is none.

    Jobs whose workers were lost too often end as failed here, and those that were to be cancelled as cancelled.
    """
    while True:
        at = moment_of(session)
        job = session.scalars(_waiting(at).with_for_update(skip_locked=True)).first()
        if job is None:
            return None
        if job.is_cancel_requested:
            _end(session, job, at, Ending(JobState.CANCELLED))
        elif job.tries >= job.max_attempts:
            _end(session, job, at, Ending(JobState.FAILED, reason=REASONS["WORKER_LOST"]))
        else:
            return _take(session, job, at, worker, lease_seconds)


def _take(session: Session, job: Job, at: datetime, worker: str, lease_seconds: float) -> Claim:
    job.state, job.worker = JobState.PREPARING, worker
    job.attempt += 1
    job.tries += 1
    job.started_at = job.started_at or at
    job.solving_at, job.heartbeat_at = None, at
    job.lease_until = at + timedelta(seconds=lease_seconds)
    _note(session, job, (EventKind.STATE, {"state": job.state, "attempt": job.attempt}))
    return Claim(
        job.id,
        job.organisation_id,
        JobKind(job.kind),
        job.attempt,
        job.payload,
        job.params,
        job.seed,
        job.actor_id,
    )


def require_held(session: Session, held: Claim) -> Job:
    """The job, locked until the transaction ends. Raises LostJob when another attempt has it, or it has ended."""
    wanted = select(Job).where(Job.id == held.job_id, Job.attempt == held.attempt, Job.state.in_(RUNNING))
    job = session.scalars(wanted.with_for_update()).first()
    if job is None:
        raise LostJob(held.job_id)
    return job


def begin_solving(session: Session, held: Claim, input_hash: str) -> None:
    """The search begins; a best plan of an earlier attempt at another problem is forgotten. Raises LostJob."""
    job = require_held(session, held)
    if job.input_hash not in (None, input_hash):
        job.best_plan, job.best_cost, job.best_is_feasible, job.best_at = None, None, None, None
    job.state, job.input_hash, job.solving_at = JobState.SOLVING, input_hash, moment_of(session)
    _note(session, job, (EventKind.STATE, {"state": job.state, "attempt": job.attempt}))


def beat(session: Session, held: Claim, lease_seconds: float, look: Look | None, found: Found | None) -> None:
    """The worker lives: a longer lease, with the latest look and a better plan where there are any. Raises LostJob."""
    job = require_held(session, held)
    at = moment_of(session)
    job.heartbeat_at, job.lease_until = at, at + timedelta(seconds=lease_seconds)
    if found is not None:
        keep_best(session, job, found)
    if look is not None:
        _set_progress(job, look)
        _note(session, job, (EventKind.PROGRESS, progress_of(job)))


def keep_best(session: Session, job: Job, found: Found) -> bool:
    """Keep a plan if no better one is kept, over all attempts; whether it was kept."""
    if job.best_cost is not None and rank_of(bool(job.best_is_feasible), job.best_cost) <= found.rank:
        return False
    job.best_plan, job.best_cost, job.best_is_feasible = compressed(found.document), found.cost, found.is_feasible
    job.best_at = moment_of(session)
    data = {"cost": found.cost, "unplanned": found.unplanned, "is_feasible": found.is_feasible}
    _note(session, job, (EventKind.PLAN, data))
    return True


def finish(session: Session, held: Claim, ending: Ending) -> None:
    """The job ends, once, in the transaction that also stores its plan. Raises LostJob."""
    job = require_held(session, held)
    if ending.found is not None:
        keep_best(session, job, ending.found)
        job.progress_cost, job.progress_unplanned = ending.found.cost, ending.found.unplanned  # a last look may miss it
    _end(session, job, moment_of(session), ending)


def give_back(session: Session, held: Claim, reason: Reason | None = None, found: Found | None = None) -> JobState:
    """Let somebody else go on: in order without a reason, else as a try that failed; the state that follows.

    A job that has failed as often as it may ends with the reason. Raises LostJob.
    """
    job = require_held(session, held)
    if found is not None:
        keep_best(session, job, found)
    at = moment_of(session)
    if job.is_cancel_requested:
        _end(session, job, at, Ending(JobState.CANCELLED))
    elif reason is not None and (job.tries >= job.max_attempts or not reason.may_pass):
        _end(session, job, at, Ending(JobState.FAILED, reason=reason))
    else:
        job.tries -= reason is None
        job.state, job.worker, job.lease_until = JobState.QUEUED, None, None
        data = {"state": job.state, "attempt": job.attempt, **({"code": reason.code} if reason else {})}
        _note(session, job, (EventKind.STATE, data))
    return JobState(job.state)


def request_cancel(session: Session, job_id: str) -> Job | None:
    """Ask a job to stop: a queued one ends at once, one that runs when its worker hears of it. None: no such job."""
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).first()
    if job is None or job.state in ENDED:
        return job
    job.is_cancel_requested = True
    if job.state == JobState.QUEUED:
        _end(session, job, moment_of(session), Ending(JobState.CANCELLED))
    return job


def list_cancelled(session: Session, held: list[Claim]) -> set[str]:
    """Ids of the held jobs that shall stop."""
    wanted = select(Job.id).where(Job.id.in_([each.job_id for each in held]), Job.is_cancel_requested)
    return set(session.scalars(wanted))


def _set_progress(job: Job, look: Look) -> None:
    job.progress_phase, job.progress_share, job.progress_gap = look.phase, look.share, look.gap
    job.progress_cost, job.progress_unplanned = look.cost, look.unplanned


def _end(session: Session, job: Job, at: datetime, ending: Ending) -> None:
    job.state, job.finished_at = ending.state, at
    job.lease_until, job.natural_key = None, None
    job.result_plan_id = ending.plan_id
    job.result = compressed(ending.result) if ending.result is not None else None
    if ending.reason is not None:
        reason = ending.reason
        job.code, job.message_zh, job.message_en = reason.code, reason.message_zh, reason.message_en
    job.faults = list(ending.faults) or None
    data = {"state": job.state, "code": job.code, "plan_id": job.result_plan_id}
    _note(session, job, (EventKind.STATE, {key: value for key, value in data.items() if value is not None}))


def _note(session: Session, job: Job, event: Event) -> None:
    """Add the next event of a job that this transaction has locked."""
    kind, data = event
    job.last_event += 1
    row = JobEvent(job_id=job.id, organisation_id=job.organisation_id, number=job.last_event, kind=kind, data=data)
    session.add(row)
    session.flush()
