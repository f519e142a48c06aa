"""Work that comes round again: each routine is done by one worker at a time, whoever finds it due, under a lease."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.jobs.queue import moment_of
from api.service.logs import log
from api.store.database import Database
from api.store.models.jobs import ENDED, Chore, EventKind, Job, JobEvent
from api.store.scope import everything

MOST_DOUBLINGS = 5
"""A routine that keeps failing comes round up to 32 times less often."""
KEPT_DAYS = 7
SILENCE_SECONDS = 60.0
"""A routine whose worker has not been heard of for so long may be started by another."""
BEAT_SECONDS = 15.0
CLOSING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Routine:
    """Something to be done every so many seconds; a run longer than the lease may be started by another worker."""

    name: str
    every_seconds: float
    lease_seconds: float
    run: Callable[[Database], None]


def claim_chore(session: Session, routine: Routine, worker: str) -> int | None:
    """The attempt that this worker now holds; None when the routine is not due or somebody else does it."""
    at = moment_of(session)
    wanted = select(Chore).where(Chore.name == routine.name).with_for_update(skip_locked=True)
    chore = session.scalars(wanted).first()
    if chore is None:
        chore = _made(session, routine)
    if chore is None or chore.due_at > at or (chore.lease_until is not None and chore.lease_until > at):
        return None
    chore.worker, chore.started_at = worker, at
    chore.lease_until = at + timedelta(seconds=min(routine.lease_seconds, SILENCE_SECONDS))
    chore.attempt += 1
    return chore.attempt


def beat_chore(session: Session, routine: Routine, attempt: int) -> None:
    """The worker of a routine lives: a longer lease, up to the longest."""
    chore = _held(session, routine, attempt)
    if chore is not None and chore.started_at is not None:
        longest = chore.started_at + timedelta(seconds=routine.lease_seconds)
        chore.lease_until = min(longest, moment_of(session) + timedelta(seconds=SILENCE_SECONDS))


def _held(session: Session, routine: Routine, attempt: int) -> Chore | None:
    """The row, locked; None when another worker has taken it over."""
    wanted = select(Chore).where(Chore.name == routine.name, Chore.attempt == attempt)
    return session.scalars(wanted.with_for_update()).first()


def _made(session: Session, routine: Routine) -> Chore | None:
    """The row of a routine that was never done; None when somebody else has it, or was quicker."""
    chore = Chore(name=routine.name, due_at=moment_of(session), attempt=0, failures=0)
    try:
        with session.begin_nested():
            session.add(chore)
    except IntegrityError:
        return None
    return chore


def end_chore(session: Session, routine: Routine, attempt: int, failure: str | None) -> None:
    """Note the end and when it comes round again; nothing is noted when another worker has taken it over."""
    chore = _held(session, routine, attempt)
    if chore is None:
        return
    chore.failures = chore.failures + 1 if failure else 0
    pause_seconds = routine.every_seconds * 2 ** min(chore.failures, MOST_DOUBLINGS)
    chore.finished_at = moment_of(session)
    chore.due_at, chore.lease_until = chore.finished_at + timedelta(seconds=pause_seconds), None
    chore.failure = failure


def list_due(session: Session, routines: Sequence[Routine]) -> list[Routine]:
    """The routines that may be claimed; reads only."""
    at = moment_of(session)
    is_free = or_(Chore.lease_until.is_(None), Chore.lease_until <= at)
    names = [routine.name for routine in routines]
    waiting = set(session.scalars(select(Chore.name).where(Chore.name.in_(names), ~((Chore.due_at <= at) & is_free))))
    return [routine for routine in routines if routine.name not in waiting]


def prune(database: Database) -> None:
    """Forget the looks of jobs that ended long ago; states and plans stay."""
    with database.session(everything("worker")) as session:
        before = moment_of(session) - timedelta(days=KEPT_DAYS)
        old = select(Job.id).where(Job.state.in_(ENDED), Job.finished_at < before)
        session.execute(delete(JobEvent).where(JobEvent.kind == EventKind.PROGRESS, JobEvent.job_id.in_(old)))


class Round:
    """The routines of one worker and those of them that are running."""

    def __init__(self, database: Database, routines: Sequence[Routine], worker: str) -> None:
        self._database = database
        self._routines = tuple(routines)
        self._worker = worker
        self._pool = ThreadPoolExecutor(max(1, len(self._routines)), thread_name_prefix="chore")
        self._running: dict[str, tuple[Routine, int, Future[None]]] = {}
        self._beaten_at = time.monotonic()

    def look(self) -> None:
        """Start what is due, beat for what runs and note what has ended."""
        self._note_ended()
        self._beat_when_due()
        idle = [routine for routine in self._routines if routine.name not in self._running]
        if not idle:
            return
        with self._database.session(everything("worker"), read_only=True) as session:
            due = list_due(session, idle)
        for routine in due:
            with self._database.session(everything("worker")) as session:
                attempt = claim_chore(session, routine, self._worker)
            if attempt is not None:
                future = self._pool.submit(routine.run, self._database)
                self._running[routine.name] = (routine, attempt, future)

    def _note_ended(self) -> None:
        for routine, attempt, future in list(self._running.values()):
            if not future.done():
                continue
            del self._running[routine.name]
            error = future.exception()
            if error is not None:
                log("chore failed", {"code": routine.name}, error=error)
            with self._database.session(everything("worker")) as session:
                end_chore(session, routine, attempt, type(error).__name__ if error is not None else None)

    def _beat_when_due(self) -> None:
        if time.monotonic() - self._beaten_at < BEAT_SECONDS:
            return
        self._beaten_at = time.monotonic()
        for routine, attempt, _ in self._running.values():
            with self._database.session(everything("worker")) as session:
                beat_chore(session, routine, attempt)

    def close(self) -> None:
        """Wait for what is running and note it."""
        while self._running:
            wait([future for _, _, future in self._running.values()], timeout=CLOSING_SECONDS)
            self._note_ended()
            self._beat_when_due()
        self._pool.shutdown()
