"""How far a whole township week's plan can be from the best possible, as proven; and what the relaxed week spends.

`python -m tests.bench weekbound --people 60000 --seconds 60,180 --search 60`. The demo township of a seed is planned
for `--search` seconds and judged; every bound then gets so many seconds of its own. `spent` is the relaxed week's cost
by part: where it lies far below the plan's, the bound is weak.
"""

import argparse
import tempfile
from pathlib import Path

from api.demo import DEMO_WEEK, write_demo
from api.planning import prepare
from optimizer.plan import Result
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve, warm
from optimizer.stop import Budget
from optimizer.tables import monday_of
from optimizer.week_bound import WeekBound, week_bound
from tests.bench.results import peak_mb


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench weekbound", description=__doc__)
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--seeds", type=lambda text: [int(word) for word in text.split(",")], default=[1])
    parser.add_argument("--seconds", type=lambda text: [float(word) for word in text.split(",")], default=[60.0, 180.0])
    parser.add_argument("--search", type=float, default=60.0)
    return parser.parse_args(argv)


def demo_week(seed: int, people: int) -> Problem:
    """The week of the demo township of a seed."""
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder), seed, people, monday_of(DEMO_WEEK))
        return prepare(Path(folder), DEMO_WEEK).problem


def tell(result: Result, bound: WeekBound) -> None:
    """The figures of one bound."""
    counts = "  ".join(f"{name} {value:.0f}" for name, value in bound.statistics.items())
    spent = "  ".join(f"{part} {points:,.0f}" for part, points in bound.parts.items())
    print(f"  {bound.words_en(result.cost.total)}\n  {counts}  peak_mb {peak_mb():.0f}\n  spent: {spent}", flush=True)


def main(argv: list[str]) -> int:
    """Run the bench; 1 when some bound lies above a judged plan."""
    options = parse(argv)
    warm()
    is_sound = True
    for seed in options.seeds:
        problem = demo_week(seed, options.people)
        result = solve(problem, SolveParams(seed=seed, seconds=options.search, prove=True))
        parts = "  ".join(f"{part} {points:,}" for part, points in result.cost.parts.items() if points)
        print(f"seed {seed}: cost {result.cost.total:,}  beside the search {result.bound}\n  plan: {parts}", flush=True)
        for seconds in options.seconds:
            bound = week_bound(problem, budget=Budget(seconds=seconds))
            is_sound = is_sound and bound.value <= result.cost.total
            tell(result, bound)
    return 0 if is_sound else 1
