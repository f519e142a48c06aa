"""Faults of days, sites, travel times, teams, members, vehicles and parameters."""

from dataclasses import replace

import pytest

from optimizer.model import (
    Parameters,
    Skill,
)
from tests.builders import (
    a_day,
    a_member,
    a_site,
    a_team,
    a_vehicle,
    some_sites,
    travel_of,
)
from tests.optimizer.validation.faulty import Planted, assert_named, day, matrix, member, session

HOUSE = a_team(base="h1")

FAULTS: list[Planted] = [
    ("EMPTY", "/days", "nothing", "at least one day", {"days": (), "follow_ups": (), "sessions": (), "members": ()}),
    (
        "NOT_CONSECUTIVE",
        "/days/1/date (2026-11-25)",
        "2026-11-25",
        "2026-11-24",
        {"days": (a_day(0), a_day(2)), **session(half_days=(0,)), **member(field_half_days=())},
    ),
    (
        "NOT_CONSECUTIVE",
        "/days/1/date (2026-11-23)",
        "2026-11-23",
        "2026-11-24",
        {"days": (a_day(0), a_day(0)), **session(half_days=(0,)), **member(field_half_days=())},
    ),
    (
        "ORDER",
        "/days/0/morning_end_seconds (2026-11-23)",
        "28800",
        "morning_start_seconds 28800 before",
        {**day(morning_end_seconds=28_800), **session(half_days=(2,))},
    ),
    (
        "ORDER",
        "/days/0/afternoon_start_seconds (2026-11-23)",
        "39600",
        "morning_end_seconds 43200 not after",
        day(afternoon_start_seconds=39_600),
    ),
    (
        "ORDER",
        "/days/0/lunch_latest_seconds (2026-11-23)",
        "36000",
        "lunch_earliest_seconds 41400",
        day(lunch_latest_seconds=36_000),
    ),
    ("OUT_OF_RANGE", "/days/0/lunch_seconds (2026-11-23)", "-1", "0 to 86400", day(lunch_seconds=-1)),
    ("DUPLICATE_ID", "/teams/1/id (t1)", "t1", "/teams/0", {"teams": (a_team("t1"), a_team("t1"), a_team("t2"))}),
    ("DUPLICATE_ID", "/members/1/id (gp1)", "gp1", "/members/0", {"members": (a_member(), a_member())}),
    ("DUPLICATE_ID", "/vehicles/1/id (car1)", "car1", "/vehicles/0", {"vehicles": (a_vehicle(), a_vehicle())}),
    (
        "DUPLICATE_ID",
        "/sites/6/id (v1)",
        "v1",
        "/sites/1",
        {"sites": (*some_sites(), a_site("v1")), "minutes": range(7)},
    ),
    (
        "UNKNOWN_REFERENCE",
        "/sites/6/village (v3)",
        "v9",
        "the id of a site",
        {"sites": (*some_sites(), a_site("v3", village="v9")), "minutes": range(7)},
    ),
    (
        "OUT_OF_RANGE",
        "/sites/6/latitude (v3)",
        "118.8",
        "-90 to 90 degrees",
        {"sites": (*some_sites(), a_site("v3", latitude=118.8)), "minutes": range(7)},
    ),
    (
        "OUT_OF_RANGE",
        "/sites/6/longitude (v3)",
        "nan",
        "-180 to 180 degrees",
        {"sites": (*some_sites(), a_site("v3", longitude=float("nan"))), "minutes": range(7)},
    ),
    (
        "OUT_OF_RANGE",
        "/teams/1/level (t3)",
        "4",
        "1 to 3",
        {"teams": (a_team("t1"), a_team("t3", level=4), a_team("t2"))},
    ),
    (
        "UNKNOWN_REFERENCE",
        "/teams/1/base (t3)",
        "h1",
        "that is not a household",
        {"teams": (a_team("t1"), replace(HOUSE, id="t3"), a_team("t2"))},
    ),
    ("UNKNOWN_REFERENCE", "/members/0/team (gp1)", "t11", "did you mean t1?", member(team="t11")),
    ("UNKNOWN_REFERENCE", "/members/0/base (gp1)", "bass", "did you mean base?", member(base="bass")),
    ("EMPTY", "/members/0/role (gp1)", "nothing", "a role", member(role="")),
    ("OUT_OF_RANGE", "/members/0/sex (gp1)", "X", "F, M or nothing", member(sex="X")),
    ("OUT_OF_RANGE", "/members/0/field_half_days/1 (gp1)", "10", "from 0 to 9", member(field_half_days=(9, 10))),
    ("OUT_OF_RANGE", "/members/0/desk_half_days/0 (gp1)", "-1", "from 0 to 9", member(desk_half_days=(-1,))),
    ("DOUBLED", "/members/0/field_half_days (gp1)", "3", "each once", member(field_half_days=(3, 4, 3))),
    ("DOUBLED", "/members/0/skills (gp1)", "SMD None", "each once", member(skills=(Skill("SMD"), Skill("SMD")))),
    ("EMPTY", "/members/0/skills/0/code (gp1)", "nothing", "the code of a skill", member(skills=(Skill(""),))),
    ("OUT_OF_RANGE", "/members/0/max_field_seconds_day (gp1)", "-5", "0 to 86400", member(max_field_seconds_day=-5)),
    ("OUT_OF_RANGE", "/members/0/max_half_days (gp1)", "-1", "at least 0", member(max_half_days=-1)),
    ("OUT_OF_RANGE", "/members/0/fair_half_days (gp1)", "-1", "at least 0", member(fair_half_days=-1)),
    (
        "UNKNOWN_REFERENCE",
        "/vehicles/0/mode (car1)",
        "boat",
        "a mode with travel times (car, ebike)",
        {"vehicles": (a_vehicle(mode="boat"),)},
    ),
    ("OUT_OF_RANGE", "/vehicles/0/seats (car1)", "0", "at least 1", {"vehicles": (a_vehicle(seats=0),)}),
    (
        "UNKNOWN_REFERENCE",
        "/vehicles/0/base (car1)",
        "depot",
        "the id of a site",
        {"vehicles": (a_vehicle(base="depot"),)},
    ),
    (
        "MATRIX_SHAPE",
        "/travel/modes/car/seconds (car)",
        "5 x 5",
        "6 x 6",
        {"travel": travel_of(range(5), modes=("car",))},
    ),
    (
        "MATRIX_VALUE",
        "/travel/modes/car/seconds/0/1 (car)",
        "-60 from base to v1, 1 such",
        "at least 0",
        matrix([[0, -60], [60, 0]]),
    ),
    (
        "MATRIX_VALUE",
        "/travel/modes/car/seconds/1/0 (car)",
        "86401 from v1 to base",
        "at most 86400",
        matrix([[0, 60], [86_401, 0]]),
    ),
    (
        "MATRIX_VALUE",
        "/travel/modes/car/seconds/0/0 (car)",
        "5 from base to base",
        "from a site to itself",
        matrix([[5, 60], [60, 0]]),
    ),
    (
        "MATRIX_VALUE",
        "/travel/modes/car/metres/0/1 (car)",
        "-3",
        "at least 0",
        matrix([[0, 0], [0, 0]], [[0, -3], [0, 0]]),
    ),
    ("MATRIX_SHAPE", "/travel/modes/car/metres (car)", "1 x 2", "2 x 2", matrix([[0, 0], [0, 0]], [[0, 1]])),
    ("OUT_OF_RANGE", "/travel/snow_percent", "99", "100 to 1000", {"travel": travel_of(range(6), snow_percent=99)}),
    (
        "OUT_OF_RANGE",
        "/parameters/person_extra_percent",
        "101",
        "0 to 100",
        {"parameters": Parameters(person_extra_percent=101)},
    ),
    (
        "OUT_OF_RANGE",
        "/parameters/household_extra_percent",
        "-1",
        "0 to 100",
        {"parameters": Parameters(household_extra_percent=-1)},
    ),
    ("OUT_OF_RANGE", "/parameters/setup_seconds", "-1", "0 to 86400", {"parameters": Parameters(setup_seconds=-1)}),
    ("OUT_OF_RANGE", "/parameters/max_crew_members", "0", "at least 1", {"parameters": Parameters(max_crew_members=0)}),
    (
        "OUT_OF_RANGE",
        "/parameters/min_home_crew_members",
        "4",
        "1 to 3",
        {"parameters": Parameters(min_home_crew_members=4)},
    ),
]


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted[1].partition(" ")[0])
def test_a_fault_is_named_with_found_and_expected(planted: Planted) -> None:
    assert_named(planted)
