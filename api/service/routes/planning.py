"""Plans on their way: asked for as jobs, judged, compared, published, put away."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, model_validator
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.contract.outbox import enqueue_published
from api.jobs.queue import NewJob, enqueue, natural_key_of
from api.service.bodies import Answer, Body, RowId, Week, refused
from api.service.changes import organisation_in
from api.service.comparing import ComparedView, compared, pair_of
from api.service.conditions import IfMatch, check_version, etag_of
from api.service.deps import Slots, Store
from api.service.documents import read_parts
from api.service.idempotency import Answered, MaybeOnce, NeedsOnce
from api.service.limits import large_body
from api.service.problems import ProblemError
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routes.edits import find_plan
from api.service.routes.jobs import JobView, job_view
from api.service.routes.plans_read import PlanBrief
from api.service.routing import new_router
from api.service.week_problems import as_problems, said_violations
from api.store.audit import append
from api.store.models.jobs import JobKind
from api.store.models.plans import WeekPlan
from api.weeks import archive as put_away
from api.weeks import plan_of, problem_of
from api.weeks import publish as publish_plan
from optimizer.check import check
from optimizer.documents import plan_from_json

router = new_router("plans")
MOST_SECONDS, MOST_ITERATIONS = 900.0, 2_000_000
DEFAULT_SECONDS = 60.0
SUMMARY = ("id", "version", "revision", "state", "week", "number", "is_feasible", "cost_total")


class SearchRequest(Body):
    """How long the search may take, and a plan to stay close to."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    seconds: Annotated[float, Field(ge=0, le=MOST_SECONDS)] | None = None
    """Wall-clock budget; 60 when nothing is given."""
    iterations: Annotated[int, Field(ge=0, le=MOST_ITERATIONS)] | None = None
    """Reproducible budget instead of seconds."""
    base_plan_id: RowId | None = None
    """A plan to stay close to; its pins hold."""

    @model_validator(mode="after")
    def _one_budget(self) -> "SearchRequest":
        if self.seconds is not None and self.iterations is not None:
            advice = "seconds 与 iterations 只给一个", "Give seconds or iterations, not both"
            raise refused("TWO_BUDGETS", "one of seconds and iterations", *advice)
        return self

    def params(self) -> dict[str, Any]:
        """The parameters of the search."""
        if self.iterations is not None:
            return {"iterations": self.iterations}
        return {"seconds": DEFAULT_SECONDS if self.seconds is None else self.seconds}


class PlanRequest(SearchRequest):
    """What shall be planned and how long the search may take."""

    organisation_id: RowId | None = None
    week: Week


class CheckBody(Body):
    """A hand-made plan; without one the stored plan is judged."""

    plan: dict[str, Any] | None = None


class VerdictView(Answer):
    """What the judge says: all rules are soft here, every breach is listed."""

    is_feasible: bool
    cost_total: int
    cost_parts: dict[str, int]
    violations: list[dict[str, str]]


class PublishedView(PlanBrief):
    """A published plan, the one whose place it took, and how many messages wait to be sent."""

    superseded_plan_id: str | None = None
    messages: int = 0


@router.post("/v1/plans", **answered(JobView, 202), **action("plans:write"))
def make_plan(body: PlanRequest, caller: Caller, scope: CallerScope, once: NeedsOnce) -> Response:
    """Ask for a plan of a week. The answer is a job; its events tell how far it is, and at its end stands the plan."""
    organisation_id = organisation_in(scope, body.organisation_id)

    def work(session: Session) -> Answered:
        payload: dict[str, Any] = {"week": body.week}
        if body.base_plan_id is not None:
            base = find_plan(session, body.base_plan_id)
            if (base.organisation_id, base.week) != (organisation_id, body.week):
                raise ProblemError("OTHER_WEEK")
            payload["base_plan_id"] = body.base_plan_id
        params = body.params()
        new = NewJob(
            organisation_id,
            JobKind.PLAN,
            payload,
            params,
            seed=body.seed,
            natural_key=natural_key_of(payload, params, body.seed),  # two leaders who ask the same get one job
            actor_id=caller.actor,
        )
        job, _ = enqueue(session, new)
        append(session, organisation_id, "jobs:make", target_kind="jobs", target_id=job.id, details=payload)
        return Answered(202, job_view(job), {"Location": f"/v1/jobs/{job.id}"})

    return once.answer(scope, organisation_id, work)


