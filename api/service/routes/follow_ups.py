"""Pending follow-ups: as the sheet has them, with the resident's id, and the history of their plan status."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, object_session
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.access.errors import NotAllowed
from api.access.identity import Identity
from api.access.masking import Subject, is_sensitive, masked, may_ask_for_reason
from api.contract import codes
from api.contract.codes import NoVisitReason, VisitEffect, VisitWay
from api.contract.outbox import Outcome, enqueue_outcome
from api.service.bodies import Answer, AwareMoment, Body, Date, RowId, Text, Word
from api.service.changes import change_row, find_row, make_row
from api.service.conditions import IfMatch, check_version, etag_of
from api.service.crews import crew_of, with_own_crew
from api.service.deps import Store
from api.service.moments import as_json, local_today
from api.service.paging import PageQuery
from api.service.problems import FieldFault, ProblemError
from api.service.resource_routes import RowPath, answered, json_answer, resource_router
from api.service.resources import Resource, View
from api.store.audit import append
from api.store.models.follow_ups import FollowUp, FollowUpStatus
from api.store.models.residents import Resident
from api.store.scope import scope_of

PlanStatus = Annotated[int, Field(ge=0, le=9)]
TOLD = (codes.PlanStatus.DONE, codes.PlanStatus.LOST)
"""What a follow-up ended as is written back to the contract system that it came from."""
REASON_CODE = r"^[A-Z][A-Z0-9_]{0,63}$"


def mask(view: View, caller: Identity, row: Any) -> View:
    """A follow-up as the caller may see it: sensitive reasons are for the team's leader and the crew."""
    session, crew = object_session(row), frozenset[str]()
    if session is not None and caller.member_external_id is not None and is_sensitive(row.rule, row.order_class):
        crew = crew_of(session, row)
    return masked(view, caller, Subject(row.organisation_id, row.team, crew))


FOLLOW_UPS = Resource(
    name="follow-ups",
    title="FollowUp",
    kind=FollowUp,
    sheet="followups",
    read="follow_ups:read",
    write="follow_ups:write",
    filters={
        "site": Word,
        "team": Word,
        "rule": Word,
        "source": Word,
        "resident_id": RowId,
        "plan_status": PlanStatus,
        "due_from": Date,
        "due_to": Date,
    },
    extra_new={"resident_id": (RowId, ...), "plan_status": (PlanStatus, 0)},
    more={"resident_id": str, "plan_status": int, "source_version": str, "source_updated_at": AwareMoment},
    mask=mask,
    order=("due", "id"),  # an external id in a cursor would get past the mask
)


def narrow(rows: Select[Any], query: PageQuery, caller: Identity) -> Select[Any]:
    """Filters by due date; by rule only for callers to whom no reason is masked. Raises NotAllowed."""
    wanted: Any = query
    if wanted.rule is not None and not may_ask_for_reason(caller):
        raise NotAllowed("follow_ups:read")
    if wanted.due_from is not None:
        rows = rows.where(FollowUp.due >= wanted.due_from)
    if wanted.due_to is not None:
        rows = rows.where(FollowUp.due <= wanted.due_to)
    return rows


def make(session: Session, resource: Resource, organisation_id: str, values: dict[str, Any]) -> FollowUp:
    """A new follow-up with the first line of its history. Raises ProblemError with every fault."""
    known, teams = list[FieldFault](), dict[str, Any]()
    resident = session.get(Resident, values["resident_id"])
    if resident is None or resident.is_deleted or resident.organisation_id != organisation_id:
        advice = "先建立该居民，或核对编号", "Make the resident first, or check the id"
        known.append(FieldFault("UNKNOWN_ID", "/resident_id", values["resident_id"], "an id of a resident", *advice))
    else:
        teams["team"] = resident.team
    row: FollowUp = make_row(session, resource, organisation_id, teams | values, known)
    add_status(session, row, "made")
    return row


