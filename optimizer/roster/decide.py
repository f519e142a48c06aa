"""The roster's phases: calls at the desk, quick search, joint model with its neighbourhoods, vehicles, last calls."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from optimizer.bundle import Unit
from optimizer.duties import Call, Duty, Roster
from optimizer.plan import Shortage
from optimizer.problem import Problem
from optimizer.roster.board import Table
from optimizer.roster.book import Book
from optimizer.roster.calls import assign_calls, desk_room, field_room
from optimizer.roster.contacts import add_contacts
from optimizer.roster.cover import cover_of, nothing_of, with_contacts
from optimizer.roster.crews import add_crews
from optimizer.roster.groups import groups_of
from optimizer.roster.layout import laid
from optimizer.roster.ledger import shortages_of
from optimizer.roster.linear import IntVector, LinearModel
from optimizer.roster.neighbourhoods import Picker, Scope, Tags, tags_of
from optimizer.roster.outings import outings_of
from optimizer.roster.quick import ITERATIONS_PER_ACTIVITY, Stretch, quick, settings_of, values_of, warm
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


@dataclass(frozen=True, slots=True)
class Stage:
    """A share of the budget for one way of searching: what it may change, and whether it is the quick search."""

    scope: Scope
    share: float
    is_quick: bool = False


EVERYTHING, USUAL_CHANNELS, SESSIONS_KEPT = Scope(), Scope(crossing=False), Scope(sessions=False)
STAGES = {
    Method.JOINT: (Stage(EVERYTHING, 0.9, True), Stage(EVERYTHING, 0.1)),
    Method.SESSIONS_FIRST: (Stage(SESSIONS_KEPT, 0.9, True), Stage(SESSIONS_KEPT, 0.1)),
    Method.CHANNELS_FIRST: (
        *(Stage(USUAL_CHANNELS, 0.45, True), Stage(USUAL_CHANNELS, 0.05)),
        *(Stage(SESSIONS_KEPT, 0.45, True), Stage(SESSIONS_KEPT, 0.05)),
    ),
    Method.FROZEN_COVER: (Stage(SESSIONS_KEPT, 0.9, True), Stage(SESSIONS_KEPT, 0.1)),
}
QUICK_ITERATIONS = 10_000
"""Of the quick search for every neighbourhood of a reproducible run; not counted in the budget."""
COVERED = (Method.SESSIONS_FIRST, Method.FROZEN_COVER)
"""Methods that place the sessions by the cover model."""


@dataclass(frozen=True, slots=True)
class Joint:
    """The joint model with everything needed to read its solutions."""

    sheet: Sheet
    book: Book
    model: LinearModel


OnRoster = Callable[[Roster], None]
"""Told a complete roster that could be routed if the search ended here, with its cost as its only figure.

Called from the deciding thread.
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """What was decided before any search: who is phoned from the desk, and the time that is left for calls."""

    calls: tuple[Call, ...]
    room: dict[tuple[int, int], int]

    @property
    def phoned(self) -> set[int]:
        """Units that need nobody to go out."""
        return {call.unit for call in self.calls}


@dataclass(frozen=True, slots=True)
class Run:
    """One call of `decide` under way."""

    joint: Joint
    desk: Desk
    tags: Tags
    running: Running
    rng: np.random.Generator
    workers: int
    observer: Teller | None
    on_roster: OnRoster | None
    shortages: tuple[Shortage, ...]


