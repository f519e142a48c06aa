"""Calendars of a crew or a member (iCalendar, RFC 5545): when, where and how many; never who, and never why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from api.week_sheets import ON_CREW_SHEETS, Week
from optimizer.calendar import day_of, half_day_bounds, half_of
from optimizer.due import format_clock
from optimizer.plan import Crew, Stop, StopKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
PRODUCT = "-//Xunzhen//Week plan//ZH"
REFRESH = timedelta(hours=1)
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2100, 1, 1)
"""What the written time zone covers; China has had no summer time since 1991."""


@dataclass(frozen=True, slots=True)
class CalendarOptions:
    """Which plan this is; its version is the SEQUENCE of the events, `changed_at` their stamp."""

    plan_id: str
    version: int
    changed_at: datetime


def crew_calendar(week: Week, crew: str, options: CalendarOptions) -> bytes:
    """The trip of one crew; an empty calendar when the plan has no such crew (any more)."""
    trips = [_trip(week, one, options) for one in week.crews() if one.id == crew]
    return calendar_of(f"{crew}.{options.plan_id}", trips)


def member_calendar(week: Week, member: str, options: CalendarOptions) -> bytes:
    """The trips of one member, and the half-days with phone calls; empty when the plan has nothing for them."""
    return calendar_of(member, member_events(week, member, options))


def member_events(week: Week, member: str, options: CalendarOptions) -> list[Event]:
    """What one member has to do in a week; several weeks make one calendar."""
    trips = [_trip(week, crew, options) for crew in week.crews() if member in crew.members]
    calls: dict[int, int] = {}
    for call in week.result.plan.phone_calls:
        if call.member == member:
            calls[call.half_day] = calls.get(call.half_day, 0) + 1
    return trips + [_calls(week, member, half_day, calls[half_day], options) for half_day in sorted(calls)]


def calendar_of(uid: str, events: Iterable[Event]) -> bytes:
    """A calendar file of some events, with its time zone."""
    calendar = Calendar.new(
        uid=f"{uid}@xunzhen", name=ON_CREW_SHEETS, prodid=PRODUCT, refresh_interval=REFRESH, calscale="GREGORIAN"
    )
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones(FIRST_DATE, LAST_DATE)
    if not calendar.timezones:  # a calendar has to hold something
        calendar.add_component(Timezone.from_tzid(SHANGHAI.key, first_date=FIRST_DATE, last_date=LAST_DATE))
    content: bytes = calendar.to_ical()
    return content


def moment_of(week: Week, day: int, seconds: int) -> datetime:
    """The moment of a time of a planning day."""
    midnight = datetime.combine(week.problem.days[day].date, time(), SHANGHAI)
    return midnight + timedelta(seconds=seconds)


def _event(options: CalendarOptions, uid: str, summary: str, start: datetime, end: datetime) -> Event:
    event = Event.new(
        uid=f"{uid}.{options.plan_id}@xunzhen",
        stamp=options.changed_at.astimezone(UTC),
        sequence=options.version,
        summary=summary,
        start=start,
        end=end,
    )
    event.add("class", "PRIVATE")
    return event


def _trip(week: Week, crew: Crew, options: CalendarOptions) -> Event:
    day = day_of(crew.half_days[0])
    start, end = moment_of(week, day, crew.start_seconds), moment_of(week, day, crew.end_seconds)
    homes = sum(stop.kind is StopKind.HOME for stop in crew.stops)
    sessions = len(crew.stops) - homes
    parts = [f"巡诊 {sessions} 场" if sessions else "", f"入户 {homes} 户" if homes else ""]
    event = _event(options, crew.id, " ".join([ON_CREW_SHEETS, *filter(None, parts)]), start, end)
    event.add("location", "、".join(dict.fromkeys(week.site(stop.site) for stop in crew.stops)))
    event.add("description", "\n".join(_line(week, stop) for stop in crew.stops))
    return event


def _line(week: Week, stop: Stop) -> str:
    what = "巡诊" if stop.kind is StopKind.SESSION else "入户"
    people = len({week.item(item).resident for item in stop.follow_ups})
    return (
        f"{format_clock(stop.start_seconds)}-{format_clock(stop.end_seconds)} {week.site(stop.site)} {what} {people} 人"
    )


def _calls(week: Week, member: str, half_day: int, count: int, options: CalendarOptions) -> Event:
    day = day_of(half_day)
    start, end = half_day_bounds(week.problem.days[day], half_of(half_day))
    summary = f"{ON_CREW_SHEETS} 电话 {count} 个"
    uid = f"phone-{member}-{half_day}"
    event = _event(options, uid, summary, moment_of(week, day, start), moment_of(week, day, end))
    event.add("transp", "TRANSPARENT")  # the calls fit somewhere into the half-day
    return event
