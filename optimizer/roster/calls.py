"""Hands out phone calls: first to members at their desks, later to those who stay in although in the field.

Calls cost nothing but minutes, so whoever may be phoned is phoned as long as minutes last, the dearest first.
"""

from collections.abc import Iterable

from optimizer.bundle import Unit
from optimizer.calendar import day_of
from optimizer.duties import Call
from optimizer.model import Channel
from optimizer.roster.groups import pin_allows
from optimizer.roster.week import Week

Room = dict[tuple[int, int], int]
"""Seconds left for calls, by member and half-day."""


def desk_room(week: Week) -> Room:
    """Seconds for calls of everybody at the desk, on open half-days."""
    seconds = week.problem.parameters.phone_seconds_per_half_day
    members = enumerate(week.problem.members)
    return {(n, h): seconds for n, member in members for h in week.half_days if h in member.desk_half_days}


def field_room(week: Week, out: set[tuple[int, int]]) -> Room:
    """Seconds for calls of those who are in the field on a half-day but go out with no crew."""
    seconds = week.problem.parameters.phone_seconds_per_half_day
    return {
        (number, half_day): seconds
        for number, member in enumerate(week.problem.members)
        for half_day in week.half_days
        if half_day in member.field_half_days
        and half_day not in member.desk_half_days
        and (number, half_day) not in out
    }


def assign_calls(week: Week, units: Iterable[int], room: Room) -> list[Call]:
    """Calls for these units as far as the room lasts; takes them off the room."""
    calls = []
    phoned = [number for number in units if _may_be_phoned(week.units[number])]
    for number in sorted(
        phoned, key=lambda number: (_has_other_way(week.units[number]), -week.units[number].left_cost, number)
    ):
        best = _best(week, number, room)
        if best is not None:
            way = week.units[number].phone
            room[best] -= way.seconds if way else 0
            calls.append(Call(number, *best))
    return calls


def _may_be_phoned(unit: Unit) -> bool:
    return unit.phone is not None and (unit.pin is None or unit.pin.channel in (None, Channel.PHONE))


def _has_other_way(unit: Unit) -> bool:
    return unit.home is not None or unit.patrol is not None


def _best(week: Week, number: int, room: Room) -> tuple[int, int] | None:
    """The cheapest member and half-day for a call, the contract team and early days first, or None."""
    unit, team = week.units[number], week.unit_team[number]
    way = unit.phone
    assert way is not None
    pinned = {week.problem.member_number[name] for name in unit.pin.members} if unit.pin else set()
    best: tuple[int, bool, int, int] | None = None
    for (member, half_day), seconds in room.items():
        day = day_of(half_day)
        if seconds < way.seconds or not way.is_open(day) or way.day_cost[day] >= unit.left_cost:
            continue
        if pinned - {member} or not pin_allows(unit.pin, half_day):
            continue
        key = (way.day_cost[day], week.team_of[member] != team, half_day, member)
        if (best is None or key < best) and all(member in week.fitting(need, half_day) for need in way.needs):
            best = key
    return (best[3], best[2]) if best else None
