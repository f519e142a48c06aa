"""The part of the model about people: sessions on half-days, home crews, who goes with whom, in which vehicle.

Each member does at most one activity per half-day. Contacts are added by `contacts`; the cover model uses this
part alone.
"""

from collections import defaultdict
from collections.abc import Sequence

from optimizer.calendar import day_of
from optimizer.cost import sessions_in
from optimizer.model import Session
from optimizer.roster.fleet import session_times
from optimizer.roster.groups import pin_allows
from optimizer.roster.links import add_links
from optimizer.roster.sheet import NO_SESSION, Activity, Sheet
from optimizer.roster.week import NO_TEAM, Week

LAW_POINTS = 20_000_000
"""Cost points of leaving out a session that is law: above everything it could displace."""


def add_crews(sheet: Sheet) -> None:
    """Adds everything of this module to a model."""
    _add_sessions(sheet)
    _add_slots(sheet)
    _add_people(sheet)
    _add_vehicles(sheet)
    add_links(sheet)


def session_half_days(week: Week, number: int) -> tuple[int, ...]:
    """Half-days on which a session may be held as far as its own rules and its pin go."""
    session = week.problem.sessions[number]
    pin = week.pins.get(session.id)
    open_ones = [half_day for half_day in week.half_days if half_day in session.half_days]
    return tuple(half_day for half_day in open_ones if pin_allows(pin, half_day))


def _add_sessions(sheet: Sheet) -> None:
    week, builder = sheet.week, sheet.builder
    before = sessions_in(week.problem, week.problem.earlier) if week.problem.earlier else {}
    for number, session in enumerate(week.problem.sessions):
        held: list[Activity] = []
        for half_day in session_half_days(week, number):
            activity = _session_on(sheet, number, half_day)
            if activity is not None:
                held.append(activity)
                sheet.sessions[number, half_day] = activity
                _price_session(sheet, session, activity, before.get(session.id))
        unheld = builder.boolean()
        builder.equal([*((1, activity.on) for activity in held), (1, unheld)], 1)
        builder.pay(unheld, max(session.weight, LAW_POINTS) if session.is_law else session.weight)
        builder.pay(unheld, week.problem.weights.change if session.id in before else 0)
        builder.pay(unheld, LAW_POINTS if session.id in week.pins else 0)
        sheet.unheld[number] = unheld
    _keep_apart(sheet)


def _session_on(sheet: Sheet, number: int, half_day: int) -> Activity | None:
    """A session on a half-day with its possible crew, or None when it cannot be held then."""
    week, builder = sheet.week, sheet.builder
    session = week.problem.sessions[number]
    span = week.span(half_day)
    fits = [(group, session_times(week.problem, session, group, span)) for group in week.fleet]
    able_groups = [(group, times) for group, times in fits if times is not None and group.seats >= session.min_members]
    bases = {group.base for group, _ in able_groups}
    members = [m for m in sheet.candidates.for_session(number, half_day) if week.base_of[m] in bases]
    if len(members) < session.min_members or not week.can_meet(members, session.needs, 0, half_day):
        return None
    pin = week.pins.get(session.id)
    pinned = {week.problem.member_number[name] for name in pin.members} if pin else set()
    if not pinned <= set(members):
        return None
    slowest = max((times for _, times in able_groups), key=lambda times: times.start_seconds)
    if pin and pin.start_seconds is not None and pin.start_seconds < slowest.start_seconds:
        return None
    on = builder.boolean(decision=True)
    activity = Activity(number, NO_TEAM, half_day, week.base_of[members[0]], on, slowest)
    activity.head_starts = {
        number: slowest.start_seconds - times.start_seconds
        for number, (_, times) in enumerate(fits)
        if times is not None
    }
    for member in members:
        activity.members[member] = builder.boolean(decision=True)
    _crew_rows(sheet, activity, session.min_members, session.max_members)
    for need in session.needs:
        fitting = week.fitting(need, half_day)
        terms = [(1, v) for m, v in activity.members.items() if m in fitting]
        builder.at_least([*terms, (-need.count, on)], 0)
    for member in pinned:
        builder.implies(on, activity.members[member])
    return activity


