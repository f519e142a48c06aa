"""Why a follow-up or a session is left: codes of the rules that stand in the way, from plain facts.

A code here says what rules out the unit before any search, or that the search found no room; it is no proof.
"""

from collections.abc import Iterable

from optimizer.bundle import Unit, Way, find_option
from optimizer.calendar import HALVES_PER_DAY, half_day_bounds
from optimizer.model import Channel, FollowUp, Member, ServiceClass
from optimizer.problem import Problem
from optimizer.staffing import fits, meets


def reasons_of(problem: Problem, unit: Unit, sessions: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """Rule codes for a unit that was left; `sessions` are (site number, half-day) of the sessions held."""
    items = [problem.follow_ups[number] for number in unit.follow_ups]
    never = tuple(dict.fromkeys(code for item in items for code in _never(problem, item, unit)))
    if unit.home is None and unit.patrol is None and unit.phone is None:
        return never or ("CHANNEL",)
    codes = []
    if unit.pin is not None:
        codes.append("PIN")
    for way in (unit.home, unit.phone):
        if way is not None:
            codes += _staff_codes(problem, way, head_counts=way is unit.home)
    if unit.joint is not None and unit.home is not None and not _has_partners(problem, unit, unit.home):
        codes.append("JOINT")
    if unit.patrol is not None and not _has_session(problem, unit, unit.patrol, sessions):
        codes.append("NO_SESSION")
    codes += never
    if not codes or unit.home is not None or "NO_SESSION" not in codes:
        codes.append("NO_ROOM" if unit.closes else "NOT_WORTH")
    return tuple(dict.fromkeys(codes))


def session_reasons(problem: Problem, number: int) -> tuple[str, ...]:
    """Rule codes for a session that is not held."""
    session = problem.sessions[number]
    for half_day in session.half_days:
        day = problem.days[half_day // HALVES_PER_DAY]
        there = [member for member in problem.members if half_day in member.field_half_days]
        if len(there) >= session.min_members and meets(there, session.needs, day.date):
            return ("NO_ROOM",)
    return ("SESSION_STAFF",)


def _never(problem: Problem, item: FollowUp, unit: Unit) -> list[str]:
    """Codes of the rules that close a follow-up's channels on every planning day."""
    first, last = problem.days[0].date, problem.days[-1].date
    codes = []
    if item.service_class is ServiceClass.HOME_MEDICAL and unit.home is None and not find_option(item, Channel.HOME):
        codes.append("HOME_MEDICAL")
    if item.earliest > last:
        codes.append("NOT_OPEN")
    if item.hard_end and item.latest < first:
        codes.append("WINDOW")
    if not codes and not any(unit.windows):
        codes.append(
            "RESIDENT_WINDOW" if item.resident_windows else "CLOCK" if item.deadline_seconds else "TIME_WINDOW"
        )
    return codes


def _staff_codes(problem: Problem, way: Way, *, head_counts: bool) -> list[str]:
    """STAFF or HEAD_COUNT when no half-day of an open day has the people for a way."""
    lacking = "STAFF"
    for day, today in enumerate(problem.days):
        for half in range(HALVES_PER_DAY):
            if not way.is_open(day) or not today.is_open(half):
                continue
            there = _there(problem, day * HALVES_PER_DAY + half, desk=not head_counts)
            if meets(there, way.needs, today.date):
                if not head_counts or len(there) >= way.head_count:
                    return []
                lacking = "HEAD_COUNT"
    return [lacking]


def _has_partners(problem: Problem, unit: Unit, way: Way) -> bool:
    """Whether some half-day of an open day has people for both crews of a joint visit, nobody in both."""
    assert unit.joint is not None
    for day, today in enumerate(problem.days):
        for half in range(HALVES_PER_DAY):
            if not way.is_open(day) or not today.is_open(half):
                continue
            there = _there(problem, day * HALVES_PER_DAY + half, desk=False)
            fitting = [[member for member in there if fits(member, need, today.date)] for need in unit.joint.needs]
            needed = {
                member.id
                for need, able in zip(unit.joint.needs, fitting, strict=True)
                for member in (able if len(able) <= need.count else ())
            }
            others = [member for member in there if member.id not in needed]
            if meets(there, unit.joint.needs, today.date) and meets(others, way.needs, today.date):
                return True
    return False


def _there(problem: Problem, half_day: int, *, desk: bool) -> list[Member]:
    return [
        member
        for member in problem.members
        if half_day in member.field_half_days or (desk and half_day in member.desk_half_days)
    ]


def _has_session(problem: Problem, unit: Unit, way: Way, sessions: Iterable[tuple[int, int]]) -> bool:
    """Whether a session is held that could absorb the unit on an open day and at its time of day."""
    for site, half_day in sessions:
        day, half = divmod(half_day, HALVES_PER_DAY)
        if site in unit.patrol_sites and way.is_open(day):
            start, end = half_day_bounds(problem.days[day], half)
            if any(window.start_seconds < end and window.end_seconds > start for window in unit.windows[day]):
                return True
    return False
