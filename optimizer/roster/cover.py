"""The quick first plan: sessions and crews placed by the demand they could meet, then contacts handed out greedily.

The cover model is the crew part of the joint model with the value of demand as its price, and a reserve of home crews.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from optimizer.bundle import FORBIDDEN
from optimizer.calendar import day_of
from optimizer.roster.book import Book, Contact, Kind
from optimizer.roster.crews import add_crews
from optimizer.roster.groups import MINUTE_SECONDS, Group
from optimizer.roster.linear import IntVector, LinearModel
from optimizer.roster.links import USABLE_PERCENT
from optimizer.roster.sheet import Activity, Sheet
from optimizer.roster.week import NO_TEAM, Week

TYPICAL_MEMBERS = 2
ROAD_PERCENT = 140
"""Home minutes count so much more in the reserve, for the way."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover model, the plan that does nothing, and how many of its first variables the joint model shares."""

    sheet: Sheet
    model: LinearModel
    nothing: IntVector
    shared: int


def cover_of(week: Week, groups: tuple[Group, ...], *, by_demand: bool) -> Cover:
    """The cover model; without demand only the number of sessions held, their travel and their staff count."""
    sheet = Sheet(week, groups)
    add_crews(sheet)
    builder = sheet.builder
    shared = builder.variable_count
    shortages: list[tuple[int, int]] = []
    if by_demand:
        for (session, half_day), points in _session_values(week, groups).items():
            if (session, half_day) in sheet.sessions:
                builder.pay(sheet.sessions[session, half_day].on, -points)
    for slots, needed, points in _reserves(sheet):
        short = builder.integer(0, needed)
        builder.at_least([*((1, slot.on) for slot in slots), (1, short)], needed)
        builder.pay(short, points)
        shortages.append((short, needed))
    model = builder.finish()
    nothing = nothing_of(sheet, model)
    for variable, needed in shortages:
        nothing[variable] = needed
    return Cover(sheet, model, nothing, shared)


def nothing_of(sheet: Sheet, model: LinearModel, book: Book | None = None) -> IntVector:
    """The plan without any session or crew, in which everybody is left; always feasible."""
    values = np.zeros(model.variable_count, dtype=np.int64)
    values[list(sheet.unheld.values())] = 1
    for group, variable in (book.left if book else {}).items():
        values[variable] = sheet.groups[group].count
    return values


def _session_values(week: Week, groups: tuple[Group, ...]) -> dict[tuple[int, int], int]:
    """Cost points that a session on a half-day could save among those whose own site it is, as far as minutes go."""
    by_site: dict[int, list[Group]] = defaultdict(list)
    for group in groups:
        if group.sample.patrol is not None:
            by_site[group.sample.patrol_sites[0]].append(group)
    values = {}
    for number, session in enumerate(week.problem.sessions):
        minutes = TYPICAL_MEMBERS * session.net_seconds_per_member // MINUTE_SECONDS
        for half_day in week.half_days:
            values[number, half_day] = _saved(by_site[week.session_sites[number]], week, half_day, minutes)
    return values


