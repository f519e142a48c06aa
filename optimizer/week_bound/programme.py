"""A linear programme of whole numbers, and what any prices of its rows prove about it without a rounding error.

Every column lies between 0 and a finite most, so prices that are only roughly right still give a valid bound.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Term = tuple[int, int]
"""A coefficient and a column."""
PRICE_UNIT = 2**16
"""Prices of rows are whole numbers of this part of a cost point."""
OPEN = 10**12
"""The bound of a side of a row that has none."""
LARGEST_PRICE = 2**36
SAFE_SUM = 2.0**61


@dataclass(slots=True)
class Programme:
    """Costs to make small, over columns from 0 to a most, under rows `low <= sum <= high`."""

    costs: list[int] = field(default_factory=list)
    mosts: list[int] = field(default_factory=list)
    lows: list[int] = field(default_factory=list)
    highs: list[int] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    """The part of the cost that each column's cost mainly belongs to, for reports."""
    _rows: list[int] = field(default_factory=list)
    _columns: list[int] = field(default_factory=list)
    _coefficients: list[int] = field(default_factory=list)

    def column(self, cost: int, most: int, part: str = "") -> int:
        """A new column; its number."""
        self.costs.append(cost)
        self.mosts.append(most)
        self.parts.append(part)
        return len(self.costs) - 1

    def row(self, terms: Iterable[Term], low: int, high: int) -> None:
        """A new row; a column may appear several times in it."""
        number = len(self.lows)
        for coefficient, column in terms:
            self._rows.append(number)
            self._columns.append(column)
            self._coefficients.append(coefficient)
        self.lows.append(low)
        self.highs.append(high)

    def at_most(self, terms: Iterable[Term], high: int = 0) -> None:
        """A row without a lower side."""
        self.row(terms, -OPEN, high)

    def proven(self, prices: Floats) -> int:
        """The whole cost points, rounded up, that no solution is below, as these prices of the rows show.

        By weak duality any prices do: each column takes the better of its two ends. All in whole numbers.
        """
        y = np.rint(np.clip(prices * PRICE_UNIT, -LARGEST_PRICE, LARGEST_PRICE)).astype(np.int64)
        lows, highs = np.array(self.lows, dtype=np.int64), np.array(self.highs, dtype=np.int64)
        y[(y > 0) & (lows == -OPEN)] = 0
        y[(y < 0) & (highs == OPEN)] = 0
        of_rows = sum(int(a) * int(b) for a, b in zip(y, np.where(y > 0, lows, highs), strict=True) if a)
        of_columns = sum(int(a) * most for a, most in zip(self._reduced(y), self.mosts, strict=True) if a < 0)
        return -(-(of_rows + of_columns) // PRICE_UNIT)

    def _reduced(self, prices: Ints) -> list[int]:
        """What each column costs when it is paid for its part in the rows, in price units."""
        floats = np.abs(prices.astype(np.float64))[self._rows] * np.abs(np.array(self._coefficients, dtype=np.float64))
        sums = np.abs(np.array(self.costs, dtype=np.float64)) * PRICE_UNIT
        np.add.at(sums, np.array(self._columns, dtype=np.int64), floats)
        if sums.max(initial=0.0) < SAFE_SUM:
            reduced = np.array(self.costs, dtype=np.int64) * PRICE_UNIT
            products = np.array(self._coefficients, dtype=np.int64) * prices[self._rows]
            np.subtract.at(reduced, np.array(self._columns, dtype=np.int64), products)
            return [int(one) for one in reduced]
        whole = [cost * PRICE_UNIT for cost in self.costs]  # slower, but without a largest number
        for row, column, coefficient in zip(self._rows, self._columns, self._coefficients, strict=True):
            whole[column] -= coefficient * int(prices[row])
        return whole

    def model(self) -> model_builder.Model:
        """The programme for a solver, in floating point."""
        model = model_builder.Model()
        helper = model.helper
        for cost, most in zip(self.costs, self.mosts, strict=True):
            number = helper.add_var()
            helper.set_var_lower_bound(number, 0.0)
            helper.set_var_upper_bound(number, float(most))
            helper.set_var_objective_coefficient(number, float(cost))
        for low, high in zip(self.lows, self.highs, strict=True):
            number = helper.add_linear_constraint()
            helper.set_constraint_lower_bound(number, -np.inf if low == -OPEN else float(low))
            helper.set_constraint_upper_bound(number, np.inf if high == OPEN else float(high))
        for row, column, coefficient in zip(self._rows, self._columns, self._coefficients, strict=True):
            helper.safe_add_term_to_constraint(row, column, float(coefficient))
        helper.set_maximize(False)
        return model
