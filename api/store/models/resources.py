"""Sites, teams, members, vehicles and patrols: tables with the columns of their sheets (optimizer/data/columns.csv).

Notations such as "周一上午 周三" stay text and lists of words stay apart by spaces; words of a list are held as codes.
An empty cell is None. References (`team`, `site`, `base`) hold external ids of the same organisation.
"""

from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base
from api.store.crypto import Encrypted, SealedValue, sealed_column
from api.store.models.sheets import SheetRow, sheet_table


class Site(SheetRow, Base):
    """A base, village, functional community or station."""

    __tablename__ = "sites"
    __table_args__ = sheet_table("sites")

    name: Mapped[str | None] = mapped_column(default=None)
    kind: Mapped[str]
    village: Mapped[str | None] = mapped_column(default=None)
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    people: Mapped[int | None] = mapped_column(default=None)
    statistics_code: Mapped[str | None] = mapped_column(default=None)
    record_code: Mapped[str | None] = mapped_column(default=None)


class Team(SheetRow, Base):
    """A family-doctor team."""

    __tablename__ = "teams"
    __table_args__ = sheet_table("teams")

    name: Mapped[str | None] = mapped_column(default=None)
    level: Mapped[int | None] = mapped_column(default=None)
    base: Mapped[str]


class Member(SheetRow, Base):
    """A person of a team, with skills and half-days in the field and at the desk; name and phone are encrypted."""

    __tablename__ = "members"
    __table_args__ = sheet_table("members")

    name = Encrypted("name_sealed")
    phone = Encrypted("phone_sealed")
    name_sealed: Mapped[SealedValue] = sealed_column("name")
    phone_sealed: Mapped[SealedValue] = sealed_column("phone")
    role: Mapped[str]
    team: Mapped[str]
    base: Mapped[str | None] = mapped_column(default=None)
    sex: Mapped[str | None] = mapped_column(default=None)
    skills: Mapped[str | None] = mapped_column(default=None)
    field: Mapped[str]
    desk: Mapped[str | None] = mapped_column(default=None)
    drives: Mapped[str | None] = mapped_column(default=None)
    max_field_minutes: Mapped[int | None] = mapped_column(default=None)
    max_half_days: Mapped[int | None] = mapped_column(default=None)
    fair_half_days: Mapped[int | None] = mapped_column(default=None)


class Vehicle(SheetRow, Base):
    """A car, a two-wheeler, or going on foot."""

    __tablename__ = "vehicles"
    __table_args__ = sheet_table("vehicles")

    name: Mapped[str | None] = mapped_column(default=None)
    mode: Mapped[str]
    seats: Mapped[int]
    base: Mapped[str]
    needs_driver: Mapped[bool | None] = mapped_column(default=None)
    snow_ok: Mapped[bool | None] = mapped_column(default=None)
    equipment: Mapped[str | None] = mapped_column(default=None)


class Patrol(SheetRow, Base):
    """A row of the sheet `sessions`: patrol half-days wanted at a site every week; the pattern behind the sessions."""

    __tablename__ = "patrols"
    __table_args__ = sheet_table("patrols")

    site: Mapped[str]
    times: Mapped[int | None] = mapped_column(default=None)
    half_days: Mapped[str]
    usual: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    minutes: Mapped[int | None] = mapped_column(default=None)
    needs: Mapped[str | None] = mapped_column(default=None)
    min_members: Mapped[int | None] = mapped_column(default=None)
    max_members: Mapped[int | None] = mapped_column(default=None)
    net_minutes: Mapped[int | None] = mapped_column(default=None)
    max_contacts: Mapped[int | None] = mapped_column(default=None)
    equipment: Mapped[str | None] = mapped_column(default=None)
    law: Mapped[bool | None] = mapped_column(default=None)
    weight_minutes: Mapped[int | None] = mapped_column(default=None)
