"""Routes with hard windows and visits that start together: the set of Bredström and Rönnqvist (2008), in AMPL form.

Carers are all equal and start and end at place 0. A patient who needs two carers is two visits. Travel counts, in
minutes of the file; the published table gives it in hours of a day of nine.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NEVER_DRIVEN = 10_000
"""How a file marks a leg that cannot be."""
DAY_HOURS = 9.0
FLEXIBILITY = "NSMLH"
"""Last letter of a label, for the last number of a file's name: windows from none to the whole day."""
INSTANCE = {(20, 1): 1, (20, 2): 2, (20, 3): 3, (20, 4): 4, (20, 5): 5, (50, 1): 6, (50, 2): 7, (50, 3): 8}
INSTANCE |= {(80, 1): 9, (80, 2): 10}
"""First part of a label, by visits and case."""


@dataclass(frozen=True, slots=True)
class Bredstrom:
    """One instance; visits are 1..n, place 0 is the base. Minutes."""

    label: str
    carers: int
    day_end: float
    service: NDArray[np.float64]
    windows: NDArray[np.float64]
    """(n + 1, 2) first and last start."""
    travel: NDArray[np.float64]
    pairs: tuple[tuple[int, int], ...]


def read_bredstrom(path: Path) -> Bredstrom:
    """An instance, of whose three equal days the first is taken. Raises ValueError where a table does not fit."""
    text = path.read_text(encoding="utf-8")
    shared = re.search(r"set Shared_Visited\s*:=([^;]*);", text)
    tables = {name: _table(text, name) for name in ("s_id", "e_id", "l_id", "t_ij")}
    places = len(tables["s_id"])
    travel = tables["t_ij"]
    if travel.shape != (places, places) or any(len(tables[name]) != places for name in ("e_id", "l_id")):
        raise ValueError(f"{path.name}: tables of {places} places expected")
    travel[travel >= NEVER_DRIVEN] = 0.0  # a visit to itself, or to its other half, whom another carer sees
    return Bredstrom(
        label=label_of(path),
        carers=int(_number(text, "kn")),
        day_end=_number(text, "T"),
        service=tables["s_id"][:, 0],
        windows=np.stack([tables["e_id"][:, 0], tables["l_id"][:, 0]], axis=1),
        travel=travel,
        pairs=tuple((int(a), int(b)) for a, b in re.findall(r"\((\d+),(\d+)\)", shared[1] if shared else "")),
    )


def _number(text: str, name: str) -> float:
    """A parameter with one value."""
    found = re.search(rf"param {name}\s*:=\s*([\d.]+)\s*;", text)
    if found is None:
        raise ValueError(f"param {name} is missing")
    return float(found[1])


def _table(text: str, name: str) -> NDArray[np.float64]:
    """A parameter with a row per place, in their order; the first column is the place."""
    found = re.search(rf"param {name}\s*:[^\n]*:=\s*\n(.*?);", text, re.DOTALL)
    if found is None:
        raise ValueError(f"param {name} is missing")
    rows = [[float(word) for word in line.split()] for line in found[1].splitlines() if line.strip()]
    if [row[0] for row in rows] != list(range(len(rows))):
        raise ValueError(f"param {name}: rows 0, 1, … expected")
    return np.array([row[1:] for row in rows], np.float64)


def label_of(path: Path) -> str:
    """`case_2_50_10_5_4` is 7L."""
    _, case, visits, _, _, width = path.stem.split("_")
    return f"{INSTANCE[int(visits), int(case)]}{FLEXIBILITY[int(width) - 1]}"


def read_best_known(folder: Path) -> dict[str, float]:
    """Least published travel by label, in hours of a nine-hour day."""
    return dict(_lines(folder))


def _lines(folder: Path) -> Iterator[tuple[str, float]]:
    with (folder / "best_known.csv").open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            yield line["label"], float(line["best_known_travel_hours"])
