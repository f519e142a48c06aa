"""What a plan costs, added up from the rules and the weights alone.

Whatever the plan says about itself is not believed: what is left is what nobody serves. Makes sense of any plan; the
figures are a promise only for feasible ones.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from optimizer.check.case import Case, Outing, half_day_at, lay_out, option_for
from optimizer.check.staffing import fits_option
from optimizer.check.times import find_lunch_gap, gaps_of, normal_end
from optimizer.model import Channel, FollowUp
from optimizer.plan import CostBreakdown
from optimizer.rules import COST_PARTS

DAYS_A_WEEK = 7
PERCENT = 100
ONE_DAY = timedelta(days=1)
"""Whoever is left is overdue on the last day of the plan too."""


def add_up(case: Case) -> CostBreakdown:
    """Every part of the cost in points, in the order of `rules.COST_PARTS`."""
    served = {service.item.id for service in case.services}
    last = case.problem.days[-1].date
    left = [item for item in case.problem.follow_ups if item.id not in served]
    missed = [item for item in left if item.latest <= last]
    outings = [outing for outing in case.outings if outing.crew.stops]
    held = {visit.session.id for outing in outings for visit in outing.sessions if visit.session is not None}
    weights = case.problem.weights
    parts = {
        "unplanned": sum(_missed(case, item) for item in missed),
        "overdue": sum(_overdue(case, item, last + ONE_DAY) for item in missed) + _overdue_served(case),
        "session_not_held": sum(one.weight for one in case.problem.sessions if one.id not in held),
        "deferred": sum(_deferred(case, item, last) for item in left if item.latest > last),
        "travel": weights.travel_second * sum(outing.travel_seconds for outing in outings),
        "overtime": weights.overtime_second
        * sum(max(0, outing.crew.end_seconds - normal_end(outing)) for outing in outings),
        "lateness": weights.late_second * _late_seconds(case),
        "waiting": weights.waiting_second * sum(map(_waiting_seconds, outings)),
        "staffing": weights.staff_half_day
        * sum(len(outing.crew.members) * len(outing.crew.half_days) for outing in outings),
        "continuity": _home_continuity(case) + _session_continuity(case, outings),
        "neighbour": weights.neighbour * _neighbours(outings),
        "rhythm": weights.rhythm * _off_rhythm(outings),
        "home_instead": weights.home_instead * _homes_instead(case),
        "balance": weights.burden_half_day * _unfair_half_days(case, outings),
        "change": weights.change * _changes(case),
    }
    return CostBreakdown({part: parts[part] for part in COST_PARTS})


def _missed(case: Case, item: FollowUp) -> int:
    weights = case.problem.weights
    percent = PERCENT + (weights.joint_percent if item.joint else 0)
    return weights.unplanned[item.priority] * percent // PERCENT


def _deferred(case: Case, item: FollowUp, last: date) -> int:
    prices = case.problem.weights.deferred
    days_open = (item.latest - last).days
    return prices[min((days_open - 1) // DAYS_A_WEEK, len(prices) - 1)]


def _overdue(case: Case, item: FollowUp, until: date) -> int:
    """Price of the days of the plan between the latest date and another one; those before the plan are past helping."""
    since = max(case.problem.days[0].date, item.latest)
    return case.problem.weights.overdue_day[item.priority] * max(0, (until - since).days)


def _overdue_served(case: Case) -> int:
    firsts = {service.item.id: service for service in reversed(case.services)}
    return sum(_overdue(case, service.item, service.date) for service in firsts.values())


def _late_seconds(case: Case) -> int:
    """Seconds of starts at home after the soft end of a window, for every follow-up once; the kindest window counts."""
    late: dict[str, int] = {}
    for service in case.services:
        if service.channel is not Channel.HOME or service.visit is None:
            continue
        start = service.visit.stop.start_seconds
        ends = [
            window.end_seconds
            for window in service.item.time_windows
            if window.start_seconds <= start <= (window.late_end_seconds or window.end_seconds)
        ]
        late[service.item.id] = max(0, start - max(ends, default=start))
    return sum(late.values())


def _waiting_seconds(outing: Outing) -> int:
    lunch, lunch_gap = outing.crew.lunch, find_lunch_gap(outing)
    waiting = 0
    for number, (end, start, travel) in enumerate(gaps_of(outing)[:-1]):
        waiting += start - end - travel
        if lunch is not None and number == lunch_gap:
            waiting -= lunch.end_seconds - lunch.start_seconds
    return waiting


def _home_continuity(case: Case) -> int:
    """Points for homes visited by another team or by strangers; a joint visit counts its cheaper fitting crew."""
    points: dict[str, list[int]] = {}
    for service in case.services:
        item, outing = service.item, service.outing
        if service.channel is not Channel.HOME or outing is None or (item.joint and not fits_option(item, outing)):
            continue
        weights = case.problem.weights
        other_team = weights.other_team_home if item.team not in ("", outing.crew.team) else 0
        is_strange = bool(item.preferred_members) and not set(item.preferred_members) & set(outing.crew.members)
        points.setdefault(item.id, []).append(other_team + (weights.not_preferred if is_strange else 0))
    return sum(map(min, points.values()))


def _session_continuity(case: Case, outings: Iterable[Outing]) -> int:
    strangers = 0
    for outing in outings:
        for visit in outing.sessions:
            if visit.session is not None and visit.session.team:
                strangers += sum(member.team != visit.session.team for member in outing.members)
    return case.problem.weights.other_team_session * strangers


def _neighbours(outings: Iterable[Outing]) -> int:
    return sum(
        visit.session is not None and visit.session.site != item.patrol_sites[0]
        for outing in outings
        for visit in outing.sessions
        for item in visit.items
        if item.patrol_sites
    )


def _off_rhythm(outings: Iterable[Outing]) -> int:
    return sum(
        visit.session is not None and visit.session.usual_half_day not in (None, half_day_at(outing, visit))
        for outing in outings
        for visit in outing.sessions
    )


def _homes_instead(case: Case) -> int:
    at_home = {service.item.id: service.item for service in case.services if service.channel is Channel.HOME}
    return sum(bool(item.patrol_sites) and option_for(item, Channel.PATROL) is not None for item in at_home.values())


def _unfair_half_days(case: Case, outings: Iterable[Outing]) -> int:
    used = Counter(member.id for outing in outings for member in outing.members for _ in outing.crew.half_days)
    return sum(max(0, count - case.members[name].fair_half_days) for name, count in used.items())


def _changes(case: Case) -> int:
    """Follow-ups and sessions of the earlier plan, still in the problem, that are now elsewhere or nowhere."""
    if case.problem.earlier is None:
        return 0
    before = lay_out(case.problem, case.problem.earlier)
    places, half_days = _places(case), _half_days(case)
    moved = sum(places.get(name) != place for name, place in _places(before).items())
    return moved + sum(half_days.get(name) != half_day for name, half_day in _half_days(before).items())


def _places(case: Case) -> dict[str, tuple[Channel, int]]:
    return {service.item.id: (service.channel, service.day_number) for service in case.services}


def _half_days(case: Case) -> dict[str, int]:
    return {
        visit.session.id: half_day_at(outing, visit)
        for outing in case.outings
        for visit in outing.sessions
        if visit.session is not None
    }
