"""A week planned anew around a plan that residents know: pins, a freeze, a budget of changes, whom to phone."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, model_validator
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.service.bodies import Answer, AwareMoment, Body, Word, refused
from api.service.deps import Config, Slots, Store
from api.service.edit_ground import Ground
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routes.edits import PriceView, find_plan
from api.service.routing import new_router
from api.service.week_problems import as_problems, not_draft, said_price, said_violations
from api.store.models.plans import PlanState
from api.store.scope import Scope
from api.weeks import pins_of, plan_of, prepare_week, problem_of, revision_of, store_plan
from api.weeks.stops import LOCAL
from optimizer.check import check
from optimizer.edits import EditFaults, PinLevel
from optimizer.edits.applying import cost_difference
from optimizer.model import Pin
from optimizer.plan import CostBreakdown, Plan, Result, Status
from optimizer.problem import Problem
from optimizer.replan import Replanned, ReplanParams, Until, replan

router = new_router("plans")
MOST_SECONDS, MOST_ROUNDS, DEFAULT_ROUNDS = 60.0, 500, 30


class PinWish(Body):
    """A follow-up or session of the old plan that stays: its day, its crew, its time, or all of it."""

    target: Word
    level: PinLevel = PinLevel.ALL


class ReplanBody(Body):
    """What stands, how much may change, and how long the search may take."""

    pins: Annotated[tuple[PinWish, ...], Field(max_length=5_000)] = ()
    freeze_until: AwareMoment | None = None
    """Whatever has begun before it stays exactly as it is."""
    max_changes: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Most appointments that may change beyond those that cannot stand."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    iterations: Annotated[int, Field(ge=0, le=MOST_ROUNDS)] | None = None
    """Reproducible rounds; 30 when nothing is given."""
    seconds: Annotated[float, Field(ge=0, le=MOST_SECONDS)] | None = None

    @model_validator(mode="after")
    def _one_budget(self) -> "ReplanBody":
        if self.seconds is not None and self.iterations is not None:
            advice = "seconds 与 iterations 只给一个", "Give seconds or iterations, not both"
            raise refused("TWO_BUDGETS", "one of seconds and iterations", *advice)
        return self


class NoticeView(Answer):
    """Somebody who has to be phoned, by the ids of the follow-ups, and why."""

    follow_ups: list[str]
    message_zh: str
    message_en: str


class ReplannedView(Answer):
    """The new draft."""

    id: str
    base_plan_id: str
    version: int
    is_feasible: bool
    cost_total: int
    price: PriceView
    changes: int
    forced: int
    is_within_budget: bool
    notices: list[NoticeView]
    violations: list[dict[str, str]]


@router.post("/v1/plans/{row_id}:replan", **answered(ReplannedView, 201), **action("plans:write"))
def replan_week(
    row_id: RowPath, body: ReplanBody, caller: Caller, scope: CallerScope, store: Store, slots: Slots, config: Config
) -> Response:
    """Plan the week anew with today's rows around this plan; the answer is a new draft with whom to phone."""
    with store.session(scope, read_only=True) as session, as_problems():
        row = find_plan(session, row_id)
        if row.state == PlanState.SCENARIO:
            raise not_draft(row.state)
        base, old_problem = plan_of(session, row), problem_of(session, row)
        pins = _pins(old_problem, base, pins_of(revision_of(session, row)), body)
        # Made for everything of the organisation, and planned without names.
        organisation = Scope((row.organisation_id,), None, caller.actor)
    with store.session(organisation, read_only=True) as session:
        prepared = prepare_week(session, row.organisation_id, row.week, config.data_dir, earlier=base)
    with slots.taken(), as_problems():
        done = replan(prepared.problem, base, _params(body, pins))
        old_cost = check(old_problem, base).cost
    with store.session(organisation) as session, as_problems():
        made = store_plan(
            session,
            row.organisation_id,
            row.week,
            replace(prepared, problem=done.problem),
            _result(done, body.seed),
            params={"replan": body.model_dump(mode="json", exclude_defaults=True)},
            base_plan_id=row.id,
            actor=caller.actor,
        )
        content = _view(done, old_cost) | {"id": made.id, "base_plan_id": row.id, "version": made.version}
    return json_answer(content, 201, {"Location": f"/v1/plans/{content['id']}"})


def _pins(problem: Problem, base: Plan, kept: tuple[Pin, ...], body: ReplanBody) -> tuple[Pin, ...]:
    """The pins of the old plan and those asked for. Raises EditFaults with all that name nothing that is planned."""
    ground = Ground(problem, base)
    wished = {w.target: ground.at("pins", number).pin(w.target, w.level) for number, w in enumerate(body.pins)}
    if ground.faults:
        raise EditFaults(tuple(ground.faults))
    return (*(pin for pin in kept if pin.target not in wished), *wished.values())


def _params(body: ReplanBody, pins: tuple[Pin, ...]) -> ReplanParams:
    rounds = body.iterations if body.iterations is not None or body.seconds is not None else DEFAULT_ROUNDS
    until = _until(body.freeze_until) if body.freeze_until is not None else None
    return ReplanParams(
        pins=pins,
        freeze_until=until,
        max_changes=body.max_changes,
        seed=body.seed,
        iterations=rounds,
        seconds=body.seconds,
    )


def _until(moment: datetime) -> Until:
    local = moment.astimezone(LOCAL)
    return Until(local.date(), local.hour * 3600 + local.minute * 60 + local.second)


def _result(done: Replanned, seed: int) -> Result:
    status = Status.FEASIBLE if done.verdict.is_feasible else Status.INFEASIBLE
    return Result(done.plan, status, done.verdict.cost, done.verdict.violations, seed=seed)


def _view(done: Replanned, old_cost: CostBreakdown) -> dict[str, Any]:
    return {
        "is_feasible": done.verdict.is_feasible,
        "cost_total": done.verdict.cost.total,
        "price": said_price(cost_difference(done.verdict.cost, old_cost)),
        "changes": len(done.changes),
        "forced": done.forced,
        "is_within_budget": done.is_within_budget,
        "notices": [
            {
                "follow_ups": [change.follow_up for change in notice.changes],
                "message_zh": notice.message_zh,
                "message_en": notice.message_en,
            }
            for notice in done.notices
        ],
        "violations": said_violations(done.verdict.violations),
    }
