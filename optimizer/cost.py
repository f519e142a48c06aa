"""What a plan costs as the search sees it: one integer, with a named part per soft rule.

`check` recomputes the same from the rules alone; the two must agree.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from optimizer.bundle import closes_in, find_option, option_of, overdue_days
from optimizer.calendar import day_of, span_of
from optimizer.model import Channel, FollowUp
from optimizer.plan import CostBreakdown, Crew, Plan, Stop, StopKind
from optimizer.problem import Problem
from optimizer.rules import COST_PARTS
from optimizer.staffing import meets
from optimizer.weights import WEEK_DAYS

DAY = timedelta(days=1)
Served = dict[str, tuple[Channel, int]]


@dataclass
class _Bill:
    """Cost parts that are being added up."""

    parts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COST_PARTS, 0))

    def add(self, part: str, points: int) -> None:
        self.parts[part] += points


def cost_of(problem: Problem, plan: Plan) -> CostBreakdown:
    """The cost of a feasible plan in cost points."""
    bill = _Bill()
    _bill_left(problem, plan, bill)
    continuity: dict[str, int] = {}
    for crew in plan.crews:
        _bill_crew(problem, crew, bill)
        for stop in crew.stops:
            if stop.kind is StopKind.SESSION:
                _bill_session(problem, crew, stop, bill)
            else:
                _bill_home(problem, crew, stop, bill, continuity)
    bill.add("continuity", sum(continuity.values()))
    for call in plan.phone_calls:
        _bill_overdue(problem, call.follow_up, day_of(call.half_day), bill)
    _bill_balance(problem, plan, bill)
    _bill_change(problem, plan, bill)
    return CostBreakdown(bill.parts)


def served_in(plan: Plan) -> Served:
    """Channel and day of every follow-up that a plan serves."""
    served: Served = {call.follow_up: (Channel.PHONE, day_of(call.half_day)) for call in plan.phone_calls}
    for crew in plan.crews:
        for stop in crew.stops:
            channel = Channel.HOME if stop.kind is StopKind.HOME else Channel.PATROL
            served.update({item: (channel, day_of(crew.half_days[0])) for item in stop.follow_ups})
    return served


def sessions_in(problem: Problem, plan: Plan) -> dict[str, int]:
    """Half-day of every session that a plan holds."""
    return {
        stop.session: half_day_of(problem, crew, stop)
        for crew in plan.crews
        for stop in crew.stops
        if stop.kind is StopKind.SESSION
    }


def half_day_of(problem: Problem, crew: Crew, stop: Stop) -> int:
    """The half-day of a crew in which a stop starts."""
    day = problem.days[day_of(crew.half_days[0])]
    in_afternoon = stop.start_seconds >= day.afternoon_start_seconds
    return crew.half_days[-1] if in_afternoon else crew.half_days[0]


def home_continuity(problem: Problem, item: FollowUp, team: str, members: tuple[str, ...]) -> int:
    """Cost points of a home visit by a crew that is not of the contract team, or has no preferred member."""
    cost = problem.weights.other_team_home if item.team and item.team != team else 0
    if item.preferred_members and not set(item.preferred_members) & set(members):
        cost += problem.weights.not_preferred
    return cost


def late_seconds(item: FollowUp, start_seconds: int) -> int:
    """Seconds that a start lies after the end of the soft window it uses; 0 inside a window."""
    late = [
        max(0, start_seconds - window.end_seconds)
        for window in item.time_windows
        if window.start_seconds <= start_seconds <= (window.late_end_seconds or window.end_seconds)
    ]
    return min(late, default=0)


def _bill_left(problem: Problem, plan: Plan, bill: _Bill) -> None:
    weights, last = problem.weights, problem.days[-1].date
    for left in (*plan.unplanned, *plan.deferred):
        item = problem.follow_ups[problem.follow_up_number[left.id]]
        if closes_in(problem, item):
            percent = 100 + (weights.joint_percent if item.joint else 0)
            bill.add("unplanned", weights.unplanned[item.priority] * percent // 100)
            bill.add("overdue", weights.overdue_day[item.priority] * overdue_days(problem, item, last + DAY))
        else:
            weeks = ((item.latest - last).days - 1) // WEEK_DAYS
            bill.add("deferred", weights.deferred[min(weeks, len(weights.deferred) - 1)])
    for left in plan.sessions_not_held:
        bill.add("session_not_held", problem.sessions[problem.session_number[left.id]].weight)


def _bill_crew(problem: Problem, crew: Crew, bill: _Bill) -> None:
    weights, number = problem.weights, problem.site_number
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    span = span_of(problem.days, crew.half_days, problem.parameters.max_overtime_seconds)
    snow = problem.days[span.day].snow
    place, left_at = number[vehicle.base], crew.start_seconds
    for stop in crew.stops:
        travel = problem.travel.seconds(vehicle.mode, place, number[stop.site], snow=snow)
        waiting = stop.start_seconds - left_at - travel
        if crew.lunch and left_at <= crew.lunch.start_seconds and crew.lunch.end_seconds <= stop.start_seconds:
            waiting -= crew.lunch.end_seconds - crew.lunch.start_seconds
        bill.add("travel", weights.travel_second * travel)
        bill.add("waiting", weights.waiting_second * waiting)
        place, left_at = number[stop.site], stop.end_seconds
    way_home = problem.travel.seconds(vehicle.mode, place, number[vehicle.base], snow=snow)
    bill.add("travel", weights.travel_second * way_home)
    bill.add("overtime", weights.overtime_second * max(0, crew.end_seconds - span.end_seconds))
    bill.add("staffing", weights.staff_half_day * len(crew.members) * len(crew.half_days))


def _bill_session(problem: Problem, crew: Crew, stop: Stop, bill: _Bill) -> None:
    session = problem.sessions[problem.session_number[stop.session]]
    weights = problem.weights
    if session.team:
        others = sum(problem.members[problem.member_number[name]].team != session.team for name in crew.members)
        bill.add("continuity", weights.other_team_session * others)
    if session.usual_half_day not in (None, half_day_of(problem, crew, stop)):
        bill.add("rhythm", weights.rhythm)
    for name in stop.follow_ups:
        item = problem.follow_ups[problem.follow_up_number[name]]
        bill.add("neighbour", weights.neighbour * (item.patrol_sites[0] != session.site))
        _bill_overdue(problem, name, day_of(crew.half_days[0]), bill)


def _bill_home(problem: Problem, crew: Crew, stop: Stop, bill: _Bill, continuity: dict[str, int]) -> None:
    """Adds a home stop; of the two crews of a joint visit the cheaper one that fits its needs counts for continuity."""
    for name in stop.follow_ups:
        item = problem.follow_ups[problem.follow_up_number[name]]
        first = name not in continuity
        if not item.joint or _is_first_crew(problem, crew, item):
            points = home_continuity(problem, item, crew.team, crew.members)
            continuity[name] = min(points, continuity.get(name, points))
        if first and (not item.joint or _is_first_crew(problem, crew, item)):
            _bill_overdue(problem, name, day_of(crew.half_days[0]), bill)
            bill.add("lateness", problem.weights.late_second * late_seconds(item, stop.start_seconds))
            if item.patrol_sites and find_option(item, Channel.PATROL):
                bill.add("home_instead", problem.weights.home_instead)


def _is_first_crew(problem: Problem, crew: Crew, item: FollowUp) -> bool:
    """Whether a crew of a joint visit has the staff of the home channel itself."""
    members = [problem.members[problem.member_number[name]] for name in crew.members]
    option = option_of(item, Channel.HOME)
    today = problem.days[day_of(crew.half_days[0])].date
    return meets(members, option.needs, today, head_count=option.head_count)


def _bill_overdue(problem: Problem, name: str, day: int, bill: _Bill) -> None:
    item = problem.follow_ups[problem.follow_up_number[name]]
    bill.add(
        "overdue", problem.weights.overdue_day[item.priority] * overdue_days(problem, item, problem.days[day].date)
    )


def _bill_balance(problem: Problem, plan: Plan, bill: _Bill) -> None:
    used = Counter(name for crew in plan.crews for name in crew.members for _ in crew.half_days)
    for name, half_days in used.items():
        above = max(0, half_days - problem.members[problem.member_number[name]].fair_half_days)
        bill.add("balance", problem.weights.burden_half_day * above)


def _bill_change(problem: Problem, plan: Plan, bill: _Bill) -> None:
    if problem.earlier is None:
        return
    now, before = served_in(plan), served_in(problem.earlier)
    changed = sum(now.get(name) != place for name, place in before.items() if name in problem.follow_up_number)
    held_now, held_before = sessions_in(problem, plan), _known_sessions(problem)
    changed += sum(held_now.get(name) != half_day for name, half_day in held_before.items())
    bill.add("change", problem.weights.change * changed)


def _known_sessions(problem: Problem) -> dict[str, int]:
    """Half-days of the earlier plan's sessions that the problem still has."""
    assert problem.earlier is not None
    held = sessions_in(problem, problem.earlier)
    return {name: half_day for name, half_day in held.items() if name in problem.session_number}
