"""The figures of a week, from the problem and the plan alone: timeliness, channels, travel, burden, villages.

Counts what a plan says; whether the plan may be carried out is the business of `check`. Shares are None where there
is nothing to count.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from math import sqrt

from optimizer.calendar import HALVES_PER_DAY
from optimizer.model import FollowUp, SiteKind
from optimizer.plan import Crew, Plan, StopKind
from optimizer.problem import Problem

MINUTE_SECONDS = 60
CLOCKED = 0
"""The priority whose clock is watched one by one."""


@dataclass(frozen=True, slots=True)
class MemberBurden:
    """What one member does in the week."""

    member: str
    half_days: int
    field_minutes: int
    """Travel, service and sessions, without lunch and waiting."""


@dataclass(frozen=True, slots=True)
class VillageCounts:
    """What becomes of the follow-ups of one village; follow-ups outside villages are counted under ""."""

    village: str
    home: int
    patrol: int
    phone: int
    left: int


@dataclass(frozen=True, slots=True)
class Kpis:
    """The figures of a plan; counts are follow-ups unless the name says otherwise."""

    due_this_week: int
    """Follow-ups whose latest date is a day of the plan."""
    due_in_time: int
    """Of these, done inside their window."""
    timeliness_share: float | None
    clock_due: int
    """P0 follow-ups due this week."""
    clock_in_time: int
    home_visits: int
    patrol_visits: int
    phone_calls: int
    face_to_face_share: float | None
    """Of all served."""
    deferred: int
    unplanned_by_priority: tuple[int, int, int, int]
    overdue_before: int
    """Already past their latest date on the first planning day; these cannot be in time any more."""
    overdue_left: int
    """Of these, left."""
    sessions_wanted: int
    sessions_held: int
    sessions_held_share: float | None
    crew_half_days: int
    member_half_days: int
    home_stops: int
    travel_minutes: int
    service_minutes: int
    travel_share: float | None
    """Travel of all travel and service, by crew minutes."""
    travel_kilometres: float
    burdens: tuple[MemberBurden, ...]
    half_days_variation: float | None
    """Coefficient of variation of half-days over the members that have any in the field to give."""
    field_minutes_variation: float | None
    villages: tuple[VillageCounts, ...]


class Outcome(StrEnum):
    """What becomes of a follow-up in a plan."""

    HOME = "home"
    PATROL = "patrol"
    PHONE = "phone"
    DEFERRED = "deferred"
    """Left, and its window stays open after the last day."""
    UNPLANNED = "unplanned"
    """Left, and its window closes or has closed."""

    @property
    def is_served(self) -> bool:
        """Whether somebody sees or calls the resident."""
        return self not in (Outcome.DEFERRED, Outcome.UNPLANNED)


@dataclass(frozen=True, slots=True)
class FollowUpOutcome:
    """One follow-up and what becomes of it; day and start (for calls only the day) where it is served."""

    follow_up: str
    outcome: Outcome
    on: date | None = None
    start_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class _Trip:
    """What a crew's outing adds up to."""

    crew: Crew
    travel_seconds: int
    metres: int
    service_seconds: int


def outcomes(problem: Problem, plan: Plan) -> tuple[FollowUpOutcome, ...]:
    """What becomes of every follow-up, in the problem's order; first served counts."""
    done = _done_in(problem, plan)
    last = problem.days[-1].date
    return tuple(
        done.get(item.id) or FollowUpOutcome(item.id, Outcome.DEFERRED if item.latest > last else Outcome.UNPLANNED)
        for item in problem.follow_ups
    )


def kpis(problem: Problem, plan: Plan) -> Kpis:
    """The figures of a plan that names only what the problem has (raises KeyError otherwise)."""
    done = _done_in(problem, plan)
    counts = Counter(one.outcome for one in done.values())
    first, last = problem.days[0].date, problem.days[-1].date
    due = [item for item in problem.follow_ups if first <= item.latest <= last]
    clocked = [item for item in due if item.priority == CLOCKED]
    in_time = sum(_is_in_time(item, done) for item in due)
    trips = [_trip_of(problem, crew) for crew in plan.crews]
    travel, service = sum(trip.travel_seconds for trip in trips), sum(trip.service_seconds for trip in trips)
    burdens = _burdens(problem, trips)
    working = {member.id for member in problem.members if member.field_half_days}
    sessions_held = len({stop.session for crew in plan.crews for stop in crew.stops if stop.kind is StopKind.SESSION})
    left = [item for item in problem.follow_ups if item.id not in done]
    missed = Counter(item.priority for item in left if item.latest <= problem.days[-1].date)
    return Kpis(
        due_this_week=len(due),
        due_in_time=in_time,
        timeliness_share=_share(in_time, len(due)),
        clock_due=len(clocked),
        clock_in_time=sum(_is_in_time(item, done) for item in clocked),
        home_visits=counts[Outcome.HOME],
        patrol_visits=counts[Outcome.PATROL],
        phone_calls=counts[Outcome.PHONE],
        face_to_face_share=_share(counts[Outcome.HOME] + counts[Outcome.PATROL], len(done)),
        deferred=sum(item.latest > problem.days[-1].date for item in left),
        unplanned_by_priority=(missed[0], missed[1], missed[2], missed[3]),
        overdue_before=sum(item.latest < first for item in problem.follow_ups),
        overdue_left=sum(item.latest < first for item in left),
        sessions_wanted=len(problem.sessions),
        sessions_held=sessions_held,
        sessions_held_share=_share(sessions_held, len(problem.sessions)),
        crew_half_days=sum(len(crew.half_days) for crew in plan.crews),
        member_half_days=sum(burden.half_days for burden in burdens),
        home_stops=sum(stop.kind is StopKind.HOME for crew in plan.crews for stop in crew.stops),
        travel_minutes=travel // MINUTE_SECONDS,
        service_minutes=service // MINUTE_SECONDS,
        travel_share=_share(travel, travel + service),
        travel_kilometres=sum(trip.metres for trip in trips) / 1000,
        burdens=burdens,
        half_days_variation=_variation([one.half_days for one in burdens if one.member in working]),
        field_minutes_variation=_variation([one.field_minutes for one in burdens if one.member in working]),
        villages=_villages(problem, done),
    )


