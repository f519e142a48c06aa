"""Plain counts before any search: which people and vehicles are missing, when, and for what.

Counts sessions and urgent home visits (P0 and P1) that fit only into a half-day, a day, a team's neighbourhood or the
week, against what is there then (Hall's condition on these sets). Says nothing about travel, and proves no roster.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

from optimizer.bundle import Unit
from optimizer.calendar import HALVES_PER_DAY, day_of, half_of
from optimizer.model import StaffNeed
from optimizer.plan import Shortage
from optimizer.problem import Problem
from optimizer.roster.candidates import SESSION_TEAMS
from optimizer.roster.week import Needs, Week, week_of

URGENT = 1
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HALVES_ZH, HALVES_EN = ("上午", "下午"), ("morning", "afternoon")


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of half-days, of the whole township or of a team's neighbourhood."""

    half_days: tuple[int, ...]
    title_zh: str
    title_en: str
    teams: frozenset[int] | None = None
    """Only sessions of the first team of these and only members of these; None: everybody."""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many crew half-days for one thing, on some of its half-days."""

    half_days: frozenset[int]
    crews: float
    members: int
    needs: Needs
    tag: str = ""
    team: str = ""


def ledger(problem: Problem, units: tuple[Unit, ...]) -> tuple[Shortage, ...]:
    """What is missing for the sessions and the urgent home visits of a problem."""
    return shortages_of(week_of(problem, units, 0))


def shortages_of(week: Week) -> tuple[Shortage, ...]:
    """The same for look-up tables that already stand."""
    wanted = [*_sessions(week), *_urgent_homes(week)]
    found = [line for scope in _scopes(week) for line in _lines(week, scope, wanted)]
    return tuple(found)


def _sessions(week: Week) -> list[Wanted]:
    open_ones = frozenset(week.half_days)
    return [
        Wanted(frozenset(s.half_days) & open_ones, 1, s.min_members, s.needs, s.vehicle_tag, s.team)
        for s in week.problem.sessions
    ]


def _urgent_homes(week: Week) -> list[Wanted]:
    """Home-only units of P0 and P1 that close, as parts of a crew's half-day."""
    wanted = []
    for unit in week.units:
        if unit.home is None or not unit.is_home_only or unit.priority > URGENT or not unit.closes:
            continue
        half_days = frozenset(h for h in week.half_days if unit.home.is_open(day_of(h)))
        if half_days:
            start, end = week.bounds(min(half_days))
            least = max(week.problem.parameters.min_home_crew_members, unit.home.head_count)
            wanted.append(Wanted(half_days, unit.home.seconds / max(1, end - start), least, unit.home.needs))
    return wanted


def _scopes(week: Week) -> Iterator[Scope]:
    """Every half-day, every day, the week; then every half-day in the neighbourhood of every team with sessions."""
    for half_day in week.half_days:
        yield Scope((half_day,), *_titles(week, half_day))
    days = sorted({day_of(half_day) for half_day in week.half_days})
    for day in days:
        halves = tuple(h for h in week.half_days if day_of(h) == day)
        if len(halves) == HALVES_PER_DAY and len(days) > 1:
            today = week.problem.days[day].date
            yield Scope(
                halves,
                f"{WEEKDAYS_ZH[today.weekday()]}({today})全天",
                f"{WEEKDAYS_EN[today.weekday()]} {today} all day",
            )
    if week.half_days:
        yield Scope(week.half_days, "全周", "whole week")
    for team in sorted({session.team for session in week.problem.sessions if session.team}):
        yield from _neighbourhoods(week, team)


def _neighbourhoods(week: Week, team: str) -> Iterator[Scope]:
    """Half-days in the neighbourhood of a team, unless that is everybody."""
    number = week.problem.team_number[team]
    sites = [s for s, session in zip(week.session_sites, week.problem.sessions, strict=True) if session.team == team]
    order = list(dict.fromkeys([number, *week.near_teams[week.place_of[sites[0]]]]))
    if len(order) > SESSION_TEAMS:
        near = frozenset(order[:SESSION_TEAMS])
        for half_day in week.half_days:
            zh, en = _titles(week, half_day)
            yield Scope((half_day,), f"{zh} 团队{team}及邻近团队", f"{en}, team {team} and its neighbours", near, team)


def _titles(week: Week, half_day: int) -> tuple[str, str]:
    today = week.problem.days[day_of(half_day)].date
    half = half_of(half_day)
    return (
        f"{WEEKDAYS_ZH[today.weekday()]}({today}){HALVES_ZH[half]}",
        f"{WEEKDAYS_EN[today.weekday()]} {today} {HALVES_EN[half]}",
    )


