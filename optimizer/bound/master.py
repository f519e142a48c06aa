"""The linear programme over known routes: which mixture of them makes every visit, and what each visit is worth.

Dual prices stay in a box around the best ones so far (box step, Marsten, Hogan and Blankenship 1975): a visit may be
made too little or too often at the prices of the box's edges. Any dual prices give a valid bound, so the box costs
rounds at worst, never the proof.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from optimizer.bound.cuts import Cut, units
from optimizer.bound.network import UNIT
from optimizer.errors import OptimizerError
from optimizer.routing.input import NOBODY, RoutingInput

Floats = NDArray[np.float64]
Column = tuple[int, tuple[int, ...]]
"""A route and its visits in order, as nodes."""
MOST_COLUMNS = 8000
LEAST_SHARE = 1e-6


class LinearProgrammeError(OptimizerError, RuntimeError):
    """The linear solver failed twice on one programme."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An optimum of the programme over the known columns, in cost points."""

    value: float
    slack: float
    """Visits made too little or too often at the edges of the box."""
    visit: Floats
    """(N,) dual prices."""
    day: Floats
    """(N, days) what a half of a joint visit is worth more on a day, and the other half less."""
    route: Floats
    """(R,) not above 0."""
    cut: Floats
    """(cuts,) not below 0."""
    mixture: list[tuple[tuple[int, ...], float]]
    """Visits and share of the routes in use."""


def pairs_of(given: RoutingInput) -> list[tuple[int, int]]:
    """The halves of each joint visit, the smaller number first."""
    listed = [(lead, int(other)) for lead, other in enumerate(given.partner)]
    return [(lead, other) for lead, other in listed if other != NOBODY and lead < other]


@dataclass(slots=True)
class Master:
    """The programme; rows never go, columns of little worth do when there are many."""

    given: RoutingInput
    centre: Floats
    width: float
    columns: dict[Column, int] = field(default_factory=dict)
    """Price of each known route in thousandths."""
    cuts: list[Cut] = field(default_factory=list)
    _solver: Any = None
    _rows: dict[int, Any] = field(default_factory=dict)
    _days: dict[int, tuple[float, list[Any]]] = field(default_factory=dict)
    _routes: list[Any] = field(default_factory=list)
    _cut_rows: list[Any] = field(default_factory=list)
    _boxes: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    _variables: dict[Column, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._build()

    def _build(self) -> None:
        """The programme anew, from what is known."""
        solver, given = pywraplp.Solver.CreateSolver("GLOP"), self.given
        self._solver = solver
        self._rows = {visit: solver.Constraint(1, 1) for visit in range(given.depots, given.nodes)}
        self._routes = [solver.Constraint(-solver.infinity(), 1) for _ in range(given.routes)]
        self._cut_rows, self._days, self._boxes, self._variables = [], {}, {}, {}
        solver.Objective().SetMinimization()
        for visit, row in self._rows.items():
            low, high = self._variable(0), self._variable(0)
            row.SetCoefficient(low, 1)
            row.SetCoefficient(high, -1)
            self._boxes[visit] = low, high
        self._add_left()
        for column, price in self.columns.items():
            self._add(column, price)
        for cut in self.cuts:
            self._add_cut(cut)
        self.move_box(self.centre)

    def _variable(self, price: float) -> Any:
        variable = self._solver.NumVar(0, self._solver.infinity(), "")
        self._solver.Objective().SetCoefficient(variable, price)
        return variable

    def _add_left(self) -> None:
        """What leaving costs; both halves of a joint visit are left as one and made on the same days."""
        given, halves = self.given, pairs_of(self.given)
        groups = halves + [(v,) for v in self._rows if given.partner[v] == NOBODY]
        for group in groups:
            left = self._variable(float(sum(int(given.penalty[visit]) for visit in group)))
            for visit in group:
                self._rows[visit].SetCoefficient(left, 1)
        for lead, other in halves:
            rows = [self._solver.Constraint(0, 0) for _ in range(given.windows.shape[1])]
            self._days[lead], self._days[other] = (1.0, rows), (-1.0, rows)

    def add(self, column: Column, price: int) -> bool:
        """Add a route; False when it is known."""
        if column in self.columns:
            return False
        self.columns[column] = price
        self._add(column, price)
        return True

    def _add(self, column: Column, price: int) -> None:
        route, visits = column
        variable = self._variable(price / UNIT)
        self._variables[column] = variable
        self._routes[route].SetCoefficient(variable, 1)
        for visit in visits:
            self._rows[visit].SetCoefficient(variable, 1)
            if visit in self._days:
                sign, rows = self._days[visit]
                rows[int(self.given.day[route])].SetCoefficient(variable, sign)
        for cut, row in zip(self.cuts, self._cut_rows, strict=False):
            row.SetCoefficient(variable, units(cut, visits))

    def add_cut(self, cut: Cut) -> None:
        """Add a cut over all columns."""
        self.cuts.append(cut)
        self._add_cut(cut)

    def _add_cut(self, cut: Cut) -> None:
        row = self._solver.Constraint(-self._solver.infinity(), 1)
        self._cut_rows.append(row)
        for (_, visits), variable in self._variables.items():
            if units(cut, visits):
                row.SetCoefficient(variable, units(cut, visits))

    def move_box(self, centre: Floats) -> None:
        """Put the box around dual prices (N,)."""
        self.centre = centre
        for visit, (low, high) in self._boxes.items():
            self._solver.Objective().SetCoefficient(low, float(centre[visit] + self.width))
            self._solver.Objective().SetCoefficient(high, float(self.width - centre[visit]))

    def solve(self) -> Answer:
        """Solve; a failure of the solver is tried once more on a programme built anew."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            self._build()
            if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
                raise LinearProgrammeError("the linear solver failed on a programme built anew")
        if len(self.columns) > MOST_COLUMNS:
            self._forget()
            return self.solve()
        return self._answer()

    def _answer(self) -> Answer:
        visit, day = np.zeros(self.given.nodes), np.zeros(self.given.windows.shape[:2])
        for node, row in self._rows.items():
            visit[node] = row.dual_value()
        for node, (sign, rows) in self._days.items():
            day[node] = [sign * row.dual_value() for row in rows]
        values = ((visits, variable.solution_value()) for (_, visits), variable in self._variables.items())
        return Answer(
            value=self._solver.Objective().Value(),
            slack=sum(one.solution_value() for two in self._boxes.values() for one in two),
            visit=visit,
            day=day,
            route=np.array([min(0.0, row.dual_value()) for row in self._routes]),
            cut=np.array([max(0.0, -row.dual_value()) for row in self._cut_rows]),
            mixture=[(visits, value) for visits, value in values if value > LEAST_SHARE],
        )

    def _forget(self) -> None:
        """Keep the better half of the columns."""
        order = sorted(self.columns, key=lambda column: (self._variables[column].reduced_cost(), column))
        self.columns = {column: self.columns[column] for column in order[: MOST_COLUMNS // 2]}
        self._build()
