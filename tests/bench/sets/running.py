"""Runs our search over a public set: fresh processes, judged rows, solutions in the set's own form."""

import argparse
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from optimizer.routing import RoutingInput, RoutingOutput, SearchParams, search
from optimizer.stop import Budget
from tests.bench.about import note_command
from tests.bench.apart import WorkFailed, work_apart
from tests.bench.results import Pace, Row, gap_percent, write_pace, write_row
from tests.bench.sets.verdict import Verdict

SOLVER = "xunzhen"


@dataclass(frozen=True, slots=True)
class Task:
    """One run on one file."""

    path: Path
    seconds: float
    cores: int
    seed: int
    clock: str = "wall"
    """Of the seconds: wall, or cpu for those of the processor on every core."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the set's judge says about a run's plan, and the plan in the set's form."""

    verdict: Verdict
    text: str
    iterations: float
    cpu_seconds: float


def stem(path: Path) -> str:
    """The name of a file without its ending."""
    return path.stem


@dataclass(frozen=True, slots=True)
class BenchSet:
    """A set: where its files are, what is known of them, one judged run (a module's function), how files are called."""

    name: str
    pattern: str
    """Of its files, under the folder."""
    suffix: str
    """Of its solutions."""
    best_known: Callable[[Path], dict[str, float]]
    run: Callable[[Task], Judged]
    name_of: Callable[[Path], str] = stem


def searched(given: RoutingInput, task: Task) -> tuple[RoutingOutput, float]:
    """Our search from nothing, and its CPU seconds; compiling, or loading what was compiled, does not count."""
    search(given, seed=0, budget=Budget(iterations=1))
    began = time.process_time()
    params = SearchParams(workers=task.cores)
    clock = time.perf_counter if task.clock == "wall" else lambda: time.process_time() / task.cores
    budget = Budget(seconds=task.seconds, clock=clock)
    found = search(given, seed=task.seed, budget=budget, params=params)
    return found, time.process_time() - began


def run_set(bench_set: BenchSet, argv: list[str], text: str | None) -> int:
    """Measure every instance with every seed; 1 when some plan is not valid."""
    options = _options(bench_set, argv, text)
    paths = {bench_set.name_of(path): path for path in options.data.glob(bench_set.pattern)}
    chosen = sorted((name for name in paths if not options.instances or name in options.instances), key=_natural)
    note_command(options.output, bench_set.name, argv)
    known = bench_set.best_known(options.data)
    rows = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for name in chosen:
            task = Task(paths[name], options.seconds, options.cores, seed, options.clock)
            rows.append(_measure(bench_set, task, known.get(name, math.nan), options))
    gaps = [row.gap_percent for row in rows if row.valid and not math.isnan(row.gap_percent)]
    if gaps:
        print(f"\nmean gap {sum(gaps) / len(gaps):.2f} %, worst {max(gaps):.2f} %, {len(gaps)} of {len(rows)} runs")
    return 0 if rows and all(row.valid for row in rows) else 1


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """A2 before A10, 2N before 10N."""
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _options(bench_set: BenchSet, argv: list[str], text: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m tests.bench {bench_set.name}", description=text)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the set, with best_known.csv")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument(
        "--clock", choices=("wall", "cpu"), default="wall", help="cpu: seconds of processor on each core"
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many, from the first one on")
    parser.add_argument("--first-seed", type=int, default=1, help="begin with another seed than 1")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--instances", type=lambda words: words.split(","), help="names, separated by commas")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--solutions", type=Path, help="folder for plans in the set's own form")
    return parser.parse_args(argv)


def _measure(bench_set: BenchSet, task: Task, best_known: float, options: argparse.Namespace) -> Row:
    """One run, written to the results and the solutions."""
    row = _unanswered(bench_set, task, best_known)
    try:
        found = work_apart(bench_set.run, task)
    except WorkFailed as failure:
        print(failure)
        write_row(options.output, row)
        return row
    verdict, cost = found.answer.verdict, round(found.answer.verdict.cost, 3)
    row = replace(row, cost=cost, gap_percent=gap_percent(cost, best_known), peak_mb=found.peak_mb)
    row = replace(row, unserved=verdict.unserved, valid=verdict.is_valid)
    write_row(options.output, row)
    write_pace(options.output, _pace(row, found.answer.iterations, found.answer.cpu_seconds))
    for fault in verdict.faults:
        print(f"    {fault}")
    if options.solutions:
        options.solutions.mkdir(parents=True, exist_ok=True)
        name = f"{row.instance}-seed{task.seed}{bench_set.suffix}"
        (options.solutions / name).write_text(found.answer.text, encoding="utf-8")
    return row


def _unanswered(bench_set: BenchSet, task: Task, best_known: float) -> Row:
    """The row of a run without an answer."""
    return Row(
        set=bench_set.name,
        instance=bench_set.name_of(task.path),
        solver=SOLVER,
        seconds=task.seconds,
        cores=task.cores,
        seed=task.seed,
        cost=math.nan,
        best_known=best_known,
        gap_percent=math.nan,
        unserved=-1,
        valid=False,
        peak_mb=math.nan,
    )


def _pace(row: Row, iterations: float, cpu_seconds: float) -> Pace:
    """The pace of a run with this row."""
    return Pace(
        set=row.set,
        instance=row.instance,
        solver=row.solver,
        seconds=row.seconds,
        cores=row.cores,
        seed=row.seed,
        per_second=round(iterations / row.seconds, 1) if row.seconds else math.nan,
        cpu_seconds=round(cpu_seconds, 1),
        repaired=0,
    )
