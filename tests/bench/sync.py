"""The search on hard windows and visits that start together, the set of Bredström and Rönnqvist (2008).

`python -m tests.bench sync --data FOLDER --seconds 10 --seeds 3 -o results.csv --solutions DIR`

FOLDER holds `best_known.csv` and the instances in AMPL form; `--instances 1N,7L` takes some. The set has no form
for solutions: one line per carer, visits with their starts in minutes.
"""

from dataclasses import replace

import numpy as np

from optimizer.routing import RoutingInput, RoutingOutput, Timing, blank_input
from tests.bench.sets.bredstrom import Bredstrom, label_of, read_best_known, read_bredstrom
from tests.bench.sets.bredstrom_judge import Plan, judge
from tests.bench.sets.running import BenchSet, Judged, Task, run_set, searched

SECONDS = 60
LEFT_PENALTY = 10**8
"""Above any travel: every visit has to be made."""


def main(argv: list[str]) -> int:
    """Measure; 1 when some plan is not valid."""
    return run_set(BenchSet("sync", "case_*.dat", ".txt", read_best_known, run, label_of), argv, __doc__)


def run(task: Task) -> Judged:
    """One judged run."""
    instance = read_bredstrom(task.path)
    answer, cpu_seconds = searched(input_of(instance), task)
    plan = plan_of(answer)
    return Judged(judge(instance, plan), solution_text(plan), answer.statistics["iterations"], cpu_seconds)


def input_of(instance: Bredstrom) -> RoutingInput:
    """The instance as input of the search, in seconds; visit v is node v."""
    travel = np.rint(SECONDS * instance.travel).astype(np.int64)
    given = replace(blank_input(matrices=travel[None], depots=1, routes=instance.carers), timing=Timing.EXACT)
    given.team[:] = np.arange(given.routes)
    given.soft_end[:] = given.hard_end[:] = round(SECONDS * instance.day_end)
    given.service[:] = np.rint(SECONDS * instance.service)
    given.penalty[1:] = LEFT_PENALTY
    given.windows[1:, 0, 0, :2] = np.rint(SECONDS * instance.windows[1:])
    given.windows[1:, 0, 0, 2] = given.windows[1:, 0, 0, 1]
    for one, other in instance.pairs:
        given.partner[one], given.partner[other] = other, one
        given.penalty[max(one, other)] = 0
    return given


def plan_of(answer: RoutingOutput) -> Plan:
    """The answer in minutes."""
    return [
        [(visit, start / SECONDS) for visit, start in zip(route, times.starts if times else (), strict=True)]
        for route, times in zip(answer.routes, answer.times, strict=True)
    ]


def solution_text(plan: Plan) -> str:
    """One line per carer."""
    return "".join(
        f"{carer}: " + " ".join(f"{visit}@{start:g}" for visit, start in route) + "\n"
        for carer, route in enumerate(plan, start=1)
    )
