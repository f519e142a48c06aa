"""The search on Solomon's and Gehring and Homberger's vehicle routes with time windows.

`python -m tests.bench vrptw --data FOLDER --seconds 30 --seeds 1 -o results.csv --solutions DIR`

FOLDER holds `best_known.csv` (columns instance and cost_dimacs) and the instances in VRPLIB form (`.vrp`), in folders.
"""

from tests.bench.sets.running import BenchSet, Judged, Task, run_set, searched
from tests.bench.sets.vrptw import input_of, judge, read_best_known, read_vrptw, solution_text


def main(argv: list[str]) -> int:
    """Measure; 1 when some plan is not valid."""
    return run_set(BenchSet("vrptw", "**/*.vrp", ".sol", read_best_known, run), argv, __doc__)


def run(task: Task) -> Judged:
    """One judged run."""
    instance = read_vrptw(task.path)
    answer, cpu_seconds = searched(input_of(instance), task)
    verdict = judge(instance, answer.routes)
    return Judged(verdict, solution_text(answer.routes, verdict.cost), answer.statistics["iterations"], cpu_seconds)
