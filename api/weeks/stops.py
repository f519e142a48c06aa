"""Rows of stops and pins from a plan, for filters and for writing back; the document stays the truth.

Rows that are there already and say the same are kept, so that an edit writes what it changed and no more.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, PlanPin, WeekPlan
from optimizer.calendar import HALVES_PER_DAY
from optimizer.model import Channel, Pin
from optimizer.plan import Crew, Plan, Stop, StopKind
from optimizer.problem import Problem

LOCAL = timezone(timedelta(hours=8))
"""China has one time and no summer time."""
OWN = {"id", "created_at", "organisation_id", "plan_id", "follow_up_id"}
"""Columns of a row that do not come from the document."""
Values = dict[str, Any]


def write_rows(
    session: Session,
    row: WeekPlan,
    problem: Problem,
    plan: Plan,
    pins: tuple[Pin, ...],
    before: Plan | None = None,
) -> None:
    """Make the rows of stops and pins what the plan says; those of the plan `before`, if given, are there already."""
    if before is None:
        _add_stops(session, row, _rows_to_add(session, row, PlannedStop, list(stop_values(problem, plan))))
    else:
        _write_changed(session, row, problem, before, plan)
    own_pins = _rows_to_add(session, row, PlanPin, [pin_values(pin) for pin in pins])
    session.add_all(PlanPin(**values, organisation_id=row.organisation_id, plan_id=row.id) for values in own_pins)
    session.flush()


def _add_stops(session: Session, row: WeekPlan, stops: list[Values]) -> None:
    """Add rows of stops with our ids of their follow-ups."""
    names = {values["follow_up"] for values in stops if values["follow_up"]}
    known = select(FollowUp.external_id, FollowUp.id).where(
        FollowUp.organisation_id == row.organisation_id, FollowUp.external_id.in_(names)
    )
    ids = {found.external_id: found.id for found in session.execute(known)} if names else {}
    whose = {"organisation_id": row.organisation_id, "plan_id": row.id}
    session.add_all(PlannedStop(**values, **whose, follow_up_id=ids.get(values["follow_up"] or "")) for values in stops)


def _write_changed(session: Session, row: WeekPlan, problem: Problem, before: Plan, plan: Plan) -> None:
    """Write the crews and calls that differ between two plans anew, and no others."""
    old, new = {crew.id: crew for crew in before.crews}, {crew.id: crew for crew in plan.crews}
    crews = {name for name in {**old, **new} if old.get(name) != new.get(name)}
    calls = set(before.phone_calls) ^ set(plan.phone_calls)
    called = {call.follow_up for call in calls}
    is_stale = PlannedStop.crew.in_(crews) | (PlannedStop.crew.is_(None) & PlannedStop.follow_up.in_(called))
    session.execute(
        delete(PlannedStop).where(PlannedStop.plan_id == row.id, is_stale),
        execution_options={"synchronize_session": False},
    )
    part = Plan(
        crews=tuple(crew for crew in plan.crews if crew.id in crews),
        phone_calls=tuple(call for call in plan.phone_calls if call in calls),
    )
    _add_stops(session, row, list(stop_values(problem, part)))


def stop_values(problem: Problem, plan: Plan) -> Iterator[Values]:
    """One row for every planned follow-up, and one for every held session that nobody is booked for."""
    for crew in plan.crews:
        for place, stop in enumerate(crew.stops, start=1):
            shared = _of_stop(problem, crew, stop, place)
            for name in stop.follow_ups or (None,):
                yield {**shared, "follow_up": name}
    for call in plan.phone_calls:
        member = problem.members[problem.member_number[call.member]]
        yield {
            **_of_half_day(problem, call.half_day),
            "channel": Channel.PHONE.value,
            "crew": None,
            "team": member.team,
            "members": [call.member],
            "vehicle": None,
            "place": 0,
            "site": None,
            "session": None,
            "follow_up": call.follow_up,
            "arrival_at": None,
            "start_at": None,
            "end_at": None,
        }


def pin_values(pin: Pin) -> Values:
    """A pin as values of a row or of a revision."""
    return {
        "target": pin.target,
        "channel": pin.channel.value if pin.channel else None,
        "day": pin.day,
        "half_day": pin.half_day,
        "members": list(pin.members),
        "start_seconds": pin.start_seconds,
    }


def pin_of(values: Values) -> Pin:
    """The way back."""
    channel = Channel(values["channel"]) if values["channel"] else None
    return Pin(**{**values, "channel": channel, "members": tuple(values["members"])})


def _of_stop(problem: Problem, crew: Crew, stop: Stop, place: int) -> Values:
    day = problem.days[crew.half_days[0] // HALVES_PER_DAY]
    is_late = len(crew.half_days) > 1 and stop.start_seconds >= day.lunch_latest_seconds + day.lunch_seconds
    half_day = crew.half_days[-1] if is_late else crew.half_days[0]
    return {
        **_of_half_day(problem, half_day),
        "channel": (Channel.PATROL if stop.kind is StopKind.SESSION else Channel.HOME).value,
        "crew": crew.id,
        "team": crew.team,
        "members": list(crew.members),
        "vehicle": crew.vehicle,
        "place": place,
        "site": stop.site,
        "session": stop.session or None,
        "arrival_at": moment(day.date, stop.arrival_seconds),
        "start_at": moment(day.date, stop.start_seconds),
        "end_at": moment(day.date, stop.end_seconds),
    }


def _of_half_day(problem: Problem, half_day: int) -> Values:
    return {"half_day": half_day, "day": problem.days[half_day // HALVES_PER_DAY].date}


def moment(day: date, seconds: int) -> datetime:
    """The moment so many seconds after midnight in China."""
    return datetime.combine(day, time(), LOCAL) + timedelta(seconds=seconds)


def _rows_to_add(
    session: Session, plan: WeekPlan, kind: type[PlannedStop] | type[PlanPin], wanted: list[Values]
) -> list[Values]:
    """Deletes the plan's rows that are not wanted, and gives the values of those that are missing."""
    keys = sorted(column.key for column in kind.__mapper__.column_attrs if column.key not in OWN)
    known = select(kind.id, *(getattr(kind, key) for key in keys)).where(kind.plan_id == plan.id)
    found: dict[tuple[Any, ...], list[str]] = {}
    for own, *present in session.execute(known):
        found.setdefault(_sign(present), []).append(own)
    missing = []
    for values in wanted:
        same = found.get(_sign(values[key] for key in keys))
        if same:
            same.pop()
        else:
            missing.append(values)
    gone = [own for ids in found.values() for own in ids]
    if gone:  # before the others come: a target is pinned once
        session.execute(delete(kind).where(kind.id.in_(gone)), execution_options={"synchronize_session": False})
    return missing


def _sign(values: Iterable[Any]) -> tuple[Any, ...]:
    """Values for comparing; moments are equal when they are the same instant."""
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
