"""From a problem and its roster to a `RoutingInput`: who may visit whom on which duty, when, and at what static price.

Everything that does not depend on the route is decided here once. Visits are opaque node numbers from here on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.bundle import Unit, Windows
from optimizer.calendar import Span, day_of, span_of
from optimizer.duties import Duty, HeldSession
from optimizer.model import Channel, OrderClass, StaffNeed
from optimizer.problem import Problem
from optimizer.routing.input import FORBIDDEN, NOBODY, PER_ROUTE, UNLIMITED, Bool, Int32, Int64, RoutingInput
from optimizer.routing.session_start import session_windows
from optimizer.staffing import meets

SESSION_PENALTY = 10**9
"""Cost points of a held session without a place: above anything else a duty can do."""
RANKS = {
    False: {OrderClass.CLEAN: 0, OrderClass.GENERAL: 0, OrderClass.INFECTIOUS: 1},
    True: {OrderClass.CLEAN: 0, OrderClass.GENERAL: 1, OrderClass.INFECTIOUS: 2},
}
"""By `strict_order_classes`."""


@dataclass(frozen=True, slots=True)
class Node:
    """What a visit stands for: a unit (its other half for the second crew of a joint visit) or a held session."""

    site: int
    unit: int = NOBODY
    is_second: bool = False
    duty: int = NOBODY
    held: HeldSession | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """An input, what its nodes stand for (bases excluded: node `depots` is `nodes[0]`), and the first routes."""

    given: RoutingInput
    nodes: tuple[Node, ...]
    initial: tuple[tuple[int, ...], ...]


class _Duties:
    """The duties with what is asked of all of them again and again; arrays have one entry per duty."""

    def __init__(self, problem: Problem, duties: tuple[Duty, ...]) -> None:
        self.problem = problem
        self.duties = duties
        self.days: Int64 = np.array([day_of(duty.half_days[0]) for duty in duties], np.int64)
        self.is_home_crew: Bool = np.array(
            [len(duty.members) >= problem.parameters.min_home_crew_members for duty in duties], np.bool_
        )
        self.team_ids = np.array([problem.teams[duty.team].id for duty in duties], np.str_)
        self._staffed: dict[tuple[tuple[StaffNeed, ...], int], Bool] = {}
        self._with_any: dict[tuple[str, ...], Bool] = {}

    def staffed(self, needs: tuple[StaffNeed, ...], head_count: int) -> Bool:
        """Whether each duty's crew meets the needs on its date."""
        key = (needs, head_count)
        if key not in self._staffed:
            problem = self.problem
            crews = [tuple(problem.members[number] for number in duty.members) for duty in self.duties]
            dates = [problem.days[day].date for day in self.days]
            found = [meets(crew, needs, on, head_count=head_count) for crew, on in zip(crews, dates, strict=True)]
            self._staffed[key] = np.array(found, np.bool_) & self.is_home_crew
        return self._staffed[key]

    def with_any(self, members: tuple[str, ...]) -> Bool:
        """Whether one of the members is in each duty."""
        if members not in self._with_any:
            names = [{self.problem.members[number].id for number in duty.members} for duty in self.duties]
            self._with_any[members] = np.array([not crew.isdisjoint(members) for crew in names], np.bool_)
        return self._with_any[members]

    def with_all(self, members: tuple[str, ...]) -> Bool:
        """Whether all of the members are in each duty."""
        found = np.ones(len(self.duties), np.bool_)
        for member in members:
            found &= self.with_any((member,))
        return found


def translate(
    problem: Problem,
    units: tuple[Unit, ...],
    duties: tuple[Duty, ...],
    taken: frozenset[int],
    prices: Mapping[int, int] | None = None,
) -> Translation:
    """The search's view of the duties; `taken` are units that a session or a call serves.

    Units with a price cost that much when they are not visited, instead of what leaving them costs.
    """
    book = _Duties(problem, duties)
    rows: list[Int64] = []
    nodes: list[Node] = []
    for number, unit in enumerate(units):
        if number not in taken:
            _add_unit(book, unit, number, nodes, rows)
    for number, duty in enumerate(duties):
        for held in duty.sessions:
            site = problem.site_number[problem.sessions[held.session].site]
            nodes.append(Node(site, duty=number, held=held))
            rows.append(np.where(np.arange(len(duties)) == number, 0, FORBIDDEN))
    bases = sorted({problem.site_number[problem.vehicles[duty.vehicle].base] for duty in duties})
    given = _input(problem, units, book, bases, nodes, rows)
    for number, node in enumerate(nodes, start=len(bases)):
        if prices and node.held is None and not node.is_second:
            given.penalty[number] = prices.get(node.unit, given.penalty[number])
    return Translation(given, tuple(nodes), _initial(duties, nodes, rows, len(bases)))


