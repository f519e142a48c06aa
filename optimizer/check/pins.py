"""Are pinned decisions kept wherever their target is served."""

from collections import defaultdict
from collections.abc import Iterator

from optimizer.calendar import HALVES_PER_DAY
from optimizer.check.case import Case, Outing, Service, Visit, half_day_at
from optimizer.check.sentences import Both, breach, clock, half_day_name, item_name, listed, same, session_name
from optimizer.model import Pin
from optimizer.plan import Violation


def judge_pins(case: Case) -> Iterator[Violation]:
    """PIN for every given part of a pin that the plan does otherwise; an unserved target breaks nothing."""
    services_of: dict[str, list[Service]] = defaultdict(list)
    for service in case.services:
        services_of[service.item.id].append(service)
    held: dict[str, list[tuple[Outing, Visit]]] = defaultdict(list)
    for outing in case.outings:
        for visit in outing.sessions:
            held[visit.stop.session].append((outing, visit))
    for pin in case.problem.pins:
        if pin.target in services_of:
            yield from _judge_follow_up(pin, services_of[pin.target])
        for outing, visit in held.get(pin.target, ()):
            yield from _judge_session(pin, outing, visit)


def _judge_follow_up(pin: Pin, services: list[Service]) -> Iterator[Violation]:
    name = item_name(pin.target)
    for service in services:
        if pin.channel not in (None, service.channel):
            yield breach("PIN", name, same(pin.channel), service.channel)
        if pin.day not in (None, service.day_number):
            yield breach("PIN", name, _day_name(pin.day), _day_name(service.day_number))
        if service.visit is not None:
            yield from _judge_start(pin, name, service.visit)
    crews = [_people_of(service) for service in services]
    if not any(crew.issuperset(pin.members) for crew in crews):
        yield breach("PIN", name, listed(pin.members), listed(sorted(set().union(*crews))))


def _judge_session(pin: Pin, outing: Outing, visit: Visit) -> Iterator[Violation]:
    name = session_name(pin.target)
    half_day = half_day_at(outing, visit)
    if pin.day not in (None, half_day // HALVES_PER_DAY):
        yield breach("PIN", name, _day_name(pin.day), _day_name(half_day // HALVES_PER_DAY))
    if pin.half_day is not None and pin.half_day != half_day:
        yield breach("PIN", name, half_day_name(pin.half_day), half_day_name(half_day))
    yield from _judge_start(pin, name, visit)
    if not set(outing.crew.members).issuperset(pin.members):
        yield breach("PIN", name, listed(pin.members), listed(outing.crew.members))


def _judge_start(pin: Pin, name: Both, visit: Visit) -> Iterator[Violation]:
    if pin.start_seconds is not None and pin.start_seconds != visit.stop.start_seconds:
        start = clock(pin.start_seconds)
        yield breach("PIN", name, Both(f"{start}开始", f"a start at {start}"), clock(visit.stop.start_seconds))


def _people_of(service: Service) -> set[str]:
    if service.outing is not None:
        return set(service.outing.crew.members)
    return {service.phone.member} if service.phone is not None else set()


def _day_name(day: int | None) -> Both:
    return Both(f"第{day}天", f"day {day}")