def _saved(groups: list[Group], week: Week, half_day: int, minutes: int) -> int:
    """Points saved by seeing the dearest of some groups in a session of so many minutes on a half-day."""
    day, (start, end) = day_of(half_day), week.bounds(half_day)
    worth = []
    for group in groups:
        way, windows = group.sample.patrol, group.sample.windows[day]
        assert way is not None
        meets = any(w.start_seconds < end and start < w.end_seconds for w in windows)
        if way.day_cost[day] != FORBIDDEN and meets:
            worth.append((group.left_points - way.day_cost[day], group))
    points = 0
    for saved, group in sorted(worth, key=lambda pair: (-pair[0] / max(1, pair[1].patrol_minutes), pair[1].units)):
        count = min(group.count, minutes // max(1, group.patrol_minutes))
        points += max(0, saved) * count
        minutes -= count * group.patrol_minutes
    return points


def _reserves(sheet: Sheet) -> list[tuple[list[Activity], int, int]]:
    """Home crews wanted: the slots, how many half-days their demand fills, and cost points for each one missing."""
    reserves = []
    by_team: dict[int, list[Activity]] = defaultdict(list)
    for slot in sheet.slots:
        by_team[slot.team].append(slot)
    for team, slots in sorted(by_team.items()):
        if team != NO_TEAM:
            only_home = [g for g in sheet.groups if g.team == team and g.home_half_days and g.sample.patrol is None]
        else:
            asked = frozenset(signature for slot in slots for signature in slot.signatures)
            homes = [(g, g.sample.home) for g in sheet.groups if g.home_half_days]
            only_home = [g for g, way in homes if way is not None and (way.needs, way.head_count) in asked]
        start, end = sheet.week.bounds(slots[0].half_day)
        room = (end - start) * USABLE_PERCENT // 100 // MINUTE_SECONDS
        load = sum(group.home_minutes * group.count for group in only_home) * ROAD_PERCENT // 100
        needed = min(len(slots), -(-load // max(1, room)))
        if needed:
            reserves.append((slots, needed, sum(g.left_points * g.count for g in only_home) // needed))
    return reserves


def with_contacts(sheet: Sheet, book: Book, values: IntVector) -> IntVector:
    """A copy of the values with contacts at the held sessions, most urgent groups first. Followers are not set."""
    values = values.copy()
    room = {number: _Room(sheet, activity, values) for number, activity in _held(sheet, values).items()}
    left = {number: group.count for number, group in enumerate(sheet.groups)}
    sessions = [contact for contact in book.contacts if contact.kind is Kind.SESSION]
    sessions.sort(key=lambda contact: _urgency(sheet, contact))
    for contact in sessions:
        there = room.get(contact.activities[0].session)
        if there is None or there.activity not in contact.activities:
            continue
        count = there.take(sheet.groups[contact.group], left[contact.group])
        values[contact.variable] = count
        left[contact.group] -= count
    for number, variable in book.left.items():
        values[variable] = left[number]
    return values


def _urgency(sheet: Sheet, contact: Contact) -> tuple[float, int, int]:
    """Points per minute, dearest first; own sessions before neighbouring ones."""
    group = sheet.groups[contact.group]
    is_neighbour = sheet.week.session_sites[contact.activities[0].session] != group.sample.patrol_sites[0]
    return -group.left_points / max(1, group.patrol_minutes), int(is_neighbour), contact.variable


def _held(sheet: Sheet, values: IntVector) -> dict[int, Activity]:
    return {activity.session: activity for activity in sheet.sessions.values() if values[activity.on]}


class _Room:
    """What a held session can still take while contacts are handed out."""

    def __init__(self, sheet: Sheet, activity: Activity, values: IntVector) -> None:
        session = sheet.week.problem.sessions[activity.session]
        self.week = sheet.week
        self.activity = activity
        self.crew = [member for member, variable in activity.members.items() if values[variable]]
        self.minutes = session.net_seconds_per_member // MINUTE_SECONDS * len(self.crew)
        self.heads = session.max_contacts
        self.early: Counter[int] = Counter()

    def take(self, group: Group, count: int) -> int:
        """How many of a group join; they are taken off the room."""
        way, minutes = group.sample.patrol, max(1, group.patrol_minutes)
        assert way is not None
        pinned = {self.week.problem.member_number[name] for name in group.pin.members} if group.pin else set()
        if not self.week.can_meet(self.crew, way.needs, way.head_count, self.activity.half_day) or pinned - set(
            self.crew
        ):
            return 0
        count = max(0, min(count, self.minutes // minutes, self.heads))
        windows = group.sample.windows[day_of(self.activity.half_day)]
        assert self.activity.times is not None
        limit, start = windows[-1].end_seconds, self.activity.times.start_seconds
        if limit < self.activity.times.end_seconds:
            # Early minutes are counted together, against the earliest of the ends: simple and on the safe side.
            opens = max(start, windows[0].start_seconds)
            room = (limit - opens) // MINUTE_SECONDS * len(self.crew) - self.early.total()
            count = max(0, min(count, room // minutes))
            self.early[limit] += count * minutes
        self.minutes -= count * minutes
        self.heads -= count
        return count
