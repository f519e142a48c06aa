"""Reading plans: the list, one plan with its document, its stops, its figures and its revisions.

One small query asks for the version in sight; what was rendered from that version is not rendered again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import CallerScope, action, action_of, current_identity
from api.access.identity import Identity
from api.access.masking import Subject, masked
from api.access.permissions import Role
from api.access.scopes import scope_for
from api.service.bodies import Answer, AwareMoment, Date, RowId, Week, Word
from api.service.conditions import IfNoneMatch, etag_of, is_known, not_modified
from api.service.deps import Config, Store, database_of, settings_of
from api.service.edit_bodies import HALVES
from api.service.moments import as_json
from api.service.paging import Fields, PageQuery, read_page, sparse, wanted_fields
from api.service.problems import ProblemError
from api.service.rendered import Rendered
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routing import new_router
from api.store.database import Database
from api.store.models.plans import PlannedStop, PlanRevision, PlanState, WeekPlan
from api.store.scope import Scope
from api.store.versions import version_in_sight
from optimizer.calendar import HALVES_PER_DAY

router = new_router("plans")
READ = "plans:read"
FIGURES = (
    *("id", "organisation_id", "week", "number", "state", "revision", "version", "base_plan_id", "problem_id", "seed"),
    *(
        "params",
        "engine_version",
        "cost_total",
        "cost_parts",
        "kpis",
        "is_feasible",
        "violations",
        "shortages",
        "notes",
    ),
    *("notes", "created_by", "published_at", "published_by", "created_at", "updated_at"),
)
BRIEF = tuple(name for name in FIGURES if name not in {"params", "violations", "shortages", "notes", "kpis"})
STOP = (
    *("id", "plan_id", "channel", "day", "half", "crew", "team", "members", "vehicle", "place", "site", "session"),
    *("follow_up", "follow_up_id", "arrival_at", "start_at", "end_at"),
)
TELLING = ("violations", "notes")
"""What names follow-ups by the ids of other systems; analysts do without it and without the document."""


class PlanBrief(Answer):
    """A plan in a list."""

    id: str
    organisation_id: str | None = None
    week: str | None = None
    number: int | None = None
    state: PlanState | None = None
    revision: int | None = None
    version: int | None = None
    base_plan_id: str | None = None
    problem_id: str | None = None
    seed: int | None = None
    engine_version: str | None = None
    cost_total: int | None = None
    cost_parts: dict[str, Any] | None = None
    is_feasible: bool | None = None
    created_by: str | None = None
    published_at: AwareMoment | None = None
    published_by: str | None = None
    created_at: AwareMoment | None = None
    updated_at: AwareMoment | None = None


class PlanView(PlanBrief):
    """A plan with its figures and its document (format of `optimizer/schemas/plan.json`)."""

    params: dict[str, Any] | None = None
    kpis: dict[str, Any] | None = None
    violations: list[dict[str, Any]] | None = None
    shortages: list[dict[str, Any]] | None = None
    notes: list[dict[str, Any]] | None = None
    document: dict[str, Any] | None = None


class PlanPage(Answer):
    """A page of plans."""

    items: list[PlanBrief]
    next_cursor: str


class PlanFigures(Answer):
    """What a plan costs and how good the week is; names of figures carry their units."""

    id: str
    version: int | None = None
    is_feasible: bool | None = None
    cost_total: int | None = None
    cost_parts: dict[str, Any] | None = None
    kpis: dict[str, Any] | None = None


class StopView(Answer):
    """One planned follow-up, or one held session without any."""

    id: str
    plan_id: str | None = None
    channel: str | None = None
    day: Date | None = None
    half: Literal["am", "pm"] | None = None
    crew: str | None = None
    team: str | None = None
    members: list[str] | None = None
    vehicle: str | None = None
    place: int | None = None
    site: str | None = None
    session: str | None = None
    follow_up: str | None = None
    follow_up_id: str | None = None
    arrival_at: AwareMoment | None = None
    start_at: AwareMoment | None = None
    end_at: AwareMoment | None = None


class StopPage(Answer):
    """A page of stops."""

    items: list[StopView]
    next_cursor: str


class RevisionView(Answer):
    """One revision of a plan: the edit that made it."""

    number: int
    previous: int | None
    edit: dict[str, Any]
    actor: str
    created_at: AwareMoment


class RevisionList(Answer):
    """The revisions of a plan, oldest first."""

    items: list[RevisionView]


class PlanQuery(PageQuery):
    """The query of the list."""

    organisation_id: RowId | None = None
    week: Week | None = None
    state: PlanState | None = None
    updated_since: AwareMoment | None = None


class StopQuery(PageQuery):
    """The query of a plan's stops."""

    day: Date | None = None
    crew: Word | None = None
    team: Word | None = None
    channel: Annotated[str, Field(pattern="^(home|patrol|phone)$")] | None = None
    follow_up_id: RowId | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A caller who reads a plan."""

    request: Request
    caller: Identity
    scope: Scope
    store: Database
    if_none_match: str | None

    @property
    def is_pseudonymous(self) -> bool:
        """Whether the caller sees no id that another system knows."""
        return Role.ANALYST in self.caller.roles

    @property
    def _mask(self) -> Any:
        """What the answer hides depends on: nothing about people is in it, so that only analysts see less."""
        return (self.caller.team_external_ids, self.caller.member_external_id) if self.is_pseudonymous else None

    def answer(self, plan_id: str, what: Any, render: Callable[[Session], Any]) -> Response:
        """The answer to one question about a plan, rendered if its version was not asked about before.

        Raises ProblemError when there is no such plan in sight.
        """
        version = version_in_sight(self.store, self.scope, WeekPlan, plan_id)
        if version is None:
            raise ProblemError("NOT_FOUND")
        if is_known(self.if_none_match, version):
            return not_modified(version)
        cache: Rendered = self.request.app.state.rendered
        about = (plan_id, self._mask, self.scope.team_ids, what)
        content = cache.find((version, about))
        if content is None:
            version, content = self._rendered(plan_id, render)
            cache.keep((version, about), content)
        return Response(content, headers={"ETag": etag_of(version)}, media_type="application/json")

    def _rendered(self, plan_id: str, render: Callable[[Session], Any]) -> tuple[int, bytes]:
        """The answer with the version it was made from, which may be newer by now than the one found before."""
        with self.store.session(self.scope, read_only=True) as session:
            version = session.scalar(select(WeekPlan.version).where(WeekPlan.id == plan_id))
            if version is None:
                raise ProblemError("NOT_FOUND")
            return version, _bytes(render(session))


async def reading_of(request: Request, if_none_match: IfNoneMatch = None) -> Reading:
    """The reader of a request; it takes the request alone, as `current_identity` does."""
    caller = await current_identity(request)
    return Reading(request, caller, scope_for(caller, action_of(request)), database_of(request), if_none_match)


Reader = Annotated[Reading, Depends(reading_of)]


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


@router.get("/v1/plans", **answered(PlanPage), **action(READ))
def list_plans(query: Annotated[PlanQuery, Query()], scope: CallerScope, store: Store, config: Config) -> Response:
    """The plans in sight by week and number, without their documents."""
    names = wanted_fields(query.fields, BRIEF)
    rows = select(WeekPlan)
    for name in ("organisation_id", "week", "state"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(WeekPlan, name) == getattr(query, name))
    if query.state is None:
        rows = rows.where(WeekPlan.state != PlanState.SCENARIO)  # what-ifs are shown to those who ask for them
    if query.updated_since is not None:
        rows = rows.where(WeekPlan.updated_at >= query.updated_since)
    with store.session(scope, read_only=True) as session:
        order = (WeekPlan.week, WeekPlan.number, WeekPlan.id)
        page = read_page(session, rows, order, query, config.signing_bytes, "plans")
        items = [sparse({name: as_json(getattr(row, name)) for name in BRIEF}, names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.get("/v1/plans/{row_id}", **answered(PlanView), **action(READ))
def read_plan(row_id: RowPath, reader: Reader, fields: Fields = "") -> Response:
    """A plan with its figures and its document; the ETag is what an edit asks for."""
    names = wanted_fields(fields, (*FIGURES, "document"))
    return reader.answer(row_id, names, lambda session: _plan(session, row_id, names, reader.is_pseudonymous))


def _plan(session: Session, plan_id: str, names: tuple[str, ...], is_pseudonymous: bool) -> bytes:
    plan = session.scalars(select(WeekPlan).where(WeekPlan.id == plan_id)).one()
    content = {name: as_json(getattr(plan, name)) for name in FIGURES if name in names}
    if is_pseudonymous:
        content |= {name: None for name in (*TELLING, "document") if name in names}
    if "document" not in names or is_pseudonymous:
        return _bytes(content)
    query = select(PlanRevision.document).where(PlanRevision.plan_id == plan_id, PlanRevision.number == plan.revision)
    document = session.scalars(query).one()
    # The document is JSON already; reading and writing it again would take most of the time.
    return _bytes(content)[:-1] + b',"document":' + document.encode() + b"}"


@router.get("/v1/plans/{row_id}/kpis", **answered(PlanFigures), **action("kpis:read"))
def read_plan_kpis(row_id: RowPath, reader: Reader, fields: Fields = "") -> Response:
    """The figures of a plan."""
    names = wanted_fields(fields, tuple(PlanFigures.model_fields))

    def render(session: Session) -> dict[str, Any]:
        plan = session.scalars(select(WeekPlan).where(WeekPlan.id == row_id)).one()
        return {name: getattr(plan, name) for name in names}

    return reader.answer(row_id, ("kpis", names), render)


@router.get("/v1/plans/{row_id}/stops", **answered(StopPage), **action(READ))
def list_plan_stops(row_id: RowPath, query: Annotated[StopQuery, Query()], reader: Reader) -> Response:
    """The stops of a plan's present revision, by day and half-day."""
    names = wanted_fields(query.fields, STOP)
    what = ("stops", query.model_dump_json())
    return reader.answer(row_id, what, lambda session: _stops(session, row_id, query, names, reader))


