"""Home care with pairs: the set of Mankowska, Meisel and Bierwirth (2014), read from the JSON form of iolab-uniud.

One day, one office, caregivers with services they can do, patients with one service or two. Two services are done by
two caregivers, at the same start or one after the other. Minutes throughout; travel time is travel cost.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LETTERS = {10: "A", 25: "B", 50: "C", 75: "D", 100: "E", 200: "F", 300: "G"}
"""Of the instances' labels, by patients."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Services with their minutes, the window, and how far apart two services start (None: one service)."""

    id: str
    services: tuple[tuple[str, float], ...]
    window: tuple[float, float]
    apart: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Mankowska:
    """One instance; place 0 of the travel minutes is the office, place k the k-th patient."""

    label: str
    patients: tuple[Patient, ...]
    abilities: dict[str, frozenset[str]]
    """By caregiver."""
    travel: NDArray[np.float64]


def read_mankowska(path: Path) -> Mankowska:
    """An instance. Raises ValueError where the distances do not fit the patients."""
    found = json.loads(path.read_text(encoding="utf-8"))
    durations = {service["id"]: service.get("default_duration") for service in found["services"]}
    patients = tuple(_patient(patient, durations) for patient in found["patients"])
    travel = np.array(found["distances"], np.float64)
    if travel.shape != (len(patients) + 1, len(patients) + 1):
        raise ValueError(f"{path.name}: distances are {travel.shape}, expected a square of {len(patients) + 1}")
    abilities = {caregiver["id"]: frozenset(caregiver["abilities"]) for caregiver in found["caregivers"]}
    return Mankowska(label_of(path), patients, abilities, travel)


def _patient(found: dict[str, Any], durations: dict[str, float]) -> Patient:
    """One patient; the order of two services is that of the file."""
    needs = found["required_caregivers"]
    services = tuple((need["service"], float(need.get("duration") or durations[need["service"]])) for need in needs)
    apart = None
    if len(services) > 1:
        kind = found["synchronization"]
        least, most = kind["distance"] if kind["type"] == "sequential" else (0.0, 0.0)
        apart = (float(least), float(most))
    begin, end = found["time_window"]
    return Patient(found["id"], services, (float(begin), float(end)), apart)


def label_of(path: Path) -> str:
    """`InstanzCPLEX_HCSRP_25_6` is B6."""
    _, _, patients, number = path.stem.split("_")
    return LETTERS[int(patients)] + number


def read_best_known(folder: Path) -> dict[str, float]:
    """The lowest known cost by label."""
    with (folder / "best_known.csv").open(newline="", encoding="utf-8") as file:
        return {line["label"]: float(line["best_known"]) for line in csv.DictReader(file)}
