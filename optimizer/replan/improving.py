"""Rounds of taking a few follow-ups out and putting them, or more urgent ones, back in more cheaply.

A round is kept only when the plan gets cheaper, breaks no further rule, keeps the begun part and stays inside the
budget of changes (ruin and recreate after Schrimpf et al. 2000, section 2, with a greedy acceptance).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from optimizer.bundle import left_cost
from optimizer.check import Verdict
from optimizer.edits.recommending import recommend
from optimizer.plan import Crew, Plan, StopKind
from optimizer.replan.restoring import dearest_first, placed, restored
from optimizer.replan.state import Week, without
from optimizer.stop import Budget, Cancelled

MOST_TAKEN_OUT = 4
URGENT_CHOICE = 12
"""A round that makes room picks one of so many dearest left follow-ups."""
MOST_CREWS = 8
"""Crews asked to make room for one follow-up."""
MOST_EXCHANGES = 16
"""Exchanges tried for one urgent follow-up."""
MOST_PRIORITY = 1
"""P0 and P1 get room made for them before the search begins."""
ROOM_RULES = {"WORKING_TIME", "MEMBER_FIELD_TIME", "LUNCH", "TIME_WINDOW", "RESIDENT_WINDOW", "CLOCK"}
"""Rules that a crew with less to do might keep."""
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Best:
    """The cheapest plan so far and the judge's word on it."""

    plan: Plan
    verdict: Verdict


def improved(week: Week, best: Best, seed: int, budget: Budget) -> Best:
    """The best plan after the rounds; never dearer than the given one."""
    rng, running, rounds = np.random.default_rng(seed), budget.start(), 0
    while not running.is_over(rounds):
        rounds += 1
        trial = _room_made(week, best.plan, rng) if rng.random() < 0.5 else _shuffled(week, best.plan, rng)
        if trial is not None:
            best = cheaper(week, best, trial)
    return best


def _left(plan: Plan) -> list[str]:
    return [left.id for left in (*plan.unplanned, *plan.deferred)]


def _room_made(week: Week, plan: Plan, rng: Rng) -> Plan | None:
    """A dear follow-up gets a place in a crew that has no time for it, and whoever makes room is placed elsewhere."""
    urgent = dearest_first(week, _left(plan))[:URGENT_CHOICE]
    if not urgent:
        return None
    name = urgent[int(rng.integers(len(urgent)))]
    crews = _full_crews(week, plan, name)
    if not crews:
        return placed(week, plan, name)
    out = _some_of(week, crews[int(rng.integers(len(crews)))], rng, StopKind.HOME)
    return _exchanged(week, plan, name, out) if out else None


def _full_crews(week: Week, plan: Plan, follow_up: str) -> list[Crew]:
    """Crews that could do a follow-up if they had the time, the best first."""
    refused = recommend(week.problem, plan, follow_up, MOST_CREWS).refused
    known = {crew.id: crew for crew in plan.crews}
    full = [slot for slot in refused if {one.violation.rule for one in slot.refusals} <= ROOM_RULES]
    return [known[slot.crews[0].id] for slot in full if slot.crews and slot.crews[0].id in known]


def _exchanged(week: Week, plan: Plan, follow_up: str, out: list[str]) -> Plan:
    """The plan with some follow-ups out, another one in, and those put back wherever there is room."""
    with_room = without(week.problem, plan, out)
    filled = placed(week, with_room, follow_up) or with_room
    return restored(week, filled, out)


def with_room_for(week: Week, best: Best, follow_ups: Iterable[str], cancelled: Cancelled) -> Best:
    """The plan with urgent follow-ups that are still left put in the place of less urgent ones, where that pays."""
    for name in dearest_first(week, follow_ups):
        is_left = name in _left(best.plan)
        if not is_left or week.problem.follow_ups[week.problem.follow_up_number[name]].priority > MOST_PRIORITY:
            continue
        options = [out for crew in _full_crews(week, best.plan, name) for out in _givers(week, crew)]
        found = best
        for out in options[:MOST_EXCHANGES]:
            if cancelled():
                break
            found = cheaper(week, found, _exchanged(week, best.plan, name, out))
        best = found
    return best


def _givers(week: Week, crew: Crew) -> list[list[str]]:
    """What a crew could give away: one home stop or two in a row, those that are cheapest to leave first."""
    homes = [
        list(stop.follow_ups)
        for stop in crew.stops
        if stop.kind is StopKind.HOME and not week.frozen.is_begun(crew, stop)
    ]
    runs = [*homes, *(one + other for one, other in pairwise(homes))]
    number, items = week.problem.follow_up_number, week.problem.follow_ups
    return sorted(runs, key=lambda run: (sum(left_cost(week.problem, items[number[name]]) for name in run), run))[:4]


def cheaper(week: Week, best: Best, plan: Plan) -> Best:
    """The better of the best plan and another one: cheaper, or as cheap with fewer changes; if it may be taken."""
    verdict = week.judged(plan) if week.may_become(plan) else None
    if verdict is None or verdict.cost.total > best.verdict.cost.total:
        return best
    is_cheaper = verdict.cost.total < best.verdict.cost.total
    return Best(plan, verdict) if is_cheaper or len(week.changes(plan)) < len(week.changes(best.plan)) else best


def _shuffled(week: Week, plan: Plan, rng: Rng) -> Plan | None:
    """Some follow-ups of one crew, or of one caller, are taken out and put back, dearest first."""
    groups: list[list[str]] = [_some_of(week, crew, rng, None) for crew in plan.crews]
    callers = sorted({(call.member, call.half_day) for call in plan.phone_calls})
    begun = week.frozen.begun_follow_ups()
    groups += [
        [call.follow_up for call in plan.phone_calls if (call.member, call.half_day) == caller][:MOST_TAKEN_OUT]
        for caller in callers
    ]
    groups = [[name for name in group if name not in begun] for group in groups]
    groups = [group for group in groups if group]
    if not groups:
        return None
    out = groups[int(rng.integers(len(groups)))]
    trial = without(week.problem, plan, out)
    urgent = dearest_first(week, _left(plan))[:1]
    return restored(week, trial, [*out, *urgent])


def _some_of(week: Week, crew: Crew, rng: Rng, kind: StopKind | None) -> list[str]:
    """Up to MOST_TAKEN_OUT follow-ups of neighbouring stops of a crew that have not begun."""
    stops = [stop for stop in crew.stops if kind in (None, stop.kind) and not week.frozen.is_begun(crew, stop)]
    names = [name for stop in stops for name in stop.follow_ups]
    if not names:
        return []
    count, first = int(rng.integers(1, MOST_TAKEN_OUT + 1)), int(rng.integers(len(names)))
    return list(dict.fromkeys(names[first : first + count]))
