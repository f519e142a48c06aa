"""The search on Cordeau's periodic vehicle routes.

`python -m tests.bench pvrp --data FOLDER --seconds 120 --seeds 1 -o results.csv --solutions DIR`

FOLDER holds `best_known.csv` (columns instance and bks) and the instances in Cordeau's form (`p01.txt`, `pr01.txt`, …).
"""

from tests.bench.sets.pvrp import judge, read_best_known, read_pvrp, solution_text, view_of
from tests.bench.sets.running import BenchSet, Judged, Task, run_set, searched


def main(argv: list[str]) -> int:
    """Measure; 1 when some plan is not valid."""
    return run_set(BenchSet("pvrp", "p*.txt", ".res", read_best_known, run), argv, __doc__)


def run(task: Task) -> Judged:
    """One judged run."""
    instance = read_pvrp(task.path)
    view = view_of(instance)
    answer, cpu_seconds = searched(view.given, task)
    routes = view.routes_of(answer.routes)
    return Judged(
        judge(instance, routes), solution_text(instance, routes), answer.statistics["iterations"], cpu_seconds
    )
