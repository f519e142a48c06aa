"""The whole planning problem, validated once when it is built; all faults are reported together."""

from dataclasses import dataclass, field
from functools import cached_property

from optimizer.calendar import Day
from optimizer.errors import ProblemFaults
from optimizer.model import FollowUp, Member, Parameters, Pin, Session, Site, Team, Vehicle
from optimizer.plan import Plan
from optimizer.travel import TravelTimes
from optimizer.validation import Parts, faults_of
from optimizer.weights import Weights


@dataclass(frozen=True)
class Problem:
    """Everything a week plan is made from. Raises `ProblemFaults` with every fault when the parts do not fit.

    Half-days in the parts count through `days`. Not slotted because the look-up tables are cached.
    """

    days: tuple[Day, ...]
    sites: tuple[Site, ...]
    teams: tuple[Team, ...]
    members: tuple[Member, ...]
    vehicles: tuple[Vehicle, ...]
    follow_ups: tuple[FollowUp, ...]
    sessions: tuple[Session, ...]
    travel: TravelTimes
    parameters: Parameters = field(default_factory=Parameters)
    weights: Weights = field(default_factory=Weights)
    pins: tuple[Pin, ...] = ()
    earlier: Plan | None = None

    def __post_init__(self) -> None:
        faults = faults_of(
            Parts(
                self.days,
                self.sites,
                self.teams,
                self.members,
                self.vehicles,
                self.follow_ups,
                self.sessions,
                self.travel,
                self.parameters,
                self.pins,
            )
        )
        if faults:
            raise ProblemFaults(faults)

    @cached_property
    def site_number(self) -> dict[str, int]:
        """Row of every site in the travel times, by id."""
        return {site.id: number for number, site in enumerate(self.sites)}

    @cached_property
    def member_number(self) -> dict[str, int]:
        """Position of every member, by id."""
        return {member.id: number for number, member in enumerate(self.members)}

    @cached_property
    def follow_up_number(self) -> dict[str, int]:
        """Position of every follow-up, by id."""
        return {item.id: number for number, item in enumerate(self.follow_ups)}

    @cached_property
    def session_number(self) -> dict[str, int]:
        """Position of every session, by id."""
        return {session.id: number for number, session in enumerate(self.sessions)}

    @cached_property
    def team_number(self) -> dict[str, int]:
        """Position of every team, by id."""
        return {team.id: number for number, team in enumerate(self.teams)}

    @cached_property
    def vehicle_number(self) -> dict[str, int]:
        """Position of every vehicle, by id."""
        return {vehicle.id: number for number, vehicle in enumerate(self.vehicles)}
