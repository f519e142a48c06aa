"""Prices of rows: rough ones quickly by a first-order method (PDLP), an optimum's by the simplex method (GLOP)."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver.python import model_builder

from optimizer.stop import Running
from optimizer.week_bound.programme import Floats, Programme

LOOK_SECONDS = 0.05
EXACT = 0.0
MOST_STEPS = 200_000
SOLVED = (model_builder.SolveStatus.OPTIMAL, model_builder.SolveStatus.FEASIBLE)


@dataclass(frozen=True, slots=True)
class Solution:
    """Nearly optimal prices of the rows and values of the columns."""

    prices: Floats
    values: Floats


def solve(programme: Programme, precision: float, running: Running) -> Solution | None:
    """Solve to a relative precision, or `EXACT`; None when time ran out, somebody cancelled or the method gave up."""
    model = programme.model()
    solver = model_builder.Solver("GLOP" if precision == EXACT else "PDLP")
    if precision != EXACT:
        solver.set_solver_specific_parameters(
            f"termination_criteria {{ iteration_limit: {MOST_STEPS} simple_optimality_criteria "
            f"{{ eps_optimal_relative: {precision} eps_optimal_absolute: {precision} }} }}"
        )
    seconds = running.remaining_seconds()
    if seconds is not None:
        solver.set_time_limit_in_seconds(seconds)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(solver.solve, model)
        while not wait([future], timeout=LOOK_SECONDS).done:
            if running.budget.cancelled():
                solver.stop_search()
        if future.result() not in SOLVED:
            return None
    return Solution(
        np.asarray(solver.dual_values(model.get_linear_constraints()), dtype=np.float64),
        np.asarray(solver.values(model.get_variables()), dtype=np.float64),
    )
