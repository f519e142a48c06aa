"""A roster as the smallest plan that shows it: its sessions and calls, with every home visit left out."""

from optimizer.bundle import Unit, closes_in
from optimizer.calendar import half_day_bounds, half_of
from optimizer.duties import Duty, HeldSession, Roster
from optimizer.plan import Crew, Left, Lunch, PhoneCall, Plan, Stop, StopKind
from optimizer.problem import Problem


def plan_of(problem: Problem, units: tuple[Unit, ...], roster: Roster) -> Plan:
    """Crews go straight to their sessions and come straight back."""
    crews = tuple(_crew(problem, units, number, duty) for number, duty in enumerate(roster.duties) if duty.sessions)
    calls = tuple(
        PhoneCall(problem.follow_ups[item].id, problem.members[call.member].id, call.half_day)
        for call in roster.calls
        for item in units[call.unit].follow_ups
    )
    served = {call.follow_up for call in calls} | {
        name for crew in crews for stop in crew.stops for name in stop.follow_ups
    }
    held = {stop.session for crew in crews for stop in crew.stops}
    left = [item for item in problem.follow_ups if item.id not in served]
    return Plan(
        crews=crews,
        phone_calls=calls,
        deferred=tuple(Left(item.id, ("NO_ROOM",)) for item in left if not closes_in(problem, item)),
        unplanned=tuple(Left(item.id, ("NO_ROOM",)) for item in left if closes_in(problem, item)),
        sessions_not_held=tuple(Left(s.id, ("NO_ROOM",)) for s in problem.sessions if s.id not in held),
    )


def _crew(problem: Problem, units: tuple[Unit, ...], number: int, duty: Duty) -> Crew:
    day = problem.days[duty.half_days[0] // 2]
    vehicle = problem.vehicles[duty.vehicle]
    place = base = problem.site_number[vehicle.base]
    stops: list[Stop] = []
    now, lunch = 0, None
    for held in sorted(duty.sessions, key=lambda held: held.half_day):
        session = problem.sessions[held.session]
        site = problem.site_number[session.site]
        way = problem.travel.seconds(vehicle.mode, place, site, snow=day.snow)
        opens, _ = half_day_bounds(day, half_of(held.half_day))
        if stops:
            begin = max(now, day.lunch_earliest_seconds)
            lunch = Lunch(begin, begin + day.lunch_seconds)
            now = lunch.end_seconds
        start = max(now + way, opens + (0 if stops else way), _pinned_start(problem, held))
        now, place = start + session.duration_seconds, site
        stops.append(Stop(StopKind.SESSION, session.site, _names(problem, units, held), start, start, now, session.id))
    first = problem.travel.seconds(vehicle.mode, base, problem.site_number[stops[0].site], snow=day.snow)
    back = now + problem.travel.seconds(vehicle.mode, place, base, snow=day.snow)
    members = tuple(problem.members[member].id for member in duty.members)
    start = stops[0].start_seconds - first
    halves = duty.half_days if len(stops) > 1 else (duty.sessions[0].half_day,)
    return Crew(
        f"c{number}", halves, members, problem.teams[duty.team].id, vehicle.id, start, back, tuple(stops), lunch
    )


def _pinned_start(problem: Problem, held: HeldSession) -> int:
    name = problem.sessions[held.session].id
    return next((pin.start_seconds or 0 for pin in problem.pins if pin.target == name), 0)


def _names(problem: Problem, units: tuple[Unit, ...], held: HeldSession) -> tuple[str, ...]:
    return tuple(problem.follow_ups[item].id for unit in held.attendees for item in units[unit].follow_ups)
