"""Plans of the store as the planner's values."""

import zlib
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.models.plans import PlanProblem, PlanRevision, WeekPlan
from api.weeks.recent import plan_in
from api.weeks.stops import pin_of
from optimizer.documents import problem_from_json
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
    document = session.scalars(select(PlanProblem.document).where(PlanProblem.id == row.problem_id)).one()
    return _with_pins(document, pins)


@lru_cache(maxsize=PROBLEMS_KEPT)
def _problem(document: bytes) -> Problem:
    return problem_from_json(zlib.decompress(document).decode())


@lru_cache(maxsize=PROBLEMS_KEPT)
def _with_pins(document: bytes, pins: tuple[Pin, ...]) -> Problem:
    problem = _problem(document)
    return problem if problem.pins == pins else replace(problem, pins=pins)
