"""The part of the model about residents: who is seen at which session, visited by which crew, or left.

Counts of groups, not single residents. Minutes are rounded up for loads and down for room, so that a solution keeps
the rules of the sessions exactly; home crews are planned with an estimate of travel that the routing replaces.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from optimizer.bundle import FORBIDDEN, Windows
from optimizer.calendar import day_of
from optimizer.model import Channel, Pin
from optimizer.roster.beside import activities_beside, detour_seconds, over_seconds, sessions_near
from optimizer.roster.book import Book, Contact, Kind, only_if
from optimizer.roster.groups import Group, pin_allows
from optimizer.roster.limits import limit_homes, limit_sessions
from optimizer.roster.sheet import Activity, Sheet, able, can_be_able
from optimizer.roster.week import NO_TEAM, Needs, Week

MAX_PRICE_LEVELS = 6
"""A free session's half-days with different costs for a group (overdue days) are merged into at most so many."""
HOME_TEAMS = 3


def add_contacts(sheet: Sheet) -> Book:
    """Adds everything of this module to a model that has its crews."""
    book = Book()
    by_site: dict[int, list[int]] = defaultdict(list)
    for number, site in enumerate(sheet.week.session_sites):
        by_site[site].append(number)
    for number, group in enumerate(sheet.groups):
        first = len(book.contacts)
        if group.sample.patrol is not None and _may_be(group.pin, Channel.PATROL):
            for site in group.sample.patrol_sites:
                for session in by_site[site]:
                    _offer_session(sheet, book, number, session, site)
        if group.home_half_days and group.sample.joint is not None:
            _offer_joint(sheet, book, number)
        elif group.home_half_days:
            for session in sessions_near(sheet, group.place):
                _offer_attached(sheet, book, number, session)
            for slot in _slots_for(sheet, group):
                _offer_home(sheet, book, number, slot)
        _leave_rest(sheet, book, number, book.contacts[first:])
    limit_sessions(sheet, book)
    limit_homes(sheet, book)
    return book


def _may_be(pin: Pin | None, channel: Channel) -> bool:
    return pin is None or pin.channel in (None, channel)


def _leave_rest(sheet: Sheet, book: Book, number: int, contacts: Sequence[Contact]) -> None:
    """Everybody of a group is served in one way or left."""
    group = sheet.groups[number]
    left = book.left[number] = sheet.builder.integer(0, group.count)
    served = [(1, c.variable) for c in contacts if c.kind is not Kind.PARTNER]
    if group.sample.joint is None:
        book.by_left[left] = [contact.variable for contact in contacts]
    sheet.builder.equal([*served, (1, left)], group.count)
    sheet.builder.pay(left, group.left_points)


def _add(sheet: Sheet, book: Book, kind: Kind, number: int, points: int, activities: Iterable[Activity]) -> int:
    """A new contact; its variable."""
    variable = sheet.builder.integer(0, sheet.groups[number].count, decision=True)
    sheet.builder.pay(variable, points)
    book.contacts.append(Contact(kind, number, variable, tuple(activities)))
    return variable


def _pinned_members(sheet: Sheet, group: Group) -> tuple[int, ...]:
    return tuple(sheet.week.problem.member_number[name] for name in group.pin.members) if group.pin else ()


def _with_pinned(sheet: Sheet, group: Group, activity: Activity) -> bool:
    """Whether all members of the group's pin could be in the crew."""
    return all(member in activity.members for member in _pinned_members(sheet, group))


def _offer_session(sheet: Sheet, book: Book, number: int, session: int, site: int) -> None:
    """Contacts at a session, one variable for each level of cost among its half-days."""
    group, week = sheet.groups[number], sheet.week
    way = group.sample.patrol
    assert way is not None
    prices: dict[int, list[Activity]] = defaultdict(list)
    for half_day in week.half_days:
        activity = sheet.sessions.get((session, half_day))
        if activity is None or way.day_cost[day_of(half_day)] == FORBIDDEN or not pin_allows(group.pin, half_day):
            continue
        fits = _meets_session(group.sample.windows[day_of(half_day)], activity) and _with_pinned(sheet, group, activity)
        if fits and can_be_able(week, activity, way.needs, way.head_count):
            prices[way.day_cost[day_of(half_day)]].append(activity)
    is_own = site == group.sample.patrol_sites[0]
    extra = 0 if is_own else week.problem.weights.neighbour * group.follow_up_count
    for points, activities in _levels(prices):
        if points + extra >= group.left_points:
            continue
        variable = _add(sheet, book, Kind.SESSION, number, points + extra, activities)
        only_if(sheet, number, variable, (able(sheet, a, way.needs, way.head_count) for a in activities))
        for member in _pinned_members(sheet, group):
            only_if(sheet, number, variable, (a.members[member] for a in activities))


def _meets_session(windows: Windows, activity: Activity) -> bool:
    """Whether some window overlaps the session when it is held at once."""
    assert activity.times is not None
    times = activity.times
    return any(w.start_seconds < times.end_seconds and times.start_seconds < w.end_seconds for w in windows)


def _levels(prices: dict[int, list[Activity]]) -> list[tuple[int, list[Activity]]]:
    """Cost levels with their half-days, neighbouring ones merged (at their mean) until they are few."""
    levels = [(points, prices[points]) for points in sorted(prices)]
    while len(levels) > MAX_PRICE_LEVELS:
        gaps = [levels[n + 1][0] - levels[n][0] for n in range(len(levels) - 1)]
        place = gaps.index(min(gaps))
        (low, some), (high, others) = levels[place], levels[place + 1]
        mean = (low * len(some) + high * len(others)) // (len(some) + len(others))
        levels[place : place + 2] = [(mean, some + others)]
    return levels


