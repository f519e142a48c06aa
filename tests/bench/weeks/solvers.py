"""The solvers of the measured week by name: where they are, what they need, and one run of one of them."""

import importlib
import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.apart import work_side_by_side
from tests.bench.weeks.found import Found, Limit
from tests.bench.weeks.judge import Verdict, judge
from tests.bench.weeks.recipe import Week


@dataclass(frozen=True, slots=True)
class Solver:
    """A module with `solve(week, limit)`, the library it needs, and whether one run uses several cores."""

    module: str
    needs: str
    uses_cores: bool = False


SOLVERS = {
    "xunzhen": Solver("tests.bench.weeks.ours", "numba", uses_cores=True),
    "pyvrp": Solver("tests.bench.weeks.with_pyvrp", "pyvrp"),
    "vroom": Solver("tests.bench.weeks.with_vroom", "vroom", uses_cores=True),
    "ortools": Solver("tests.bench.weeks.with_ortools", "ortools"),
}
PROTOTYPE = "prototype"
SEED_STEP = 1000
"""Between the runs side by side of a solver that uses one core each."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one solver on one week."""

    solver: str
    week: Week
    limit: Limit
    prototype: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A judged run."""

    verdict: Verdict
    agrees: bool
    """Whether a cost that the solver claims is the judge's, with nothing repaired."""
    per_second: float
    peak_mb: float
    cpu_seconds: float


def is_installed(name: str) -> bool:
    """Whether a solver's library is there."""
    return name == PROTOTYPE or importlib.util.find_spec(SOLVERS[name].needs) is not None


def find(run: Run) -> Found:
    """The solver's plan, in this process."""
    if run.solver == PROTOTYPE:
        from tests.bench.weeks import prototype

        assert run.prototype is not None
        return prototype.solve(run.week, run.limit, run.prototype)
    found: Found = importlib.import_module(SOLVERS[run.solver].module).solve(run.week, run.limit)
    return found


def measure(run: Run) -> Outcome:
    """The judged plan of a run in processes of its own; of a one-core solver on several cores the best of as many."""
    is_alone = run.solver in SOLVERS and SOLVERS[run.solver].uses_cores
    seeds = [run.limit.seed + SEED_STEP * number for number in range(1 if is_alone else run.limit.cores)]
    cores = run.limit.cores if is_alone else 1
    tasks = [replace(run, limit=replace(run.limit, seed=seed, cores=cores)) for seed in seeds]
    apart = work_side_by_side(find, tasks)
    verdicts = [judge(run.week, one.answer.routes) for one in apart]
    best = min(range(len(apart)), key=lambda number: verdicts[number].cost_tenths)
    claimed = apart[best].answer.claimed_tenths
    is_right = verdicts[best].repaired == 0 and claimed == verdicts[best].cost_tenths
    return Outcome(
        verdict=verdicts[best],
        agrees=claimed is None or is_right,
        per_second=sum(one.answer.iterations for one in apart) / run.limit.seconds,
        peak_mb=sum(one.peak_mb for one in apart),
        cpu_seconds=sum(one.answer.cpu_seconds for one in apart),
    )
