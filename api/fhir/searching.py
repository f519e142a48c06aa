"""What is published, out of the store: visits of published weeks, page by page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from api.exports.week import exported_week
from api.fhir.outgoing import Published, Visit
from api.service.moments import LOCAL
from api.service.problems import FieldFault, ProblemError
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, PlanState, WeekPlan
from api.week_sheets import Week
from api.weeks import plan_of, problem_of
from optimizer.calendar import Day, half_day_bounds, half_of
from optimizer.tables import Labels

NEWEST_WEEKS = 4
"""How many weeks a search looks at that names no first day."""
_DATE = re.compile(r"(eq|ge|le|gt|lt)?(\d{4}-\d{2}-\d{2})")
_APPOINTMENT = re.compile(r"([0-9a-f]{32})-(\d{4}-W\d{2})")


@dataclass(frozen=True, slots=True)
class Days:
    """From a first to a last day, both included; None where there is no limit."""

    first: date | None = None
    last: date | None = None

    def has(self, day: date) -> bool:
        """Whether a day is inside."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def days_of(words: Sequence[str], name: str) -> Days:
    """The days of a date search such as ge2026-11-23. Raises ProblemError with every fault."""
    faults, first, last = [], date.min, date.max
    for word in words:
        found = _DATE.fullmatch(word)
        try:
            day = date.fromisoformat(found[2]) if found else None
        except ValueError:
            day = None
        if found is None or day is None:
            advice = "日期写作 2026-11-25 或 ge2026-11-25", "write 2026-11-25 or ge2026-11-25"
            faults.append(
                FieldFault("WRONG_VALUE", f"/{name}", "***", "eq, ge, le, gt, lt and a date", *advice, "query")
            )
            continue
        prefix = found[1] or "eq"
        if prefix in ("eq", "ge", "gt"):
            first = max(first, _moved(day, 1) if prefix == "gt" else day)
        if prefix in ("eq", "le", "lt"):
            last = min(last, _moved(day, -1) if prefix == "lt" else day)
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)
    return Days(None if first == date.min else first, None if last == date.max else last)


