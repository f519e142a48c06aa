"""A plan changed by hand: edits with new times, breaches and price, undo, and the best places for one follow-up."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.service.bodies import Answer, Body, Word, YesNo
from api.service.conditions import IfMatch, check_version, etag_of
from api.service.deps import Slots, Store
from api.service.edit_bodies import MOST_EDITS, EditBody, said_edit
from api.service.edit_ground import Ground, read_edits
from api.service.idempotency import Answered, MaybeOnce
from api.service.problems import ProblemError
from api.service.resource_routes import RowPath, answered, json_answer
from api.service.routing import new_router
from api.service.week_problems import as_problems, not_draft, said_crew, said_price, said_violations
from api.store.models.plans import PlanState, WeekPlan
from api.weeks import keep_problem, keep_verdict, new_revision, plan_of, problem_of, verdict_of
from api.weeks import undo as undo_revision
from optimizer.edits import Edited, Recommendation, Slot, edit_plan, recommend

router = new_router("plans")
EDIT = "plans:edit"


class EditsBody(Body):
    """Edits that are done together or not at all."""

    edits: Annotated[tuple[EditBody, ...], Field(min_length=1, max_length=MOST_EDITS)]
    dry_run: YesNo = False
    """True: only tell what would come of it."""


class PriceView(Answer):
    """A change of cost in points; negative where the plan gets cheaper."""

    total: int
    parts: dict[str, int]


class EditedView(Answer):
    """What came of edits."""

    id: str
    version: int
    revision: int
    is_feasible: bool
    cost_total: int
    price: PriceView
    new_violations: list[dict[str, str]]
    gone_violations: list[dict[str, str]]
    crews: list[dict[str, Any]]
    """The crews that are new or have other times, as they are now."""


class UndoneView(Answer):
    """The plan as it was before."""

    id: str
    version: int
    revision: int
    is_feasible: bool
    cost_total: int


class RecommendBody(Body):
    """Which follow-up."""

    follow_up: Word
    most: Annotated[int, Field(ge=1, le=20)] = 5


class SlotView(Answer):
    """A place for the follow-up; send `edit` to have it."""

    edit: dict[str, Any]
    is_feasible: bool
    channel: str
    price: PriceView
    members: list[str]
    crews: list[dict[str, Any]]
    refusals: list[dict[str, Any]]


class RecommendedView(Answer):
    """The best places, cheapest first, and the best of those that break a rule."""

    follow_up: str
    slots: list[SlotView]
    refused: list[SlotView]


@router.post("/v1/plans/{row_id}/edits", **answered(EditedView), **action(EDIT))
def edit(
    row_id: RowPath, body: EditsBody, scope: CallerScope, store: Store, once: MaybeOnce, if_match: IfMatch = None
) -> Response:
    """Change a draft by hand. Rules are no obstacle: the answer lists what the plan breaks now and what it costs."""
    if body.dry_run:
        with store.session(scope, read_only=True) as session:
            row = find_plan(session, row_id)
            check_version(if_match, row.version)
            return json_answer(_edited_view(row, _edited(session, row, body)))
    with store.session(scope, read_only=True) as session:
        organisation_id = find_plan(session, row_id).organisation_id

    def work(session: Session) -> Answered:
        row = find_plan(session, row_id)
        check_version(if_match, row.version)
        if row.state != PlanState.DRAFT:
            raise not_draft(row.state)
        edited = _edited(session, row, body)
        said = {"edits": [each.model_dump(mode="json", exclude_defaults=True) for each in body.edits]}
        with as_problems():
            row = new_revision(
                session, row_id, edited.plan, pins=edited.problem.pins, edit=said, expected_version=row.version
            )
        return Answered(200, _edited_view(row, edited), {"ETag": etag_of(row.version)})

    return once.answer(scope, organisation_id, work)


def find_plan(session: Session, plan_id: str) -> WeekPlan:
    """The plan of an id. Raises ProblemError when there is none in sight."""
    row = session.scalars(select(WeekPlan).where(WeekPlan.id == plan_id)).one_or_none()
    if row is None:
        raise ProblemError("NOT_FOUND")
    return row


def _edited(session: Session, row: WeekPlan, body: EditsBody) -> Edited:
    """What comes of the edits. Raises ProblemError."""
    with as_problems():
        ground = Ground(problem_of(session, row), plan_of(session, row))
        edits = read_edits(ground, body.edits)
        edited = edit_plan(ground.problem, ground.plan, edits, verdict_of(ground.problem, ground.plan))
    keep_problem(row, edited.problem)
    keep_verdict(edited.problem, edited.plan, edited.verdict)
    return edited


def _edited_view(row: WeekPlan, edited: Edited) -> dict[str, Any]:
    changed = set(edited.retimed)
    return {
        "id": row.id,
        "version": row.version,
        "revision": row.revision,
        "is_feasible": edited.verdict.is_feasible,
        "cost_total": edited.verdict.cost.total,
        "price": said_price(edited.price),
        "new_violations": said_violations(edited.new_violations),
        "gone_violations": said_violations(edited.gone_violations),
        "crews": [said_crew(edited.problem, crew) for crew in edited.plan.crews if crew.id in changed],
    }


@router.post("/v1/plans/{row_id}:undo", **answered(UndoneView), **action(EDIT))
def undo(row_id: RowPath, scope: CallerScope, store: Store, if_match: IfMatch = None) -> Response:
    """Take the last edit of a draft back."""
    with store.session(scope) as session, as_problems():
        version = find_plan(session, row_id).version
        check_version(if_match, version)
        row = undo_revision(session, row_id, expected_version=version)
        session.flush()
        content = {name: getattr(row, name) for name in UndoneView.model_fields}
    return json_answer(content, headers={"ETag": etag_of(content["version"])})


@router.post("/v1/plans/{row_id}:recommend", **answered(RecommendedView), **action(EDIT))
def recommend_places(row_id: RowPath, body: RecommendBody, scope: CallerScope, store: Store, slots: Slots) -> Response:
    """The best places for one follow-up with their prices, and which rule refuses the best of the others."""
    with store.session(scope, read_only=True) as session, as_problems():
        row = find_plan(session, row_id)
        ground = Ground(problem_of(session, row), plan_of(session, row))
        with slots.taken():
            found: Recommendation = recommend(ground.problem, ground.plan, body.follow_up, body.most)
    content = {
        "follow_up": found.follow_up,
        "slots": [_slot_view(ground, slot) for slot in found.slots],
        "refused": [_slot_view(ground, slot) for slot in found.refused],
    }
    return json_answer(content)


def _slot_view(ground: Ground, slot: Slot) -> dict[str, Any]:
    return {
        "edit": said_edit(ground.problem, slot.edit),
        "is_feasible": slot.is_feasible,
        "channel": slot.channel.value,
        "price": said_price(slot.price),
        "members": list(slot.members),
        "crews": [said_crew(ground.problem, crew) for crew in slot.crews],
        "refusals": [
            {
                "violation": said_violations([refusal.violation])[0],
                "shortfall": refusal.shortfall,
                "unit": refusal.unit,
            }
            for refusal in slot.refusals
        ],
    }
