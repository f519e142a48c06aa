"""Parts of a valid problem and of its plan, so that a question about a few crews is asked about these only.

What is cut out of a valid problem is valid, so it is not validated again: that would take longer than the answer.
"""

import copy
from collections.abc import Collection

from optimizer.calendar import day_of
from optimizer.edits.faults import EditFaults
from optimizer.model import Pin
from optimizer.plan import Crew, Plan
from optimizer.problem import Problem
from optimizer.validation import Parts
from optimizer.validation.demand import judge_pins
from optimizer.validation.parts import known_in

CUT_TABLES = ("follow_up_number", "session_number")


def excerpt(problem: Problem, follow_ups: Collection[str], sessions: Collection[str] = ()) -> Problem:
    """The problem with these follow-ups and sessions only, their pins, and no earlier plan; everything else shared."""
    wanted = {*follow_ups, *sessions}
    items = tuple(
        problem.follow_ups[number] for number in sorted(problem.follow_up_number[name] for name in follow_ups)
    )
    held = tuple(problem.sessions[number] for number in sorted(problem.session_number[name] for name in sessions))
    pins = tuple(pin for pin in problem.pins if pin.target in wanted)
    return _changed(problem, {"follow_ups": items, "sessions": held, "pins": pins, "earlier": None}, CUT_TABLES)


def with_pins(problem: Problem, pins: tuple[Pin, ...]) -> Problem:
    """The problem with other pins. Raises EditFaults when they do not fit the problem."""
    parts = Parts(
        problem.days,
        problem.sites,
        problem.teams,
        problem.members,
        problem.vehicles,
        problem.follow_ups,
        problem.sessions,
        problem.travel,
        problem.parameters,
        pins,
    )
    faults = tuple(judge_pins(parts, known_in(parts)))
    if faults:
        raise EditFaults(faults)
    return _changed(problem, {"pins": pins}, ())


def with_earlier(problem: Problem, earlier: Plan | None) -> Problem:
    """The problem with another earlier plan."""
    return _changed(problem, {"earlier": earlier}, ())


def _changed(problem: Problem, fields: dict[str, object], stale: Collection[str]) -> Problem:
    """A copy with some fields replaced and some look-up tables forgotten; nothing is validated."""
    part = copy.copy(problem)
    for name in stale:
        part.__dict__.pop(name, None)
    for name, value in fields.items():
        object.__setattr__(part, name, value)
    return part


def related_crews(problem: Problem, plan: Plan, names: Collection[str], *, all_week: bool) -> tuple[Crew, ...]:
    """These crews, those they meet at joint visits, those these meet, and whoever shares a member with the first.

    Members are shared on the same day, or (with their vehicles) all week.
    """
    chosen = [crew for crew in plan.crews if crew.id in names]
    days = {(member, day_of(crew.half_days[0])) for crew in chosen for member in crew.members}
    members, vehicles = {member for member, _ in days}, {crew.vehicle for crew in chosen}
    met = _met_by(problem, plan, chosen)
    related = []
    for crew in plan.crews:
        day = day_of(crew.half_days[0])
        is_shared = any((member, day) in days for member in crew.members)
        is_week = all_week and (not members.isdisjoint(crew.members) or crew.vehicle in vehicles)
        if crew.id in names or is_shared or is_week or crew.id in met:
            related.append(crew)
    return tuple(related)


def _met_by(problem: Problem, plan: Plan, crews: Collection[Crew]) -> set[str]:
    """Ids of the crews that meet these at joint visits, and of those that meet them in turn."""
    joint = {item.id for item in problem.follow_ups if item.joint is not None}
    shared = {crew.id: joint & {name for stop in crew.stops for name in stop.follow_ups} for crew in plan.crews}
    found = {crew.id for crew in crews}
    size = 0
    while len(found) > size:
        size = len(found)
        visits = set[str]().union(*(shared[name] for name in found))
        found |= {name for name, own in shared.items() if own & visits}
    return found


def served_by(crews: Collection[Crew]) -> set[str]:
    """Follow-ups done at the stops of these crews."""
    return {name for crew in crews for stop in crew.stops for name in stop.follow_ups}


def sessions_of(crews: Collection[Crew]) -> set[str]:
    """Sessions held by these crews."""
    return {stop.session for crew in crews for stop in crew.stops if stop.session}
