"""The roster's phases: ledger, calls at the desk, cover, joint model with its neighbourhoods, vehicles, last calls."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.bundle import Unit
from optimizer.duties import Duty, Roster
from optimizer.problem import Problem
from optimizer.roster.book import Book
from optimizer.roster.calls import assign_calls, desk_room, field_room
from optimizer.roster.contacts import add_contacts
from optimizer.roster.cover import Cover, cover_of, nothing_of, with_contacts
from optimizer.roster.crews import add_crews
from optimizer.roster.groups import groups_of
from optimizer.roster.ledger import shortages_of
from optimizer.roster.linear import IntVector, LinearModel
from optimizer.roster.neighbourhoods import Picker, Scope, tags_of
from optimizer.roster.outings import outings_of
from optimizer.roster.search import Improved, Phase, Slice, Teller, improve
from optimizer.roster.sheet import Sheet
from optimizer.roster.solving import Task, solve_parts
from optimizer.roster.vehicles import duties_of
from optimizer.roster.week import Week, week_of
from optimizer.stop import Budget, Running

COVER_SLICE = Slice(seconds=0.3, effort=0.1)
JOINT_SLICE = Slice(seconds=1.5, effort=0.4)
"""Effort is about a third of the seconds on a machine of 2025."""
COVER_SHARE = 0.06
"""Share of the seconds for the cover model, between the least and the most."""
COVER_SECONDS = (0.5, 3.0)
COVER_ITERATIONS = 40
"""Neighbourhoods of the cover model in a reproducible run; not counted in the budget."""
FOLLOWERS_SECONDS = 5.0
"""Far more than it needs; deterministic time units in a reproducible run."""
LAST_SECONDS = 0.25


class Method(StrEnum):
    """JOINT decides everything together; the others are baselines that decide one thing after the other."""

    JOINT = "joint"
    SESSIONS_FIRST = "sessions_first"
    """Sessions and their crews without regard to demand, then frozen; the rest after that."""
    CHANNELS_FIRST = "channels_first"
    """Everybody by the rule's channel and own site, sessions for that and frozen; then channels are free."""
    FROZEN_COVER = "frozen_cover"
    """Sessions and their crews by demand, then frozen; the rest after that."""


PHASES = {
    # The usual channels first, then all channels: smaller models that give a good start for everything together.
    Method.JOINT: ((Scope(crossing=False), 0.15), (Scope(sessions=False), 0.25), (Scope(), 1.0)),
    Method.SESSIONS_FIRST: ((Scope(sessions=False), 1.0),),
    Method.CHANNELS_FIRST: ((Scope(crossing=False), 0.5), (Scope(sessions=False), 1.0)),
    Method.FROZEN_COVER: ((Scope(sessions=False), 1.0),),
}
"""What each method may change, and up to which share of the budget."""


@dataclass(frozen=True, slots=True)
class Joint:
    """The joint model with everything needed to read its solutions."""

    sheet: Sheet
    book: Book
    model: LinearModel


def decide(
    problem: Problem,
    units: tuple[Unit, ...],
    *,
    seed: int,
    budget: Budget,
    workers: int = 2,
    observer: Teller | None = None,
    method: Method = Method.JOINT,
) -> Roster:
    """The best roster found within the budget; iterations are neighbourhoods. Never fails: at worst nobody goes out."""
    running = budget.start()
    week = week_of(problem, units, seed)
    room = desk_room(week)
    calls = assign_calls(week, range(len(units)), room)
    phoned = {call.unit for call in calls}
    joint = _joint_of(week, [number for number in range(len(units)) if number not in phoned])
    rng = np.random.default_rng(seed)
    start, covered = _start(week, joint, running, method, rng, workers)
    found = _improved(joint, start, running, method, rng, workers, observer)
    duties = duties_of(week, outings_of(joint.sheet, joint.book, found.values))
    out = {(member, half_day) for duty in duties for member in duty.members for half_day in duty.half_days}
    rest = sorted(set(range(len(units))) - phoned - _served(duties))
    calls += assign_calls(week, rest, {**room, **field_room(week, out)})
    statistics = {
        "groups": float(len(joint.sheet.groups)),
        "variables": float(joint.model.variable_count),
        "rows": float(len(joint.model.bounds)),
        "cover_cost": float(covered),
        "start_cost": float(joint.model.price(start)),
        "cost": float(found.cost),
        "neighbourhoods": float(found.solved),
        "helped": float(found.helped),
        "seconds": running.elapsed_seconds(),
    }
    return Roster(duties, tuple(calls), shortages_of(week), statistics)


