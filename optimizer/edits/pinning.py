"""Pins made from what a plan does: keep the day, the crew, the time, or all of it."""

from enum import StrEnum

from optimizer.cost import half_day_of
from optimizer.edits.appointments import appointments_of
from optimizer.edits.faults import EditFaults, edit_fault
from optimizer.model import Channel, Pin
from optimizer.plan import Plan
from optimizer.problem import Problem


class PinLevel(StrEnum):
    """How much of a decision is kept; the channel and the day are part of every level."""

    DAY = "day"
    CREW = "crew"
    TIME = "time"
    ALL = "all"


def pin_as_planned(problem: Problem, plan: Plan, target: str, level: PinLevel) -> Pin:
    """The pin that keeps a follow-up or session as a plan has it. Raises EditFaults when the plan does not have it."""
    with_crew, with_time = level in (PinLevel.CREW, PinLevel.ALL), level in (PinLevel.TIME, PinLevel.ALL)
    for crew in plan.crews:
        for stop in crew.stops:
            if stop.session == target and target:
                start = stop.start_seconds if with_time else None
                half_day = half_day_of(problem, crew, stop)
                return Pin(target, half_day=half_day, members=crew.members if with_crew else (), start_seconds=start)
    found = appointments_of(problem, plan).get(target)
    if found is None:
        raise EditFaults((edit_fault("NOT_PLANNED", "/target", target, "a planned follow-up or a held session"),))
    members = _first_crew(plan, target) if found.channel is not Channel.PHONE else tuple(found.members)
    return Pin(
        target,
        channel=found.channel,
        day=found.day,
        members=members if with_crew else (),
        start_seconds=found.start_seconds if with_time else None,
    )


def _first_crew(plan: Plan, follow_up: str) -> tuple[str, ...]:
    """The members of the first crew that does a follow-up; a joint visit's pin holds when one crew has them all."""
    crews = (crew.members for crew in plan.crews for stop in crew.stops if follow_up in stop.follow_ups)
    return next(crews, ())
