"""Plans into the store and through their life: stored, changed, undone, published, archived.

Every plan is judged here before it is written, whoever says what about it. All changes of an organisation's plans wait
for each other at the end of its audit chain, so that numbers and states cannot run apart.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from api.planning import Prepared, monday_of_week
from api.store import audit
from api.store.base import new_id, now
from api.store.models.plans import PlanProblem, PlanRevision, PlanState, WeekPlan
from api.store.scope import require_whole, scope_of
from api.weeks.errors import InfeasiblePlanError, NothingToUndoError, PlanStateError, UnknownPartsError
from api.weeks.reading import pins_of, plan_of, problem_of, revision_of
from api.weeks.recent import keep_plan, plan_in, verdict_of
from api.weeks.stops import pin_values, write_rows
from optimizer.documents import plan_to_json, problem_to_json
from optimizer.documents.writing import plain
from optimizer.kpis import kpis
from optimizer.model import Pin
from optimizer.plan import Plan, Result
from optimizer.problem import Problem

TARGET = "plans"
STORE, EDIT, UNDO, PUBLISH, ARCHIVE = (f"plans:{word}" for word in ("store", "edit", "undo", "publish", "archive"))


@dataclass(frozen=True, slots=True)
class Publication:
    """A published plan, the one that it took the place of, and whether it is published by this very call."""

    plan: WeekPlan
    superseded: WeekPlan | None
    is_new: bool


def store_plan(
    session: Session,
    organisation_id: str,
    week: str,
    prepared: Prepared,
    result: Result,
    *,
    params: Mapping[str, Any] | None = None,
    base_plan_id: str | None = None,
    actor: str = "",
    state: PlanState = PlanState.DRAFT,
) -> WeekPlan:
    """A new draft, or plan of a what-if, with its first revision, judged anew; an infeasible one is kept and says so.

    Raises TableFaults when the week is none, and UnknownPartsError.
    """
    require_whole(session, organisation_id)
    audit.hold(session, organisation_id)
    name, who = week_name(week), actor or scope_of(session).actor
    problem, plan = prepared.problem, result.plan
    row = WeekPlan(
        id=new_id(),
        organisation_id=organisation_id,
        week=name,
        number=_next_number(session, organisation_id, name, state),
        state=state.value,
        base_plan_id=base_plan_id,
        problem_id=_keep_problem(session, organisation_id, problem),
        seed=result.seed,
        params=dict(params or {}),
        engine_version=engine_version(),
        shortages=plain(result.shortages),
        notes=plain(prepared.draft.notes),
        created_by=who,
        **_judged(problem, plan),
    )
    session.add(row)
    session.flush()
    _add_revision(session, row, plan, problem.pins, number=1, previous=None, edit={"kind": "made"}, actor=who)
    write_rows(session, row, problem, plan, problem.pins)
    _note(session, row, STORE, who, {"week": name, "base": base_plan_id})
    return row


def new_revision(
    session: Session,
    plan_id: str,
    plan: Plan,
    *,
    pins: tuple[Pin, ...] | None = None,
    edit: Mapping[str, Any],
    expected_version: int | None = None,
    actor: str = "",
) -> WeekPlan:
    """A draft changed to another plan, and to other pins where given; what it breaks is told, not refused.

    `edit` says in ids and codes what was done. Raises NoResultFound, StaleDataError when the draft has another version
    by now, PlanStateError, UnknownPartsError, and EditFaults when a pin names nothing.
    """
    row = _held(session, plan_id, expected_version)
    _require(row, PlanState.DRAFT)
    present = revision_of(session, row)
    kept = pins_of(present) if pins is None else pins
    newest = session.scalar(select(func.max(PlanRevision.number)).where(PlanRevision.plan_id == row.id)) or 0
    who = actor or scope_of(session).actor
    _show(session, row, newest + 1, problem_of(session, row, kept), plan, kept, plan_in(present.document))
    _add_revision(session, row, plan, kept, number=newest + 1, previous=present.number, edit=edit, actor=who)
    _note(session, row, EDIT, who, {"revision": row.revision, "edit": dict(edit)})
    return row


def undo(session: Session, plan_id: str, *, expected_version: int | None = None, actor: str = "") -> WeekPlan:
    """A draft as it was before its last edit.

    Raises NoResultFound, StaleDataError, PlanStateError, and NothingToUndoError at the first revision.
    """
    row = _held(session, plan_id, expected_version)
    _require(row, PlanState.DRAFT)
    present = revision_of(session, row)
    number = present.previous
    if number is None:
        raise NothingToUndoError("the plan is at its first revision")
    earlier = revision_of(session, row, number)
    pins = pins_of(earlier)
    shown = plan_in(present.document)
    _show(session, row, number, problem_of(session, row, pins), plan_in(earlier.document), pins, shown)
    _note(session, row, UNDO, actor, {"revision": number})
    return row


def publish(session: Session, plan_id: str, *, expected_version: int | None = None, actor: str = "") -> Publication:
    """A draft published in place of the plan of that week that was; once published, nothing is written again.

    Raises NoResultFound, StaleDataError, PlanStateError, and InfeasiblePlanError with the broken rules.
    """
    row = _held(session, plan_id)
    if row.state == PlanState.PUBLISHED:
        return Publication(row, None, is_new=False)
    _require(row, PlanState.DRAFT)
    _require_version(row, expected_version)
    verdict = verdict_of(problem_of(session, row), plan_of(session, row))
    if not verdict.is_feasible:
        raise InfeasiblePlanError(verdict.violations)
    older = _published(session, row)
    if older is not None:
        older.state = PlanState.SUPERSEDED.value
        session.flush()  # one plan of a week is published at any time
    row.state = PlanState.PUBLISHED.value
    row.published_at, row.published_by = now(), actor or scope_of(session).actor
    session.flush()
    _note(session, row, PUBLISH, actor, {"revision": row.revision, "superseded": older.id if older else None})
    return Publication(row, older, is_new=True)


def archive(session: Session, plan_id: str, *, expected_version: int | None = None, actor: str = "") -> WeekPlan:
    """A plan put away; a published one is not. Raises NoResultFound, StaleDataError and PlanStateError."""
    row = _held(session, plan_id, expected_version)
    _require(row, PlanState.DRAFT, PlanState.SUPERSEDED)
    row.state = PlanState.ARCHIVED.value
    session.flush()
    _note(session, row, ARCHIVE, actor, {})
    return row


def week_name(week: str) -> str:
    """A week as plans are filed under it, such as 2026-W48; raises TableFaults when it is none."""
    year, number, _ = monday_of_week(week).isocalendar()
    return f"{year}-W{number:02d}"


def engine_version() -> str:
    """The version of the program that made a plan, rules included."""
    try:
        return version("xunzhen")
    except PackageNotFoundError:
        return "unknown"


def _held(session: Session, plan_id: str, expected_version: int | None = None) -> WeekPlan:
    """The plan as it is now, with its organisation's other writers waiting until the transaction ends."""
    organisation_id = session.get_one(WeekPlan, plan_id).organisation_id
    require_whole(session, organisation_id)
    audit.hold(session, organisation_id)
    row = session.get_one(WeekPlan, plan_id, populate_existing=True)
    _require_version(row, expected_version)
    return row


