"""Is every follow-up and session accounted for once, by an allowed channel, on an allowed date and time of day."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from optimizer.check.case import Case, Service, option_for
from optimizer.check.sentences import NOTHING, Both, breach, clock, item_name, listed, session_name
from optimizer.model import Channel, FollowUp, ServiceClass
from optimizer.plan import StopKind, Violation


def judge_served(case: Case) -> Iterator[Violation]:
    """ONCE, LEFT_CLASS and SESSION_REQUIRED over the plan; channel, date and time of day of every service."""
    yield from _judge_once(case)
    yield from _judge_left_class(case)
    yield from _judge_sessions_once(case)
    for service in case.services:
        yield from _judge_channel(service)
        yield from _judge_date(service)
        yield from _judge_clock(service)
        yield from _judge_time_of_day(service)


def places_of(case: Case, names: set[str]) -> dict[str, list[str]]:
    """Where each of these appears, in any crew: home, patrol, phone, deferred and unplanned, as often as it does."""
    places: dict[str, list[str]] = defaultdict(list)
    for crew in case.plan.crews:
        for stop in crew.stops:
            place = Channel.HOME if stop.kind is StopKind.HOME else Channel.PATROL
            for name in stop.follow_ups:
                if name in names:
                    places[name].append(place)
    for call in case.plan.phone_calls:
        if call.follow_up in names:
            places[call.follow_up].append(Channel.PHONE)
    for kind, lefts in (("deferred", case.plan.deferred), ("unplanned", case.plan.unplanned)):
        for left in lefts:
            if left.id in names:
                places[left.id].append(kind)
    return places


def _appearances(case: Case) -> Counter[str]:
    """How often each name appears anywhere; most do once, and those need no further look."""
    plan = case.plan
    times = Counter(name for crew in plan.crews for stop in crew.stops for name in stop.follow_ups)
    times.update(call.follow_up for call in plan.phone_calls)
    times.update(left.id for left in (*plan.deferred, *plan.unplanned))
    return times


def _judge_once(case: Case) -> Iterator[Violation]:
    appearances = _appearances(case)
    suspects = [item for item in case.problem.follow_ups if appearances[item.id] != 1]
    places = places_of(case, {item.id for item in suspects})
    for item in suspects:
        found = places.get(item.id, [])
        times = len(found)
        if item.joint and Channel.HOME in found:
            # Both crews of a joint visit list it; whether there are two of them is judged as JOINT.
            times -= min(found.count(Channel.HOME), 2) - 1
        if times != 1:
            words = ", ".join(f"{place} {count}" for place, count in Counter(found).items())
            yield breach("ONCE", item_name(item.id), Both("恰好一次", "exactly once"), words or NOTHING)


def _judge_left_class(case: Case) -> Iterator[Violation]:
    deferred, unplanned = Both("列为延后", "listed as deferred"), Both("列为未安排", "listed as unplanned")
    for lefts, listed_as in ((case.plan.deferred, deferred), (case.plan.unplanned, unplanned)):
        for left in lefts:
            item = case.items.get(left.id)
            if item is None:
                continue
            right = deferred if item.latest > case.problem.days[-1].date else unplanned
            if right is not listed_as:
                yield breach("LEFT_CLASS", item_name(left.id), right, listed_as)


def _judge_sessions_once(case: Case) -> Iterator[Violation]:
    held = Counter(stop.session for crew in case.plan.crews for stop in crew.stops if stop.kind is StopKind.SESSION)
    not_held = Counter(left.id for left in case.plan.sessions_not_held)
    for session in case.problem.sessions:
        times, left = held[session.id], not_held[session.id]
        if times + left != 1:
            found = Both(f"举行{times}次，列为未举行{left}次", f"held {times} times, listed as not held {left} times")
            yield breach("ONCE", session_name(session.id), Both("恰好一次", "exactly once"), found)
        if session.is_law and not times:
            yield breach("SESSION_REQUIRED", session_name(session.id), Both("举行", "held"), Both("未举行", "not held"))


def _judge_channel(service: Service) -> Iterator[Violation]:
    item = service.item
    if option_for(item, service.channel) is None:
        allowed = listed([str(option.channel) for option in item.channels])
        yield breach("CHANNEL", item_name(item.id), allowed, service.channel)
    is_home_medical = item.service_class is ServiceClass.HOME_MEDICAL and service.channel is Channel.HOME
    if is_home_medical and (item.gate is None or not item.gate.is_open):
        expected = Both(
            "上门前完成评估、知情同意、有照护者", "assessment, consent and a carer before it is done at home"
        )
        yield breach("HOME_MEDICAL", item_name(item.id), expected, _gate_words(item))


def _gate_words(item: FollowUp) -> Both:
    gate = item.gate
    if gate is None:
        return NOTHING
    has = [
        ("评估", "assessment", gate.assessed),
        ("同意", "consent", gate.consented),
        ("照护者", "carer", gate.carer_present),
    ]
    zh, en = [zh for zh, _, there in has if there], [en for _, en, there in has if there]
    return Both("、".join(zh), ", ".join(en)) if zh else NOTHING


def _judge_date(service: Service) -> Iterator[Violation]:
    item = service.item
    is_late = item.hard_end and service.date > item.latest
    if service.date < item.earliest or is_late:
        end = item.latest if item.hard_end else "…"
        expected = Both(f"日期在{item.earliest}至{end}", f"a date from {item.earliest} to {end}")
        yield breach("WINDOW", item_name(item.id), expected, str(service.date))


def _judge_clock(service: Service) -> Iterator[Violation]:
    item, visit = service.item, service.visit
    if item.deadline_seconds is None or visit is None or service.date != item.latest:
        return
    if visit.stop.start_seconds > item.deadline_seconds:
        end = clock(item.deadline_seconds)
        expected = Both(f"{item.latest} {end}前开始", f"start by {end} on {item.latest}")
        yield breach("CLOCK", item_name(item.id), expected, clock(visit.stop.start_seconds))


def _judge_time_of_day(service: Service) -> Iterator[Violation]:
    item, visit = service.item, service.visit
    if visit is None or not (item.time_windows or item.resident_windows):
        return
    times = [
        (window.start_seconds, window.end_seconds if window.late_end_seconds is None else window.late_end_seconds)
        for window in item.time_windows
    ]
    there = [
        (window.start_seconds, window.end_seconds) for window in item.resident_windows if window.date == service.date
    ]
    start, end = visit.stop.start_seconds, visit.stop.end_seconds
    for rule, wanted, windows in (
        ("TIME_WINDOW", item.time_windows, times),
        ("RESIDENT_WINDOW", item.resident_windows, there),
    ):
        if not wanted:
            continue
        if visit.is_session:
            fits = any(first < end and last >= start for first, last in windows)
        else:
            fits = any(first <= start <= last for first, last in windows)
        if not fits:
            words = ", ".join(f"{clock(first)}-{clock(last)}" for first, last in windows)
            expected = Both(f"时段{words or '无'}", f"a time in {words or 'no window of this day'}")
            yield breach(rule, item_name(item.id), expected, f"{clock(start)}-{clock(end)}")
