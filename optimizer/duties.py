"""What the roster hands to the routing: who goes out together when, which sessions they hold, who is expected there.

Numbers are positions in the tuples of the problem, unit numbers positions in `bundle.units_of`.
"""

from dataclasses import dataclass, field

from optimizer.plan import Shortage


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session held by a duty on one of its half-days, with the units expected."""

    session: int
    half_day: int
    attendees: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A crew on one half-day or on both half-days of a day; `homes` are the units the roster had in mind for it."""

    half_days: tuple[int, ...]
    members: tuple[int, ...]
    team: int
    vehicle: int
    sessions: tuple[HeldSession, ...] = ()
    homes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A unit done by phone."""

    unit: int
    member: int
    half_day: int


@dataclass(frozen=True, slots=True)
class Roster:
    """The week's duties and calls. Units in none of them are left to the routing, or left."""

    duties: tuple[Duty, ...] = ()
    calls: tuple[Call, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    statistics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoutedStop:
    """A stop with its times in seconds; `unit` for a home stop, `session` for a session, the other is -1."""

    unit: int
    session: int
    arrival_seconds: int
    start_seconds: int
    end_seconds: int


@dataclass(frozen=True, slots=True)
class RoutedDuty:
    """The route of the duty at the same position of the roster; empty when nobody has to go."""

    stops: tuple[RoutedStop, ...] = ()
    start_seconds: int = 0
    end_seconds: int = 0
    lunch_start_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    """One routed duty per duty of the roster, what the search counted as cost, and its statistics."""

    duties: tuple[RoutedDuty, ...]
    search_cost: int
    statistics: dict[str, float] = field(default_factory=dict)
