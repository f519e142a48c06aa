"""What stands between the store and a week plan, as problems; and plans in words that need no numbers of a list."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy.exc import NoResultFound

from api.service.edit_bodies import said_half_day
from api.service.handlers import field_fault
from api.service.moments import as_json
from api.service.problems import FieldFault, ProblemError
from api.store.models.plans import PlanState
from api.weeks import InfeasiblePlanError, NothingToUndoError, PlanStateError, UnknownPartsError
from api.weeks.stops import moment
from optimizer.calendar import HALVES_PER_DAY
from optimizer.edits import EditFaults
from optimizer.plan import CostBreakdown, Crew, Violation
from optimizer.problem import Problem


@contextmanager
def as_problems() -> Iterator[None]:
    """Answers of the week's own errors as ProblemError."""
    try:
        yield
    except NoResultFound:
        raise ProblemError("NOT_FOUND") from None
    except PlanStateError as error:
        raise not_draft(error.state) from None
    except NothingToUndoError:
        raise ProblemError("NOTHING_TO_UNDO") from None
    except InfeasiblePlanError as error:
        raise ProblemError("PLAN_INFEASIBLE", errors=faults_of_violations(error.violations)) from None
    except UnknownPartsError as error:
        raise ProblemError("INPUT_INVALID", errors=faults_of_violations(error.violations)) from None
    except EditFaults as error:
        raise ProblemError("INPUT_INVALID", errors=[field_fault(fault) for fault in error.faults]) from None


def not_draft(state: str) -> ProblemError:
    """The refusal to change or publish a plan in this state; that of a what-if can be neither."""
    code = "SCENARIO_PLAN" if state == PlanState.SCENARIO else "PLAN_NOT_DRAFT"
    return ProblemError(code, extra={"state": state})


def faults_of_violations(violations: Iterable[Violation]) -> list[FieldFault]:
    """Broken rules as the errors of a problem."""
    return [
        FieldFault(each.rule, "", each.where, "", each.message_zh, each.message_en, "stored") for each in violations
    ]


def said_violations(violations: Iterable[Violation]) -> list[dict[str, str]]:
    """Broken rules as JSON."""
    return [asdict(each) for each in violations]


def said_price(price: CostBreakdown) -> dict[str, Any]:
    """A price in cost points as JSON; parts that do not change are left out."""
    return {"total": price.total, "parts": {part: points for part, points in price.parts.items() if points}}


def said_crew(problem: Problem, crew: Crew) -> dict[str, Any]:
    """A crew's day as JSON, with moments instead of seconds."""
    day = problem.days[crew.half_days[0] // HALVES_PER_DAY].date

    def at(seconds: int) -> Any:
        return as_json(moment(day, seconds))

    return {
        "id": crew.id,
        "half_days": [said_half_day(problem, number) for number in crew.half_days],
        "members": list(crew.members),
        "team": crew.team,
        "vehicle": crew.vehicle,
        "start_at": at(crew.start_seconds),
        "end_at": at(crew.end_seconds),
        "lunch": {"start_at": at(crew.lunch.start_seconds), "end_at": at(crew.lunch.end_seconds)}
        if crew.lunch
        else None,
        "stops": [
            {
                "kind": stop.kind.value,
                "site": stop.site,
                "session": stop.session or None,
                "follow_ups": list(stop.follow_ups),
                "arrival_at": at(stop.arrival_seconds),
                "start_at": at(stop.start_seconds),
                "end_at": at(stop.end_seconds),
            }
            for stop in crew.stops
        ],
    }
