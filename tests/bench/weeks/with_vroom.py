"""The measured week for VROOM: a vehicle for every team-day, its break, skills for days too, priorities, own prices.

It knows no price of leaving a visit (priorities instead) and no overtime: days end at the last return where the week
is overloaded, else with the shift. It takes no seed and may stop by itself.
"""

import time
from datetime import timedelta
from typing import Any

import numpy as np
import vroom

from tests.bench.weeks.found import Found, Limit
from tests.bench.weeks.recipe import (
    DAYS,
    LAST_RETURN_TENTHS,
    LUNCH_EARLIEST_TENTHS,
    LUNCH_LATEST_TENTHS,
    LUNCH_TENTHS,
    SHIFT_END_TENTHS,
    SKILLS,
    Week,
)

MOST_EXPLORATION = 5
TENTHS_PER_PRIORITY = 500
"""Penalties of 2000 to 50000 become priorities 4 to 100, the most there is."""


def solve(week: Week, limit: Limit) -> Found:
    """VROOM's plan with the most thorough search it offers."""
    began = time.process_time()
    given = vroom.Input()
    for team in range(week.team_count):
        given.set_durations_matrix(str(team), week.travel_tenths.astype(np.uint32))
        given.set_costs_matrix(str(team), (week.travel_tenths + week.continuity_tenths[team]).astype(np.uint32))
    end = LAST_RETURN_TENTHS if week.load > 1.0 else SHIFT_END_TENTHS
    for route in range(len(week.route_day)):
        given.add_vehicle(_vehicle(week, route, end))
    for visit in range(1, week.count + 1):
        given.add_job(_job(week, visit))
    answer = given.solve(
        exploration_level=MOST_EXPLORATION, nb_threads=limit.cores, timeout=timedelta(seconds=limit.seconds)
    )
    return Found(routes_of(answer), time.process_time() - began)


def routes_of(answer: Any) -> dict[int, list[int]]:
    """Visits by route."""
    table = answer.routes
    jobs = table[table["type"] == "job"]
    return {int(number) - 1: [int(v) for v in group["id"]] for number, group in jobs.groupby("vehicle_id", sort=True)}


def _day_skill(first: int, last: int) -> int:
    """The skill that stands for these days."""
    return SKILLS + 1 + first * DAYS + last


def _vehicle(week: Week, route: int, end: int) -> Any:
    """One team-day."""
    team, day = int(week.route_team[route]), int(week.route_day[route])
    skills = {int(skill) + 1 for skill in np.flatnonzero(week.team_skills[team])}
    skills |= {_day_skill(first, last) for first in range(day + 1) for last in range(day, DAYS)}
    lunch = vroom.TimeWindow(LUNCH_EARLIEST_TENTHS, LUNCH_LATEST_TENTHS)
    return vroom.Vehicle(
        route + 1,
        start=0,
        end=0,
        profile=str(team),
        skills=skills,
        time_window=vroom.TimeWindow(0, end),
        breaks=[vroom.Break(1, time_windows=[lunch], service=LUNCH_TENTHS)],
    )


def _job(week: Week, visit: int) -> Any:
    """One visit."""
    skills = {_day_skill(*week.days[visit].tolist())}
    if week.skill[visit] >= 0:
        skills.add(int(week.skill[visit]) + 1)
    first, last = week.windows_tenths[visit].tolist()
    return vroom.Job(
        visit,
        location=visit,
        default_service=int(week.service_tenths[visit]),
        skills=skills,
        priority=int(week.penalty_tenths[visit]) // TENTHS_PER_PRIORITY,
        time_windows=[vroom.TimeWindow(first, last)],
    )
