"""Faults of follow-ups, sessions and pins."""

from collections.abc import Iterator

from optimizer.calendar import HALVES_PER_DAY, day_of, half_day_bounds, half_of
from optimizer.errors import Fault
from optimizer.model import Channel, FollowUp, Pin, Session
from optimizer.validation.parts import Known, Parts
from optimizer.validation.resources import A_SITE, A_TEAM, judge_needs
from optimizer.validation.spots import (
    DAY_SECONDS,
    Spot,
    judge_all_known,
    judge_doubled,
    judge_half_days,
    judge_ids,
    judge_known,
    judge_order,
    judge_range,
    judge_spell,
    spots_of,
)

PRIORITIES = (0, 3)
A_MEMBER = "the id of a member"


def judge_follow_ups(parts: Parts, known: Known) -> Iterator[Fault]:
    """Ids, references, dates, channels and times of day of follow-ups."""
    ids = [item.id for item in parts.follow_ups]
    yield from judge_ids("/follow_ups", ids)
    for item, spot in zip(parts.follow_ups, spots_of("/follow_ups", ids), strict=True):
        yield from _judge_references(item, spot, known)
        yield from _judge_dates(item, spot)
        yield from _judge_channels(parts, item, spot, known)
        yield from _judge_times(item, spot)


def _judge_references(item: FollowUp, spot: Spot, known: Known) -> Iterator[Fault]:
    if not item.resident:
        yield spot.at("resident").fault("EMPTY", "", "the opaque id of a resident")
    yield from judge_known(spot.at("site"), item.site, known.sites, A_SITE)
    yield from judge_all_known(spot.at("patrol_sites"), item.patrol_sites, known.sites, A_SITE)
    yield from judge_known(spot.at("team"), item.team, known.teams, A_TEAM, optional=True)
    yield from judge_all_known(spot.at("preferred_members"), item.preferred_members, known.members, A_MEMBER)
    if item.joint is not None:
        yield from judge_needs(spot.at("joint", "needs"), item.joint.needs)
    yield from judge_range(spot.at("priority"), item.priority, *PRIORITIES)


def _judge_dates(item: FollowUp, spot: Spot) -> Iterator[Fault]:
    dates = (("earliest", item.earliest), ("due", item.due), ("latest", item.latest))
    yield from judge_order(spot, *((name, value, value.toordinal()) for name, value in dates))
    yield from judge_range(spot.at("deadline_seconds"), item.deadline_seconds, 0, DAY_SECONDS)


def _judge_channels(parts: Parts, item: FollowUp, spot: Spot, known: Known) -> Iterator[Fault]:
    channels = [option.channel for option in item.channels]
    if not channels:
        yield spot.at("channels").fault("EMPTY", "", "at least one of home, patrol, phone")
    yield from judge_doubled(spot.at("channels"), channels)
    if channels == [Channel.PATROL] and not item.patrol_sites:
        yield spot.at("patrol_sites").fault("NO_WAY", "", "a site whose sessions may absorb it: patrol is its only way")
    most = {
        Channel.HOME: known.longest_half_day_seconds - parts.parameters.setup_seconds,
        Channel.PATROL: known.longest_half_day_seconds,
        Channel.PHONE: parts.parameters.phone_seconds_per_half_day,
    }
    for number, option in enumerate(item.channels):
        inside = spot.at("channels", number)
        yield from judge_range(inside.at("seconds"), option.seconds, 1)
        if parts.days and option.seconds > most[option.channel]:
            expected = f"at most {most[option.channel]} seconds, what a half-day has room for by {option.channel}"
            yield inside.at("seconds").fault("TOO_LONG", option.seconds, expected)
        yield from judge_needs(inside.at("needs"), option.needs)
        yield from judge_range(inside.at("head_count"), option.head_count, 1)


def _judge_times(item: FollowUp, spot: Spot) -> Iterator[Fault]:
    for number, window in enumerate(item.time_windows):
        inside = spot.at("time_windows", number)
        yield from judge_spell(inside, window.start_seconds, window.end_seconds, window.late_end_seconds)
    for number, there in enumerate(item.resident_windows):
        yield from judge_spell(spot.at("resident_windows", number), there.start_seconds, there.end_seconds)


