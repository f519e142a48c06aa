"""Calendar feeds: who may have one of whom, and what it shows: what is published, as places and counts."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.identity import Identity
from api.access.permissions import Reach
from api.exports.calendar import CalendarOptions, calendar_of, crew_calendar, member_events
from api.exports.feed_tokens import Feed
from api.exports.handing_out import DAY_SHEETS, chosen_crews, get_plan
from api.exports.opening import Opened, nameless_week, opened
from api.service.problems import ProblemError
from api.store.models.organisations import Organisation
from api.store.models.plans import PlanState, WeekPlan
from api.store.models.resources import Member
from api.store.scope import StoreSession

WEEKS_BACK = timedelta(weeks=5)
"""A member's feed shows published weeks that changed no longer ago than this."""


def crew_feed(session: StoreSession, caller: Identity, plan_id: str, crew: str, expires_at: int) -> Feed:
    """The feed of a crew of a plan. Raises ProblemError when the caller may not print its sheet."""
    found = get_plan(session, plan_id)
    chosen_crews(found, caller, [crew])
    return Feed(found.organisation_id, found.id, crew, "", expires_at)


def member_feed(session: Session, caller: Identity, organisation_id: str, member: str, expires_at: int) -> Feed:
    """The feed of a member: the caller, or one of a team that the caller leads. Raises ProblemError."""
    query = select(Member).where(Member.external_id == member, Member.organisation_id == organisation_id)
    row = session.scalars(query).one_or_none()
    if row is None or row.is_deleted or not _may_have(caller, row):
        raise ProblemError("NOT_FOUND")
    return Feed(organisation_id, "", "", row.external_id, expires_at)


def feed_calendar(session: Session, feed: Feed, moment: datetime) -> bytes | None:
    """What is published of a feed's subject, an empty calendar where nothing is; None when its organisation is gone."""
    home = session.scalars(select(Organisation).where(Organisation.id == feed.organisation_id)).one_or_none()
    if home is None or not home.is_active:
        return None
    query = select(WeekPlan).where(WeekPlan.state == PlanState.PUBLISHED.value)
    if feed.plan_id:
        row = session.scalars(query.where(WeekPlan.id == feed.plan_id)).one_or_none()
        if row is None:
            return calendar_of(f"{feed.crew}.{feed.plan_id}", [])
        found = opened(session, row)
        return crew_calendar(nameless_week(session, found), feed.crew, _options(found))
    recent = query.where(WeekPlan.updated_at >= moment - WEEKS_BACK).order_by(WeekPlan.week)
    weeks = [opened(session, row) for row in session.scalars(recent).all()]
    events = (member_events(nameless_week(session, one), feed.member, _options(one)) for one in weeks)
    return calendar_of(feed.member, [event for found_events in events for event in found_events])


def _may_have(caller: Identity, member: Member) -> bool:
    """Whether it is the caller, or one of a team that the caller leads."""
    if member.organisation_id not in caller.organisation_ids:
        return False
    if member.external_id == caller.member_external_id:
        return True
    return (caller.reach(DAY_SHEETS) or 0) >= Reach.OWN_TEAM and member.team in caller.team_external_ids


def _options(found: Opened) -> CalendarOptions:
    return CalendarOptions(found.id, found.version, found.changed_at)
