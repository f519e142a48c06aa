"""What other systems have to be told, written in the transaction that made it true; `push` sends it afterwards."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.cells import Json
from api.contract.codes import NoVisitReason, PlanStatus, VisitEffect, VisitWay
from api.contract.sources import list_sources
from api.contract.vendors import Vendor, get_vendor
from api.store.models.exchange import (
    ContractSource,
    ExchangeRecord,
    OutboxMessage,
    OutboxState,
    Topic,
    WebhookSubscription,
)
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, WeekPlan
from api.store.models.resources import Site
from optimizer.calendar import HALVES_PER_DAY
from optimizer.model import Channel, SiteKind

HALVES = ("morning", "afternoon")
PLANNED, CANCELLED = "planned", "cancelled"
_ABOUT_THE_PLAN = ("plan_id", "revision")
"""Parts of an appointment that may change without the appointment itself changing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a follow-up ended, to be written back."""

    status: PlanStatus
    done_on: date
    way: VisitWay | None = None
    effect: VisitEffect | None = None
    no_visit_reason: NoVisitReason | None = None
    next_date: date | None = None


def enqueue_published(session: Session, plan: WeekPlan) -> int:
    """Queue the appointments of a plan that is being published, cancellations of those it no longer has, and the news
    for subscribers; gives how many messages. Call it in the publishing transaction.

    An appointment that the contract system has been told already is not told again.
    """
    count = 0
    for source in list_sources(session, plan.organisation_id):
        count += _enqueue_appointments(session, plan, source)
    return count + _enqueue_news(session, plan)


def enqueue_outcome(session: Session, follow_up: FollowUp, outcome: Outcome) -> int:
    """Queue how a follow-up ended for the contract system that it came from; 0 where it came from none."""
    for source in list_sources(session, follow_up.organisation_id):
        if follow_up.external_id in _own_ids(session, source, [follow_up.external_id]):
            payload: dict[str, Json] = {
                "external_id": follow_up.external_id,
                "plan_status": int(outcome.status),
                "visit_way": int(outcome.way) if outcome.way is not None else None,
                "visit_effect": int(outcome.effect) if outcome.effect is not None else None,
                "no_visit_reason": str(outcome.no_visit_reason) if outcome.no_visit_reason is not None else None,
                "done_on": outcome.done_on.isoformat(),
                "next_date": outcome.next_date.isoformat() if outcome.next_date is not None else None,
            }
            session.add(_to_source(source, Topic.OUTCOME, payload, None))
            session.flush()
            return 1
    return 0


def _enqueue_appointments(session: Session, plan: WeekPlan, source: ContractSource) -> int:
    told = _told(session, source, plan.week)
    wanted = _appointments(session, plan, source)
    news = [payload for name, payload in wanted.items() if not _is_same(told.get(name), payload)]
    gone = [name for name, payload in told.items() if payload["state"] == PLANNED and name not in wanted]
    news += [
        {"external_id": name, **_about(plan), "state": CANCELLED, "plan_date": told[name]["plan_date"],
         "half_day": told[name]["half_day"]}
        for name in sorted(gone)
    ]  # fmt: skip
    session.add_all(_to_source(source, Topic.APPOINTMENT, payload, plan.week) for payload in news)
    session.flush()
    return len(news)


def _told(session: Session, source: ContractSource, week: str) -> dict[str, dict[str, Json]]:
    """The last appointment of each record that was queued for a week."""
    query = select(OutboxMessage).where(
        OutboxMessage.source_id == source.id, OutboxMessage.topic == Topic.APPOINTMENT, OutboxMessage.week == week
    )
    rows = session.scalars(query.order_by(OutboxMessage.number))
    return {str(row.payload["external_id"]): row.payload for row in rows}


def _is_same(told: dict[str, Json] | None, payload: dict[str, Json]) -> bool:
    if told is None:
        return False
    return {**told, **dict.fromkeys(_ABOUT_THE_PLAN)} == {**payload, **dict.fromkeys(_ABOUT_THE_PLAN)}


def _appointments(session: Session, plan: WeekPlan, source: ContractSource) -> dict[str, dict[str, Json]]:
    """The appointments of a plan for the records of one contract system, by id."""
    query = select(PlannedStop).where(PlannedStop.plan_id == plan.id, PlannedStop.follow_up.is_not(None))
    stops = session.scalars(query.order_by(PlannedStop.day, PlannedStop.crew, PlannedStop.place, PlannedStop.id)).all()
    own = _own_ids(session, source, [stop.follow_up for stop in stops if stop.follow_up is not None])
    kinds = select(Site.external_id, Site.kind).where(Site.organisation_id == plan.organisation_id)
    communities = {name for name, kind in session.execute(kinds) if kind == SiteKind.COMMUNITY}
    vendor = get_vendor(source.vendor)
    found: dict[str, dict[str, Json]] = {}
    for stop in stops:
        name = stop.follow_up
        if name is not None and name in own and name not in found:  # a joint visit has two crews: the first is told
            is_community = stop.channel == Channel.PATROL and stop.site in communities
            found[name] = {
                "external_id": name,
                **_about(plan),
                **_when_and_how(stop, vendor, is_community=is_community),
            }
    return found


def _about(plan: WeekPlan) -> dict[str, Json]:
    return {"plan_id": plan.id, "revision": plan.revision, "week": plan.week}


def _when_and_how(stop: PlannedStop, vendor: Vendor, *, is_community: bool) -> dict[str, Json]:
    channel = "patrol_community" if is_community else stop.channel
    members: list[Json] = [*stop.members]
    return {
        "state": PLANNED,
        "plan_date": stop.day.isoformat(),
        "half_day": HALVES[stop.half_day % HALVES_PER_DAY],
        "start": _text(stop.start_at),
        "end": _text(stop.end_at),
        "visit_way": vendor.visit_ways[channel],
        "site": stop.site,
        "team": stop.team,
        "members": members,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _own_ids(session: Session, source: ContractSource, names: Iterable[str]) -> set[str]:
    """Which follow-ups came from the contract system; those that we made ourselves are unknown to it."""
    query = select(ExchangeRecord.external_id).where(
        ExchangeRecord.source_id == source.id,
        ExchangeRecord.is_deleted.is_(False),
        ExchangeRecord.follow_up_id.is_not(None),
        ExchangeRecord.external_id.in_(list(names)),
    )
    return set(session.scalars(query))


def _enqueue_news(session: Session, plan: WeekPlan) -> int:
    """Tell the subscribers that a plan was published."""
    query = select(WebhookSubscription).where(
        WebhookSubscription.organisation_id == plan.organisation_id, WebhookSubscription.is_active.is_(True)
    )
    wanted = [row for row in session.scalars(query) if Topic.PLAN_PUBLISHED in row.events]
    for row in wanted:
        session.add(
            OutboxMessage(
                organisation_id=plan.organisation_id,
                subscription_id=row.id,
                topic=Topic.PLAN_PUBLISHED,
                order_key=f"{row.id}:{plan.week}",
                week=plan.week,
                payload={**_about(plan), "organisation_id": plan.organisation_id, "number": plan.number},
            )
        )
    session.flush()
    return len(wanted)


def _to_source(source: ContractSource, topic: Topic, payload: dict[str, Json], week: str | None) -> OutboxMessage:
    return OutboxMessage(
        organisation_id=source.organisation_id,
        source_id=source.id,
        topic=topic,
        order_key=f"{source.id}:{payload['external_id']}",
        week=week,
        payload=json.loads(json.dumps(payload)),
        state=OutboxState.PENDING,
    )
