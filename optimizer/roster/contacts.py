"""The part of the model about residents: who is seen at which session, visited by which crew, or left.

Counts of groups, not single residents. Minutes are rounded up for loads and down for room, so that a solution keeps
the rules of the sessions exactly; home crews are planned with an estimate of travel that the routing replaces.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from optimizer.bundle import FORBIDDEN, Windows
from optimizer.calendar import day_of
from optimizer.model import Channel, Pin
from optimizer.roster.crews import USABLE_PERCENT, Activity, Sheet, able, can_be_able
from optimizer.roster.groups import MINUTE_SECONDS, Group, pin_allows
from optimizer.roster.week import NO_TEAM, Needs

MAX_PRICE_LEVELS = 3
"""A free session's half-days with different costs for a group (overdue days) are merged into at most so many."""
LEAST_SPARE_MINUTES = 20
MINUTES_PER_DAY = 1440
HOME_TEAMS = 3


class Kind(IntEnum):
    """What a contact is."""

    SESSION = 0
    ATTACHED = 1
    """A home visit by a session's crew, in the time that the session leaves of its half-day."""
    HOME = 2
    PARTNER = 3
    """The second crew of a joint visit."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How many of a group are served in one way: a variable."""

    kind: Kind
    group: int
    variable: int
    activities: tuple[Activity, ...]
    """The session on its possible half-days, or the home crew."""


@dataclass(slots=True)
class Book:
    """All contacts of a model, and what is left of every group."""

    contacts: list[Contact] = field(default_factory=list)
    left: dict[int, int] = field(default_factory=dict)
    by_left: dict[int, list[int]] = field(default_factory=dict)
    """Contacts of every group, by the variable of those who are left; without those of joint visits."""


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
            for session in by_site[group.place]:
                _offer_attached(sheet, book, number, session)
            for slot in _slots_for(sheet, group):
                _offer_home(sheet, book, number, slot)
        _leave_rest(sheet, book, number, book.contacts[first:])
    _limit_sessions(sheet, book)
    _limit_homes(sheet, book)
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


def _only_if(sheet: Sheet, number: int, variable: int, literals: Iterable[int]) -> None:
    """At most the whole group when one of the literals is 1, else nobody."""
    count = sheet.groups[number].count
    sheet.builder.at_most([(1, variable), *((-count, literal) for literal in literals)], 0)


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
        _only_if(sheet, number, variable, (able(sheet, a, way.needs, way.head_count) for a in activities))
        for member in _pinned_members(sheet, group):
            _only_if(sheet, number, variable, (a.members[member] for a in activities))


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
    """Home visits in the session's village by its crew, before or after the session."""
    group, week = sheet.groups[number], sheet.week
    way = group.sample.home
    assert way is not None
    activities = [
        activity
        for half_day in group.home_half_days
        if (activity := sheet.sessions.get((session, half_day))) is not None
        and spare_minutes(sheet, activity) >= max(LEAST_SPARE_MINUTES, group.home_minutes)
        and can_be_able(week, activity, way.needs, way.head_count)
        and _with_pinned(sheet, group, activity)
    ]
    if not activities:
        return
    points = max(way.day_cost[day_of(activity.half_day)] for activity in activities)
    points += week.problem.weights.travel_second * week.travel.hop[group.place]
    points += _other_team(sheet, group, week.problem.sessions[session].team)
    variable = _add(sheet, book, Kind.ATTACHED, number, points, activities)
    _only_if(sheet, number, variable, (able(sheet, a, way.needs, way.head_count) for a in activities))
    for member in _pinned_members(sheet, group):
        _only_if(sheet, number, variable, (a.members[member] for a in activities))


def spare_minutes(sheet: Sheet, activity: Activity) -> int:
    """Minutes a half-day leaves to the crew of a session that it holds."""
    assert activity.times is not None
    _, end = sheet.week.bounds(activity.half_day)
    return max(0, end - activity.times.back_seconds) // MINUTE_SECONDS


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
        _only_if(sheet, number, variable, (literal,))
    for member in _pinned_members(sheet, group):
        _only_if(sheet, number, variable, (slot.members[member],))


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
        rare = [s for s in slots if can_be_able(week, s, joint.needs, way.head_count)]
        second = [s for s in rare if s in close] or rare
        if first and second and {s.team for s in first} | {s.team for s in second} != {first[0].team}:
            _add_joint(sheet, book, number, first, second)


