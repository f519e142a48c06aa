"""Puts what is left back in, dearest first, where it is cheapest: exact prices, the begun part and the budget kept."""

from collections.abc import Iterable
from dataclasses import replace

from optimizer.bundle import left_cost
from optimizer.check import check
from optimizer.edits.kinds import AtHome
from optimizer.edits.recommending import recommend
from optimizer.edits.slots import Slot
from optimizer.plan import Plan
from optimizer.replan.state import Week, carried

MOST_SLOTS = 6
"""Places tried for one follow-up before it stays left."""


def restored(week: Week, plan: Plan, follow_ups: Iterable[str]) -> Plan:
    """The plan with those of the follow-ups put back that have a place at a gain."""
    for name in dearest_first(week, follow_ups):
        plan = placed(week, plan, name) or plan
    return plan


def dearest_first(week: Week, follow_ups: Iterable[str]) -> list[str]:
    """Follow-ups in the order of what leaving them costs."""
    problem = week.problem
    number = problem.follow_up_number
    return sorted(follow_ups, key=lambda name: (-left_cost(problem, problem.follow_ups[number[name]]), number[name]))


def placed(week: Week, plan: Plan, follow_up: str) -> Plan | None:
    """The plan with a follow-up at the cheapest place that may be taken; None when no place is worth it."""
    for slot in recommend(week.problem, plan, follow_up, MOST_SLOTS).slots:
        if slot.price.total >= 0:
            return None
        if _is_past(week, slot):
            continue
        trial = carried(week.problem, plan, [slot.edit])
        may_be, moved = week.may_become(trial), len(week.changes(trial))
        if may_be and moved <= len(week.changes(plan)):
            return trial
        gentle = _gentler(week, plan, slot, most_cost=slot.price.total if may_be else -1)
        if gentle is not None or may_be:
            return gentle or trial
    return None


def _gentler(week: Week, plan: Plan, slot: Slot, *, most_cost: int) -> Plan | None:
    """The same crew with a later position that moves no other appointment, at no more than a price; None without."""
    to = slot.edit.to
    if not isinstance(to, AtHome) or to.second_crew is not None:
        return None
    cost, moved = check(week.problem, plan).cost.total, len(week.changes(plan))
    for position in range(len(slot.crews[0].stops) - 1, -1, -1):
        if position == to.position:
            continue
        trial = carried(week.problem, plan, [replace(slot.edit, to=replace(to, position=position))])
        if len(week.changes(trial)) > moved or not week.may_become(trial):
            continue
        verdict = week.judged(trial)
        if verdict is not None and verdict.cost.total <= cost + most_cost:
            return trial
    return None


def _is_past(week: Week, slot: Slot) -> bool:
    """Whether a place has begun already."""
    until = week.frozen.until
    if until is None:
        return False
    if slot.start_seconds is None:
        return week.frozen.has_begun(slot.half_day)
    return until.has_passed(week.problem.days[slot.day].date, slot.start_seconds)
