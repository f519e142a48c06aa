"""Uses up what the routed week leaves free: unserved units join sessions that are held, or are phoned.

Exact in the session's rules (minutes, fasting minutes, heads, staff); it never moves anything.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from optimizer.bundle import Unit, stop_seconds
from optimizer.calendar import day_of
from optimizer.duties import Call, Duty, Roster, RoutedStop, Routing
from optimizer.model import Member, Session
from optimizer.plan import StopKind
from optimizer.problem import Problem
from optimizer.staffing import fits, meets


@dataclass
class OpenSession:
    """A held session while attendees are added."""

    number: int
    duty: int
    day: int
    stop: RoutedStop
    members: tuple[Member, ...]
    attendees: list[int] = field(default_factory=list)


def open_sessions(problem: Problem, roster: Roster, routing: Routing) -> list[OpenSession]:
    """The sessions that were really routed, with their attendees so far; who is visited at home is none of them."""
    sessions = []
    at_home = {stop.unit for routed in routing.duties for stop in routed.stops}
    for number, (duty, routed) in enumerate(zip(roster.duties, routing.duties, strict=True)):
        attendees = {held.session: [n for n in held.attendees if n not in at_home] for held in duty.sessions}
        members = tuple(problem.members[member] for member in duty.members)
        for stop in routed.stops:
            if stop.session >= 0:
                day = day_of(duty.half_days[0])
                sessions.append(OpenSession(stop.session, number, day, stop, members, attendees[stop.session]))
    return sessions


def admits(problem: Problem, units: tuple[Unit, ...], held: OpenSession, attendees: list[int]) -> bool:
    """Whether a session can take exactly these units."""
    is_open_to_all = all(may_attend(problem, units[number], held) for number in attendees)
    return is_open_to_all and has_room(problem, units, held, attendees)


def may_attend(problem: Problem, unit: Unit, held: OpenSession) -> bool:
    """Whether a unit can be seen at a session with nobody else there: day, site, staff, pin and window."""
    way, today = unit.patrol, problem.days[held.day].date
    if way is None or not way.is_open(held.day):
        return False
    if problem.site_number[problem.sessions[held.number].site] not in unit.patrol_sites:
        return False
    if not meets(held.members, way.needs, today, head_count=way.head_count):
        return False
    return keeps_pin(unit, held.members) and _overlaps(unit, held)


def has_room(problem: Problem, units: tuple[Unit, ...], held: OpenSession, attendees: list[int]) -> bool:
    """Whether a session's contacts and minutes, early ones apart, are enough for these units together."""
    session = problem.sessions[held.number]
    items = [problem.follow_ups[item] for number in attendees for item in units[number].follow_ups]
    if len({item.resident for item in items}) > session.max_contacts:
        return False
    if stop_seconds(items, StopKind.SESSION, problem.parameters) > session.net_seconds_per_member * len(held.members):
        return False
    return _fits_early_windows(problem, units, held, attendees)


def keeps_pin(unit: Unit, members: Iterable[Member]) -> bool:
    """Whether everybody whom a unit's pin names is there."""
    return unit.pin is None or set(unit.pin.members) <= {member.id for member in members}


def _overlaps(unit: Unit, held: OpenSession) -> bool:
    """Whether some window of the unit meets the session."""
    start, end = held.stop.start_seconds, held.stop.end_seconds
    return any(window.start_seconds < end and start <= window.end_seconds for window in unit.windows[held.day])


def _fits_early_windows(problem: Problem, units: tuple[Unit, ...], held: OpenSession, attendees: list[int]) -> bool:
    """Whether those who must be seen early (fasting) fit into the members' time up to each window end."""
    start, end = held.stop.start_seconds, held.stop.end_seconds
    last = {number: units[number].windows[held.day][-1].end_seconds for number in attendees}
    for limit in sorted({value for value in last.values() if value < end}):
        early = [number for number in attendees if last[number] <= limit]
        opens = min(units[number].windows[held.day][0].start_seconds for number in early)
        items = [problem.follow_ups[item] for number in early for item in units[number].follow_ups]
        room = len(held.members) * (limit - max(start, opens))
        if stop_seconds(items, StopKind.SESSION, problem.parameters) > room:
            return False
    return True


