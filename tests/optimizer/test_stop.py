"""Budgets."""

import pytest

from optimizer.stop import Budget


def test_a_budget_counts_iterations_or_seconds_not_both() -> None:
    with pytest.raises(ValueError, match="either"):
        Budget()
    with pytest.raises(ValueError, match="either"):
        Budget(iterations=1, seconds=1.0)


def test_iterations_are_counted() -> None:
    running = Budget(iterations=4).start()
    assert [running.fraction(n) for n in (0, 1, 4, 9)] == [0.0, 0.25, 1.0, 1.0]
    assert not running.is_over(3)
    assert running.is_over(4)
    assert running.remaining_seconds() is None


def test_no_iterations_are_over_at_once() -> None:
    assert Budget(iterations=0).start().is_over(0)
    assert Budget(seconds=0.0).start().is_over(0)


def test_seconds_are_those_of_the_clock_that_is_given() -> None:
    readings = iter([10.0, 11.0, 14.0])
    running = Budget(seconds=4.0, clock=lambda: next(readings)).start()
    assert running.remaining_seconds() == 3.0
    assert running.is_over(0)


def test_a_cancelled_budget_is_over() -> None:
    answers = iter([False, True])
    running = Budget(iterations=4, cancelled=lambda: next(answers)).start()
    assert not running.is_over(0)
    assert running.is_over(0)


def test_only_iterations_are_reproducible() -> None:
    assert Budget(iterations=1).is_reproducible
    assert not Budget(seconds=1.0).is_reproducible
