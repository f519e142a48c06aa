"""Who is seen at which session, decided once more for the whole week when crews and times are settled.

The roster knows groups and the least time that a session will have; here every resident and the minutes of the routed
week count, and sessions that could see the same residents are decided together by CP-SAT. Nobody else moves.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from optimizer.bundle import Unit, stop_seconds
from optimizer.fill import OpenSession, has_room, may_attend, price_at
from optimizer.model import FollowUp
from optimizer.plan import StopKind
from optimizer.problem import Problem
from optimizer.roster.book import Book
from optimizer.roster.competing import Counts, draw_competing, shared_groups
from optimizer.roster.linear import IntVector, LinearModel, ModelBuilder, vector
from optimizer.roster.neighbourhoods import WHOLE, Arm, Neighbourhood
from optimizer.roster.search import Phase, Slice, Teller, improve
from optimizer.stop import Budget

SLICE = Slice(seconds=0.2, effort=0.05)
SIZES = {"four_sessions": 4, "eight_sessions": 8}
SMALL_MODEL = 150
"""With fewer columns all sessions are decided at once, and the proof ends the search."""
PINNED_EXTRA = 1_000_000
"""Cost points a pinned unit counts more when it is left."""

Seat = tuple[int, int, tuple[int, int] | None]
"""A session (its place among those held), cost points of being seen there, (end, opening) where it must be early."""
Key = tuple[int, int, int, int, tuple[Seat, ...]]
"""What interchangeable units have in common: pin, points when left, seconds, heads, seats."""


@dataclass(slots=True)
class Seating:
    """The decision as a model: a counted variable for every group and seat."""

    held: list[OpenSession]
    kept: list[set[int]]
    """By session: units that stay there whatever is decided."""
    groups: list[tuple[Key, list[int]]]
    model: LinearModel
    book: Book
    columns: list[tuple[int, int]]
    """Group and session of every decision variable, in their order."""
    start: IntVector


def reseat(
    problem: Problem,
    units: tuple[Unit, ...],
    sessions: list[OpenSession],
    unserved: set[int],
    *,
    seed: int,
    budget: Budget,
    workers: int,
    tell: Teller | None = None,
) -> None:
    """Changes the attendees of sessions, and who is unserved, where that costs less in all; iterations are parts.

    With no time at all not even the model is built.
    """
    if budget.iterations == 0 or budget.cancelled():
        return
    seating = seating_of(problem, units, sessions, unserved)
    rng = np.random.default_rng(seed)
    phase = Phase(budget.start(), workers, SLICE)
    values = improve(seating.model, seating.book, seating.start, Drawer(seating, rng), phase, tell).values
    attendees = _attendees(seating, values)
    if all(has_room(problem, units, held, there) for held, there in zip(sessions, attendees, strict=True)):
        unserved |= {number for held in sessions for number in held.attendees}
        for held, there in zip(sessions, attendees, strict=True):
            held.attendees = there
            unserved -= set(there)


def seating_of(
    problem: Problem, units: tuple[Unit, ...], sessions: list[OpenSession], unserved: Iterable[int]
) -> Seating:
    """The model of everybody at a session or left who could be at one."""
    kept = [_together(problem, units, held.attendees) for held in sessions]
    now = {
        number: place for place, held in enumerate(sessions) for number in held.attendees if number not in kept[place]
    }
    alike: dict[Key, list[int]] = defaultdict(list)
    for number in sorted({*unserved, *now}):
        if units[number].patrol is not None:
            alike[_key(problem, units, sessions, number)].append(number)
    groups = list(alike.items())
    building = _Building(problem, units, sessions, kept)
    for number, (key, members) in enumerate(groups):
        building.add_group(number, key, [now.get(member, -1) for member in members])
    building.limit()
    model, start = building.builder.finish(), vector(building.start)
    return Seating(sessions, kept, groups, model, building.book, building.columns, start)


def _together(problem: Problem, units: tuple[Unit, ...], attendees: list[int]) -> set[int]:
    """Units whose resident has another one at the same session: together they take less time, so they stay."""
    of_resident: dict[str, set[int]] = defaultdict(set)
    for number in attendees:
        for item in units[number].follow_ups:
            of_resident[problem.follow_ups[item].resident].add(number)
    return {number for numbers in of_resident.values() if len(numbers) > 1 for number in numbers}


def _key(problem: Problem, units: tuple[Unit, ...], sessions: list[OpenSession], number: int) -> Key:
    unit = units[number]
    assert unit.patrol is not None
    points = unit.left_cost + (PINNED_EXTRA if unit.pin else 0)
    seats: list[Seat] = []
    for place, held in enumerate(sessions):
        price = price_at(problem, unit, held)
        if price < points and may_attend(problem, unit, held):
            seats.append((place, price, _early(unit, held)))
    heads = len({problem.follow_ups[item].resident for item in unit.follow_ups})
    return number if unit.pin else -1, points, unit.patrol.seconds, heads, tuple(seats)


def _early(unit: Unit, held: OpenSession) -> tuple[int, int] | None:
    """Until when a unit has to be seen, and from when it can be, where that ends before the session does."""
    windows = unit.windows[held.day]
    if not windows or windows[-1].end_seconds >= held.stop.end_seconds:
        return None
    return windows[-1].end_seconds, windows[0].start_seconds


@dataclass(slots=True)
class _Building:
    """The model while it is being built."""

    problem: Problem
    units: tuple[Unit, ...]
    sessions: list[OpenSession]
    kept: list[set[int]]
    """By session: units that stay there whatever is decided."""
    builder: ModelBuilder = field(default_factory=ModelBuilder)
    book: Book = field(default_factory=Book)
    columns: list[tuple[int, int]] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    seen: dict[int, list[tuple[int, Key, Seat]]] = field(default_factory=lambda: defaultdict(list))
    """By session: variable, group and seat of everybody who could be there."""

    def add_group(self, number: int, key: Key, now: list[int]) -> None:
        """The variables of a group whose units are at these sessions now (-1: nowhere)."""
        _, points, _, _, seats = key
        variables = []
        for seat in seats:
            variable = self.builder.integer(0, len(now), decision=True)
            self.builder.pay(variable, seat[1])
            self.columns.append((number, seat[0]))
            self.start.append(now.count(seat[0]))
            self.seen[seat[0]].append((variable, key, seat))
            variables.append(variable)
        left = self.builder.integer(0, len(now))
        self.builder.pay(left, points)
        self.columns.append((number, -1))
        self.start.append(len(now) - sum(now.count(seat[0]) for seat in seats))
        self.builder.equal([*((1, variable) for variable in variables), (1, left)], len(now))
        self.book.by_left[left] = variables

    def limit(self) -> None:
        """Minutes, heads and early minutes of every session, without what those who stay take of them."""
        for place, seen in self.seen.items():
            held, kept = self.sessions[place], self.kept[place]
            session, size = self.problem.sessions[held.number], len(held.members)
            room = session.net_seconds_per_member * size - self._seconds(kept)
            self._at_most([(key[2], variable) for variable, key, _ in seen], room)
            heads = session.max_contacts - len({item.resident for item in self._items(kept)})
            self._at_most([(key[3], variable) for variable, key, _ in seen], heads)
            ends = {unit: _early(self.units[unit], held) for unit in kept}
            for end in sorted({seat[2][0] for _, _, seat in seen if seat[2]}):
                early = [(variable, key, seat[2]) for variable, key, seat in seen if seat[2] and seat[2][0] <= end]
                stay = {unit: spell for unit, spell in ends.items() if spell and spell[0] <= end}
                opening = max(
                    held.stop.start_seconds, *(opens for *_, (_, opens) in early), *(o for _, o in stay.values())
                )
                room = size * max(0, end - opening) - self._seconds(stay)
                self._at_most([(key[2], variable) for variable, key, _ in early], room)

    def _items(self, numbers: Iterable[int]) -> list[FollowUp]:
        return [self.problem.follow_ups[item] for number in numbers for item in self.units[number].follow_ups]

    def _seconds(self, numbers: Iterable[int]) -> int:
        """Person-seconds of units together."""
        return stop_seconds(self._items(numbers), StopKind.SESSION, self.problem.parameters)

    def _at_most(self, terms: list[tuple[int, int]], room: int) -> None:
        """A limit, or what is used now where that is more, so that nobody has to move."""
        used = sum(coefficient * self.start[variable] for coefficient, variable in terms)
        self.builder.at_most(terms, max(room, used))


@dataclass
class Drawer:
    """Draws sessions that share residents; small and larger sets take turns by chance."""

    seating: Seating
    rng: np.random.Generator

    def __post_init__(self) -> None:
        groups = self.seating.groups
        self.shared: Counts = shared_groups(len(self.seating.held), ((seat[0] for seat in key[4]) for key, _ in groups))
        self.places = vector([place for _, place in self.seating.columns])

    def draw(self, values: IntVector, count: int) -> list[Neighbourhood]:
        """So many sets of sessions, each different ones; all of them when the model is small."""
        if np.count_nonzero(self.places >= 0) < SMALL_MODEL:
            return [Neighbourhood(Arm(WHOLE), self.places >= 0)]
        left, drawn = list(range(len(self.seating.held))), []
        for _ in range(count):
            kind = list(SIZES)[int(self.rng.integers(len(SIZES)))]
            some = draw_competing(self.shared, left, SIZES[kind], self.rng)
            drawn.append(Neighbourhood(Arm(kind), np.isin(self.places, some)))
        return drawn

    def learn(self, arm: Arm, gain: float, effort: float) -> None:
        """Nothing is learnt: both sizes go on helping."""


def _attendees(seating: Seating, values: IntVector) -> list[list[int]]:
    """Units by session; those of a group who can stay where they are do."""
    there = [sorted(stay) for stay in seating.kept]
    waiting = [list(members) for _, members in seating.groups]
    for (group, place), count in zip(seating.columns, values.tolist(), strict=True):
        if place >= 0 and count:
            stay = set(seating.held[place].attendees)
            ordered = sorted(waiting[group], key=lambda number: (number not in stay, number))
            there[place] += ordered[:count]
            waiting[group] = sorted(ordered[count:])
    return there
