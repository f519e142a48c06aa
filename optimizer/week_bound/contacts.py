"""Columns and rows of the follow-ups: how many of each group are seen where, or left."""

from collections import defaultdict

from optimizer.calendar import HALVES_PER_DAY
from optimizer.model import StaffNeed
from optimizer.staffing import fits
from optimizer.week_bound.field import Field
from optimizer.week_bound.homes import Visit, add_home, add_homes
from optimizer.week_bound.offers import AtSession, Offer
from optimizer.week_bound.programme import Term

Seen = list[tuple[AtSession, Offer, int]]
"""Everybody who may come to a session, and their column."""


def add_contacts(field: Field, offers: dict[Offer, int]) -> None:
    """All groups, with the room they need; a group that can only be left is a constant."""
    at_session: dict[int, Seen] = defaultdict(list)
    visits: list[Visit] = []
    phoned: dict[frozenset[tuple[int, int]], list[Term]] = defaultdict(list)
    for offer, count in offers.items():
        terms = [(1, field.programme.column(offer.left, count, "left"))]
        for way in offer.sessions:
            half_days = [one for one in way.half_days if (way.session, one) in field.held]
            if not half_days:
                continue
            column = field.programme.column(way.cost, count, "seen")
            terms.append((1, column))
            at_session[way.session].append((way, offer, column))
            meeting = [field.meeting((way.session, one), way.needs) for one in half_days]
            field.programme.at_most([(1, column), *((-count, one) for one in meeting)])
        for home in offer.homes:
            visits += [Visit(offer, home, *add_home(field, offer, home, count))]
            terms += [(1, visits[-1].alone), (1, visits[-1].beside)]
        for phone in offer.phones:
            column = field.programme.column(phone.cost, count, "seen")
            terms.append((1, column))
            phoned[_callers(field, phone.needs[0])].append((phone.seconds, column))
        field.programme.row(terms, count, count)
    for number, seen in at_session.items():
        _add_session(field, number, seen)
    add_homes(field, visits)
    _add_phones(field, phoned)


def _people(field: Field, number: int) -> list[tuple[int, int]]:
    """Half-day and column of everybody who may hold a session."""
    return [(held[1], one) for held, crew in field.at.items() if held[0] == number for one in crew.values()]


def _add_session(field: Field, number: int, seen: Seen) -> None:
    """Minutes, heads, and minutes until each time by which some have to be seen."""
    session, programme = field.problem.sessions[number], field.programme
    people = _people(field, number)
    seconds = [(offer.patrol_seconds, column) for _, offer, column in seen]
    programme.at_most([*seconds, *((-session.net_seconds_per_member, one) for _, one in people)])
    heads = [(offer.contact, column) for _, offer, column in seen if offer.contact]
    held = [column for (one, _), column in field.held.items() if one == number]
    programme.at_most([*heads, *((-session.max_contacts, one) for one in held)])
    for end in sorted({way.early[0] for way, _, _ in seen if way.early}):
        early = [(way, offer, column) for way, offer, column in seen if way.early and way.early[0] <= end]
        opening = min(way.early[1] for way, _, _ in early if way.early)
        halves = {half_day for way, _, _ in early for half_day in way.half_days}
        room = []
        for half_day, one in people:
            starts = field.clock.session_starts(session, half_day)
            if half_day in halves and starts is not None:
                room.append((-max(0, end - max(starts[0], opening)), one))
        programme.at_most([*((offer.patrol_seconds, column) for _, offer, column in early), *room])


def _callers(field: Field, needs: tuple[StaffNeed, ...]) -> frozenset[tuple[int, int]]:
    """Members and half-days that could make a call with these needs."""
    found = set()
    for number, member in enumerate(field.problem.members):
        for half_day in {*member.desk_half_days, *member.field_half_days}:
            on = field.problem.days[half_day // HALVES_PER_DAY].date
            if all(fits(member, need, on) for need in needs):
                found.add((number, half_day))
    return frozenset(found)


def _add_phones(field: Field, phoned: dict[frozenset[tuple[int, int]], list[Term]]) -> None:
    """Time of those at the desk, or in the field but not out."""
    most = field.problem.parameters.phone_seconds_per_half_day
    for callers in phoned:
        terms = [term for others, found in phoned.items() if others <= callers for term in found]
        room = 0
        for number, half_day in sorted(callers):
            room += most
            at_desk = half_day in field.problem.members[number].desk_half_days
            if not at_desk and (number, half_day) in field.out:
                terms.append((most, field.out[number, half_day]))
        field.programme.at_most(terms, room)
