"""Vehicle routes with time windows: the sets of Solomon (1987) and of Gehring and Homberger (1999).

Convention of the DIMACS challenge of 2021: distances and travel times are cut to one decimal, only distance counts, and
any number of vehicles up to the given one may drive. All arrays here count tenths.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer.routing import RoutingInput, blank_input
from tests.bench.sets.verdict import Verdict

TENTHS = 10
LEFT_PENALTY = 10**7
"""Above any detour: every customer has to be served."""
Routes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Vrptw:
    """One instance; node 0 is the depot, customers are 1..n."""

    name: str
    vehicles: int
    capacity: int
    places: NDArray[np.float64]
    """(n + 1, 2)."""
    demand: NDArray[np.int64]
    windows_tenths: NDArray[np.int64]
    """(n + 1, 2): first and last start, of the depot first departure and last return."""
    service_tenths: NDArray[np.int64]

    @property
    def travel_tenths(self) -> NDArray[np.int64]:
        """(n + 1, n + 1), cut to whole tenths."""
        steps = self.places[:, None] - self.places[None]
        found: NDArray[np.int64] = np.floor(TENTHS * np.sqrt((steps**2).sum(-1))).astype(np.int64)
        return found


def read_vrptw(path: Path) -> Vrptw:
    """An instance in VRPLIB form. Raises ValueError where a part is missing or of another length."""
    given, tables = _parts(path.read_text(encoding="utf-8"))
    count = int(given["DIMENSION"])
    wanted = {"NODE_COORD_SECTION": 3, "DEMAND_SECTION": 2, "TIME_WINDOW_SECTION": 3}
    for name, width in wanted.items():
        if [len(row) for row in tables.get(name, [])] != [width] * count:
            raise ValueError(f"{path.name}: {name} has to have {count} lines of {width} numbers")
    columns = {name: np.array(rows, np.float64) for name, rows in tables.items()}
    service = np.full(count, float(given.get("SERVICE_TIME", 0)))
    if "SERVICE_TIME_SECTION" in columns:
        service = columns["SERVICE_TIME_SECTION"][:, 1]
    service[0] = 0
    return Vrptw(
        name=path.stem,
        vehicles=int(given["VEHICLES"]),
        capacity=int(given["CAPACITY"]),
        places=columns["NODE_COORD_SECTION"][:, 1:],
        demand=columns["DEMAND_SECTION"][:, 1].astype(np.int64),
        windows_tenths=(TENTHS * columns["TIME_WINDOW_SECTION"][:, 1:]).astype(np.int64),
        service_tenths=(TENTHS * service).astype(np.int64),
    )


def _parts(text: str) -> tuple[dict[str, str], dict[str, list[list[float]]]]:
    """The `NAME : value` lines and the rows of the sections."""
    given: dict[str, str] = {}
    tables: dict[str, list[list[float]]] = {}
    section = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if colon:
            given[name.strip()] = value.strip()
        elif line.endswith("_SECTION"):
            section = line
            tables[section] = []
        elif section and line != "EOF" and section != "DEPOT_SECTION":
            tables[section].append([float(word) for word in line.split()])
    return given, tables


def read_best_known(folder: Path) -> dict[str, float]:
    """The listed cost of every instance, from `best_known.csv` in the folder or above it."""
    with (folder / "best_known.csv").open(newline="", encoding="utf-8") as file:
        return {line["instance"]: float(line["cost_dimacs"]) for line in csv.DictReader(file)}


def input_of(instance: Vrptw) -> RoutingInput:
    """An instance as input of the search, in tenths."""
    given = blank_input(matrices=instance.travel_tenths[None], depots=1, routes=instance.vehicles)
    given.span_start[:] = instance.windows_tenths[0, 0]
    given.soft_end[:] = given.hard_end[:] = instance.windows_tenths[0, 1]
    given.capacity[:] = instance.capacity
    given.load[:] = instance.demand
    given.service[:] = instance.service_tenths
    given.penalty[1:] = LEFT_PENALTY
    given.windows[:, 0, 0] = instance.windows_tenths[:, [0, 1, 1]]
    return given


def judge(instance: Vrptw, routes: Routes) -> Verdict:
    """Drive every route from the rules and count; distance is in the set's unit."""
    faults: list[str] = []
    travel = instance.travel_tenths
    stops = [stop for route in routes for stop in route]
    customers = range(1, len(instance.demand))
    faults += [f"customer {stop} does not exist" for stop in sorted(set(stops) - set(customers))]
    faults += [
        f"customer {stop} is served {stops.count(stop)} times" for stop in sorted(set(stops)) if _twice(stop, stops)
    ]
    if len([route for route in routes if route]) > instance.vehicles:
        faults.append(f"more than {instance.vehicles} routes")
    total = 0
    for number, route in enumerate(routes):
        known = [stop for stop in route if stop in customers]
        total += sum(int(travel[a, b]) for a, b in zip((0, *known), (*known, 0), strict=True))
        faults += _route_faults(instance, travel, number, known)
    return Verdict(total / TENTHS, len(set(customers) - set(stops)), tuple(faults))


def _twice(stop: int, stops: Sequence[int]) -> bool:
    """Whether a stop is there more than once."""
    return stops.count(stop) > 1


def _route_faults(instance: Vrptw, travel: NDArray[np.int64], number: int, route: Sequence[int]) -> list[str]:
    """What is wrong with one route: its load, late starts, a late return."""
    faults = []
    load = sum(int(instance.demand[stop]) for stop in route)
    if load > instance.capacity:
        faults.append(f"route {number} carries {load}, more than {instance.capacity}")
    clock, place = int(instance.windows_tenths[0, 0]), 0
    for stop in (*route, 0):
        clock += int(travel[place, stop])
        first, last = instance.windows_tenths[stop].tolist()
        if clock > last:
            faults.append(f"route {number} reaches {stop} at {clock / TENTHS}, after {last / TENTHS}")
        clock = max(clock, first) + int(instance.service_tenths[stop])
        place = stop
    return faults


def solution_text(routes: Routes, cost: float) -> str:
    """A plan in the set's `.sol` form."""
    driven = [route for route in routes if route]
    lines = [f"Route #{number}: {' '.join(map(str, route))}" for number, route in enumerate(driven, 1)]
    return "\n".join([*lines, f"Cost {cost:.1f}"]) + "\n"


def read_solution(text: str) -> list[list[int]]:
    """The routes of a `.sol` text."""
    rows = [line.partition(":")[2] for line in text.splitlines() if line.startswith("Route")]
    return [[int(word) for word in row.split()] for row in rows]
