"""Does everything the plan names exist, and does every crew go somewhere."""

from collections import Counter
from collections.abc import Callable, Iterator

from optimizer.check.case import Case, are_half_days_sound, is_half_day
from optimizer.check.sentences import NOTHING, Both, breach, crew_name, item_name, listed, session_name, stop_name
from optimizer.plan import Crew, Left, PhoneCall, Stop, StopKind, Violation
from optimizer.rules import RULES

A_FOLLOW_UP = Both("问题中的随访", "a follow-up of the problem")
A_MEMBER = Both("问题中的队员", "a member of the problem")
A_SESSION = Both("问题中的巡诊", "a session of the problem")
A_HALF_DAY = Both("计划内的半天编号", "the number of a half-day of the plan")


def judge_references(case: Case) -> Iterator[Violation]:
    """UNKNOWN names, crews without work, half-days that are no outing, and reasons without a known code."""
    names = Counter(crew.id for crew in case.plan.crews)
    for crew in case.plan.crews:
        if names[crew.id] > 1:
            yield breach("UNKNOWN", crew_name(crew), Both("唯一的队伍编号", "an id used once"), names[crew.id])
        yield from _judge_crew(case, crew)
    yield from _judge_phone_calls(case)
    for left in (*case.plan.deferred, *case.plan.unplanned):
        if left.id not in case.items:
            yield breach("UNKNOWN", item_name(left.id), A_FOLLOW_UP, left.id or NOTHING)
        yield from _judge_reasons(left, item_name)
    for left in case.plan.sessions_not_held:
        if left.id not in case.sessions:
            yield breach("UNKNOWN", session_name(left.id), A_SESSION, left.id or NOTHING)
        yield from _judge_reasons(left, session_name)


def _judge_crew(case: Case, crew: Crew) -> Iterator[Violation]:
    name = crew_name(crew)
    problem = case.problem
    for half_day in crew.half_days:
        if not is_half_day(problem, half_day):
            yield breach("UNKNOWN", name, A_HALF_DAY, half_day)
    if not are_half_days_sound(crew.half_days):
        expected = Both("一个半天，或同一天的上午和下午", "one half-day, or morning and afternoon of one day")
        yield breach("WORKING_TIME", name, expected, listed(crew.half_days))
    for member in crew.members:
        if member not in case.members:
            yield breach("UNKNOWN", name, A_MEMBER, member or NOTHING)
    if crew.vehicle not in problem.vehicle_number:
        yield breach("UNKNOWN", name, Both("问题中的车辆", "a vehicle of the problem"), crew.vehicle or NOTHING)
    if crew.team not in problem.team_number:
        yield breach("UNKNOWN", name, Both("问题中的团队", "a team of the problem"), crew.team or NOTHING)
    if not crew.stops:
        yield breach("UNKNOWN", name, Both("至少一站", "at least one stop"), NOTHING)
    for position, stop in enumerate(crew.stops):
        yield from _judge_stop(case, stop, stop_name(crew, position))


def _judge_stop(case: Case, stop: Stop, name: Both) -> Iterator[Violation]:
    if stop.site not in case.problem.site_number:
        yield breach("UNKNOWN", name, Both("问题中的地点", "a site of the problem"), stop.site or NOTHING)
    for item in stop.follow_ups:
        if item not in case.items:
            yield breach("UNKNOWN", name, A_FOLLOW_UP, item or NOTHING)
    if stop.kind is StopKind.SESSION:
        if stop.session not in case.sessions:
            yield breach("UNKNOWN", name, A_SESSION, stop.session or NOTHING)
        return
    if stop.session:
        yield breach("UNKNOWN", name, Both("入户站不带巡诊编号", "no session at a home stop"), stop.session)
    if not stop.follow_ups:
        yield breach("UNKNOWN", name, Both("至少一项随访", "at least one follow-up"), NOTHING)


def _judge_phone_calls(case: Case) -> Iterator[Violation]:
    for call in case.plan.phone_calls:
        if call.follow_up not in case.items:
            yield breach("UNKNOWN", _call_name(call), A_FOLLOW_UP, call.follow_up or NOTHING)
        if call.member not in case.members:
            yield breach("UNKNOWN", _call_name(call), A_MEMBER, call.member or NOTHING)
        if not is_half_day(case.problem, call.half_day):
            yield breach("UNKNOWN", _call_name(call), A_HALF_DAY, call.half_day)


def _call_name(call: PhoneCall) -> Both:
    return Both(f"电话随访{call.follow_up}", f"phone call {call.follow_up}")


def _judge_reasons(left: Left, name_of: Callable[[str], Both]) -> Iterator[Violation]:
    for code in left.rules:
        if code not in RULES:
            yield breach("UNKNOWN", name_of(left.id), Both("已知的规则代码", "a known rule code"), code or NOTHING)
    if not left.rules:
        expected = Both("至少一个原因代码", "at least one reason code")
        yield breach("LEFT_CLASS", name_of(left.id), expected, NOTHING)
