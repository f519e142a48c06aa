"""A plan of the store as a week to print for one caller: words for the people whom that caller may see, and no others.

Names and phone numbers are opened for these alone, so the audit log tells exactly who was read. The reason of a
sensitive follow-up is taken away where the caller is neither of its crew nor its leader.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.identity import Identity
from api.access.masking import Subject, is_near, is_sensitive
from api.access.permissions import Reach
from api.exports.week import exported_week
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import WeekPlan
from api.store.models.residents import Resident
from api.store.models.resources import Member, Site, Team, Vehicle
from api.week_sheets import Week
from api.weeks import plan_of, problem_of
from optimizer.model import SiteKind
from optimizer.plan import Crew, Plan, StopKind
from optimizer.problem import Problem
from optimizer.tables import Labels, Person

MOST_AT_ONCE = 500
"""Ids in one query; databases have limits."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan as it is kept: which one, its problem and its document."""

    id: str
    organisation_id: str
    week: str
    version: int
    state: str
    changed_at: datetime
    problem: Problem
    plan: Plan


def find_plan(session: Session, plan_id: str) -> Opened | None:
    """A plan in sight of the session, or None."""
    row = session.scalars(select(WeekPlan).where(WeekPlan.id == plan_id)).one_or_none()
    return None if row is None else opened(session, row)


def opened(session: Session, row: WeekPlan) -> Opened:
    """A plan with its problem and document."""
    return Opened(
        row.id,
        row.organisation_id,
        row.week,
        row.version,
        row.state,
        row.updated_at,
        problem_of(session, row),
        plan_of(session, row),
    )


def near_follow_ups(found: Opened, caller: Identity) -> frozenset[str]:
    """The follow-ups whose resident the caller may see: of the own crew, or of a team that the caller leads."""
    sent: dict[str, set[str]] = {}
    for crew in found.plan.crews:
        for name in (name for stop in crew.stops for name in stop.follow_ups):
            sent.setdefault(name, set()).update(crew.members)
    for call in found.plan.phone_calls:
        sent.setdefault(call.follow_up, set()).add(call.member)
    return frozenset(
        item.id
        for item in found.problem.follow_ups
        if is_near(caller, Subject(found.organisation_id, item.team or None, frozenset(sent.get(item.id, ()))))
    )


def on_led_crews(found: Opened, caller: Identity) -> frozenset[str]:
    """The follow-ups that crews of teams that the caller leads go to, whichever team the residents signed with.

    Whoever hands a sheet to a crew may read it: teams help each other out, and a sheet of ids finds no door.
    """
    if (caller.reach("residents:read_personal") or Reach.OWN_SELF) < Reach.OWN_TEAM:
        return frozenset()
    led = [crew for crew in found.plan.crews if crew.team in caller.team_external_ids]
    return frozenset(name for crew in led for stop in crew.stops for name in stop.follow_ups)


def exact_homes(found: Opened, near: Collection[str]) -> frozenset[str]:
    """The homes of the plan at which the caller may see everybody."""
    stops = [stop for crew in found.plan.crews for stop in crew.stops if stop.kind is StopKind.HOME]
    hidden = {stop.site for stop in stops if not all(name in near for name in stop.follow_ups)}
    return frozenset(stop.site for stop in stops) - hidden


def own_crews(found: Opened, caller: Identity, action: str) -> list[str]:
    """The crews whose sheets the caller may print: by reach all, those of the led teams, or those they go with."""
    reach = caller.reach(action)

    def is_own(crew: Crew) -> bool:
        if reach is None or caller.member_external_id in crew.members:
            return reach is not None
        return reach >= Reach.OWN_ORGANISATION or (reach is Reach.OWN_TEAM and crew.team in caller.team_external_ids)

    return [crew.id for crew in found.plan.crews if is_own(crew)]


def week_for(
    session: Session, found: Opened, near: Collection[str], caller: Identity, crews: Collection[str] | None = None
) -> Week:
    """The week with words for places, the residents of some follow-ups, and the members of all crews or of some.

    Whoever may see nobody's personal words sees members by their ids too.
    """
    labels = place_labels(session, found)
    if caller.may("residents:read_personal"):
        members = {name for crew in found.plan.crews if crews is None or crew.id in crews for name in crew.members}
        members |= {call.member for call in found.plan.phone_calls if crews is None}
        rows = _rows(session, found, Member, members)
        labels.members = {row.external_id: Person(row.name or row.external_id, row.phone or "") for row in rows}
    _add_residents(session, found, labels, near)
    week = exported_week(found.problem, found.plan, labels)  # judged as it is, shown without what must stay hidden
    return replace(week, problem=without_reasons(found.problem, near))


def nameless_week(session: Session, found: Opened) -> Week:
    """The week with words for places, teams and vehicles only: nothing personal is opened."""
    return exported_week(found.problem, found.plan, place_labels(session, found))


def place_labels(session: Session, found: Opened) -> Labels:
    """Names of sites, teams and vehicles."""
    labels = Labels()
    parts: tuple[tuple[dict[str, str], Any, Iterable[str]], ...] = (
        (labels.sites, Site, (site.id for site in found.problem.sites if site.kind is not SiteKind.HOUSEHOLD)),
        (labels.teams, Team, (team.id for team in found.problem.teams)),
        (labels.vehicles, Vehicle, (vehicle.id for vehicle in found.problem.vehicles)),
    )
    for words, kind, ids in parts:
        words.update({row.external_id: row.name or row.external_id for row in _rows(session, found, kind, ids)})
    return labels


def without_reasons(problem: Problem, near: Collection[str]) -> Problem:
    """The problem with no rule and no second crew where the caller may not know the reason."""
    hidden = [
        item.id for item in problem.follow_ups if item.id not in near and is_sensitive(item.rule, item.order_class)
    ]
    if not hidden:
        return problem
    names = frozenset(hidden)
    items = (replace(item, rule="", joint=None) if item.id in names else item for item in problem.follow_ups)
    return replace(problem, follow_ups=tuple(items))


def _rows(session: Session, found: Opened, kind: Any, ids: Iterable[str]) -> list[Any]:
    """Rows of the plan's organisation by external id."""
    names = sorted(set(ids))
    rows: list[Any] = []
    for start in range(0, len(names), MOST_AT_ONCE):
        part = names[start : start + MOST_AT_ONCE]
        query = select(kind).where(kind.organisation_id == found.organisation_id, kind.external_id.in_(part))
        rows += session.scalars(query)
    return rows


def _add_residents(session: Session, found: Opened, labels: Labels, near: Collection[str]) -> None:
    """Words for the residents of some follow-ups."""
    numbers = {item.id: item.resident for item in found.problem.follow_ups}
    rows = _rows(session, found, FollowUp, near)
    people: dict[str, Resident] = {}
    ids = sorted({row.resident_id for row in rows})
    for start in range(0, len(ids), MOST_AT_ONCE):
        query = select(Resident).where(Resident.id.in_(ids[start : start + MOST_AT_ONCE]))
        people |= {row.id: row for row in session.scalars(query)}
    known = {name: Person(row.name or "", row.phone or "", row.address or "") for name, row in people.items()}
    for row in rows:
        if row.resident_id in known:
            labels.residents[row.external_id] = known[row.resident_id]
            labels.resident_ids[numbers[row.external_id]] = people[row.resident_id].external_id
