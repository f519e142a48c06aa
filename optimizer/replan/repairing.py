"""Takes out of an old plan what the rules of the present problem no longer allow, and as little else as it can.

First people: who cannot come is replaced or left out of the crew. Then, crew by crew, whatever mends most for the
least cost is taken out until the judge is content. What has begun is not touched, whatever the judge says about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.check import Verdict, check
from optimizer.edits.excerpts import excerpt, related_crews, served_by, sessions_of
from optimizer.edits.kinds import DropFollowUp, DropSession, Edit, ReassignMember
from optimizer.model import Member
from optimizer.plan import Crew, Plan
from optimizer.problem import Problem
from optimizer.replan.frozen import Frozen
from optimizer.replan.state import carried

MOST_REPLACEMENTS = 6
"""People tried in place of one who cannot come."""
Score = tuple[int, int]
"""Broken rules and cost points."""


def repaired(problem: Problem, plan: Plan, frozen: Frozen) -> Plan:
    """The plan without what breaks a rule, as far as that has not begun."""
    if check(problem, plan).is_feasible:
        return plan
    plan = _with_other_people(problem, plan, frozen)
    for name in [crew.id for crew in plan.crews]:
        plan = _with_sound_crew(problem, plan, name, frozen)
    return plan if check(problem, plan).is_feasible else _with_sound_calls(problem, plan, frozen)


def _with_other_people(problem: Problem, plan: Plan, frozen: Frozen) -> Plan:
    """Whoever is not there is replaced by the best fitting free member, or left out of the crew."""
    for crew in plan.crews:
        for name in crew.members:
            present = next((one for one in plan.crews if one.id == crew.id), None)
            if present is None or frozen.is_out(crew) or name not in present.members:
                continue
            member = problem.members[problem.member_number[name]]
            if set(crew.half_days) <= set(member.field_half_days):
                continue
            edits: list[Edit] = [
                ReassignMember(crew.id, name, one.id) for one in _stand_ins(problem, plan, crew, member)
            ]
            if len(present.members) > 1:
                edits.append(ReassignMember(crew.id, name))
            trials = [carried(problem, plan, [edit]) for edit in edits]
            scored = [(_badness(check(problem, trial)), number) for number, trial in enumerate(trials)]
            if scored and min(scored)[0] < _badness(check(problem, plan)):
                plan = trials[min(scored)[1]]
    return plan


def _stand_ins(problem: Problem, plan: Plan, crew: Crew, missing: Member) -> list[Member]:
    """Free members of the same base and role, those of the same team and with the same skills first."""
    busy = {name for other in plan.crews if set(other.half_days) & set(crew.half_days) for name in other.members}
    skills = {skill.code for skill in missing.skills}
    free = [
        member
        for member in problem.members
        if member.id not in busy
        and member.base == missing.base
        and member.role == missing.role
        and set(crew.half_days) <= set(member.field_half_days)
    ]
    lacking = {member.id: len(skills - {skill.code for skill in member.skills}) for member in free}
    free.sort(key=lambda member: (lacking[member.id], member.team != missing.team, problem.member_number[member.id]))
    return free[:MOST_REPLACEMENTS]


def _badness(verdict: Verdict) -> Score:
    return len(verdict.violations), verdict.cost.total


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A crew and all that a rule may see together with it, as a problem of its own."""

    part: Problem
    names: frozenset[str]
    """Ids of the crews."""

    def score(self, plan: Plan) -> Score:
        """Broken rules and cost of these crews in a plan; that somebody is not listed as left is no matter here."""
        crews = tuple(crew for crew in plan.crews if crew.id in self.names)
        verdict = check(self.part, Plan(crews))
        return sum(one.rule != "ONCE" for one in verdict.violations), verdict.cost.total


def _surroundings(problem: Problem, plan: Plan, name: str) -> Surroundings:
    crews = related_crews(problem, plan, [name], all_week=True)
    held = sessions_of(crews)
    # A session of the same series or place may stand in the way from any crew of the week.
    series = {problem.sessions[problem.session_number[one]].series for one in held} - {""}
    sites = {problem.sessions[problem.session_number[one]].site for one in held}
    others = [
        crew
        for crew in plan.crews
        for stop in crew.stops
        if stop.session
        and (stop.site in sites or problem.sessions[problem.session_number[stop.session]].series in series)
    ]
    known = {crew.id: crew for crew in (*crews, *others)}
    part = excerpt(problem, served_by(known.values()), sessions_of(known.values()))
    return Surroundings(part, frozenset(known))


def _with_sound_crew(problem: Problem, plan: Plan, name: str, frozen: Frozen) -> Plan:
    """The plan after taking out of a crew, step by step, what mends most for the least cost."""
    begun = frozen.begun_follow_ups()
    while True:
        crew = next((crew for crew in plan.crews if crew.id == name), None)
        if crew is None:
            return plan
        around = _surroundings(problem, plan, name)
        now = around.score(plan)
        rest = Plan(tuple(other for other in plan.crews if other.id != name))
        if not now[0] or (_is_plain(problem, crew) and now[0] <= around.score(rest)[0]):
            return plan
        ways_out = (carried(problem, plan, edits) for edits in _ways_out(crew, frozen, begun))
        trials = [trial for trial in ways_out if frozen.is_kept_by(trial)]
        scored = [(around.score(trial), number) for number, trial in enumerate(trials)]
        if not scored or min(scored)[0][0] >= now[0]:
            return plan
        plan = trials[min(scored)[1]]


def _is_plain(problem: Problem, crew: Crew) -> bool:
    """Whether nothing in a crew is missed by others when the crew is gone: no joint visit, no session that is law."""
    items = (problem.follow_ups[problem.follow_up_number[name]] for stop in crew.stops for name in stop.follow_ups)
    held = (problem.sessions[problem.session_number[stop.session]] for stop in crew.stops if stop.session)
    return not any(item.joint for item in items) and not any(session.is_law for session in held)


def _ways_out(crew: Crew, frozen: Frozen, begun: frozenset[str]) -> Iterator[list[Edit]]:
    """What can be taken out of a crew: one follow-up, a session, or everything that has not begun."""
    rest = [stop for stop in crew.stops if not frozen.is_begun(crew, stop)]
    everything: list[Edit] = []
    for stop in rest:
        singles: list[Edit] = [DropFollowUp(name) for name in stop.follow_ups if name not in begun]
        yield from ([edit] for edit in singles)
        if stop.session:
            yield [DropSession(stop.session)]
            everything.append(DropSession(stop.session))
        else:
            everything += singles
    if everything:
        yield everything


def _with_sound_calls(problem: Problem, plan: Plan, frozen: Frozen) -> Plan:
    """The plan without the phone calls that break a rule, the last of a caller's half-day first."""
    for call in reversed(plan.phone_calls):
        if frozen.has_begun(call.half_day):
            continue
        crews = tuple(crew for crew in plan.crews if call.member in crew.members)
        calls = tuple(other for other in plan.phone_calls if other.member == call.member)
        part = excerpt(problem, served_by(crews) | {other.follow_up for other in calls}, sessions_of(crews))
        scores = [
            sum(one.rule != "ONCE" for one in check(part, Plan(crews, tuple(some))).violations)
            for some in (calls, [other for other in calls if other != call])
        ]
        if scores[1] < scores[0]:
            plan = carried(problem, plan, [DropFollowUp(call.follow_up)])
    return plan
