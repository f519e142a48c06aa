"""Are sessions held when, where and for as many as they may be."""

from collections import defaultdict
from collections.abc import Iterator

from optimizer.check.case import Case, Outing, Visit, bounds_of, half_day_at
from optimizer.check.durations import patrol_seconds
from optimizer.check.sentences import NOTHING, Both, breach, clock, half_day_name, item_name, listed, same, session_name
from optimizer.model import FollowUp, Session
from optimizer.plan import Violation

Spell = tuple[int, int]
"""From and to, in seconds of the day."""


def judge_sessions(case: Case) -> Iterator[Violation]:
    """Rules of single sessions, then of sessions beside each other."""
    for outing in case.outings:
        for visit in outing.sessions:
            assert visit.session is not None, "only known sessions are asked for"
            yield from _judge_time(outing, visit, visit.session)
            yield from _judge_place(outing, visit, visit.session)
            yield from _judge_load(case, outing, visit, visit.session)
    yield from _judge_clash(case)
    yield from _judge_spacing(case)


def windows_on(item: FollowUp, outing: Outing) -> list[Spell] | None:
    """When an attendee can be seen on the outing's day: times of day within the resident's; None when always."""
    if not item.time_windows and not item.resident_windows:
        return None
    whole_day = [(0, 1 << 30)]
    times = [(one.start_seconds, one.end_seconds) for one in item.time_windows] or whole_day
    there = [(one.start_seconds, one.end_seconds) for one in item.resident_windows if one.date == outing.day.date]
    there = there if item.resident_windows else whole_day
    common = [(max(a, c), min(b, d)) for a, b in times for c, d in there]
    return [(start, end) for start, end in common if start <= end]


def _judge_time(outing: Outing, visit: Visit, session: Session) -> Iterator[Violation]:
    half_day = half_day_at(outing, visit)
    if half_day not in session.half_days:
        yield breach("SESSION_HALF_DAY", session_name(session.id), listed(session.half_days), half_day_name(half_day))
    first, last = bounds_of(outing.day, half_day)
    stop = visit.stop
    if stop.start_seconds < first or stop.end_seconds > last:
        expected = Both(f"整段在{clock(first)}-{clock(last)}", f"all of it in {clock(first)}-{clock(last)}")
        found = f"{clock(stop.start_seconds)}-{clock(stop.end_seconds)}"
        yield breach("SESSION_TIME", session_name(session.id), expected, found)


def _judge_place(outing: Outing, visit: Visit, session: Session) -> Iterator[Violation]:
    if visit.stop.site != session.site:
        yield breach("SESSION_SITE", session_name(session.id), same(session.site), visit.stop.site or NOTHING)
    for item in visit.items:
        if session.site not in item.patrol_sites:
            yield breach("SESSION_SITE", item_name(item.id), listed(item.patrol_sites), session.site)
    if session.vehicle_tag and session.vehicle_tag not in outing.vehicle.tags:
        yield breach("VEHICLE_TAG", session_name(session.id), same(session.vehicle_tag), listed(outing.vehicle.tags))


def _judge_load(case: Case, outing: Outing, visit: Visit, session: Session) -> Iterator[Violation]:
    name, size = session_name(session.id), len(outing.members)
    contacts = len({item.resident for item in visit.items})
    if contacts > session.max_contacts:
        yield breach(
            "CONTACTS", name, Both(f"至多{session.max_contacts}人次", f"at most {session.max_contacts}"), contacts
        )
    room, needed = session.net_seconds_per_member * size, patrol_seconds(visit.items, case.parameters)
    if needed > room:
        yield breach("CAPACITY", name, Both(f"至多{room}人秒", f"at most {room} person-seconds"), needed)
    for end, room, needed in _tight_ends(case, outing, visit):
        if needed > room:
            expected = Both(f"{clock(end)}前至多{room}人秒", f"at most {room} person-seconds until {clock(end)}")
            yield breach("CAPACITY", name, expected, needed)


def _tight_ends(case: Case, outing: Outing, visit: Visit) -> Iterator[tuple[int, int, int]]:
    """(end, room, person-seconds needed) for every time before the session's end that ends some attendees' windows."""
    spells = [(item, windows) for item in visit.items if (windows := windows_on(item, outing))]
    lasts = {item.id: max(end for _, end in windows) for item, windows in spells}
    for end in sorted({last for last in lasts.values() if last < visit.stop.end_seconds}):
        bound = [(item, windows) for item, windows in spells if lasts[item.id] <= end]
        opening = max(visit.stop.start_seconds, min(start for _, windows in bound for start, _ in windows))
        room = len(outing.members) * max(0, end - opening)
        yield end, room, patrol_seconds([item for item, _ in bound], case.parameters)


def _held(case: Case) -> Iterator[tuple[Session, Outing, int]]:
    for outing in case.outings:
        for visit in outing.sessions:
            assert visit.session is not None, "only known sessions are asked for"
            yield visit.session, outing, half_day_at(outing, visit)


def _judge_clash(case: Case) -> Iterator[Violation]:
    places: dict[tuple[str, int], list[str]] = defaultdict(list)
    for session, _, half_day in _held(case):
        places[session.site, half_day].append(session.id)
    for (site, half_day), names in places.items():
        if len(names) > 1:
            thing = Both(f"地点{site}，半天{half_day}", f"site {site}, half-day {half_day}")
            yield breach("SESSION_CLASH", thing, Both("一场巡诊", "one session"), listed(names))


def _judge_spacing(case: Case) -> Iterator[Violation]:
    places: dict[tuple[str, int], list[str]] = defaultdict(list)
    for session, outing, _ in _held(case):
        if session.series:
            places[session.series, outing.day_number].append(session.id)
    for (series, day_number), names in places.items():
        if len(names) > 1:
            day = case.problem.days[day_number].date
            thing = Both(f"系列{series}，{day}", f"series {series}, {day}")
            yield breach("SESSION_SPACING", thing, Both("每天一场", "one session a day"), listed(names))
