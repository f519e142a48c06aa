"""The search over a week's routes against the measured first version of it, at equal time on one thread each.

`--prototype DIR` names the folder with `prob.py` and `own.py`. Both plans are judged by `prob.evaluate`.
"""

import argparse
import csv
import statistics
import time
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType

from optimizer.routing import SearchParams, search, warm
from optimizer.stop import Budget
from tests.bench.instances import Instance, input_of, load_recipe, week_instance

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "prototypes" / "engine"


@dataclass(frozen=True, slots=True)
class Row:
    """One instance, seed and time: costs in minutes by the recipe's evaluator, visits left, iterations per second."""

    size: int
    seed: int
    seconds: float
    cost: float
    unserved: int
    per_second: int
    peer_cost: float
    peer_unserved: int
    peer_per_second: int
    percent: float
    """Our cost in percent of the peer's."""


def numbers(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [float(word) for word in text.split(",")]


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench week", description=__doc__)
    parser.add_argument("--sizes", type=numbers, default=[150, 400, 1000])
    parser.add_argument("--seconds", type=numbers, default=[10, 30, 60])
    parser.add_argument("--seeds", type=numbers, default=[1, 2, 3])
    parser.add_argument("--prototype", type=Path, default=BESIDE)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path)
    return parser.parse_args(argv)


def measure(instance: Instance, recipe: ModuleType, peer: ModuleType, seconds: float, workers: int) -> Row:
    """Both searches on one instance, one after the other."""
    seed = int(instance["seed"])
    judged, per_second = _ours(instance, recipe, seconds, workers)
    begun = time.perf_counter()
    other = peer.Sisr(instance, seed)
    routes = other.solve(seconds)
    other_per_second = int(other.st[2] / (time.perf_counter() - begun))
    found = recipe.evaluate(instance, routes)
    return Row(
        size=instance["n"],
        seed=seed,
        seconds=seconds,
        cost=judged["cost"],
        unserved=judged["unserved"],
        per_second=per_second,
        peer_cost=found["cost"],
        peer_unserved=found["unserved"],
        peer_per_second=other_per_second,
        percent=round(100 * judged["cost"] / found["cost"], 2),
    )


def _ours(instance: Instance, recipe: ModuleType, seconds: float, workers: int) -> tuple[Instance, int]:
    """Our plan as the recipe judges it, and iterations per second; a plan that it has to repair is an error."""
    begun = time.perf_counter()
    answer = search(
        input_of(instance, recipe),
        seed=int(instance["seed"]),
        budget=Budget(seconds=seconds),
        params=SearchParams(workers=workers),
    )
    taken = time.perf_counter() - begun
    judged: Instance = recipe.evaluate(instance, dict(enumerate(answer.routes)))
    if judged["drops"] or round(judged["cost"] * 10) != answer.cost:
        raise ValueError(f"evaluator finds {judged['cost'] * 10} with {judged['drops']} drops, search {answer.cost}")
    return judged, int(answer.statistics["iterations"] / taken)


def report(rows: list[Row]) -> None:
    """Medians by size and seconds."""
    print("\nsize seconds  ours  first version  percent (medians)  it/s ratio")
    for size in sorted({row.size for row in rows}):
        for seconds in sorted({row.seconds for row in rows}):
            group = [row for row in rows if (row.size, row.seconds) == (size, seconds)]
            ours, peer = (
                statistics.median(values) for values in zip(*((r.cost, r.peer_cost) for r in group), strict=True)
            )
            percent = statistics.median(row.percent for row in group)
            ratio = statistics.median(row.per_second / row.peer_per_second for row in group)
            print(f"{size:4d} {seconds:7g} {ours:8.1f} {peer:8.1f} {percent:7.2f} {ratio:10.2f}")


def main(argv: list[str]) -> int:
    """Measure, print every row as it comes and the medians, write them all."""
    args = parse(argv)
    recipe, peer = load_recipe(args.prototype, "prob"), load_recipe(args.prototype, "own")
    warm()
    peer.warm()
    rows: list[Row] = []
    for size in args.sizes:
        for seed in args.seeds:
            for seconds in args.seconds:
                instance = week_instance(args.prototype, int(size), int(seed)) | {"seed": int(seed)}
                rows.append(measure(instance, recipe, peer, seconds, args.workers))
                print(rows[-1], flush=True)
    report(rows)
    if args.output:
        with args.output.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([field.name for field in fields(Row)])
            writer.writerows([getattr(row, field.name) for field in fields(Row)] for row in rows)
    return 0
