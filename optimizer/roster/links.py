"""Crews that stay together all day: homes twice, or a session and homes of the same team.

A link saves a way back to the base and gives the home crew the time it took; the members are the same on both halves.
"""

from collections import defaultdict

from optimizer.calendar import day_of, half_of
from optimizer.roster.groups import MINUTE_SECONDS
from optimizer.roster.sheet import Activity, Link, Sheet
from optimizer.roster.week import NO_TEAM, Week

USABLE_PERCENT = 102
"""Share of a half-day that a home crew is planned for: some overtime costs less than a visit that is left, and the
travel estimate errs on the safe side."""


def add_links(sheet: Sheet) -> None:
    """Crews that stay together all day: homes twice, or a session and homes of the same team."""
    by_team: dict[tuple[int, int], Activity] = {(s.team, s.half_day): s for s in sheet.slots if s.team != NO_TEAM}
    used: dict[int, list[int]] = defaultdict(list)
    for (team, half_day), slot in by_team.items():
        other = by_team.get((team, half_day + 1))
        if half_of(half_day) == 0 and other is not None:
            _link(sheet, slot, other, used)
    for (number, half_day), activity in sheet.sessions.items():
        place = sheet.week.place_of[sheet.week.session_sites[number]]
        name = sheet.week.problem.sessions[number].team
        team = sheet.week.problem.team_number[name] if name else sheet.week.near_teams[place][0]
        is_morning = half_of(half_day) == 0
        other = by_team.get((team, half_day + 1 if is_morning else half_day - 1))
        if other is not None:
            _link(sheet, *((activity, other) if is_morning else (other, activity)), used)
    for literals in used.values():
        if len(literals) > 1:
            sheet.builder.at_most([(1, literal) for literal in literals], 1)


def _link(sheet: Sheet, morning: Activity, afternoon: Activity, used: dict[int, list[int]]) -> None:
    """Adds a link when some people could do both halves."""
    both = morning.members.keys() & afternoon.members.keys()
    if not both:
        return
    builder = sheet.builder
    literal = builder.boolean()
    builder.implies(literal, morning.on)
    builder.implies(literal, afternoon.on)
    for member in sorted(morning.members.keys() | afternoon.members.keys()):
        terms = [(1, a.members[member]) for a in (morning,) if member in a.members]
        others = [(1, a.members[member]) for a in (afternoon,) if member in a.members]
        for first, second in ((terms, others), (others, terms)):
            if first:
                builder.at_most([*first, *((-1, v) for _, v in second), (1, literal)], 1)
    saved, gained = _worth(sheet.week, morning, afternoon)
    builder.pay(literal, -sheet.week.problem.weights.travel_second * saved)
    sheet.links.append(Link(morning, afternoon, literal, gained // MINUTE_SECONDS))
    for activity in (morning, afternoon):
        used[activity.on].append(literal)


def _worth(week: Week, morning: Activity, afternoon: Activity) -> tuple[int, int]:
    """Seconds of travel a link saves, and seconds of work it adds: no way back to the base for lunch."""
    day = week.problem.days[day_of(morning.half_day)]
    trips = [_shortest_trip(week, activity) for activity in (morning, afternoon)]
    saved = min(trips)
    free = day.afternoon_start_seconds - day.morning_end_seconds - day.lunch_seconds
    if morning.times is not None:
        free = (
            day.afternoon_start_seconds - day.lunch_seconds - max(morning.times.end_seconds, day.lunch_earliest_seconds)
        )
    limit = min(week.problem.members[member].max_field_seconds_day for member in morning.members)
    used = sum(_planned_seconds(week, activity) for activity in (morning, afternoon))
    return saved, max(0, min(free + saved // 2, limit - used))


def _shortest_trip(week: Week, activity: Activity) -> int:
    """Seconds of a typical (session) or cautious (home crew: nearest own place) return trip."""
    if activity.is_session:
        return week.travel.round_trip(activity.base, week.place_of[week.session_sites[activity.session]])
    places = week.team_places[activity.team]
    return min((week.travel.round_trip(activity.base, place) for place in places), default=0)


def _planned_seconds(week: Week, activity: Activity) -> int:
    """Field seconds a crew is planned for: a session with its trip, or a home crew's half-day."""
    start, end = week.bounds(activity.half_day)
    if activity.times is not None:
        return activity.times.back_seconds - start
    return (end - start) * USABLE_PERCENT // 100
