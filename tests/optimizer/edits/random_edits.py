"""Random edits of a plan, each from a generator: sensible and silly ones, none that is nonsense."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from optimizer.edits import (
    AddFollowUp,
    AddSession,
    AddStop,
    AtHome,
    AtSession,
    AtStop,
    ByPhone,
    DropFollowUp,
    DropSession,
    Edit,
    Later,
    MoveFollowUp,
    MoveSession,
    MoveStop,
    NewCrew,
    PinTarget,
    Place,
    ReassignMember,
    SwapVehicle,
    UnpinTarget,
)
from optimizer.model import Pin
from optimizer.plan import Plan
from optimizer.problem import Problem

Rng = np.random.Generator
T = TypeVar("T")


def served_in(plan: Plan) -> list[str]:
    """Follow-ups that a plan serves, each once."""
    names = [name for crew in plan.crews for stop in crew.stops for name in stop.follow_ups]
    return list(dict.fromkeys([*names, *(call.follow_up for call in plan.phone_calls)]))


def left_in(plan: Plan) -> list[str]:
    """Follow-ups that a plan leaves."""
    return [left.id for left in (*plan.deferred, *plan.unplanned)]


def a_random_edit(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    """Some edit that makes sense for a plan, or None when the first idea does not."""
    makers = (_move, _move, _add, _drop, _move_stop, _add_stop, _session, _session, _member, _vehicle, _pin)
    return makers[int(rng.integers(len(makers)))](rng, problem, plan)


def _pick(rng: Rng, choices: Sequence[T]) -> T | None:
    return choices[int(rng.integers(len(choices)))] if choices else None


def _half_day(rng: Rng, problem: Problem) -> int:
    return int(rng.integers(2 * len(problem.days)))


def _new_crew(rng: Rng, problem: Problem, half_day: int | None = None) -> NewCrew | None:
    if not problem.members or not problem.vehicles:
        return None
    first = _half_day(rng, problem) if half_day is None else half_day
    half_days = (first - first % 2, first - first % 2 + 1) if rng.random() < 0.4 else (first,)
    count = min(len(problem.members), int(rng.integers(1, 4)))
    members = tuple(problem.members[int(n)].id for n in rng.choice(len(problem.members), count, replace=False))
    vehicle = problem.vehicles[int(rng.integers(len(problem.vehicles)))].id
    return NewCrew(half_days, members, vehicle)


def _place(rng: Rng, problem: Problem, plan: Plan, follow_up: str) -> Place | None:
    item = problem.follow_ups[problem.follow_up_number[follow_up]]
    crew, other = _pick(rng, plan.crews), _pick(rng, plan.crews)
    kind = int(rng.integers(6))
    position = None if rng.random() < 0.5 else int(rng.integers(4))
    if kind <= 1 and crew is not None:
        is_pair = item.joint is not None and other is not None and other.id != crew.id
        return AtHome(crew.id, position, other.id if is_pair and other is not None else None)
    homes = [(one.id, n) for one in plan.crews for n, stop in enumerate(one.stops) if not stop.session]
    stop = _pick(rng, homes)
    if kind == 2 and stop is not None:
        return AtStop(*stop)
    session = _pick(rng, [stop.session for one in plan.crews for stop in one.stops if stop.session])
    if kind == 3 and session is not None:
        return AtSession(session)
    if kind == 4 and problem.members:
        return ByPhone(problem.members[int(rng.integers(len(problem.members)))].id, _half_day(rng, problem))
    new = _new_crew(rng, problem)
    return AtHome(new) if new is not None else None


def _move(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    name = _pick(rng, served_in(plan))
    if name is None:
        return None
    to = Later() if rng.random() < 0.1 else _place(rng, problem, plan, name)
    return None if to is None else MoveFollowUp(name, to)


def _add(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    name = _pick(rng, left_in(plan))
    to = None if name is None else _place(rng, problem, plan, name)
    return None if name is None or to is None else AddFollowUp(name, to)


def _drop(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    name = _pick(rng, served_in(plan))
    return None if name is None else DropFollowUp(name)


def _move_stop(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    crew, to = _pick(rng, plan.crews), _pick(rng, plan.crews)
    if crew is None or to is None:
        return None
    position = None if rng.random() < 0.5 else int(rng.integers(4))
    return MoveStop(crew.id, int(rng.integers(len(crew.stops))), to.id, position)


def _add_stop(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    name, crew = _pick(rng, left_in(plan)), _pick(rng, plan.crews)
    return None if name is None or crew is None else AddStop((name,), crew.id)


def _session(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    held = [stop.session for crew in plan.crews for stop in crew.stops if stop.session]
    session, not_held = _pick(rng, held), _pick(rng, [left.id for left in plan.sessions_not_held])
    half_day = _half_day(rng, problem)
    crews = [crew.id for crew in plan.crews if half_day in crew.half_days]
    crew = _pick(rng, crews) or _new_crew(rng, problem, half_day)
    if not_held is not None and crew is not None and rng.random() < 0.5:
        attendee = _pick(rng, left_in(plan))
        return AddSession(not_held, half_day, crew, attendees=(attendee,) if attendee else ())
    if session is None:
        return None
    if rng.random() < 0.3:
        return DropSession(session)
    return MoveSession(session, half_day, crew if rng.random() < 0.5 else None)


def _member(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    crew = _pick(rng, plan.crews)
    if crew is None:
        return None
    others = [member.id for member in problem.members if member.id not in crew.members]
    joins = (_pick(rng, others) or "") if rng.random() < 0.7 else ""
    leaves = (_pick(rng, crew.members) or "") if rng.random() < 0.7 else ""
    if not (joins or leaves) or (crew.members == (leaves,) and not joins):
        return None
    return ReassignMember(crew.id, leaves, joins)


def _vehicle(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    crew = _pick(rng, plan.crews)
    others = [one.id for one in problem.vehicles if crew is not None and one.id != crew.vehicle]
    vehicle = _pick(rng, others)
    return None if crew is None or vehicle is None else SwapVehicle(crew.id, vehicle)


def _pin(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    pinned = _pick(rng, [pin.target for pin in problem.pins])
    if pinned is not None and rng.random() < 0.5:
        return UnpinTarget(pinned)
    name = _pick(rng, served_in(plan))
    return None if name is None else PinTarget(Pin(name, day=int(rng.integers(len(problem.days)))))
