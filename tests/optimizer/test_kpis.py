"""The figures of the hand-made week, counted by hand."""

from collections import Counter
from dataclasses import replace

import pytest

from optimizer.kpis import Kpis, MemberBurden, Outcome, VillageCounts, kpis, outcomes
from optimizer.model import SiteKind
from optimizer.plan import Left, Plan
from tests.builders import (
    MONDAY,
    a_follow_up,
    a_home_stop,
    a_plan,
    a_problem,
    a_trip,
    an_empty_problem,
    clock,
    some_follow_ups,
    week_day,
)


@pytest.fixture(scope="module")
def figures() -> Kpis:
    return kpis(a_problem(), a_plan())


def test_timeliness_counts_those_due_this_week(figures: Kpis) -> None:
    assert (figures.due_this_week, figures.due_in_time) == (5, 4)
    assert figures.timeliness_share == 4 / 5
    assert (figures.clock_due, figures.clock_in_time) == (1, 1)


def test_a_joint_visit_is_one_visit(figures: Kpis) -> None:
    assert (figures.home_visits, figures.patrol_visits, figures.phone_calls) == (2, 1, 1)
    assert figures.home_stops == 3
    assert figures.face_to_face_share == 3 / 4


def test_what_is_left_is_told_apart(figures: Kpis) -> None:
    assert figures.deferred == 1
    assert figures.unplanned_by_priority == (0, 0, 1, 0)
    assert figures.overdue_left == 0


def test_an_overdue_one_that_is_left_is_counted() -> None:
    late = replace(some_follow_ups()[5], earliest=week_day(-30), due=week_day(-20), latest=week_day(-1))
    assert kpis(a_problem(follow_ups=(*some_follow_ups()[:5], late)), a_plan()).overdue_left == 1


def test_sessions_held_of_those_wanted(figures: Kpis) -> None:
    assert (figures.sessions_held, figures.sessions_wanted, figures.sessions_held_share) == (1, 1, 1.0)


def test_travel_and_service_are_crew_minutes(figures: Kpis) -> None:
    assert (figures.travel_minutes, figures.service_minutes) == (24 + 44 + 44, 180 + 30 + 40 + 40)
    assert figures.travel_share == 112 / (112 + 290)
    assert figures.travel_kilometres == 112 / 2


def test_burden_is_by_member(figures: Kpis) -> None:
    assert figures.crew_half_days == 4
    assert figures.member_half_days == 8
    assert figures.burdens[0] == MemberBurden("gp1", 3, 24 + 210 + 84)
    assert figures.burdens[3] == MemberBurden("nurse2", 1, 84)
    assert figures.half_days_variation == pytest.approx(0.5)  # 3, 3, 1, 1: mean 2, deviation 1
    assert figures.field_minutes_variation == pytest.approx((318 - 84) / (318 + 84))


def test_villages_are_counted_by_outcome(figures: Kpis) -> None:
    assert figures.villages == (VillageCounts("v1", 1, 1, 0, 1), VillageCounts("v2", 1, 0, 1, 1))


def test_a_village_that_names_no_village_is_its_own() -> None:
    sites = tuple(replace(site, village="") if site.kind is SiteKind.VILLAGE else site for site in a_problem().sites)
    problem = a_problem(sites=sites, follow_ups=(a_follow_up("f1", site="v1"),), sessions=())
    assert kpis(problem, Plan(unplanned=(Left("f1", ("NO_ROOM",)),))).villages == (VillageCounts("v1", 0, 0, 0, 1),)


@pytest.mark.parametrize(("start", "in_time"), [(clock(9), 1), (clock(9, 0, 1), 0)])
def test_the_clock_of_the_last_day_decides(start: int, in_time: int) -> None:
    item = a_follow_up("f1", due=MONDAY, latest=MONDAY, deadline_seconds=clock(9), priority=0)
    figures = kpis(a_problem(follow_ups=(item,), sessions=()), Plan((a_trip(a_home_stop("f1", start=start)),)))
    assert (figures.clock_due, figures.clock_in_time, figures.due_in_time) == (1, in_time, in_time)


def test_done_after_its_latest_date_is_not_in_time() -> None:
    item = a_follow_up("f1", due=MONDAY, latest=MONDAY)
    figures = kpis(a_problem(follow_ups=(item,), sessions=()), Plan((a_trip(a_home_stop("f1"), half_days=(2,)),)))
    assert (figures.due_this_week, figures.due_in_time, figures.home_visits) == (1, 0, 1)


def test_with_nothing_to_do_shares_are_unknown_not_zero() -> None:
    figures = kpis(an_empty_problem(), Plan())
    unknown = (figures.timeliness_share, figures.face_to_face_share, figures.sessions_held_share, figures.travel_share)
    assert unknown == (None, None, None, None)
    assert figures.half_days_variation is None
    assert figures.villages == ()


def test_every_follow_up_has_one_outcome_in_the_problems_order() -> None:
    problem, plan = a_problem(), a_plan()
    found = outcomes(problem, plan)
    assert [one.follow_up for one in found] == [item.id for item in problem.follow_ups]
    counts = Counter(one.outcome for one in found)
    assert counts == {Outcome.HOME: 2, Outcome.PATROL: 1, Outcome.PHONE: 1, Outcome.DEFERRED: 1, Outcome.UNPLANNED: 1}
    assert all(one.outcome.is_served == (one.on is not None) for one in found)


def test_without_a_plan_the_window_decides_between_deferred_and_unplanned() -> None:
    items = (a_follow_up("f1", due=MONDAY, latest=MONDAY), a_follow_up("f2", latest=week_day(14)))
    problem = a_problem(follow_ups=items, sessions=())
    assert [one.outcome for one in outcomes(problem, Plan())] == [Outcome.UNPLANNED, Outcome.DEFERRED]