def _crew_rows(sheet: Sheet, activity: Activity, smallest: int, largest: int) -> None:
    """Members only when it is on, and neither too few nor too many."""
    variables = list(activity.members.values())
    for variable in variables:
        sheet.builder.implies(variable, activity.on)
    terms = [(1, variable) for variable in variables]
    sheet.builder.at_least([*terms, (-smallest, activity.on)], 0)
    sheet.builder.at_most([*terms, (-largest, activity.on)], 0)


def _price_session(sheet: Sheet, session: Session, activity: Activity, before: int | None) -> None:
    """Travel, staff of other teams, rhythm and change."""
    week, weights = sheet.week, sheet.week.problem.weights
    place = week.place_of[week.session_sites[activity.session]]
    sheet.builder.pay(activity.on, weights.travel_second * week.travel.round_trip(activity.base, place))
    if session.usual_half_day not in (None, activity.half_day):
        sheet.builder.pay(activity.on, weights.rhythm)
    if before not in (None, activity.half_day):
        sheet.builder.pay(activity.on, weights.change)
    for member, variable in activity.members.items():
        if session.team and week.problem.members[member].team != session.team:
            sheet.builder.pay(variable, weights.other_team_session)


def _keep_apart(sheet: Sheet) -> None:
    """One session per site and half-day; sessions of a series on different days."""
    by_site: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_series: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (number, half_day), activity in sheet.sessions.items():
        by_site[sheet.week.session_sites[number], half_day].append(activity.on)
        series = sheet.week.problem.sessions[number].series
        if series:
            by_series[series, day_of(half_day)].append(activity.on)
    for literals in (*by_site.values(), *by_series.values()):
        if len(literals) > 1:
            sheet.builder.at_most([(1, literal) for literal in literals], 1)


def _add_slots(sheet: Sheet) -> None:
    """A home crew per team and half-day on which somebody of the team is free, and special ones across teams."""
    week = sheet.week
    for half_day in week.half_days:
        for team in range(len(week.problem.teams)):
            members = sheet.candidates.for_slot(team, half_day)
            if members:
                slot = _slot_on(sheet, team, half_day, members)
                own = [(1, v) for m, v in slot.members.items() if week.team_of[m] == team]
                sheet.builder.at_least([*own, (-1, slot.on)], 0)
        for signatures, some in sheet.candidates.for_special(half_day):
            slot = _slot_on(sheet, NO_TEAM, half_day, some)
            slot.signatures = signatures


def _slot_on(sheet: Sheet, team: int, half_day: int, members: Sequence[int]) -> Activity:
    builder, parameters = sheet.builder, sheet.week.problem.parameters
    slot = Activity(NO_SESSION, team, half_day, sheet.week.base_of[members[0]], builder.boolean(decision=True))
    for member in members:
        slot.members[member] = builder.boolean(decision=True)
    _crew_rows(sheet, slot, parameters.min_home_crew_members, parameters.max_crew_members)
    sheet.slots.append(slot)
    return slot


def _add_people(sheet: Sheet) -> None:
    """Each member once per half-day, within the week's and the day's limits; staff and burden are priced."""
    week, builder, weights = sheet.week, sheet.builder, sheet.week.problem.weights
    doing: dict[int, dict[int, list[tuple[Activity, int]]]] = defaultdict(lambda: defaultdict(list))
    for activity in sheet.activities:
        for number, variable in activity.members.items():
            doing[number][activity.half_day].append((activity, variable))
            builder.pay(variable, weights.staff_half_day)
    for number in sorted(doing):
        member, by_half_day = week.problem.members[number], doing[number]
        for choices in by_half_day.values():
            if len(choices) > 1:
                builder.at_most([(1, variable) for _, variable in choices], 1)
        terms = [(1, variable) for choices in by_half_day.values() for _, variable in choices]
        if len(by_half_day) > member.max_half_days:
            builder.at_most(terms, member.max_half_days)
        if weights.burden_half_day and len(by_half_day) > member.fair_half_days:
            above = builder.integer(0, len(by_half_day))
            builder.at_most([*terms, (-1, above)], member.fair_half_days)
            builder.pay(above, weights.burden_half_day)
        _limit_days(sheet, member.max_field_seconds_day, by_half_day)


