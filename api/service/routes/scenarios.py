"""Scenarios: named what-ifs on a week. Their plans stand apart from those of the week and are never published."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.access.identity import Identity
from api.access.permissions import Role
from api.jobs.queue import NewJob, enqueue, natural_key_of
from api.service.bodies import Answer, AwareMoment, Body, RowId, Text, Week, Word
from api.service.changes import organisation_in
from api.service.comparing import ComparedView, compared, pair_of
from api.service.conditions import IfMatch, IfNoneMatch, check_version, etag_of, is_known, not_modified
from api.service.deps import Config, Slots, Store
from api.service.idempotency import Answered, MaybeOnce, NeedsOnce
from api.service.moments import as_json
from api.service.paging import Fields, PageQuery, read_page, sparse, wanted_fields
from api.service.problems import FieldFault, ProblemError, shown
from api.service.resource_routes import RowPath, answered, given, json_answer
from api.service.routes.edits import find_plan
from api.service.routes.jobs import JobView, job_view
from api.service.routes.planning import SearchRequest
from api.service.routes.plans_read import PlanFigures
from api.service.routing import new_router
from api.service.scenario_bodies import ChangeBodies
from api.store.audit import append
from api.store.models.jobs import Job, JobKind, JobState
from api.store.models.plans import PlanState, WeekPlan
from api.store.models.scenarios import Scenario
from api.store.scope import organisation_scope
from api.weeks import judge_changes
from optimizer.tables.privacy import tells_who

router = new_router("scenarios")
READ, WRITE = "scenarios:read", "scenarios:write"
STORED = (
    *("id", "organisation_id", "week", "name", "note", "base_plan_id", "changes", "job_id", "plan_id", "version"),
    *("created_by", "created_at", "updated_at"),
)
SHOWN = (*STORED, "job_state", "job_code")
ONE = "/v1/scenarios/{row_id}"


class NewScenario(Body):
    """A what-if on a week as it stands in the store."""

    organisation_id: RowId | None = None
    week: Week
    name: Word
    note: Text = ""
    base_plan_id: RowId | None = None
    """The plan it is compared with; none: the published plan of the week, or else its newest draft."""
    changes: ChangeBodies = ()


class ChangeScenario(Body):
    """Other words, another base or other changes; new changes replace all old ones and need a new plan."""

    name: Word | None = None
    note: Text | None = None
    base_plan_id: RowId | None = None
    changes: ChangeBodies | None = None


class ScenarioView(Answer):
    """A scenario with its newest job, and the plan of exactly these changes once there is one."""

    id: str
    organisation_id: str | None = None
    week: str | None = None
    name: str | None = None
    note: str | None = None
    base_plan_id: str | None = None
    changes: list[dict[str, Any]] | None = None
    job_id: str | None = None
    job_state: JobState | None = None
    job_code: str | None = None
    plan_id: str | None = None
    version: int | None = None
    created_by: str | None = None
    created_at: AwareMoment | None = None
    updated_at: AwareMoment | None = None


class ScenarioPage(Answer):
    """A page of scenarios."""

    items: list[ScenarioView]
    next_cursor: str


class ScenarioQuery(PageQuery):
    """The query of the list."""

    organisation_id: RowId | None = None
    week: Week | None = None
    name: Word | None = None
    base_plan_id: RowId | None = None
    updated_since: AwareMoment | None = None


@router.get("/v1/scenarios", **answered(ScenarioPage), **action(READ))
def list_scenarios(
    query: Annotated[ScenarioQuery, Query()], scope: CallerScope, store: Store, config: Config
) -> Response:
    """The scenarios in sight, by week and name."""
    names = wanted_fields(query.fields, SHOWN)
    rows = select(Scenario)
    for name in ("organisation_id", "week", "name", "base_plan_id"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(Scenario, name) == getattr(query, name))
    if query.updated_since is not None:
        rows = rows.where(Scenario.updated_at >= query.updated_since)
    with store.session(scope, read_only=True) as session:
        order = (Scenario.week, Scenario.name, Scenario.id)
        page = read_page(session, rows, order, query, config.signing_bytes, "scenarios")
        items = [sparse(_view(session, row), names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.post("/v1/scenarios", **answered(ScenarioView, 201), **action(WRITE))
def make_scenario(body: NewScenario, caller: Caller, scope: CallerScope, once: MaybeOnce) -> Response:
    """Make a what-if; every change that cannot be made on the rows as they are is told at once."""
    organisation_id = organisation_in(scope, body.organisation_id)

    def work(session: Session) -> Answered:
        values = {"name": body.name, "note": body.note, "changes": _changes_of(body.changes)}
        row = Scenario(organisation_id=organisation_id, week=body.week, created_by=caller.actor, **values)
        row.base_plan_id = _base(session, row, body.base_plan_id)
        _judge(session, row, body.changes)
        session.add(row)
        session.flush()
        _note(session, row, "made", values)
        headers = {"ETag": etag_of(row.version), "Location": f"/v1/scenarios/{row.id}"}
        return Answered(201, _view(session, row), headers)

    return once.answer(scope, organisation_id, work)


@router.get(f"{ONE}/kpis", **answered(PlanFigures), **action(READ))
def read_scenario_kpis(row_id: RowPath, scope: CallerScope, store: Store) -> Response:
    """The figures of the scenario's plan."""
    with store.session(scope, read_only=True) as session:
        plan = _plan(session, find_scenario(session, row_id))
        return json_answer({name: getattr(plan, name) for name in PlanFigures.model_fields})