def _done_in(problem: Problem, plan: Plan) -> dict[str, FollowUpOutcome]:
    """Every follow-up served, the first time it is."""
    done: dict[str, FollowUpOutcome] = {}
    for crew in plan.crews:
        day = problem.days[crew.half_days[0] // HALVES_PER_DAY]
        for stop in crew.stops:
            outcome = Outcome.HOME if stop.kind is StopKind.HOME else Outcome.PATROL
            for name in stop.follow_ups:
                done.setdefault(name, FollowUpOutcome(name, outcome, day.date, stop.start_seconds))
    for call in plan.phone_calls:
        day = problem.days[call.half_day // HALVES_PER_DAY]
        done.setdefault(call.follow_up, FollowUpOutcome(call.follow_up, Outcome.PHONE, day.date))
    return done


def _is_in_time(item: FollowUp, done: dict[str, FollowUpOutcome]) -> bool:
    """Whether it is done inside its window, and by its clock on the last day."""
    served = done.get(item.id)
    if served is None or served.on is None or not item.earliest <= served.on <= item.latest:
        return False
    is_clocked = item.deadline_seconds is not None and served.on == item.latest and served.start_seconds is not None
    return not is_clocked or (served.start_seconds or 0) <= (item.deadline_seconds or 0)


def _trip_of(problem: Problem, crew: Crew) -> _Trip:
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    snow = problem.days[crew.half_days[0] // HALVES_PER_DAY].snow
    places = [problem.site_number[site] for site in (vehicle.base, *(stop.site for stop in crew.stops), vehicle.base)]
    legs = tuple(pairwise(places))
    metres = problem.travel.modes[vehicle.mode].metres
    return _Trip(
        crew,
        sum(problem.travel.seconds(vehicle.mode, origin, place, snow=snow) for origin, place in legs),
        sum(int(metres[origin, place]) for origin, place in legs),
        sum(stop.end_seconds - stop.start_seconds for stop in crew.stops),
    )


def _burdens(problem: Problem, trips: Iterable[_Trip]) -> tuple[MemberBurden, ...]:
    half_days: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for trip in trips:
        for name in trip.crew.members:
            half_days[name] += len(trip.crew.half_days)
            seconds[name] += trip.travel_seconds + trip.service_seconds
    return tuple(
        MemberBurden(member.id, half_days[member.id], seconds[member.id] // MINUTE_SECONDS)
        for member in problem.members
    )


def _villages(problem: Problem, done: dict[str, FollowUpOutcome]) -> tuple[VillageCounts, ...]:
    village_of = {site.id: site.village or (site.id if site.kind is SiteKind.VILLAGE else "") for site in problem.sites}
    total = Counter(village_of[item.site] for item in problem.follow_ups)
    served = {outcome: Counter[str]() for outcome in (Outcome.HOME, Outcome.PATROL, Outcome.PHONE)}
    for item in problem.follow_ups:
        if item.id in done:
            served[done[item.id].outcome][village_of[item.site]] += 1
    return tuple(_village_counts(village, total[village], served) for village in sorted(total))


def _village_counts(village: str, total: int, served: dict[Outcome, Counter[str]]) -> VillageCounts:
    home, patrol, phone = (counts[village] for counts in served.values())
    return VillageCounts(village, home, patrol, phone, total - home - patrol - phone)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _variation(values: list[int]) -> float | None:
    """Standard deviation over mean; None without values or with a mean of 0."""
    mean = sum(values) / len(values) if values else 0.0
    if not mean:
        return None
    return sqrt(sum((value - mean) ** 2 for value in values) / len(values)) / mean
