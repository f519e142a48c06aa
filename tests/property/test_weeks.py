"""Any week gets a plan that the judge accepts, costs what the search says, and comes out the same again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.check import check
from optimizer.cost import cost_of
from optimizer.plan import Result, Status
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve
from tests.property.weeks import SHAPES, a_random_week, with_earlier

PARAMS = SolveParams(seed=1, iterations=400, workers=2)


def judged(problem: Problem, params: SolveParams = PARAMS) -> Result:
    """A solve whose plan the judge accepts; only sessions that are law and cannot be held may stay out."""
    result = solve(problem, params)
    verdict = check(problem, result.plan)
    assert [violation for violation in verdict.violations if violation.rule != "SESSION_REQUIRED"] == []
    assert (result.status is Status.FEASIBLE) == verdict.is_feasible
    assert result.cost == verdict.cost
    assert cost_of(problem, result.plan).parts == verdict.cost.parts
    return result


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=13, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_week_gets_a_plan_that_passes(shape: str, seed: int) -> None:
    judged(a_random_week(seed, shape))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), shape=st.sampled_from(SHAPES))
def test_the_same_seed_gives_the_same_plan(seed: int, shape: str) -> None:
    problem = a_random_week(seed, shape)
    assert solve(problem, PARAMS).plan == solve(problem, PARAMS).plan


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), shape=st.sampled_from(SHAPES))
def test_planning_again_with_the_earlier_plan_passes(seed: int, shape: str) -> None:
    problem = a_random_week(seed, shape)
    judged(with_earlier(problem, judged(problem).plan))
