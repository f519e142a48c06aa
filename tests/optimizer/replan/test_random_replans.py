"""Whatever happens to a week: the begun part stays, the budget holds, nothing is lost, it never gets dearer."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.check import check
from optimizer.edits.appointments import changed_appointments, changes_between
from optimizer.model import Channel, ChannelOption
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.replan import Replanned, ReplanParams, before_half_day, replan
from optimizer.replan.frozen import Frozen
from optimizer.solve import SolveParams, solve
from tests.property.weeks import SHAPES, a_random_week


@lru_cache(maxsize=64)
def a_planned_week(shape: str, seed: int) -> tuple[Problem, Plan]:
    """A random week and a plan of it."""
    problem = a_random_week(seed, shape)
    return problem, solve(problem, SolveParams(seed=1, iterations=100, workers=1)).plan


def disturbed(problem: Problem, rng: np.random.Generator) -> Problem:
    """The week after something has happened: somebody is ill, something urgent has come up, somebody has died."""
    members, follow_ups = list(problem.members), list(problem.follow_ups)
    if members and rng.random() < 0.7:
        number, day = int(rng.integers(len(members))), int(rng.integers(len(problem.days)))
        there = tuple(half_day for half_day in members[number].field_half_days if half_day // 2 != day)
        members[number] = replace(members[number], field_half_days=there)
    if follow_ups and rng.random() < 0.6:
        urgent = replace(follow_ups[0], id="urgent", resident="urgent", household="", priority=0, joint=None)
        follow_ups.append(replace(urgent, channels=(ChannelOption(Channel.HOME, 1200),)))
    pins = problem.pins
    if len(follow_ups) > 2 and rng.random() < 0.4:
        gone = follow_ups.pop(1).id
        pins = tuple(pin for pin in pins if pin.target != gone)
    return replace(problem, members=tuple(members), follow_ups=tuple(follow_ups), pins=pins)


def assert_sound(base: Plan, params: ReplanParams, answer: Replanned) -> None:
    """What every answer keeps."""
    verdict = check(answer.problem, answer.plan)
    assert answer.verdict == verdict
    assert not [one for one in verdict.violations if one.rule in ("ONCE", "UNKNOWN", "LEFT_CLASS")]
    assert verdict.cost.total <= answer.repaired_cost
    assert answer.changes == changed_appointments(answer.problem, base, answer.plan)
    told = {change.follow_up for notice in answer.notices for change in notice.changes}
    assert told == {change.follow_up for change in changes_between(answer.problem, base, answer.plan)}
    assert answer.is_within_budget
    if params.max_changes is not None:
        assert len(answer.changes) - answer.forced <= params.max_changes


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=2, deadline=None)
@given(
    seed=st.integers(0, 3),
    dice=st.integers(0, 10_000),
    budget=st.sampled_from([0, 2, 2, None]),
    half_day=st.sampled_from([None, 1, 2]),
)
def test_a_disturbed_week_is_planned_anew_soundly(
    shape: str, seed: int, dice: int, budget: int | None, half_day: int | None
) -> None:
    problem, base = a_planned_week(shape, seed)
    today = disturbed(problem, np.random.default_rng(dice))
    until = before_half_day(today, half_day) if half_day is not None and half_day < 2 * len(today.days) else None
    params = ReplanParams(freeze_until=until, max_changes=budget, seed=dice, iterations=1)
    answer = replan(today, base, params)
    assert_sound(base, params, answer)
    if today == problem:
        assert Frozen(problem, base, until).is_kept_by(answer.plan)
