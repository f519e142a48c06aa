"""A crew's route as the scheduler needs it: legs, service, windows; and new times put back into a plan's crew."""

from collections.abc import Mapping

from optimizer.bundle import Windows
from optimizer.calendar import span_of
from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.schedule import Clock, Step, Times, schedule
from optimizer.edits.windows import home_seconds, home_windows, session_windows
from optimizer.model import OrderClass, TimeWindow
from optimizer.plan import Crew, Lunch, Stop, StopKind
from optimizer.problem import Problem

RANKS = {OrderClass.CLEAN: 0, OrderClass.GENERAL: 1, OrderClass.INFECTIOUS: 2}
INFECTIOUS = RANKS[OrderClass.INFECTIOUS]


def clock_of(problem: Problem, half_days: tuple[int, ...]) -> Clock:
    """The day of a crew that is out on these half-days."""
    span = span_of(problem.days, half_days, problem.parameters.max_overtime_seconds)
    day, weights = problem.days[span.day], problem.weights
    return Clock(
        span,
        day.lunch_earliest_seconds,
        day.lunch_latest_seconds,
        day.lunch_seconds if span.needs_lunch else 0,
        weights.late_second,
        weights.overtime_second,
        weights.waiting_second,
    )


def legs_of(problem: Problem, crew: OpenCrew, stops: list[OpenStop]) -> list[int]:
    """Travel seconds of every leg of a crew's round over these stops, the way back last."""
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    snow, number = problem.days[crew.day].snow, problem.site_number
    base = number[vehicle.base]
    places = [base, *(number[stop.site] for stop in stops), base]
    return [
        problem.travel.seconds(vehicle.mode, places[place], places[place + 1], snow=snow)
        for place in range(len(stops) + 1)
    ]


def windows_of(draft: Draft, crew: OpenCrew, stop: OpenStop) -> Windows:
    """When a stop may start on the crew's day, by its follow-ups and pins."""
    targets = [stop.session] if stop.session else stop.follow_ups
    pins = [pin for pin in draft.pins if pin.start_seconds is not None and pin.target in targets]
    pinned = pins[0].start_seconds if pins else None
    if not stop.session:
        return home_windows(draft.problem, draft.items(stop), crew.day, pinned)
    session = draft.problem.sessions[draft.problem.session_number[stop.session]]
    half_day = stop.half_day if stop.half_day in crew.half_days else crew.half_days[0]
    return session_windows(draft.problem, session, draft.items(stop), half_day, len(crew.members), pinned)


def seconds_of(draft: Draft, stop: OpenStop) -> int:
    """How long a stop takes."""
    if stop.session:
        return draft.problem.sessions[draft.problem.session_number[stop.session]].duration_seconds
    return home_seconds(draft.problem, draft.items(stop))


def step_of(draft: Draft, crew: OpenCrew, stop: OpenStop, leg: int, meets: Mapping[str, "Meet"]) -> Step:
    """A stop for the scheduler; `meets` says when the joint visits may start or have to."""
    windows, not_before = windows_of(draft, crew, stop), 0
    for name in stop.follow_ups if meets else ():
        meet = meets.get(name)
        if meet is not None and meet.is_fixed:
            windows = (TimeWindow(meet.seconds, meet.seconds),)
        elif meet is not None:
            not_before = max(not_before, meet.seconds)
    return Step(leg, seconds_of(draft, stop), windows, not_before)


class Meet:
    """When the two crews of a joint visit start: exactly then, or not before."""

    __slots__ = ("is_fixed", "seconds")

    def __init__(self, seconds: int, *, is_fixed: bool) -> None:
        self.seconds = seconds
        self.is_fixed = is_fixed


def times_of(draft: Draft, crew: OpenCrew, meets: Mapping[str, Meet]) -> Times:
    """New times of a crew."""
    legs = legs_of(draft.problem, crew, crew.stops)
    steps = tuple(step_of(draft, crew, stop, leg, meets) for stop, leg in zip(crew.stops, legs[:-1], strict=True))
    return schedule(clock_of(draft.problem, crew.half_days), steps, legs[-1])


def timed_crew(draft: Draft, crew: OpenCrew, times: Times) -> Crew:
    """A crew of the plan with its new times."""
    lunch = None
    if times.lunch_start_seconds is not None:
        length = draft.problem.days[crew.day].lunch_seconds
        lunch = Lunch(times.lunch_start_seconds, times.lunch_start_seconds + length)
    stops = tuple(
        Stop(
            stop.kind,
            stop.site,
            in_order(draft.problem, stop.follow_ups),
            arrival,
            start,
            start + seconds_of(draft, stop),
            stop.session,
        )
        for stop, arrival, start in zip(crew.stops, times.arrivals, times.starts, strict=True)
    )
    return Crew(
        crew.id,
        crew.half_days,
        crew.members,
        crew.team,
        crew.vehicle,
        times.leave_seconds,
        times.back_seconds,
        stops,
        lunch,
    )


def in_order(problem: Problem, names: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Follow-ups in the order of the problem."""
    return tuple(sorted(names, key=problem.follow_up_number.__getitem__))


def order_breaches(draft: Draft, stops: list[OpenStop]) -> int:
    """How many stops come after a dirtier one."""
    strict, so_far, breaches = draft.problem.parameters.strict_order_classes, 0, 0
    for stop in stops:
        ranks = [RANKS[item.order_class] for item in draft.items(stop)] if stop.kind is StopKind.HOME else []
        ranks = ranks or [RANKS[OrderClass.GENERAL]]
        ranks = ranks if strict else [rank // INFECTIOUS for rank in ranks]
        breaches += min(ranks) < so_far
        so_far = max(so_far, *ranks)
    return breaches