def _require_version(row: WeekPlan, expected: int | None) -> None:
    if expected is not None and row.version != expected:
        raise StaleDataError(f"version {expected} of the plan was expected, it is {row.version}")


def _note(session: Session, row: WeekPlan, action: str, actor: str, details: dict[str, Any]) -> None:
    """Add the entry to the audit log."""
    told = {key: value for key, value in details.items() if value is not None}
    audit.append(session, row.organisation_id, action, target_kind=TARGET, target_id=row.id, details=told, actor=actor)


def _require(row: WeekPlan, *states: PlanState) -> None:
    if row.state not in states:
        raise PlanStateError(row.state, " or ".join(states))


def _published(session: Session, row: WeekPlan) -> WeekPlan | None:
    same_week = WeekPlan.organisation_id == row.organisation_id, WeekPlan.week == row.week
    return session.scalars(select(WeekPlan).where(*same_week, WeekPlan.state == PlanState.PUBLISHED)).one_or_none()


def _next_number(session: Session, organisation_id: str, week: str, state: PlanState) -> int:
    """What-ifs count downwards, so that they leave no gaps in the numbers of the week's plans."""
    of_week = WeekPlan.organisation_id == organisation_id, WeekPlan.week == week
    if state is PlanState.SCENARIO:
        return min(session.scalar(select(func.min(WeekPlan.number)).where(*of_week)) or 0, 0) - 1
    return max(session.scalar(select(func.max(WeekPlan.number)).where(*of_week)) or 0, 0) + 1


def _keep_problem(session: Session, organisation_id: str, problem: Problem) -> str:
    """The id of the stored problem; the same input is stored once."""
    document = problem_to_json(problem).encode()
    digest = hashlib.sha256(document).hexdigest()
    known = select(PlanProblem.id).where(
        PlanProblem.organisation_id == organisation_id, PlanProblem.input_hash == digest
    )
    found = session.scalar(known)
    if found is not None:
        return found
    row = PlanProblem(id=new_id(), organisation_id=organisation_id, input_hash=digest, document=zlib.compress(document))
    session.add(row)
    session.flush()
    return row.id


def _judged(problem: Problem, plan: Plan) -> dict[str, Any]:
    """What a plan's row says of its document; raises UnknownPartsError."""
    verdict = verdict_of(problem, plan)
    unknown = tuple(violation for violation in verdict.violations if violation.rule == "UNKNOWN")
    if unknown or not all(crew.half_days for crew in plan.crews):
        raise UnknownPartsError(unknown)
    return {
        "cost_total": verdict.cost.total,
        "cost_parts": dict(verdict.cost.parts),
        "violations": [asdict(violation) for violation in verdict.violations],
        "is_feasible": verdict.is_feasible,
        "kpis": plain(kpis(problem, plan)),
    }


def _add_revision(
    session: Session,
    row: WeekPlan,
    plan: Plan,
    pins: tuple[Pin, ...],
    *,
    number: int,
    previous: int | None,
    edit: Mapping[str, Any],
    actor: str,
) -> None:
    document = plan_to_json(plan)
    keep_plan(document, plan)
    session.add(
        PlanRevision(
            organisation_id=row.organisation_id,
            plan_id=row.id,
            number=number,
            previous=previous,
            document=document,
            pins=[pin_values(pin) for pin in pins],
            edit=dict(edit),
            actor=actor,
        )
    )


def _show(
    session: Session,
    row: WeekPlan,
    number: int,
    problem: Problem,
    plan: Plan,
    pins: tuple[Pin, ...],
    shown: Plan,
) -> None:
    """Make the plan's row, stops and pins those of a revision, from those of the plan that is shown now."""
    for key, value in {**_judged(problem, plan), "revision": number}.items():
        setattr(row, key, value)
    write_rows(session, row, problem, plan, pins, shown)
