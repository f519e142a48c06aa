"""Deciding sessions, channels and homes together, against one after the other, at equal time.

`python -m tests.bench joint --seeds 1,2,3,4,5 --seconds 60 --people 60000 --staff-percent 80 -o results.csv`

Every seed is a generated township week that is overloaded: only so many percent of its field half-days are left. The
methods run in turn on the same machine; cost comes from the judge, which shares no code with the search.
"""

import argparse
import csv
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from api.demo import DEMO_WEEK, write_demo
from api.planning import prepare
from optimizer.check import check
from optimizer.plan import Plan, StopKind
from optimizer.problem import Problem
from optimizer.roster import Method
from optimizer.solve import SolveParams, solve
from optimizer.tables import monday_of

FIELDS = (
    *("seed", "method", "seconds", "cost", "feasible"),
    *("missed_p0", "missed_p1", "missed_p2", "missed_p3", "sessions_not_held", "crews", "homes", "patrol", "phone"),
    *("travel_minutes", "elapsed_seconds", "peak_mb"),
)
Row = dict[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Case:
    """One generated week."""

    seed: int
    problem: Problem


def main(argv: list[str]) -> int:
    """Run the bench; 1 when some plan does not pass the judge."""
    options = _options(argv)
    rows: list[Row] = []
    for seed in options.seeds:
        case = Case(seed, overloaded_week(seed, options.people, options.staff_percent))
        for method in options.methods:
            rows.append(_run(case, method, options.seconds))
            print("  ".join(f"{name} {rows[-1][name]}" for name in FIELDS), flush=True)
    _report(rows, options.methods)
    if options.output:
        _write(options.output, rows)
    return 0 if all(row["feasible"] for row in rows) else 1


def overloaded_week(seed: int, people: int, staff_percent: int) -> Problem:
    """A demo township whose members have lost a share of their field half-days."""
    with tempfile.TemporaryDirectory() as folder:
        monday = monday_of(DEMO_WEEK)
        write_demo(Path(folder), seed, people, monday)
        problem = prepare(Path(folder), DEMO_WEEK).problem
    rng = np.random.default_rng(seed)
    members = tuple(
        replace(m, field_half_days=tuple(h for h in m.field_half_days if rng.random() * 100 < staff_percent))
        for m in problem.members
    )
    return replace(problem, members=members)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench joint", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=lambda text: [int(word) for word in text.split(",")], default=[1, 2, 3, 4, 5])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--staff-percent", type=int, default=80)
    parser.add_argument("--methods", type=lambda text: [Method(word) for word in text.split(",")], default=list(Method))
    parser.add_argument("-o", "--output", type=Path)
    return parser.parse_args(argv)


def _run(case: Case, method: Method, seconds: float) -> Row:
    began = time.perf_counter()
    result = solve(case.problem, SolveParams(seed=case.seed, seconds=seconds, method=method))
    elapsed = time.perf_counter() - began
    verdict = check(case.problem, result.plan)
    missed = [0, 0, 0, 0]
    for left in result.plan.unplanned:
        missed[case.problem.follow_ups[case.problem.follow_up_number[left.id]].priority] += 1
    return {
        "seed": case.seed,
        "method": method.value,
        "seconds": seconds,
        "cost": verdict.cost.total,
        "feasible": verdict.is_feasible,
        **{f"missed_p{priority}": count for priority, count in enumerate(missed)},
        "sessions_not_held": len(result.plan.sessions_not_held),
        "crews": len(result.plan.crews),
        **_channels(result.plan),
        "travel_minutes": round(verdict.cost.parts["travel"] / 60 / max(1, case.problem.weights.travel_second)),
        "elapsed_seconds": round(elapsed, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _channels(plan: Plan) -> Row:
    counts = {StopKind.HOME: 0, StopKind.SESSION: 0}
    for crew in plan.crews:
        for stop in crew.stops:
            counts[stop.kind] += len(stop.follow_ups)
    return {"homes": counts[StopKind.HOME], "patrol": counts[StopKind.SESSION], "phone": len(plan.phone_calls)}


def _report(rows: list[Row], methods: list[Method]) -> None:
    """Cost of every method by seed, and how far JOINT lies below each."""
    cost = {(row["seed"], row["method"]): float(row["cost"]) for row in rows}
    seeds = sorted({int(row["seed"]) for row in rows})
    print("\ncost in thousand points | " + " | ".join(f"week {seed}" for seed in seeds) + " | mean below it")
    for method in methods:
        costs = [cost[seed, method.value] for seed in seeds]
        line = f"{method.value} | " + " | ".join(f"{value / 1000:.0f}" for value in costs)
        joint = [cost.get((seed, Method.JOINT.value)) for seed in seeds]
        shares = [100 * (1 - j / other) for j, other in zip(joint, costs, strict=True) if j is not None and other]
        print(
            line
            + (f" | joint {statistics.mean(shares):.0f} % ({min(shares):.0f} to {max(shares):.0f})" if shares else "")
        )


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
