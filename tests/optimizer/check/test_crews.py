"""Who goes out with what: holds, broken, repaired."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import Parameters, Skill, StaffNeed
from tests.builders import (
    GP,
    MONDAY,
    a_day,
    a_follow_up,
    a_home_stop,
    a_member,
    a_session,
    a_session_stop,
    a_site,
    a_trip,
    a_vehicle,
    a_week,
    an_option,
    clock,
    some_members,
    some_sites,
    week_day,
)
from tests.optimizer.check.trials import Trial, Week, outings, week

HOME = a_follow_up("f1")
STOP = a_home_stop("f1")
VISIT = outings(a_trip(STOP))
ALONE = outings(a_trip(STOP, members=("gp1",)))
THREE = outings(a_trip(STOP, members=("gp1", "nurse1", "nurse2")))
SESSION_STOP = a_session_stop()
SNOWY = (replace(a_day(), snow=True), *a_week()[1:])


def with_member(name: str, **overrides: Any) -> dict[str, Any]:
    """The usual members with one changed."""
    return {
        "members": tuple(replace(member, **overrides) if member.id == name else member for member in some_members())
    }


def needing(*needs: StaffNeed, head_count: int = 1) -> Week:
    """A home visit of gp1 and nurse1 that needs this staff."""
    return week(a_follow_up("f1", channels=(an_option(needs=needs, head_count=head_count),))), VISIT


def of_two_visits(**overrides: Any) -> Week:
    """Two outings of gp1 in one week: Monday morning and Tuesday morning."""
    items = (a_follow_up("f1"), a_follow_up("f2"))
    trips = (a_trip(STOP), a_trip(a_home_stop("f2"), id="c2", half_days=(2,), vehicle="car2"))
    return week(*items, **with_member("gp1", **overrides)), outings(*trips)


def beside(**overrides: Any) -> Week:
    """A second crew of the other team on the same half-day."""
    second = a_trip(a_home_stop("f2"), id="c2", members=("gp2", "nurse2"), team="t2", vehicle="car2")
    return week(a_follow_up("f1"), a_follow_up("f2")), outings(
        a_trip(STOP),
        replace(second, **overrides),
    )


def with_kit(tag: str, **vehicle: Any) -> Week:
    """A session that wants equipment on board of car1."""
    cars = (a_vehicle("car1", **vehicle), a_vehicle("car2"))
    return week(sessions=(a_session(vehicle_tag=tag),), vehicles=cars), outings(a_trip(SESSION_STOP))


TRIED = Skill("SMD", week_day(-1))
VALID = Skill("SMD", MONDAY)
SMD = StaffNeed(skills=("SMD",))
WITH_SMD = week(a_follow_up("f1", channels=(an_option(needs=(SMD,)),)), **with_member("nurse1", skills=(VALID,)))
EXPIRED_SMD = week(a_follow_up("f1", channels=(an_option(needs=(SMD,)),)), **with_member("nurse1", skills=(TRIED,)))
OTHER_BASE = (*some_sites(), a_site("base2"))
SLOW_VISIT = outings(replace(VISIT.crews[0], stops=(a_home_stop("f1", start=clock(8, 30)),), end_seconds=clock(9, 21)))
FIELD_SECONDS = 24 * 60 + 1800  # 12 minutes there and back, set-up and visit

TRIALS = [
    Trial(
        "STAFF", needing(GP), needing(replace(GP, count=2)), needing(replace(GP, roles=("GP", "NURSE"), count=2)), "2"
    ),
    Trial("STAFF", (WITH_SMD, VISIT), (EXPIRED_SMD, VISIT), (WITH_SMD, VISIT), "with SMD valid"),
    Trial(
        "STAFF",
        needing(StaffNeed(roles=("NURSE",), sex="F")),
        needing(StaffNeed(roles=("GP",), sex="F")),
        needing(StaffNeed(sex="F")),
        "of role GP, sex F",
    ),
    Trial(
        "HEAD_COUNT", needing(head_count=2), needing(head_count=3), needing(head_count=1), "at least 3 members, found 2"
    ),
    Trial(
        "MEMBER_AVAILABLE",
        (week(HOME), VISIT),
        (week(HOME, **with_member("nurse1", field_half_days=(1, 2))), VISIT),
        (week(HOME, **with_member("nurse1", field_half_days=(0, 2))), VISIT),
        "member nurse1, crew c1: expected half-days 1, 2, found 0",
    ),
    Trial(
        "MEMBER_AVAILABLE",
        (week(HOME), VISIT),
        (week(HOME, days=(a_day(closed_morning=True), *a_week()[1:])), VISIT),
        (week(HOME, days=(a_day(closed_afternoon=True), *a_week()[1:])), VISIT),
        "a working half-day, found half-day 0",
    ),
    Trial(
        "MEMBER_ONCE",
        beside(),
        beside(members=("gp2", "nurse1")),
        beside(members=("gp2",)),
        "member nurse1, half-day 0: expected one crew, found c1, c2",
    ),
    Trial(
        "MEMBER_ONCE",
        (week(HOME), VISIT),
        (week(HOME), outings(a_trip(STOP, members=("gp1", "gp1")))),
        (week(HOME), ALONE),
        "found c1, c1",
    ),
    Trial(
        "MEMBER_FIELD_TIME",
        (week(HOME, **with_member("gp1", max_field_seconds_day=FIELD_SECONDS)), VISIT),
        (week(HOME, **with_member("gp1", max_field_seconds_day=FIELD_SECONDS - 1)), VISIT),
        (week(HOME, **with_member("gp2", max_field_seconds_day=FIELD_SECONDS - 1)), VISIT),
        f"at most {FIELD_SECONDS - 1} seconds in the field, found {FIELD_SECONDS}",
    ),
    Trial(
        "MEMBER_HALF_DAYS",
        of_two_visits(max_half_days=2),
        of_two_visits(max_half_days=1),
        of_two_visits(),
        "at most 1 half-days, found 2",
    ),
    Trial(
        "CREW_SIZE",
        (week(HOME), THREE),
        (week(HOME, parameters=Parameters(max_crew_members=2)), THREE),
        (week(HOME, parameters=Parameters(max_crew_members=2)), VISIT),
        "1 to 2 members, found 3",
    ),
    Trial(
        "CREW_SIZE",
        (week(HOME), ALONE),
        (week(HOME, parameters=Parameters(min_home_crew_members=2)), ALONE),
        (week(HOME, parameters=Parameters(min_home_crew_members=2)), VISIT),
        "2 to 3 members, found 1",
    ),
    Trial("CREW_TEAM", beside(), beside(team="t1"), beside(team="t2"), "crew c2: expected t2, found t1"),
    Trial(
        "BASE",
        (week(HOME), VISIT),
        (
            week(HOME, sites=OTHER_BASE, minutes=(0, 10, 12, 14, 20, 22, 0), **with_member("nurse1", base="base2")),
            VISIT,
        ),
        (
            week(HOME, sites=OTHER_BASE, minutes=(0, 10, 12, 14, 20, 22, 0), **with_member("nurse2", base="base2")),
            VISIT,
        ),
        "member nurse1, crew c1: expected base, found base2",
    ),
    Trial("VEHICLE_ONCE", beside(), beside(vehicle="car1"), beside(vehicle="car2"), "vehicle car1, half-day 0"),
    Trial(
        "SEATS",
        (week(HOME), VISIT),
        (week(HOME, vehicles=(a_vehicle("car1", seats=1),)), VISIT),
        (week(HOME, vehicles=(a_vehicle("car1", seats=1),)), ALONE),
        "at most 1 seats of car1, found 2",
    ),
    Trial(
        "DRIVER",
        (week(HOME), VISIT),
        (week(HOME, **with_member("gp1", drives=("ebike",))), VISIT),
        (week(HOME, **with_member("nurse1", drives=("car",))), VISIT),
        "a member who drives car, found gp1, nurse1",
    ),
    Trial(
        "SNOW",
        (week(HOME, vehicles=(a_vehicle("car1", snow_ok=False),)), VISIT),
        (week(HOME, days=SNOWY, vehicles=(a_vehicle("car1", snow_ok=False),)), SLOW_VISIT),
        (week(HOME, days=SNOWY), SLOW_VISIT),
        "fit for snow, found car1",
    ),
    Trial(
        "VEHICLE_TAG",
        with_kit("kit", tags=("kit",)),
        with_kit("kit", tags=("other",)),
        with_kit(""),
        "expected kit, found other",
    ),
    Trial(
        "SESSION_STAFF",
        (week(sessions=(a_session(),)), outings(a_trip(SESSION_STOP))),
        (week(sessions=(a_session(),)), outings(a_trip(SESSION_STOP, members=("gp1",)))),
        (week(sessions=(a_session(min_members=1),)), outings(a_trip(SESSION_STOP, members=("gp1",)))),
        "2-3 members, found 1",
    ),
    Trial(
        "SESSION_STAFF",
        (week(sessions=(a_session(),)), outings(a_trip(SESSION_STOP))),
        (week(sessions=(a_session(needs=(StaffNeed(roles=("PH",)),)),)), outings(a_trip(SESSION_STOP))),
        (
            week(
                sessions=(a_session(needs=(StaffNeed(roles=("PH",)),)),),
                members=(a_member(), a_member("nurse1", role="PH")),
            ),
            outings(a_trip(SESSION_STOP)),
        ),
        "at least 1 of role PH",
    ),
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_a_rule_holds_is_broken_and_is_repaired(trial: Trial) -> None:
    trial.judge()


def test_a_session_may_be_larger_than_a_home_crew() -> None:
    limits = Parameters(max_crew_members=2)
    three = outings(a_trip(SESSION_STOP, members=("gp1", "nurse1", "nurse2")))
    Trial(
        "SESSION_STAFF",
        (week(sessions=(a_session(),), parameters=limits), three),
        (week(sessions=(a_session(max_members=2),), parameters=limits), three),
        (week(sessions=(a_session(max_members=2),), parameters=limits), outings(a_trip(SESSION_STOP))),
        "2-2 members, found 3",
    ).judge()
