"""A linear model over integer variables in plain arrays, from which CP-SAT models of any part can be cut.

Variables are numbers. Every row reads `floor <= sum of coefficient * variable <= bound`. Knows nothing about weeks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

IntVector = NDArray[np.int64]
Mask = NDArray[np.bool_]
Term = tuple[int, int]
"""A coefficient and a variable."""
NO_FLOOR = -(10**15)
NO_BOUND = 10**15


class ModelBuilder:
    """Collects variables, rows and prices; `finish` gives the immutable model."""

    def __init__(self) -> None:
        self._low: list[int] = []
        self._high: list[int] = []
        self._cost: list[int] = []
        self._is_decision: list[bool] = []
        self._entries: list[int] = []
        self._coefficients: list[int] = []
        self._starts: list[int] = [0]
        self._floors: list[int] = []
        self._bounds: list[int] = []

    def integer(self, low: int, high: int, *, decision: bool = False) -> int:
        """A new variable between two bounds; decisions are what a neighbourhood frees, the rest follows from them."""
        self._low.append(low)
        self._high.append(max(low, high))
        self._cost.append(0)
        self._is_decision.append(decision)
        return len(self._low) - 1

    @property
    def variable_count(self) -> int:
        """Number of variables so far."""
        return len(self._low)

    def boolean(self, *, decision: bool = False) -> int:
        """A new variable that is 0 or 1."""
        return self.integer(0, 1, decision=decision)

    def row(self, terms: Iterable[Term], floor: int, bound: int) -> None:
        """Adds a row; variables named twice are added up."""
        added: dict[int, int] = {}
        for coefficient, variable in terms:
            added[variable] = added.get(variable, 0) + coefficient
        self._entries += added.keys()
        self._coefficients += added.values()
        self._starts.append(len(self._entries))
        self._floors.append(floor)
        self._bounds.append(bound)

    def at_most(self, terms: Iterable[Term], bound: int) -> None:
        """Adds a row that reads `<=`."""
        self.row(terms, NO_FLOOR, bound)

    def at_least(self, terms: Iterable[Term], floor: int) -> None:
        """Adds a row that reads `>=`."""
        self.row(terms, floor, NO_BOUND)

    def equal(self, terms: Iterable[Term], value: int) -> None:
        """Adds a row that reads `==`."""
        self.row(terms, value, value)

    def implies(self, variable: int, other: int) -> None:
        """The other is at least this one."""
        self.at_most([(1, variable), (-1, other)], 0)

    def pay(self, variable: int, points: int) -> None:
        """Adds to the price of one unit of a variable."""
        self._cost[variable] += points

    def finish(self) -> "LinearModel":
        """The model as arrays."""
        return LinearModel(
            low=np.array(self._low, dtype=np.int64),
            high=np.array(self._high, dtype=np.int64),
            cost=np.array(self._cost, dtype=np.int64),
            is_decision=np.array(self._is_decision, dtype=np.bool_),
            entries=np.array(self._entries, dtype=np.int64),
            coefficients=np.array(self._coefficients, dtype=np.int64),
            starts=np.array(self._starts, dtype=np.int64),
            floors=np.array(self._floors, dtype=np.int64),
            bounds=np.array(self._bounds, dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A CP-SAT model of some free variables, the others fixed; `variables` are the solver's, in the order of `free`."""

    model: cp_model.CpModel
    free: IntVector
    variables: tuple[cp_model.IntVar, ...]


@dataclass(frozen=True)
class LinearModel:
    """Arrays: per variable bounds, price, whether it is a decision; rows in compressed form. Not slotted: cached."""

    low: IntVector
    high: IntVector
    cost: IntVector
    is_decision: Mask
    entries: IntVector
    """Variable of every non-zero, row after row."""
    coefficients: IntVector
    starts: IntVector
    """First non-zero of every row, shape (rows + 1,)."""
    floors: IntVector
    bounds: IntVector

    @property
    def variable_count(self) -> int:
        """Number of variables."""
        return len(self.low)

    @cached_property
    def row_of(self) -> IntVector:
        """Row of every non-zero."""
        return np.repeat(np.arange(len(self.bounds)), np.diff(self.starts))

    def sums(self, values: IntVector) -> IntVector:
        """Left side of every row."""
        weights = (self.coefficients * values[self.entries]).astype(np.float64)
        # Exact: every partial sum is an integer far below 2**53.
        return np.bincount(self.row_of, weights, len(self.bounds)).astype(np.int64)

    def is_feasible(self, values: IntVector) -> bool:
        """Whether the values keep all bounds and rows."""
        inside = np.all(values >= self.low) and np.all(values <= self.high)
        if not inside:
            return False
        sums = self.sums(values)
        return bool(np.all(sums <= self.bounds) and np.all(sums >= self.floors))

    def price(self, values: IntVector) -> int:
        """Cost points of a solution."""
        return int(self.cost @ values)

    def with_followers(self, decisions: Mask) -> Mask:
        """The free decisions with every other variable that shares a row with one of them, or with such a follower."""
        free = decisions & self.is_decision
        while True:
            rows = np.zeros(len(self.bounds), dtype=np.bool_)
            rows[self.row_of[free[self.entries]]] = True
            wider = free.copy()
            wider[self.entries[rows[self.row_of]]] = True
            wider = (wider & ~self.is_decision) | free
            if np.array_equal(wider, free):
                return free
            free = wider

    def part(self, free: Mask, values: IntVector) -> Part:
        """The CP-SAT model of the free variables; the others keep their values, and the values are the hint."""
        model = cp_model.CpModel()
        numbers = np.flatnonzero(free)
        variables = [model.new_int_var(int(self.low[n]), int(self.high[n]), "") for n in numbers]
        place = np.full(self.variable_count, -1)
        place[numbers] = np.arange(len(numbers))
        is_free_entry = free[self.entries]
        fixed = self.sums(np.where(free, 0, values))
        floors, bounds = (self.floors - fixed).tolist(), (self.bounds - fixed).tolist()
        entries, rows = place[self.entries[is_free_entry]].tolist(), self.row_of[is_free_entry]
        coefficients = self.coefficients[is_free_entry].tolist()
        cuts = [0, *(np.flatnonzero(np.diff(rows)) + 1).tolist(), len(entries)] if entries else [0]
        for first, after in pairwise(cuts):
            terms = [variables[n] for n in entries[first:after]]
            middle = cp_model.LinearExpr.weighted_sum(terms, coefficients[first:after])
            model.add_linear_constraint(middle, floors[rows[first]], bounds[rows[first]])
        model.minimize(cp_model.LinearExpr.weighted_sum(variables, self.cost[numbers].tolist()))
        for variable, value in zip(variables, values[numbers].tolist(), strict=True):
            model.add_hint(variable, value)
        return Part(model, numbers, tuple(variables))


def vector(values: Sequence[int]) -> IntVector:
    """Values as the arrays of this module hold them."""
    return np.array(values, dtype=np.int64)
