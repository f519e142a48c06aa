"""Organisations (county, township hospital, village clinic, ...) and their settings."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import ID_LENGTH, Base, Identified, Scoped, Versioned


class OrganisationKind(StrEnum):
    """What an organisation is."""

    COUNTY = "county"
    COUNTY_HOSPITAL = "county_hospital"
    TOWNSHIP_HOSPITAL = "township_hospital"
    COMMUNITY_CENTRE = "community_centre"
    VILLAGE_CLINIC = "village_clinic"


class Organisation(Identified, Versioned, Base):
    """One organisation; a county has others below it."""

    __tablename__ = "organisations"

    external_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default=OrganisationKind.TOWNSHIP_HOSPITAL.value)
    """One of `OrganisationKind`."""
    parent_id: Mapped[str | None] = mapped_column(
        String(ID_LENGTH), ForeignKey("organisations.id"), index=True, default=None
    )
    region_code: Mapped[str] = mapped_column(default="")
    """County and township in figures, as in record numbers; may be empty."""
    is_active: Mapped[bool] = mapped_column(default=True)


class Setting(Identified, Scoped, Versioned, Base):
    """One row of the settings sheet: working hours, prices, what travel needs (optimizer/data/settings.csv)."""

    __tablename__ = "settings"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)

    key: Mapped[str]
    value: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