def _add_unit(book: _Duties, unit: Unit, number: int, nodes: list[Node], rows: list[Int64]) -> None:
    """Add the node of a unit, or both nodes of a joint visit, when some duty may do it at home."""
    costs = home_costs(book, unit)
    if (costs == FORBIDDEN).all():
        return
    if unit.joint is None:
        nodes.append(Node(unit.site, number))
        rows.append(costs)
        return
    second = np.where(book.staffed(unit.joint.needs, 1) & _days_open(book, unit), 0, FORBIDDEN)
    if not (second == FORBIDDEN).all():
        nodes.extend((Node(unit.site, number), Node(unit.site, number, is_second=True)))
        rows.extend((costs, second))


def home_costs(book: _Duties, unit: Unit) -> Int64:
    """Static price of a unit on every duty, FORBIDDEN where it may not be done."""
    home, pin = unit.home, unit.pin
    if home is None or (pin is not None and pin.channel not in (None, Channel.HOME)):
        return np.full(len(book.duties), FORBIDDEN)
    allowed = book.staffed(home.needs, home.head_count) & _days_open(book, unit)
    if pin is not None:
        allowed &= book.with_all(pin.members)
    costs = np.array(home.day_cost, np.int64)[book.days] + _continuity(book, unit)
    return np.where(allowed, costs, FORBIDDEN)


def _days_open(book: _Duties, unit: Unit) -> Bool:
    """Whether each duty's day is open for a unit at home, also by its pin."""
    assert unit.home is not None
    pin = unit.pin
    days = [unit.home.is_open(day) and bool(unit.windows[day]) for day in range(len(unit.windows))]
    if pin is not None and pin.day is not None:
        days = [is_open and day == pin.day for day, is_open in enumerate(days)]
    found: Bool = np.array(days, np.bool_)[book.days]
    if pin is not None and pin.half_day is not None:
        found = found & np.array([pin.half_day in duty.half_days for duty in book.duties], np.bool_)
    return found


def _continuity(book: _Duties, unit: Unit) -> Int64:
    """Price of a crew of another team, or without a preferred member, per duty."""
    weights = book.problem.weights
    costs: Int64 = np.zeros(len(book.duties), np.int64)
    for number in unit.follow_ups:
        item = book.problem.follow_ups[number]
        if item.team:
            costs += weights.other_team_home * (book.team_ids != item.team)
        if item.preferred_members:
            costs += weights.not_preferred * ~book.with_any(item.preferred_members)
    return costs


def _input(
    problem: Problem,
    units: tuple[Unit, ...],
    book: _Duties,
    bases: Sequence[int],
    nodes: Sequence[Node],
    rows: Sequence[Int64],
) -> RoutingInput:
    """The arrays of all duties and nodes."""
    depots, count, weights = len(bases), len(bases) + len(nodes), problem.weights
    modes, matrices = _matrices(problem, book, [*bases, *(node.site for node in nodes)])
    cost: Int32 = np.full((count, len(book.duties)), FORBIDDEN, np.int32)
    if rows:
        cost[depots:] = np.array(rows)
    windows, window_count = _windows(problem, units, book.duties, nodes, depots)
    strict = RANKS[problem.parameters.strict_order_classes]
    seconds = np.zeros(count, np.int32)
    penalty = np.zeros(count, np.int64)
    held = np.array([*(False for _ in bases), *(node.held is not None for node in nodes)], np.bool_)
    rank = np.zeros(count, np.int32)
    partner = np.full(count, NOBODY, np.int32)
    for number, node in enumerate(nodes, start=depots):
        if node.held is not None:
            seconds[number] = problem.sessions[node.held.session].duration_seconds
            penalty[number], rank[number] = SESSION_PENALTY, strict[OrderClass.GENERAL]
            continue
        unit = units[node.unit]
        assert unit.home is not None
        seconds[number], rank[number] = unit.home.seconds, strict[unit.order_class]
        if node.is_second:
            partner[number], partner[number - 1] = number - 1, number
        else:
            penalty[number] = unit.left_cost + (weights.unplanned[0] if unit.pin is not None else 0)
    coupled, coupled_limit = _coupled(problem, book)
    return RoutingInput(
        matrices=matrices,
        depots=depots,
        **_per_duty(problem, book, bases, modes),
        coupled=coupled,
        coupled_limit=coupled_limit,
        service=seconds,
        load=np.zeros(count, np.int32),
        penalty=penalty,
        cost=cost,
        windows=windows,
        window_count=window_count,
        rank=rank,
        partner=partner,
        gap_least=np.zeros(count, np.int32),
        gap_most=np.zeros(count, np.int32),
        pinned=held,
        group=np.full(count, NOBODY, np.int32),
        patterns=np.zeros((0, 0, 0), np.int32),
        travel_weight=weights.travel_second,
        overtime_weight=weights.overtime_second,
        late_weight=weights.late_second,
        waiting_weight=weights.waiting_second,
    )


