"""Periodic vehicle routes: the set of Cordeau, Gendreau and Laporte (1997).

Every customer is visited on the days of one of its combinations, each day by one of the day's vehicles from the depot.
A route has a most load and, where given, a longest duration (travel and service). The cost is straight-line distance.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer.routing import RoutingInput, blank_input
from optimizer.routing.input import NOBODY, UNLIMITED
from tests.bench.sets.verdict import Verdict

SCALE = 1000
"""The search counts thousandths, cut upwards, so that its routes also keep the exact limits."""
LEFT_PENALTY = 10**8
"""Above any detour: every customer has to be served."""
SMALL = 1e-6
PLAIN = 1
DayRoutes = Sequence[tuple[int, Sequence[int]]]
"""(day, customers) of every route."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Service time and demand of a visit, and the combinations of days (0, 1, …) of which one is chosen."""

    service: float
    demand: float
    combinations: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Pvrp:
    """One instance; place 0 is the depot, customer c is `customers[c - 1]`."""

    name: str
    vehicles: int
    """A day."""
    longest: tuple[float, ...]
    """By day; infinite where the set says 0."""
    capacity: tuple[float, ...]
    places: NDArray[np.float64]
    customers: tuple[Customer, ...]

    @property
    def days(self) -> int:
        """Days of the period."""
        return len(self.longest)

    @property
    def distance(self) -> NDArray[np.float64]:
        """(places, places)."""
        found: NDArray[np.float64] = np.sqrt(((self.places[:, None] - self.places[None]) ** 2).sum(-1))
        return found


def read_pvrp(path: Path) -> Pvrp:
    """An instance in Cordeau's form without time windows. Raises ValueError on another kind or missing lines."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    kind, vehicles, _, days = (int(word) for word in lines[0])
    if kind != PLAIN:
        raise ValueError(f"{path.name}: of type {kind}, only type {PLAIN} (periodic, no windows) is read")
    limits = [(float(row[0]), float(row[1])) for row in lines[1 : days + 1]]
    rows = lines[days + 1 :]
    if not rows:
        raise ValueError(f"{path.name}: no customers")
    return Pvrp(
        name=path.stem,
        vehicles=vehicles,
        longest=tuple(longest or np.inf for longest, _ in limits),
        capacity=tuple(most or np.inf for _, most in limits),
        places=np.array([[float(word) for word in row[1:3]] for row in rows]),
        customers=tuple(_customer(row, days) for row in rows[1:]),
    )


def _customer(row: Sequence[str], days: int) -> Customer:
    """One line: number, x, y, service, demand, visits, number of combinations, combinations as bits."""
    masks = [int(word) for word in row[7 : 7 + int(row[6])]]
    found = tuple(tuple(day for day in range(days) if mask >> (days - 1 - day) & 1) for mask in masks)
    if any(len(combination) != int(row[5]) for combination in found):
        raise ValueError(f"customer {row[0]}: a combination does not have {row[5]} days")
    return Customer(float(row[3]), float(row[4]), found)


def read_best_known(folder: Path) -> dict[str, float]:
    """The listed cost of every instance, from `best_known.csv`."""
    with (folder / "best_known.csv").open(newline="", encoding="utf-8") as file:
        return {line["instance"]: float(line["bks"]) for line in csv.DictReader(file)}


def judge(instance: Pvrp, routes: DayRoutes) -> Verdict:
    """Count from the rules: combinations, vehicles, loads and durations."""
    faults: list[str] = []
    days: dict[int, list[int]] = {number: [] for number in range(1, len(instance.customers) + 1)}
    total = 0.0
    for number, (day, stops) in enumerate(routes):
        if not 0 <= day < instance.days or not set(stops) <= set(days):
            faults.append(f"route {number} has a day or a customer that does not exist")
            continue
        for stop in stops:
            days[stop].append(day)
        length, found = _route(instance, number, day, stops)
        total += length
        faults += found
    for day in range(instance.days):
        count = sum(1 for route_day, stops in routes if route_day == day and stops)
        if count > instance.vehicles:
            faults.append(f"day {day} has {count} routes, more than {instance.vehicles}")
    for stop, found_days in days.items():
        if found_days and tuple(sorted(found_days)) not in instance.customers[stop - 1].combinations:
            faults.append(f"customer {stop} is visited on days {sorted(found_days)}, which is none of its combinations")
    return Verdict(total, sum(1 for found_days in days.values() if not found_days), tuple(faults))


def _route(instance: Pvrp, number: int, day: int, stops: Sequence[int]) -> tuple[float, list[str]]:
    """Length of one route, and what is wrong with it."""
    places = instance.places[[0, *stops, 0]]
    length = float(sum(np.hypot(*(after - before)) for before, after in pairwise(places)))
    customers = [instance.customers[stop - 1] for stop in stops]
    duration, load = length + sum(one.service for one in customers), sum(one.demand for one in customers)
    faults = []
    if load > instance.capacity[day] + SMALL:
        faults.append(f"route {number} carries {load:g}, more than {instance.capacity[day]:g}")
    if duration > instance.longest[day] + SMALL:
        faults.append(f"route {number} takes {duration:.3f}, more than {instance.longest[day]:g}")
    return length, faults


def solution_text(instance: Pvrp, routes: DayRoutes) -> str:
    """A plan in the set's `.res` form: the cost, then day, vehicle, duration, load and stops of every route."""
    lines = [f"{judge(instance, routes).cost:.2f}"]
    vehicle = [0] * instance.days
    for day, stops in sorted((route for route in routes if route[1]), key=lambda route: route[0]):
        vehicle[day] += 1
        customers = [instance.customers[stop - 1] for stop in stops]
        duration = _route(instance, 0, day, stops)[0] + sum(one.service for one in customers)
        load = sum(one.demand for one in customers)
        tour = " ".join(map(str, (0, *stops, 0)))
        lines.append(f"{day + 1} {vehicle[day]} {duration:.2f} {load:g} {tour}")
    return "\n".join(lines) + "\n"


