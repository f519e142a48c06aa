"""FHIR R4B: pending follow-ups come in as ServiceRequest or Task, published visits and free places go out."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Body, Path, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.config import Settings
from api.fhir.answers import fhir_answer, fhir_router
from api.fhir.bundles import searchset
from api.fhir.capability import capability_statement
from api.fhir.keeping import keep_resource
from api.fhir.models import valid
from api.fhir.outcomes import outcome, outcome_of
from api.fhir.outgoing import Pending, appointment, pending, schedules, slots
from api.fhir.searching import Days, Wanted, days_of, find_visit, find_visits, published_weeks, week_days
from api.fhir.words import MEDIA_TYPE, Resource
from api.service.changes import organisation_in
from api.service.conditions import etag_of
from api.service.deps import Config, Store
from api.service.paging import DEFAULT_LIMIT, LONGEST_CURSOR, MOST_LIMIT, open_cursor, seal_cursor
from api.service.problems import ProblemError
from api.store.base import now
from api.store.models.follow_ups import FollowUp

BASE = "/fhir/R4B"
router = fhir_router()

FhirId = Annotated[str, Path(pattern=r"^[A-Za-z0-9.\-]{1,64}$", description="The id of the resource")]
Organisation = Annotated[
    str | None,
    Query(pattern=r"^[0-9a-f]{32}$", description="For which organisation; callers who have one only may leave it out"),
]
Count = Annotated[int, Query(alias="_count", ge=1, le=MOST_LIMIT)]
Cursor = Annotated[str, Query(alias="_cursor", max_length=LONGEST_CURSOR)]
DATES = "A date, with eq, ge, le, gt or lt before it"
Dates = Annotated[list[str] | None, Query(max_length=4, description=DATES)]
Token = Annotated[str, Query(max_length=200)]
Sent = Annotated[dict[str, Any], Body(media_type=MEDIA_TYPE)]


def answers(kind: str, status: int = 200) -> dict[str, Any]:
    """What a route says about its answers."""
    schema = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"type": "string"}}}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {
        "response_model": None,
        "status_code": status,
        "responses": {status: {"description": kind, "content": content}},
    }


def base_url(request: Request, settings: Settings) -> str:
    """The address of the facade as others see it."""
    return (settings.public_url or str(request.base_url).rstrip("/")) + BASE


@router.get(f"{BASE}/metadata", **answers("CapabilityStatement"), **action("public"))
def read_capabilities(request: Request, config: Config) -> Response:
    """What the facade can do."""
    return fhir_answer(valid(capability_statement(base_url(request, config))))


@router.post(f"{BASE}/ServiceRequest", **answers("ServiceRequest", 201), **action("fhir:write"))
def take_service_request(
    body: Sent, request: Request, scope: CallerScope, store: Store, config: Config, organisation: Organisation = None
) -> Response:
    """Take a pending follow-up; the same identifier again changes it. Every fault is told at once."""
    return _take("ServiceRequest", body, base_url(request, config), scope, store, organisation)


@router.post(f"{BASE}/Task", **answers("Task", 201), **action("fhir:write"))
def take_task(
    body: Sent, request: Request, scope: CallerScope, store: Store, config: Config, organisation: Organisation = None
) -> Response:
    """Take a pending follow-up that is sent as a task."""
    return _take("Task", body, base_url(request, config), scope, store, organisation)


def _take(
    kind: Literal["ServiceRequest", "Task"],
    body: dict[str, Any],
    base: str,
    scope: CallerScope,
    store: Store,
    organisation: str | None,
) -> Response:
    organisation_id = organisation_in(scope, organisation)
    with store.session(scope) as session:
        kept = keep_resource(session, organisation_id, kind, body, now())
        resource = None if kept.follow_up is None else pending(kind, pending_of(kept.follow_up))
    if kept.faults:
        return fhir_answer(valid(outcome_of(kept.faults)), 422)
    if resource is None:  # not pending when it was first seen: nothing is kept of it
        return fhir_answer(valid(outcome(())))
    headers = {"ETag": f"W/{etag_of(resource['meta']['versionId'])}", "Location": f"{base}/{kind}/{resource['id']}"}
    return fhir_answer(valid(resource), 201 if kept.is_new else 200, headers)


def pending_of(row: FollowUp) -> Pending:
    """A follow-up of the store as others may know it."""
    return Pending(
        id=row.id,
        external_id=row.external_id,
        resident_id=row.resident_id,
        site=row.site,
        team=row.team or "",
        due=row.due,
        earliest=row.earliest,
        latest=row.latest,
        plan_status=row.plan_status,
        is_deleted=row.is_deleted,
        version=row.version,
        changed_at=row.updated_at,
    )


@router.get(f"{BASE}/ServiceRequest/{{name}}", **answers("ServiceRequest"), **action("fhir:read"))
def read_service_request(name: FhirId, scope: CallerScope, store: Store) -> Response:
    """A follow-up as a ServiceRequest, without its reason."""
    return _read_pending("ServiceRequest", name, scope, store)


@router.get(f"{BASE}/Task/{{name}}", **answers("Task"), **action("fhir:read"))
def read_task(name: FhirId, scope: CallerScope, store: Store) -> Response:
    """A follow-up as a Task, without its reason."""
    return _read_pending("Task", name, scope, store)


def _read_pending(kind: str, name: str, scope: CallerScope, store: Store) -> Response:
    with store.session(scope, read_only=True) as session:
        row = session.scalars(select(FollowUp).where(FollowUp.id == name)).one_or_none()
        if row is None:
            raise ProblemError("NOT_FOUND")
        return _one(pending(kind, pending_of(row)))


def _one(resource: Resource) -> Response:
    """One resource with its version."""
    version = resource["meta"].get("versionId")
    return fhir_answer(valid(resource), headers={"ETag": f"W/{etag_of(version)}"} if version else None)


@router.get(f"{BASE}/Appointment", **answers("Bundle"), **action("fhir:read"))
def search_appointments(
    request: Request,
    scope: CallerScope,
    store: Store,
    config: Config,
    on: Annotated[list[str] | None, Query(alias="date", max_length=4, description=DATES)] = None,
    status: Token = "",
    based_on: Annotated[str, Query(alias="based-on", max_length=200)] = "",
    location: Token = "",
    count: Count = DEFAULT_LIMIT,
    cursor: Cursor = "",
) -> Response:
    """The visits of published weeks by day. `based-on` and `location` are our external ids, `status` booked."""
    dates = on or []
    query = [*(("date", word) for word in dates), ("status", status), ("based-on", based_on), ("location", location)]
    list_key = ["fhir appointments", query]
    after = open_cursor(cursor, config.signing_bytes, list_key) if cursor else None
    wanted = Wanted(days_of(dates, "date"), _value(based_on), _value(location), after, count)
    base, shown = base_url(request, config), [*query, ("_count", str(count))]
    if status not in ("", "booked"):
        return fhir_answer(valid(searchset(base, "Appointment", [], total=0, query=shown)))
    with store.session(scope, read_only=True) as session:
        found = find_visits(session, wanted)
    following = seal_cursor(found.last, config.signing_bytes, list_key) if found.last else ""
    resources = [appointment(visit, plan) for visit, plan in found.visits]
    bundle = searchset(base, "Appointment", resources, total=found.total, query=shown, next_cursor=following)
    return fhir_answer(valid(bundle))


def _value(token: str) -> str:
    """The value of a token such as system|value."""
    return token.rpartition("|")[2]


@router.get(f"{BASE}/Appointment/{{name}}", **answers("Appointment"), **action("fhir:read"))
def read_appointment(name: FhirId, scope: CallerScope, store: Store) -> Response:
    """One visit of a published week."""
    with store.session(scope, read_only=True) as session:
        found = find_visit(session, name)
    if found is None:
        raise ProblemError("NOT_FOUND")
    return _one(appointment(*found))


@router.get(f"{BASE}/Schedule", **answers("Bundle"), **action("fhir:read"))
def search_schedules(
    request: Request,
    scope: CallerScope,
    store: Store,
    config: Config,
    actor: Token = "",
    count: Count = DEFAULT_LIMIT,
    cursor: Cursor = "",
) -> Response:
    """The places where sessions are held in the newest published weeks. `actor` is the external id of a site."""
    with store.session(scope, read_only=True) as session:
        found = schedules(published_weeks(session, Days()))
    wanted = [one for one in found if _value(actor) in ("", one["actor"][0]["identifier"]["value"])]
    return _page(request, config, "Schedule", wanted, [("actor", actor)], count, cursor)


@router.get(f"{BASE}/Schedule/{{name}}", **answers("Schedule"), **action("fhir:read"))
def read_schedule(name: FhirId, scope: CallerScope, store: Store) -> Response:
    """One place where sessions are held."""
    with store.session(scope, read_only=True) as session:
        found = schedules(published_weeks(session, Days()))
    return _one(_named(found, name))


@router.get(f"{BASE}/Slot", **answers("Bundle"), **action("fhir:read"))
def search_slots(
    request: Request,
    scope: CallerScope,
    store: Store,
    config: Config,
    schedule: Token = "",
    status: Token = "",
    start: Dates = None,
    count: Count = DEFAULT_LIMIT,
    cursor: Cursor = "",
) -> Response:
    """The sessions of published weeks with their free places; without `start`, of the newest weeks."""
    words = start or []
    days = days_of(words, "start")
    with store.session(scope, read_only=True) as session:
        weeks = published_weeks(session, days)
    found = [
        slot for week, plan in weeks for slot in slots(week, plan) if days.has(date.fromisoformat(slot["start"][:10]))
    ]
    wanted = [
        slot
        for slot in found
        if schedule.removeprefix("Schedule/") in ("", slot["schedule"]["reference"].removeprefix("Schedule/"))
        and status in ("", slot["status"])
    ]
    query = [*(("start", word) for word in words), ("schedule", schedule), ("status", status)]
    return _page(request, config, "Slot", wanted, query, count, cursor)


@router.get(f"{BASE}/Slot/{{name}}", **answers("Slot"), **action("fhir:read"))
def read_slot(name: FhirId, scope: CallerScope, store: Store) -> Response:
    """One session of a published week."""
    days = week_days(name[:8])
    if days is None:
        raise ProblemError("NOT_FOUND")
    with store.session(scope, read_only=True) as session:
        found = [slot for week, plan in published_weeks(session, days) for slot in slots(week, plan)]
    return _one(_named(found, name))


def _named(resources: list[Resource], name: str) -> Resource:
    """The resource of an id. Raises ProblemError."""
    found = next((resource for resource in resources if resource["id"] == name), None)
    if found is None:
        raise ProblemError("NOT_FOUND")
    return found


def _page(
    request: Request,
    settings: Settings,
    kind: str,
    resources: list[Resource],
    query: list[tuple[str, str]],
    count: int,
    cursor: str,
) -> Response:
    """One page of resources that are all known: the cursor holds the id of the last one shown."""
    list_key = [f"fhir {kind}", query]
    start = 0
    if cursor:
        (last,) = open_cursor(cursor, settings.signing_bytes, list_key)
        start = next((place for place, one in enumerate(resources, start=1) if one["id"] == last), len(resources))
    page = resources[start : start + count]
    is_last = start + count >= len(resources)
    following = "" if is_last else seal_cursor([page[-1]["id"]], settings.signing_bytes, list_key)
    base, shown = base_url(request, settings), [*query, ("_count", str(count))]
    return fhir_answer(valid(searchset(base, kind, page, total=len(resources), query=shown, next_cursor=following)))
