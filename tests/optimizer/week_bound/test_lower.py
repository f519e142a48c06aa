"""No plan costs less than the bound of its week; where the week leaves no choice, the bound is the cost."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.check import check
from optimizer.model import Channel, DatedWindow, HomeMedicalGate, ServiceClass, TimeWindow
from optimizer.plan import Plan, Result, Status
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve
from optimizer.stop import Budget
from optimizer.week_bound import PRECISIONS, QUICK, WeekBound, week_bound
from tests.builders import (
    GP,
    a_follow_up,
    a_plan,
    a_problem,
    a_session,
    an_empty_problem,
    an_option,
    clock,
    week_day,
)
from tests.property.weeks import SHAPES, a_random_week, with_earlier


def bound_of(problem: Problem) -> WeekBound:
    """The bound with all precisions."""
    return week_bound(problem, budget=Budget(iterations=len(PRECISIONS)))


def best_of(problem: Problem, seeds: int = 2) -> Result:
    """The cheapest of several short solves."""
    results = [solve(problem, SolveParams(seed=seed, iterations=400, workers=1)) for seed in range(seeds)]
    return min(results, key=lambda result: result.cost.total)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_no_plan_found_costs_less(shape: str, seed: int) -> None:
    problem = a_random_week(seed, shape)
    found = best_of(problem)
    assert bound_of(problem).value <= found.cost.total
    again = with_earlier(problem, found.plan)
    assert bound_of(again).value <= best_of(again, 1).cost.total


def test_the_hand_made_plan_costs_no_less() -> None:
    problem = a_problem()
    bound = bound_of(problem)
    assert 0 < bound.value <= check(problem, a_plan()).cost.total


def test_a_week_without_anything_to_do_may_cost_nothing() -> None:
    assert bound_of(an_empty_problem()).value == 0


def test_a_week_in_which_nobody_can_go_costs_all_that_is_left() -> None:
    problem = a_problem(members=(), vehicles=())
    bound, cost = bound_of(problem), solve(problem, SolveParams(iterations=10)).cost.total
    assert bound.value == cost
    assert bound.words_en(cost).endswith("among the best possible.")


@pytest.mark.parametrize(
    "change",
    [
        {"service_class": ServiceClass.HOME_MEDICAL, "gate": HomeMedicalGate(True, True, False)},
        {"earliest": week_day(9), "due": week_day(9), "latest": week_day(9)},
        {"latest": week_day(-3), "due": week_day(-3), "earliest": week_day(-9), "hard_end": True},
        {"channels": (an_option(Channel.PATROL),), "patrol_sites": ("v2",)},
        {"channels": (an_option(needs=(replace(GP, roles=("DENTIST",)),)),)},
        {"resident_windows": (DatedWindow(week_day(0), clock(6), clock(7)),)},
    ],
    ids=["gate", "not open", "closed", "no session there", "nobody of the role", "not there by day"],
)
def test_what_nobody_can_do_is_certain(change: dict[str, Any]) -> None:
    problem = an_empty_problem(follow_ups=(a_follow_up(**change),))
    bound = bound_of(problem)
    assert bound.value == bound.certain == check(problem, Plan()).cost.total > 0


def test_a_session_that_has_to_be_held_costs_its_way_and_its_people() -> None:
    item = a_follow_up("patrol1", channels=(an_option(Channel.PATROL),), patrol_sites=("v1",))
    problem = an_empty_problem(follow_ups=(item,), sessions=(a_session(half_days=(0,)),))
    bound = bound_of(problem)
    assert bound.value == 2 * 10 * 60 + 2 * problem.weights.staff_half_day
    assert bound.value == best_of(problem).cost.total


def test_a_session_in_the_afternoon_is_too_late_for_those_who_fast() -> None:
    item = a_follow_up(channels=(an_option(Channel.PATROL),), patrol_sites=("v1",))
    early = replace(item, time_windows=(TimeWindow(clock(7), clock(9, 30)),))
    afternoon = (a_session(half_days=(1, 3)),)
    may_come = bound_of(an_empty_problem(follow_ups=(item,), sessions=afternoon))
    too_late = bound_of(an_empty_problem(follow_ups=(early,), sessions=afternoon))
    assert may_come.certain == 0
    assert too_late.certain > 0


def test_two_hundred_fasting_residents_do_not_fit_one_morning() -> None:
    item = a_follow_up(
        channels=(an_option(Channel.PATROL),),
        patrol_sites=("v1",),
        time_windows=(TimeWindow(clock(7), clock(9, 30)),),
    )
    crowd = tuple(replace(item, id=f"f{number}", resident=f"r{number}") for number in range(200))
    problem = an_empty_problem(follow_ups=crowd, sessions=(a_session(),))
    most_seen = 3 * 80 // 20  # three people from 8:10 to 9:30, 20 minutes each
    assert bound_of(problem).value >= (200 - most_seen) * problem.weights.unplanned[item.priority]


def test_more_precision_never_proves_less_and_a_run_comes_out_the_same() -> None:
    problem = a_random_week(3, "overloaded")
    values = [week_bound(problem, budget=Budget(iterations=count)).value for count in range(len(PRECISIONS) + 1)]
    assert values == sorted(values)
    assert bound_of(problem).value == values[-1]


def test_without_time_what_is_certain_is_still_proven() -> None:
    bound = week_bound(a_problem(members=(), vehicles=()), budget=Budget(seconds=0.0))
    assert bound.value == bound.certain > 0
    assert not bound.is_complete


def test_a_cancel_while_follow_ups_are_read_leaves_proven_what_was_read() -> None:
    problem = a_problem(members=(), vehicles=())
    everything = week_bound(problem, budget=Budget(seconds=0.0)).certain
    assert week_bound(problem, budget=Budget(iterations=1, cancelled=lambda: True)).value == 0
    asked = iter([False, False] + [True] * 9)
    bound = week_bound(problem, budget=Budget(iterations=1, cancelled=lambda: next(asked)))
    assert 0 < bound.value == bound.certain < everything
    assert not bound.is_complete


def test_a_solve_proves_its_gap_when_asked() -> None:
    problem = a_random_week(1, "ordinary")
    silent = solve(problem, SolveParams(iterations=400))
    asked = solve(problem, SolveParams(iterations=400, prove=True))
    assert (silent.bound, silent.gap_percent) == (None, None)
    assert asked.plan == silent.plan
    assert asked.bound == week_bound(problem, budget=Budget(iterations=QUICK)).value
    assert asked.gap_percent == pytest.approx(100 * (asked.cost.total / asked.bound - 1))
    assert replace(asked, status=Status.INFEASIBLE).gap_percent is None


def test_words_say_what_is_proven() -> None:
    bound = WeekBound(1000, 400, False)
    assert bound.gap_percent(1500) == 50.0
    assert "at most 50.0 % above the best possible. 400 of that nobody can avoid." in bound.words_en(1500)
    assert "rough" in bound.words_en(1500)
    assert "rough" not in bound.words_en(1050)
    assert bound.words_en(1050).endswith("With more time it may prove more.")
    assert "最多比最优高50.0%" in bound.words_zh(1500)
    assert "较粗" not in bound.words_zh(1050)
    assert WeekBound(0, 0, True).words_en(5).startswith("Nothing is proven")
    assert WeekBound(0, 0, True).words_zh(5).startswith("尚未证明")
    assert bound.words_zh(1000).endswith("最优之列。")
    with pytest.raises(ValueError, match="below the bound"):
        bound.gap_percent(999)


def test_long_days_and_short_lunches_leave_the_bound_below_every_plan() -> None:
    for seed in range(6):
        problem = a_random_week(seed, "ordinary")
        members = tuple(replace(member, max_field_seconds_day=12 * 3600) for member in problem.members)
        days = tuple(replace(day, lunch_seconds=600) for day in problem.days)
        long = replace(problem, members=members, days=days, parameters=replace(problem.parameters, max_crew_members=1))
        assert bound_of(long).value <= best_of(long).cost.total
