"""Rows of measured runs: one form for every set and solver, written as they come."""

import csv
import math
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


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
    status = Path("/proc/self/status")
    if status.exists():  # on Linux `getrusage` also counts what the parent held when it started this process
        kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(kilobytes) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a run took besides its row: kept in a file beside the results."""

    set: str
    instance: str
    solver: str
    seconds: float
    cores: int
    seed: int
    per_second: float
    """Iterations a second; not a number where the solver does not tell."""
    cpu_seconds: float
    """Of the search, without loading and compiling: on a loaded machine less than the seconds it was given."""
    repaired: int
    """Visits that the judge took out because they broke a rule."""


def pace_path(path: Path) -> Path:
    """The file of paces beside a file of rows."""
    return path.with_suffix(".pace.csv")


def write_pace(path: Path | None, pace: Pace) -> None:
    """Append a pace to the file beside the rows' file."""
    if path is not None:
        _append(pace_path(path), asdict(pace))


def read_paces(path: Path) -> list[Pace]:
    """All paces beside a file of rows, none where there is no such file."""
    if not pace_path(path).exists():
        return []
    with pace_path(path).open(newline="", encoding="utf-8") as file:
        return [_pace(line) for line in csv.DictReader(file)]


def write_row(path: Path | None, row: Row) -> None:
    """Print a row, and append it to a file that gets its header with the first one."""
    values = asdict(row)
    print("  ".join(f"{name} {value}" for name, value in values.items()), flush=True)
    if path is not None:
        _append(path, values)


def _append(path: Path, values: dict[str, Any]) -> None:
    """Append a line, after a header where the file is new."""
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


def _pace(line: dict[str, str]) -> Pace:
    """The pace of one line of text."""
    return Pace(
        set=line["set"],
        instance=line["instance"],
        solver=line["solver"],
        seconds=float(line["seconds"]),
        cores=int(line["cores"]),
        seed=int(line["seed"]),
        per_second=float(line["per_second"]),
        cpu_seconds=float(line["cpu_seconds"]),
        repaired=int(line["repaired"]),
    )


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
