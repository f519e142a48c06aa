"""Gives every outing a vehicle, exactly, and joins morning and afternoon of the same people into one long duty."""

from collections import defaultdict
from collections.abc import Sequence

from ortools.sat.python import cp_model

from optimizer.calendar import day_of, half_of, span_of
from optimizer.duties import Duty
from optimizer.roster.fleet import session_times, travel_seconds
from optimizer.roster.outings import Outing
from optimizer.roster.week import Week

EFFORT = 1.0
"""Deterministic time units for the vehicles of one day."""
NO_VEHICLE_POINTS = 10_000_000
JOINED_POINTS = 5_000
SHORT_POINTS = 1_000
"""For every person-second that early residents (fasting) need and a slower vehicle does not leave them."""


def duties_of(week: Week, outings: Sequence[Outing]) -> tuple[Duty, ...]:
    """Duties with vehicles, by half-day; an outing for which no vehicle is left is dropped."""
    by_day: dict[int, list[Outing]] = defaultdict(list)
    for outing in outings:
        by_day[day_of(outing.half_day)].append(outing)
    return tuple(duty for day in sorted(by_day) for duty in _duties_of_day(week, by_day[day]))


def _duties_of_day(week: Week, outings: list[Outing]) -> list[Duty]:
    """The vehicles of a day as a small assignment model."""
    model = cp_model.CpModel()
    takes = {
        (number, vehicle): model.new_bool_var("")
        for number, outing in enumerate(outings)
        for vehicle in range(len(week.problem.vehicles))
        if _can_take(week, outing, vehicle)
    }
    cost = [takes[number, vehicle] * _vehicle_points(week, outings[number], vehicle) for number, vehicle in takes]
    for number in range(len(outings)):
        own = [literal for (outing, _), literal in takes.items() if outing == number]
        missing = model.new_bool_var("")
        model.add_exactly_one([*own, missing])
        cost.append(missing * NO_VEHICLE_POINTS)
    for half in (0, 1):
        for vehicle in range(len(week.problem.vehicles)):
            there = [v for (n, k), v in takes.items() if k == vehicle and half_of(outings[n].half_day) == half]
            model.add_at_most_one(there)
    joins = {}
    for first, second in _joinable(week, outings):
        joined = joins[first, second] = model.new_bool_var("")
        cost.append(joined * -JOINED_POINTS)
        for vehicle in range(len(week.problem.vehicles)):
            pair = [takes.get((first, vehicle), 0), takes.get((second, vehicle), 0)]
            model.add(pair[0] == pair[1]).only_enforce_if(joined)
    model.minimize(sum(cost))
    chosen, joined_pairs = _solve(model, takes, joins)
    return _built(outings, chosen, joined_pairs)


def _solve(
    model: cp_model.CpModel,
    takes: dict[tuple[int, int], cp_model.IntVar],
    joins: dict[tuple[int, int], cp_model.IntVar],
) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """Vehicle by outing, and the pairs that are joined; always finds something, since leaving out is allowed."""
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # an interrupt belongs to whoever called us
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {}, []
    chosen = {number: vehicle for (number, vehicle), literal in takes.items() if solver.value(literal)}
    return chosen, [pair for pair, literal in joins.items() if solver.value(literal) and pair[0] in chosen]


def _built(outings: list[Outing], chosen: dict[int, int], joined: list[tuple[int, int]]) -> list[Duty]:
    partner = dict(joined)
    afternoons = set(partner.values())
    duties = []
    for number, outing in enumerate(outings):
        if number not in chosen or number in afternoons:
            continue
        parts = [outing, outings[partner[number]]] if number in partner else [outing]
        crew_team = next((part.team for part in parts if not part.activity.is_session), outing.team)
        duties.append(
            Duty(
                half_days=tuple(part.half_day for part in parts),
                members=outing.members,
                team=crew_team,
                vehicle=chosen[number],
                sessions=tuple(held for part in parts for held in part.sessions),
                homes=tuple(dict.fromkeys(unit for part in parts for unit in part.homes)),
            )
        )
    return duties


