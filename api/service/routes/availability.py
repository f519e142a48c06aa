"""When the members of a team can go out or be at their desks in one week, half-day by half-day."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.service.bodies import Answer, RowId, Week, Word
from api.service.changes import organisation_in
from api.service.deps import Store
from api.service.edit_bodies import HALVES
from api.service.resource_routes import answered, json_answer
from api.service.routing import new_router
from api.store.models.organisations import Setting
from api.store.models.resources import Member
from optimizer.calendar import HALVES_PER_DAY, Day
from optimizer.due import NotationError
from optimizer.tables import Grid, monday_of
from optimizer.tables.cells import rows_of
from optimizer.tables.faults import Log
from optimizer.tables.half_days import parse_half_days
from optimizer.tables.settings import read_settings

router = new_router("members")


class HalfDay(Answer):
    """One working half-day of the week."""

    day: date
    half: Literal["am", "pm"]


class Available(Answer):
    """The half-days of one member."""

    id: str
    external_id: str
    team: str
    field: list[HalfDay]
    desk: list[HalfDay]


class Availability(Answer):
    """The half-days of the members in one week; closed half-days are left out."""

    organisation_id: str
    week: str
    items: list[Available]


@router.get("/v1/availability", **answered(Availability), **action("resources:read"))
def list_availability(
    week: Annotated[Week, Query()],
    scope: CallerScope,
    store: Store,
    organisation_id: RowId | None = None,
    team: Annotated[Word | None, Query()] = None,
) -> Response:
    """When each member can go out or be at the desk in a week, with the organisation's holidays and closed halves."""
    owner = organisation_in(scope, organisation_id)
    query = select(Member).where(Member.organisation_id == owner, Member.is_deleted.is_(False))
    if team is not None:
        query = query.where(Member.team == team)
    with store.session(scope, read_only=True) as session:
        days = days_of(session, owner, monday_of(week))
        items = [_available(row, days) for row in session.scalars(query.order_by(Member.external_id))]
    return json_answer({"organisation_id": owner, "week": week, "items": items})


def days_of(session: Session, organisation_id: str, monday: date) -> tuple[Day, ...]:
    """The planning days of an organisation's week; none when it does not work in it."""
    stored = session.scalars(select(Setting).where(Setting.organisation_id == organisation_id))
    cells = tuple((number, (row.key, row.value)) for number, row in enumerate(stored, start=2))
    log = Log()
    return read_settings(rows_of(Grid("settings", ("key", "value"), cells), "settings", log), monday, log).days


def _available(row: Member, days: tuple[Day, ...]) -> dict[str, Any]:
    return {
        "id": row.id,
        "external_id": row.external_id,
        "team": row.team,
        "field": _half_days(row.field, days),
        "desk": _half_days(row.desk or "", days),
    }


def _half_days(text: str, days: tuple[Day, ...]) -> list[dict[str, str]]:
    """The half-days that a notation names; none where it cannot be read, which the row's own judge tells."""
    try:
        numbers = parse_half_days(text, days) if text else ()
    except NotationError:
        return []
    return [
        {"day": days[number // HALVES_PER_DAY].date.isoformat(), "half": HALVES[number % HALVES_PER_DAY]}
        for number in numbers
    ]