def _limit_days(sheet: Sheet, limit: int, by_half_day: dict[int, list[tuple[Activity, int]]]) -> None:
    """Field time of a day as far as sessions make it up; home crews are held to it by the routing."""
    by_day: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for half_day, choices in by_half_day.items():
        for activity, variable in choices:
            if activity.times is not None:
                start, _ = sheet.week.bounds(half_day)
                by_day[day_of(half_day)].append((activity.times.back_seconds - start, variable))
    for terms in by_day.values():
        if 2 * max(seconds for seconds, _ in terms) > limit:
            sheet.builder.at_most(terms, limit)


def _add_vehicles(sheet: Sheet) -> None:
    """Enough vehicles per half-day, each with seats, equipment and a driver, from the base of its crew."""
    plain = _any_will_do(sheet)
    for half_day in sheet.week.half_days:
        there = [activity for activity in sheet.activities if activity.half_day == half_day]
        if plain:
            count = sum(len(group.vehicles) for group in sheet.week.usable_fleet(half_day))
            if len(there) > count:
                sheet.builder.at_most([(1, activity.on) for activity in there], count)
            continue
        for activity in there:
            _choose_vehicle(sheet, activity)
        for number, group in enumerate(sheet.week.fleet):
            terms = [(1, activity.vehicles[number]) for activity in there if number in activity.vehicles]
            if len(terms) > len(group.vehicles):
                sheet.builder.at_most(terms, len(group.vehicles))


def _any_will_do(sheet: Sheet) -> bool:
    """Whether vehicles need only be counted: one class, seats and drivers for everybody."""
    week = sheet.week
    if len(week.fleet) != 1:
        return not week.fleet
    group = week.fleet[0]
    largest = max([week.problem.parameters.max_crew_members, *(s.max_members for s in week.problem.sessions)])
    drive = all(group.mode in member.drives for member in week.problem.members)
    return group.seats >= largest and (drive or not group.needs_driver)


def _choose_vehicle(sheet: Sheet, activity: Activity) -> None:
    """One class of vehicles for an activity that is on."""
    week, builder = sheet.week, sheet.builder
    bases = {week.base_of[member] for member in activity.members}
    span = week.span(activity.half_day)
    for number, group in enumerate(week.fleet):
        if group.base not in bases or (week.is_snow(activity.half_day) and not group.snow_ok):
            continue
        if activity.is_session:
            session = week.problem.sessions[activity.session]
            if session_times(week.problem, session, group, span) is None or group.seats < session.min_members:
                continue
        literal = activity.vehicles[number] = builder.boolean()
        if group.needs_driver:
            drivers = [m for m in activity.members if group.mode in week.problem.members[m].drives]
            terms = [(1, activity.members[m]) for m in drivers if week.base_of[m] == group.base]
            builder.at_least([*terms, (-1, literal)], 0)
    builder.equal([*((1, literal) for literal in activity.vehicles.values()), (-1, activity.on)], 0)
    seats = [(-week.fleet[number].seats, literal) for number, literal in activity.vehicles.items()]
    builder.at_most([*((1, v) for v in activity.members.values()), *seats], 0)
    if len(bases) > 1:
        for member, variable in activity.members.items():
            own = [(1, v) for n, v in activity.vehicles.items() if week.fleet[n].base == week.base_of[member]]
            builder.at_least([*own, (-1, variable)], 0)
