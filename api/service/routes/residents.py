"""Residents: their ids and households for all who plan, their names and phones for those who go there, audited."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from fastapi import Query
from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.access.errors import NotAllowed
from api.access.identity import Identity
from api.access.masking import Subject, is_near
from api.service.bodies import Answer, AwareMoment, Body, RowId, Text, Word, refused
from api.service.changes import organisation_in, personal_id
from api.service.conditions import IfMatch, IfNoneMatch, check_version, etag_of, is_known, not_modified
from api.service.deps import Config, Store
from api.service.idempotency import Answered, MaybeOnce
from api.service.moments import as_json
from api.service.paging import Fields, PageQuery, read_page, sparse, wanted_fields
from api.service.problems import FieldFault, ProblemError
from api.service.resource_routes import RowPath, answered, given, json_answer
from api.service.routing import new_router
from api.store.audit import append
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, PlanState, WeekPlan
from api.store.models.residents import Resident
from api.store.scope import scope_of
from optimizer.tables.privacy import tells_who

router = new_router("residents")
PERSONAL = "residents:read_personal"
PERSONAL_FIELDS = ("name", "phone", "address", "id_card")
SHOWN = (
    *("id", "external_id", "organisation_id", "household", "team", "doctor", "village_doctor", "township_doctor"),
    *("version", "created_at", "updated_at", "is_deleted"),
)

OTHER_IDS = {
    "household": ("户", "a household"),
    **dict.fromkeys(("doctor", "village_doctor", "township_doctor"), ("医生", "a doctor")),
}
"""Fields that hold ids of others, and whose they are."""

OPTIONAL: Any = Field(None)
"""Stands for a field that may be left out, yet not emptied."""


class NewResident(Body):
    """A resident; name, phone, address and id_card are encrypted and never come back here."""

    organisation_id: RowId | None = None
    external_id: Word
    household: Word | None = None
    team: Word | None = None
    doctor: Word | None = None
    """Who answers for the contract, by member id or by that of the contract system; preferred at home visits."""
    village_doctor: Word | None = None
    township_doctor: Word | None = None
    name: Text | None = None
    phone: Text | None = None
    address: Text | None = None
    id_card: Text | None = None


class ChangeResident(Body):
    """The fields of a resident to change; null empties."""

    external_id: Word = OPTIONAL
    household: Word | None = None
    team: Word | None = None
    doctor: Word | None = None
    """Who answers for the contract, by member id or by that of the contract system; preferred at home visits."""
    village_doctor: Word | None = None
    township_doctor: Word | None = None
    name: Text | None = None
    phone: Text | None = None
    address: Text | None = None
    id_card: Text | None = None


class ResidentView(Answer):
    """A resident without a personal word."""

    id: str
    external_id: str | None = None
    organisation_id: str | None = None
    household: str | None = None
    team: str | None = None
    doctor: str | None = None
    village_doctor: str | None = None
    township_doctor: str | None = None
    version: int | None = None
    created_at: AwareMoment | None = None
    updated_at: AwareMoment | None = None
    is_deleted: bool | None = None


class ResidentPage(Answer):
    """A page of residents."""

    items: list[ResidentView]
    next_cursor: str


class ResidentPersonal(Answer):
    """Who a resident is."""

    id: str
    name: str | None
    phone: str | None
    address: str | None


class ResidentQuery(PageQuery):
    """The query of the list."""

    organisation_id: RowId | None = None
    external_id: Word | None = None
    household: Word | None = None
    team: Word | None = None
    updated_since: AwareMoment | None = None
    include_deleted: bool = False


class Lookup(Body):
    """What a resident is looked up by: exactly one of phone and id_card."""

    organisation_id: RowId | None = None
    phone: Word | None = None
    id_card: Word | None = None

    @model_validator(mode="after")
    def _judge(self) -> Self:
        if (self.phone is None) == (self.id_card is None):
            advice = "只给出 phone 或 id_card 之一", "Give either phone or id_card"
            raise refused("WRONG_VALUE", "either phone or id_card", *advice)
        return self


class Found(Answer):
    """Ids of the residents found."""

    items: list[ResidentView]


def view_of(row: Resident) -> dict[str, Any]:
    """A resident without a personal word."""
    return {name: as_json(getattr(row, name)) for name in SHOWN}


def find_resident(session: Session, row_id: str) -> Resident:
    """The live resident of an id. Raises ProblemError when there is none in sight."""
    row = session.scalars(select(Resident).where(Resident.id == row_id)).one_or_none()
    if row is None or row.is_deleted:
        raise ProblemError("NOT_FOUND")
    return row


@router.get("/v1/residents", **answered(ResidentPage), **action("residents:read"))
def list_residents(
    query: Annotated[ResidentQuery, Query()], scope: CallerScope, store: Store, config: Config
) -> Response:
    """The residents in sight, by external id; never a name, phone or address."""
    names = wanted_fields(query.fields, SHOWN)
    rows = select(Resident)
    for name in ("organisation_id", "external_id", "household", "team"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(Resident, name) == getattr(query, name))
    if query.updated_since is not None:
        rows = rows.where(Resident.updated_at >= query.updated_since)
    if not query.include_deleted:
        rows = rows.where(Resident.is_deleted.is_(False))
    with store.session(scope, read_only=True) as session:
        order = (Resident.external_id, Resident.id)
        page = read_page(session, rows, order, query, config.signing_bytes, "residents")
        items = [sparse(view_of(row), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.post("/v1/residents", **answered(ResidentView, 201), **action("residents:write"))
def make_residents(body: NewResident, scope: CallerScope, once: MaybeOnce) -> Response:
    """Make a resident."""
    values = given(body)
    organisation_id = organisation_in(scope, values.pop("organisation_id", None))

    def work(session: Session) -> Answered:
        judge(values)
        row = Resident(organisation_id=organisation_id, **values)
        judge_team(session, row)
        session.add(row)
        session.flush()
        note(session, row, "made", values)
        headers = {"ETag": etag_of(row.version), "Location": f"/v1/residents/{row.id}"}
        return Answered(201, view_of(row), headers)

    return once.answer(scope, organisation_id, work)


def judge(values: Mapping[str, Any]) -> None:
    """Raises ProblemError when an id tells who somebody is."""
    external_id, name = values.get("external_id") or "", values.get("name") or ""
    faults: list[FieldFault] = []
    if tells_who(external_id) or (len(name) > 1 and name in external_id):
        faults.append(personal_id())
    for field, (zh, en) in OTHER_IDS.items():
        if tells_who(values.get(field) or ""):
            advice = f"{zh}编号不能含手机号或身份证号", f"No mobile or identity number in the id of {en}"
            faults.append(FieldFault("PERSONAL_ID", f"/{field}", "***", "an opaque id", *advice))
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)


def judge_team(session: Session, row: Resident) -> None:
    """Raises ProblemError when the resident's team is not one that the caller may change."""
    if not scope_of(session).has_team(row.team):
        raise ProblemError("NOT_ALLOWED", detail="a team that is not yours / 不是您的团队")