def decide(
    problem: Problem,
    units: tuple[Unit, ...],
    *,
    seed: int,
    budget: Budget,
    workers: int = 2,
    observer: Teller | None = None,
    method: Method = Method.JOINT,
    on_roster: OnRoster | None = None,
) -> Roster:
    """The best roster found within the budget; iterations are neighbourhoods. Never fails: at worst nobody goes out.

    `on_roster` is told the best one half-way through a quick search and after every stage that improved it; hearing it
    does not change the answer of a reproducible run.
    """
    warm()  # first, or it would be taken from the seconds
    running = budget.start()
    week = week_of(problem, units, seed)
    room = desk_room(week)
    desk = Desk(tuple(assign_calls(week, range(len(units)), room)), room)
    shortages = shortages_of(week)
    if budget.cancelled():
        return Roster((), desk.calls, shortages)
    joint = _joint_of(week, [number for number in range(len(units)) if number not in desk.phoned], observer)
    tags = tags_of(joint.sheet, joint.book, joint.model)
    run = Run(joint, desk, tags, running, np.random.default_rng(seed), workers, observer, on_roster, shortages)
    start, covered = nothing_of(joint.sheet, joint.model, joint.book), 0
    if method in COVERED:
        start, covered = _covered(run, method)
    found, quick_cost = _improved(run, start, method)
    statistics = {
        "groups": float(len(joint.sheet.groups)),
        "variables": float(joint.model.variable_count),
        "rows": float(len(joint.model.bounds)),
        "cover_cost": float(covered),
        "start_cost": float(joint.model.price(start)),
        "quick_cost": float(quick_cost),
        "cost": float(found.cost),
        "neighbourhoods": float(found.solved),
        "helped": float(found.helped),
        "effort": found.effort,
        "seconds": running.elapsed_seconds(),
    }
    return replace(_roster_of(run, found), statistics=statistics)


def _roster_of(run: Run, found: Improved) -> Roster:
    """The duties of a solution, with the desk's calls and further ones by whoever has time."""
    week, desk = run.joint.sheet.week, run.desk
    duties = duties_of(week, outings_of(run.joint.sheet, run.joint.book, found.values))
    out = {(member, half_day) for duty in duties for member in duty.members for half_day in duty.half_days}
    rest = sorted(set(range(len(week.units))) - desk.phoned - _served(duties))
    calls = (*desk.calls, *assign_calls(week, rest, {**desk.room, **field_room(week, out)}))
    return Roster(duties, calls, run.shortages, {"cost": float(found.cost)})


def _served(duties: tuple[Duty, ...]) -> set[int]:
    """Units that some duty has in mind."""
    attendees = {unit for duty in duties for held in duty.sessions for unit in held.attendees}
    return attendees | {unit for duty in duties for unit in duty.homes}


def _joint_of(week: Week, numbers: list[int], observer: Teller | None) -> Joint:
    """The joint model of the units that are not phoned; the observer hears that it is being built."""
    tell = observer or (lambda share, cost=None: None)
    sheet = Sheet(week, groups_of(week, numbers))
    tell(0.0)
    add_crews(sheet)
    tell(0.0)
    book = add_contacts(sheet)
    tell(0.0)
    return Joint(sheet, book, sheet.builder.finish())


def _covered(run: Run, method: Method) -> tuple[IntVector, int]:
    """A complete feasible solution of the joint model from the cover model, and the cover model's cost."""
    joint, running, week = run.joint, run.running, run.joint.sheet.week
    cover = cover_of(week, joint.sheet.groups, by_demand=method is not Method.SESSIONS_FIRST)
    picker = Picker(cover.sheet, tags_of(cover.sheet, Book(), cover.model), Scope(), run.rng)
    phase = Phase(_cover_budget(running.budget).start(), run.workers, COVER_SLICE)
    found = improve(cover.model, Book(), cover.nothing, picker, phase)
    nothing = nothing_of(joint.sheet, joint.model, joint.book)
    start = nothing.copy()
    start[: cover.shared] = found.values[: cover.shared]
    return _with_followers(joint, with_contacts(joint.sheet, joint.book, start), nothing, running), found.cost


def _cover_budget(budget: Budget) -> Budget:
    """What the cover model may use; nothing when the whole budget is nothing."""
    if budget.seconds is None:
        return Budget(iterations=COVER_ITERATIONS if budget.iterations else 0, cancelled=budget.cancelled)
    least, most = COVER_SECONDS
    seconds = min(budget.seconds, most, max(least, COVER_SHARE * budget.seconds))
    return Budget(seconds=seconds, cancelled=budget.cancelled)


