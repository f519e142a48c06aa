"""The clock adds up along a route: holds, broken, repaired."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.check import check
from optimizer.model import FollowUp, OrderClass, Parameters
from optimizer.plan import Crew, Lunch, Stop
from tests.builders import (
    a_crew,
    a_day,
    a_follow_up,
    a_home_stop,
    a_session,
    a_session_stop,
    a_trip,
    a_vehicle,
    a_week,
    an_option,
    clock,
    travel_of,
)
from tests.optimizer.check.trials import Trial, Week, outings, week

HOME = a_follow_up("f1")
TRIP = a_trip(a_home_stop("f1"))
MINUTE = 60


def moved(crew: Crew, **overrides: Any) -> Crew:
    """The crew with other times at its only stop."""
    return replace(crew, stops=(replace(crew.stops[0], **overrides),))


def trip(crew: Crew, **parts: Any) -> Week:
    """The one home visit by this crew."""
    return week(HOME, **parts), outings(crew)


def all_day(**overrides: Any) -> Week:
    """The session with nobody and home1 after lunch, back at 13:12."""
    crew = a_crew(**overrides)
    stops = tuple(replace(stop, follow_ups=() if stop.session else stop.follow_ups) for stop in crew.stops)
    return week(a_follow_up("home1"), sessions=(a_session(),)), outings(replace(crew, stops=stops))


def together(*items: FollowUp, minutes: float = 30, **parameters: Any) -> Week:
    """Follow-ups at one stop that takes so many minutes."""
    names = [item.id for item in items]
    stop = a_home_stop(*names, minutes=0)
    stop = replace(stop, end_seconds=round(minutes * MINUTE))
    return week(*items, parameters=Parameters(**parameters)), outings(a_trip(stop))


def in_order(*classes: OrderClass, strict: bool = False, session_last: bool = False) -> Week:
    """Home visits of these classes one after the other, then perhaps the session."""
    items = [a_follow_up(f"f{number}", order_class=one) for number, one in enumerate(classes)]
    stops: list[Stop] = [a_home_stop(item.id, minutes=30) for item in items]
    sessions = (a_session(duration_seconds=1800),) if session_last else ()
    if session_last:
        stops.append(replace(a_session_stop(), end_seconds=1800))
    problem = week(*items, sessions=sessions, parameters=Parameters(strict_order_classes=strict))
    return problem, outings(a_trip(*stops))


CLEAN, GENERAL, INFECTIOUS = OrderClass.CLEAN, OrderClass.GENERAL, OrderClass.INFECTIOUS
SAME_PERSON = (a_follow_up("f1", resident="r", channels=(an_option(minutes=20),)), a_follow_up("f2", resident="r"))
COUPLE = (a_follow_up("f1", household="h"), a_follow_up("f2", household="h"))
STRANGERS = (a_follow_up("f1"), a_follow_up("f2"))
BACK = TRIP.end_seconds
LUNCH = Lunch(clock(11, 30), clock(12, 30))
EVENING = a_trip(a_home_stop("f1", start=clock(17)), half_days=(1,), start=clock(16))

TRIALS = [
    Trial(
        "TRAVEL_TIME",
        trip(TRIP),
        trip(moved(TRIP, arrival_seconds=clock(8, 11))),
        trip(replace(moved(TRIP, arrival_seconds=clock(8, 12)), start_seconds=clock(8))),
        "crew c1, stop 1: expected arrival at 08:12 or later (travel 720 s), found 08:11",
    ),
    Trial(
        "TRAVEL_TIME",
        trip(TRIP),
        trip(replace(TRIP, end_seconds=BACK - 1)),
        trip(replace(TRIP, end_seconds=BACK + 1)),
        "way back: expected arrival at 08:54",
    ),
    Trial(
        "TRAVEL_TIME",
        trip(TRIP),
        trip(moved(TRIP, arrival_seconds=clock(8, 13))),
        trip(replace(a_trip(a_home_stop("f1"), start=clock(8, 1)))),
        "a start at arrival 08:13 or later, found 08:12",
    ),
    Trial(
        "TRAVEL_TIME",
        trip(TRIP),
        (week(a_follow_up("f1", site="h2")), outings(TRIP)),
        (week(a_follow_up("f1", site="h2")), outings(a_trip(a_home_stop("f1", site="h2")))),
        "the site h2 of follow-up f1, found h1",
    ),
    Trial(
        "TRAVEL_TIME",
        trip(TRIP, vehicles=(a_vehicle("car1"),)),
        trip(TRIP, days=(a_day(snow=True), *a_week()[1:])),
        trip(TRIP, days=(a_day(snow=True), *a_week()[1:]), travel=travel_of((0, 10, 12, 14, 20, 22), snow_percent=100)),
        "arrival at 08:20:03 or later",
    ),
    Trial(
        "SERVICE_TIME",
        trip(TRIP),
        trip(replace(moved(TRIP, end_seconds=clock(8, 40)))),
        trip(TRIP),
        "1800 seconds, found 1680",
    ),
    Trial(
        "SERVICE_TIME",
        together(*SAME_PERSON, minutes=38),
        together(*SAME_PERSON),
        together(*COUPLE, minutes=42),
        "2280",
    ),
    Trial(
        "SERVICE_TIME",
        together(*SAME_PERSON, minutes=38),
        together(*STRANGERS, minutes=42),
        together(*COUPLE, minutes=42),
        "one household at a stop",
    ),
    Trial(
        "SERVICE_TIME",
        (week(sessions=(a_session(),)), outings(a_trip(a_session_stop()))),
        (week(sessions=(a_session(duration_seconds=10_799),)), outings(a_trip(a_session_stop()))),
        (
            week(sessions=(a_session(duration_seconds=10_799),)),
            outings(a_trip(replace(a_session_stop(), end_seconds=10_799))),
        ),
        "10799 seconds, found 10800",
    ),
    Trial(
        "WORKING_TIME",
        trip(TRIP),
        trip(a_trip(a_home_stop("f1"), start=clock(7, 59))),
        trip(
            a_trip(a_home_stop("f1"), start=clock(7, 59)), days=(a_day(morning_start_seconds=clock(7)), *a_week()[1:])
        ),
        "leaving at 08:00 or later, found 07:59",
    ),
    Trial(
        "WORKING_TIME",
        trip(EVENING),
        trip(EVENING, parameters=Parameters(max_overtime_seconds=11 * MINUTE)),
        trip(EVENING, parameters=Parameters(max_overtime_seconds=12 * MINUTE)),
        "back by 17:41, found 17:42",
    ),
    Trial(
        "WORKING_TIME",
        trip(a_trip(a_home_stop("f1", start=clock(11, 48))), parameters=Parameters(max_overtime_seconds=3600)),
        trip(a_trip(a_home_stop("f1", start=clock(11, 48, 1))), parameters=Parameters(max_overtime_seconds=3600)),
        trip(
            a_trip(a_home_stop("f1", start=clock(11, 48, 1))),
            parameters=Parameters(max_overtime_seconds=3600),
            days=(a_day(afternoon_start_seconds=clock(14)), *a_week()[1:]),
        ),
        "back by 12:30, found 12:30:01",
    ),
    Trial(
        "WORKING_TIME",
        trip(TRIP),
        trip(replace(TRIP, half_days=(1, 2))),
        trip(replace(TRIP, half_days=(0, 1))),
        "one half-day, or morning and afternoon of one day, found 1, 2",
    ),
    Trial("LUNCH", all_day(), all_day(lunch=None), all_day(lunch=LUNCH), "begun in 11:30-13:00, found nothing"),
    Trial(
        "LUNCH",
        all_day(),
        all_day(lunch=Lunch(clock(11, 30), clock(12, 29))),
        all_day(),
        "a lunch of 3600 s begun in 11:30-13:00, found 11:30-12:29",
    ),
    Trial("LUNCH", all_day(), all_day(lunch=Lunch(clock(11, 20), clock(12, 20))), all_day(), "found 11:20-12:20"),
    Trial("LUNCH", all_day(), all_day(lunch=Lunch(clock(12), clock(13))), all_day(), "lunch between two stops"),
    Trial(
        "LUNCH",
        trip(
            replace(a_trip(a_home_stop("f1", start=clock(12, 42)), half_days=(0, 1), start=clock(11, 30)), lunch=LUNCH)
        ),
        trip(
            replace(a_trip(a_home_stop("f1", start=clock(12, 41)), half_days=(0, 1), start=clock(11, 30)), lunch=LUNCH)
        ),
        trip(
            replace(a_trip(a_home_stop("f1", start=clock(12, 41)), half_days=(0, 1), start=clock(11, 29)), lunch=LUNCH)
        ),
        "4320 seconds for travel and lunch, found 4260",
    ),
    Trial(
        "ORDER_CLASS",
        in_order(GENERAL, CLEAN, INFECTIOUS),
        in_order(GENERAL, INFECTIOUS, CLEAN),
        in_order(INFECTIOUS, INFECTIOUS),
        "crew c1, stop 3: expected order infectious last, found f2 clean",
    ),
    Trial(
        "ORDER_CLASS",
        in_order(CLEAN, GENERAL, INFECTIOUS, strict=True),
        in_order(GENERAL, CLEAN, strict=True),
        in_order(GENERAL, CLEAN),
        "order clean, general, infectious",
    ),
    Trial(
        "ORDER_CLASS",
        in_order(GENERAL, session_last=True),
        in_order(INFECTIOUS, session_last=True),
        in_order(CLEAN, session_last=True, strict=True),
        "found s1",
    ),
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_a_rule_holds_is_broken_and_is_repaired(trial: Trial) -> None:
    trial.judge()


def test_a_whole_day_that_ends_before_the_latest_lunch_needs_none() -> None:
    assert check(*trip(replace(TRIP, half_days=(0, 1)))).is_feasible


def test_travel_is_judged_by_the_mode_of_the_crew_s_vehicle() -> None:
    """An e-bike takes twice as long, so the car's times are too short for it."""
    bikes = (a_vehicle("bike", mode="ebike", needs_driver=False),)
    assert {one.rule for one in check(*trip(replace(TRIP, vehicle="bike"), vehicles=bikes)).violations} == {
        "TRAVEL_TIME"
    }