def _served(duties: tuple[Duty, ...]) -> set[int]:
    """Units that some duty has in mind."""
    attendees = {unit for duty in duties for held in duty.sessions for unit in held.attendees}
    return attendees | {unit for duty in duties for unit in duty.homes}


def _joint_of(week: Week, numbers: list[int]) -> Joint:
    """The joint model of the units that are not phoned."""
    sheet = Sheet(week, groups_of(week, numbers))
    add_crews(sheet)
    book = add_contacts(sheet)
    return Joint(sheet, book, sheet.builder.finish())


def _start(
    week: Week, joint: Joint, running: Running, method: Method, rng: np.random.Generator, workers: int
) -> tuple[IntVector, int]:
    """A complete feasible solution of the joint model from the cover model, and the cover model's cost."""
    cover = cover_of(week, joint.sheet.groups, by_demand=method is not Method.SESSIONS_FIRST)
    picker = Picker(cover.sheet, tags_of(cover.sheet, Book(), cover.model), Scope(), rng)
    phase = Phase(_cover_budget(running.budget).start(), workers, COVER_SLICE)
    found = improve(cover.model, Book(), cover.nothing, picker, phase)
    return _with_followers(joint, cover, found.values, running), found.cost


def _cover_budget(budget: Budget) -> Budget:
    """What the cover model may use; nothing when the whole budget is nothing."""
    if budget.seconds is None:
        return Budget(iterations=COVER_ITERATIONS if budget.iterations else 0, cancelled=budget.cancelled)
    least, most = COVER_SECONDS
    seconds = min(budget.seconds, most, max(least, COVER_SHARE * budget.seconds))
    return Budget(seconds=seconds, cancelled=budget.cancelled)


def _with_followers(joint: Joint, cover: Cover, values: IntVector, running: Running) -> IntVector:
    """The cover solution with contacts, and everything that follows from its decisions; at worst doing nothing."""
    nothing = nothing_of(joint.sheet, joint.model, joint.book)
    start = nothing.copy()
    start[: cover.shared] = values[: cover.shared]
    start = with_contacts(joint.sheet, joint.book, start)
    free = ~joint.model.is_decision
    task = Task(free, FOLLOWERS_SECONDS, 0)
    if running.budget.cancelled():  # what the cover found is kept, if that takes no time
        running, task = Budget(seconds=LAST_SECONDS).start(), Task(free, LAST_SECONDS, 0)
    answer = solve_parts(joint.model, start, [task], running)[0]
    if answer.values is None or not joint.model.is_feasible(answer.values):
        return nothing
    return answer.values if joint.model.price(answer.values) < joint.model.price(nothing) else nothing


def _improved(
    joint: Joint,
    start: IntVector,
    running: Running,
    method: Method,
    rng: np.random.Generator,
    workers: int,
    observer: Teller | None,
) -> Improved:
    """The neighbourhood search of a method, phase after phase."""
    tags = tags_of(joint.sheet, joint.book, joint.model)
    found = Improved(start, joint.model.price(start), 0, 0)
    for scope, end_share in PHASES[method]:
        picker = Picker(joint.sheet, tags, scope, rng)
        phase = Phase(running, workers, JOINT_SLICE, found.solved, end_share)
        last = improve(joint.model, joint.book, found.values, picker, phase, observer)
        found = Improved(last.values, last.cost, found.solved + last.solved, found.helped + last.helped)
    return found