def _can_take(week: Week, outing: Outing, vehicle: int) -> bool:
    """Base, seats, driver, snow, equipment, and a session in time."""
    problem, car = week.problem, week.problem.vehicles[vehicle]
    crew = [problem.members[member] for member in outing.members]
    if car.seats < len(crew) or any(member.base != car.base for member in crew):
        return False
    if car.needs_driver and not any(car.mode in member.drives for member in crew):
        return False
    if week.is_snow(outing.half_day) and not car.snow_ok:
        return False
    if not outing.activity.is_session:
        return True
    group = next(group for group in week.fleet if vehicle in group.vehicles)
    session = problem.sessions[outing.activity.session]
    return session_times(problem, session, group, week.span(outing.half_day)) is not None


def _vehicle_points(week: Week, outing: Outing, vehicle: int) -> int:
    """What a vehicle costs an outing: the road, and above all minutes that its early residents miss."""
    fleet = next(number for number, group in enumerate(week.fleet) if vehicle in group.vehicles)
    return _road_seconds(week, outing, vehicle) + SHORT_POINTS * _short_seconds(week, outing, fleet)


def _road_seconds(week: Week, outing: Outing, vehicle: int) -> int:
    """Seconds of the return trip to the farthest stop: enough to rank the vehicles."""
    problem, car = week.problem, week.problem.vehicles[vehicle]
    base, snow = problem.site_number[car.base], week.is_snow(outing.half_day)
    trips = [2 * travel_seconds(problem, car.mode, base, site, snow=snow) for site in outing.sites(week)]
    return max(trips, default=0)


def _early_needs(week: Week, outing: Outing) -> list[tuple[int, int, int]]:
    """(end, opening, person-seconds) for every end of windows before the end of the outing's session."""
    times, day = outing.activity.times, day_of(outing.half_day)
    if times is None:
        return []
    seen = [(week.units[unit].windows[day], week.units[unit].patrol) for unit in outing.attendees]
    early = [(w[-1].end_seconds, w[0].start_seconds, way.seconds) for w, way in seen if w and way is not None]
    return [
        (end, min(opens for e, opens, _ in early if e <= end), sum(needed for e, _, needed in early if e <= end))
        for end in sorted({end for end, _, _ in early if end < times.end_seconds})
    ]


def _short_seconds(week: Week, outing: Outing, fleet: int) -> int:
    """Person-seconds that the outing's early residents miss with a class of vehicles."""
    times, needs = outing.activity.times, _early_needs(week, outing)
    if times is None or not needs:
        return 0
    start = times.start_seconds - outing.activity.head_starts.get(fleet, 0)
    return max(max(0, needed - len(outing.members) * max(0, end - max(start, opens))) for end, opens, needed in needs)


def _joinable(week: Week, outings: list[Outing]) -> list[tuple[int, int]]:
    """Morning and afternoon of the same people on one day, where both could be done in one go."""
    mornings = {o.members: n for n, o in enumerate(outings) if half_of(o.half_day) == 0}
    pairs = []
    for number, outing in enumerate(outings):
        first = mornings.get(outing.members)
        if half_of(outing.half_day) == 1 and first is not None and _fits_lunch(week, outings[first], outing):
            pairs.append((first, number))
    return pairs


def _fits_lunch(week: Week, morning: Outing, afternoon: Outing) -> bool:
    """Whether lunch and the way fit between two sessions, by the slowest vehicle, and the crew's teams agree."""
    if set(morning.homes) & set(afternoon.homes):
        return False
    crews = {part.team for part in (morning, afternoon) if not part.activity.is_session}
    if len(crews) > 1:
        return False
    times = morning.activity.times
    if times is None or not afternoon.activity.is_session:
        return True
    problem = week.problem
    day = problem.days[day_of(morning.half_day)]
    both = (morning.half_day, afternoon.half_day)
    span = span_of(problem.days, both, problem.parameters.max_overtime_seconds)
    here, there = (week.session_sites[part.activity.session] for part in (morning, afternoon))
    way = max(travel_seconds(problem, mode, here, there, snow=day.snow) for mode in {v.mode for v in problem.vehicles})
    lunch = max(times.end_seconds, day.lunch_earliest_seconds)
    start = max(lunch + day.lunch_seconds + way, day.afternoon_start_seconds)
    session = problem.sessions[afternoon.activity.session]
    return lunch <= day.lunch_latest_seconds and start + session.duration_seconds <= span.end_seconds
