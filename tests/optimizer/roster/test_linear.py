"""The linear model in arrays: rows, prices, parts cut out of it, changes put together."""

import numpy as np
import pytest
from ortools.sat.python import cp_model

from optimizer.roster.book import Book
from optimizer.roster.linear import LinearModel, ModelBuilder, vector
from optimizer.roster.search import merged, without_excess
from optimizer.roster.solving import Answer


@pytest.fixture
def knapsack() -> LinearModel:
    """Three things to take (decisions) and a follower that counts those above one; at most two fit."""
    builder = ModelBuilder()
    things = [builder.boolean(decision=True) for _ in range(3)]
    above = builder.integer(0, 3)
    builder.at_most([(1, thing) for thing in things], 2)
    builder.at_most([*((1, thing) for thing in things), (-1, above)], 1)
    for thing, points in zip(things, (5, 7, 9), strict=True):
        builder.pay(thing, -points)
    builder.pay(above, 1)
    return builder.finish()


def test_rows_and_bounds_tell_feasible_from_infeasible(knapsack: LinearModel) -> None:
    assert knapsack.is_feasible(vector([0, 1, 1, 1]))
    assert not knapsack.is_feasible(vector([1, 1, 1, 2]))
    assert not knapsack.is_feasible(vector([0, 1, 1, 0]))
    assert not knapsack.is_feasible(vector([0, 2, 0, 1]))
    assert knapsack.price(vector([0, 1, 1, 1])) == -15


def test_a_variable_named_twice_in_a_row_counts_twice() -> None:
    builder = ModelBuilder()
    one = builder.integer(0, 9)
    builder.equal([(1, one), (2, one)], 6)
    model = builder.finish()
    assert model.is_feasible(vector([2]))
    assert not model.is_feasible(vector([3]))


def test_followers_are_freed_with_the_decisions_they_follow(knapsack: LinearModel) -> None:
    free = knapsack.with_followers(np.array([True, False, False, False]))
    assert free.tolist() == [True, False, False, True]


def test_a_part_keeps_what_is_fixed_and_finds_the_best_of_the_rest(knapsack: LinearModel) -> None:
    free = knapsack.with_followers(np.array([False, True, True, False]))
    part = knapsack.part(free, vector([1, 0, 0, 0]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(part.model) == cp_model.OPTIMAL
    assert [solver.value(variable) for variable in part.variables] == [0, 1, 1]


def test_changes_that_fit_together_are_both_taken_and_others_give_the_better(knapsack: LinearModel) -> None:
    nothing = vector([0, 0, 0, 0])
    first, second = vector([1, 0, 0, 0]), vector([0, 1, 0, 0])
    assert merged(knapsack, nothing, [Answer(first, 1), Answer(second, 1)], Book()).tolist() == [0, 1, 0, 0]
    start = vector([0, 0, 0, 1])
    three = [Answer(vector([1, 0, 0, 1]), 1), Answer(vector([0, 1, 0, 1]), 1), Answer(None, 1)]
    both = merged(knapsack, start, three, Book())
    assert both.tolist() == [1, 1, 0, 1]


def test_more_served_than_there_are_is_taken_back_from_the_newest() -> None:
    book = Book(by_left={2: [0, 1]})
    assert without_excess(vector([2, 2, -1]), vector([2, 0, 1]), book).tolist() == [2, 1, 0]