def change(session: Session, resource: Resource, row_id: str, values: dict[str, Any], if_match: str | None) -> FollowUp:
    """A follow-up changed by its team or its source. Raises ProblemError with every fault, 428 and 412."""
    row: FollowUp = change_row(session, resource, row_id, values, if_match)
    return row


def add_status(session: Session, row: FollowUp, reason: str) -> None:
    """One more line of a follow-up's history."""
    session.add(
        FollowUpStatus(
            organisation_id=row.organisation_id,
            follow_up_id=row.id,
            plan_status=row.plan_status,
            actor=scope_of(session).actor,
            reason=reason,
        )
    )
    session.flush()


router = resource_router(FOLLOW_UPS, narrow=narrow, make=make, change=change, widen=with_own_crew)


class NewStatus(Body):
    """What became of a follow-up: 0 due, 1 done, 2 lost, 3 missed, 4 over, 5 recorded later, 8 closed, 9 cancelled."""

    plan_status: PlanStatus
    reason: Annotated[Text, Field(pattern=REASON_CODE)] | None = None
    """A code, never free text about a person."""
    done_on: Date | None = None
    """The day it was done or given up; today when nothing is said."""
    visit_way: VisitWay | None = None
    """1 clinic 2 station 3 community 4 home 5 phone 6 group 9 other."""
    visit_effect: VisitEffect | None = None
    no_visit_reason: NoVisitReason | None = None
    next_date: Date | None = None

    def outcome(self) -> Outcome:
        """What the contract system is told."""
        return Outcome(
            codes.PlanStatus(self.plan_status),
            self.done_on or local_today(),
            self.visit_way,
            self.visit_effect,
            self.no_visit_reason,
            self.next_date,
        )


class StatusLine(Answer):
    """One line of a follow-up's history."""

    plan_status: int
    at: AwareMoment
    actor: str
    reason: str


class StatusHistory(Answer):
    """The history of a follow-up's plan status, oldest first."""

    items: list[StatusLine]


@router.get("/v1/follow-ups/{row_id}/statuses", **answered(StatusHistory), **action("follow_ups:read"))
def list_follow_up_statuses(row_id: RowPath, caller: Caller, scope: CallerScope, store: Store) -> Response:
    """How a follow-up's plan status has changed, oldest first."""
    with store.session(with_own_crew(store, caller, scope, row_id), read_only=True) as session:
        row = find_row(session, FOLLOW_UPS, row_id)
        query = select(FollowUpStatus).where(FollowUpStatus.follow_up_id == row.id)
        items = [
            {"plan_status": line.plan_status, "at": as_json(line.at), "actor": line.actor, "reason": line.reason}
            for line in session.scalars(query.order_by(FollowUpStatus.at, FollowUpStatus.id))
        ]
    return json_answer({"items": items})


@router.post("/v1/follow-ups/{row_id}/statuses", **answered(FOLLOW_UPS.answer), **action("follow_ups:record"))
def record_follow_up_status(
    row_id: RowPath, body: NewStatus, caller: Caller, scope: CallerScope, store: Store, if_match: IfMatch = None
) -> Response:
    """Record what became of a follow-up, as its team or the crew that goes there; the line is kept for ever."""
    scope = with_own_crew(store, caller, scope, row_id)
    with store.session(scope) as session:
        row = find_row(session, FOLLOW_UPS, row_id)
        check_version(if_match, row.version)
        if not scope.has_team(row.team):
            raise ProblemError("NOT_ALLOWED")
        row.plan_status = body.plan_status
        session.flush()
        add_status(session, row, body.reason or "")
        if body.plan_status in TOLD:
            enqueue_outcome(session, row, body.outcome())
        append(
            session,
            row.organisation_id,
            "follow_ups:record",
            target_kind="follow_ups",
            target_id=row.id,
            details={"plan_status": body.plan_status},
        )
        content, version = mask(FOLLOW_UPS.view(row), caller, row), row.version
    return json_answer(content, headers={"ETag": etag_of(version)})
