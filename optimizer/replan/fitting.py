"""Makes an old plan speak of the present problem: what is gone is taken out, what is new is left for now."""

from dataclasses import replace

from optimizer.edits.draft import Draft, open_plan
from optimizer.plan import Crew, Plan, Stop
from optimizer.problem import Problem
from optimizer.replan.frozen import Frozen
from optimizer.replan.params import Until


def fitted(problem: Problem, plan: Plan, until: Until | None = None) -> Draft:
    """A draft of whatever of a plan the problem still has; everything else of the problem is left in it.

    Crews that are out by then keep their times, whatever was taken out of their day.
    """
    crews, changed = list[Crew](), set[str]()
    half_days = range(2 * len(problem.days))
    for crew in plan.crews:
        fitting = _fitting_crew(problem, crew)
        is_there = fitting.members and fitting.stops and all(number in half_days for number in crew.half_days)
        if is_there and fitting.vehicle in problem.vehicle_number:
            crews.append(fitting)
            if fitting != crew and not Frozen(problem, plan, until).is_out(crew):
                changed.add(crew.id)
    calls = tuple(
        call
        for call in plan.phone_calls
        if call.follow_up in problem.follow_up_number
        and call.member in problem.member_number
        and call.half_day in half_days
    )
    known = {left.id: left for left in (*plan.deferred, *plan.unplanned) if left.id in problem.follow_up_number}
    not_held = tuple(left for left in plan.sessions_not_held if left.id in problem.session_number)
    draft = open_plan(problem, Plan(tuple(crews), calls, tuple(known.values()), (), not_held))
    for open_crew in draft.crews:
        open_crew.is_touched = open_crew.id in changed
    _leave_the_rest(draft)
    return draft


def _fitting_crew(problem: Problem, crew: Crew) -> Crew:
    """A crew with the members, stops and follow-ups that the problem still has."""
    members = tuple(name for name in crew.members if name in problem.member_number)
    stops = tuple(stop for stop in (_fitting_stop(problem, stop) for stop in crew.stops) if stop is not None)
    teams = [problem.members[problem.member_number[name]].team for name in members]
    team = crew.team if crew.team in teams or not teams else teams[0]
    return replace(crew, members=members, stops=stops, team=team)


def _fitting_stop(problem: Problem, stop: Stop) -> Stop | None:
    names = tuple(name for name in stop.follow_ups if name in problem.follow_up_number)
    is_known = stop.session in problem.session_number if stop.session else bool(names)
    if not is_known:
        return None
    if stop.session:
        site = problem.sessions[problem.session_number[stop.session]].site
    else:
        site = problem.follow_ups[problem.follow_up_number[names[0]]].site
    return replace(stop, follow_ups=names, site=site)


def _leave_the_rest(draft: Draft) -> None:
    """List every follow-up that is nowhere as left and every session that is nowhere as not held."""
    served = {name for crew in draft.crews for stop in crew.stops for name in stop.follow_ups}
    served |= {call.follow_up for call in draft.calls}
    held = {stop.session for crew in draft.crews for stop in crew.stops if stop.session}
    for item in draft.problem.follow_ups:
        if item.id not in served:
            draft.left.setdefault(item.id, ())
        else:
            draft.left.pop(item.id, None)
    for session in draft.problem.sessions:
        if session.id not in held:
            draft.not_held.setdefault(session.id, ())
        else:
            draft.not_held.pop(session.id, None)
