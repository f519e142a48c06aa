"""Two plans of one problem side by side: appointments, sessions, cost by part, key figures."""

from dataclasses import dataclass, fields

from optimizer.check import check
from optimizer.cost import sessions_in
from optimizer.edits.applying import cost_difference, violations_beyond
from optimizer.edits.appointments import Change, Difference, changes_between
from optimizer.kpis import Kpis, kpis
from optimizer.plan import CostBreakdown, Plan, Violation
from optimizer.problem import Problem

Figure = int | float | None


@dataclass(frozen=True, slots=True)
class SessionChange:
    """A session that is held on another half-day; None: not held."""

    session: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class KpiChange:
    """A key figure in both plans; lists of figures (by priority) are named with their position."""

    name: str
    before: Figure
    after: Figure


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second plan differs from the first; costs are second minus first."""

    changes: tuple[Change, ...]
    """Follow-ups whose appointment differs, in the problem's order."""
    sessions: tuple[SessionChange, ...]
    cost: CostBreakdown
    new_violations: tuple[Violation, ...]
    gone_violations: tuple[Violation, ...]
    kpis: tuple[KpiChange, ...]
    """Every key figure that is one number."""

    def changed(self, difference: Difference) -> tuple[str, ...]:
        """Follow-ups that differ in this way, such as those dropped."""
        return tuple(change.follow_up for change in self.changes if difference in change.differences)


def compare(problem: Problem, first: Plan, second: Plan) -> Comparison:
    """The differences of two plans that name only what the problem has (raises KeyError otherwise)."""
    old, new = check(problem, first), check(problem, second)
    return Comparison(
        changes_between(problem, first, second),
        _session_changes(problem, first, second),
        cost_difference(new.cost, old.cost),
        violations_beyond(new.violations, old.violations),
        violations_beyond(old.violations, new.violations),
        _kpi_changes(kpis(problem, first), kpis(problem, second)),
    )


def _session_changes(problem: Problem, first: Plan, second: Plan) -> tuple[SessionChange, ...]:
    before, after = sessions_in(problem, first), sessions_in(problem, second)
    both = ((session.id, before.get(session.id), after.get(session.id)) for session in problem.sessions)
    return tuple(SessionChange(name, old, new) for name, old, new in both if old != new)


def _kpi_changes(first: Kpis, second: Kpis) -> tuple[KpiChange, ...]:
    old, new = _figures(first), _figures(second)
    return tuple(KpiChange(name, old[name], new[name]) for name in old)


def _figures(figures: Kpis) -> dict[str, Figure]:
    """The figures that are one number, and each of those by priority."""
    found: dict[str, Figure] = {}
    for field in fields(figures):
        value = getattr(figures, field.name)
        if value is None or isinstance(value, int | float):
            found[field.name] = value
        elif all(isinstance(one, int) for one in value):
            found.update({f"{field.name}_{number}": one for number, one in enumerate(value)})
    return found
