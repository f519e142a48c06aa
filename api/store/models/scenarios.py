"""Scenarios: what-ifs on a week. A scenario holds ids and codes of an organisation's rows, never a personal word."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, Scoped, Versioned
from api.store.models.plans import WEEK_LENGTH


class Scenario(Identified, Scoped, Versioned, Base):
    """A named list of changes to a week as it stands in the store; `version` is its ETag."""

    __tablename__ = "scenarios"
    __table_args__ = (
        UniqueConstraint("organisation_id", "week", "name"),
        Index("ix_scenarios_changed", "organisation_id", "updated_at", "id"),
    )

    week: Mapped[str] = mapped_column(String(WEEK_LENGTH))
    name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(2_000), default="")
    base_plan_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("plans.id"), default=None)
    """The plan it is compared with; None: the published one of the week, or else its newest draft."""
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """In the order in which they are made; kinds and fields are those of `api.service.scenario_bodies`."""
    job_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("jobs.id"), default=None)
    """The newest job that plans it."""
    plan_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("plans.id"), default=None)
    """The newest plan of exactly these changes."""
    created_by: Mapped[str] = mapped_column(default="")