def read_solution(text: str) -> list[tuple[int, list[int]]]:
    """The routes of a `.res` text."""
    rows = [line.split() for line in text.splitlines()[1:] if line.strip()]
    return [(int(row[0]) - 1, [int(word) for word in row[5:-1]]) for row in rows]


@dataclass(frozen=True, slots=True)
class View:
    """The search's input and which customer each node is a visit of (0 for the depot)."""

    given: RoutingInput
    customer: tuple[int, ...]

    def routes_of(self, routes: Sequence[Sequence[int]]) -> list[tuple[int, list[int]]]:
        """The search's routes as days and customers."""
        return [
            (int(self.given.day[number]), [self.customer[node] for node in route])
            for number, route in enumerate(routes)
        ]


def view_of(instance: Pvrp) -> View:
    """An instance for the search: a node for every visit, a route for every vehicle of every day."""
    customer = [0]
    for number, one in enumerate(instance.customers, 1):
        customer += [number] * len(one.combinations[0])
    scaled = np.ceil(SCALE * instance.distance - SMALL)[np.ix_(customer, customer)]
    given = blank_input(matrices=scaled[None], depots=1, routes=instance.vehicles * instance.days, days=instance.days)
    _fill_routes(instance, given)
    return View(_with_groups(instance, given), tuple(customer))


def _fill_routes(instance: Pvrp, given: RoutingInput) -> None:
    """Day, load and duration of every vehicle-day; nothing is ever too late."""
    given.day[:] = np.repeat(np.arange(instance.days), instance.vehicles)
    given.team[:] = np.arange(given.routes)
    given.soft_end[:] = given.hard_end[:] = UNLIMITED
    given.windows[:, :, 0, 1:] = UNLIMITED
    for route, day in enumerate(given.day.tolist()):
        given.capacity[route] = min(UNLIMITED, instance.capacity[day])
        given.work_limit[route] = min(UNLIMITED, SCALE * instance.longest[day])


def _with_groups(instance: Pvrp, given: RoutingInput) -> RoutingInput:
    """Service, load and days of every visit; several visits with a choice of combinations become a group."""
    given.penalty[1:] = LEFT_PENALTY
    patterns: list[tuple[tuple[int, ...], ...]] = []
    node = 1
    for one in instance.customers:
        nodes = range(node, node + len(one.combinations[0]))
        node = nodes.stop
        given.service[nodes.start : nodes.stop] = np.ceil(SCALE * one.service)
        given.load[nodes.start : nodes.stop] = np.ceil(one.demand)
        if len(nodes) > 1 and len(one.combinations) > 1:
            given.group[nodes.start : nodes.stop] = len(patterns)
            patterns.append(one.combinations)
        for place, visit in enumerate(nodes):
            given.window_count[visit] = 0
            given.window_count[visit, [days[place] for days in one.combinations]] = 1
    return replace(given, patterns=_padded(patterns))


def _padded(patterns: Sequence[tuple[tuple[int, ...], ...]]) -> NDArray[np.int32]:
    """(groups, most patterns, most visits) days, NOBODY where there are fewer."""
    most = max(map(len, patterns), default=0), max((len(one[0]) for one in patterns), default=0)
    found = np.full((len(patterns), *most), NOBODY, np.int32)
    for group, combinations in enumerate(patterns):
        found[group, : len(combinations), : len(combinations[0])] = combinations
    return found