@router.post("/v1/plans/{row_id}:check", **answered(VerdictView), **action("plans:write"))
@large_body
def check_stored_plan(
    row_id: RowPath, scope: CallerScope, store: Store, slots: Slots, body: CheckBody | None = None
) -> Response:
    """Judge the stored plan, or a hand-made one for the same week; nothing is changed."""
    with store.session(scope, read_only=True) as session, as_problems():
        row = find_plan(session, row_id)
        problem = problem_of(session, row)
        if body is not None and body.plan is not None:
            (plan,) = read_parts({"plan": body.plan}, plan=plan_from_json)
        else:
            plan = plan_of(session, row)
    with slots.taken():
        verdict = check(problem, plan)
    return json_answer(
        {
            "is_feasible": verdict.is_feasible,
            "cost_total": verdict.cost.total,
            "cost_parts": dict(verdict.cost.parts),
            "violations": said_violations(verdict.violations),
        }
    )


@router.post("/v1/plans/{row_id}:publish", **answered(PublishedView), **action("plans:publish"))
def publish(row_id: RowPath, scope: CallerScope, store: Store, once: MaybeOnce, if_match: IfMatch = None) -> Response:
    """Make a draft the plan of its week. A plan that breaks a rule is refused; what others must be told is queued."""

    def work(session: Session) -> Answered:
        check_version(if_match, find_plan(session, row_id).version)
        with as_problems():
            done = publish_plan(session, row_id)
        messages = enqueue_published(session, done.plan) if done.is_new else 0
        session.flush()
        older = done.superseded.id if done.superseded else None
        content = {**_summary(done.plan), "superseded_plan_id": older, "messages": messages}
        return Answered(200, content, {"ETag": etag_of(done.plan.version)})

    return _once_for(row_id, scope, store, once, work)


@router.post("/v1/plans/{row_id}:archive", **answered(PlanBrief), **action("plans:write"))
def archive(row_id: RowPath, scope: CallerScope, store: Store, once: MaybeOnce, if_match: IfMatch = None) -> Response:
    """Put a draft or a superseded plan away."""

    def work(session: Session) -> Answered:
        check_version(if_match, find_plan(session, row_id).version)
        with as_problems():
            row = put_away(session, row_id)
        return Answered(200, _summary(row), {"ETag": etag_of(row.version)})

    return _once_for(row_id, scope, store, once, work)


def _once_for(
    plan_id: str, scope: CallerScope, store: Store, once: MaybeOnce, work: Callable[[Session], Answered]
) -> Response:
    """Do the work once in the organisation of the plan. Raises ProblemError."""
    with store.session(scope, read_only=True) as session:
        organisation_id = find_plan(session, plan_id).organisation_id
    return once.answer(scope, organisation_id, work)


def _summary(row: WeekPlan) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SUMMARY}


@router.get("/v1/plans/{row_id}:compare", **answered(ComparedView), **action("plans:edit"))
def compare(
    row_id: RowPath,
    scope: CallerScope,
    store: Store,
    slots: Slots,
    other: Annotated[str, Query(pattern=r"^[0-9a-f]{32}$", description="The plan before")],
) -> Response:
    """How a plan differs from another of the same week: appointments, cost by part, broken rules."""
    with store.session(scope, read_only=True) as session:
        pair = pair_of(session, find_plan(session, row_id), find_plan(session, other))
    return json_answer(compared(pair, slots))
