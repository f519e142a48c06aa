"""Tables of the durable work: jobs, what happened to each in numbered events, and the chores that come round again.

A job holds opaque ids only. Every write of a worker names the attempt it belongs to; `api.jobs.queue` refuses others.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, Scoped, now


class JobState(StrEnum):
    """Where a job stands, in full words."""

    QUEUED = "queued"
    PREPARING = "preparing"
    SOLVING = "solving"
    COMPLETED = "completed"
    INFEASIBLE = "infeasible"
    """There is a plan, and it breaks a rule that is law."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Stopped on request; the best plan so far is kept where there was one."""


class JobKind(StrEnum):
    """What a job does: plan an organisation's week from the store, or solve a bare problem document."""

    PLAN = "plan"
    SOLVE = "solve"


class EventKind(StrEnum):
    """What an event tells: a new state, a look at the search, or that a better plan can be read."""

    STATE = "state"
    PROGRESS = "progress"
    PLAN = "plan"


RUNNING = (JobState.PREPARING, JobState.SOLVING)
OPEN = (JobState.QUEUED, *RUNNING)
ENDED = (JobState.COMPLETED, JobState.INFEASIBLE, JobState.FAILED, JobState.CANCELLED)


def _listed(values: type[StrEnum]) -> str:
    """The values for a check constraint."""
    return ", ".join(f"'{value}'" for value in values)


class Job(Base, Identified, Scoped):
    """One piece of work that survives any crash: what is asked, who works on it, how far it is, what came out."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("organisation_id", "natural_key"),
        CheckConstraint(f"state IN ({_listed(JobState)})", name="state"),
        CheckConstraint(f"kind IN ({_listed(JobKind)})", name="kind"),
        Index("ix_jobs_claim", "state", "priority", "queued_at"),
    )

    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=JobState.QUEUED)
    priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Smaller goes first; work in bulk is queued behind what somebody waits for."""
    natural_key: Mapped[str | None] = mapped_column(String(128))
    """The same key gives the same job while it is open; released when the job ends."""
    actor_id: Mapped[str | None] = mapped_column(String(64))
    """Account or key that asked for it, its kind before its id."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Opaque ids, the week and the like; never a personal word."""
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The solver's parameters without the seed."""
    seed: Mapped[int] = mapped_column(default=1)
    input_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the problem document."""
    problem: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The problem document of a bare solve, compressed."""

    queued_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    """When a worker first took it; time before that is queue time."""
    solving_at: Mapped[datetime | None]
    """When the present attempt began to search."""
    finished_at: Mapped[datetime | None]

    worker: Mapped[str | None] = mapped_column(String(64))
    attempt: Mapped[int] = mapped_column(default=0)
    """Counts the claims; the fence of every write."""
    tries: Mapped[int] = mapped_column(default=0)
    """Attempts that count against the most; one that was given back in order does not."""
    max_attempts: Mapped[int] = mapped_column(default=3)
    lease_until: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    is_cancel_requested: Mapped[bool] = mapped_column(default=False, server_default=false())

    progress_phase: Mapped[str | None] = mapped_column(String(32))
    progress_share: Mapped[float | None]
    progress_cost: Mapped[int | None] = mapped_column(BigInteger)
    progress_unplanned: Mapped[int | None]
    progress_gap: Mapped[float | None]

    best_plan: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The best plan document so far, compressed; kept over attempts."""
    best_cost: Mapped[int | None] = mapped_column(BigInteger)
    best_is_feasible: Mapped[bool | None]
    best_at: Mapped[datetime | None]
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The result document of an ended solve, compressed."""
    result_plan_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    code: Mapped[str | None] = mapped_column(String(64))
    """Why it failed, as a stable code."""
    message_zh: Mapped[str | None] = mapped_column(String(500))
    message_en: Mapped[str | None] = mapped_column(String(500))
    faults: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """The faults of an input that could not be planned: code, place and advice, never the value found."""
    last_event: Mapped[int] = mapped_column(default=0)


class JobEvent(Base, Scoped):
    """Something that happened to a job; numbers run from 1 without gaps, so a listener can resume."""

    __tablename__ = "job_events"
    __table_args__ = (CheckConstraint(f"kind IN ({_listed(EventKind)})", name="kind"),)

    job_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Chore(Base):
    """Something that comes round again, such as sending the outbox; a lease lets only one worker do it at a time."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(default=now)
    worker: Mapped[str | None] = mapped_column(String(64))
    attempt: Mapped[int] = mapped_column(default=0)
    """Counts the claims; the fence against a worker that comes back late."""
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """How many times in a row it has failed."""
    failure: Mapped[str | None] = mapped_column(String(200))
    """Name of the last error's class; never its text."""
