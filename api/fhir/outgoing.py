"""Planned visits as Appointments, patrol sites as Schedules, held sessions as Slots with their free places.

Pure functions from values to resources. A resident is an opaque reference, the reason is "健康随访" and nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from api.exports.calendar import moment_of
from api.fhir.words import (
    CHANNEL,
    FOLLOW_UP,
    HEALTH_FOLLOW_UP,
    MEMBER,
    RESIDENT,
    SESSION,
    SITE,
    TEAM,
    Resource,
    extension,
    instant,
    logical,
    stable_id,
)
from api.week_sheets import Week
from optimizer.bundle import stop_seconds
from optimizer.calendar import day_of
from optimizer.model import Session
from optimizer.plan import Crew, Stop, StopKind

CHANNEL_TITLES = {"home": "入户 home visit", "patrol": "巡诊 patrol session", "phone": "电话 phone call"}


@dataclass(frozen=True, slots=True)
class Published:
    """Of which published plan something is: organisation, week and when it changed last."""

    organisation_id: str
    week: str
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One follow-up of a published plan; several crews do it when it is a joint visit."""

    follow_up_id: str
    """Ours."""
    external_id: str
    """The source's."""
    resident_id: str
    """Ours: opaque to everybody else."""
    channel: str
    start: datetime
    end: datetime
    site: str
    members: tuple[str, ...]
    teams: tuple[str, ...]
    session: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A follow-up of the store as others may know it."""

    id: str
    external_id: str
    resident_id: str
    site: str
    team: str
    due: date
    earliest: date | None
    latest: date | None
    plan_status: int
    is_deleted: bool
    version: int
    changed_at: datetime


def appointment_id(follow_up_id: str, week: str) -> str:
    """The id of an appointment: it stays when the week is planned anew."""
    return f"{follow_up_id}-{week}"


def slot_id(published: Published, session: str) -> str:
    """The id of a session's slot."""
    return f"{published.week}-{stable_id('slot', published.organisation_id, session)}"


def schedule_id(organisation_id: str, site: str) -> str:
    """The id of a patrol site's schedule, the same in every week."""
    return stable_id("schedule", organisation_id, site)


def appointment(visit: Visit, published: Published) -> Resource:
    """A planned visit."""
    people = [logical("Patient", RESIDENT, visit.resident_id)]
    people += [logical("Practitioner", MEMBER, name) for name in visit.members]
    people += [logical("Location", SITE, visit.site)] if visit.site else []
    found: Resource = {
        "resourceType": "Appointment",
        "id": appointment_id(visit.follow_up_id, published.week),
        "meta": _meta(published),
        "status": "booked",
        "serviceCategory": [
            {"coding": [{"system": CHANNEL, "code": visit.channel}], "text": CHANNEL_TITLES.get(visit.channel, "")}
        ],
        "serviceType": [HEALTH_FOLLOW_UP],
        "start": instant(visit.start),
        "end": instant(visit.end),
        "minutesDuration": max(1, round((visit.end - visit.start).total_seconds() / 60)),
        "basedOn": [logical("ServiceRequest", FOLLOW_UP, visit.external_id)],
        "participant": [{"actor": actor, "status": "accepted"} for actor in people],
        "extension": [extension("team", "valueReference", logical("CareTeam", TEAM, team)) for team in visit.teams],
    }
    if visit.session:
        found["slot"] = [{"reference": f"Slot/{slot_id(published, visit.session)}"}]
    if not found["extension"]:
        del found["extension"]
    return found


def pending(kind: str, follow_up: Pending) -> Resource:
    """A follow-up as the ServiceRequest or Task that it came as; the rule is not told."""
    states = {"ServiceRequest": ("active", "completed", "revoked"), "Task": ("requested", "completed", "cancelled")}
    due, done, ended = states[kind]
    status = {0: due, 3: due, 1: done, 5: done}.get(follow_up.plan_status, ended)
    period = {"start": follow_up.earliest, "end": follow_up.latest}
    window = {name: day.isoformat() for name, day in period.items() if day is not None}
    place, team = logical("Location", SITE, follow_up.site), logical("CareTeam", TEAM, follow_up.team)
    resident = logical("Patient", RESIDENT, follow_up.resident_id)
    found: Resource = {
        "resourceType": kind,
        "id": follow_up.id,
        "meta": {"versionId": str(follow_up.version), "lastUpdated": instant(follow_up.changed_at)},
        "identifier": [{"system": FOLLOW_UP, "value": follow_up.external_id}],
        "status": "entered-in-error" if follow_up.is_deleted else status,
        "intent": "order",
        "code": HEALTH_FOLLOW_UP,
        "extension": [extension("due-date", "valueDate", follow_up.due.isoformat())],
    }
    if kind == "Task":
        found |= {"for": resident, "location": place}
        found |= {"restriction": {"period": window}} if window else {}
        return found | ({"owner": team} if follow_up.team else {})
    found |= {"subject": resident, "locationReference": [place]}
    found |= {"occurrencePeriod": window} if window else {}
    return found | ({"performer": [team]} if follow_up.team else {})


