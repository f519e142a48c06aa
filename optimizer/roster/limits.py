"""What limits contacts: minutes, early minutes and heads of a session, and the half-day of a home crew with its travel.

Minutes are rounded up for loads and down for room, so that sessions keep their rules exactly.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.bundle import Windows
from optimizer.calendar import day_of
from optimizer.roster.beside import spare_gains, spare_minutes, stop_minutes
from optimizer.roster.book import Book, Contact, Kind, only_if
from optimizer.roster.groups import MINUTE_SECONDS, Group
from optimizer.roster.links import USABLE_PERCENT
from optimizer.roster.sheet import Activity, Sheet

MINUTES_PER_DAY = 1440


def limit_sessions(sheet: Sheet, book: Book) -> None:
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
        for limit in early_limits(sheet, contacts, activities):
            loads = [(sheet.groups[c.group].patrol_minutes, c.variable) for c in limit.contacts]
            room = []
            for activity, minutes, sooner in zip(activities, limit.minutes, limit.sooner, strict=True):
                room += [(-minutes, variable) for variable in activity.members.values()]
                room += [(-session.min_members * sooner.get(n, 0), v) for n, v in activity.vehicles.items()]
            builder.at_most([*loads, *room], 0)
    for number, contacts in attached.items():
        loads = [(stop_minutes(sheet, contact), contact.variable) for contact in contacts]
        spare = [(-spare_minutes(sheet, activity), activity.on) for activity in half_days_of[number]]
        for activity in half_days_of[number]:
            spare += [(-more, activity.vehicles[fleet]) for fleet, more in spare_gains(sheet, activity).items()]
        builder.at_most([*loads, *spare], 0)


@dataclass(frozen=True, slots=True)
class EarlyLimit:
    """Contacts at a session whose windows end before it does, and the minutes per member up to then."""

    contacts: list[Contact]
    minutes: list[int]
    """By activity, with the slowest vehicle."""
    sooner: list[dict[int, int]]
    """By activity: how many more there are with a faster fleet class."""


def early_limits(sheet: Sheet, contacts: Sequence[Contact], activities: Sequence[Activity]) -> list[EarlyLimit]:
    """A limit for every end of windows before the end of a session."""
    limited = {
        sheet.groups[c.group].sample.windows
        for c in contacts
        if any(_ends_early(sheet.groups[c.group], activity) for activity in c.activities)
    }
    session = sheet.week.problem.sessions[activities[0].session]
    net = session.net_seconds_per_member // MINUTE_SECONDS
    limits = []
    for windows in sorted(limited, key=repr):
        early = [c for c in contacts if _no_later(sheet.groups[c.group].sample.windows, windows)]
        minutes = [_early_minutes(sheet, early, windows, activity, net) for activity in activities]
        sooner = [
            {
                fleet: more
                for fleet, seconds in activity.head_starts.items()
                if (more := _early_minutes(sheet, early, windows, activity, net, seconds) - least) > 0
            }
            for activity, least in zip(activities, minutes, strict=True)
        ]
        limits.append(EarlyLimit(early, minutes, sooner))
    return limits


def _ends_early(group: Group, activity: Activity) -> bool:
    windows = group.sample.windows[day_of(activity.half_day)]
    return bool(windows) and activity.times is not None and windows[-1].end_seconds < activity.times.end_seconds


def _no_later(windows: tuple[Windows, ...], others: tuple[Windows, ...]) -> bool:
    """Whether the last window of every day ends no later than the other's."""
    pairs = zip(windows, others, strict=True)
    return all(not a or (bool(b) and a[-1].end_seconds <= b[-1].end_seconds) for a, b in pairs)


def _early_minutes(
    sheet: Sheet, early: Sequence[Contact], windows: tuple[Windows, ...], activity: Activity, net: int, sooner: int = 0
) -> int:
    """Minutes per member up to the window's end on the activity's half-day, begun so many seconds sooner."""
    day = day_of(activity.half_day)
    assert activity.times is not None
    if not windows[day] or windows[day][-1].end_seconds >= activity.times.end_seconds:
        return net
    opens = max((w[day][0].start_seconds for c in early if (w := sheet.groups[c.group].sample.windows)[day]), default=0)
    room = windows[day][-1].end_seconds - max(activity.times.start_seconds - sooner, opens)
    return min(net, max(0, room) // MINUTE_SECONDS)


def limit_homes(sheet: Sheet, book: Book) -> None:
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
        room = slot_minutes(sheet, slot)
        loads = [(stop_minutes(sheet, contact), contact.variable) for contact in contacts]
        gained = [(-minutes, literal) for literal, minutes in _gains(sheet, slot)]
        sheet.builder.at_most([*loads, *travel, *gained, (-room, slot.on)], 0)


def slot_minutes(sheet: Sheet, slot: Activity) -> int:
    """Minutes that a home crew is planned for."""
    start, end = sheet.week.bounds(slot.half_day)
    return (end - start) * USABLE_PERCENT // 100 // MINUTE_SECONDS


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
            only_if(sheet, contact.group, contact.variable, (visits,))
        longest = -(-travel.radial_seconds(slot.base, place) // MINUTE_SECONDS)
        builder.at_most([(longest, visits), (-1, radial)], 0)
        detour = -(-travel.detour_seconds(place) // MINUTE_SECONDS)
        builder.pay(visits, points * detour)
        terms.append((detour, visits))
    return terms
