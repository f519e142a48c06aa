"""The measured township week: home visits with skills, days, time windows, lunch, overtime, priorities and continuity.

Times are tenths of a minute from 08:00 (`..._tenths`), prices have the same unit. The recipe is fixed: the order in
which it draws random numbers is part of it, so that figures of different versions can be compared.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

TEAMS = {150: 4, 400: 5, 1000: 12}
"""Teams by number of visits: 54, 113 and 116 % load."""
DAYS, VILLAGES, SKILLS, COMMON_SKILLS = 5, 40, 8, 2
SHIFT_END_TENTHS, LAST_RETURN_TENTHS = 5700, 6000
LUNCH_EARLIEST_TENTHS, LUNCH_LATEST_TENTHS, LUNCH_TENTHS = 2100, 2700, 600
"""Lunch of an hour begins from 11:30 to 12:30, on the way or on arrival, before any visit or the return."""
OVERTIME_WEIGHT = 2
PENALTY_TENTHS = np.array([0, 2000, 4000, 8000, 20_000])
"""By priority 1 (may wait) to 4."""
CLINIC_PENALTY_TENTHS, CONTINUITY_TENTHS = 50_000, 100
SIDE_KM, VILLAGE_SPREAD_KM, KM_PER_HOUR, ROAD_FACTOR, PARKING_MINUTES = 20.0, 0.25, 30.0, 1.35, 2.0
ANY_SKILL = NOBODY = -1


@dataclass(frozen=True)
class Week:
    """One week; visits are 1..count and 0 is the base, routes are team-days (`team * 5 + day`)."""

    name: str
    team_count: int
    clinics: int
    """Visits 1..clinics are patrol sessions that must not be left."""
    travel_tenths: Ints
    """(count + 1, count + 1), asymmetric."""
    service_tenths: Ints
    penalty_tenths: Ints
    windows_tenths: Ints
    """(count + 1, 2): first and last start."""
    days: Ints
    """(count + 1, 2): first and last day."""
    skill: Ints
    """ANY_SKILL where none is asked for."""
    team_skills: Flags
    """(teams, skills)."""
    preferred_team: Ints
    """NOBODY where none is preferred."""
    place_km: NDArray[np.float64]
    """(count + 1, 2)."""

    @property
    def count(self) -> int:
        """Number of visits."""
        return len(self.service_tenths) - 1

    @cached_property
    def route_team(self) -> Ints:
        """(routes,) team of every route."""
        return np.repeat(np.arange(self.team_count), DAYS)

    @cached_property
    def route_day(self) -> Ints:
        """(routes,) day of every route."""
        return np.tile(np.arange(DAYS), self.team_count)

    @cached_property
    def allowed(self) -> Flags:
        """(routes, count + 1): whether the route's day and team's skills fit; the base always does."""
        day = self.route_day[:, None]
        able = (self.skill < 0) | self.team_skills[self.route_team][:, np.maximum(self.skill, 0)]
        found: Flags = (day >= self.days[:, 0]) & (day <= self.days[:, 1]) & able
        found[:, 0] = True
        return found

    @cached_property
    def continuity_tenths(self) -> Ints:
        """(teams, count + 1): price of a visit by a team other than the preferred one."""
        team = np.arange(self.team_count)[:, None]
        return np.where((self.preferred_team >= 0) & (self.preferred_team != team), CONTINUITY_TENTHS, 0)

    @property
    def load(self) -> float:
        """Service and six minutes a visit, as a share of the shifts without lunch."""
        shifts = len(self.route_day) * (SHIFT_END_TENTHS - LUNCH_TENTHS)
        return float((self.service_tenths.sum() + self.count * 60) / shifts)


def make_week(size: int, seed: int) -> Week:
    """The week of a size (150, 400 or 1000 visits) and a seed."""
    return draw_week(f"week-{size}-seed{seed}", size, TEAMS[size], np.random.default_rng(seed * 1000 + size))


def draw_week(name: str, count: int, teams: int, draw: np.random.Generator) -> Week:
    """A week drawn in the order that the recipe fixes."""
    villages, place = _places(count, draw)
    service = np.zeros(count + 1, np.int64)
    service[1:] = draw.integers(10, 46, count) * 10
    skill = _skills(count, draw)
    priority = np.zeros(count + 1, np.int64)
    priority[1:] = draw.choice([1, 2, 3, 4], count, p=[0.35, 0.35, 0.2, 0.1])
    days, windows = _days(count, draw), _windows(count, draw)
    team_skills = _team_skills(teams, draw)
    week = Week(
        name=name,
        team_count=teams,
        clinics=max(3, count // 60),
        travel_tenths=np.zeros((count + 1, count + 1), np.int64),
        service_tenths=service,
        penalty_tenths=PENALTY_TENTHS[priority].copy(),
        windows_tenths=windows,
        days=days,
        skill=skill,
        team_skills=team_skills,
        preferred_team=_preferred(skill, team_skills, draw),
        place_km=place,
    )
    _place_clinics(week, villages, draw)
    week.travel_tenths[:] = _travel(place, draw)
    return week


def _places(count: int, draw: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Villages, and the places of base and visits round them; some villages are larger than others."""
    villages = draw.uniform(0, SIDE_KM, (VILLAGES, 2))
    base = np.array([SIDE_KM / 2, SIDE_KM / 2]) + draw.uniform(-2, 2, 2)
    draw.integers(0, VILLAGES, count)  # drawn and not used since the first figures; leaving it out would change them
    share = draw.dirichlet(np.ones(VILLAGES) * 3)
    village = draw.choice(VILLAGES, count, p=share)
    homes = villages[village] + draw.normal(0, VILLAGE_SPREAD_KM, (count, 2))
    return villages, np.vstack([base, homes])


