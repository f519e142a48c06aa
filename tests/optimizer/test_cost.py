"""The search's cost of a plan, part by part."""

from dataclasses import replace

import pytest

from optimizer.cost import cost_of
from optimizer.model import TimeWindow
from optimizer.plan import Plan
from optimizer.rules import COST_PARTS
from optimizer.weights import MINUTE, Weights
from tests.builders import A_PLANS_COST, a_crew, a_home_stop, a_plan, a_problem, a_session, clock


def test_the_hand_made_plan_costs_what_was_added_by_hand() -> None:
    assert cost_of(a_problem(), a_plan()).parts == A_PLANS_COST
    assert tuple(A_PLANS_COST) == COST_PARTS


def test_the_total_is_the_sum_of_the_parts() -> None:
    assert cost_of(a_problem(), a_plan()).total == sum(A_PLANS_COST.values())


def test_an_unchanged_plan_has_no_change_and_a_dropped_call_has_one() -> None:
    problem = a_problem(earlier=a_plan())
    assert cost_of(problem, a_plan()).parts["change"] == 0
    assert cost_of(problem, a_plan(phone_calls=())).parts["change"] == 30 * MINUTE


def test_waiting_does_not_count_lunch() -> None:
    weights = Weights(waiting_second=1)
    assert cost_of(a_problem(weights=weights), a_plan()).parts["waiting"] == 16 * MINUTE + 2 * MINUTE


def test_a_session_off_its_rhythm_costs() -> None:
    plan = a_plan()
    assert cost_of(a_problem(sessions=(a_session(usual_half_day=0),)), plan).parts["rhythm"] == 0
    assert cost_of(a_problem(sessions=(a_session(usual_half_day=2),)), plan).parts["rhythm"] == 60 * MINUTE


@pytest.mark.parametrize(("end", "points"), [(clock(12), 2 * 1800), (clock(12, 30), 0)])
def test_a_start_after_a_soft_window_costs_each_second(end: int, points: int) -> None:
    problem = a_problem()
    soft = (TimeWindow(clock(8), end, clock(14)),)
    items = tuple(replace(f, time_windows=soft) if f.id == "home1" else f for f in problem.follow_ups)
    assert cost_of(replace(problem, follow_ups=items), a_plan()).parts["lateness"] == points


def test_overtime_is_counted_from_the_normal_end() -> None:
    stop = a_home_stop("home1", start=clock(17, 10), arrival_seconds=clock(17, 10))
    crew = a_crew(half_days=(1,), stops=(stop,), start_seconds=clock(16, 58), end_seconds=clock(17, 52), lunch=None)
    assert cost_of(a_problem(), Plan(crews=(crew,))).parts["overtime"] == 2 * 22 * MINUTE
