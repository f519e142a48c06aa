"""Runs CP-SAT on parts of a linear model, several at once, each on one thread with one worker.

With an iteration budget a solve is limited in deterministic time, so machine and load do not matter; else in seconds.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from optimizer.roster.linear import IntVector, LinearModel, Mask
from optimizer.stop import Running

LOOK_SECONDS = 0.05
"""How often cancelling is looked at, and progress told, while solvers run."""
RELATIVE_GAP = 5e-4
LINEARIZATION = 2
"""With one worker the default level is 32-41 % worse on these models."""


@dataclass(frozen=True, slots=True)
class Task:
    """A part to improve: which variables are free, how long it may take, and the solver's seed."""

    free: Mask
    effort: float
    """Deterministic time units in a reproducible run, else seconds."""
    seed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The best values found (None when there are none), and the effort spent in the unit of the task."""

    values: IntVector | None
    effort: float
    is_proved: bool = False
    """Whether nothing better exists in the part, up to the gap."""


def solve_parts(
    model: LinearModel,
    values: IntVector,
    tasks: Sequence[Task],
    running: Running,
    look: Callable[[], None] | None = None,
) -> list[Answer]:
    """Answers of all tasks from the same incumbent, in the order of the tasks; ends early when cancelled.

    `look` is called from this thread again and again while the solvers run.
    """
    solvers = [_solver(task, running) for task in tasks]
    with ThreadPoolExecutor(len(tasks)) as pool:
        pairs = zip(solvers, tasks, strict=True)
        futures = [pool.submit(_answer, solver, model, values, task.free, running) for solver, task in pairs]
        _watch(futures, solvers, running, look)
        return [future.result() for future in futures]


def _watch(
    futures: list[Future[Answer]],
    solvers: list[cp_model.CpSolver],
    running: Running,
    look: Callable[[], None] | None,
) -> None:
    """Waits for the solvers; stops them when somebody cancels."""
    pending = set(futures)
    while pending:
        _, pending = wait(pending, timeout=LOOK_SECONDS)
        if pending and look is not None:
            look()
        if pending and running.budget.cancelled():
            for solver in solvers:
                solver.stop_search()


def _solver(task: Task, running: Running) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # an interrupt belongs to whoever called us
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = LINEARIZATION
    solver.parameters.relative_gap_limit = RELATIVE_GAP
    solver.parameters.random_seed = task.seed
    if running.budget.is_reproducible:
        solver.parameters.max_deterministic_time = task.effort
    else:
        solver.parameters.max_time_in_seconds = task.effort
    return solver


def _answer(solver: cp_model.CpSolver, model: LinearModel, values: IntVector, free: Mask, running: Running) -> Answer:
    """Solves a part; gives the whole vector with the part's best values in it."""
    part = model.part(free, values)
    status = solver.solve(part.model)
    spent = float(solver.deterministic_time if running.budget.is_reproducible else solver.wall_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, spent)
    found = values.copy()
    found[part.free] = np.array([solver.value(variable) for variable in part.variables], dtype=np.int64)
    return Answer(found, spent, is_proved=bool(status == cp_model.OPTIMAL))
