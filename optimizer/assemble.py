"""Puts roster and routing together as a plan: crews with timed stops, calls, and what is left, with reasons."""

from optimizer.attendance import reseat
from optimizer.bundle import Unit
from optimizer.calendar import day_of
from optimizer.cost import half_day_of
from optimizer.duties import Call, Duty, Roster, RoutedDuty, RoutedStop, Routing
from optimizer.fill import fill_calls, fill_sessions, open_sessions
from optimizer.plan import Crew, Left, Lunch, PhoneCall, Plan, Stop, StopKind
from optimizer.problem import Problem
from optimizer.reasons import reasons_of, session_reasons
from optimizer.roster.search import Teller
from optimizer.stop import Budget

Attendees = dict[int, list[int]]
AT_ONCE = Budget(iterations=0)


def assemble(
    problem: Problem,
    units: tuple[Unit, ...],
    roster: Roster,
    routing: Routing,
    *,
    seed: int = 1,
    budget: Budget = AT_ONCE,
    workers: int = 1,
    tell: Teller | None = None,
) -> Plan:
    """The plan of a routed roster, with free capacity used up; the budget is for who is seen at which session."""
    sessions = open_sessions(problem, roster, routing)
    unserved = _unserved(units, roster, routing, {number for held in sessions for number in held.attendees})
    fill_sessions(problem, units, sessions, unserved)
    reseat(problem, units, sessions, unserved, seed=seed, budget=budget, workers=workers, tell=tell)
    attendees = {held.number: held.attendees for held in sessions}
    used = tuple(duty for duty, routed in zip(roster.duties, routing.duties, strict=True) if routed.stops)
    calls = fill_calls(problem, units, roster, used, unserved)
    crews = tuple(
        _crew(problem, units, duty, routed, attendees)
        for duty, routed in zip(roster.duties, routing.duties, strict=True)
        if routed.stops
    )
    crews = tuple(sorted(crews, key=lambda crew: (crew.half_days, crew.id)))
    return _with_left(problem, units, Plan(crews, _phone_calls(problem, units, calls)), unserved)


def _unserved(units: tuple[Unit, ...], roster: Roster, routing: Routing, attending: set[int]) -> set[int]:
    """Units that neither a stop, a session nor a call of the roster serves."""
    served = {stop.unit for routed in routing.duties for stop in routed.stops if stop.unit >= 0}
    served |= attending | {call.unit for call in roster.calls}
    return set(range(len(units))) - served


def _crew(problem: Problem, units: tuple[Unit, ...], duty: Duty, routed: RoutedDuty, attendees: Attendees) -> Crew:
    vehicle = problem.vehicles[duty.vehicle]
    day = problem.days[day_of(duty.half_days[0])]
    lunch = None
    if routed.lunch_start_seconds is not None:
        lunch = Lunch(routed.lunch_start_seconds, routed.lunch_start_seconds + day.lunch_seconds)
    return Crew(
        id=f"H{duty.half_days[0]:02d}-{vehicle.id}",
        half_days=duty.half_days,
        members=tuple(problem.members[number].id for number in duty.members),
        team=problem.teams[duty.team].id,
        vehicle=vehicle.id,
        start_seconds=routed.start_seconds,
        end_seconds=routed.end_seconds,
        stops=tuple(_stop(problem, units, stop, attendees) for stop in routed.stops),
        lunch=lunch,
    )


def _stop(problem: Problem, units: tuple[Unit, ...], stop: RoutedStop, attendees: Attendees) -> Stop:
    times = (stop.arrival_seconds, stop.start_seconds, stop.end_seconds)
    if stop.session < 0:
        site = problem.sites[units[stop.unit].site].id
        return Stop(StopKind.HOME, site, _ids(problem, units[stop.unit]), *times)
    session = problem.sessions[stop.session]
    names = tuple(name for number in sorted(attendees[stop.session]) for name in _ids(problem, units[number]))
    return Stop(StopKind.SESSION, session.site, names, *times, session=session.id)


def _ids(problem: Problem, unit: Unit) -> tuple[str, ...]:
    return tuple(problem.follow_ups[number].id for number in unit.follow_ups)


def _phone_calls(problem: Problem, units: tuple[Unit, ...], calls: list[Call]) -> tuple[PhoneCall, ...]:
    ordered = sorted(calls, key=lambda call: (call.half_day, call.member, call.unit))
    return tuple(
        PhoneCall(name, problem.members[call.member].id, call.half_day)
        for call in ordered
        for name in _ids(problem, units[call.unit])
    )


def _with_left(problem: Problem, units: tuple[Unit, ...], plan: Plan, unserved: set[int]) -> Plan:
    """The plan with its deferred and unplanned follow-ups and the sessions that are not held."""
    held = {
        stop.session: half_day_of(problem, crew, stop)
        for crew in plan.crews
        for stop in crew.stops
        if stop.kind is StopKind.SESSION
    }
    places = [
        (problem.site_number[problem.sessions[problem.session_number[name]].site], half_day)
        for name, half_day in held.items()
    ]
    last = problem.days[-1].date
    deferred: list[Left] = []
    unplanned: list[Left] = []
    for number in sorted(unserved):
        codes = reasons_of(problem, units[number], places)
        for index in units[number].follow_ups:
            item = problem.follow_ups[index]
            (deferred if item.latest > last else unplanned).append(Left(item.id, codes))
    not_held = tuple(
        Left(session.id, session_reasons(problem, number))
        for number, session in enumerate(problem.sessions)
        if session.id not in held
    )
    return Plan(plan.crews, plan.phone_calls, tuple(deferred), tuple(unplanned), not_held)
