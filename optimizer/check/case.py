"""A plan laid beside its problem: names looked up, nothing judged yet.

Crews whose half-days or vehicle make no sense have no outing; `references` reports them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from optimizer.calendar import HALVES_PER_DAY, Day
from optimizer.model import Channel, ChannelOption, FollowUp, Member, Parameters, Session, Vehicle
from optimizer.plan import Crew, PhoneCall, Plan, Stop, StopKind
from optimizer.problem import Problem

AFTERNOON = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop of an outing, with what it names; unknown names are left out."""

    position: int
    stop: Stop
    items: tuple[FollowUp, ...]
    session: Session | None
    travel_seconds: int
    """From the place before; 0 when one of the two places is unknown."""

    @property
    def is_session(self) -> bool:
        """Whether it is a session rather than a home stop."""
        return self.stop.kind is StopKind.SESSION


@dataclass(frozen=True, slots=True)
class Outing:
    """A crew whose half-days and vehicle make sense."""

    crew: Crew
    number: int
    """Its position among the plan's crews."""
    day_number: int
    day: Day
    members: tuple[Member, ...]
    vehicle: Vehicle
    visits: tuple[Visit, ...]
    return_seconds: int
    """Travel from the last stop to the base."""

    @property
    def travel_seconds(self) -> int:
        """All its travel, with the way back."""
        return sum(visit.travel_seconds for visit in self.visits) + self.return_seconds

    @property
    def sessions(self) -> tuple[Visit, ...]:
        """The stops at which a known session is held."""
        return tuple(visit for visit in self.visits if visit.is_session and visit.session is not None)

    @property
    def homes(self) -> tuple[Visit, ...]:
        """The home stops."""
        return tuple(visit for visit in self.visits if not visit.is_session)


@dataclass(frozen=True, slots=True)
class Service:
    """One time that a known follow-up is done; `outing` and `visit` for a visit, `phone` for a phone call."""

    item: FollowUp
    channel: Channel
    date: date
    day_number: int
    outing: Outing | None = None
    visit: Visit | None = None
    phone: PhoneCall | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A plan and its problem, looked up once."""

    problem: Problem
    plan: Plan
    items: dict[str, FollowUp]
    members: dict[str, Member]
    sessions: dict[str, Session]
    outings: tuple[Outing, ...]
    services: tuple[Service, ...]

    @property
    def parameters(self) -> Parameters:
        """The problem's parameters."""
        return self.problem.parameters


def lay_out(problem: Problem, plan: Plan) -> Case:
    """The plan beside its problem."""
    items = {item.id: item for item in problem.follow_ups}
    members = {member.id: member for member in problem.members}
    sessions = {session.id: session for session in problem.sessions}
    blank = Case(problem, plan, items, members, sessions, (), ())
    outings = tuple(
        outing for number, crew in enumerate(plan.crews) if (outing := _outing(blank, number, crew)) is not None
    )
    services = (*_visits(outings), *_phone_services(blank))
    return Case(problem, plan, items, members, sessions, outings, services)


def is_half_day(problem: Problem, half_day: int) -> bool:
    """Whether the number is a half-day of the plan."""
    return 0 <= half_day < HALVES_PER_DAY * len(problem.days)


def are_half_days_sound(half_days: tuple[int, ...]) -> bool:
    """Whether they are one half-day, or morning and afternoon of one day."""
    if len(half_days) == HALVES_PER_DAY:
        return half_days[0] % HALVES_PER_DAY == 0 and half_days[1] == half_days[0] + 1
    return len(half_days) == 1


def bounds_of(day: Day, half_day: int) -> tuple[int, int]:
    """Start and normal end of a half-day."""
    if half_day % HALVES_PER_DAY == AFTERNOON:
        return day.afternoon_start_seconds, day.afternoon_end_seconds
    return day.morning_start_seconds, day.morning_end_seconds


def half_day_at(outing: Outing, visit: Visit) -> int:
    """The half-day of the outing in which a stop lies: the one that holds all of it, else the one it starts in."""
    half_days = outing.crew.half_days
    for half_day in half_days:
        start, end = bounds_of(outing.day, half_day)
        if start <= visit.stop.start_seconds and visit.stop.end_seconds <= end:
            return half_day
    is_afternoon = visit.stop.start_seconds >= outing.day.afternoon_start_seconds
    return half_days[-1] if is_afternoon else half_days[0]


def option_for(item: FollowUp, channel: Channel) -> ChannelOption | None:
    """The follow-up's option for a channel, whether or not it may be used now."""
    for option in item.channels:  # asked for every service several times, and faster than a generator
        if option.channel is channel:
            return option
    return None


def travel_between(problem: Problem, mode: str, origin: str, destination: str, *, snow: bool) -> int:
    """Travel seconds between two sites; 0 when one is unknown."""
    number = problem.site_number
    if origin not in number or destination not in number:
        return 0
    seconds = int(problem.travel.modes[mode].seconds[number[origin], number[destination]])
    return (seconds * problem.travel.snow_percent + 99) // 100 if snow else seconds


def _outing(case: Case, number: int, crew: Crew) -> Outing | None:
    problem = case.problem
    is_known = all(is_half_day(problem, half_day) for half_day in crew.half_days)
    if not (is_known and are_half_days_sound(crew.half_days) and crew.vehicle in problem.vehicle_number):
        return None
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    day_number = crew.half_days[0] // HALVES_PER_DAY
    day = problem.days[day_number]
    places = (vehicle.base, *(stop.site for stop in crew.stops), vehicle.base)
    travel = [
        travel_between(problem, vehicle.mode, origin, destination, snow=day.snow)
        for origin, destination in pairwise(places)
    ]
    visits = tuple(
        Visit(
            position,
            stop,
            tuple(case.items[name] for name in stop.follow_ups if name in case.items),
            case.sessions.get(stop.session) if stop.kind is StopKind.SESSION else None,
            travel[position],
        )
        for position, stop in enumerate(crew.stops)
    )
    members = tuple(case.members[name] for name in dict.fromkeys(crew.members) if name in case.members)
    return Outing(crew, number, day_number, day, members, vehicle, visits, travel[-1] if visits else 0)


def _visits(outings: tuple[Outing, ...]) -> Iterator[Service]:
    for outing in outings:
        for visit in outing.visits:
            channel = Channel.PATROL if visit.is_session else Channel.HOME
            for item in visit.items:
                yield Service(item, channel, outing.day.date, outing.day_number, outing, visit)


def _phone_services(case: Case) -> Iterator[Service]:
    for phone in case.plan.phone_calls:
        if phone.follow_up in case.items and is_half_day(case.problem, phone.half_day):
            day_number = phone.half_day // HALVES_PER_DAY
            day = case.problem.days[day_number]
            yield Service(case.items[phone.follow_up], Channel.PHONE, day.date, day_number, phone=phone)