def _stops(session: Session, plan_id: str, query: StopQuery, names: tuple[str, ...], reader: Reading) -> dict[str, Any]:
    rows = select(PlannedStop).where(PlannedStop.plan_id == plan_id)
    for name in ("day", "crew", "team", "channel", "follow_up_id"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(PlannedStop, name) == getattr(query, name))
    order = (PlannedStop.day, PlannedStop.half_day, PlannedStop.place, PlannedStop.id)
    signing_key = settings_of(reader.request).signing_bytes
    page = read_page(session, rows, order, query, signing_key, f"stops of {plan_id}")
    items = [sparse(_stop(row, reader.caller), names) for row in page.rows]
    return {"items": items, "next_cursor": page.next_cursor}


def _stop(row: PlannedStop, caller: Identity) -> dict[str, Any]:
    """A stop as the caller may see it; it holds no reason and no word about a person."""
    view = {name: as_json(getattr(row, name, None)) for name in STOP}
    view["half"] = HALVES[row.half_day % HALVES_PER_DAY]
    return masked(view, caller, Subject(row.organisation_id, row.team, frozenset(row.members)))


@router.get("/v1/plans/{row_id}/revisions", **answered(RevisionList), **action(READ))
def list_plan_revisions(row_id: RowPath, reader: Reader) -> Response:
    """Every revision of a plan, oldest first, without the documents."""
    names = tuple(RevisionView.model_fields)

    def render(session: Session) -> dict[str, Any]:
        query = select(PlanRevision).where(PlanRevision.plan_id == row_id).order_by(PlanRevision.number)
        items = [{name: as_json(getattr(row, name)) for name in names} for row in session.scalars(query)]
        return {"items": [item | {"edit": {}} for item in items] if reader.is_pseudonymous else items}

    return reader.answer(row_id, "revisions", render)
