"""Published plans for the tests, written as rows without solving anything."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.outbox import enqueue_published
from api.store.base import new_id
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, PlanProblem, PlanState, WeekPlan
from tests.api.contract.places import WEEK, Township1

MONDAY = date(2026, 11, 23)


def publish(town: Township1, follow_ups: Iterable[str], *, number: int = 1, day: int = 0, channel: str = "home") -> int:
    """Publish a plan of these follow-ups on one day; gives how many messages it queued."""
    with town.database.session(town.scope) as session:
        plan = _plan(session, town, number)
        start = datetime(2026, 11, 23, 0, 30, tzinfo=UTC) + timedelta(days=day)
        for place, name in enumerate(follow_ups, start=1):
            session.add(
                PlannedStop(
                    organisation_id=town.organisation_id,
                    plan_id=plan.id,
                    channel=channel,
                    day=MONDAY + timedelta(days=day),
                    half_day=2 * day,
                    crew="C1",
                    members=["M001", "M002"],
                    place=place,
                    site="V001",
                    team="T01",
                    follow_up=name,
                    start_at=start,
                    end_at=start + timedelta(minutes=15),
                )
            )
        session.flush()
        return enqueue_published(session, plan)


def _plan(session: Session, town: Township1, number: int) -> WeekPlan:
    for earlier in session.scalars(select(WeekPlan).where(WeekPlan.state == PlanState.PUBLISHED)):
        earlier.state = PlanState.SUPERSEDED
    problem = PlanProblem(id=new_id(), organisation_id=town.organisation_id, input_hash=new_id(), document=b"{}")
    session.add(problem)
    session.flush()
    plan = WeekPlan(
        id=new_id(),
        organisation_id=town.organisation_id,
        week=WEEK,
        number=number,
        state=PlanState.PUBLISHED,
        problem_id=problem.id,
        cost_total=0,
        cost_parts={},
        kpis={},
        is_feasible=True,
    )
    session.add(plan)
    session.flush()
    return plan


def pending_ids(town: Township1) -> list[str]:
    """External ids of the follow-ups that would be planned."""
    query = select(FollowUp.external_id).where(FollowUp.is_deleted.is_(False), FollowUp.plan_status.in_((0, 3)))
    with town.database.session(town.scope, read_only=True) as session:
        return sorted(session.scalars(query))