def _add_joint(sheet: Sheet, book: Book, number: int, first: Sequence[Activity], second: Sequence[Activity]) -> None:
    """The variables of a joint visit on one half-day."""
    group, builder = sheet.groups[number], sheet.builder
    way, joint = group.sample.home, group.sample.joint
    assert way is not None
    assert joint is not None
    parts: dict[int, list[int]] = defaultdict(list)
    roles: tuple[tuple[Kind, Sequence[Activity], Needs], ...] = (
        (Kind.HOME, first, way.needs),
        (Kind.PARTNER, second, joint.needs),
    )
    balance: list[tuple[int, int]] = []
    for kind, slots, needs in roles:
        for slot in slots:
            points = _home_points(sheet, group, slot) if kind is Kind.HOME else sheet.week.travel.hop[group.place]
            variable = _add(sheet, book, kind, number, points, (slot,))
            _only_if(sheet, number, variable, (able(sheet, slot, needs, way.head_count),))
            parts[slot.on].append(variable)
            balance.append((1 if kind is Kind.HOME else -1, variable))
            if kind is Kind.HOME:
                for member in _pinned_members(sheet, group):
                    _only_if(sheet, number, variable, (slot.members[member],))
    builder.equal(balance, 0)
    for on, variables in parts.items():
        builder.at_most([*((1, variable) for variable in variables), (-group.count, on)], 0)


def _limit_sessions(sheet: Sheet, book: Book) -> None:
    """Minutes, early minutes (fasting), heads and spare time of every session."""
    week, builder = sheet.week, sheet.builder
    seen: dict[int, list[Contact]] = defaultdict(list)
    attached: dict[int, list[Contact]] = defaultdict(list)
    for contact in book.contacts:
        if contact.kind is Kind.SESSION:
            seen[contact.activities[0].session].append(contact)
        elif contact.kind is Kind.ATTACHED:
            attached[contact.activities[0].session].append(contact)
    half_days_of: dict[int, list[Activity]] = defaultdict(list)
    for (number, _), activity in sheet.sessions.items():
        half_days_of[number].append(activity)
    for number, contacts in seen.items():
        session, activities = week.problem.sessions[number], half_days_of[number]
        loads = [(sheet.groups[c.group].patrol_minutes, c.variable) for c in contacts]
        net = session.net_seconds_per_member // MINUTE_SECONDS
        room = [(-net, variable) for activity in activities for variable in activity.members.values()]
        builder.at_most([*loads, *room], 0)
        heads = [(-session.max_contacts, activity.on) for activity in activities]
        builder.at_most([*((1, c.variable) for c in contacts), *heads], 0)
        _limit_early(sheet, contacts, activities, net)
    for number, contacts in attached.items():
        loads = [(_stop_minutes(sheet, contact), contact.variable) for contact in contacts]
        spare = [(-spare_minutes(sheet, activity), activity.on) for activity in half_days_of[number]]
        builder.at_most([*loads, *spare], 0)


def _limit_early(sheet: Sheet, contacts: Sequence[Contact], activities: Sequence[Activity], net: int) -> None:
    """For those whose windows end before the session does: their minutes fit before the end of the window."""
    limited = {
        sheet.groups[c.group].sample.windows
        for c in contacts
        if any(_ends_early(sheet.groups[c.group], activity) for activity in c.activities)
    }
    for windows in sorted(limited, key=repr):
        early = [c for c in contacts if _no_later(sheet.groups[c.group].sample.windows, windows)]
        loads = [(sheet.groups[c.group].patrol_minutes, c.variable) for c in early]
        room = []
        for activity in activities:
            minutes = _early_minutes(sheet, early, windows, activity, net)
            room += [(-minutes, variable) for variable in activity.members.values()]
        sheet.builder.at_most([*loads, *room], 0)