@router.get(f"{ONE}:compare", **answered(ComparedView), **action(READ))
def compare_scenario(
    row_id: RowPath,
    caller: Caller,
    scope: CallerScope,
    store: Store,
    slots: Slots,
    other: Annotated[RowId | None, Query(description="The plan before; none: the scenario's base")] = None,
) -> Response:
    """How the scenario's plan differs from its base: the plan given, or the week's published or newest draft plan."""
    with store.session(scope, read_only=True) as session:
        row = find_scenario(session, row_id)
        pair = pair_of(session, _plan(session, row), _before(session, row, other))
    content = compared(pair, slots)
    if _is_pseudonymous(caller):
        content |= {"changes": [], "violations": []}
    return json_answer(content)


@router.post(f"{ONE}:plan", **answered(JobView, 202), **action(WRITE))
def plan_scenario(
    row_id: RowPath, body: SearchRequest, caller: Caller, scope: CallerScope, store: Store, once: NeedsOnce
) -> Response:
    """Ask for a plan of the changed week. The answer is a job; at its end the scenario names the plan."""
    with store.session(scope, read_only=True) as session:
        organisation_id = find_scenario(session, row_id).organisation_id

    def work(session: Session) -> Answered:
        row = find_scenario(session, row_id)
        payload: dict[str, Any] = {"week": row.week, "scenario_id": row.id, "changes": row.changes}
        if body.base_plan_id is not None:
            payload["base_plan_id"] = _base(session, row, body.base_plan_id)
        params = body.params()
        new = NewJob(
            organisation_id,
            JobKind.PLAN,
            payload,
            params,
            seed=body.seed,
            natural_key=natural_key_of(payload, params, body.seed),
            actor_id=caller.actor,
        )
        job, _ = enqueue(session, new)
        row.job_id = job.id
        session.flush()
        _note(session, row, "planned", {"job_id": job.id})
        return Answered(202, job_view(job), {"Location": f"/v1/jobs/{job.id}"})

    return once.answer(organisation_scope(organisation_id, caller.actor), organisation_id, work)


@router.get(ONE, **answered(ScenarioView), **action(READ))
def read_scenario(
    row_id: RowPath, scope: CallerScope, store: Store, fields: Fields = "", if_none_match: IfNoneMatch = None
) -> Response:
    """A scenario; `job_state` tells how far its planning is, its ETag is what a change asks for."""
    names = wanted_fields(fields, SHOWN)
    with store.session(scope, read_only=True) as session:
        row = find_scenario(session, row_id)
        view = _view(session, row)
        # The job goes on while the row rests, so only a reader at rest has everything already.
        if view["job_state"] not in OPEN_STATES and is_known(if_none_match, row.version):
            return not_modified(row.version)
        return json_answer(sparse(view, names), headers={"ETag": etag_of(row.version)})


@router.patch(ONE, **answered(ScenarioView), **action(WRITE))
def change_scenario(
    row_id: RowPath, body: ChangeScenario, scope: CallerScope, store: Store, if_match: IfMatch = None
) -> Response:
    """Change the given fields; null empties the base. Other changes take the plan of the old ones away."""
    values = given(body)
    with store.session(scope) as session:
        row = find_scenario(session, row_id)
        check_version(if_match, row.version)
        if "base_plan_id" in values:
            row.base_plan_id = _base(session, row, values["base_plan_id"])
        for name in ("name", "note"):
            if values.get(name) is not None:
                setattr(row, name, values[name])
        if body.changes is not None and _changes_of(body.changes) != row.changes:
            row.changes, row.plan_id, row.job_id = _changes_of(body.changes), None, None
        _judge(session, row, body.changes or ())
        session.flush()
        _note(session, row, "changed", values)
        content, version = _view(session, row), row.version
    return json_answer(content, headers={"ETag": etag_of(version)})