def schedule(organisation_id: str, site: str, days: tuple[datetime, datetime], changed_at: datetime) -> Resource:
    """A place where sessions are held; the horizon is what is planned."""
    return {
        "resourceType": "Schedule",
        "id": schedule_id(organisation_id, site),
        "meta": {"lastUpdated": instant(changed_at)},
        "active": True,
        "serviceType": [HEALTH_FOLLOW_UP],
        "actor": [logical("Location", SITE, site)],
        "planningHorizon": {"start": instant(days[0]), "end": instant(days[1])},
    }


def slots(week: Week, published: Published) -> Iterator[Resource]:
    """A slot for every session held, in order of time."""
    held = [(crew, stop) for crew in week.crews() for stop in crew.stops if stop.kind is StopKind.SESSION]
    for crew, stop in sorted(
        held, key=lambda pair: (day_of(pair[0].half_days[0]), pair[1].start_seconds, pair[1].site)
    ):
        yield _slot(week, crew, stop, published)


def _slot(week: Week, crew: Crew, stop: Stop, published: Published) -> Resource:
    session, day = week.session(stop.session), day_of(crew.half_days[0])
    people, minutes = free_room(week, crew, stop, session)
    is_free = people > 0 and minutes > 0
    return {
        "resourceType": "Slot",
        "id": slot_id(published, session.id),
        "meta": _meta(published),
        "identifier": [{"system": SESSION, "value": session.id}],
        "serviceType": [HEALTH_FOLLOW_UP],
        "schedule": {"reference": f"Schedule/{schedule_id(published.organisation_id, stop.site)}"},
        "status": "free" if is_free else "busy",
        "start": instant(moment_of(week, day, stop.start_seconds)),
        "end": instant(moment_of(week, day, stop.end_seconds)),
        "extension": [
            extension("free-places", "valueUnsignedInt", people if is_free else 0),
            extension("free-minutes", "valueUnsignedInt", minutes if is_free else 0),
        ],
    }


def free_room(week: Week, crew: Crew, stop: Stop, session: Session) -> tuple[int, int]:
    """Residents and person-minutes that a session could still take."""
    items = [week.item(name) for name in stop.follow_ups]
    people = session.max_contacts - len({item.resident for item in items})
    seconds = session.net_seconds_per_member * len(crew.members) - stop_seconds(
        items, StopKind.SESSION, week.problem.parameters
    )
    return max(0, people), max(0, seconds // 60)


def horizon(week: Week) -> tuple[datetime, datetime]:
    """From the first to the end of the last planning day."""
    last = len(week.problem.days) - 1
    return moment_of(week, 0, 0), moment_of(week, last, 24 * 3600)


def schedules(weeks: Iterable[tuple[Week, Published]]) -> list[Resource]:
    """One schedule for every site with sessions, over all weeks that are planned."""
    spans: dict[tuple[str, str], tuple[datetime, datetime, datetime]] = {}
    for week, published in weeks:
        start, end = horizon(week)
        for site in sorted({stop.site for crew in week.crews() for stop in crew.stops if stop.session}):
            key = (published.organisation_id, site)
            first, last, changed = spans.get(key, (start, end, published.changed_at))
            spans[key] = (min(first, start), max(last, end), max(changed, published.changed_at))
    return [schedule(key[0], key[1], (first, last), changed) for key, (first, last, changed) in sorted(spans.items())]


def _meta(published: Published) -> Resource:
    return {"versionId": str(published.version), "lastUpdated": instant(published.changed_at)}
