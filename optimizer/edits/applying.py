"""A plan and edits give a new plan with times, the judge's verdict, what changed in it, and the price."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.check import Verdict, check
from optimizer.edits.carrying import carry_out
from optimizer.edits.draft import Draft, open_plan, unknown_in
from optimizer.edits.excerpts import with_pins
from optimizer.edits.faults import EditFaults, edit_fault
from optimizer.edits.finish import finish
from optimizer.edits.kinds import Edit
from optimizer.edits.nonsense import faults_of
from optimizer.errors import Fault
from optimizer.plan import CostBreakdown, Plan, Violation
from optimizer.problem import Problem

STOP_NUMBER = re.compile(r", stop \d+")


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of edits. `problem` is the one given, with the pins as they are now."""

    problem: Problem
    plan: Plan
    verdict: Verdict
    """On the new plan; hand it in as `before` of the next edit."""
    new_violations: tuple[Violation, ...]
    gone_violations: tuple[Violation, ...]
    price: CostBreakdown
    """New cost minus old cost, by part; negative where the plan got cheaper."""
    retimed: tuple[str, ...]
    """Ids of the crews that are new or differ from before, in the plan's order."""


def edit_plan(problem: Problem, plan: Plan, edits: Sequence[Edit], before: Verdict | None = None) -> Edited:
    """Carry out edits one after the other and judge the outcome; rules are soft, what they break is listed.

    `before` is the verdict on the plan where it is known, which spares judging it again. Raises EditFaults with
    every fault when an edit is nonsense or the plan names what the problem does not have; nothing is changed then.
    """
    draft = edited_draft(problem, plan, edits)
    return _judged(problem, plan, draft, before)


def edited_draft(problem: Problem, plan: Plan, edits: Sequence[Edit]) -> Draft:
    """A draft of a plan with edits carried out; raises EditFaults with every fault."""
    draft = draft_of(problem, plan)
    faults: list[Fault] = []
    for number, edit in enumerate(edits):
        found = faults_of(draft, edit, f"/edits/{number}")
        faults += found
        if not found:
            carry_out(draft, edit)
    if faults:
        raise EditFaults(tuple(faults))
    return draft


def draft_of(problem: Problem, plan: Plan) -> Draft:
    """A draft of a plan. Raises EditFaults when it names what the problem does not have."""
    unknown = tuple(dict.fromkeys(unknown_in(problem, plan)))
    if unknown:
        raise EditFaults(
            tuple(edit_fault("UNKNOWN_IN_PLAN", "/plan", name, "something that the problem has") for name in unknown)
        )
    return open_plan(problem, plan)


def _judged(problem: Problem, plan: Plan, draft: Draft, before: Verdict | None) -> Edited:
    new_problem = with_pins(problem, draft.pins) if draft.has_new_pins else problem
    new_plan = finish(draft)
    old, new = before or check(problem, plan), check(new_problem, new_plan)
    known = {crew.id: crew for crew in plan.crews}
    return Edited(
        new_problem,
        new_plan,
        new,
        violations_beyond(new.violations, old.violations),
        violations_beyond(old.violations, new.violations),
        cost_difference(new.cost, old.cost),
        tuple(crew.id for crew in new_plan.crews if known.get(crew.id) != crew),
    )


def cost_difference(new: CostBreakdown, old: CostBreakdown) -> CostBreakdown:
    """New minus old, by part."""
    return CostBreakdown({part: points - old.parts[part] for part, points in new.parts.items()})


def violations_beyond(found: Sequence[Violation], known: Sequence[Violation]) -> tuple[Violation, ...]:
    """Violations that are more than the known ones, by rule and thing concerned.

    The number of a stop does not count: a stop that was late and moved back in the order is no news.
    """
    budget = Counter(_key(violation) for violation in known)
    exact = Counter(known)
    beyond = []
    for violation in sorted(found, key=lambda violation: violation not in exact):
        if budget[_key(violation)] > 0:
            budget[_key(violation)] -= 1
        else:
            beyond.append(violation)
    order = {id(violation): number for number, violation in enumerate(found)}
    return tuple(sorted(beyond, key=lambda violation: order[id(violation)]))


def _key(violation: Violation) -> tuple[str, str]:
    return violation.rule, STOP_NUMBER.sub("", violation.where)