def _skills(count: int, draw: np.random.Generator) -> Ints:
    """Three visits in five ask for a skill, common ones more often."""
    skill = np.full(count + 1, ANY_SKILL, np.int64)
    asks = draw.random(count) < 0.6
    skill[1:][asks] = draw.choice(SKILLS, asks.sum(), p=np.array([0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04]))
    return skill


def _days(count: int, draw: np.random.Generator) -> Ints:
    """One visit in seven has one day, a third two or three days, the others the week."""
    days = np.zeros((count + 1, 2), np.int64)
    days[:, 1] = DAYS - 1
    kind = draw.random(count)
    for visit in range(1, count + 1):
        if kind[visit - 1] < 0.15:
            days[visit] = draw.integers(0, DAYS)
        elif kind[visit - 1] < 0.5:
            first = int(draw.integers(0, DAYS - 1))
            days[visit] = first, min(DAYS - 1, int(first + draw.integers(1, 3)))
    return days


def _windows(count: int, draw: np.random.Generator) -> Ints:
    """Some visits have the morning, some the afternoon, some two hours, most the day."""
    windows = np.zeros((count + 1, 2), np.int64)
    windows[:, 1] = LAST_RETURN_TENTHS
    kind = draw.random(count)
    for visit in range(1, count + 1):
        if kind[visit - 1] < 0.08:
            windows[visit] = 0, 2100
        elif kind[visit - 1] < 0.16:
            windows[visit] = 3000, 5100
        elif kind[visit - 1] < 0.30:
            first = int(draw.integers(0, 14)) * 300
            windows[visit] = first, first + 1200
    return windows


def _team_skills(teams: int, draw: np.random.Generator) -> Flags:
    """Everyone has the common skills and three others; each skill is held by a third of the teams or two."""
    found = np.zeros((teams, SKILLS), np.bool_)
    for team in range(teams):
        found[team, :COMMON_SKILLS] = True
        found[team, draw.choice(np.arange(COMMON_SKILLS, SKILLS), 3, replace=False)] = True
    least = max(2, teams // 3)
    for skill in range(COMMON_SKILLS, SKILLS):
        if found[:, skill].sum() < least:
            found[draw.choice(teams, least, replace=False), skill] = True
    return found


def _preferred(skill: Ints, team_skills: Flags, draw: np.random.Generator) -> Ints:
    """Three visits in five know a team that has their skill."""
    preferred = np.full(len(skill), NOBODY, np.int64)
    for visit in range(1, len(skill)):
        if draw.random() < 0.6:
            able = np.flatnonzero((skill[visit] < 0) | team_skills[:, max(0, skill[visit])])
            preferred[visit] = draw.choice(able)
    return preferred


def _place_clinics(week: Week, villages: NDArray[np.float64], draw: np.random.Generator) -> None:
    """Turn the first visits into patrol sessions of two to three hours at a village, with a narrow start."""
    for visit in range(1, week.clinics + 1):
        week.service_tenths[visit] = int(draw.integers(12, 19)) * 100
        week.skill[visit] = draw.integers(0, 4)
        week.penalty_tenths[visit] = CLINIC_PENALTY_TENTHS
        week.preferred_team[visit] = NOBODY
        week.place_km[visit] = villages[draw.integers(0, VILLAGES)]
        week.days[visit] = draw.integers(0, DAYS) if draw.random() < 0.5 else (0, DAYS - 1)
        week.windows_tenths[visit] = (200, 900) if draw.random() < 0.6 else (3000, 3600)


def _travel(place_km: NDArray[np.float64], draw: np.random.Generator) -> Ints:
    """Tenths of a minute from anywhere to anywhere: bent roads, some noise in each direction, parking."""
    straight = np.sqrt(((place_km[:, None] - place_km[None]) ** 2).sum(-1))
    minutes = straight * ROAD_FACTOR / KM_PER_HOUR * 60 + PARKING_MINUTES
    tenths: Ints = np.rint(minutes * draw.uniform(0.92, 1.15, minutes.shape) * 10).astype(np.int64)
    np.fill_diagonal(tenths, 0)
    return tenths