def _with_followers(joint: Joint, start: IntVector, best: IntVector, running: Running) -> IntVector:
    """A solution with everything that follows from its decisions, or the best one so far if that is no dearer."""
    free = ~joint.model.is_decision
    task = Task(free, FOLLOWERS_SECONDS, 0)
    if running.budget.cancelled():  # what was found is kept, if that takes no time
        running, task = Budget(seconds=LAST_SECONDS).start(), Task(free, LAST_SECONDS, 0)
    answer = solve_parts(joint.model, start, [task], running)[0]
    if answer.values is None or not joint.model.is_feasible(answer.values):
        return best
    return answer.values if joint.model.price(answer.values) < joint.model.price(best) else best


def _improved(run: Run, start: IntVector, method: Method) -> tuple[Improved, int]:
    """The searches of a method, stage after stage; with the cost after the last quick one."""
    joint, stages, reproducible = run.joint, STAGES[method], run.running.budget.is_reproducible
    found, used = Improved(start, joint.model.price(start)), 0.0
    quick_cost, told = found.cost, found.cost
    # A reproducible budget counts neighbourhoods, which the quick search has none of.
    counted = sum(stage.share for stage in stages if not (stage.is_quick and reproducible))
    for number, stage in enumerate(stages):
        if number and run.on_roster is not None and not run.running.budget.cancelled() and found.cost < told:
            told = found.cost
            run.on_roster(_roster_of(run, found))
        before = used
        used = round(used + (0.0 if stage.is_quick and reproducible else stage.share / counted), 9)
        if stage.is_quick:
            values = _quickly(run, found.values, stage, before, used)
            quick_cost = joint.model.price(values)
            found = replace(found, values=values, cost=quick_cost)
            continue
        picker = Picker(joint.sheet, run.tags, stage.scope, run.rng)
        phase = Phase(run.running, run.workers, JOINT_SLICE, found.solved, used)
        last = improve(joint.model, joint.book, found.values, picker, phase, run.observer)
        found = replace(
            last,
            solved=found.solved + last.solved,
            helped=found.helped + last.helped,
            effort=found.effort + last.effort,
        )
    return found, quick_cost


def _quickly(run: Run, values: IntVector, stage: Stage, before: float, after: float) -> IntVector:
    """The quick search from a solution, between two shares of the budget; the solution itself if nothing is cheaper."""
    joint, running = run.joint, run.running
    if running.budget.cancelled():
        return values
    offered = ~run.tags.crosses if not stage.scope.crossing else np.ones(joint.model.variable_count, dtype=np.bool_)
    board = laid(joint.sheet, joint.book, joint.model, offered, sessions=stage.scope.sessions)
    if run.observer is not None:
        run.observer(before, joint.model.price(values))
    iterations = ITERATIONS_PER_ACTIVITY * len(board.on)
    if running.budget.iterations is not None:
        iterations = min(iterations, int(QUICK_ITERATIONS * stage.share * running.budget.iterations))
    nothing = nothing_of(joint.sheet, joint.model, joint.book)

    def tell(share: float, cost: int) -> None:
        if run.observer is not None:
            run.observer(before + share * (after - before), min(cost, joint.model.price(values)))

    def read(table: Table) -> IntVector:
        return _with_followers(joint, values_of(board, joint.sheet, joint.book, table, nothing), values, running)

    def show(table: Table) -> None:
        found = read(table) if run.on_roster is not None and not running.budget.cancelled() else values
        cost = joint.model.price(found)
        if run.on_roster is not None and cost < joint.model.price(values):
            run.on_roster(_roster_of(run, Improved(found, cost)))

    seed = int(run.rng.integers(2**62))
    settings = settings_of(joint.sheet.week.problem.weights)
    stretch = Stretch(running, iterations, after)
    return read(quick(board, joint.sheet, values, seed, run.workers, settings, stretch, tell, show))
