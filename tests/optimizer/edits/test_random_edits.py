"""Whatever is done to a week by hand: nothing is lost, the times are right, the price is the judge's."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.check import check
from optimizer.edits import Edited, canonical, edit_plan, recommend
from optimizer.edits.draft import open_plan
from optimizer.edits.placing import standing_meets
from optimizer.edits.route import timed_crew, times_of
from optimizer.plan import Plan, Violation
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve
from tests.optimizer.edits.random_edits import a_random_edit, left_in, served_in
from tests.property.weeks import SHAPES, a_random_week, with_earlier

CLOCK_RULES = {"TRAVEL_TIME", "SERVICE_TIME", "ONCE", "UNKNOWN", "LEFT_CLASS"}
"""What no edit may break: the clock adds up, everything is there once, everything named exists."""


@lru_cache(maxsize=64)
def a_planned_week(shape: str, seed: int, *, with_plan_before: bool = False) -> tuple[Problem, Plan]:
    """A random week and a plan of it."""
    problem = a_random_week(seed, shape)
    plan = solve(problem, SolveParams(seed=1, iterations=50, workers=1)).plan
    return (with_earlier(problem, plan), plan) if with_plan_before else (problem, plan)


def says_who_may_share_a_stop(violation: Violation) -> bool:
    """Whether a violation is about people of other places or households at one stop, which an edit may ask for."""
    return "household" in violation.message_en or "the site" in violation.message_en


def assert_sound(problem: Problem, plan: Plan, edited: Edited) -> None:
    """The price is the difference of the judge's costs, nothing is lost, the clock adds up, the order is the one."""
    old, new = check(problem, plan), check(edited.problem, edited.plan)
    assert edited.verdict == new
    assert edited.price.parts == {part: points - old.cost.parts[part] for part, points in new.cost.parts.items()}
    wrong = [one for one in new.violations if one.rule in CLOCK_RULES and not says_who_may_share_a_stop(one)]
    assert wrong == []
    assert sorted({*served_in(edited.plan), *left_in(edited.plan)}) == sorted(problem.follow_up_number)
    assert canonical(problem, edited.plan) == edited.plan


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1), dice=st.integers(0, 10_000), before=st.booleans())
def test_random_edits_keep_the_books_right(shape: str, seed: int, dice: int, before: bool) -> None:
    problem, plan = a_planned_week(shape, seed, with_plan_before=before)
    rng = np.random.default_rng(dice)
    for _ in range(8):
        edit = a_random_edit(rng, problem, plan)
        if edit is None:
            continue
        edited = edit_plan(problem, plan, [edit])
        assert_sound(problem, plan, edited)
        problem, plan = edited.problem, edited.plan


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1), dice=st.integers(0, 10_000), before=st.booleans())
def test_a_recommended_slot_costs_what_it_says_and_breaks_what_it_says(
    shape: str, seed: int, dice: int, before: bool
) -> None:
    problem, plan = a_planned_week(shape, seed, with_plan_before=before)
    rng = np.random.default_rng(dice)
    names = [*served_in(plan), *left_in(plan)]
    for number in rng.permutation(len(names))[:3]:
        asked = recommend(problem, plan, names[number])
        prices = [slot.price.total for slot in asked.slots]
        assert prices == sorted(prices)
        for slot in (*asked.slots, *asked.refused):
            edited = edit_plan(problem, plan, [slot.edit])
            assert edited.price == slot.price, slot
            assert {one.rule for one in edited.new_violations} == {one.violation.rule for one in slot.refusals}, slot
            assert slot.crews == () or slot.crews[0] in edited.plan.crews


@pytest.mark.parametrize("shape", SHAPES)
def test_the_clock_of_edits_gives_the_times_of_the_search(shape: str) -> None:
    problem, plan = a_planned_week(shape, 1)
    draft = open_plan(problem, plan)
    for crew, old in zip(draft.crews, plan.crews, strict=True):
        times = times_of(draft, crew, standing_meets(draft))
        assert times.badness.breaches == 0
        assert times.back_seconds <= old.end_seconds
        assert timed_crew(draft, crew, times) == canonical(problem, Plan((old,))).crews[0]
