"""What is printed and handed out of a plan: day sheets, workbooks, routes, calendar feeds.

Every export is audited, and with it whose name or phone number was opened for it.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.config import Settings
from api.exports.day_sheets import day_sheets
from api.exports.feed_tokens import LONGEST, FeedTokenError, sign_feed, verify_feed
from api.exports.feeds import crew_feed, feed_calendar, member_feed
from api.exports.files import disposition
from api.exports.handing_out import DAY_SHEETS, EXPORTS, open_nameless, open_sheets, open_week, whole
from api.exports.ledger import ledger
from api.exports.opening import Opened, exact_homes
from api.exports.roads import engine_of
from api.exports.routes_geojson import routes_geojson
from api.exports.sheet_data import SheetOptions
from api.service.bodies import Answer, AwareMoment, Body, RowId, Word
from api.service.changes import organisation_in
from api.service.deps import Config, Store
from api.service.moments import local_text
from api.service.problems import FieldFault, ProblemError
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routing import new_router
from api.store import audit
from api.store.base import now
from api.store.scope import organisation_scope
from api.weeks import roads_file
from api.workbook import week_workbook

router = new_router("exports")
PDF, GEOJSON, CALENDAR = "application/pdf", "application/geo+json", "text/calendar; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_FEED_DAYS = 366

Crews = Annotated[list[Word] | None, Query(max_length=200, description="Crews by their id in the plan")]
Draw = Annotated[
    Literal["village", "exact"], Query(description="exact: homes whose residents the caller may see are drawn exactly")
]


def file_of(kind: str) -> dict[str, Any]:
    """What a route says about the file that it answers with."""
    media_type = kind.partition(";")[0]
    schema = {"type": "object"} if media_type == GEOJSON else {"type": "string", "format": "binary"}
    return {
        "response_model": None,
        "response_class": Response,
        "responses": {200: {"description": "The file", "content": {media_type: {"schema": schema}}}},
    }


def file_answer(content: bytes, kind: str, found: Opened, name_zh: str, name_ascii: str) -> Response:
    """A file that is saved under a Chinese name with its week."""
    headers = {"Content-Disposition": disposition(f"{found.week}-{name_zh}", f"{found.week}-{name_ascii}")}
    return Response(content, headers=headers, media_type=kind)


def address_of(request: Request, settings: Settings) -> str:
    """The address under which people reach the service."""
    return settings.public_url or str(request.base_url).rstrip("/")


@router.get("/v1/plans/{row_id}/day-sheets.pdf", **file_of(PDF), **action(DAY_SHEETS))
def print_day_sheets(
    row_id: RowPath,
    request: Request,
    caller: Caller,
    scope: CallerScope,
    store: Store,
    config: Config,
    crew: Crews = None,
) -> Response:
    """A sheet for every crew that the caller goes with or leads, or for the crews named. Names are masked."""
    handout = open_sheets(store, scope, row_id, caller, crew)
    found = handout.found
    options = SheetOptions(found.id, found.version, address_of(request, config), config.mode == "demo")
    content = day_sheets(handout.week, options, handout.crews)
    return file_answer(content, PDF, found, "出诊单.pdf", "day-sheets.pdf")


@router.get("/v1/plans/{row_id}/week.xlsx", **file_of(WORKBOOK), **action(EXPORTS))
def save_week_workbook(row_id: RowPath, caller: Caller, scope: CallerScope, store: Store) -> Response:
    """The week as a workbook to print: summary, roster, crews, sessions, calls, what is left."""
    handout = open_week(store, scope, row_id, caller, "week.xlsx")
    content = week_workbook(handout.week.draft, handout.week.problem, handout.week.result)
    return file_answer(content, WORKBOOK, handout.found, "周计划.xlsx", "week.xlsx")


@router.get("/v1/plans/{row_id}/ledger.xlsx", **file_of(WORKBOOK), **action(EXPORTS))
def save_ledger(row_id: RowPath, caller: Caller, scope: CallerScope, store: Store, config: Config) -> Response:
    """The ledger of the week: a line for every planned follow-up, masked, with empty columns for its outcome."""
    handout = open_week(store, scope, row_id, caller, "ledger.xlsx")
    content = ledger(handout.week, is_demo=config.mode == "demo")
    return file_answer(content, WORKBOOK, handout.found, "随访台账.xlsx", "ledger.xlsx")


@router.get("/v1/plans/{row_id}/routes.geojson", **file_of(GEOJSON), **action(EXPORTS))
def save_routes(
    row_id: RowPath, caller: Caller, scope: CallerScope, store: Store, config: Config, homes: Draw = "village"
) -> Response:
    """The crews' ways along the roads, with ids and times only. Homes are drawn at their village unless asked for."""
    handout = open_nameless(store, scope, row_id, caller, f"routes.geojson {homes}")
    exact = exact_homes(handout.found, handout.near) if homes == "exact" else ()
    engine = engine_of(roads_file(config.data_dir, handout.found.organisation_id))
    content = routes_geojson(handout.week, engine, exact)
    return file_answer(content, GEOJSON, handout.found, "路线.geojson", "routes.geojson")


