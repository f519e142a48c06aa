"""What the roster needs to know of a problem, looked up once: who is free when, with which vehicles, how near.

Numbers are positions in the problem's tuples; half-days are the numbers of `calendar`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from optimizer.bundle import Unit
from optimizer.calendar import HALVES_PER_DAY, Span, day_of, half_day_bounds, half_of, span_of
from optimizer.model import Pin, StaffNeed
from optimizer.problem import Problem
from optimizer.roster.fleet import FleetClass, fleet_of
from optimizer.roster.travel_estimate import TravelEstimate, estimate_of
from optimizer.staffing import fits

Needs = tuple[StaffNeed, ...]
NO_TEAM = -1
FAR_TEAM_SECONDS = 100_000


@dataclass(frozen=True)
class Week:
    """A problem with its units and look-up tables. Not slotted because the tables are cached."""

    problem: Problem
    units: tuple[Unit, ...]
    fleet: tuple[FleetClass, ...]
    travel: TravelEstimate
    _fitting: dict[tuple[StaffNeed, int], frozenset[int]]

    @cached_property
    def half_days(self) -> tuple[int, ...]:
        """The half-days on which work is done."""
        numbers = range(HALVES_PER_DAY * len(self.problem.days))
        return tuple(number for number in numbers if self.problem.days[day_of(number)].is_open(half_of(number)))

    def bounds(self, half_day: int) -> tuple[int, int]:
        """Start and normal end of a half-day, in seconds."""
        return half_day_bounds(self.problem.days[day_of(half_day)], half_of(half_day))

    def span(self, half_day: int) -> Span:
        """When a crew of one half-day may be out."""
        return span_of(self.problem.days, (half_day,), self.problem.parameters.max_overtime_seconds)

    def is_snow(self, half_day: int) -> bool:
        """Whether the day has snow."""
        return self.problem.days[day_of(half_day)].snow

    @cached_property
    def team_of(self) -> tuple[int, ...]:
        """Team of every member."""
        return tuple(self.problem.team_number[member.team] for member in self.problem.members)

    @cached_property
    def base_of(self) -> tuple[int, ...]:
        """Base site of every member."""
        return tuple(self.problem.site_number[member.base] for member in self.problem.members)

    @cached_property
    def free(self) -> dict[int, tuple[int, ...]]:
        """Members who can go out, by open half-day: in the field and with a vehicle at their base."""
        free: dict[int, tuple[int, ...]] = {}
        for half_day in self.half_days:
            bases = {group.base for group in self.usable_fleet(half_day)}
            free[half_day] = tuple(
                number
                for number, member in enumerate(self.problem.members)
                if half_day in member.field_half_days and member.max_half_days > 0 and self.base_of[number] in bases
            )
        return free

    def usable_fleet(self, half_day: int) -> tuple[FleetClass, ...]:
        """Classes of vehicles that may drive on a half-day."""
        return tuple(group for group in self.fleet if group.snow_ok or not self.is_snow(half_day))

    def fitting(self, need: StaffNeed, half_day: int) -> frozenset[int]:
        """Members, free or not, who fit a need on the date of a half-day."""
        key = (need, day_of(half_day))
        if key not in self._fitting:
            on = self.problem.days[key[1]].date
            members = enumerate(self.problem.members)
            self._fitting[key] = frozenset(number for number, member in members if fits(member, need, on))
        return self._fitting[key]

    def can_meet(self, members: Iterable[int], needs: Needs, head_count: int, half_day: int) -> bool:
        """Whether these people together meet needs and head count."""
        there = set(members)
        enough = len(there) >= head_count
        return enough and all(len(there & self.fitting(need, half_day)) >= need.count for need in needs)

    @cached_property
    def place_of(self) -> tuple[int, ...]:
        """Village site (or the site itself, outside villages) of every site."""
        number = self.problem.site_number
        return tuple(number.get(site.village, place) for place, site in enumerate(self.problem.sites))

    @cached_property
    def session_sites(self) -> tuple[int, ...]:
        """Site of every session."""
        return tuple(self.problem.site_number[session.site] for session in self.problem.sessions)

    @cached_property
    def unit_team(self) -> tuple[int, ...]:
        """Contract team of every unit, or NO_TEAM."""
        items = (self.problem.follow_ups[unit.follow_ups[0]] for unit in self.units)
        return tuple(self.problem.team_number.get(item.team, NO_TEAM) for item in items)

    @cached_property
    def pins(self) -> dict[str, Pin]:
        """Pins by their target."""
        return {pin.target: pin for pin in self.problem.pins}

    @cached_property
    def team_places(self) -> tuple[Counter[int], ...]:
        """Number of units by place, for every team."""
        counts: tuple[Counter[int], ...] = tuple(Counter() for _ in self.problem.teams)
        for unit, team in zip(self.units, self.unit_team, strict=True):
            if team != NO_TEAM:
                counts[team][self.place_of[unit.site]] += 1
        return counts

    @cached_property
    def near_teams(self) -> dict[int, tuple[int, ...]]:
        """All teams by nearness of their work to a place: seconds to the places of their units on average."""
        teams = range(len(self.problem.teams))
        return {
            place: tuple(sorted(teams, key=lambda team: (self._apart(place, team), team)))
            for place in self.travel.places
        }

    def _apart(self, place: int, team: int) -> float:
        """Average seconds between a place and a team's work; teams without work come last, by their base."""
        places = self.team_places[team]
        if not places:
            base = self.problem.site_number[self.problem.teams[team].base]
            return FAR_TEAM_SECONDS + self.travel.round_trip(base, place)
        seconds = sum(self.travel.between_seconds(place, other) * count for other, count in places.items())
        return seconds / places.total()


def week_of(problem: Problem, units: tuple[Unit, ...], seed: int) -> Week:
    """The look-up tables of a problem; the seed is for the fit of the travel estimate."""
    fleet = fleet_of(problem)
    number = problem.site_number
    sites = [unit.site for unit in units] + [number[session.site] for session in problem.sessions]
    places = sorted({number.get(problem.sites[site].village, site) for site in sites})
    bases = sorted({number[member.base] for member in problem.members} | {number[team.base] for team in problem.teams})
    return Week(problem, units, fleet, estimate_of(problem, fleet, places, bases, units, seed), {})
