"""Gauges of the service's work: jobs by state, and messages that other systems have not taken yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from api.service.metrics import Metrics
from api.store.database import Database
from api.store.models.exchange import OutboxMessage, OutboxState
from api.store.models.jobs import Job, JobState
from api.store.scope import everything


@dataclass(frozen=True, slots=True)
class CountedStates:
    """How many rows of a table are in each of its states, over all organisations."""

    database: Database
    column: Any
    states: tuple[str, ...]

    def __call__(self) -> Mapping[str, float]:
        """The counts by state; nothing while the database does not answer."""
        try:
            with self.database.session(everything(), read_only=True) as session:
                rows = session.execute(select(self.column, func.count()).group_by(self.column)).all()
        except SQLAlchemyError:
            return {}
        return dict.fromkeys(self.states, 0.0) | {str(state): float(count) for state, count in rows}


def add_gauges(metrics: Metrics, database: Database) -> None:
    """Hang the gauges of a database into the figures."""
    jobs = CountedStates(database, Job.state, tuple(state.value for state in JobState))
    outbox = CountedStates(database, OutboxMessage.state, tuple(state.value for state in OutboxState))
    metrics.add_gauge("xunzhen_jobs", "Jobs by state.", "state", jobs)
    metrics.add_gauge("xunzhen_outbox_messages", "Messages to other systems by state.", "state", outbox)
