"""Organisations: the own one and those below it."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action, door_of
from api.service.bodies import Answer, AwareMoment, Body, RowId, Text, Word, YesNo
from api.service.changes import personal_id
from api.service.conditions import IfMatch, IfNoneMatch, check_version, etag_of, is_known, not_modified
from api.service.deps import Config, Store
from api.service.idempotency import Answered, MaybeOnce
from api.service.moments import as_json
from api.service.paging import Fields, PageQuery, read_page, sparse, wanted_fields
from api.service.problems import ProblemError
from api.service.resource_routes import RowPath, answered, given, json_answer
from api.service.routing import new_router
from api.store.audit import append
from api.store.models.organisations import Organisation, OrganisationKind
from api.store.scope import everything
from optimizer.tables.privacy import tells_who

router = new_router("organisations")
WRITE = "organisations:write"
RegionCode = Annotated[Text, Field(pattern=r"^\d{0,12}$")]
SHOWN = (
    *("id", "external_id", "name", "kind", "parent_id", "region_code", "is_active", "version", "created_at"),
    "updated_at",
)


class NewOrganisation(Body):
    """An organisation below one of the caller's."""

    external_id: Word
    name: Text = ""
    kind: OrganisationKind = OrganisationKind.TOWNSHIP_HOSPITAL
    parent_id: RowId
    region_code: RegionCode = ""


class ChangeOrganisation(Body):
    """The fields of an organisation to change."""

    name: Text = ""
    kind: OrganisationKind = OrganisationKind.TOWNSHIP_HOSPITAL
    region_code: RegionCode = ""
    is_active: YesNo = True


class OrganisationView(Answer):
    """An organisation."""

    id: str
    external_id: str | None = None
    name: str | None = None
    kind: str | None = None
    parent_id: str | None = None
    region_code: str | None = None
    is_active: bool | None = None
    version: int | None = None
    created_at: AwareMoment | None = None
    updated_at: AwareMoment | None = None


class OrganisationPage(Answer):
    """A page of organisations."""

    items: list[OrganisationView]
    next_cursor: str


class OrganisationQuery(PageQuery):
    """The query of the list."""

    external_id: Word | None = None
    parent_id: RowId | None = None
    kind: OrganisationKind | None = None


def view_of(row: Organisation) -> dict[str, Any]:
    """An organisation as its answer."""
    return {name: as_json(getattr(row, name)) for name in SHOWN}


def find_organisation(session: Session, row_id: str) -> Organisation:
    """The organisation of an id. Raises ProblemError when there is none in sight."""
    row = session.scalars(select(Organisation).where(Organisation.id == row_id)).one_or_none()
    if row is None:
        raise ProblemError("NOT_FOUND")
    return row


@router.get("/v1/organisations", **answered(OrganisationPage), **action("organisations:read"))
def list_organisations(
    query: Annotated[OrganisationQuery, Query()], scope: CallerScope, store: Store, config: Config
) -> Response:
    """The organisations in sight, by external id."""
    names = wanted_fields(query.fields, SHOWN)
    rows = select(Organisation)
    for name in ("external_id", "parent_id", "kind"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(Organisation, name) == getattr(query, name))
    with store.session(scope, read_only=True) as session:
        order = (Organisation.external_id, Organisation.id)
        page = read_page(session, rows, order, query, config.signing_bytes, "organisations")
        items = [sparse(view_of(row), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.get("/v1/organisations/{row_id}", **answered(OrganisationView), **action("organisations:read"))
def read_organisations(
    row_id: RowPath, scope: CallerScope, store: Store, fields: Fields = "", if_none_match: IfNoneMatch = None
) -> Response:
    """One organisation."""
    names = wanted_fields(fields, SHOWN)
    with store.session(scope, read_only=True) as session:
        row = find_organisation(session, row_id)
        if is_known(if_none_match, row.version):
            return not_modified(row.version)
        return json_answer(sparse(view_of(row), names), headers={"ETag": etag_of(row.version)})


@router.post("/v1/organisations", **answered(OrganisationView, 201), **action(WRITE))
def make_organisations(
    body: NewOrganisation, request: Request, caller: Caller, scope: CallerScope, once: MaybeOnce
) -> Response:
    """Make an organisation below one of the caller's."""
    if not scope.has(body.parent_id):
        raise ProblemError("FOREIGN_ORGANISATION")
    if tells_who(body.external_id):
        raise ProblemError("INPUT_INVALID", errors=[personal_id()])

    def work(session: Session) -> Answered:
        row = Organisation(**body.model_dump())
        session.add(row)
        session.flush()
        append(session, body.parent_id, WRITE, target_kind="organisations", target_id=row.id, details={"what": "made"})
        headers = {"ETag": etag_of(row.version), "Location": f"/v1/organisations/{row.id}"}
        return Answered(201, view_of(row), headers)

    # The new row is in nobody's scope yet; its parent is in the caller's.
    answer = once.answer(everything(caller.actor), body.parent_id, work)
    door_of(request).forget()
    return answer


@router.patch("/v1/organisations/{row_id}", **answered(OrganisationView), **action(WRITE))
def change_organisations(
    row_id: RowPath, body: ChangeOrganisation, scope: CallerScope, store: Store, if_match: IfMatch = None
) -> Response:
    """Change the given fields of an organisation; `is_active` false closes it."""
    values = given(body)
    with store.session(scope) as session:
        row = find_organisation(session, row_id)
        check_version(if_match, row.version)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        details = {"what": "changed", "fields": sorted(values)}
        append(session, row.id, WRITE, target_kind="organisations", target_id=row.id, details=details)
        content, version = view_of(row), row.version
    return json_answer(content, headers={"ETag": etag_of(version)})
