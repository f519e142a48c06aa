"""Prices of rows: rough ones quickly by a first-order method (PDLP), an optimum's by the simplex method (GLOP)."""

import os
import sys
from dataclasses import dataclass
from threading import Thread, get_native_id

import numpy as np
from ortools.linear_solver.python import model_builder

from optimizer.stop import Running
from optimizer.week_bound.programme import Floats, Programme

LOOK_SECONDS = 0.05
NICENESS = 10
"""A tenth of the share of a search."""
LEAST_URGENT = 19
EXACT = 0.0
MOST_SECONDS = 3600.0
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
    solver.set_time_limit_in_seconds(MOST_SECONDS if seconds is None else min(seconds, MOST_SECONDS))
    status = _status(solver, model, running)
    if status not in SOLVED:
        return None
    return Solution(
        np.asarray(solver.dual_values(model.get_linear_constraints()), dtype=np.float64),
        np.asarray(solver.values(model.get_variables()), dtype=np.float64),
    )


def _step_back() -> None:
    """Let the searches beside this thread go first where they want the same cores; only Linux knows that of threads."""
    if sys.platform == "linux":
        thread = get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
        os.setpriority(os.PRIO_PROCESS, thread, min(LEAST_URGENT, niceness))


def _status(
    solver: model_builder.Solver, model: model_builder.Model, running: Running
) -> model_builder.SolveStatus | None:
    """How a solve ended; None when somebody cancelled. PDLP cannot be stopped: it is left to its time limit then."""
    ended: list[model_builder.SolveStatus] = []

    def work() -> None:
        _step_back()
        ended.append(solver.solve(model))

    thread = Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_SECONDS)
        if thread.is_alive() and running.budget.cancelled():
            solver.stop_search()
            return None
    return ended[0] if ended else None
