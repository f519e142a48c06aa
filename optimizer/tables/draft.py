"""What reading a folder gives: all parts of a problem but the travel times, and what only people need to know.

Names, phone numbers, addresses and the source's ids of residents stay in `Labels`; they never enter the problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.calendar import Day
from optimizer.model import FollowUp, Member, Parameters, Session, Site, Team, Vehicle
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.tables.faults import Note
from optimizer.tables.settings import Settings
from optimizer.travel import ModeTimes, TravelTimes
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
    resident_ids: dict[str, str] = field(default_factory=dict)
    """The source's ids of residents, by the number that stands for each in the problem."""
    household_ids: dict[str, str] = field(default_factory=dict)


Mode = TypeVar("Mode", bound=str)


class Matrix(Protocol):
    """Travel between all places by one mode: int32[n, n], row = from."""

    @property
    def seconds(self) -> npt.NDArray[np.int32]:
        """Seconds from door to door."""

    @property
    def metres(self) -> npt.NDArray[np.int32]:
        """Metres from door to door."""


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

    def places(self) -> pd.DataFrame:
        """All sites in the problem's order: id, kind, latitude, longitude, and the name that people know."""
        rows = [
            (site.id, site.kind.value, site.latitude, site.longitude, self.labels.sites.get(site.id, ""))
            for site in self.sites
        ]
        return pd.DataFrame(rows, columns=["id", "kind", "latitude", "longitude", "name"])

    def travel_times(self, matrices: Mapping[Mode, Matrix]) -> TravelTimes:
        """Travel times from one matrix per mode, in the order of `places`."""
        times = {str(mode): ModeTimes(matrix.seconds, matrix.metres) for mode, matrix in matrices.items()}
        return TravelTimes(times, self.settings.snow_percent)

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