def _ends_early(group: Group, activity: Activity) -> bool:
    windows = group.sample.windows[day_of(activity.half_day)]
    return bool(windows) and activity.times is not None and windows[-1].end_seconds < activity.times.end_seconds


def _no_later(windows: tuple[Windows, ...], others: tuple[Windows, ...]) -> bool:
    """Whether the last window of every day ends no later than the other's."""
    pairs = zip(windows, others, strict=True)
    return all(not a or (bool(b) and a[-1].end_seconds <= b[-1].end_seconds) for a, b in pairs)


def _early_minutes(
    sheet: Sheet, early: Sequence[Contact], windows: tuple[Windows, ...], activity: Activity, net: int
) -> int:
    """Minutes per member up to the window's end on the activity's half-day."""
    day = day_of(activity.half_day)
    assert activity.times is not None
    if not windows[day] or windows[day][-1].end_seconds >= activity.times.end_seconds:
        return net
    opens = max((w[day][0].start_seconds for c in early if (w := sheet.groups[c.group].sample.windows)[day]), default=0)
    room = windows[day][-1].end_seconds - max(activity.times.start_seconds, opens)
    return min(net, max(0, room) // MINUTE_SECONDS)


def _stop_minutes(sheet: Sheet, contact: Contact) -> int:
    """Minutes of a home visit with the way from the home before."""
    group = sheet.groups[contact.group]
    return group.home_minutes + -(-sheet.week.travel.hop[group.place] // MINUTE_SECONDS)


def _limit_homes(sheet: Sheet, book: Book) -> None:
    """Each home crew's visits and travel fit into its half-day, with what a link to the other half gives."""
    visits: dict[int, list[Contact]] = defaultdict(list)
    for contact in book.contacts:
        if contact.kind in (Kind.HOME, Kind.PARTNER):
            visits[contact.activities[0].on].append(contact)
    for slot in sheet.slots:
        contacts = visits[slot.on]
        if not contacts:
            continue
        travel = _slot_travel(sheet, slot, contacts)
        start, end = sheet.week.bounds(slot.half_day)
        room = (end - start) * USABLE_PERCENT // 100 // MINUTE_SECONDS
        loads = [(_stop_minutes(sheet, contact), contact.variable) for contact in contacts]
        gained = [(-minutes, literal) for literal, minutes in _gains(sheet, slot)]
        sheet.builder.at_most([*loads, *travel, *gained, (-room, slot.on)], 0)


def _gains(sheet: Sheet, slot: Activity) -> list[tuple[int, int]]:
    """Links of a home crew and the minutes each gives it; two linked home crews share them."""
    gains = []
    for link in sheet.links:
        if slot is link.morning or slot is link.afternoon:
            both_homes = not (link.morning.is_session or link.afternoon.is_session)
            gains.append((link.on, link.gained_minutes // 2 if both_homes else link.gained_minutes))
    return gains


def _slot_travel(sheet: Sheet, slot: Activity, contacts: Sequence[Contact]) -> list[tuple[int, int]]:
    """Minutes on the road between places as terms: the longest return trip plus a detour for every place visited."""
    travel, builder = sheet.week.travel, sheet.builder
    points = sheet.week.problem.weights.travel_second * MINUTE_SECONDS
    radial = builder.integer(0, MINUTES_PER_DAY)
    builder.pay(radial, points)
    terms = [(1, radial)]
    by_place: dict[int, list[Contact]] = defaultdict(list)
    for contact in contacts:
        by_place[sheet.groups[contact.group].place].append(contact)
    for place, there in by_place.items():
        visits = builder.boolean()
        builder.implies(visits, slot.on)
        for contact in there:
            _only_if(sheet, contact.group, contact.variable, (visits,))
        longest = -(-travel.radial_seconds(slot.base, place) // MINUTE_SECONDS)
        builder.at_most([(longest, visits), (-1, radial)], 0)
        detour = -(-travel.detour_seconds(place) // MINUTE_SECONDS)
        builder.pay(visits, points * detour)
        terms.append((detour, visits))
    return terms
