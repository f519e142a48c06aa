"""What reading a folder gives: all parts of a problem but the travel times, and what only people need to know.

Names, phone numbers and addresses stay in `Labels`; they never enter the problem.
"""

from dataclasses import dataclass, field

from optimizer.calendar import Day
from optimizer.model import FollowUp, Member, Parameters, Session, Site, Team, Vehicle
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.tables.faults import Note
from optimizer.tables.settings import Settings
from optimizer.travel import TravelTimes
from optimizer.weights import Weights


@dataclass(frozen=True, slots=True)
class Person:
    """How a person is shown on printed sheets."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(slots=True)
class Labels:
    """Words for ids, for display only."""

    sites: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    vehicles: dict[str, str] = field(default_factory=dict)
    members: dict[str, Person] = field(default_factory=dict)
    residents: dict[str, Person] = field(default_factory=dict)
    """By follow-up id."""


Origins = dict[str, list[tuple[str, int]]]
"""Sheet and row of every part, by the name of the problem's field, in its order."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder read for one week; `problem` makes it complete."""

    sites: tuple[Site, ...]
    teams: tuple[Team, ...]
    members: tuple[Member, ...]
    vehicles: tuple[Vehicle, ...]
    follow_ups: tuple[FollowUp, ...]
    sessions: tuple[Session, ...]
    settings: Settings
    labels: Labels
    notes: tuple[Note, ...]
    origins: Origins

    @property
    def days(self) -> tuple[Day, ...]:
        """The planning days."""
        return self.settings.days

    @property
    def parameters(self) -> Parameters:
        """The working rules."""
        return self.settings.parameters

    @property
    def weights(self) -> Weights:
        """The prices."""
        return self.settings.weights

    @property
    def modes(self) -> tuple[str, ...]:
        """The vehicle modes that travel times are needed for."""
        return tuple(sorted({vehicle.mode for vehicle in self.vehicles}))

    def problem(self, travel: TravelTimes, earlier: Plan | None = None) -> Problem:
        """The complete problem; raises ProblemFaults."""
        return Problem(
            days=self.days,
            sites=self.sites,
            teams=self.teams,
            members=self.members,
            vehicles=self.vehicles,
            follow_ups=self.follow_ups,
            sessions=self.sessions,
            travel=travel,
            parameters=self.parameters,
            weights=self.weights,
            earlier=earlier,
        )
