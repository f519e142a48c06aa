"""What a seat at a session is worth, so that the routing knows whom it pays to visit at home instead.

Prices are the duals of the linear seating when routes are known: fractions of residents, which are cheaper than whole
ones, so a price is an estimate and the judge decides.
"""

import numpy as np
from ortools.linear_solver.python import model_builder

from optimizer.attendance import seating_of
from optimizer.bundle import Unit
from optimizer.duties import Roster, Routing
from optimizer.fill import fill_sessions, open_sessions
from optimizer.problem import Problem
from optimizer.roster.linear import NO_BOUND, NO_FLOOR, LinearModel


def seat_prices(problem: Problem, units: tuple[Unit, ...], roster: Roster, routing: Routing) -> dict[int, int]:
    """Cost points that are saved when a unit needs no seat any more, for those that could also be visited at home.

    Somebody who is left and could have a seat has a price too: at most what it costs to leave them.
    """
    sessions = open_sessions(problem, roster, routing)
    served = {number for held in sessions for number in held.attendees} | {call.unit for call in roster.calls}
    served |= {stop.unit for routed in routing.duties for stop in routed.stops}
    unserved = set(range(len(units))) - served
    fill_sessions(problem, units, sessions, unserved)
    seating = seating_of(problem, units, sessions, unserved)
    # The first rows share out the units of every group.
    prices = row_prices(seating.model)
    return {
        number: max(0, round(price))
        for price, (_, members) in zip(prices, seating.groups, strict=False)
        for number in members
        if _may_choose(units[number])
    }


def _may_choose(unit: Unit) -> bool:
    return unit.home is not None and unit.pin is None and unit.joint is None


def row_prices(model: LinearModel) -> list[float]:
    """Duals of all rows of a linear relaxation whose variables are bounded by rows only; zeros when it has no optimum.

    With an upper bound of its own, a variable would take part of a row's price. A side of a row without a limit is
    infinite here: with a large number in its place the simplex gives up on some seatings.
    """
    programme = model_builder.Model()
    variables = [programme.new_num_var(float(low), float("inf"), "") for low in model.low]
    floors = np.where(model.floors <= NO_FLOOR, -np.inf, model.floors).tolist()
    bounds = np.where(model.bounds >= NO_BOUND, np.inf, model.bounds).tolist()
    rows = []
    for row, (floor, bound) in enumerate(zip(floors, bounds, strict=True)):
        part = slice(model.starts[row], model.starts[row + 1])
        there = [variables[number] for number in model.entries[part]]
        terms = model_builder.LinearExpr.weighted_sum(there, model.coefficients[part].tolist())
        rows.append(programme.add_linear_constraint(terms, floor, bound))
    programme.minimize(model_builder.LinearExpr.weighted_sum(variables, model.cost.tolist()))
    solver = model_builder.Solver("GLOP")
    if solver.solve(programme) != model_builder.SolveStatus.OPTIMAL:
        return [0.0] * len(rows)
    return [float(solver.dual_value(row)) for row in rows]
