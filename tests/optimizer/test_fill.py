"""Free session minutes and desk time are used up, and no more than that."""

from dataclasses import replace
from typing import Any

from optimizer.bundle import units_of
from optimizer.duties import Duty, HeldSession, Roster, RoutedDuty, RoutedStop, Routing
from optimizer.fill import fill_calls, fill_sessions, open_sessions
from optimizer.model import Channel, FollowUp, Pin, StaffNeed, TimeWindow
from optimizer.problem import Problem
from tests.builders import GP, NURSE, a_follow_up, a_member, a_problem, a_session, an_option, clock, week_day

MORNING = TimeWindow(clock(7), clock(9, 30))


def a_patient(name: str, minutes: int = 10, **overrides: Any) -> FollowUp:
    """A follow-up that can only be seen at the session of v1."""
    needs = overrides.pop("needs", ())
    option = an_option(Channel.PATROL, minutes, needs=needs)
    return a_follow_up(name, channels=(option,), patrol_sites=("v1",), **overrides)


def filled(
    problem: Problem, expected: tuple[int, ...] = (), members: tuple[int, ...] = (0, 1)
) -> tuple[list[int], set[int]]:
    """Attendees of the one session, held Monday from 08:10, and who stays unserved."""
    units = units_of(problem)
    roster = Roster((Duty((0,), members, 0, 0, (HeldSession(0, 0, expected),)),))
    stop = RoutedStop(-1, 0, clock(8, 10), clock(8, 10), clock(11, 10))
    held = open_sessions(problem, roster, Routing((RoutedDuty((stop,), clock(8), clock(11, 20)),), 0))
    unserved = set(range(len(units))) - set(expected)
    return sorted(fill_sessions(problem, units, held, unserved)[0]), unserved


def test_the_dearest_join_until_the_minutes_are_used() -> None:
    patients = (a_patient("a", 170), a_patient("b", 170, priority=1), a_patient("c", 170, priority=0))
    assert filled(a_problem(follow_ups=patients)) == ([1, 2], {0})


def test_heads_are_limited() -> None:
    patients = tuple(a_patient(name) for name in "abc")
    problem = a_problem(follow_ups=patients, sessions=(a_session(max_contacts=2),))
    assert filled(problem) == ([0, 1], {2})


def test_fasting_patients_join_only_as_far_as_the_morning_reaches() -> None:
    patients = tuple(a_patient(name, 80, time_windows=(MORNING,)) for name in "abc")
    assert filled(a_problem(follow_ups=patients)) == ([0, 1], {2})


def test_staff_must_be_there() -> None:
    patients = (a_patient("a", needs=(NURSE,)), a_patient("b", needs=(StaffNeed(skills=("TB",)),)))
    assert filled(a_problem(follow_ups=patients)) == ([0], {1})


def test_those_whom_the_session_cannot_take_after_all_are_put_back() -> None:
    patients = (a_patient("a", needs=(StaffNeed(skills=("TB",)),), priority=0), a_patient("b"))
    assert filled(a_problem(follow_ups=patients), expected=(0, 1)) == ([1], {0})


def test_somebody_who_may_be_seen_on_another_day_only_does_not_join() -> None:
    assert filled(a_problem(follow_ups=(a_patient("a", earliest=week_day(1)),))) == ([], {0})


def test_whom_a_pin_names_must_be_there() -> None:
    patients = (a_patient("a"), a_patient("b"))
    pins = (Pin("a", members=("gp1",)), Pin("b", members=("gp2",)))
    assert filled(a_problem(follow_ups=patients, pins=pins)) == ([0], {1})


def test_somebody_of_another_village_does_not_join() -> None:
    problem = a_problem(follow_ups=(a_patient("a"), replace(a_patient("b"), patrol_sites=("v2",))))
    assert filled(problem) == ([0], {1})


def test_calls_are_made_by_somebody_who_has_time() -> None:
    phone = an_option(Channel.PHONE, 40, needs=(GP,))
    callers = (a_member("gp1", field_half_days=(0,), desk_half_days=(1,)), a_member("n", role="NURSE"))
    items = tuple(a_follow_up(name, channels=(phone,), priority=p) for name, p in (("a", 2), ("b", 1), ("c", 2)))
    problem = a_problem(follow_ups=items, members=callers, sessions=())
    units = units_of(problem)
    unserved = {0, 1, 2}
    out = (Duty((0,), (0,), 0, 0),)
    calls = fill_calls(problem, units, Roster(), out, unserved)
    assert [(call.unit, call.member, call.half_day) for call in calls] == [(1, 0, 1)]
    assert unserved == {0, 2}