def judge_sessions(parts: Parts, known: Known) -> Iterator[Fault]:
    """Ids, references, half-days, sizes and durations of sessions."""
    ids = [session.id for session in parts.sessions]
    yield from judge_ids("/sessions", ids)
    for session, spot in zip(parts.sessions, spots_of("/sessions", ids), strict=True):
        if session.id in known.follow_ups:
            yield spot.at("id").fault("DUPLICATE_ID", session.id, "an id that no follow-up has")
        yield from _judge_session(session, spot, known)
        yield from _judge_session_duration(parts, session, spot)


def _judge_session(session: Session, spot: Spot, known: Known) -> Iterator[Fault]:
    yield from judge_known(spot.at("site"), session.site, known.sites, A_SITE)
    yield from judge_known(spot.at("team"), session.team, known.teams, A_TEAM, optional=True)
    if not session.half_days:
        yield spot.at("half_days").fault("EMPTY", "", "at least one half-day")
    yield from judge_half_days(spot.at("half_days"), session.half_days, known.half_days)
    if session.usual_half_day is not None:
        yield from judge_range(spot.at("usual_half_day"), session.usual_half_day, 0, known.half_days - 1)
    yield from judge_needs(spot.at("needs"), session.needs)
    yield from judge_range(spot.at("min_members"), session.min_members, 1)
    sizes = (("min_members", session.min_members), ("max_members", session.max_members))
    yield from judge_order(spot, *((name, size, size) for name, size in sizes))
    yield from judge_range(spot.at("net_seconds_per_member"), session.net_seconds_per_member, 0, DAY_SECONDS)
    yield from judge_range(spot.at("max_contacts"), session.max_contacts, 0)
    yield from judge_range(spot.at("weight"), session.weight, 0)


def _judge_session_duration(parts: Parts, session: Session, spot: Spot) -> Iterator[Fault]:
    yield from judge_range(spot.at("duration_seconds"), session.duration_seconds, 1)
    halves = [number for number in session.half_days if 0 <= number < HALVES_PER_DAY * len(parts.days)]
    bounds = [half_day_bounds(parts.days[day_of(number)], half_of(number)) for number in halves]
    shortest = min((end - start for start, end in bounds), default=session.duration_seconds)
    if session.duration_seconds > shortest:
        expected = f"at most {shortest} seconds, the shortest of its half-days"
        yield spot.at("duration_seconds").fault("TOO_LONG", session.duration_seconds, expected)


def judge_pins(parts: Parts, known: Known) -> Iterator[Fault]:
    """Pins to nothing, two for one target, and pins that contradict themselves; one that cannot be kept is no fault."""
    targets: dict[str, int] = {}
    for number, pin in enumerate(parts.pins):
        spot = Spot(f"/pins/{number}", pin.target)
        what = "the id of a follow-up or of a session"
        yield from judge_known(spot.at("target"), pin.target, known.follow_ups | known.sessions, what)
        if pin.target in targets:
            expected = f"one pin for a target; there is /pins/{targets[pin.target]}"
            yield spot.at("target").fault("CONTRADICTORY_PIN", pin.target, expected)
        targets.setdefault(pin.target, number)
        yield from _judge_pin(pin, spot, known)


def _judge_pin(pin: Pin, spot: Spot, known: Known) -> Iterator[Fault]:
    if pin.day is not None:
        yield from judge_range(spot.at("day"), pin.day, 0, known.half_days // HALVES_PER_DAY - 1)
    if pin.half_day is not None:
        yield from judge_range(spot.at("half_day"), pin.half_day, 0, known.half_days - 1)
        if pin.day is not None and day_of(pin.half_day) != pin.day:
            yield spot.at("half_day").fault("CONTRADICTORY_PIN", pin.half_day, f"a half-day of day {pin.day}")
    yield from judge_all_known(spot.at("members"), pin.members, known.members, A_MEMBER)
    yield from judge_range(spot.at("start_seconds"), pin.start_seconds, 0, DAY_SECONDS)