@router.delete(ONE, **answered(None, 204), **action(WRITE))
def delete_scenario(row_id: RowPath, scope: CallerScope, store: Store, if_match: IfMatch = None) -> Response:
    """Take a scenario away; its plans stay, for plans are never erased."""
    with store.session(scope) as session:
        row = find_scenario(session, row_id)
        check_version(if_match, row.version)
        _note(session, row, "deleted", {})
        session.delete(row)
    return Response(status_code=204)


OPEN_STATES = frozenset({JobState.QUEUED.value, JobState.PREPARING.value, JobState.SOLVING.value})


def find_scenario(session: Session, row_id: str) -> Scenario:
    """The scenario of an id. Raises ProblemError when there is none in sight."""
    row = session.scalars(select(Scenario).where(Scenario.id == row_id)).one_or_none()
    if row is None:
        raise ProblemError("NOT_FOUND")
    return row


def _view(session: Session, row: Scenario) -> dict[str, Any]:
    job = session.execute(select(Job.state, Job.code).where(Job.id == row.job_id)).one_or_none()
    told = {"job_state": job.state, "job_code": job.code} if job is not None else {"job_state": None, "job_code": None}
    return {name: as_json(getattr(row, name)) for name in STORED} | told


def _changes_of(changes: ChangeBodies) -> list[dict[str, Any]]:
    """Changes as they are kept: what is not said is not there."""
    return [change.model_dump(mode="json", exclude_none=True) for change in changes]


def _base(session: Session, row: Scenario, plan_id: str | None) -> str | None:
    """The id of a base plan of the scenario's week. Raises ProblemError."""
    if plan_id is not None:
        plan = find_plan(session, plan_id)
        if (plan.organisation_id, plan.week) != (row.organisation_id, row.week):
            raise ProblemError("OTHER_WEEK")
    return plan_id


def _judge(session: Session, row: Scenario, changes: ChangeBodies) -> None:
    """Raises ProblemError with every fault of the scenario's words and of changes that are new."""
    advice = "删除手机号和身份证号", "Take mobile and identity numbers out"
    faults = [
        FieldFault("PERSONAL_WORDS", f"/{name}", "***", "words about nobody", *advice)
        for name in ("name", "note")
        if tells_who(getattr(row, name))
    ]
    if changes:
        with session.no_autoflush:
            found = judge_changes(session, row.organisation_id, row.week, _changes_of(changes))
        faults += [
            FieldFault(each.code, each.pointer, shown(each.found), shown(each.expected), each.advice_zh, each.advice_en)
            for each in found
        ]
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)


def _plan(session: Session, row: Scenario) -> WeekPlan:
    """The plan of the scenario. Raises ProblemError while there is none."""
    if row.plan_id is None:
        raise ProblemError("SCENARIO_NOT_PLANNED")
    return find_plan(session, row.plan_id)


def _before(session: Session, row: Scenario, other: str | None) -> WeekPlan:
    """What the scenario's plan is compared with. Raises ProblemError when there is nothing."""
    wanted = _base(session, row, other) or row.base_plan_id
    if wanted is not None:
        return find_plan(session, wanted)
    of_week = select(WeekPlan).where(WeekPlan.organisation_id == row.organisation_id, WeekPlan.week == row.week)
    for state in (PlanState.PUBLISHED, PlanState.DRAFT):
        newest = of_week.where(WeekPlan.state == state).order_by(WeekPlan.number.desc()).limit(1)
        found = session.scalars(newest).one_or_none()
        if found is not None:
            return found
    raise ProblemError("NOTHING_TO_COMPARE")


def _is_pseudonymous(caller: Identity) -> bool:
    """Whether the caller sees no id that another system knows; nor does who may not read plans."""
    return Role.ANALYST in caller.roles or not caller.may("plans:read")


def _note(session: Session, row: Scenario, what: str, fields: Mapping[str, Any]) -> None:
    """The audit entry: names of fields, never their values."""
    append(
        session,
        row.organisation_id,
        WRITE,
        target_kind="scenarios",
        target_id=row.id,
        details={"what": what, "fields": sorted(fields)},
    )
