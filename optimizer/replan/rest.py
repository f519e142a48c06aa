"""Solves the part of a week that has not begun anew, with the earlier plan in mind, and puts the begun part before it.

Half-days on which something has begun are closed as a whole; what the old plan has there is taken over.
"""

from dataclasses import replace

from optimizer.calendar import HALVES_PER_DAY, Day
from optimizer.edits.excerpts import served_by, sessions_of
from optimizer.edits.finish import canonical, with_left
from optimizer.model import Member
from optimizer.plan import Crew, Plan
from optimizer.problem import Problem
from optimizer.replan.frozen import Frozen
from optimizer.solve import SolveParams, solve


def solved_rest(problem: Problem, plan: Plan, frozen: Frozen, params: SolveParams) -> Plan:
    """The begun part of a plan and the best found for the rest of the week; not judged."""
    closed = _closed(problem, plan, frozen)
    crews = tuple(crew for crew in plan.crews if closed & set(crew.half_days))
    calls = tuple(call for call in plan.phone_calls if call.half_day in closed)
    served = served_by(crews) | {call.follow_up for call in calls}
    rest = _rest_of(problem, closed, crews, served)
    found = solve(rest, params).plan
    left = {one.id: one.rules for one in (*found.deferred, *found.unplanned)}
    held = sessions_of((*crews, *found.crews))
    not_held = {one.id: one.rules for one in found.sessions_not_held if one.id not in held}
    not_held |= {one.id: not_held.get(one.id, ()) for one in problem.sessions if one.id not in held}
    whole = Plan((*crews, *found.crews), (*calls, *found.phone_calls))
    return canonical(problem, with_left(problem, whole, left, not_held))


def _closed(problem: Problem, plan: Plan, frozen: Frozen) -> set[int]:
    """Half-days that have begun, and those of crews that are out."""
    closed = {number for number in range(HALVES_PER_DAY * len(problem.days)) if frozen.has_begun(number)}
    out = {number for crew in plan.crews if frozen.is_out(crew) for number in crew.half_days}
    closed |= out
    # A crew on a closed half-day keeps its whole day.
    return closed | {number for crew in plan.crews if closed & set(crew.half_days) for number in crew.half_days}


def _rest_of(problem: Problem, closed: set[int], crews: tuple[Crew, ...], served: set[str]) -> Problem:
    """The problem without its closed half-days and without what is done on them."""
    follow_ups = tuple(item for item in problem.follow_ups if item.id not in served)
    held = sessions_of(crews)
    sessions = tuple(
        replace(session, half_days=tuple(number for number in session.half_days if number not in closed))
        for session in problem.sessions
        if session.id not in held and not set(session.half_days) <= closed
    )
    targets = {item.id for item in follow_ups} | {session.id for session in sessions}
    return replace(
        problem,
        days=tuple(_closed_day(day, number, closed) for number, day in enumerate(problem.days)),
        members=tuple(_with_rest(member, closed, crews) for member in problem.members),
        follow_ups=follow_ups,
        sessions=sessions,
        pins=tuple(pin for pin in problem.pins if pin.target in targets),
    )


def _closed_day(day: Day, number: int, closed: set[int]) -> Day:
    morning, afternoon = HALVES_PER_DAY * number in closed, HALVES_PER_DAY * number + 1 in closed
    return replace(
        day, closed_morning=day.closed_morning or morning, closed_afternoon=day.closed_afternoon or afternoon
    )


def _with_rest(member: Member, closed: set[int], crews: tuple[Crew, ...]) -> Member:
    """A member with what is left of the week."""
    used = sum(len(crew.half_days) for crew in crews if member.id in crew.members)
    return replace(
        member,
        field_half_days=tuple(number for number in member.field_half_days if number not in closed),
        desk_half_days=tuple(number for number in member.desk_half_days if number not in closed),
        max_half_days=max(0, member.max_half_days - used),
        fair_half_days=max(0, member.fair_half_days - used),
    )
