"""Rows of measured runs: one form for every set and solver, written as they come."""

import csv
import math
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one solver on one instance, judged by the set's own evaluator."""

    set: str
    instance: str
    solver: str
    seconds: float
    """The time limit that was given."""
    cores: int
    seed: int
    cost: float
    """In the unit of the set; of the judged plan, not of the solver's word."""
    best_known: float
    """The listed value in the same unit; not a number where none is."""
    gap_percent: float
    unserved: int
    valid: bool
    peak_mb: float


def gap_percent(cost: float, best_known: float) -> float:
    """How far a cost lies above the best known one, in percent; not a number where none is known."""
    return round(100.0 * (cost / best_known - 1.0), 3) if best_known else math.nan


def peak_mb() -> float:
    """Most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def write_row(path: Path | None, row: Row) -> None:
    """Print a row, and append it to a file that gets its header with the first one."""
    values = asdict(row)
    print("  ".join(f"{name} {value}" for name, value in values.items()), flush=True)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(values)
        writer.writerow(values.values())


def read_rows(path: Path) -> list[Row]:
    """All rows of a file that `write_row` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        return [_row(line) for line in csv.DictReader(file)]


def _row(line: dict[str, str]) -> Row:
    """The row of one line of text."""
    return Row(
        set=line["set"],
        instance=line["instance"],
        solver=line["solver"],
        seconds=float(line["seconds"]),
        cores=int(line["cores"]),
        seed=int(line["seed"]),
        cost=float(line["cost"]),
        best_known=float(line["best_known"]),
        gap_percent=float(line["gap_percent"]),
        unserved=int(line["unserved"]),
        valid=line["valid"] == "True",
        peak_mb=float(line["peak_mb"]),
    )