def _offer_attached(sheet: Sheet, book: Book, number: int, session: int) -> None:
    """Home visits by a session's crew, before or after the session, in its village or one near it."""
    group, week = sheet.groups[number], sheet.week
    way = group.sample.home
    assert way is not None
    there = activities_beside(sheet, group, way, session)
    activities = [activity for activity in there if _with_pinned(sheet, group, activity)]
    if not activities:
        return
    points = max(way.day_cost[day_of(activity.half_day)] for activity in activities)
    road = max(detour_seconds(sheet, activity, group.place) for activity in activities)
    points += week.problem.weights.travel_second * road
    points += week.problem.weights.overtime_second * max(
        over_seconds(sheet, a, group.home_minutes, road) for a in activities
    )
    points += _other_team(sheet, group, week.problem.sessions[session].team)
    if points >= group.left_points:
        return
    variable = _add(sheet, book, Kind.ATTACHED, number, points, activities)
    only_if(sheet, number, variable, (able(sheet, a, way.needs, way.head_count) for a in activities))
    for member in _pinned_members(sheet, group):
        only_if(sheet, number, variable, (a.members[member] for a in activities))


def _other_team(sheet: Sheet, group: Group, team: str) -> int:
    """Cost points of home visits to a group by a crew of that team."""
    if group.team == NO_TEAM or sheet.week.problem.teams[group.team].id == team:
        return 0
    return sheet.week.problem.weights.other_team_home * group.follow_up_count


def _slots_for(sheet: Sheet, group: Group) -> list[Activity]:
    """Home crews that are considered for a group: contract team, the nearest teams, special crews for its needs."""
    near = set(sheet.week.near_teams[group.place][:HOME_TEAMS]) | {group.team}
    way = group.sample.home
    assert way is not None
    signature = (way.needs, way.head_count)
    return [
        slot
        for slot in sheet.slots
        if slot.half_day in group.home_half_days
        and (slot.team in near or signature in slot.signatures)
        and _with_pinned(sheet, group, slot)
        and can_be_able(sheet.week, slot, *signature)
    ]


def _offer_home(sheet: Sheet, book: Book, number: int, slot: Activity) -> None:
    """Home visits by a home crew."""
    group = sheet.groups[number]
    way = group.sample.home
    assert way is not None
    points = _home_points(sheet, group, slot)
    if points >= group.left_points:
        return
    variable = _add(sheet, book, Kind.HOME, number, points, (slot,))
    literal = able(sheet, slot, way.needs, way.head_count)
    if literal != slot.on:
        only_if(sheet, number, variable, (literal,))
    for member in _pinned_members(sheet, group):
        only_if(sheet, number, variable, (slot.members[member],))


def _home_points(sheet: Sheet, group: Group, slot: Activity) -> int:
    week = sheet.week
    assert group.sample.home is not None
    points = group.sample.home.day_cost[day_of(slot.half_day)]
    points += week.problem.weights.travel_second * week.travel.hop[group.place]
    return points + _other_team(sheet, group, week.problem.teams[slot.team].id if slot.team != NO_TEAM else "")


def _offer_joint(sheet: Sheet, book: Book, number: int) -> None:
    """A joint visit: one crew meets the needs of the visit, one of another team those of the partner, same half-day."""
    group, week = sheet.groups[number], sheet.week
    way, joint = group.sample.home, group.sample.joint
    assert way is not None
    assert joint is not None
    near = set(week.near_teams[group.place][: HOME_TEAMS + 1]) | {group.team}
    for half_day in group.home_half_days:
        slots = [s for s in sheet.slots if s.half_day == half_day and s.team != NO_TEAM]
        close = [s for s in slots if s.team in near]
        first = [s for s in close if can_be_able(week, s, way.needs, way.head_count) and _with_pinned(sheet, group, s)]
        rare = [s for s in slots if can_be_able(week, s, joint.needs, 1)]
        second = [s for s in rare if s in close or _has_own(week, s, joint.needs)] or rare
        if first and second and {s.team for s in first} | {s.team for s in second} != {first[0].team}:
            _add_joint(sheet, book, number, first, second)


def _has_own(week: Week, slot: Activity, needs: Needs) -> bool:
    """Whether somebody of the crew's team could meet one of the needs."""
    own = {member for member in slot.members if week.team_of[member] == slot.team}
    return any(own & week.fitting(need, slot.half_day) for need in needs)


def _add_joint(sheet: Sheet, book: Book, number: int, first: Sequence[Activity], second: Sequence[Activity]) -> None:
    """The variables of a joint visit on one half-day."""
    group, builder = sheet.groups[number], sheet.builder
    way, joint = group.sample.home, group.sample.joint
    assert way is not None
    assert joint is not None
    parts: dict[int, list[int]] = defaultdict(list)
    roles: tuple[tuple[Kind, Sequence[Activity], Needs, int], ...] = (
        (Kind.HOME, first, way.needs, way.head_count),
        (Kind.PARTNER, second, joint.needs, 1),
    )
    balance: list[tuple[int, int]] = []
    for kind, slots, needs, heads in roles:
        for slot in slots:
            points = _home_points(sheet, group, slot) if kind is Kind.HOME else sheet.week.travel.hop[group.place]
            variable = _add(sheet, book, kind, number, points, (slot,))
            only_if(sheet, number, variable, (able(sheet, slot, needs, heads),))
            parts[slot.on].append(variable)
            balance.append((1 if kind is Kind.HOME else -1, variable))
            if kind is Kind.HOME:
                for member in _pinned_members(sheet, group):
                    only_if(sheet, number, variable, (slot.members[member],))
    builder.equal(balance, 0)
    for on, variables in parts.items():
        builder.at_most([*((1, variable) for variable in variables), (-group.count, on)], 0)
