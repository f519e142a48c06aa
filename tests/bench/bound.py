"""How far a proven bound lies below the best plan found, on the generated weeks of `week`.

`python -m tests.bench bound --sizes 150 --seconds 120 --seeds 1,2,3`. The plan is searched first, for `--search`
seconds; the bound then gets `--seconds` of its own. In a row, cost is the bound, best_known the plan's cost,
gap_percent the proven gap.
"""

import argparse
from pathlib import Path

from optimizer.bound import Bound, BoundParams, lower_bound
from optimizer.routing import RoutingInput, RoutingOutput, SearchParams, search, warm
from optimizer.stop import Budget
from tests.bench.results import Row, peak_mb, write_row
from tests.bench.weeks.ours import input_of
from tests.bench.weeks.recipe import make_week

FURTHER_PLANS, FURTHER_ITERATIONS = 4, 20_000
"""Short searches whose routes the bound begins with as well."""


def numbers(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [float(word) for word in text.split(",")]


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench bound", description=__doc__)
    parser.add_argument("--sizes", type=numbers, default=[150])
    parser.add_argument("--seconds", type=numbers, default=[120])
    parser.add_argument("--seeds", type=numbers, default=[1, 2, 3])
    parser.add_argument("--search", type=float, default=60.0)
    parser.add_argument("--wanted", type=float, default=0.0, help="stop at this gap in percent")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path)
    return parser.parse_args(argv)


def measure(given: RoutingInput, best: RoutingOutput, seed: int, seconds: float, args: argparse.Namespace) -> Bound:
    """The bound of an input with a plan's routes to begin with."""
    further = [
        search(given, seed=seed + 100 * number, budget=Budget(iterations=FURTHER_ITERATIONS))
        for number in range(1, FURTHER_PLANS + 1)
    ]
    return lower_bound(
        given,
        budget=Budget(seconds=seconds),
        cost=best.cost,
        plans=[best.routes, *(answer.routes for answer in further)],
        params=BoundParams(wanted_percent=args.wanted, workers=args.workers),
    )


def report(bound: Bound, best: RoutingOutput, name: str, seed: int, seconds: float, args: argparse.Namespace) -> None:
    """One line for reading and one row."""
    counts = "  ".join(f"{key} {value:.0f}" for key, value in bound.statistics.items())
    print(f"{name}: {bound.words_en(best.cost)}\n  {counts}", flush=True)
    row = Row(
        set="bound",
        instance=name,
        solver="xunzhen",
        seconds=seconds,
        cores=args.workers,
        seed=seed,
        cost=bound.value,
        best_known=best.cost,
        gap_percent=round(bound.gap_percent(best.cost), 3),
        unserved=len(best.absent),
        valid=bound.value <= best.cost,
        peak_mb=peak_mb(),
    )
    write_row(args.output, row)


def main(argv: list[str]) -> int:
    """Search a plan of every instance, prove a bound, print and write the rows as they come."""
    args = parse(argv)
    warm()
    for size in args.sizes:
        for seed in map(int, args.seeds):
            given = input_of(make_week(int(size), seed))
            plan = search(
                given, seed=seed, budget=Budget(seconds=args.search), params=SearchParams(workers=args.workers)
            )
            measure(given, plan, seed, 1.0, args)  # compiles
            for seconds in args.seconds:
                bound = measure(given, plan, seed, seconds, args)
                report(bound, plan, f"week-{int(size)}-seed{seed}", seed, seconds, args)
    return 0
