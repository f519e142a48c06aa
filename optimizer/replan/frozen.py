"""What has begun before the freeze and therefore stays to the second: crews that are out, calls that were made."""

from dataclasses import dataclass

from optimizer.calendar import day_of, half_day_bounds, half_of
from optimizer.plan import Crew, Plan, Stop
from optimizer.problem import Problem
from optimizer.replan.params import Until


@dataclass(frozen=True, slots=True)
class Frozen:
    """The begun part of a plan; asked of every plan that might take its place."""

    problem: Problem
    plan: Plan
    until: Until | None

    def has_begun(self, half_day: int) -> bool:
        """Whether a half-day begins before the freeze."""
        day = self.problem.days[day_of(half_day)]
        return self.until is not None and self.until.has_passed(day.date, half_day_bounds(day, half_of(half_day))[0])

    def is_out(self, crew: Crew) -> bool:
        """Whether a crew has left before the freeze."""
        return self._is_past(crew, crew.start_seconds)

    def is_begun(self, crew: Crew, stop: Stop) -> bool:
        """Whether a stop has begun before the freeze."""
        return self._is_past(crew, stop.start_seconds)

    def begun_follow_ups(self) -> frozenset[str]:
        """Follow-ups that nothing can change any more."""
        if self.until is None:
            return frozenset()
        at_stops = {
            name
            for crew in self.plan.crews
            for stop in crew.stops
            if self.is_begun(crew, stop)
            for name in stop.follow_ups
        }
        return frozenset(at_stops | {call.follow_up for call in self.plan.phone_calls if self.has_begun(call.half_day)})

    def is_kept_by(self, plan: Plan) -> bool:
        """Whether a plan has the very same begun part, and nothing else before the freeze."""
        return self.until is None or self._begun_part(plan) == self._begun_part(self.plan)

    def _begun_part(self, plan: Plan) -> tuple[object, ...]:
        crews = tuple(self._begun_crew(crew) for crew in plan.crews if self.is_out(crew))
        calls = frozenset(call for call in plan.phone_calls if self.has_begun(call.half_day))
        return frozenset(crews), calls

    def _begun_crew(self, crew: Crew) -> tuple[object, ...]:
        """A crew that is out: who with what, since when, and what it has begun."""
        lunch = crew.lunch if crew.lunch and self._is_past(crew, crew.lunch.start_seconds) else None
        stops = tuple(stop for stop in crew.stops if self.is_begun(crew, stop))
        return crew.half_days, crew.members, crew.vehicle, crew.start_seconds, stops, lunch

    def _is_past(self, crew: Crew, seconds: int) -> bool:
        day = self.problem.days[day_of(crew.half_days[0])]
        return self.until is not None and self.until.has_passed(day.date, seconds)
