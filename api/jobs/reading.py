"""What can be read of a job: the best plan so far, its problem, its numbered events, its progress."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.jobs.messages import expanded
from api.store.models.jobs import Job, JobEvent


def find_best_plan(session: Session, job_id: str) -> str | None:
    """The best plan document of a job so far."""
    stored = session.scalar(select(Job.best_plan).where(Job.id == job_id))
    return expanded(stored) if stored is not None else None


def get_problem(session: Session, job_id: str) -> str:
    """The problem document of a bare solve. Raises LookupError when it has none."""
    stored = session.scalar(select(Job.problem).where(Job.id == job_id))
    if stored is None:
        raise LookupError(f"job {job_id} has no problem document")
    return expanded(stored)


def list_events(session: Session, job_id: str, after: int, most: int = 500) -> list[JobEvent]:
    """Events of a job after a number, in order."""
    wanted = select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.number > after)
    return list(session.scalars(wanted.order_by(JobEvent.number).limit(most)))


def progress_of(job: Job) -> dict[str, Any]:
    """The progress of a job as plain values."""
    return {
        "phase": job.progress_phase,
        "share": job.progress_share,
        "cost": job.progress_cost,
        "unplanned": job.progress_unplanned,
        "gap": job.progress_gap,
    }