def note(session: Session, row: Resident, what: str, values: Mapping[str, Any]) -> None:
    """The audit entry of a change: names of fields, never their values."""
    details = {"what": what, "fields": sorted(values)}
    append(session, row.organisation_id, "residents:write", target_kind="residents", target_id=row.id, details=details)


@router.get("/v1/residents/{row_id}", **answered(ResidentView), **action("residents:read"))
def read_residents(
    row_id: RowPath, scope: CallerScope, store: Store, fields: Fields = "", if_none_match: IfNoneMatch = None
) -> Response:
    """One resident without a personal word."""
    names = wanted_fields(fields, SHOWN)
    with store.session(scope, read_only=True) as session:
        row = find_resident(session, row_id)
        if is_known(if_none_match, row.version):
            return not_modified(row.version)
        return json_answer(sparse(view_of(row), names), headers={"ETag": etag_of(row.version)})


@router.patch("/v1/residents/{row_id}", **answered(ResidentView), **action("residents:write"))
def change_residents(
    row_id: RowPath, body: ChangeResident, scope: CallerScope, store: Store, if_match: IfMatch = None
) -> Response:
    """Change the given fields of a resident; null empties a field."""
    values = given(body)
    with store.session(scope) as session:
        row = find_resident(session, row_id)
        check_version(if_match, row.version)
        judge({name: getattr(row, name) for name in ("external_id", *OTHER_IDS)} | values)
        judge_team(session, row)
        for name, value in values.items():
            setattr(row, name, value)
        judge_team(session, row)
        session.flush()
        note(session, row, "changed", values)
        content, version = view_of(row), row.version
    return json_answer(content, headers={"ETag": etag_of(version)})