class NewFeed(Body):
    """Whose calendar: a crew of a plan (plan_id and crew), or the published weeks of a member."""

    plan_id: RowId | None = None
    crew: Word | None = None
    organisation_id: RowId | None = None
    member: Word | None = None
    days: Annotated[int, Field(ge=1, le=MOST_FEED_DAYS)] = 90
    """How long the address is good."""


class FeedAddress(Answer):
    """An address for calendar programs; whoever has it may read this one calendar until it ends."""

    url: str
    expires_at: AwareMoment


@router.post("/v1/feeds", **answered(FeedAddress, 201), **action(DAY_SHEETS))
def make_feed(
    body: NewFeed, request: Request, caller: Caller, scope: CallerScope, store: Store, config: Config
) -> Response:
    """A signed address of a calendar for programs that cannot sign in. It tells places and counts only."""
    ends = int((now() + timedelta(days=body.days)).timestamp())
    with store.session(whole(scope)) as session:
        if body.crew and body.plan_id and not body.member:
            feed = crew_feed(session, caller, body.plan_id, body.crew, ends)
        elif body.member and not body.crew and not body.plan_id:
            organisation_id = organisation_in(scope, body.organisation_id)
            feed = member_feed(session, caller, organisation_id, body.member, ends)
        else:
            advice = "给出 plan_id 和 crew，或只给出 member", "Give plan_id and crew, or member alone"
            raise ProblemError("INPUT_INVALID", errors=[FieldFault("WRONG_VALUE", "", "***", "one subject", *advice)])
        told = {"file": "calendar.ics", "crew": feed.crew, "member": feed.member, "days": body.days}
        audit.append(
            session, feed.organisation_id, DAY_SHEETS, target_kind="plans", target_id=feed.plan_id, details=told
        )
    url = f"{address_of(request, config)}/v1/feeds/{sign_feed(feed, config.signing_bytes)}.ics"
    return json_answer({"url": url, "expires_at": local_text(feed.expiry)}, 201)


@router.get("/v1/feeds/{token}.ics", **file_of(CALENDAR), **action("public"))
def read_feed(
    token: Annotated[str, Path(max_length=LONGEST, description="From POST /v1/feeds")], store: Store, config: Config
) -> Response:
    """The calendar of a signed address: what is published, as places and counts; no sign-in."""
    try:
        feed = verify_feed(token, config.signing_bytes, now())
    except FeedTokenError:
        raise ProblemError("NOT_FOUND") from None
    with store.session(organisation_scope(feed.organisation_id, "feed"), read_only=True) as session:
        content = feed_calendar(session, feed, now())
    if content is None:
        raise ProblemError("NOT_FOUND")
    headers = {"Content-Disposition": disposition("巡诊.ics", "xunzhen.ics", inline=True)}
    return Response(content, headers=headers, media_type=CALENDAR)
