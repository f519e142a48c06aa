"""Vehicles as classes of interchangeable ones, and which class can take which session."""

from collections import defaultdict
from dataclasses import dataclass

from optimizer.calendar import Span
from optimizer.model import Session, Vehicle
from optimizer.problem import Problem
from optimizer.travel import stretched


@dataclass(frozen=True, slots=True)
class FleetClass:
    """Vehicles that are the same to the roster; `tags` are those that some session asks for."""

    base: int
    mode: str
    seats: int
    needs_driver: bool
    snow_ok: bool
    tags: frozenset[str]
    vehicles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """When a crew that goes straight to a session can start it and is back, in seconds."""

    start_seconds: int
    end_seconds: int
    back_seconds: int


def fleet_of(problem: Problem) -> tuple[FleetClass, ...]:
    """The vehicles by class, in the order of their first vehicle."""
    asked = {session.vehicle_tag for session in problem.sessions if session.vehicle_tag}
    largest = max([problem.parameters.max_crew_members, *(session.max_members for session in problem.sessions)])
    classes: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, vehicle in enumerate(problem.vehicles):
        classes[_key(vehicle, asked, largest)].append(number)
    return tuple(_class_of(problem, numbers, asked, largest) for numbers in classes.values())


def _key(vehicle: Vehicle, asked: set[str], largest: int) -> tuple[object, ...]:
    tags = tuple(sorted(set(vehicle.tags) & asked))
    seats = min(vehicle.seats, largest)
    return vehicle.base, vehicle.mode, seats, vehicle.needs_driver, vehicle.snow_ok, tags


def _class_of(problem: Problem, numbers: list[int], asked: set[str], largest: int) -> FleetClass:
    first = problem.vehicles[numbers[0]]
    return FleetClass(
        base=problem.site_number[first.base],
        mode=first.mode,
        seats=min(first.seats, largest),
        needs_driver=first.needs_driver,
        snow_ok=first.snow_ok,
        tags=frozenset(first.tags) & asked,
        vehicles=tuple(numbers),
    )


def travel_seconds(problem: Problem, mode: str, origin: int, destination: int, *, snow: bool) -> int:
    """Seconds between two sites by a mode."""
    seconds = int(problem.travel.modes[mode].seconds[origin, destination])
    return stretched(seconds, problem.travel.snow_percent) if snow else seconds


def session_times(problem: Problem, session: Session, group: FleetClass, span: Span) -> SessionTimes | None:
    """Times of a session held at once on a half-day by a class of vehicles, or None when it cannot be."""
    snow = problem.days[span.day].snow
    if (snow and not group.snow_ok) or (session.vehicle_tag and session.vehicle_tag not in group.tags):
        return None
    site = problem.site_number[session.site]
    start = span.start_seconds + travel_seconds(problem, group.mode, group.base, site, snow=snow)
    end = start + session.duration_seconds
    back = end + travel_seconds(problem, group.mode, site, group.base, snow=snow)
    if end > span.end_seconds or back > span.hard_end_seconds:
        return None
    return SessionTimes(start, end, back)
