"""The parts of a planning problem: sites, people, vehicles, follow-ups, sessions, pins.

Plain frozen values with opaque ids; nothing here knows a name, a phone number or a diagnosis. They are checked
together when a `Problem` is built, not here.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class SiteKind(StrEnum):
    """What a place is for."""

    BASE = "base"
    VILLAGE = "village"
    HOUSEHOLD = "household"
    COMMUNITY = "community"
    STATION = "station"


class Channel(StrEnum):
    """How a follow-up is done."""

    HOME = "home"
    PATROL = "patrol"
    PHONE = "phone"


class OrderClass(StrEnum):
    """Clean-to-dirty order within a crew's day."""

    CLEAN = "clean"
    GENERAL = "general"
    INFECTIOUS = "infectious"


class ServiceClass(StrEnum):
    """The legal kind of a service; only HOME_MEDICAL has to pass the gate of assessment, consent and carer."""

    PUBLIC_HEALTH = "public_health"
    CONTRACT_PACKAGE = "contract_package"
    HOME_MEDICAL = "home_medical"


@dataclass(frozen=True, slots=True)
class Site:
    """A place; its position in `Problem.sites` is its row in the travel times."""

    id: str
    kind: SiteKind
    village: str = ""
    """Id of the village site it belongs to; empty for a base or station outside the villages."""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """A certificate of a member, valid up to and including a date (None: does not expire)."""

    code: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A family-doctor team: level 1 core, 2 with specialists of the institution, 3 with the county hospital."""

    id: str
    level: int
    base: str


@dataclass(frozen=True, slots=True)
class Member:
    """One person. Half-days are numbers as in `calendar`: in the field, or at the desk (may phone)."""

    id: str
    role: str
    team: str
    base: str
    field_half_days: tuple[int, ...]
    skills: tuple[Skill, ...] = ()
    sex: str = ""
    """"F", "M" or "" where not known."""
    desk_half_days: tuple[int, ...] = ()
    drives: tuple[str, ...] = ()
    """Vehicle modes this person may drive."""
    max_field_seconds_day: int = 8 * 3600
    """Travel, service and sessions of one day together, without lunch and waiting."""
    max_half_days: int = 14
    """Most half-days in the field in the whole plan (a specialist on offer may be asked for a few only)."""
    fair_half_days: int = 3
    """Half-days above this count as burden in the balance part of the cost."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle; `mode` names the travel times it uses."""

    id: str
    mode: str
    seats: int
    base: str
    needs_driver: bool = True
    snow_ok: bool = True
    tags: tuple[str, ...] = ()
    """Equipment on board, e.g. "patrol_kit"."""


@dataclass(frozen=True, slots=True)
class StaffNeed:
    """At least `count` members of the crew must each have one of the roles, all of the skills, and the sex."""

    count: int = 1
    roles: tuple[str, ...] = ()
    """Any of these; empty: any role."""
    skills: tuple[str, ...] = ()
    sex: str = ""


@dataclass(frozen=True, slots=True)
class ChannelOption:
    """One way of doing a follow-up: how long it takes for this follow-up alone, and who has to be there."""

    channel: Channel
    seconds: int
    needs: tuple[StaffNeed, ...] = ()
    head_count: int = 1


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Service starts within [start, end]; with `late_end_seconds`, up to then at a cost for each second after `end`."""

    start_seconds: int
    end_seconds: int
    late_end_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class DatedWindow:
    """The resident is there on this date between these times of day (for the start of service)."""

    date: date
    start_seconds: int
    end_seconds: int


@dataclass(frozen=True, slots=True)
class Joint:
    """A second crew of another team has to be there at the same start; `needs` are for that crew."""

    needs: tuple[StaffNeed, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeMedicalGate:
    """Conditions before home medical care: assessed fit for home, consent signed, a carer present."""

    assessed: bool = False
    consented: bool = False
    carer_present: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the service may be scheduled at home."""
        return self.assessed and self.consented and self.carer_present


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One due item of one resident."""

    id: str
    resident: str
    site: str
    rule: str
    earliest: date
    due: date
    latest: date
    channels: tuple[ChannelOption, ...]
    household: str = ""
    hard_end: bool = False
    """Whether doing it after `latest` is forbidden instead of late."""
    deadline_seconds: int | None = None
    """Time of day on `latest` by which service must have started (clock rules); None: the whole day counts."""
    patrol_sites: tuple[str, ...] = ()
    """Sites whose sessions may absorb it, its own first."""
    time_windows: tuple[TimeWindow, ...] = ()
    """Times of day, every day; empty: any."""
    resident_windows: tuple[DatedWindow, ...] = ()
    """When the resident is there; empty: always."""
    priority: int = 2
    order_class: OrderClass = OrderClass.GENERAL
    team: str = ""
    """The contract team."""
    preferred_members: tuple[str, ...] = ()
    joint: Joint | None = None
    """Applies to the home channel."""
    service_class: ServiceClass = ServiceClass.PUBLIC_HEALTH
    gate: HomeMedicalGate | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A patrol half-day wanted at a site."""

    id: str
    site: str
    half_days: tuple[int, ...]
    """Half-days on which it may be held; one only: its time is fixed."""
    team: str = ""
    series: str = ""
    """Sessions of one series are held on different days."""
    duration_seconds: int = 3 * 3600
    needs: tuple[StaffNeed, ...] = ()
    min_members: int = 2
    max_members: int = 3
    net_seconds_per_member: int = 170 * 60
    max_contacts: int = 60
    vehicle_tag: str = ""
    is_law: bool = False
    """True: a plan without it is not feasible. False: leaving it out costs `weight`."""
    weight: int = 600 * 60
    """Cost points when it is not held."""
    usual_half_day: int | None = None
    """The half-day on which residents expect it."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A decision that is kept: every part that is given holds, or the target stays unserved and is reported."""

    target: str
    """Id of a follow-up or of a session."""
    channel: Channel | None = None
    day: int | None = None
    half_day: int | None = None
    """For a session, the half-day; for a home visit use `day`."""
    members: tuple[str, ...] = ()
    """All of these are in the crew."""
    start_seconds: int | None = None
    """Service starts exactly then."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Working rules that no source settles; all are assumptions of the township unless a source is named."""

    setup_seconds: int = 600
    """Once for every home stop (arriving, washing hands, records)."""
    person_extra_percent: int = 40
    """A person's further items count this share of their seconds; the longest counts in full."""
    household_extra_percent: int = 60
    """Further persons of a household at one stop count this share; the longest counts in full."""
    max_crew_members: int = 3
    min_home_crew_members: int = 1
    max_overtime_seconds: int = 1800
    phone_seconds_per_half_day: int = 3600
    strict_order_classes: bool = False
    """False: after an infectious stop only infectious ones. True: clean, then general, then infectious."""