def _lines(week: Week, scope: Scope, wanted: list[Wanted]) -> Iterator[Shortage]:
    """What is missing in one scope."""
    inside = [
        w for w in wanted if w.half_days <= set(scope.half_days) and (scope.teams is None or w.team == scope.team)
    ]
    if not inside:
        return
    yield from _missing_people(week, scope, inside)
    if scope.teams is None:
        yield from _missing_vehicles(week, scope, inside)


def _missing_people(week: Week, scope: Scope, inside: list[Wanted]) -> Iterator[Shortage]:
    """Heads first, then every kind of staff with all that only it can do."""
    needed = _up(sum(w.crews * w.members for w in inside))
    there = _supply(week, scope, lambda _member, _half_day: True)
    if needed > there:
        yield _shortage(
            "MEMBER_AVAILABLE", scope, needed, there, ("外勤人员(人次半天)", "members in the field (half-days)")
        )
    for need in dict.fromkeys(need for w in inside for need in w.needs):
        count = _count(week, scope, inside, need)
        able = _supply(week, scope, _fits(week, need))
        if count > able:
            label = _label(need)
            yield _shortage("STAFF", scope, count, able, (f"{label}(人次半天)", f"{label} (half-days)"))
    if any(vehicle.needs_driver for vehicle in week.problem.vehicles):
        modes = {vehicle.mode for vehicle in week.problem.vehicles}
        crews = _up(sum(w.crews for w in inside))
        drivers = _supply(week, scope, lambda member, _half_day: bool(modes & set(week.problem.members[member].drives)))
        if crews > drivers and all(vehicle.needs_driver for vehicle in week.problem.vehicles):
            yield _shortage("DRIVER", scope, crews, drivers, ("驾驶人员(人次半天)", "drivers (half-days)"))


def _fits(week: Week, need: StaffNeed) -> Callable[[int, int], bool]:
    """Whether a member fits a need on a half-day."""
    return lambda member, half_day: member in week.fitting(need, half_day)


def _count(week: Week, scope: Scope, inside: list[Wanted], need: StaffNeed) -> int:
    """Member half-days wanted that only those who fit a need can do."""
    first = scope.half_days[0]
    people = week.fitting(need, first)
    total = 0.0
    for wanted in inside:
        counts = [other.count for other in wanted.needs if week.fitting(other, first) <= people]
        total += wanted.crews * max(counts, default=0)
    return _up(total)


def _supply(week: Week, scope: Scope, fits: Callable[[int, int], bool]) -> int:
    """Member half-days of those who fit, at most what each may do in the week."""
    total = 0
    for number, member in enumerate(week.problem.members):
        if scope.teams is None or week.team_of[number] in scope.teams:
            there = sum(number in week.free[h] and fits(number, h) for h in scope.half_days)
            total += min(there, member.max_half_days)
    return total


def _missing_vehicles(week: Week, scope: Scope, inside: list[Wanted]) -> Iterator[Shortage]:
    """Vehicles, and those with some equipment."""
    for tag in ("", *sorted({w.tag for w in inside if w.tag})):
        needed = _up(sum(w.crews for w in inside if tag in ("", w.tag)))
        there = sum(
            len(group.vehicles)
            for half_day in scope.half_days
            for group in week.usable_fleet(half_day)
            if not tag or tag in group.tags
        )
        if needed > there:
            code = "VEHICLE_TAG" if tag else "VEHICLE_ONCE"
            label = (
                (f"带{tag}的车辆(辆次半天)", f"vehicles with {tag} (half-days)")
                if tag
                else ("车辆(辆次半天)", "vehicles (half-days)")
            )
            yield _shortage(code, scope, needed, there, label)


def _up(amount: float) -> int:
    """The next whole number, forgiving the rounding of sums."""
    return ceil(amount - 1e-6)


def _label(need: StaffNeed) -> str:
    """A need in codes, e.g. GP/PH+SMD."""
    parts = ["/".join(need.roles), *need.skills, need.sex]
    return "+".join(part for part in parts if part) or "*"


def _shortage(rule: str, scope: Scope, needed: int, available: int, what: tuple[str, str]) -> Shortage:
    zh, en = what
    return Shortage(
        rule=rule,
        where=scope.title_en,
        needed=needed,
        available=available,
        message_zh=f"{scope.title_zh}: {zh}需要 {needed}，只有 {available}",
        message_en=f"{scope.title_en}: {en}: {needed} needed, {available} there",
    )
