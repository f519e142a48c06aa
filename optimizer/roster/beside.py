"""Home visits beside a session: by its crew, before or after it, in its village or on a short way round."""

from collections.abc import Sequence

from optimizer.bundle import Way, Windows
from optimizer.calendar import day_of, half_of
from optimizer.roster.book import Contact, Kind
from optimizer.roster.fleet import session_times
from optimizer.roster.groups import MINUTE_SECONDS, Group
from optimizer.roster.sheet import Activity, Sheet, can_be_able

OVERTIME_PERCENT = 50
"""Share of the overtime that visits beside a session are planned for: it costs less than a visit that is left."""
LEAST_SPARE_MINUTES = 20
MOST_PLACES = 6
"""Villages from which homes are looked at for a session, its own with them."""


def spare_minutes(sheet: Sheet, activity: Activity, fleet: int | None = None) -> int:
    """Minutes a half-day leaves to the crew of a session that it holds; with the slowest vehicle, or a fleet class."""
    week, times = sheet.week, activity.times
    assert times is not None
    span = week.span(activity.half_day)
    if fleet is not None:
        times = session_times(week.problem, week.problem.sessions[activity.session], week.fleet[fleet], span) or times
    end = span.end_seconds + (span.hard_end_seconds - span.end_seconds) * OVERTIME_PERCENT // 100
    return max(0, end - times.back_seconds) // MINUTE_SECONDS


def spare_gains(sheet: Sheet, activity: Activity) -> dict[int, int]:
    """By fleet class, how many minutes more it leaves than the slowest vehicle."""
    least = spare_minutes(sheet, activity)
    return {fleet: spare_minutes(sheet, activity, fleet) - least for fleet in activity.vehicles}


def detour_seconds(sheet: Sheet, activity: Activity, place: int) -> int:
    """Road that a home at a place adds for a session's crew: to the next home, or on the way from or to the base."""
    week = sheet.week
    there = week.place_of[week.session_sites[activity.session]]
    if there == place:
        return week.travel.hop[place]
    trips = week.travel.round_trip(activity.base, place) - week.travel.round_trip(activity.base, there)
    return max(week.travel.hop[place], round(week.travel.between_seconds(there, place) + trips / 2))


def over_seconds(sheet: Sheet, activity: Activity, minutes: int, road_seconds: int) -> int:
    """Overtime of one visit alone beside a session, with the vehicle that leaves most time."""
    span = sheet.week.span(activity.half_day)
    most = spare_minutes(sheet, activity) + max(spare_gains(sheet, activity).values(), default=0)
    planned = (span.hard_end_seconds - span.end_seconds) * OVERTIME_PERCENT // 100
    return min(planned, max(0, MINUTE_SECONDS * (minutes - most) + road_seconds + planned))


def stop_minutes(sheet: Sheet, contact: Contact) -> int:
    """Minutes of a home visit with the way that it adds."""
    group = sheet.groups[contact.group]
    seconds = sheet.week.travel.hop[group.place]
    if contact.kind is Kind.ATTACHED:
        seconds = max(detour_seconds(sheet, activity, group.place) for activity in contact.activities)
    return group.home_minutes - (-seconds // MINUTE_SECONDS)


def sessions_near(sheet: Sheet, place: int) -> list[int]:
    """Sessions whose crews could see homes at a place, nearest first."""
    week = sheet.week
    near = {other: rank for rank, other in enumerate(week.travel.near(place)[:MOST_PLACES])}
    ranked = [(near.get(week.place_of[site], MOST_PLACES), number) for number, site in enumerate(week.session_sites)]
    return [number for rank, number in sorted(ranked) if rank < MOST_PLACES]


def activities_beside(sheet: Sheet, group: Group, way: Way, session: int) -> Sequence[Activity]:
    """The half-days of a session that leave the time for a home visit within its windows."""
    found = []
    for half_day in group.home_half_days:
        activity = sheet.sessions.get((session, half_day))
        if activity is None or not can_be_able(sheet.week, activity, way.needs, way.head_count):
            continue
        minutes = group.home_minutes - (-detour_seconds(sheet, activity, group.place) // MINUTE_SECONDS)
        spare = spare_minutes(sheet, activity) + max(spare_gains(sheet, activity).values(), default=0)
        if spare >= max(LEAST_SPARE_MINUTES, minutes) and _is_in_time(
            sheet, activity, group.sample.windows[day_of(half_day)], way.seconds
        ):
            found.append(activity)
    return found


def _is_in_time(sheet: Sheet, activity: Activity, windows: Windows, seconds: int) -> bool:
    """Whether a visit can start after the session; in an afternoon, where nobody waits fasting, before it too."""
    assert activity.times is not None
    _, end = sheet.week.bounds(activity.half_day)
    last = end - sheet.week.problem.sessions[activity.session].duration_seconds - seconds
    is_morning = half_of(activity.half_day) == 0
    return any(
        (one.late_end_seconds or one.end_seconds) >= activity.times.end_seconds
        or (not is_morning and one.start_seconds <= last)
        for one in windows
    )
