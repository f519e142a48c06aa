"""Everything is accounted for once, by an allowed channel, on an allowed date and time: holds, broken, repaired."""

from dataclasses import replace

import pytest

from optimizer.check import check
from optimizer.model import Channel, DatedWindow, HomeMedicalGate, Joint, ServiceClass, TimeWindow
from optimizer.plan import Left, PhoneCall, Plan
from tests.builders import (
    MONDAY,
    a_follow_up,
    a_home_stop,
    a_joint_pair,
    a_plan,
    a_problem,
    a_session,
    a_session_stop,
    a_trip,
    an_option,
    clock,
    week_day,
)
from tests.optimizer.check.trials import Trial, left, outings, week

HOME = a_follow_up("f1")
VISIT = outings(a_trip(a_home_stop("f1")))
LATE_VISIT = outings(a_trip(a_home_stop("f1", start=clock(10))))
CALL = Plan(phone_calls=(PhoneCall("f1", "nurse2", 0),))
HELD = outings(a_trip(a_session_stop()))
BY_PHONE = replace(HOME, channels=(*HOME.channels, an_option(Channel.PHONE)))
MORNING_ONLY = replace(HOME, time_windows=(TimeWindow(clock(8), clock(9)),))
THERE_EARLY = replace(HOME, resident_windows=(DatedWindow(MONDAY, clock(8), clock(9)),))
BY_NINE = replace(HOME, latest=MONDAY, due=MONDAY, deadline_seconds=clock(9))
MEDICAL = replace(HOME, service_class=ServiceClass.HOME_MEDICAL, gate=HomeMedicalGate(True, True, True))
NO_CARER = replace(MEDICAL, gate=HomeMedicalGate(True, True, False))
TUESDAY_ON = replace(HOME, earliest=week_day(1))
HARD_MONDAY = replace(HOME, due=MONDAY, latest=MONDAY, hard_end=True)
TUESDAY_VISIT = outings(a_trip(a_home_stop("f1"), half_days=(2,)))
OPEN_LATER = replace(HOME, latest=week_day(5))

TRIALS = [
    Trial(
        "ONCE", (week(HOME), VISIT), (week(HOME), replace(VISIT, unplanned=left("f1"))), (week(HOME), VISIT), "home 1"
    ),
    Trial("ONCE", (week(HOME), VISIT), (week(HOME), Plan()), (week(HOME), Plan(unplanned=left("f1"))), "found nothing"),
    Trial(
        "ONCE",
        (week(sessions=(a_session(),)), HELD),
        (week(sessions=(a_session(),)), Plan()),
        (week(sessions=(a_session(),)), Plan(sessions_not_held=left("s1"))),
        "session s1: expected exactly once, found held 0 times",
    ),
    Trial(
        "CHANNEL",
        (week(HOME), VISIT),
        (week(HOME), CALL),
        (week(BY_PHONE), CALL),
        "follow-up f1: expected home, found phone",
    ),
    Trial(
        "WINDOW",
        (week(HOME), VISIT),
        (week(TUESDAY_ON), VISIT),
        (week(TUESDAY_ON), TUESDAY_VISIT),
        "from 2026-11-24",
    ),
    Trial(
        "WINDOW",
        (week(HARD_MONDAY), VISIT),
        (week(HARD_MONDAY), TUESDAY_VISIT),
        (week(replace(HARD_MONDAY, hard_end=False)), TUESDAY_VISIT),
        "to 2026-11-23, found 2026-11-24",
    ),
    Trial(
        "CLOCK",
        (week(BY_NINE), VISIT),
        (week(BY_NINE), LATE_VISIT),
        (week(replace(BY_NINE, deadline_seconds=clock(10))), LATE_VISIT),
        "start by 09:00 on 2026-11-23, found 10:00",
    ),
    Trial(
        "TIME_WINDOW",
        (week(MORNING_ONLY), VISIT),
        (week(MORNING_ONLY), LATE_VISIT),
        (week(replace(MORNING_ONLY, time_windows=(TimeWindow(clock(8), clock(9), clock(10)),))), LATE_VISIT),
        "08:00-09:00, found 10:00-10:30",
    ),
    Trial(
        "RESIDENT_WINDOW",
        (week(THERE_EARLY), VISIT),
        (week(THERE_EARLY), LATE_VISIT),
        (
            week(
                replace(
                    THERE_EARLY, resident_windows=(*THERE_EARLY.resident_windows, DatedWindow(MONDAY, 36000, 40000))
                )
            ),
            LATE_VISIT,
        ),
        "08:00-09:00",
    ),
    Trial(
        "HOME_MEDICAL",
        (week(MEDICAL), VISIT),
        (week(NO_CARER), VISIT),
        (week(NO_CARER), Plan(unplanned=left("f1"))),
        "found assessment, consent",
    ),
    Trial(
        "LEFT_CLASS",
        (week(HOME), Plan(unplanned=left("f1"))),
        (week(OPEN_LATER), Plan(unplanned=left("f1"))),
        (week(OPEN_LATER), Plan(deferred=left("f1"))),
        "expected listed as deferred",
    ),
    Trial(
        "LEFT_CLASS",
        (week(HOME), Plan(unplanned=left("f1"))),
        (week(HOME), Plan(unplanned=(Left("f1", ()),))),
        (week(HOME), VISIT),
        "expected at least one reason code",
    ),
    Trial(
        "SESSION_REQUIRED",
        (week(sessions=(a_session(is_law=True),)), HELD),
        (week(sessions=(a_session(is_law=True),)), Plan(sessions_not_held=left("s1"))),
        (week(sessions=(a_session(),)), Plan(sessions_not_held=left("s1"))),
        "expected held, found not held",
    ),
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_a_rule_holds_is_broken_and_is_repaired(trial: Trial) -> None:
    trial.judge()


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [(clock(7), clock(8, 9), False), (clock(7), clock(8, 10), True), (clock(11, 10), clock(12), False)],
)
def test_an_attendee_needs_a_time_of_day_that_overlaps_the_session(start: int, end: int, fits: bool) -> None:
    item = a_follow_up(
        "f1", channels=(an_option(Channel.PATROL, 0),), patrol_sites=("v1",), time_windows=(TimeWindow(start, end),)
    )
    item = replace(item, channels=(an_option(Channel.PATROL, 1),))
    verdict = check(week(item, sessions=(a_session(),)), outings(a_trip(a_session_stop("f1"))))
    assert ("TIME_WINDOW" in {violation.rule for violation in verdict.violations}) is not fits


def test_a_joint_visit_listed_by_three_crews_is_not_once() -> None:
    pair = a_joint_pair()
    third = replace(pair[0], id="c9", half_days=(4,))
    item = a_follow_up("joint1", site="h3", channels=(an_option(minutes=30),), joint=Joint())
    rules = {violation.rule for violation in check(week(item), outings(*pair, third)).violations}
    assert rules == {"ONCE", "JOINT"}


def test_a_phone_call_is_not_bound_to_the_clock() -> None:
    item = replace(BY_NINE, channels=(an_option(Channel.PHONE),))
    assert check(week(item), Plan(phone_calls=(PhoneCall("f1", "nurse2", 1),))).is_feasible


def test_the_hand_made_plan_breaks_nothing() -> None:
    assert check(a_problem(), a_plan()).violations == ()
