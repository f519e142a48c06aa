"""A quick look at a crew's day with one more stop at every position: the clock and the order of classes, no judge.

Exact in travel and in the price of time as long as the joint visits of the day keep their starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.edits.draft import Draft, OpenCrew, OpenStop
from optimizer.edits.route import Meet, clock_of, legs_of, order_breaches, step_of
from optimizer.edits.schedule import Step, schedule


@dataclass(frozen=True, slots=True)
class Look:
    """A crew's day with a stop at a position; `points` are those of travel and time for the whole day."""

    position: int
    breaches: int
    seconds: int
    """By how much rules are missed."""
    points: int
    back_seconds: int
    start_seconds: int
    """Of the stop looked at; of the first stop for a day as it is."""

    @property
    def key(self) -> tuple[int, ...]:
        """Smaller is better."""
        return self.breaches, self.seconds, self.points, self.back_seconds


def looks_of(draft: Draft, crew: OpenCrew, stop: OpenStop, meets: Mapping[str, Meet]) -> list[Look]:
    """The crew's day with a stop at every position, from the first to the last."""
    legs = legs_of(draft.problem, crew, crew.stops)
    steps = _steps(draft, crew, crew.stops, legs, meets)
    own = step_of(draft, crew, stop, 0, meets)
    looks = []
    for position in range(len(crew.stops) + 1):
        there, onward = _detour(draft, crew, stop, position)
        onward_step = [_with_leg(steps[position], onward)] if position < len(steps) else []
        trial = (*steps[:position], _with_leg(own, there), *onward_step, *steps[position + 1 :])
        stops = [*crew.stops[:position], stop, *crew.stops[position:]]
        back = legs[-1] if position < len(steps) else onward
        looks.append(_look(draft, crew, stops, trial, back, position))
    return looks


def look_at(draft: Draft, crew: OpenCrew, meets: Mapping[str, Meet]) -> Look:
    """The crew's day as its stops are now."""
    legs = legs_of(draft.problem, crew, crew.stops)
    return _look(draft, crew, crew.stops, _steps(draft, crew, crew.stops, legs, meets), legs[-1], 0)


def look_at_position(draft: Draft, crew: OpenCrew, stop: OpenStop, position: int, meets: Mapping[str, Meet]) -> Look:
    """The crew's day with a stop at one position."""
    stops = [*crew.stops[:position], stop, *crew.stops[position:]]
    legs = legs_of(draft.problem, crew, stops)
    return _look(draft, crew, stops, _steps(draft, crew, stops, legs, meets), legs[-1], position)


def _steps(
    draft: Draft, crew: OpenCrew, stops: list[OpenStop], legs: list[int], meets: Mapping[str, Meet]
) -> tuple[Step, ...]:
    return tuple(step_of(draft, crew, stop, leg, meets) for stop, leg in zip(stops, legs[:-1], strict=True))


def _look(
    draft: Draft, crew: OpenCrew, stops: list[OpenStop], steps: tuple[Step, ...], back_leg: int, position: int
) -> Look:
    times = schedule(clock_of(draft.problem, crew.half_days), steps, back_leg)
    travel = sum(step.leg_seconds for step in steps) + (back_leg if steps else 0)
    bad = times.badness
    points = bad.price + draft.problem.weights.travel_second * travel
    breaches = bad.breaches + order_breaches(draft, stops)
    start = times.starts[position] if times.starts else 0
    return Look(position, breaches, bad.seconds, points, bad.back, start)


def _with_leg(step: Step, leg: int) -> Step:
    return Step(leg, step.service_seconds, step.windows, step.not_before)


def _detour(draft: Draft, crew: OpenCrew, stop: OpenStop, position: int) -> tuple[int, int]:
    """Travel from the place before a position to a stop, and on to the place after."""
    problem = draft.problem
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    number, snow = problem.site_number, problem.days[crew.day].snow
    before = crew.stops[position - 1].site if position else vehicle.base
    after = crew.stops[position].site if position < len(crew.stops) else vehicle.base
    return (
        problem.travel.seconds(vehicle.mode, number[before], number[stop.site], snow=snow),
        problem.travel.seconds(vehicle.mode, number[stop.site], number[after], snow=snow),
    )