@router.delete("/v1/residents/{row_id}", **answered(None, 204), **action("residents:write"))
def delete_residents(row_id: RowPath, scope: CallerScope, store: Store, if_match: IfMatch = None) -> Response:
    """Take a resident away: personal words are wiped out, a tombstone with the ids stays."""
    with store.session(scope) as session:
        row = find_resident(session, row_id)
        check_version(if_match, row.version)
        judge_team(session, row)
        judge_unused(session, row)
        for name in PERSONAL_FIELDS:
            setattr(row, name, None)
        row.is_deleted = True
        session.flush()
        note(session, row, "deleted", {})
    return Response(status_code=204)


def judge_unused(session: Session, row: Resident) -> None:
    """Raises ProblemError while live follow-ups are the resident's."""
    query = select(FollowUp.id).where(FollowUp.resident_id == row.id, FollowUp.is_deleted.is_(False))
    advice = "先删除这条待随访", "Delete this follow-up first"
    users = [
        FieldFault("IN_USE", f"/follow-ups/{name}/resident_id", row.id, "another id", *advice, place="stored")
        for name in session.scalars(query.order_by(FollowUp.id).limit(20))
    ]
    if users:
        raise ProblemError("IN_USE", errors=users)


@router.get("/v1/residents/{row_id}/personal", **answered(ResidentPersonal), **action(PERSONAL))
def read_resident_personal(row_id: RowPath, caller: Caller, scope: CallerScope, store: Store) -> Response:
    """Name, phone and address, for the resident's team and the crew that goes there; the reading is audited."""
    with store.session(scope, read_only=True) as session:
        row = find_resident(session, row_id)
        judge_near(session, caller, row)
        content = {"id": row.id, "name": row.name, "phone": row.phone, "address": row.address}
    return json_answer(content)


def judge_near(session: Session, caller: Identity, row: Resident) -> None:
    """Raises NotAllowed unless the caller leads the resident's team or goes there by a published plan."""
    query = (
        select(PlannedStop.members)
        .join(FollowUp, FollowUp.id == PlannedStop.follow_up_id)
        .join(WeekPlan, WeekPlan.id == PlannedStop.plan_id)
        .where(FollowUp.resident_id == row.id, WeekPlan.state == PlanState.PUBLISHED.value)
    )
    crew = frozenset(member for members in session.scalars(query) for member in members)
    if not is_near(caller, Subject(row.organisation_id, row.team, crew)):
        raise NotAllowed(PERSONAL)


@router.post("/v1/residents:lookup", **answered(Found), **action(PERSONAL))
def look_up_resident(body: Lookup, caller: Caller, scope: CallerScope, store: Store) -> Response:
    """The residents who have a phone or identity number; found by a blind index, and audited without the number."""
    organisation_id = organisation_in(scope, body.organisation_id)
    column = "phone" if body.phone is not None else "id_card"
    index = store.keys.blind_index(organisation_id, column, body.phone or body.id_card or "")
    with store.session(scope) as session:
        query = select(Resident).where(
            Resident.organisation_id == organisation_id,
            getattr(Resident, f"{column}_index") == index,
            Resident.is_deleted.is_(False),
        )
        rows = [row for row in session.scalars(query.order_by(Resident.external_id)) if _may_see(session, caller, row)]
        details = {"by": column, "found": [row.id for row in rows]}
        append(session, organisation_id, PERSONAL, target_kind="residents", details=details)
        items = [view_of(row) for row in rows]
    return json_answer({"items": items})


def _may_see(session: Session, caller: Identity, row: Resident) -> bool:
    try:
        judge_near(session, caller, row)
    except NotAllowed:
        return False
    return True