def _moved(day: date, days: int) -> date:
    """A day earlier or later, at most the first or last there is."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What appointments are asked for."""

    days: Days = Days()
    follow_up: str = ""
    """External id."""
    site: str = ""
    after: Sequence[str] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A page of visits with the plan of each, how many there are in all, and where the next page begins."""

    visits: list[tuple[Visit, Published]]
    total: int
    last: tuple[str, str, str] | None


KEY = (PlannedStop.day, PlannedStop.follow_up_id, PlannedStop.plan_id)


def find_visits(session: Session, wanted: Wanted) -> Found:
    """The visits of published plans by day."""
    keys = select(*KEY).join(WeekPlan, WeekPlan.id == PlannedStop.plan_id).where(*_conditions(wanted)).distinct()
    if wanted.follow_up:
        keys = keys.join(FollowUp, FollowUp.id == PlannedStop.follow_up_id)
    total = session.scalar(select(func.count()).select_from(keys.subquery())) or 0
    if wanted.after is not None:
        day, follow_up, plan = wanted.after
        keys = keys.where(tuple_(*KEY) > (date.fromisoformat(day), follow_up, plan))
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(keys.order_by(*KEY).limit(wanted.limit + 1))]
    page = rows[: wanted.limit]
    last = page[-1] if len(rows) > wanted.limit else None
    return Found(_visits(session, page), total, (last[0].isoformat(), last[1], last[2]) if last else None)


def find_visit(session: Session, appointment: str) -> tuple[Visit, Published] | None:
    """The visit behind the id of an appointment, or None."""
    found = _APPOINTMENT.fullmatch(appointment)
    if found is None:
        return None
    query = select(*KEY).join(WeekPlan, WeekPlan.id == PlannedStop.plan_id)
    query = query.where(*_conditions(Wanted()), PlannedStop.follow_up_id == found[1], WeekPlan.week == found[2])
    rows = [tuple(row) for row in session.execute(query.distinct())]
    return _visits(session, rows)[0] if rows else None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        WeekPlan.state == PlanState.PUBLISHED.value,
        PlannedStop.follow_up_id.is_not(None),
    ]
    if wanted.days.first is not None:
        conditions.append(PlannedStop.day >= wanted.days.first)
    if wanted.days.last is not None:
        conditions.append(PlannedStop.day <= wanted.days.last)
    if wanted.site:
        conditions.append(PlannedStop.site == wanted.site)
    if wanted.follow_up:
        conditions.append(FollowUp.external_id == wanted.follow_up)
    return conditions


def _visits(session: Session, keys: Sequence[tuple[Any, ...]]) -> list[tuple[Visit, Published]]:
    """The visits of some keys; stops of several crews with one follow-up are one visit."""
    plans = {row.id: row for row in session.scalars(select(WeekPlan).where(WeekPlan.id.in_({key[2] for key in keys})))}
    ids = {key[1] for key in keys}
    items = {row.id: row for row in session.scalars(select(FollowUp).where(FollowUp.id.in_(ids)))}
    query = select(PlannedStop).where(PlannedStop.plan_id.in_(set(plans)), PlannedStop.follow_up_id.in_(ids))
    stops: dict[tuple[Any, ...], list[PlannedStop]] = {}
    for stop in session.scalars(query.order_by(PlannedStop.crew, PlannedStop.id)):
        stops.setdefault((stop.day, stop.follow_up_id, stop.plan_id), []).append(stop)
    return [(_visit(items[key[1]], stops[key]), published(plans[key[2]])) for key in keys if key[1] in items]


def published_weeks(session: Session, days: Days) -> list[tuple[Week, Published]]:
    """The published weeks that have a day of those asked for, in order; without a first day, the newest ones."""
    query = select(WeekPlan).where(WeekPlan.state == PlanState.PUBLISHED.value)
    if days.last is not None:
        query = query.where(WeekPlan.week <= week_of(days.last))
    if days.first is not None:
        query = query.where(WeekPlan.week >= week_of(days.first))
    else:
        newest = query.with_only_columns(WeekPlan.week).distinct().order_by(WeekPlan.week.desc()).limit(NEWEST_WEEKS)
        query = query.where(WeekPlan.week.in_(session.scalars(newest).all()))
    rows = session.scalars(query.order_by(WeekPlan.week, WeekPlan.organisation_id)).all()
    return [(exported_week(problem_of(session, row), plan_of(session, row), Labels()), published(row)) for row in rows]


def week_of(day: date) -> str:
    """The ISO week of a day."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def week_days(text: str) -> Days | None:
    """The days of a week such as 2026-W48, or None when it is none."""
    found = re.fullmatch(r"(\d{4})-W(\d{2})", text, re.ASCII)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None
    return Days(monday, monday + timedelta(days=6)) if monday else None


def published(plan: WeekPlan) -> Published:
    """What a resource tells of its plan."""
    return Published(plan.organisation_id, plan.week, plan.version, plan.updated_at)


def _visit(item: FollowUp, stops: list[PlannedStop]) -> Visit:
    start, end = _span(stops[0])
    return Visit(
        follow_up_id=item.id,
        external_id=item.external_id,
        resident_id=item.resident_id,
        channel=stops[0].channel,
        start=start,
        end=end,
        site=_site(item, stops[0]),
        members=tuple(dict.fromkeys(name for stop in stops for name in stop.members)),
        teams=tuple(dict.fromkeys(stop.team for stop in stops if stop.team)),
        session=stops[0].session or "",
    )


def _site(item: FollowUp, stop: PlannedStop) -> str:
    """Where it is as far as others may know: the session's place, else the village of the home."""
    return (stop.site if stop.session else item.site) or ""


def _span(stop: PlannedStop) -> tuple[datetime, datetime]:
    """When it is; of a call only the half-day is planned."""
    if stop.start_at is not None and stop.end_at is not None:
        return stop.start_at, stop.end_at
    midnight = datetime.combine(stop.day, time(), LOCAL)
    start, end = half_day_bounds(Day(stop.day), half_of(stop.half_day))
    return midnight + timedelta(seconds=start), midnight + timedelta(seconds=end)
