"""Runs our search over a public set with labels: fresh processes, judged rows, solutions in the set's own form."""

import argparse
import math
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from optimizer.routing import RoutingInput, RoutingOutput, SearchParams, search
from optimizer.stop import Budget
from tests.bench.results import Row, gap_percent, peak_mb, write_row
from tests.bench.sets.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Task:
    """One run on one file."""

    path: Path
    seconds: float
    cores: int
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the set's judge says about a run's plan, and the plan in the set's form."""

    verdict: Verdict
    text: str
    iterations: float


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A set: where its files are, how they are called, what is known of them, and one judged run."""

    name: str
    pattern: str
    suffix: str
    """Of its solutions."""
    label_of: Callable[[Path], str]
    best_known: Callable[[Path], dict[str, float]]
    run: Callable[[Task], Outcome]


def searched(given: RoutingInput, task: Task) -> RoutingOutput:
    """Our search from nothing; compiling, or loading what was compiled, does not count."""
    search(given, seed=0, budget=Budget(iterations=1))
    params = SearchParams(workers=task.cores)
    return search(given, seed=task.seed, budget=Budget(seconds=task.seconds), params=params)


def run_set(labelled: LabelledSet, argv: list[str], text: str | None) -> int:
    """Measure every chosen instance with every seed; 1 when some plan is not valid."""
    options = _options(labelled, argv, text)
    paths = {labelled.label_of(path): path for path in options.data.glob(labelled.pattern)}
    known = labelled.best_known(options.data)
    labels = options.instances or sorted(paths.keys() & known.keys(), key=_natural)
    rows = []
    for seed in range(1, options.seeds + 1):
        for label in labels:
            task = Task(paths[label], options.seconds, options.cores, seed)
            rows.append(_measure(labelled, label, task, known.get(label, math.nan), options))
    gaps = [row.gap_percent for row in rows if row.valid and not math.isnan(row.gap_percent)]
    if gaps:
        print(f"\nmean gap {sum(gaps) / len(gaps):.2f} %, worst {max(gaps):.2f} %, {len(gaps)} of {len(rows)} runs")
    return 0 if rows and all(row.valid for row in rows) else 1


def _options(labelled: LabelledSet, argv: list[str], text: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m tests.bench {labelled.name}", description=text)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the set, with best_known.csv")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=1, help="seeds 1..K")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--instances", type=lambda words: words.split(","), help="labels, separated by commas")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--solutions", type=Path, help="folder for plans in the set's own form")
    return parser.parse_args(argv)


def _natural(label: str) -> tuple[str, int, str]:
    """A2 before A10, 2N before 10N."""
    digits = "".join(letter for letter in label if letter.isdigit())
    letters = label.replace(digits, "")
    return ("", int(digits), letters) if label[0].isdigit() else (letters, int(digits), "")


def _run_with_memory(run: Callable[[Task], Outcome], task: Task) -> tuple[Outcome, float]:
    """In the new process: an outcome, and the most memory it took."""
    return run(task), peak_mb()


def _measure(labelled: LabelledSet, label: str, task: Task, best_known: float, options: argparse.Namespace) -> Row:
    """One run in a process of its own, written to the results and the solutions."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        outcome, peak = pool.submit(_run_with_memory, labelled.run, task).result()
    cost = round(outcome.verdict.cost, 4)
    row = Row(
        set=labelled.name,
        instance=label,
        solver="xunzhen",
        seconds=task.seconds,
        cores=task.cores,
        seed=task.seed,
        cost=cost,
        best_known=best_known,
        gap_percent=gap_percent(cost, best_known),
        unserved=outcome.verdict.unserved,
        valid=outcome.verdict.is_valid,
        peak_mb=peak,
    )
    if not outcome.verdict.is_valid:
        row = replace(row, gap_percent=math.nan)
    write_row(options.output, row)
    print(f"    {outcome.iterations / task.seconds:.0f} iterations a second" if task.seconds else "", flush=True)
    for fault in outcome.verdict.faults:
        print(f"    {fault}")
    if options.solutions:
        options.solutions.mkdir(parents=True, exist_ok=True)
        name = f"{label}-seed{task.seed}{labelled.suffix}"
        (options.solutions / name).write_text(outcome.text, encoding="utf-8")
    return row
