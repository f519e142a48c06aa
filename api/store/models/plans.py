"""Week plans: the problem they answer, every revision of the document, and rows of stops and pins for filters.

The document of a revision is the truth; stops and pins are written from it in the same transaction.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, OfTeam, Scoped, Versioned

WEEK_LENGTH = 8


class PlanState(StrEnum):
    """What a plan is; at most one plan of a week is published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    ARCHIVED = "archived"
    SCENARIO = "scenario"
    """The plan of a what-if: it stays what it is, and is never published."""


class PlanProblem(Identified, Scoped, Base):
    """The problem of a week as it was when it was planned; plans of the same input share it."""

    __tablename__ = "plan_problems"
    __table_args__ = (UniqueConstraint("organisation_id", "input_hash"),)

    input_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the document."""
    document: Mapped[bytes] = mapped_column(LargeBinary)
    """The JSON document of `optimizer.documents`, zlib-compressed; its pins are those before any edit."""


class WeekPlan(Identified, Scoped, Versioned, Base):
    """A plan of an organisation's week; `version` is its ETag, `revision` the revision it shows now."""

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("organisation_id", "week", "number"),
        Index("ix_plans_state", "organisation_id", "week", "state"),
        Index(
            "uq_plans_published",
            "organisation_id",
            "week",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index("ix_plans_changed", "organisation_id", "updated_at", "id"),
    )

    week: Mapped[str] = mapped_column(String(WEEK_LENGTH))
    number: Mapped[int]
    """Counts the plans of a week from 1; those of what-ifs count down from -1."""
    state: Mapped[str] = mapped_column(default=PlanState.DRAFT.value)
    revision: Mapped[int] = mapped_column(default=1)
    base_plan_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("plans.id"), default=None)
    problem_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("plan_problems.id"), index=True)
    seed: Mapped[int] = mapped_column(BigInteger, default=0)
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    engine_version: Mapped[str] = mapped_column(default="")
    cost_total: Mapped[int] = mapped_column(BigInteger)
    cost_parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    kpis: Mapped[dict[str, Any]] = mapped_column(JSON)
    violations: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What the judge found; feasible when empty."""
    is_feasible: Mapped[bool]
    shortages: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What was left out or put right when the week was gathered, with counts."""
    created_by: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    published_by: Mapped[str | None] = mapped_column(default=None)


class PlanRevision(Identified, Scoped, Base):
    """One version of a plan's document with the edit that made it; rows are only added."""

    __tablename__ = "plan_revisions"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    plan_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("plans.id"))
    number: Mapped[int]
    previous: Mapped[int | None] = mapped_column(default=None)
    """The revision it was made from; undo goes back to it."""
    document: Mapped[str] = mapped_column(Text)
    """The JSON document of `optimizer.documents`."""
    pins: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    edit: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor: Mapped[str] = mapped_column(default="")


class PlannedStop(Identified, Scoped, OfTeam, Base):
    """One planned follow-up, or one held session without any, of a plan's present revision."""

    __tablename__ = "stops"
    __table_args__ = (
        Index("ix_stops_plan", "plan_id", "day", "crew"),
        Index("ix_stops_follow_up", "organisation_id", "follow_up"),
        Index("ix_stops_day", "organisation_id", "day"),
    )

    plan_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("plans.id"))
    channel: Mapped[str]
    """home, patrol or phone."""
    day: Mapped[date]
    half_day: Mapped[int]
    """Of the plan's days, as in the document; the half-day in which the stop starts."""
    crew: Mapped[str | None] = mapped_column(default=None)
    members: Mapped[list[str]] = mapped_column(JSON, default=list)
    vehicle: Mapped[str | None] = mapped_column(default=None)
    place: Mapped[int] = mapped_column(default=0)
    """Of the stop on its tour, from 1; 0 for calls."""
    site: Mapped[str | None] = mapped_column(default=None)
    session: Mapped[str | None] = mapped_column(default=None)
    follow_up: Mapped[str | None] = mapped_column(default=None)
    follow_up_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), ForeignKey("follow_ups.id"), default=None)
    arrival_at: Mapped[datetime | None] = mapped_column(default=None)
    start_at: Mapped[datetime | None] = mapped_column(default=None)
    end_at: Mapped[datetime | None] = mapped_column(default=None)


class PlanPin(Identified, Scoped, Base):
    """A decision that is kept in a plan's present revision."""

    __tablename__ = "pins"
    __table_args__ = (UniqueConstraint("plan_id", "target"),)

    plan_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("plans.id"))
    target: Mapped[str]
    channel: Mapped[str | None] = mapped_column(default=None)
    day: Mapped[int | None] = mapped_column(default=None)
    half_day: Mapped[int | None] = mapped_column(default=None)
    members: Mapped[list[str]] = mapped_column(JSON, default=list)
    start_seconds: Mapped[int | None] = mapped_column(default=None)
