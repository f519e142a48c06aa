"""A plan on its way from the old one to the new, and the question whether a step may be taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from optimizer.check import Verdict, check
from optimizer.edits.applying import edited_draft, violations_beyond
from optimizer.edits.appointments import Change, changed_appointments
from optimizer.edits.finish import finish
from optimizer.edits.kinds import DropFollowUp, Edit
from optimizer.plan import Plan, Violation
from optimizer.problem import Problem
from optimizer.replan.frozen import Frozen


@dataclass(frozen=True, slots=True)
class Week:
    """What replanning may not lose sight of: the problem, the plan that residents know, and what has begun."""

    problem: Problem
    base: Plan
    frozen: Frozen
    tolerated: tuple[Violation, ...] = ()
    """Broken rules that cannot be mended; a step must not add any."""
    must_change: frozenset[str] = frozenset()
    """Follow-ups whose appointment cannot stand; they do not count against the budget."""
    max_changes: int | None = None

    def changes(self, plan: Plan) -> tuple[Change, ...]:
        """Appointments of the old plan that a plan changes."""
        return changed_appointments(self.problem, self.base, plan)

    def is_within_budget(self, plan: Plan) -> bool:
        """Whether a plan changes no more appointments than allowed, beyond those that cannot stand."""
        if self.max_changes is None:
            return True
        chosen = sum(change.follow_up not in self.must_change for change in self.changes(plan))
        return chosen <= self.max_changes

    def may_become(self, plan: Plan) -> bool:
        """Whether a plan keeps the begun part and the budget; the rules are asked by `judged`."""
        return self.frozen.is_kept_by(plan) and self.is_within_budget(plan)

    def judged(self, plan: Plan) -> Verdict | None:
        """The verdict on a plan that breaks no further rule; None when it does."""
        verdict = check(self.problem, plan)
        return None if violations_beyond(verdict.violations, self.tolerated) else verdict


def carried(problem: Problem, plan: Plan, edits: Sequence[Edit]) -> Plan:
    """The plan after edits, not judged."""
    return finish(edited_draft(problem, plan, edits))


def without(problem: Problem, plan: Plan, follow_ups: Collection[str]) -> Plan:
    """The plan with these follow-ups left."""
    return carried(problem, plan, [DropFollowUp(name) for name in sorted(follow_ups)])
