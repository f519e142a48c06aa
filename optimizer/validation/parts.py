"""The parts of a problem before they are known to fit together, and what may be referred to in them."""

from dataclasses import dataclass

from optimizer.calendar import HALVES_PER_DAY, Day, half_day_bounds
from optimizer.model import FollowUp, Member, Parameters, Pin, Session, Site, SiteKind, Team, Vehicle
from optimizer.travel import TravelTimes


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a problem, not yet known to fit together."""

    days: tuple[Day, ...]
    sites: tuple[Site, ...]
    teams: tuple[Team, ...]
    members: tuple[Member, ...]
    vehicles: tuple[Vehicle, ...]
    follow_ups: tuple[FollowUp, ...]
    sessions: tuple[Session, ...]
    travel: TravelTimes
    parameters: Parameters
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the parts may refer to."""

    sites: frozenset[str]
    starts: frozenset[str]
    """Sites from which people and vehicles may start: any but households."""
    teams: frozenset[str]
    members: frozenset[str]
    modes: frozenset[str]
    follow_ups: frozenset[str]
    sessions: frozenset[str]
    half_days: int
    longest_half_day_seconds: int
    """0 without days."""


def known_in(parts: Parts) -> Known:
    """Everything that may be referred to in the parts."""
    lengths = [end - start for day in parts.days for start, end in (half_day_bounds(day, 0), half_day_bounds(day, 1))]
    return Known(
        sites=frozenset(site.id for site in parts.sites),
        starts=frozenset(site.id for site in parts.sites if site.kind is not SiteKind.HOUSEHOLD),
        teams=frozenset(team.id for team in parts.teams),
        members=frozenset(member.id for member in parts.members),
        modes=frozenset(parts.travel.modes),
        follow_ups=frozenset(item.id for item in parts.follow_ups),
        sessions=frozenset(session.id for session in parts.sessions),
        half_days=HALVES_PER_DAY * len(parts.days),
        longest_half_day_seconds=max(lengths, default=0),
    )
