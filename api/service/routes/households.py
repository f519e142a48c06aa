"""Households: the doors where residents live, with the place that a home visit drives to.

Imports and pulls make them; a door without a place takes that of its village until somebody gives a better one here.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.service.bodies import Answer, AwareMoment, Body, Number, RowId, Word
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
from api.store.models.residents import Household, Resident
from api.store.models.resources import Site
from api.store.scope import scope_of
from optimizer.tables.privacy import tells_who

router = new_router("households")
READ, WRITE = "residents:read", "residents:write"
SHOWN = (
    *("id", "external_id", "organisation_id", "site", "latitude", "longitude", "version", "created_at", "updated_at"),
)
Latitude = Annotated[Number, Field(ge=-90, le=90)]
Longitude = Annotated[Number, Field(ge=-180, le=180)]
OPTIONAL: Any = Field(None)
"""Stands for a field that may be left out, yet not emptied."""


class NewHousehold(Body):
    """A door; the place is in WGS-84 degrees, both or neither."""

    organisation_id: RowId | None = None
    external_id: Word
    site: Word | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class ChangeHousehold(Body):
    """The fields of a household to change; null empties."""

    external_id: Word = OPTIONAL
    site: Word | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class HouseholdView(Answer):
    """A household."""

    id: str
    external_id: str | None = None
    organisation_id: str | None = None
    site: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    version: int | None = None
    created_at: AwareMoment | None = None
    updated_at: AwareMoment | None = None


class HouseholdPage(Answer):
    """A page of households."""

    items: list[HouseholdView]
    next_cursor: str


class HouseholdQuery(PageQuery):
    """The query of the list."""

    organisation_id: RowId | None = None
    external_id: Word | None = None
    site: Word | None = None
    updated_since: AwareMoment | None = None


@router.get("/v1/households", **answered(HouseholdPage), **action(READ))
def list_households(
    query: Annotated[HouseholdQuery, Query()], scope: CallerScope, store: Store, config: Config
) -> Response:
    """The households in sight, by external_id; a team sees those of its residents."""
    names = wanted_fields(query.fields, SHOWN)
    with store.session(scope, read_only=True) as session:
        rows = in_sight(session)
        for name in ("organisation_id", "external_id", "site"):
            if getattr(query, name) is not None:
                rows = rows.where(getattr(Household, name) == getattr(query, name))
        if query.updated_since is not None:
            rows = rows.where(Household.updated_at >= query.updated_since)
        order = (Household.external_id, Household.id)
        page = read_page(session, rows, order, query, config.signing_bytes, "households")
        items = [sparse(view_of(row), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


def in_sight(session: Session) -> Select[Household]:
    """Households that the caller may see: a household has no team of its own, so its residents decide."""
    rows = select(Household)
    if scope_of(session).team_ids is None:
        return rows
    lives_there = Resident.household == Household.external_id, Resident.organisation_id == Household.organisation_id
    return rows.where(exists().where(*lives_there, _is_of_teams(session)))


def _is_of_teams(session: Session) -> Any:
    # Said here as well: the session's own limits are not relied on inside an EXISTS without columns.
    return Resident.team.in_(scope_of(session).team_ids or ()) | Resident.team.is_(None)


@router.post("/v1/households", **answered(HouseholdView, 201), **action(WRITE))
def make_household(body: NewHousehold, scope: CallerScope, once: MaybeOnce) -> Response:
    """Make a household."""
    values = given(body)
    organisation_id = organisation_in(scope, values.pop("organisation_id", None))

    def work(session: Session) -> Answered:
        row = Household(organisation_id=organisation_id, **values)
        judge(session, organisation_id, values)
        session.add(row)
        session.flush()
        note(session, row, "made", values)
        headers = {"ETag": etag_of(row.version), "Location": f"/v1/households/{row.id}"}
        return Answered(201, view_of(row), headers)

    return once.answer(scope, organisation_id, work)


@router.get("/v1/households/{row_id}", **answered(HouseholdView), **action(READ))
def read_household(
    row_id: RowPath, scope: CallerScope, store: Store, fields: Fields = "", if_none_match: IfNoneMatch = None
) -> Response:
    """One household; its ETag is what a change asks for."""
    names = wanted_fields(fields, SHOWN)
    with store.session(scope, read_only=True) as session:
        row = find_household(session, row_id)
        if is_known(if_none_match, row.version):
            return not_modified(row.version)
        return json_answer(sparse(view_of(row), names), headers={"ETag": etag_of(row.version)})


@router.patch("/v1/households/{row_id}", **answered(HouseholdView), **action(WRITE))
def change_household(
    row_id: RowPath, body: ChangeHousehold, scope: CallerScope, store: Store, if_match: IfMatch = None
) -> Response:
    """Change the given fields of a household, such as its place; null empties a field."""
    values = given(body)
    with store.session(scope) as session:
        row = find_household(session, row_id)
        check_version(if_match, row.version)
        judge(session, row.organisation_id, {name: getattr(row, name) for name in SHOWN} | values)
        judge_renaming(session, row, values)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        note(session, row, "changed", values)
        content, version = view_of(row), row.version
    return json_answer(content, headers={"ETag": etag_of(version)})


def find_household(session: Session, row_id: str) -> Household:
    """The household of an id. Raises ProblemError when there is none in sight."""
    row = session.scalars(in_sight(session).where(Household.id == row_id)).one_or_none()
    if row is None:
        raise ProblemError("NOT_FOUND")
    return row


def view_of(row: Household) -> dict[str, Any]:
    """A household as its answer."""
    return {name: as_json(getattr(row, name)) for name in SHOWN}


def judge(session: Session, organisation_id: str, values: Mapping[str, Any]) -> None:
    """Raises ProblemError with every fault of a household's values."""
    faults: list[FieldFault] = []
    if tells_who(values.get("external_id") or ""):
        faults.append(personal_id())
    if (values.get("latitude") is None) != (values.get("longitude") is None):
        empty = "latitude" if values.get("latitude") is None else "longitude"
        advice = "经纬度须同时填写", "Give latitude and longitude, or neither"
        faults.append(FieldFault("HALF_A_PLACE", f"/{empty}", "", "degrees", *advice))
    site = values.get("site")
    known = select(Site.id).where(
        Site.organisation_id == organisation_id, Site.external_id == site, Site.is_deleted.is_(False)
    )
    if site is not None and session.scalar(known) is None:
        advice = "先新增该地点或改用已有编号", "Add the site first, or name one that is there"
        faults.append(FieldFault("UNKNOWN_REFERENCE", "/site", site, "a site of the organisation", *advice))
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)


def judge_renaming(session: Session, row: Household, values: Mapping[str, Any]) -> None:
    """Raises ProblemError when residents name the household by the id that it would lose."""
    if values.get("external_id", row.external_id) == row.external_id:
        return
    users = select(Resident.id).where(
        Resident.organisation_id == row.organisation_id,
        Resident.household == row.external_id,
        Resident.is_deleted.is_(False),
    )
    advice = "先修改这些居民的户编号", "Change the household of this resident first"
    faults = [
        FieldFault("IN_USE", f"/residents/{name}/household", row.external_id, "another id", *advice, place="stored")
        for name in session.scalars(users.order_by(Resident.id).limit(20))
    ]
    if faults:
        raise ProblemError("IN_USE", errors=faults)


def note(session: Session, row: Household, what: str, values: Mapping[str, Any]) -> None:
    """The audit entry of a change: names of fields, never their values."""
    details = {"what": what, "fields": sorted(values)}
    append(session, row.organisation_id, WRITE, target_kind="households", target_id=row.id, details=details)
