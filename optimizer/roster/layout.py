"""Lays the joint model out as a `Board`: activities, their possible crews, and who can be served where.

Crews that stay together all day are left to the integer model, which goes on from the board's roster.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from optimizer.calendar import HALVES_PER_DAY
from optimizer.roster.beside import spare_gains, spare_minutes, stop_minutes
from optimizer.roster.board import FIRST, SECOND, Board, Bool, Int, board_of
from optimizer.roster.book import Book, Contact, Kind
from optimizer.roster.groups import MINUTE_SECONDS
from optimizer.roster.limits import early_limits, slot_minutes
from optimizer.roster.linear import LinearModel, Mask, vector
from optimizer.roster.sheet import Activity, Sheet
from optimizer.roster.week import NO_TEAM, Needs

MOST_BITS = 60
"""Different signs, or early ends, of one activity that are told apart; what is beyond is not offered, or one limit."""
PLENTY = 10**6
Sign = tuple[Needs, int, tuple[str, ...]]
"""What some contacts ask of a crew: needs, heads, named members."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A board with the model's variables: of every activity, of every row of `member`, of every entry."""

    board: Board
    classes: tuple[int, ...]
    """Number in the week's fleet of every class of vehicles; empty when vehicles are only counted."""
    on: Int
    member: Int
    entry: Int
    pair: Int
    """Of every part that a crew can have in a joint visit."""


@dataclass(frozen=True, slots=True)
class End:
    """An early end of an activity: the contacts bound by it, and the minutes per member up to it."""

    variables: set[int]
    minutes: int
    sooner: dict[int, int] = field(default_factory=dict)
    """How many more there are with a faster fleet class."""


@dataclass(slots=True)
class _Rows:
    """Lists in one while they are being made: columns of numbers, and where each list begins."""

    columns: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    starts: list[int] = field(default_factory=lambda: [0])
    length: int = 0

    def add(self, **values: int) -> None:
        """One more row of the present list."""
        for name, value in values.items():
            self.columns[name].append(value)
        self.length += 1

    def close(self) -> None:
        """The next list begins."""
        self.starts.append(self.length)

    def __getitem__(self, name: str) -> Int:
        return vector(self.columns[name])


def laid(sheet: Sheet, book: Book, model: LinearModel, offered: Mask, *, sessions: bool = True) -> Laid:
    """The board of a model with the offered contacts only; without `sessions`, those stay as they are."""
    return _Laying(sheet, book, model, offered).laid(sessions)


