"""The roster alone, counted in neighbourhoods instead of seconds: the same figures on any machine under any load.

`python -m tests.bench roster --seeds 1,2 --neighbourhoods 80 --methods joint,frozen_cover`

Cost is the roster model's (travel as it estimates it), not the judge's; `joint` compares judged plans at equal time.
The weeks are those of `joint`; `--keep FOLDER` keeps them between runs.
"""

import argparse
import pickle
import sys
import time
from pathlib import Path

from optimizer.bundle import units_of
from optimizer.problem import Problem
from optimizer.roster import Method, decide
from optimizer.stop import Budget
from tests.bench.joint import overloaded_week

FIGURES = ("start_cost", "quick_cost", "cost", "neighbourhoods", "helped", "effort")


def main(argv: list[str]) -> int:
    """Decide every week by every method, print a line each and the costs at the end."""
    options = _options(argv)
    costs: dict[tuple[Method, int], float] = {}
    for seed in options.seeds:
        problem = _week(seed, options)
        for method in options.methods:
            figures, seconds = _run(problem, seed, method, options)
            costs[method, seed] = figures["cost"]
            parts = [f"{name} {figures[name]:.0f}" for name in FIGURES]
            print(f"week {seed}  {method.value}  {'  '.join(parts)}  cpu_seconds {seconds:.1f}", flush=True)
    print("\nroster cost in thousand points | " + " | ".join(f"week {seed}" for seed in options.seeds))
    for method in options.methods:
        print(f"{method.value} | " + " | ".join(f"{costs[method, seed] / 1000:.0f}" for seed in options.seeds))
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench roster", description=__doc__)
    parser.add_argument("--seeds", type=lambda text: [int(word) for word in text.split(",")], default=[1, 2, 3, 4, 5])
    parser.add_argument("--neighbourhoods", type=int, default=80)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--staff-percent", type=int, default=80)
    parser.add_argument("--methods", type=lambda text: [Method(word) for word in text.split(",")], default=list(Method))
    parser.add_argument("--keep", type=Path, help="a folder of your own for the generated weeks (pickles)")
    return parser.parse_args(argv)


def _week(seed: int, options: argparse.Namespace) -> Problem:
    """The week of a seed, from the folder if it is there."""
    if options.keep is None:
        return overloaded_week(seed, options.people, options.staff_percent)
    path: Path = options.keep / f"week{seed}-{options.people}-{options.staff_percent}.pkl"
    if not path.exists():
        options.keep.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(overloaded_week(seed, options.people, options.staff_percent)))
    problem: Problem = pickle.loads(path.read_bytes())
    return problem


def _run(problem: Problem, seed: int, method: Method, options: argparse.Namespace) -> tuple[dict[str, float], float]:
    """Figures of the roster, and CPU seconds of this process."""
    budget = Budget(iterations=options.neighbourhoods)
    began = time.process_time()
    roster = decide(problem, units_of(problem), seed=seed, budget=budget, workers=options.workers, method=method)
    return dict(roster.statistics), time.process_time() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
