"""How a plan differs from another of the same week, as an answer."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from api.service.bodies import Answer
from api.service.limits import SolveSlots
from api.service.problems import ProblemError
from api.service.routes.edits import PriceView
from api.service.week_problems import as_problems, said_price, said_violations
from api.store.models.plans import WeekPlan
from api.weeks import plan_of, problem_of
from optimizer.check import check
from optimizer.edits import changes_between
from optimizer.edits.applying import cost_difference
from optimizer.plan import Plan
from optimizer.problem import Problem


class ComparedView(Answer):
    """How a plan differs from another of the same week."""

    price: PriceView
    changes: list[dict[str, Any]]
    counts: dict[str, int]
    violations: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A plan and the plan before, each with its own problem."""

    problem: Problem
    plan: Plan
    old_problem: Problem
    old: Plan


def pair_of(session: Session, row: WeekPlan, before: WeekPlan) -> Pair:
    """A plan beside the plan before. Raises ProblemError when they are not of one week."""
    if (row.organisation_id, row.week) != (before.organisation_id, before.week):
        raise ProblemError("OTHER_WEEK")
    with as_problems():
        return Pair(
            problem_of(session, row), plan_of(session, row), problem_of(session, before), plan_of(session, before)
        )


def compared(pair: Pair, slots: SolveSlots) -> dict[str, Any]:
    """How a plan differs from the plan before, judged anew while no session is open."""
    with slots.taken():
        verdict, old_verdict = check(pair.problem, pair.plan), check(pair.old_problem, pair.old)
        changes = changes_between(pair.problem, pair.old, pair.plan)
    counts: dict[str, int] = {}
    for change in changes:
        for difference in change.differences:
            counts[difference.value] = counts.get(difference.value, 0) + 1
    return {
        "price": said_price(cost_difference(verdict.cost, old_verdict.cost)),
        "changes": [{"follow_up": c.follow_up, "differences": [d.value for d in c.differences]} for c in changes],
        "counts": counts,
        "violations": said_violations(verdict.violations),
    }