class _Laying:
    """A board while it is being laid out."""

    def __init__(self, sheet: Sheet, book: Book, model: LinearModel, offered: Mask) -> None:
        self.sheet, self.book, self.model, self.week = sheet, book, model, sheet.week
        self.activities = sheet.activities
        self.sets: dict[frozenset[int], int] = {}
        self.members, self.needs, self.signs, self.sign_needs, self.entries, self.pairs = (_Rows() for _ in range(6))
        self.joints: dict[int, int] = {}
        self.ends: list[list[End]] = []
        self.early = self._early_ends()
        self.contacts: dict[int, list[Contact]] = defaultdict(list)
        self.parts: dict[int, list[Contact]] = defaultdict(list)
        for contact in book.contacts:
            is_joint = sheet.groups[contact.group].sample.joint is not None and contact.kind is not Kind.SESSION
            for activity in contact.activities if offered[contact.variable] else ():
                (self.parts if is_joint else self.contacts)[activity.on].append(contact)

    def laid(self, sessions: bool) -> Laid:
        for activity in self.activities:
            self._add_crew(activity)
            self._add_contacts(activity)
        classes, vehicles = self._vehicles()
        movable = np.array([sessions or not activity.is_session for activity in self.activities], dtype=np.bool_)
        parts = (
            *(self._by_activity(), self._rows(), self._by_group(), self._by_joint()),
            *(self._by_session(), self._by_member(), vehicles),
        )
        arrays: dict[str, Any] = {
            "activity.movable": movable,
            "early_sooner": self._sooner(classes),
            "spare": self._spare(classes),
        }
        for part in parts:
            arrays |= part
        on = vector([activity.on for activity in self.activities])
        variables = (some["variable"] for some in (self.members, self.entries, self.pairs))
        return Laid(board_of(arrays), classes, on, *variables)

    def _set(self, members: Iterable[int]) -> int:
        """Number of a set of members."""
        return self.sets.setdefault(frozenset(members), len(self.sets))

    def _asked(self, needs: Needs, named: Iterable[str], half_day: int) -> list[dict[str, int]]:
        """Needs and named members as sets with the count wanted."""
        rows = [{"fit": self._set(self.week.fitting(need, half_day)), "count": need.count} for need in needs]
        return rows + [{"fit": self._set({self.week.problem.member_number[name]}), "count": 1} for name in named]

    def _early_ends(self) -> dict[int, list[End]]:
        """The early ends of every session activity, by its `on`."""
        seen: dict[int, list[Contact]] = defaultdict(list)
        for contact in self.book.contacts:
            if contact.kind is Kind.SESSION:
                seen[contact.activities[0].session].append(contact)
        half_days: dict[int, list[Activity]] = defaultdict(list)
        for activity in self.sheet.sessions.values():
            half_days[activity.session].append(activity)
        ends: dict[int, list[End]] = defaultdict(list)
        for number, contacts in seen.items():
            for limit in early_limits(self.sheet, contacts, half_days[number]):
                variables = {contact.variable for contact in limit.contacts}
                for activity, each, sooner in zip(half_days[number], limit.minutes, limit.sooner, strict=True):
                    if each < self._room(activity):
                        ends[activity.on].append(End(variables, each, sooner))
        return {on: few(some) for on, some in ends.items()}

    def _add_crew(self, activity: Activity) -> None:
        for member, variable in activity.members.items():
            self.members.add(member=member, price=int(self.model.cost[variable]), variable=variable)
        self.members.close()
        rows: list[dict[str, int]] = []
        if activity.is_session:
            session = self.week.problem.sessions[activity.session]
            pin = self.week.pins.get(session.id)
            rows = self._asked(session.needs, pin.members if pin else (), activity.half_day)
        elif activity.team != NO_TEAM:
            rows = [
                {"fit": self._set(m for m in activity.members if self.week.team_of[m] == activity.team), "count": 1}
            ]
        for row in rows:
            self.needs.add(**row)
        self.needs.close()

    def _add_contacts(self, activity: Activity) -> None:
        """Parts in joint visits and entries of an activity, and the signs that they ask for."""
        signs: dict[Sign, int] = {}
        self._add_parts(activity, signs)
        self._add_entries(activity, signs)
        for needs, heads, named in signs:
            for row in self._asked(needs, named, activity.half_day):
                self.sign_needs.add(**row)
            self.sign_needs.close()
            self.signs.add(heads=heads)
        self.signs.close()

    def _add_parts(self, activity: Activity, signs: dict[Sign, int]) -> None:
        """Parts that an activity's crew can have in joint visits."""
        for contact in self.parts[activity.on]:
            group = self.sheet.groups[contact.group]
            way, joint, is_second = group.sample.home, group.sample.joint, contact.kind is Kind.PARTNER
            assert way is not None
            assert joint is not None
            named = group.pin.members if group.pin else ()
            key = (joint.needs, 1, ()) if is_second else (way.needs, way.head_count, named)
            if key not in signs and len(signs) == MOST_BITS:
                continue
            self.pairs.add(
                joint=self.joints.setdefault(contact.group, len(self.joints)),
                part=SECOND if is_second else FIRST,
                price=int(self.model.cost[contact.variable]),
                minutes=self._minutes(contact),
                sign=signs.setdefault(key, len(signs)),
                place=self.week.travel.row[group.place],
                activity=len(self.pairs.starts) - 1,
                variable=contact.variable,
            )
        self.pairs.close()

    def _add_entries(self, activity: Activity, signs: dict[Sign, int]) -> None:
        """Entries of an activity in order."""
        ends = self.early.get(activity.on, [])
        self.ends.append(ends)
        for contact in sorted(self.contacts[activity.on], key=self._rank):
            group = self.sheet.groups[contact.group]
            way = group.sample.patrol if contact.kind is Kind.SESSION else group.sample.home
            assert way is not None
            key = (way.needs, way.head_count, group.pin.members if group.pin else ())
            if key not in signs and len(signs) == MOST_BITS:
                continue
            self.entries.add(
                group=contact.group,
                kind=int(contact.kind),
                saves=group.left_points - int(self.model.cost[contact.variable]),
                minutes=self._minutes(contact),
                sign=signs.setdefault(key, len(signs)),
                early=sum(1 << number for number, end in enumerate(ends) if contact.variable in end.variables),
                place=self.week.travel.row[group.place],
                activity=len(self.entries.starts) - 1,
                variable=contact.variable,
            )
        self.entries.close()

    def _rank(self, contact: Contact) -> tuple[float, int]:
        saved = self.sheet.groups[contact.group].left_points - int(self.model.cost[contact.variable])
        return -saved / self._minutes(contact), contact.variable

    def _minutes(self, contact: Contact) -> int:
        if contact.kind is Kind.SESSION:
            return max(1, self.sheet.groups[contact.group].patrol_minutes)
        return max(1, stop_minutes(self.sheet, contact))

    def _room(self, activity: Activity) -> int:
        if activity.is_session:
            return self.week.problem.sessions[activity.session].net_seconds_per_member // MINUTE_SECONDS
        return slot_minutes(self.sheet, activity)

    def _by_activity(self) -> dict[str, Int]:
        there, week, parameters = self.activities, self.week, self.week.problem.parameters
        sessions = [week.problem.sessions[a.session] if a.is_session else None for a in there]
        bases = sorted({a.base for a in there})
        halves = range(HALVES_PER_DAY * len(week.problem.days))
        at_half = [[number for number, a in enumerate(there) if a.half_day == half_day] for half_day in halves]
        places = week.travel.places
        radial = [-(-week.travel.radial_seconds(base, place) // MINUTE_SECONDS) for base in bases for place in places]
        return {
            "activity.half": vector([a.half_day for a in there]),
            "activity.session": vector([a.session for a in there]),
            "activity.price": vector([int(self.model.cost[a.on]) for a in there]),
            "activity.low": vector([s.min_members if s else parameters.min_home_crew_members for s in sessions]),
            "activity.high": vector([s.max_members if s else parameters.max_crew_members for s in sessions]),
            "activity.room": vector([self._room(a) for a in there]),
            "activity.heads": vector([s.max_contacts if s else PLENTY for s in sessions]),
            "activity.seconds": vector(
                [a.times.back_seconds - week.bounds(a.half_day)[0] if a.times else 0 for a in there]
            ),
            "activity.base": vector([bases.index(a.base) for a in there]),
            "half_from": vector(np.cumsum([0, *map(len, at_half)]).tolist()),
            "at_half": vector([number for some in at_half for number in some]),
            "radial": vector(radial).reshape(len(bases), len(places)),
            "detour": vector([-(-week.travel.detour_seconds(place) // MINUTE_SECONDS) for place in places]),
        }

    def _rows(self) -> dict[str, Int | Bool]:
        entry_names = ("early", "saves", "kind", "minutes", "sign", "place")
        pair_names = ("joint", "part", "price", "minutes", "sign", "place", "activity")
        fit = np.zeros((max(1, len(self.sets)), len(self.week.problem.members)), np.bool_)
        for some, number in self.sets.items():
            fit[number, sorted(some)] = True
        return {
            "activity.member_from": vector(self.members.starts),
            "candidate.member": self.members["member"],
            "candidate.price": self.members["price"],
            "activity.need_from": vector(self.needs.starts),
            "need.fit": self.needs["fit"],
            "need.count": self.needs["count"],
            "activity.sign_from": vector(self.signs.starts),
            "sign.heads": self.signs["heads"],
            "sign.need_from": vector(self.sign_needs.starts),
            "sign_need.fit": self.sign_needs["fit"],
            "sign_need.count": self.sign_needs["count"],
            "fit": fit,
            "activity.entry_from": vector(self.entries.starts),
            **{f"entry.{name}": self.entries[name] for name in entry_names},
            "served": self.entries["group"],
            "activity.pair_from": vector(self.pairs.starts),
            **{f"pair.{name}": self.pairs[name] for name in pair_names},
        }

    def _by_group(self) -> dict[str, Int | Bool]:
        groups, of_entry = self.sheet.groups, self.entries["group"]
        counts = np.bincount(of_entry, minlength=len(groups))
        minutes = np.zeros((len(self.ends), max([1, *map(len, self.ends)])), np.int64)
        for number, ends in enumerate(self.ends):
            minutes[number, : len(ends)] = [end.minutes for end in ends]
        return {
            "activity.least": vector(
                [min(self.entries.columns["minutes"][f:u], default=1) for f, u in pairwise(self.entries.starts)]
            ),
            "activity.early_count": vector([len(ends) for ends in self.ends]),
            "early_minutes": minutes,
            "group.count": vector([group.count for group in groups]),
            "group.points": vector([group.left_points for group in groups]),
            "group.is_due": np.array(
                [group.sample.closes or group.pin is not None for group in groups], dtype=np.bool_
            ),
            "group.way_from": vector([0, *np.cumsum(counts).tolist()]),
            "way": self.entries["activity"][np.argsort(of_entry, kind="stable")],
        }

    def _by_joint(self) -> dict[str, Int]:
        of_row = self.pairs["joint"]
        counts = np.bincount(of_row, minlength=len(self.joints))
        return {
            "joint_from": vector([0, *np.cumsum(counts).tolist()]),
            "joint_row": np.argsort(of_row, kind="stable").astype(np.int64),
            "joint_group": vector(list(self.joints)),
        }

    def _sooner(self, classes: tuple[int, ...]) -> Int:
        """Minutes per member that every class of vehicles adds up to every early end."""
        widest = max([1, *map(len, self.ends)])
        sooner = np.zeros((len(self.ends), widest, max(1, len(classes))), np.int64)
        for number, ends in enumerate(self.ends):
            for place, end in enumerate(ends):
                sooner[number, place, : len(classes)] = [end.sooner.get(fleet, 0) for fleet in classes]
        return sooner

    def _spare(self, classes: tuple[int, ...]) -> Int:
        """Minutes for home visits beside a session with every class of vehicles; none for home crews."""
        spare = np.zeros((len(self.activities), max(1, len(classes))), np.int64)
        for number, activity in enumerate(self.activities):
            if activity.is_session:
                least, gains = spare_minutes(self.sheet, activity), spare_gains(self.sheet, activity)
                spare[number] = [least + gains.get(fleet, 0) for fleet in classes] if classes else least
        return spare

    def _by_session(self) -> dict[str, Int]:
        week, sessions = self.week, self.week.problem.sessions
        places = [week.place_of[site] for site in week.session_sites]
        numbers: dict[str, int] = {}
        near = [
            sorted(range(len(places)), key=lambda other: (week.travel.between_seconds(place, places[other]), other))
            for place in places
        ]
        return {
            "unheld": vector([int(self.model.cost[self.sheet.unheld[n]]) for n in range(len(sessions))]),
            "site": vector(week.session_sites),
            "series": vector([numbers.setdefault(s.series, len(numbers)) if s.series else -1 for s in sessions]),
            "near": vector([number for row in near for number in row]).reshape(len(places), len(places)),
        }

    def _by_member(self) -> dict[str, Int | int]:
        members, weights = self.week.problem.members, self.week.problem.weights
        return {
            "person.most": vector([member.max_half_days for member in members]),
            "person.fair": vector([member.fair_half_days for member in members]),
            "person.field_seconds": vector([member.max_field_seconds_day for member in members]),
            "burden": weights.burden_half_day,
            "minute_points": weights.travel_second * MINUTE_SECONDS,
        }

    def _vehicles(self) -> tuple[tuple[int, ...], dict[str, Int | Bool]]:
        """Classes from the plainest to the best equipped; a single one for all vehicles when any will do."""
        week, members = self.week, range(len(self.week.problem.members))
        halves = range(HALVES_PER_DAY * len(week.problem.days))
        if not any(a.vehicles for a in self.activities):
            usable = [sum(len(group.vehicles) for group in week.usable_fleet(half_day)) for half_day in halves]
            anybody = np.ones((1, len(members)), np.bool_)
            may_take = np.ones((len(self.activities), 1), np.bool_)
            plain: dict[str, Int | Bool] = {"seats": vector([PLENTY]), "vehicles": vector(usable).reshape(1, -1)}
            return (), plain | {"may_take": may_take, "drives": anybody, "at_base": anybody}
        order = sorted(range(len(week.fleet)), key=lambda n: (len(week.fleet[n].tags), week.fleet[n].seats, n))
        fleet = [week.fleet[number] for number in order]
        modes = [week.problem.members[m].drives for m in members]
        at_base = np.array([[week.base_of[m] == f.base for m in members] for f in fleet], dtype=np.bool_)
        drives = np.array([[not f.needs_driver or f.mode in modes[m] for m in members] for f in fleet], dtype=np.bool_)
        return tuple(order), {
            "may_take": np.array([[n in a.vehicles for n in order] for a in self.activities], dtype=np.bool_),
            "seats": vector([f.seats for f in fleet]),
            "drives": drives & (at_base | ~np.array([[f.needs_driver] for f in fleet])),
            "at_base": at_base,
            "vehicles": vector([len(f.vehicles) for f in fleet for _ in halves]).reshape(len(fleet), len(halves)),
        }


def few(ends: list[End]) -> list[End]:
    """As many early ends as a bit set can hold; the rest become one, the strictest, for all their contacts."""
    some, rest = ends[:MOST_BITS], ends[MOST_BITS:]
    if not rest:
        return some
    variables = set().union(*(end.variables for end in rest))
    return [*some, End(variables, min(end.minutes for end in rest))]
