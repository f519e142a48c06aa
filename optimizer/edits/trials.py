"""Trying a place on the few crews that it concerns: the same timing and the same judge as the edit itself.

The crews around a place are opened once; every trial changes them, is judged, and is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.check import Verdict, check
from optimizer.edits.draft import Draft, OpenCrew, OpenStop, open_plan
from optimizer.edits.excerpts import excerpt, related_crews, served_by, sessions_of, with_earlier
from optimizer.edits.route import timed_crew
from optimizer.edits.timing import retime
from optimizer.plan import Crew, PhoneCall, Plan
from optimizer.problem import Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the judge says about the crews around a place after it was tried, and the crews with new times."""

    verdict: Verdict
    crews: tuple[Crew, ...]
    around: Plan


class Trial:
    """The surroundings of some crews of a plan in which a follow-up is left; `before` is the judge's word on them."""

    __slots__ = ("before", "draft", "follow_up", "plan", "problem")

    def __init__(self, problem: Problem, plan: Plan, follow_up: str, crews: Sequence[Crew], calls: Sequence[PhoneCall]):
        names = served_by(crews) | {call.follow_up for call in calls}
        part = excerpt(problem, names | {follow_up}, sessions_of(crews))
        self.problem = with_earlier(part, cut_plan(problem.earlier, names | {follow_up}, sessions_of(crews)))
        self.plan = Plan(tuple(crews), tuple(calls))
        self.follow_up = follow_up
        self.draft: Draft = open_plan(self.problem, self.plan)
        self.before = check(self.problem, self.plan)

    def with_stops(self, places: Sequence[tuple[OpenCrew, OpenStop, int]]) -> Outcome:
        """With new stops at positions of crews."""
        for crew, stop, position in places:
            crew.stops.insert(position, stop)
            crew.is_touched = True
        outcome = self._timed()
        for crew, stop, _ in places:
            crew.stops.remove(stop)
            crew.is_touched = False
        return outcome

    def with_attendee(self, crew: OpenCrew, stop: OpenStop) -> Outcome:
        """With the follow-up done at a stop that is there."""
        stop.follow_ups.append(self.follow_up)
        crew.is_touched = True
        outcome = self._timed()
        stop.follow_ups.pop()
        crew.is_touched = False
        return outcome

    def with_call(self, call: PhoneCall) -> Outcome:
        """With a phone call."""
        plan = Plan(self.plan.crews, (*self.plan.phone_calls, call))
        return Outcome(check(self.problem, plan), (), plan)

    def _timed(self) -> Outcome:
        new = {id(crew): timed_crew(self.draft, crew, times) for crew, times in retime(self.draft)}
        crews = tuple(new.get(id(crew)) or crew.before for crew in self.draft.crews)
        known = tuple(crew for crew in crews if crew is not None)
        plan = Plan(known, self.plan.phone_calls)
        return Outcome(check(self.problem, plan), tuple(new.values()), plan)


def trial_of_crews(problem: Problem, plan: Plan, follow_up: str, names: Sequence[str]) -> Trial:
    """The surroundings of crews that would get a stop or an attendee."""
    return Trial(problem, plan, follow_up, related_crews(problem, plan, names, all_week=False), ())


def trial_of_member(problem: Problem, plan: Plan, follow_up: str, member: str) -> Trial:
    """The surroundings of a member who would phone."""
    crews = [crew for crew in plan.crews if member in crew.members]
    calls = [call for call in plan.phone_calls if call.member == member]
    return Trial(problem, plan, follow_up, crews, calls)


def cut_plan(plan: Plan | None, follow_ups: set[str], sessions: set[str]) -> Plan | None:
    """The crews and calls of an earlier plan that concern these follow-ups and sessions; None stays None."""
    if plan is None:
        return None
    crews = tuple(
        crew
        for crew in plan.crews
        if any(stop.session in sessions or not follow_ups.isdisjoint(stop.follow_ups) for stop in crew.stops)
    )
    return Plan(crews, tuple(call for call in plan.phone_calls if call.follow_up in follow_ups))
