"""Faults of days, sites, travel times, teams, members, vehicles and parameters."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from optimizer.calendar import Day
from optimizer.errors import Fault
from optimizer.model import Member, Parameters, Skill, StaffNeed
from optimizer.travel import IntArray
from optimizer.validation.parts import Known, Parts
from optimizer.validation.spots import (
    DAY_SECONDS,
    Spot,
    judge_doubled,
    judge_half_days,
    judge_ids,
    judge_known,
    judge_order,
    judge_range,
    spots_of,
)

SEXES = ("", "F", "M")
LEVELS = (1, 3)
PERCENT = 100
MOST_SNOW_PERCENT = 1000
A_SITE, A_START, A_TEAM = "the id of a site", "the id of a site that is not a household", "the id of a team"


def judge_days(parts: Parts) -> Iterator[Fault]:
    """No days, dates that do not follow each other, hours out of order."""
    if not parts.days:
        yield Spot("/days").fault("EMPTY", "", "at least one day")
    for number, day in enumerate(parts.days):
        spot = Spot(f"/days/{number}", str(day.date))
        if number and day.date != parts.days[number - 1].date + timedelta(days=1):
            expected = f"{parts.days[number - 1].date + timedelta(days=1)}, the day after the one before"
            yield spot.at("date").fault("NOT_CONSECUTIVE", day.date, expected)
        yield from _judge_hours(spot, day)


def _judge_hours(spot: Spot, day: Day) -> Iterator[Fault]:
    hours = {
        name: getattr(day, name)
        for name in ("morning_start_seconds", "morning_end_seconds", "afternoon_start_seconds", "afternoon_end_seconds")
    }
    lunch = {name: getattr(day, name) for name in ("lunch_earliest_seconds", "lunch_latest_seconds")}
    for name, value in (hours | lunch | {"lunch_seconds": day.lunch_seconds}).items():
        yield from judge_range(spot.at(name), value, 0, DAY_SECONDS)
    named = [(name, value, value) for name, value in hours.items()]
    yield from judge_order(spot, *named[:2], strict=True)
    yield from judge_order(spot, *named[1:3])
    yield from judge_order(spot, *named[2:], strict=True)
    yield from judge_order(spot, *((name, value, value) for name, value in lunch.items()))


def judge_sites(parts: Parts, known: Known) -> Iterator[Fault]:
    """Ids, villages, coordinates off the globe."""
    yield from judge_ids("/sites", [site.id for site in parts.sites])
    for site, spot in zip(parts.sites, spots_of("/sites", [site.id for site in parts.sites]), strict=True):
        yield from judge_known(spot.at("village"), site.village, known.sites, A_SITE, optional=True)
        for name, value, limit in (("latitude", site.latitude, 90), ("longitude", site.longitude, 180)):
            if value is not None and not -limit <= value <= limit:
                yield spot.at(name).fault("OUT_OF_RANGE", value, f"-{limit} to {limit} degrees")


def judge_travel(parts: Parts) -> Iterator[Fault]:
    """Matrices that do not fit the sites, or hold times that cannot be."""
    snow = Spot("/travel/snow_percent")
    yield from judge_range(snow, parts.travel.snow_percent, PERCENT, MOST_SNOW_PERCENT)
    for mode, times in parts.travel.modes.items():
        for name, matrix, most in (("seconds", times.seconds, DAY_SECONDS), ("metres", times.metres, None)):
            yield from _judge_matrix(Spot(f"/travel/modes/{mode}/{name}", mode), matrix, parts, most)


def _judge_matrix(spot: Spot, matrix: IntArray, parts: Parts, most: int | None) -> Iterator[Fault]:
    count = len(parts.sites)
    if matrix.shape != (count, count):
        expected = f"{count} x {count}, a row and a column for every site"
        yield spot.fault("MATRIX_SHAPE", " x ".join(map(str, matrix.shape)), expected)
        return
    wrong = {"at least 0": matrix < 0}
    if most is not None:
        wrong[f"at most {most}"] = matrix > most
    wrong["0 from a site to itself"] = np.eye(count, dtype=bool) & (matrix > 0)
    for expected, mask in wrong.items():
        places = np.argwhere(mask)
        if len(places):
            origin, destination = (int(number) for number in places[0])
            pair = f"from {parts.sites[origin].id} to {parts.sites[destination].id}"
            found = f"{matrix[origin, destination]} {pair}, {len(places)} such place(s)"
            yield spot.at(origin, destination).fault("MATRIX_VALUE", found, expected)


def judge_teams(parts: Parts, known: Known) -> Iterator[Fault]:
    """Ids, levels and bases of teams."""
    yield from judge_ids("/teams", [team.id for team in parts.teams])
    for team, spot in zip(parts.teams, spots_of("/teams", [team.id for team in parts.teams]), strict=True):
        yield from judge_range(spot.at("level"), team.level, *LEVELS)
        yield from judge_known(spot.at("base"), team.base, known.starts, A_START)


def judge_members(parts: Parts, known: Known) -> Iterator[Fault]:
    """Ids, references, half-days and limits of members."""
    yield from judge_ids("/members", [member.id for member in parts.members])
    for member, spot in zip(parts.members, spots_of("/members", [one.id for one in parts.members]), strict=True):
        yield from _judge_member(member, spot, known)


def _judge_member(member: Member, spot: Spot, known: Known) -> Iterator[Fault]:
    if not member.role:
        yield spot.at("role").fault("EMPTY", "", "a role")
    yield from judge_known(spot.at("team"), member.team, known.teams, A_TEAM)
    yield from judge_known(spot.at("base"), member.base, known.starts, A_START)
    yield from judge_sex(spot.at("sex"), member.sex)
    yield from judge_half_days(spot.at("field_half_days"), member.field_half_days, known.half_days)
    yield from judge_half_days(spot.at("desk_half_days"), member.desk_half_days, known.half_days)
    # The same skill with two dates is a renewed certificate.
    yield from judge_doubled(spot.at("skills"), [f"{skill.code} {skill.valid_until}" for skill in member.skills])
    yield from _judge_skills(spot.at("skills"), member.skills)
    yield from judge_doubled(spot.at("drives"), member.drives)
    yield from judge_range(spot.at("max_field_seconds_day"), member.max_field_seconds_day, 0, DAY_SECONDS)
    yield from judge_range(spot.at("max_half_days"), member.max_half_days, 0)
    yield from judge_range(spot.at("fair_half_days"), member.fair_half_days, 0)


def _judge_skills(spot: Spot, skills: tuple[Skill, ...]) -> Iterator[Fault]:
    for number, skill in enumerate(skills):
        if not skill.code:
            yield spot.at(number, "code").fault("EMPTY", "", "the code of a skill")


def judge_sex(spot: Spot, sex: str) -> Iterator[Fault]:
    """Anything but F, M or nothing."""
    if sex not in SEXES:
        yield spot.fault("OUT_OF_RANGE", sex, "F, M or nothing")


def judge_needs(spot: Spot, needs: tuple[StaffNeed, ...]) -> Iterator[Fault]:
    """Counts below one, doubled roles and skills, unknown sexes."""
    for number, need in enumerate(needs):
        yield from judge_range(spot.at(number, "count"), need.count, 1)
        yield from judge_doubled(spot.at(number, "roles"), need.roles)
        yield from judge_doubled(spot.at(number, "skills"), need.skills)
        yield from judge_sex(spot.at(number, "sex"), need.sex)


def judge_vehicles(parts: Parts, known: Known) -> Iterator[Fault]:
    """Ids, modes without travel times, seats and bases."""
    ids = [vehicle.id for vehicle in parts.vehicles]
    yield from judge_ids("/vehicles", ids)
    for vehicle, spot in zip(parts.vehicles, spots_of("/vehicles", ids), strict=True):
        modes = ", ".join(sorted(known.modes)) or "none"
        yield from judge_known(spot.at("mode"), vehicle.mode, known.modes, f"a mode with travel times ({modes})")
        yield from judge_range(spot.at("seats"), vehicle.seats, 1)
        yield from judge_known(spot.at("base"), vehicle.base, known.starts, A_START)
        yield from judge_doubled(spot.at("tags"), vehicle.tags)


def judge_parameters(parameters: Parameters) -> Iterator[Fault]:
    """Percentages and limits."""
    spot = Spot("/parameters")
    for name in ("person_extra_percent", "household_extra_percent"):
        yield from judge_range(spot.at(name), getattr(parameters, name), 0, PERCENT)
    for name in ("setup_seconds", "max_overtime_seconds", "phone_seconds_per_half_day"):
        yield from judge_range(spot.at(name), getattr(parameters, name), 0, DAY_SECONDS)
    most = parameters.max_crew_members
    yield from judge_range(spot.at("max_crew_members"), most, 1)
    yield from judge_range(spot.at("min_home_crew_members"), parameters.min_home_crew_members, 1, max(1, most))
