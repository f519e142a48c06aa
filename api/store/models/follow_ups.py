"""Pending follow-ups with the columns of their sheet and what the source says of them, and the history of statuses.

The personal words of the sheet (name, phone, address) and the household are the resident's.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, OfTeam, Scoped, now
from api.store.models.sheets import SheetRow, sheet_table

DUE_STATUSES = (0, 3)
"""Plan statuses that are planned: 0 due, 3 missed. 1 done, 2 lost, 4 over, 5 recorded later, 8 closed, 9 cancelled."""


class FollowUp(SheetRow, OfTeam, Base):
    """One due thing of one resident."""

    __tablename__ = "follow_ups"
    __table_args__ = sheet_table(
        "follow_ups",
        Index("ix_follow_ups_due", "organisation_id", "plan_status", "due"),
        Index("ix_follow_ups_source", "organisation_id", "source", "external_id"),
        Index("ix_follow_ups_source_changed", "organisation_id", "source", "source_updated_at"),
    )

    resident_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("residents.id"), index=True)
    site: Mapped[str]
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    rule: Mapped[str]
    earliest: Mapped[date | None] = mapped_column(default=None)
    due: Mapped[date]
    latest: Mapped[date | None] = mapped_column(default=None)
    hard_end: Mapped[bool | None] = mapped_column(default=None)
    deadline: Mapped[str | None] = mapped_column(default=None)
    channels: Mapped[str | None] = mapped_column(default=None)
    home_minutes: Mapped[int | None] = mapped_column(default=None)
    patrol_minutes: Mapped[int | None] = mapped_column(default=None)
    phone_minutes: Mapped[int | None] = mapped_column(default=None)
    needs: Mapped[str | None] = mapped_column(default=None)
    patrol_needs: Mapped[str | None] = mapped_column(default=None)
    head_count: Mapped[int | None] = mapped_column(default=None)
    times: Mapped[str | None] = mapped_column(default=None)
    resident_times: Mapped[str | None] = mapped_column(default=None)
    priority: Mapped[int | None] = mapped_column(default=None)
    order_class: Mapped[str | None] = mapped_column(default=None)
    preferred: Mapped[str | None] = mapped_column(default=None)
    patrol_sites: Mapped[str | None] = mapped_column(default=None)
    joint: Mapped[str | None] = mapped_column(default=None)
    service_class: Mapped[str | None] = mapped_column(default=None)
    assessed: Mapped[bool | None] = mapped_column(default=None)
    consented: Mapped[bool | None] = mapped_column(default=None)
    carer: Mapped[bool | None] = mapped_column(default=None)
    contract_end: Mapped[date | None] = mapped_column(default=None)
    source: Mapped[str | None] = mapped_column(default=None)
    source_version: Mapped[str | None] = mapped_column(default=None)
    source_updated_at: Mapped[datetime | None] = mapped_column(default=None)
    plan_status: Mapped[int] = mapped_column(default=0)
    """0 to 9 as the contract system counts; the sheet's column `status`."""


class FollowUpStatus(Identified, Scoped, Base):
    """One change of a follow-up's plan status; rows are only added."""

    __tablename__ = "follow_up_statuses"
    __table_args__ = (Index("ix_follow_up_statuses_order", "follow_up_id", "at"),)

    follow_up_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("follow_ups.id"))
    plan_status: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(default="")
    """Opaque id of the account or system."""
    reason: Mapped[str] = mapped_column(default="")
    """A code, never free text about a person."""
