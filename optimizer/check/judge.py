"""The verdict on a plan: every broken rule in words, and the cost recomputed. Never raises, however odd the plan."""

from dataclasses import dataclass

from optimizer.check.case import lay_out
from optimizer.check.cost import add_up
from optimizer.check.crews import judge_crews
from optimizer.check.pins import judge_pins
from optimizer.check.references import judge_references
from optimizer.check.served import judge_served
from optimizer.check.sessions import judge_sessions
from optimizer.check.staffing import judge_staffing
from optimizer.check.times import judge_times
from optimizer.plan import CostBreakdown, Plan, Violation
from optimizer.problem import Problem

JUDGES = (judge_references, judge_served, judge_staffing, judge_crews, judge_sessions, judge_times, judge_pins)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found; the cost is what the rules say, whatever the plan says."""

    violations: tuple[Violation, ...]
    cost: CostBreakdown

    @property
    def is_feasible(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations


def check(problem: Problem, plan: Plan) -> Verdict:
    """Judges any plan against any problem, in the order references, served, staff, crews, sessions, times, pins."""
    case = lay_out(problem, plan)
    return Verdict(tuple(violation for judge in JUDGES for violation in judge(case)), add_up(case))
