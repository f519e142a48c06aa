"""Plans a week anew around a plan that residents know: least repair first, then only what pays and may change."""

from optimizer.check import check
from optimizer.edits.appointments import changed_appointments, changes_between
from optimizer.edits.excerpts import with_earlier, with_pins
from optimizer.edits.finish import finish
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.replan.answer import Replanned, notices_of
from optimizer.replan.fitting import fitted
from optimizer.replan.frozen import Frozen
from optimizer.replan.improving import Best, cheaper, improved, with_room_for
from optimizer.replan.params import ReplanParams
from optimizer.replan.repairing import repaired
from optimizer.replan.rest import solved_rest
from optimizer.replan.restoring import restored
from optimizer.replan.state import Week
from optimizer.solve import SolveParams
from optimizer.stop import Budget, Cancelled, never

SOLVER_ITERATIONS_PER_ROUND = 600
"""Where any number of appointments may change, the rest of the week is also solved anew, with so many iterations."""
SOLVER_SHARE = 0.5
"""The same for a budget of seconds."""


def replan(problem: Problem, base: Plan, params: ReplanParams, cancelled: Cancelled = never) -> Replanned:
    """The best plan found for a problem that changes an old plan as little as asked.

    The problem is that of today: whoever is not there has lost the half-days, urgent follow-ups are in it. What the
    old plan has of things that are gone is dropped. Never dearer than the repaired old plan. With a hard budget only
    appointments that cannot stand, and `max_changes` others, change. Raises EditFaults when a pin makes no sense.
    """
    kept = {pin.target for pin in params.pins}
    pins = (*(pin for pin in problem.pins if pin.target not in kept), *params.pins)
    problem = with_earlier(with_pins(problem, pins), base)
    week = _repaired_week(problem, base, params)
    plan = restored(week, week.frozen.plan, _displaced(week))
    start = Best(week.frozen.plan, check(problem, week.frozen.plan))
    repaired_cost = start.verdict.cost.total
    best = with_room_for(week, cheaper(week, start, plan), _displaced(week), cancelled)
    if params.max_changes is None and not cancelled():
        rest = solved_rest(problem, week.frozen.plan, week.frozen, _solver_params(params))
        best = cheaper(week, best, restored(week, rest, ()))
    best = improved(week, best, params.seed, _budget(params, cancelled))
    return _answered(week, best, repaired_cost)


def _repaired_week(problem: Problem, base: Plan, params: ReplanParams) -> Week:
    """The least repair of the old plan, and what could not stand."""
    fitting = finish(fitted(problem, base, params.freeze_until))
    mended = repaired(problem, fitting, Frozen(problem, fitting, params.freeze_until))
    forced = frozenset(change.follow_up for change in changed_appointments(problem, base, mended))
    frozen = Frozen(problem, mended, params.freeze_until)
    return Week(problem, base, frozen, check(problem, mended).violations, forced, params.max_changes)


def _displaced(week: Week) -> list[str]:
    """Follow-ups that the repair had to take out, and those that the old plan did not know."""
    plan = week.frozen.plan
    known = {left.id for left in (*week.base.deferred, *week.base.unplanned)}
    return [left.id for left in (*plan.unplanned, *plan.deferred) if left.id not in known]


def _solver_params(params: ReplanParams) -> SolveParams:
    if params.iterations is not None:
        return SolveParams(seed=params.seed, iterations=params.iterations * SOLVER_ITERATIONS_PER_ROUND)
    assert params.seconds is not None, "one of the two is given"
    return SolveParams(seed=params.seed, seconds=params.seconds * SOLVER_SHARE)


def _budget(params: ReplanParams, cancelled: Cancelled) -> Budget:
    if params.iterations is not None:
        return Budget(iterations=params.iterations, cancelled=cancelled)
    assert params.seconds is not None, "one of the two is given"
    share = 1.0 if params.max_changes is not None else 1 - SOLVER_SHARE
    return Budget(seconds=params.seconds * share, cancelled=cancelled)


def _answered(week: Week, best: Best, repaired_cost: int) -> Replanned:
    changes = week.changes(best.plan)
    notices = notices_of(week.problem, changes_between(week.problem, week.base, best.plan))
    forced = sum(change.follow_up in week.must_change for change in changes)
    return Replanned(
        week.problem,
        best.plan,
        best.verdict,
        changes,
        forced,
        week.is_within_budget(best.plan),
        notices,
        repaired_cost,
    )
