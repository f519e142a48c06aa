"""Who goes out with what: availability, sizes, teams, bases, vehicles, and each member's week."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from optimizer.calendar import HALVES_PER_DAY
from optimizer.check.case import Case, Outing
from optimizer.check.durations import required_seconds
from optimizer.check.sentences import Both, breach, crew_name, half_day_name, listed, member_name, same
from optimizer.plan import Violation


def judge_crews(case: Case) -> Iterator[Violation]:
    """Rules of single crews, then those of members and vehicles over the plan."""
    for outing in case.outings:
        yield from _judge_size(case, outing)
        yield from _judge_availability(outing)
        yield from _judge_vehicle(outing)
        yield from _judge_team_and_base(outing)
    yield from _judge_members_once(case)
    yield from _judge_vehicles_once(case)
    yield from _judge_half_days(case)
    yield from _judge_field_time(case)


def _judge_size(case: Case, outing: Outing) -> Iterator[Violation]:
    size, limits = len(outing.members), case.parameters
    least = limits.min_home_crew_members if outing.homes else 1
    if size < least or (size > limits.max_crew_members and not outing.sessions):
        most = "…" if outing.sessions else limits.max_crew_members
        yield breach(
            "CREW_SIZE", crew_name(outing.crew), Both(f"{least}至{most}人", f"{least} to {most} members"), size
        )


def _judge_availability(outing: Outing) -> Iterator[Violation]:
    for half_day in outing.crew.half_days:
        if not outing.day.is_open(half_day % HALVES_PER_DAY):
            open_day = Both("工作半天", "a working half-day")
            yield breach("MEMBER_AVAILABLE", crew_name(outing.crew), open_day, half_day_name(half_day))
    for member in outing.members:
        missing = [half_day for half_day in outing.crew.half_days if half_day not in member.field_half_days]
        if missing:
            expected = Both(
                f"外勤半天{listed(member.field_half_days).zh}", f"half-days {listed(member.field_half_days).en}"
            )
            yield breach("MEMBER_AVAILABLE", member_name(member.id, crew_name(outing.crew)), expected, listed(missing))


def _judge_vehicle(outing: Outing) -> Iterator[Violation]:
    name, vehicle = crew_name(outing.crew), outing.vehicle
    if len(outing.members) > vehicle.seats:
        expected = Both(f"{vehicle.id}至多{vehicle.seats}人", f"at most {vehicle.seats} seats of {vehicle.id}")
        yield breach("SEATS", name, expected, len(outing.members))
    if vehicle.needs_driver and not any(vehicle.mode in member.drives for member in outing.members):
        expected = Both(f"有会驾驶{vehicle.mode}的队员", f"a member who drives {vehicle.mode}")
        yield breach("DRIVER", name, expected, listed([member.id for member in outing.members]))
    if outing.day.snow and not vehicle.snow_ok:
        yield breach("SNOW", name, Both("适合雪天的车辆", "a vehicle fit for snow"), vehicle.id)


def _judge_team_and_base(outing: Outing) -> Iterator[Violation]:
    name = crew_name(outing.crew)
    teams = sorted({member.team for member in outing.members})
    if outing.crew.team not in teams:
        yield breach("CREW_TEAM", name, listed(teams), outing.crew.team)
    for member in outing.members:
        if member.base != outing.vehicle.base:
            yield breach("BASE", member_name(member.id, name), same(outing.vehicle.base), member.base)


def _judge_members_once(case: Case) -> Iterator[Violation]:
    used: dict[tuple[str, int], list[str]] = defaultdict(list)
    for crew in case.plan.crews:
        for member in crew.members:
            for half_day in crew.half_days:
                used[member, half_day].append(crew.id)
    for (member, half_day), crews in used.items():
        if len(crews) > 1:
            name = member_name(member, half_day_name(half_day))
            yield breach("MEMBER_ONCE", name, Both("一支队伍", "one crew"), listed(crews))


def _judge_vehicles_once(case: Case) -> Iterator[Violation]:
    used: dict[tuple[str, int], list[str]] = defaultdict(list)
    for crew in case.plan.crews:
        for half_day in crew.half_days:
            used[crew.vehicle, half_day].append(crew.id)
    for (vehicle, half_day), crews in used.items():
        if len(crews) > 1:
            name = Both(f"车辆{vehicle}，半天{half_day}", f"vehicle {vehicle}, half-day {half_day}")
            yield breach("VEHICLE_ONCE", name, Both("一支队伍", "one crew"), listed(crews))


def _judge_half_days(case: Case) -> Iterator[Violation]:
    used = Counter(name for crew in case.plan.crews for name in crew.members for _ in crew.half_days)
    for name, half_days in used.items():
        member = case.members.get(name)
        if member is not None and half_days > member.max_half_days:
            most = Both(f"至多{member.max_half_days}个半天", f"at most {member.max_half_days} half-days")
            yield breach("MEMBER_HALF_DAYS", member_name(name), most, half_days)


def _judge_field_time(case: Case) -> Iterator[Violation]:
    busy: Counter[tuple[str, int]] = Counter()
    for outing in case.outings:
        service = sum(required_seconds(case, visit) for visit in outing.visits)
        for member in outing.members:
            busy[member.id, outing.day_number] += outing.travel_seconds + service
    for (name, day_number), seconds in busy.items():
        most = case.members[name].max_field_seconds_day
        if seconds > most:
            day = str(case.problem.days[day_number].date)
            expected = Both(f"外勤至多{most}秒", f"at most {most} seconds in the field")
            yield breach("MEMBER_FIELD_TIME", member_name(name, same(day)), expected, seconds)
