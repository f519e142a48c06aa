"""Sessions are held when, where and for as many as they may be: holds, broken, repaired."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import Channel, DatedWindow, FollowUp, TimeWindow
from tests.builders import MONDAY, a_follow_up, a_session, a_session_stop, a_trip, an_option, clock
from tests.optimizer.check.trials import Trial, Week, outings, week

FASTING = (TimeWindow(clock(7), clock(9)),)


def attendee(number: int, minutes: int = 20, **overrides: Any) -> FollowUp:
    """A follow-up for the session at v1."""
    option = an_option(Channel.PATROL, minutes)
    return replace(a_follow_up(f"f{number}", channels=(option,), patrol_sites=("v1",)), **overrides)


def held(*items: FollowUp, **session: Any) -> Week:
    """The session from 08:10 to 11:10 by gp1 and nurse1 with these attendees."""
    trip = a_trip(a_session_stop(*(item.id for item in items)))
    return week(*items, sessions=(a_session(**session),)), outings(trip)


def held_at(hour: int, minute: int = 0, **overrides: Any) -> Week:
    """The session begun at this time."""
    trip = a_trip(a_session_stop(start=clock(hour, minute)), start=clock(hour, minute) - 600, **overrides)
    return week(sessions=(a_session(half_days=(0, 3)),)), outings(trip)


def two(half_day: int, site: str = "v1", **session: Any) -> Week:
    """Two sessions: s1 at v1 on Monday morning by team t1, s2 on a half-day by team t2."""
    first = a_trip(a_session_stop())
    second = a_trip(
        a_session_stop(session="s2", site=site, start=clock(13, 50) if half_day % 2 else 0),
        id="c2",
        half_days=(half_day,),
        members=("gp2", "nurse2"),
        team="t2",
        vehicle="car2",
        start=clock(13, 30) if half_day % 2 else clock(8),
    )
    problem = week(sessions=(a_session(**session), a_session("s2", site=site, **session)))
    return problem, outings(first, second)


COUPLE = (attendee(1, 150, resident="r"), attendee(2, 100, resident="r"), attendee(3, 150))
THREE = (attendee(1), attendee(2), attendee(3))
AT_V2 = attendee(1, patrol_sites=("v2",))
FASTING_80 = (attendee(1, 80, time_windows=FASTING), attendee(2, 60))
FASTING_101 = (attendee(1, 101, time_windows=FASTING), attendee(2, 60))
GONE_BY_NINE = (attendee(1, 101, resident_windows=(DatedWindow(MONDAY, clock(8), clock(9)),)),)
GONE_BY_TEN = (attendee(1, 101, resident_windows=(DatedWindow(MONDAY, clock(8), clock(10)),)),)

TRIALS = [
    Trial(
        "CAPACITY",
        held(*COUPLE),
        held(*COUPLE, attendee(4, 1)),
        held(*COUPLE, attendee(4, 1), net_seconds_per_member=10_230),
        "20400 person-seconds, found 20460",
    ),
    Trial(
        "CAPACITY",
        held(*FASTING_80),
        held(*FASTING_101),
        held(replace(FASTING_101[0], time_windows=()), FASTING_101[1]),
        "at most 6000 person-seconds until 09:00, found 6060",
    ),
    Trial(
        "CAPACITY",
        held(*GONE_BY_TEN),
        held(*GONE_BY_NINE),
        held(attendee(1, 100, resident_windows=GONE_BY_NINE[0].resident_windows)),
        "until 09:00",
    ),
    Trial(
        "CAPACITY",
        held(attendee(1, 80, time_windows=(TimeWindow(clock(8, 20), clock(9)),))),
        held(attendee(1, 81, time_windows=(TimeWindow(clock(8, 20), clock(9)),))),
        held(attendee(1, 81, time_windows=(TimeWindow(clock(8, 20), clock(9)), TimeWindow(clock(10), clock(12))))),
        "at most 4800 person-seconds until 09:00, found 4860",
    ),
    Trial(
        "CONTACTS",
        held(*THREE, max_contacts=3),
        held(*THREE, max_contacts=2),
        held(*(replace(one, resident="r") for one in THREE), max_contacts=1),
        "at most 2, found 3",
    ),
    Trial(
        "SESSION_HALF_DAY",
        held(half_days=(0, 1)),
        held(half_days=(1, 2)),
        held(half_days=(0,)),
        "session s1: expected 1, 2, found half-day 0",
    ),
    Trial(
        "SESSION_TIME",
        held_at(9),
        held_at(9, 1),
        held_at(14, half_days=(3,)),
        "all of it in 08:00-12:00, found 09:01-12:01",
    ),
    Trial(
        "SESSION_SITE",
        held(attendee(1)),
        held(AT_V2),
        held(attendee(1, patrol_sites=("v2", "v1"))),
        "follow-up f1: expected v2, found v1",
    ),
    Trial("SESSION_SITE", held(), held(site="v2"), held(), "session s1: expected v2, found v1"),
    Trial("SESSION_CLASH", two(0, "v2"), two(0), two(3), "site v1, half-day 0: expected one session, found s1, s2"),
    Trial(
        "SESSION_SPACING",
        two(3, series="a"),
        two(1, series="a"),
        two(1),
        "series a, 2026-11-23: expected one session a day",
    ),
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_a_rule_holds_is_broken_and_is_repaired(trial: Trial) -> None:
    trial.judge()
