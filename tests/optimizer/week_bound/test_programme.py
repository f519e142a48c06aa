"""Whatever the prices, what a programme says is proven lies below every one of its solutions."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.stop import Budget
from optimizer.week_bound.programme import OPEN, Programme
from optimizer.week_bound.solver import EXACT, solve

SMALL = st.integers(-4, 4)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Up to four columns of 0 to 2, and up to three rows that the solution of all ones keeps."""
    programme = Programme()
    columns = [programme.column(draw(SMALL), 2) for _ in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(0, 3))):
        terms = [(draw(SMALL), column) for column in columns]
        total = sum(coefficient for coefficient, _ in terms)
        low = draw(st.sampled_from((-OPEN, total - 1, total)))
        programme.row(terms, low, draw(st.sampled_from((OPEN, total, total + 2))))
    return programme


def rows_of(programme: Programme) -> list[list[tuple[int, int]]]:
    """The terms of every row, read back from what a solver is given."""
    helper = programme.model().helper
    numbers = range(helper.num_constraints())
    return [
        [
            (round(coefficient), column)
            for column, coefficient in zip(
                helper.constraint_var_indices(number), helper.constraint_coefficients(number), strict=True
            )
        ]
        for number in numbers
    ]


def least_cost(programme: Programme) -> int:
    """The cheapest whole solution, by trying all."""
    rows = rows_of(programme)
    costs = []
    for values in product(*(range(most + 1) for most in programme.mosts)):
        sums = [sum(coefficient * values[column] for coefficient, column in row) for row in rows]
        if all(low <= s <= high for low, s, high in zip(programme.lows, sums, programme.highs, strict=True)):
            costs.append(sum(cost * value for cost, value in zip(programme.costs, values, strict=True)))
    return min(costs)


@settings(max_examples=120, deadline=None)
@given(programme=programmes(), data=st.data())
def test_any_prices_prove_something_true(programme: Programme, data: st.DataObject) -> None:
    prices = np.array([data.draw(st.floats(-50, 50)) for _ in programme.lows])
    assert programme.proven(prices) <= least_cost(programme)


@pytest.mark.parametrize("precision", [EXACT, 1e-8])
def test_the_solver_s_prices_prove_the_optimum(precision: float) -> None:
    programme = Programme()
    cheap, dear = programme.column(3, 10), programme.column(5, 10)
    programme.row([(1, cheap), (1, dear)], 12, OPEN)
    solution = solve(programme, precision, Budget(iterations=1).start())
    assert solution is not None
    assert programme.proven(solution.prices) == 3 * 10 + 5 * 2
    assert solution.values == pytest.approx([10, 2], abs=1e-3)


def test_sums_that_leave_63_bits_are_still_exact() -> None:
    programme = Programme()
    column = programme.column(2**40, 3)
    programme.row([(2**40, column)], 2**41, OPEN)
    assert programme.proven(np.array([1.0])) == 2**41
    assert programme.proven(np.array([2.0])) == 2**42 - 3 * 2**40