def fill_sessions(
    problem: Problem, units: tuple[Unit, ...], sessions: list[OpenSession], unserved: set[int]
) -> dict[int, list[int]]:
    """Attendees of every held session after the unserved units, dearest first, have joined where they gain most.

    Removes from `unserved` whom it places. Units that turn out not to fit (a session that started later than the
    roster thought) are put back into it first.
    """
    for held in sessions:
        alone = [number for number in held.attendees if admits(problem, units, held, [number])]
        unserved.update(set(held.attendees) - set(alone))
        held.attendees = alone
        while held.attendees and not has_room(problem, units, held, held.attendees):
            cheapest = min(held.attendees, key=lambda number: (units[number].left_cost, number))
            held.attendees.remove(cheapest)
            unserved.add(cheapest)
    by_site: dict[int, list[OpenSession]] = defaultdict(list)
    for held in sessions:
        by_site[problem.site_number[problem.sessions[held.number].site]].append(held)
    for number in sorted(unserved, key=lambda number: (-units[number].left_cost, number)):
        choices = [held for site in units[number].patrol_sites for held in by_site[site]]
        for held in sorted(choices, key=lambda held: (price_at(problem, units[number], held), held.number)):
            if price_at(problem, units[number], held) >= units[number].left_cost:
                break
            is_fit = may_attend(problem, units[number], held)
            if is_fit and has_room(problem, units, held, [*held.attendees, number]):
                held.attendees.append(number)
                unserved.discard(number)
                break
    return {held.number: held.attendees for held in sessions}


def price_at(problem: Problem, unit: Unit, held: OpenSession) -> int:
    """Cost points of seeing a unit at a session."""
    if unit.patrol is None or not unit.patrol.is_open(held.day):
        return unit.left_cost
    session: Session = problem.sessions[held.number]
    is_own = problem.site_number[session.site] == unit.patrol_sites[0]
    return unit.patrol.day_cost[held.day] + (0 if is_own else problem.weights.neighbour * len(unit.follow_ups))


def fill_calls(
    problem: Problem, units: tuple[Unit, ...], roster: Roster, used: tuple[Duty, ...], unserved: set[int]
) -> list[Call]:
    """The roster's calls plus calls for unserved units that may be phoned, dearest first, where a member has time."""
    out = {(member, half_day) for duty in used for member in duty.members for half_day in duty.half_days}
    room: dict[tuple[int, int], int] = {}
    for number, member in enumerate(problem.members):
        for half_day in (*member.desk_half_days, *member.field_half_days):
            if (number, half_day) not in out:
                room[number, half_day] = problem.parameters.phone_seconds_per_half_day
    calls = []
    for call in roster.calls:
        room[call.member, call.half_day] -= _phone_seconds(problem, units[call.unit])
        calls.append(call)
    for number in sorted(unserved, key=lambda number: (-units[number].left_cost, number)):
        best = _best_call(problem, units[number], room)
        if best is not None:
            room[best] -= _phone_seconds(problem, units[number])
            calls.append(Call(number, *best))
            unserved.discard(number)
    return calls


def _phone_seconds(problem: Problem, unit: Unit) -> int:
    return unit.phone.seconds if unit.phone else 0


def _best_call(problem: Problem, unit: Unit, room: dict[tuple[int, int], int]) -> tuple[int, int] | None:
    """The cheapest member and half-day for a call, the contract team first, or None."""
    way = unit.phone
    if way is None:
        return None
    item = problem.follow_ups[unit.follow_ups[0]]
    choices = []
    for (number, half_day), seconds in room.items():
        day, member = day_of(half_day), problem.members[number]
        if seconds < way.seconds or not way.is_open(day) or way.day_cost[day] >= unit.left_cost:
            continue
        if keeps_pin(unit, [member]) and all(fits(member, need, problem.days[day].date) for need in way.needs):
            choices.append((way.day_cost[day], member.team != item.team, half_day, number))
    if not choices:
        return None
    _, _, half_day, number = min(choices)
    return number, half_day
