"""Who is seen at which session is decided together, inside the rules of every session."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.attendance import reseat
from optimizer.bundle import units_of
from optimizer.check import check
from optimizer.duties import Duty, HeldSession, Roster, RoutedDuty, RoutedStop, Routing
from optimizer.fill import OpenSession, fill_sessions, has_room, open_sessions
from optimizer.model import Channel, FollowUp, OrderClass, Pin, TimeWindow
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve
from optimizer.stop import Budget, Cancelled, never
from tests.builders import a_follow_up, a_problem, a_session, an_option, clock, week_day

MORNING = TimeWindow(clock(7), clock(9, 30))
SHORT = a_session(net_seconds_per_member=120 * 60)
"""A session with 240 minutes for its two members."""


def a_patient(name: str, minutes: int = 10, **overrides: Any) -> FollowUp:
    """A follow-up that can only be seen at the sessions of v1, and cannot wait."""
    day = week_day(4)
    values = {"due": day, "latest": day, "patrol_sites": ("v1",), **overrides}
    return a_follow_up(name, channels=(an_option(Channel.PATROL, minutes),), **values)


def seated(
    problem: Problem, expected: tuple[int, ...] = (), cancelled: Cancelled = never
) -> tuple[list[OpenSession], set[int]]:
    """The sessions of Monday and Tuesday, 08:10 to 11:10 with two members, and who stays unserved."""
    units = units_of(problem)
    stops = [RoutedStop(-1, n, clock(8, 10), clock(8, 10), clock(11, 10)) for n in range(len(problem.sessions))]
    duties = [Duty((2 * n,), (0, 1), 0, 0, (HeldSession(n, 2 * n, () if n else expected),)) for n in range(len(stops))]
    routes = tuple(RoutedDuty((stop,), clock(8), clock(11, 20)) for stop in stops)
    held = open_sessions(problem, Roster(tuple(duties)), Routing(routes, 0))
    unserved = set(range(len(units))) - set(expected)
    fill_sessions(problem, units, held, unserved)
    budget = Budget(iterations=4, cancelled=cancelled)
    reseat(problem, units, held, unserved, seed=1, budget=budget, workers=1)
    assert all(has_room(problem, units, one, one.attendees) for one in held)
    everybody = sorted([*unserved, *(number for one in held for number in one.attendees)])
    assert everybody == list(range(len(units)))
    return held, unserved


def attendees(problem: Problem, expected: tuple[int, ...] = (), cancelled: Cancelled = never) -> list[list[int]]:
    """Who is at every session in the end."""
    return [sorted(one.attendees) for one in seated(problem, expected, cancelled)[0]]


def test_two_who_cost_more_together_take_the_place_of_one() -> None:
    patients = (a_patient("a", 220), a_patient("b", 120), a_patient("c", 120))
    assert attendees(a_problem(follow_ups=patients, sessions=(SHORT,))) == [[1, 2]]


def test_one_who_costs_more_than_two_stays() -> None:
    patients = (a_patient("a", 220, priority=0), a_patient("b", 120), a_patient("c", 120))
    assert attendees(a_problem(follow_ups=patients, sessions=(SHORT,))) == [[0]]


def test_nothing_changes_when_somebody_has_cancelled() -> None:
    patients = (a_patient("a", 220), a_patient("b", 120), a_patient("c", 120))
    problem = a_problem(follow_ups=patients, sessions=(SHORT,))
    assert attendees(problem, cancelled=lambda: True) == [[0]]


@pytest.mark.parametrize("budget", [Budget(iterations=0), Budget(iterations=4, cancelled=lambda: True)])
def test_without_time_no_model_is_built(budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*arguments: object) -> None:
        raise AssertionError("nobody has time for it")

    monkeypatch.setattr("optimizer.attendance.seating_of", built)
    reseat(a_problem(), (), [], {1}, seed=1, budget=budget, workers=1)
    with pytest.raises(AssertionError, match="time"):
        reseat(a_problem(), (), [], {1}, seed=1, budget=replace(budget, iterations=1, cancelled=never), workers=1)


def test_fasting_minutes_go_to_those_who_fit_together() -> None:
    fasting = tuple(a_patient(name, minutes, time_windows=(MORNING,)) for name, minutes in (("a", 90), ("b", 80)))
    others = (a_patient("c", 80, time_windows=(MORNING,)),)
    assert attendees(a_problem(follow_ups=fasting + others)) == [[1, 2]]


def test_heads_are_limited() -> None:
    patients = tuple(a_patient(name) for name in "abc")
    held, unserved = seated(a_problem(follow_ups=patients, sessions=(a_session(max_contacts=2),)))
    assert len(held[0].attendees) == 2
    assert len(unserved) == 1


def test_who_can_go_to_another_session_leaves_room_to_who_cannot() -> None:
    sessions = (replace(SHORT, id="s1", half_days=(0,)), replace(SHORT, id="s2", half_days=(2,)))
    bound = a_patient("b", 200, latest=week_day(0), due=week_day(0), hard_end=True)
    problem = a_problem(follow_ups=(a_patient("a", 200), bound), sessions=sessions)
    assert attendees(problem, expected=(0,)) == [[1], [0]]


def test_a_pinned_resident_keeps_the_place() -> None:
    patients = (a_patient("a", 220), a_patient("b", 120), a_patient("c", 120))
    pins = (Pin("a", channel=Channel.PATROL),)
    problem = a_problem(follow_ups=patients, sessions=(SHORT,), pins=pins)
    assert attendees(problem, expected=(0,)) == [[0]]


def test_two_visits_of_one_resident_keep_the_minutes_that_they_share() -> None:
    today = a_patient("a", 160, resident="r", latest=week_day(0), due=week_day(0), hard_end=True)
    week = a_patient("b", 160, resident="r", order_class=OrderClass.INFECTIOUS)
    problem = a_problem(follow_ups=(today, week, a_patient("c", 10)), sessions=(SHORT,))
    assert len(units_of(problem)) == 3
    assert attendees(problem, expected=(0, 1, 2)) == [[0, 1, 2]]


def test_a_solved_week_passes_the_judge_and_costs_what_it_says() -> None:
    patients = tuple(a_patient(f"p{n}", 20 + 7 * n, time_windows=(MORNING,)) for n in range(12))
    problem = a_problem(follow_ups=patients)
    first, second = (solve(problem, SolveParams(iterations=3_000)) for _ in range(2))
    verdict = check(problem, first.plan)
    assert verdict.violations == ()
    assert verdict.cost == first.cost
    assert first.plan == second.plan
