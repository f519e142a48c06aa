"""Plans of the store as the planner's values."""

import gc
import zlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.models.plans import PlanProblem, PlanRevision, WeekPlan
from api.weeks.recent import Recent, plan_in
from api.weeks.stops import pin_of
from optimizer.documents import problem_from_json
from optimizer.edits import with_pins
from optimizer.model import Pin
from optimizer.plan import Plan
from optimizer.problem import Problem

PROBLEMS_KEPT = 8
"""Problems kept in memory: reading that of a township takes longer than judging an edit of it."""


def revision_of(session: Session, row: WeekPlan, number: int | None = None) -> PlanRevision:
    """A revision of a plan, by default the present one; raises NoResultFound."""
    query = select(PlanRevision).where(PlanRevision.plan_id == row.id)
    return session.scalars(query.where(PlanRevision.number == (row.revision if number is None else number))).one()


def plan_of(session: Session, row: WeekPlan) -> Plan:
    """What a plan says now; not to be changed, it is shared."""
    return plan_in(revision_of(session, row).document)


def pins_of(revision: PlanRevision) -> tuple[Pin, ...]:
    """The pins of a revision."""
    return tuple(pin_of(values) for values in revision.pins)


def problem_of(session: Session, row: WeekPlan, pins: tuple[Pin, ...] | None = None) -> Problem:
    """The problem that a plan answers, with its present pins or with others; not to be changed, it is shared."""
    if pins is None:
        pins = pins_of(revision_of(session, row))
    return _problems.get((row.problem_id, pins), lambda: _read(session, row.problem_id, pins))


def keep_problem(row: WeekPlan, problem: Problem) -> None:
    """Remember the problem of a plan with other pins, so that whoever asks for it gets this very one."""
    _problems.put((row.problem_id, problem.pins), problem)


def _read(session: Session, problem_id: str, pins: tuple[Pin, ...]) -> Problem:
    """A stored problem with these pins; the stored one itself is read once."""
    stored = _stored.get(problem_id, lambda: _loaded(session, problem_id))
    return stored if stored.pins == pins else with_pins(stored, pins)


def _loaded(session: Session, problem_id: str) -> Problem:
    document = session.scalars(select(PlanProblem.document).where(PlanProblem.id == problem_id)).one()
    problem = problem_from_json(zlib.decompress(document).decode())
    # A township's week is a million objects that live long; looking through them again and again for garbage
    # would stop everybody for a third of a second.
    gc.collect()
    gc.freeze()
    return problem


_stored: Recent[Problem] = Recent(PROBLEMS_KEPT)
_problems: Recent[Problem] = Recent(2 * PROBLEMS_KEPT)
"""By the id of the stored row, which is never changed, and by the pins."""
