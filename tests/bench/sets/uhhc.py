"""Unified home care: the set of iolab-uniud/uhhc, read from its JSON form (version 2).

One day, caregivers with shifts, bases, services they can do and a lunch break, patients with one service or two and
with one window or several. Minutes throughout. The instance says what each part of the cost weighs.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LUNCH = "lunch_break"
"""The service that a break is written as."""
HARD_WHEN_ABSENT = frozenset(
    {"qualification", "incompabilities", "caregiver_preferences", "optional_patients", "missed_lunch_break"}
)
"""Parts of the cost that are rules where the instance gives them no weight; the spelling is that of the form."""
COMPONENTS = (
    *("travel_time", "total_tardiness", "highest_tardiness", "total_waiting_time", "max_waiting_time"),
    *("total_extra_time", "max_idle_time", "workload_balance", "working_time", "caregiver_preferences"),
    *("optional_patients", "missed_lunch_break", "incompabilities", "qualification"),
)


@dataclass(frozen=True, slots=True)
class Patient:
    """Services with their minutes, windows in order, how far apart two services start (None: as they like)."""

    id: str
    place: int
    services: tuple[tuple[str, int], ...]
    windows: tuple[tuple[int, int], ...]
    apart: tuple[int, int] | None
    is_optional: bool
    preferred: frozenset[str] | None
    """Caregivers; None: no preference."""
    incompatible: frozenset[str]


@dataclass(frozen=True, slots=True)
class Caregiver:
    """Where a caregiver leaves from and returns to, and when; whether lunch is due."""

    id: str
    abilities: frozenset[str]
    base: int
    home: int
    shift: tuple[int, int]
    has_lunch: bool


@dataclass(frozen=True, slots=True)
class Lunch:
    """When a break may start, and its minutes."""

    begin: int
    last: int
    """The end of the set's span where windows are for the start of a service, else so long before it that it ends then.

    So the set's own checker has it (iolab-uniud/uhhc-toolbox, revision 2be95b8, check of solutions).
    """
    minutes: int


@dataclass(frozen=True, slots=True)
class Uhhc:
    """One instance."""

    name: str
    patients: tuple[Patient, ...]
    caregivers: tuple[Caregiver, ...]
    lunch: Lunch | None
    travel: NDArray[np.int64]
    """Minutes [from, to] by place."""
    weights: dict[str, float]
    """Of every part of the cost; 1 for a part that is a rule."""
    rules: frozenset[str]
    """The parts that must be 0."""
    is_end_in_window: bool
    """Whether the end of a service is measured against the window's end, not its start."""


def read_uhhc(path: Path) -> Uhhc:
    """An instance. Raises ValueError for a part of the cost that is not known."""
    found = json.loads(path.read_text(encoding="utf-8"))
    durations = {service["id"]: service.get("default_duration") for service in found["services"]}
    points = {point["id"]: point["distance_matrix_index"] for point in found["terminal_points"]}
    weights, rules = _weights(found["metadata"]["cost_components"])
    is_end_in_window = found["metadata"]["time_window_met"] == "at_service_end"
    return Uhhc(
        name=path.stem,
        patients=tuple(_patient(patient, durations) for patient in found["patients"]),
        caregivers=tuple(_caregiver(caregiver, points) for caregiver in found["caregivers"]),
        lunch=_lunch(found.get("lunch_breaks"), is_end_in_window),
        travel=np.array(found["distances"], np.int64),
        weights=weights,
        rules=rules,
        is_end_in_window=is_end_in_window,
    )


def _lunch(found: dict[str, Any] | None, is_end_in_window: bool) -> Lunch | None:
    """The break of an instance, if there is one."""
    if not found:
        return None
    minutes = found["min_duration"]
    return Lunch(found["start"], found["end"] - (minutes if is_end_in_window else 0), minutes)


def _weights(found: dict[str, Any]) -> tuple[dict[str, float], frozenset[str]]:
    """The weight of every part and the parts that are rules."""
    given = {name: weight for name, weight in found.items() if weight is not None}
    unknown = sorted(set(given) - set(COMPONENTS))
    if unknown:
        raise ValueError(f"unknown cost components: {', '.join(unknown)}")
    rules = frozenset(name for name, weight in given.items() if weight == "HARD") | (HARD_WHEN_ABSENT - set(given))
    return {name: 1.0 if name in rules else float(given.get(name, 0)) for name in COMPONENTS}, rules


def _patient(found: dict[str, Any], durations: dict[str, int]) -> Patient:
    """One patient; the order of two services is that of the file."""
    needs = found["required_services"]
    kind, apart = found.get("synchronization") or {}, None
    if len(needs) > 1 and kind["type"] == "simultaneous":
        apart = (0, 0)
    elif len(needs) > 1 and kind["type"] == "sequential":
        apart = (kind["distance"]["min"], kind["distance"]["max"])
    preferred = found.get("preferred_caregivers")
    return Patient(
        id=found["id"],
        place=found["distance_matrix_index"],
        services=tuple((need["service"], need.get("duration") or durations[need["service"]]) for need in needs),
        windows=tuple(sorted((window["start"], window["end"]) for window in found["time_windows"])),
        apart=apart,
        is_optional=bool(found.get("optional")),
        preferred=None if preferred is None else frozenset(preferred),
        incompatible=frozenset(found.get("incompatible_caregivers") or ()),
    )


def _caregiver(found: dict[str, Any], points: dict[str, int]) -> Caregiver:
    """One caregiver; who has no place to return to goes back to where the day began."""
    shift, home = found["working_shift"], found.get("arrival_point") or found["departing_point"]
    return Caregiver(
        id=found["id"],
        abilities=frozenset(found["abilities"]),
        base=points[found["departing_point"]],
        home=points[home],
        shift=(shift["start"], shift["end"]),
        has_lunch=bool(found.get("lunch_break")),
    )


def read_best_known(folder: Path) -> dict[str, float]:
    """The lowest published cost by name."""
    with (folder / "best_known.csv").open(newline="", encoding="utf-8") as file:
        return {line["instance"]: float(line["best"]) for line in csv.DictReader(file)}
