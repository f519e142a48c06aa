"""Who is sent to a follow-up by a published plan: whichever team it is of, its crew may see and record it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.identity import Identity
from api.store.database import Database
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, PlanState, WeekPlan
from api.store.scope import Scope


def crew_of(session: Session, row: FollowUp) -> frozenset[str]:
    """The members, by external id, whom published plans in sight send to a follow-up."""
    query = (
        select(PlannedStop.members)
        .join(WeekPlan, WeekPlan.id == PlannedStop.plan_id)
        .where(PlannedStop.organisation_id == row.organisation_id, PlannedStop.follow_up == row.external_id)
        .where(PlannedStop.follow_up_id == row.id, WeekPlan.state == PlanState.PUBLISHED.value)
    )
    return frozenset(member for members in session.scalars(query) for member in members)


def with_own_crew(store: Database, caller: Identity, scope: Scope, follow_up_id: str) -> Scope:
    """The scope of an action on one follow-up; not narrowed to teams where the caller is of its crew."""
    if scope.team_ids is None or caller.member_external_id is None:
        return scope
    whole = Scope(frozenset(caller.organisation_ids), None, caller.actor)
    with store.session(whole, read_only=True) as session:
        row = session.scalars(select(FollowUp).where(FollowUp.id == follow_up_id)).one_or_none()
        return whole if row is not None and caller.member_external_id in crew_of(session, row) else scope
