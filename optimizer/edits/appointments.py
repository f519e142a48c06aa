"""What residents were told: channel, day, half-day, who comes and when; and how two plans differ in it."""

from dataclasses import dataclass
from enum import StrEnum

from optimizer.calendar import day_of
from optimizer.cost import half_day_of
from optimizer.model import Channel
from optimizer.plan import Plan
from optimizer.problem import Problem

SAME_TIME_SECONDS = 1800
"""A start that moves by no more than this is the same appointment."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """How a follow-up is done in a plan; both crews of a joint visit together, `start_seconds` None for calls."""

    channel: Channel
    day: int
    half_day: int
    members: frozenset[str]
    start_seconds: int | None = None


class Difference(StrEnum):
    """How an appointment differs from the one before."""

    ADDED = "added"
    DROPPED = "dropped"
    CHANNEL = "channel"
    DAY = "day"
    HALF_DAY = "half_day"
    CREW = "crew"
    START = "start"


@dataclass(frozen=True, slots=True)
class Change:
    """A follow-up whose appointment differs between two plans."""

    follow_up: str
    resident: str
    before: Appointment | None
    after: Appointment | None
    differences: tuple[Difference, ...]


def appointments_of(problem: Problem, plan: Plan) -> dict[str, Appointment]:
    """The appointment of every follow-up that a plan serves."""
    found: dict[str, Appointment] = {}
    for crew in plan.crews:
        members = frozenset(crew.members)
        for stop in crew.stops:
            half_day, channel = half_day_of(problem, crew, stop), Channel.PATROL if stop.session else Channel.HOME
            for name in stop.follow_ups:
                there = found[name].members | members if name in found else members
                found[name] = Appointment(channel, day_of(half_day), half_day, there, stop.start_seconds)
    for call in plan.phone_calls:
        found[call.follow_up] = Appointment(
            Channel.PHONE, day_of(call.half_day), call.half_day, frozenset((call.member,))
        )
    return found


def changes_between(problem: Problem, before: Plan, after: Plan) -> tuple[Change, ...]:
    """Every follow-up of the problem whose appointment differs, in the problem's order."""
    old, new = appointments_of(problem, before), appointments_of(problem, after)
    changes = []
    for item in problem.follow_ups:
        differences = _differences(old.get(item.id), new.get(item.id))
        if differences:
            changes.append(Change(item.id, item.resident, old.get(item.id), new.get(item.id), differences))
    return tuple(changes)


def changed_appointments(problem: Problem, before: Plan, after: Plan) -> tuple[Change, ...]:
    """Changes of appointments that stood before; a follow-up that is new in the plan takes nothing from anybody."""
    return tuple(change for change in changes_between(problem, before, after) if change.before is not None)


def _differences(old: Appointment | None, new: Appointment | None) -> tuple[Difference, ...]:
    if old is None or new is None:
        return () if old is new else (Difference.ADDED if old is None else Difference.DROPPED,)
    if old == new:
        return ()
    starts = (old.start_seconds, new.start_seconds)
    is_moved = None not in starts and abs((starts[0] or 0) - (starts[1] or 0)) > SAME_TIME_SECONDS
    facts = (
        (Difference.CHANNEL, old.channel is not new.channel),
        (Difference.DAY, old.day != new.day),
        (Difference.HALF_DAY, old.half_day != new.half_day and old.day == new.day),
        (Difference.CREW, old.members != new.members),
        (Difference.START, is_moved and old.half_day == new.half_day),
    )
    return tuple(difference for difference, holds in facts if holds)
