"""Columns and rows of the people and the sessions: who is out when, which session is held when and by whom."""

from collections import defaultdict
from dataclasses import dataclass, field

from optimizer.calendar import HALVES_PER_DAY, day_of, half_day_bounds
from optimizer.check.case import half_day_at, lay_out
from optimizer.model import StaffNeed, Vehicle
from optimizer.problem import Problem
from optimizer.staffing import fits
from optimizer.week_bound.hours import Clock
from optimizer.week_bound.offers import Needs
from optimizer.week_bound.programme import OPEN, Programme, Term
from optimizer.week_bound.staff import Staff

Person = tuple[int, int]
"""A member and a half-day or day."""
Held = tuple[int, int]
"""A session and a half-day."""


@dataclass(slots=True)
class Field:
    """The columns by what they stand for, and what makes more of them."""

    problem: Problem
    staff: Staff
    clock: Clock
    programme: Programme
    out: dict[Person, int] = field(default_factory=dict)
    """A member is in the field in a half-day."""
    held: dict[Held, int] = field(default_factory=dict)
    at: dict[Held, dict[int, int]] = field(default_factory=dict)
    """By session and half-day: member to column."""
    homes: dict[int, int] = field(default_factory=dict)
    """By half-day, how many crews without a session go out."""
    free: dict[Person, int] = field(default_factory=dict)
    """Seconds of a member and day that are left for homes."""
    saved: dict[Held, int] = field(default_factory=dict)
    """The crew that holds a session is out all day, so that the way may be shared with other work."""
    _meets: dict[tuple[Held, Needs], int] = field(default_factory=dict)

    def fit(self, need: StaffNeed, held: Held) -> list[int]:
        """Columns of members at a session who fit a need."""
        on = self.problem.days[day_of(held[1])].date
        return [column for member, column in self.at[held].items() if fits(self.problem.members[member], need, on)]

    def meeting(self, held: Held, needs: Needs) -> int:
        """The column that says whether a held session's crew meets needs beyond the session's own."""
        key = held, needs
        session = self.problem.sessions[held[0]]
        wanted = [need for need in needs[0] if need not in session.needs]
        if not wanted and needs[1] <= session.min_members:
            return self.held[held]
        if key not in self._meets:
            column = self._meets[key] = self.programme.column(0, 1)
            self.programme.at_most([(1, column), (-1, self.held[held])])
            self.programme.at_most([(needs[1], column), *((-1, one) for one in self.at[held].values())])
            for need in wanted:
                self.programme.at_most([(need.count, column), *((-1, one) for one in self.fit(need, held))])
        return self._meets[key]


def add_field(field_: Field) -> None:
    """All columns and rows of people and sessions."""
    _add_people(field_)
    _add_sessions(field_)
    _add_crews(field_)
    _add_home_crews(field_)
    _add_places(field_)
    _add_time(field_)
    _add_whole_days(field_)