def _matrices(problem: Problem, book: _Duties, sites: Sequence[int]) -> tuple[list[tuple[str, bool]], Int32]:
    """The (mode, snow) pairs in use and their travel seconds between the sites of all nodes."""
    modes = sorted({_mode(problem, book, number) for number in range(len(book.duties))})
    matrices = np.zeros((len(modes), len(sites), len(sites)), np.int32)
    for number, (mode, is_snow) in enumerate(modes):
        seconds = problem.travel.modes[mode].seconds[np.ix_(sites, sites)].astype(np.int64)
        matrices[number] = -(-seconds * problem.travel.snow_percent // 100) if is_snow else seconds
    return modes, matrices


def _mode(problem: Problem, book: _Duties, duty: int) -> tuple[str, bool]:
    """Vehicle mode of a duty and whether it drives in snow."""
    return problem.vehicles[book.duties[duty].vehicle].mode, problem.days[int(book.days[duty])].snow


def _per_duty(problem: Problem, book: _Duties, bases: Sequence[int], modes: list[tuple[str, bool]]) -> dict[str, Any]:
    """The arrays with one entry per duty."""
    found: dict[str, list[int]] = {name: [] for name in PER_ROUTE}
    burdens = _burdens(problem, book.duties)
    for number, duty in enumerate(book.duties):
        span: Span = span_of(problem.days, duty.half_days, problem.parameters.max_overtime_seconds)
        day = problem.days[span.day]
        base = bases.index(problem.site_number[problem.vehicles[duty.vehicle].base])
        half_days = len(duty.members) * len(duty.half_days)
        values = {
            "start_node": base,
            "end_node": base,
            "matrix": modes.index(_mode(problem, book, number)),
            "day": span.day,
            "team": duty.team,
            "span_start": span.start_seconds,
            "soft_end": span.end_seconds,
            "hard_end": span.hard_end_seconds,
            "lunch_earliest": day.lunch_earliest_seconds,
            "lunch_latest": day.lunch_latest_seconds,
            "lunch_seconds": day.lunch_seconds if span.needs_lunch else 0,
            "work_limit": min(problem.members[member].max_field_seconds_day for member in duty.members),
            "capacity": UNLIMITED,
            "open_cost": problem.weights.staff_half_day * half_days + burdens[number],
        }
        for name, value in values.items():
            found[name].append(value)
    return {name: np.array(values, np.int64 if name == "open_cost" else np.int32) for name, values in found.items()}


def _burdens(problem: Problem, duties: tuple[Duty, ...]) -> list[int]:
    """Price of half-days above the fair number, put on the duties of a member that are least likely to be used."""
    burdens = [0] * len(duties)
    taken: dict[int, int] = defaultdict(int)
    for number in sorted(range(len(duties)), key=lambda n: (not duties[n].sessions, not duties[n].homes, n)):
        count = len(duties[number].half_days)
        for member in duties[number].members:
            fair = problem.members[member].fair_half_days
            before, taken[member] = taken[member], taken[member] + count
            above = max(0, taken[member] - fair) - max(0, before - fair)
            burdens[number] += problem.weights.burden_half_day * above
    return burdens


def _coupled(problem: Problem, book: _Duties) -> tuple[Int32, Int32]:
    """Other duties of the same day with a common member, and the field seconds of that member."""
    by_member: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, duty in enumerate(book.duties):
        for member in duty.members:
            by_member[member, int(book.days[number])].append(number)
    limits: list[dict[int, int]] = [{} for _ in book.duties]
    for (member, _), numbers in by_member.items():
        for one in numbers:
            for other in numbers:
                if one != other:
                    limit = problem.members[member].max_field_seconds_day
                    limits[one][other] = min(limit, limits[one].get(other, limit))
    most = max((len(others) for others in limits), default=0)
    coupled, coupled_limit = np.full((len(limits), most), NOBODY, np.int32), np.zeros((len(limits), most), np.int32)
    for number, others in enumerate(limits):
        for place, (other, limit) in enumerate(sorted(others.items())):
            coupled[number, place], coupled_limit[number, place] = other, limit
    return coupled, coupled_limit


def _windows(
    problem: Problem, units: tuple[Unit, ...], duties: tuple[Duty, ...], nodes: Sequence[Node], depots: int
) -> tuple[Int32, Int32]:
    """Windows of all nodes and days, and how many."""
    days = range(len(problem.days))
    of_nodes: list[list[Windows]] = []
    for node in nodes:
        if node.held is None:
            unit = units[node.unit]
            pinned = unit.pin.start_seconds if unit.pin is not None else None
            of_nodes.append([narrowed(unit.windows[day], pinned) for day in days])
        else:
            there = session_windows(problem, units, duties[node.duty], node.held)
            of_nodes.append([there if day == day_of(node.held.half_day) else () for day in days])
    most = max((len(windows) for row in of_nodes for windows in row), default=1)
    array = np.zeros((depots + len(nodes), len(days), max(1, most), 3), np.int32)
    count = np.zeros((depots + len(nodes), len(days)), np.int32)
    for number, row in enumerate(of_nodes, start=depots):
        for day, windows in enumerate(row):
            count[number, day] = len(windows)
            for place, window in enumerate(windows):
                late = window.late_end_seconds or window.end_seconds
                array[number, day, place] = (window.start_seconds, window.end_seconds, late)
    return array, count


def narrowed(windows: Windows, start_seconds: int | None) -> Windows:
    """Windows cut to one start, when it is given."""
    if start_seconds is None:
        return windows
    return tuple(
        type(window)(start_seconds, max(start_seconds, min(window.end_seconds, start_seconds)))
        for window in windows
        if window.start_seconds <= start_seconds <= (window.late_end_seconds or window.end_seconds)
    )[:1]


def _may_start_full(duty: Duty, duties: tuple[Duty, ...]) -> bool:
    """Whether a duty's homes go into the first plan: not when they could use up a member's day before a session has."""
    day = day_of(duty.half_days[0])
    others = (other for other in duties if other is not duty and other.sessions and day_of(other.half_days[0]) == day)
    return not any(set(duty.members) & set(other.members) for other in others)


def _initial(
    duties: tuple[Duty, ...], nodes: Sequence[Node], rows: Sequence[Int64], depots: int
) -> tuple[tuple[int, ...], ...]:
    """Sessions and the units that the roster had in mind, per duty; a joint visit on the first two duties naming it."""
    routes: list[list[int]] = [[] for _ in duties]
    of_unit: dict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(nodes):
        if node.held is not None:
            routes[node.duty].append(depots + number)
        else:
            of_unit[node.unit].append(number)
    named: dict[int, list[int]] = defaultdict(list)
    for number, duty in enumerate(duties):
        for unit in duty.homes if _may_start_full(duty, duties) else ():
            named[unit].append(number)
    for unit, numbers in of_unit.items():
        places = named[unit]
        if len(numbers) == 2 and len(places) >= 2:
            if rows[numbers[0]][places[0]] == FORBIDDEN or rows[numbers[1]][places[1]] == FORBIDDEN:
                places = [places[1], places[0]]
            routes[places[0]].append(depots + numbers[0])
            routes[places[1]].append(depots + numbers[1])
        elif len(numbers) == 1 and places:
            routes[places[0]].append(depots + numbers[0])
    return tuple(tuple(route) for route in routes)
