"""Columns and rows of home visits: by crews without a session, or by a session's crew in what it leaves."""

from collections import defaultdict
from dataclasses import dataclass

from optimizer.calendar import HALVES_PER_DAY, half_day_bounds
from optimizer.model import StaffNeed
from optimizer.staffing import fits
from optimizer.week_bound.field import Field, rooms, share_of_trip
from optimizer.week_bound.offers import AtHome, Needs, Offer
from optimizer.week_bound.programme import Term


@dataclass(frozen=True, slots=True)
class Visit:
    """A way of being seen at home, and its columns: by a crew without a session, or beside one; of the own team."""

    offer: Offer
    home: AtHome
    alone: int
    beside: int
    own: int | None

    @property
    def terms(self) -> list[Term]:
        """Seen at home at all."""
        return [(1, self.alone), (1, self.beside)]


def add_home(field: Field, offer: Offer, home: AtHome, count: int) -> tuple[int, int, int | None]:
    """The columns of one way of a group."""
    weights, programme = field.problem.weights, field.programme
    more = weights.other_team_home if home.team else 0
    alone = programme.column(home.cost + more + offer.legs * weights.travel_second // 2, count, "seen")
    beside = programme.column(home.cost + more, count, "seen")
    if not home.team:
        return alone, beside, None
    own = programme.column(-more, count, "continuity")
    programme.at_most([(1, own), (-1, alone), (-1, beside)])
    return alone, beside, own


def add_homes(field: Field, visits: list[Visit]) -> None:
    """The time that all visits take."""
    _add_alone(field, visits)
    beside: dict[Needs, list[Term]] = defaultdict(list)
    for visit in visits:
        beside[visit.home.needs].append((visit.offer.home_seconds, visit.beside))
    _add_beside(field, beside)
    _add_own_team(field, visits)
    _add_early(field, [one for one in visits if one.offer.leads])


def _add_alone(field: Field, visits: list[Visit]) -> None:
    """Time of everybody out and at no session, of those who fit each need, and of crews."""
    needs: dict[StaffNeed | None, list[Term]] = defaultdict(list)
    stops: list[Term] = []
    for visit in visits:
        seconds = visit.offer.home_seconds + visit.offer.legs // 2  # the other half: a session's way may be shared
        stops.append((seconds, visit.alone))
        needs[None].append((visit.offer.home_crew * seconds, visit.alone))
        for need in visit.home.needs[0]:
            needs[need].append((need.count * seconds, visit.alone))
    for wanted, terms in needs.items():
        able = [(-1, column) for person, column in field.free.items() if _is_able(field, person, wanted)]
        field.programme.at_most([*terms, *able])
    field.programme.at_most([*stops, *_crew_room(field)])


def _is_able(field: Field, person: tuple[int, int], need: StaffNeed | None) -> bool:
    member, day = person
    return need is None or fits(field.problem.members[member], need, field.problem.days[day].date)


def _add_own_team(field: Field, visits: list[Visit]) -> None:
    """Somebody of the contract team is there all the time."""
    terms: dict[str, list[Term]] = defaultdict(list)
    for visit in visits:
        if visit.own is not None:
            terms[visit.home.team].append((visit.offer.home_seconds, visit.own))
    rests = {held: _rest(field, held).longest for held in field.held}
    for team, seconds in terms.items():
        mine = {number for number, one in enumerate(field.problem.members) if one.team == team}
        free = [(-1, column) for (member, _), column in field.free.items() if member in mine]
        free += [(-rests[held], crew[member]) for held, crew in field.at.items() for member in mine & crew.keys()]
        field.programme.at_most([*seconds, *free])


def _add_early(field: Field, visits: list[Visit]) -> None:
    """Stops that have to start before any session of a morning could end: so many for every crew of a morning."""
    spells = {held: field.clock.session_starts(field.problem.sessions[held[0]], held[1]) for held in field.held}
    ends = [
        spell[0] + field.problem.sessions[number].duration_seconds
        for (number, half_day), spell in spells.items()
        if half_day % HALVES_PER_DAY == 0 and spell is not None
    ]
    limit = min([*ends, *(day.morning_end_seconds for day in field.problem.days)])
    for until in sorted({one.home.times[1] for one in visits if one.home.times[1] < limit}):
        early = [one for one in visits if one.home.times[1] <= until]
        shortest = max(1, min(one.offer.home_seconds for one in early))
        opening = min(one.home.times[0] for one in early)
        room: list[Term] = []
        for half_day, crews in field.homes.items():
            if half_day % HALVES_PER_DAY == 0:
                room.append((-_starts_until(field, half_day, opening, until, shortest), crews))
        for (number, half_day), column in field.held.items():
            spell = spells[number, half_day]
            if half_day % HALVES_PER_DAY == 0 and spell is not None:
                before = spell[1] - shortest
                most = _starts_until(field, half_day, opening, min(until, before), shortest)
                room.append((-most, column))
        field.programme.at_most([*(term for one in early for term in one.terms), *room])


def _starts_until(field: Field, half_day: int, opening: int, until: int, shortest: int) -> int:
    """How many stops one crew could start between its leaving and a time."""
    day = field.problem.days[half_day // HALVES_PER_DAY]
    first = max(opening, half_day_bounds(day, half_day % HALVES_PER_DAY)[0])
    return 1 + (until - first) // shortest if until >= first else 0


def _crew_room(field: Field) -> list[Term]:
    """The time of crews without a session, the part after the normal end at the price of overtime."""
    terms = []
    for half_day, crews in field.homes.items():
        normal, hard = (
            rooms(field, half_day // HALVES_PER_DAY, overtime=overtime).get(half_day, 0) for overtime in (False, True)
        )
        most = len(field.problem.vehicles) * max(0, hard - normal)
        over = field.programme.column(field.problem.weights.overtime_second, most, "overtime")
        field.programme.at_most([(1, over), (normal - hard, crews)])
        terms += [(-normal, crews), (-1, over)]
    return terms


def _add_beside(field: Field, beside: dict[Needs, list[Term]]) -> None:
    """Homes visited by the crew of a session in the half-day of the session: what it and the way there leave."""
    rests = {held: _rest(field, held) for held in field.held}
    pools: dict[Needs, list[Term]] = defaultdict(list)
    for number in sorted({held[0] for held in rests}):
        mine = {held: rest for held, rest in rests.items() if held[0] == number}
        room: list[Term] = []
        for held, rest in mine.items():
            over = field.programme.column(field.problem.weights.overtime_second, rest.over, "overtime")
            field.programme.at_most([(1, over), (-rest.over, field.held[held])])
            room += [(-rest.normal, field.held[held]), (-1, over)]
            if held in field.saved:
                room.append((-rest.shared, field.saved[held]))
        columns = []
        most = max(rest.longest for rest in mine.values())
        for needs in beside:
            column = field.programme.column(0, most)
            columns.append((1, column))
            pools[needs].append((-1, column))
            meeting = [(-rest.longest, field.meeting(held, needs)) for held, rest in mine.items()]
            field.programme.at_most([(1, column), *meeting])
        field.programme.at_most([*columns, *room])
    for needs, terms in beside.items():
        field.programme.at_most([*terms, *pools[needs]])


@dataclass(frozen=True, slots=True)
class _Rest:
    """Seconds that a session leaves of its half-day: until the normal end, after it, and when the way is shared."""

    normal: int
    over: int
    shared: int

    @property
    def longest(self) -> int:
        """All of it."""
        return self.normal + self.over + self.shared


def _rest(field: Field, held: tuple[int, int]) -> _Rest:
    normal, hard, longest = (
        max(
            0,
            rooms(field, held[1] // HALVES_PER_DAY, overtime=overtime)[held[1]]
            - field.problem.sessions[held[0]].duration_seconds
            - share_of_trip(field, held, whole_day=whole_day),
        )
        for overtime, whole_day in ((False, False), (True, False), (True, True))
    )
    return _Rest(normal, hard - normal, longest - hard)
