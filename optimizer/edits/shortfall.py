"""By how much a place misses a rule, where that can be counted: seconds, people or days."""

from collections.abc import Iterable

from optimizer.bundle import overdue_days, start_windows
from optimizer.calendar import day_of, span_of
from optimizer.edits.slots import Refusal
from optimizer.edits.windows import patrol_seconds
from optimizer.model import Channel, ChannelOption, FollowUp
from optimizer.plan import Crew, Plan, Stop, Violation
from optimizer.problem import Problem
from optimizer.staffing import fits

Count = tuple[int, str]
UNCOUNTED: Count = (0, "")


def refusal_of(problem: Problem, item: FollowUp, crews: tuple[Crew, ...], around: Plan, broken: Violation) -> Refusal:
    """A broken rule with its shortfall; `crews` are those that receive the follow-up, `around` all in question."""
    return Refusal(broken, *_shortfall(problem, item, crews, around, broken.rule))


def _shortfall(problem: Problem, item: FollowUp, crews: tuple[Crew, ...], around: Plan, rule: str) -> Count:
    counts: list[Count] = []
    for crew in crews:
        stop = next((stop for stop in crew.stops if item.id in stop.follow_ups), None)
        if stop is not None:
            counts.append(_at_stop(problem, item, crew, stop, rule))
        if rule == "WORKING_TIME":
            span = span_of(problem.days, crew.half_days, problem.parameters.max_overtime_seconds)
            counts.append((crew.end_seconds - span.hard_end_seconds, "seconds"))
        if rule == "MEMBER_FIELD_TIME":
            counts += [(_field_seconds_above(problem, name, crew, around.crews), "seconds") for name in crew.members]
    if rule == "PHONE":
        counts.append((_phone_seconds_above(problem, item, around), "seconds"))
    worst = max(counts, default=UNCOUNTED)
    return worst if worst[0] > 0 else UNCOUNTED


def _at_stop(problem: Problem, item: FollowUp, crew: Crew, stop: Stop, rule: str) -> Count:
    """The shortfall of a rule about one stop."""
    day = day_of(crew.half_days[0])
    channel = Channel.PATROL if stop.session else Channel.HOME
    option = next((option for option in item.channels if option.channel is channel), None)
    if rule in ("TIME_WINDOW", "RESIDENT_WINDOW", "CLOCK"):
        return _seconds_from_windows(problem, item, day, stop.start_seconds), "seconds"
    if rule == "WINDOW":
        today = problem.days[day].date
        return max((item.earliest - today).days, overdue_days(problem, item, today)), "days"
    if rule == "HEAD_COUNT" and option is not None:
        return option.head_count - len(crew.members), "people"
    if rule == "STAFF" and option is not None:
        return _staff_lacking(problem, option, crew, day), "people"
    if rule in ("CAPACITY", "CONTACTS") and stop.session:
        return _room_lacking(problem, crew, stop, rule)
    return UNCOUNTED


def _seconds_from_windows(problem: Problem, item: FollowUp, day: int, start: int) -> int:
    """Seconds from a start to the nearest window of the day; 0 without one."""
    windows = start_windows(problem, item, day)
    apart = [max(one.start_seconds - start, start - (one.late_end_seconds or one.end_seconds), 0) for one in windows]
    return min(apart, default=0)


def _staff_lacking(problem: Problem, option: ChannelOption, crew: Crew, day: int) -> int:
    """Most people lacking for one of the needs."""
    members = [problem.members[problem.member_number[name]] for name in crew.members]
    today = problem.days[day].date
    lacking = (need.count - sum(fits(member, need, today) for member in members) for need in option.needs)
    return max(lacking, default=0)


def _room_lacking(problem: Problem, crew: Crew, stop: Stop, rule: str) -> Count:
    """People or person-seconds above what a session takes."""
    session = problem.sessions[problem.session_number[stop.session]]
    items = [problem.follow_ups[problem.follow_up_number[name]] for name in stop.follow_ups]
    if rule == "CONTACTS":
        return len({item.resident for item in items}) - session.max_contacts, "people"
    return patrol_seconds(problem, items) - session.net_seconds_per_member * len(crew.members), "seconds"


def _field_seconds_above(problem: Problem, name: str, crew: Crew, around: Iterable[Crew]) -> int:
    """Travel and service of a member on the crew's day above the most allowed."""
    day, seconds = day_of(crew.half_days[0]), 0
    for other in around:
        if name in other.members and day_of(other.half_days[0]) == day:
            vehicle = problem.vehicles[problem.vehicle_number[other.vehicle]]
            places = [problem.site_number[site] for site in (vehicle.base, *(stop.site for stop in other.stops))]
            snow = problem.days[day].snow
            round_trip = zip(places, [*places[1:], places[0]], strict=True)
            seconds += sum(problem.travel.seconds(vehicle.mode, here, there, snow=snow) for here, there in round_trip)
            seconds += sum(stop.end_seconds - stop.start_seconds for stop in other.stops)
    return seconds - problem.members[problem.member_number[name]].max_field_seconds_day


def _phone_seconds_above(problem: Problem, item: FollowUp, around: Plan) -> int:
    """Seconds of calls above the most of a half-day, for the member and half-day of the follow-up's call."""
    own = next((call for call in around.phone_calls if call.follow_up == item.id), None)
    seconds = 0
    for call in around.phone_calls:
        if own is not None and (call.member, call.half_day) == (own.member, own.half_day):
            other = problem.follow_ups[problem.follow_up_number[call.follow_up]]
            seconds += next((one.seconds for one in other.channels if one.channel is Channel.PHONE), 0)
    return seconds - problem.parameters.phone_seconds_per_half_day
