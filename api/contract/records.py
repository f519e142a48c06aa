"""The canonical record: one due item of one resident with home and contract, as all vendors are read into it.

Personal words are left out of every repr, so that no log or error text can hold them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from api.contract.codes import (
    BusinessType,
    ContractStatus,
    FollowUpClass,
    NoVisitReason,
    PlanStatus,
    Sex,
    StopReason,
    VisitEffect,
    VisitWay,
)
from api.contract.numbers import RecordNumber, VillageCode

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Header:
    """What can be told of a record even where the rest of it is wrong."""

    external_id: str
    version: int
    updated_at: datetime
    status_code: str
    """In the code of the vendor."""
    business_code: str
    """In the code of the vendor."""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """The resident."""

    resident_id: str
    """Of the master index; opaque."""
    name: str | None = field(default=None, repr=False)
    id_card: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    contact_phone: str | None = field(default=None, repr=False)
    birthday: date | None = field(default=None, repr=False)
    sex: Sex | None = None
    record_number: RecordNumber | None = field(default=None, repr=False)
    population_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """Where the resident lives; the village by its statistical code, by the record number, or by a site of ours."""

    household_id: str | None = None
    address: str | None = field(default=None, repr=False)
    village_code: VillageCode | None = None
    site: str | None = None
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract with the team: a village doctor and a township doctor, from when until when."""

    team: str | None = None
    doctor: str | None = None
    village_doctor: str | None = None
    village_clinic: str | None = None
    township_doctor: str | None = None
    township_unit: str | None = None
    begin: date | None = None
    end: date | None = None
    status: ContractStatus | None = None
    stop_date: date | None = None
    stop_reason: StopReason | None = None
    packages: tuple[str, ...] = ()

    @property
    def last_day(self) -> date | None:
        """The day after which nothing is planned; None while no end is known."""
        return min((day for day in (self.end, self.stop_date) if day is not None), default=None)

    def covers(self, day: date) -> bool:
        """Whether the contract stands on a day; a cancelled one without a date stands on none."""
        if self.status is ContractStatus.CANCELLED and self.stop_date is None:
            return False
        return self.last_day is None or day <= self.last_day


@dataclass(frozen=True, slots=True)
class DueItem:
    """What is due, when, and how the last visit ended (its class, not its values)."""

    rule: str
    plan_date: date
    status: PlanStatus
    business_type: BusinessType | None = None
    earliest: date | None = None
    latest: date | None = None
    remind_date: date | None = None
    last_visit_date: date | None = None
    last_class: FollowUpClass | None = None
    wishes: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Further columns of our sheet, such as channels or resident_times."""


@dataclass(frozen=True, slots=True)
class Visit:
    """How a follow-up was done, as far as the contract system knows."""

    way: VisitWay | None = None
    effect: VisitEffect | None = None
    no_visit_reason: NoVisitReason | None = None
    next_date: date | None = None


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """One record of a contract system, read and judged."""

    header: Header
    person: Person
    home: Home
    contract: Contract
    due: DueItem
    visit: Visit = Visit()