def most_sessions(field_: Field, half_day: int) -> int:
    """How many sessions one crew could hold one after the other in a half-day."""
    day = field_.problem.days[day_of(half_day)]
    first, last = half_day_bounds(day, half_day % HALVES_PER_DAY)
    lengths = [one.duration_seconds for one in field_.problem.sessions if half_day in one.half_days]
    return max(1, (last - first) // max(1, min(lengths, default=last - first)))


def share_of_trip(field_: Field, held: Held, *, whole_day: bool) -> int:
    """The seconds of the way there and back that surely fall to one session of a half-day or of a whole day."""
    site = field_.problem.site_number[field_.problem.sessions[held[0]].site]
    seconds = int(field_.clock.reaches[day_of(held[1])].both[site])
    halves = (2 * day_of(held[1]), 2 * day_of(held[1]) + 1)
    most = max(most_sessions(field_, half_day) for half_day in halves)
    return seconds // (most * (HALVES_PER_DAY if whole_day else 1))


def _add_people(field_: Field) -> None:
    programme, weights = field_.programme, field_.problem.weights
    mine: dict[int, list[int]] = defaultdict(list)
    for half_day, members in enumerate(field_.staff.out):
        for member in members:
            column = programme.column(weights.staff_half_day, 1, "staffing")
            field_.out[member, half_day] = column
            mine[member].append(column)
    for member, columns in mine.items():
        person = field_.problem.members[member]
        if len(columns) > person.max_half_days:
            programme.at_most([(1, one) for one in columns], person.max_half_days)
        if len(columns) > person.fair_half_days and weights.burden_half_day:
            above = programme.column(weights.burden_half_day, len(columns), "balance")
            programme.at_most([*((1, one) for one in columns), (-1, above)], person.fair_half_days)


def _half_days(field_: Field, number: int) -> list[int]:
    """Half-days on which a session could be held at all."""
    session = field_.problem.sessions[number]
    pins = [pin for pin in field_.problem.pins if pin.target == session.id]
    found = []
    for half_day in session.half_days:
        allowed = all(pin.half_day in (None, half_day) and pin.day in (None, day_of(half_day)) for pin in pins)
        on = field_.problem.days[day_of(half_day)].date
        can_go = field_.staff.can_meet(session.needs, session.min_members, [half_day], on)
        if allowed and can_go and field_.clock.session_starts(session, half_day) is not None:
            found.append(half_day)
    return found


def _add_sessions(field_: Field) -> None:
    problem, programme, weights = field_.problem, field_.programme, field_.problem.weights
    before = _held_before(problem)
    for number, session in enumerate(problem.sessions):
        moved = weights.change if session.id in before else 0
        terms = [(1, programme.column(session.weight + moved, 1, "session_not_held"))]
        for half_day in _half_days(field_, number):
            held = number, half_day
            cost = weights.travel_second * share_of_trip(field_, held, whole_day=False)
            cost += weights.rhythm if session.usual_half_day not in (None, half_day) else 0
            cost += moved if before.get(session.id) != half_day else 0
            field_.held[held] = programme.column(cost, 1, "travel")
            terms.append((1, field_.held[held]))
        programme.row(terms, 1, 1)


def _held_before(problem: Problem) -> dict[str, int]:
    """Half-day of every session that the earlier plan held, as the judge reads it."""
    if problem.earlier is None:
        return {}
    return {
        visit.session.id: half_day_at(outing, visit)
        for outing in lay_out(problem, problem.earlier).outings
        for visit in outing.sessions
        if visit.session is not None
    }


def _add_crews(field_: Field) -> None:
    """Who goes to which session."""
    problem, programme, weights = field_.problem, field_.programme, field_.problem.weights
    busy: dict[Person, list[Term]] = defaultdict(list)
    for held, column in field_.held.items():
        session, half_day = problem.sessions[held[0]], held[1]
        crew: dict[int, int] = {}
        for member in field_.staff.out[half_day]:
            other = bool(session.team) and problem.members[member].team != session.team
            crew[member] = programme.column(weights.other_team_session if other else 0, 1, "continuity")
            programme.at_most([(1, crew[member]), (-1, column)])
            busy[member, half_day].append((1, crew[member]))
        field_.at[held] = crew
        people = [(1, one) for one in crew.values()]
        programme.row([*people, (-max(1, session.min_members), column)], 0, OPEN)
        programme.at_most([*people, (-session.max_members, column)])
        for need in session.needs:
            programme.at_most([(need.count, column), *((-1, one) for one in field_.fit(need, held))])
    for person, terms in busy.items():
        programme.at_most([*terms, (-most_sessions(field_, person[1]), field_.out[person])])


def _add_places(field_: Field) -> None:
    """One session at a site in a half-day, a series on different days, and vehicles enough."""
    at_site: dict[tuple[str, int], list[Term]] = defaultdict(list)
    series: dict[tuple[str, int], list[Term]] = defaultdict(list)
    tags: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (number, half_day), column in field_.held.items():
        session = field_.problem.sessions[number]
        at_site[session.site, half_day].append((1, column))
        if session.series:
            series[session.series, day_of(half_day)].append((1, column))
        for tag in {"", session.vehicle_tag}:
            tags[tag, half_day].append((1, column))
    for terms in (*at_site.values(), *series.values()):
        if len(terms) > 1:
            field_.programme.at_most(terms, 1)
    for (tag, half_day), terms in tags.items():
        fit = sum(not tag or tag in one.tags for one in usable_vehicles(field_.problem, half_day))
        most = most_sessions(field_, half_day)
        if tag:
            field_.programme.at_most(terms, fit * most)
            continue
        crews = field_.homes[half_day]
        field_.programme.at_most([*terms, (most, crews)], fit * most)


def _add_home_crews(field_: Field) -> None:
    """How many crews without a session go out in a half-day: enough for everybody who is out and at no session."""
    largest = max(
        [1, field_.problem.parameters.max_crew_members, *(one.max_members for one in field_.problem.sessions)]
    )
    for half_day, members in enumerate(field_.staff.out):
        crews = field_.homes[half_day] = field_.programme.column(0, len(usable_vehicles(field_.problem, half_day)))
        alone = [(1, field_.out[member, half_day]) for member in members]
        alone += [(-1, column) for held, crew in field_.at.items() if held[1] == half_day for column in crew.values()]
        field_.programme.at_most([*alone, (-largest, crews)])
        if most_sessions(field_, half_day) == 1:
            field_.programme.at_most([(1, crews), *((-one, column) for one, column in alone)])


def usable_vehicles(problem: Problem, half_day: int) -> list[Vehicle]:
    """Vehicles that may go out in a half-day."""
    snow = problem.days[day_of(half_day)].snow
    return [one for one in problem.vehicles if one.snow_ok or not snow]


def _add_time(field_: Field) -> None:
    """What half-days without a session leave of everybody's day for homes."""
    problem, programme = field_.problem, field_.programme
    for day in range(len(problem.days)):
        room = rooms(field_, day, overtime=True)
        for member in sorted({m for half_day in room for m in field_.staff.out[half_day]}):
            terms, most = [], 0
            for half_day in room:
                if (member, half_day) not in field_.out:
                    continue
                terms.append((-room[half_day], field_.out[member, half_day]))
                most += room[half_day]
                for held, crew in field_.at.items():
                    if held[1] == half_day and member in crew:
                        terms.append((room[half_day] // most_sessions(field_, half_day), crew[member]))
            most = min(most, problem.members[member].max_field_seconds_day)
            free = field_.free[member, day] = programme.column(0, most)
            programme.at_most([(1, free), *terms])


def rooms(field_: Field, day: int, *, overtime: bool) -> dict[int, int]:
    """Most seconds of work and travel in each half-day, so that both together allow for a whole day's outing."""
    longest = max((one.max_field_seconds_day for one in field_.problem.members), default=0)
    outings = field_.clock.outings(day)
    seconds = {one: min(longest, field_.clock.seconds(one, overtime=overtime)) for one in outings}
    room = {one[0]: length for one, length in seconds.items() if len(one) == 1}
    whole = sum(length for one, length in seconds.items() if len(one) > 1)
    extra = max(0, whole - sum(room.values()))
    return {half_day: length + -(-extra // HALVES_PER_DAY) for half_day, length in room.items()}


def _add_whole_days(field_: Field) -> None:
    """A crew that holds sessions in the morning and in the afternoon may save a way; its people are out twice."""
    problem, programme, weights = field_.problem, field_.programme, field_.problem.weights
    for day in range(len(problem.days)):
        halves = (2 * day, 2 * day + 1)
        twice = []
        for member in sorted(set(field_.staff.out[halves[0]]) & set(field_.staff.out[halves[1]])):
            both = programme.column(0, 1)
            twice.append(both)
            for half_day in halves:
                programme.at_most([(1, both), (-1, field_.out[member, half_day])])
        for half_day in halves:
            terms = []
            for held in [one for one in field_.held if one[1] == half_day]:
                full, part = (share_of_trip(field_, held, whole_day=whole) for whole in (False, True))
                saved = field_.saved[held] = programme.column(weights.travel_second * (part - full), 1, "travel")
                programme.at_most([(1, saved), (-1, field_.held[held])])
                terms.append((max(1, problem.sessions[held[0]].min_members), saved))
            most = most_sessions(field_, half_day)
            programme.at_most([*terms, *((-most, both) for both in twice)])
