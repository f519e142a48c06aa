"""Every way in which the judge would let a follow-up be done, with its own part of the cost; equal ones together."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.bundle import find_option, left_cost, overdue_days
from optimizer.calendar import HALVES_PER_DAY, day_of
from optimizer.check.case import lay_out
from optimizer.model import Channel, ChannelOption, FollowUp, StaffNeed
from optimizer.problem import Problem
from optimizer.stop import Cancelled, never
from optimizer.week_bound.hours import Clock, Spell
from optimizer.week_bound.reach import nearest_of, reaches_of
from optimizer.week_bound.shares import shares_of
from optimizer.week_bound.staff import Staff

Needs = tuple[tuple[StaffNeed, ...], int]
"""What a crew has to have: needs, and how many people."""
Place = tuple[Channel, int]


@dataclass(frozen=True, slots=True)
class AtSession:
    """Seen at one session on any of some half-days, at one price."""

    session: int
    half_days: tuple[int, ...]
    cost: int
    needs: Needs
    early: Spell | None


@dataclass(frozen=True, slots=True)
class AtHome:
    """Seen at home on any of some days, at one price."""

    days: tuple[int, ...]
    cost: int
    """As if the crew were of the contract team."""
    needs: Needs
    team: str
    """The contract team, where another one costs more; else empty."""
    times: Spell
    """From when to when service could start on any of the days."""


@dataclass(frozen=True, slots=True)
class ByPhone:
    """Phoned on any of some days, at one price."""

    days: tuple[int, ...]
    cost: int
    needs: Needs
    seconds: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that matters about a follow-up; follow-ups with equal offers are one group."""

    left: int
    sessions: tuple[AtSession, ...]
    homes: tuple[AtHome, ...]
    phones: tuple[ByPhone, ...]
    home_seconds: int
    """Seconds that it adds to a home stop."""
    home_crew: int
    """The fewest people who are there, in both crews of a joint visit together."""
    leads: bool
    """Whether it counts as a stop of its own, for all of its household."""
    legs: int
    """Seconds of travel that surely go with its stop on an outing without a session; half of it where there is one."""
    patrol_seconds: int
    contact: int
    priority: int

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing but leaving it is possible, or worth its price."""
        return not (self.sessions or self.homes or self.phones)


def offers_of(problem: Problem, staff: Staff, cancelled: Cancelled = never) -> dict[Offer, int]:
    """Every different offer, and how many follow-ups have it; when cancelled, of those that were read till then."""
    reader = _Reader(problem, staff)
    counts: dict[Offer, int] = defaultdict(int)
    for number in range(len(problem.follow_ups)):
        if cancelled():
            break
        counts[reader.offer(number)] += 1
    return dict(counts)


class _Reader:
    """Reads the offers of a problem; holds what all of them need."""

    def __init__(self, problem: Problem, staff: Staff) -> None:
        self.problem, self.staff = problem, staff
        self.clock = Clock(problem, reaches_of(problem))
        self.shares = shares_of(problem)
        self.nearest = nearest_of(problem)
        self.before = _places_before(problem)
        self.pins = {pin.target: pin for pin in problem.pins}
        self.sessions_at: dict[str, list[int]] = defaultdict(list)
        for number, session in enumerate(problem.sessions):
            self.sessions_at[session.site].append(number)

    def offer(self, number: int) -> Offer:
        """The offer of one follow-up. A way that costs no less than leaving it is no way."""
        item = self.problem.follow_ups[number]
        left = left_cost(self.problem, item) + (self.problem.weights.change if item.id in self.before else 0)
        heads = 0
        home = find_option(item, Channel.HOME)
        if home is not None:
            heads = self.staff.least_crew(home.needs, home.head_count)
            heads += self.staff.least_crew(item.joint.needs, 1) if item.joint else 0
        return Offer(
            left,
            tuple(self._sessions(item, left)),
            tuple(self._homes(item, left, self.shares.home[number])),
            tuple(self._phones(item, left)),
            self.shares.home[number],
            heads,
            self.shares.leads[number],
            self._legs(number),
            self.shares.patrol[number],
            self.shares.contact[number],
            item.priority,
        )

    def _legs(self, number: int) -> int:
        """Half of the shortest ways to and from its site, for one follow-up of every household."""
        if not self.shares.leads[number]:
            return 0
        return self.nearest[self.problem.site_number[self.problem.follow_ups[number].site]]

    def _days(self, item: FollowUp, channel: Channel) -> Iterator[tuple[int, int]]:
        """Days on which a channel is allowed, with the cost of lateness and change."""
        pin = self.pins.get(item.id)
        if pin is not None and pin.channel not in (None, channel):
            return
        for number, day in enumerate(self.problem.days):
            if day.date < item.earliest or (item.hard_end and day.date > item.latest):
                continue
            if pin is not None and pin.day not in (None, number):
                continue
            cost = self.problem.weights.overdue_day[item.priority] * overdue_days(self.problem, item, day.date)
            place = self.before.get(item.id)
            yield number, cost + (self.problem.weights.change if place not in (None, (channel, number)) else 0)

    def _sessions(self, item: FollowUp, left: int) -> Iterator[AtSession]:
        option = find_option(item, Channel.PATROL)
        if option is None or not item.patrol_sites:
            return
        cost_of = dict(self._days(item, Channel.PATROL))
        for site in dict.fromkeys(item.patrol_sites):
            extra = self.problem.weights.neighbour if site != item.patrol_sites[0] else 0
            for number in self.sessions_at[site]:
                yield from self._at_session(item, option, number, {d: c + extra for d, c in cost_of.items()}, left)

    def _at_session(
        self, item: FollowUp, option: ChannelOption, number: int, cost_of: dict[int, int], left: int
    ) -> Iterator[AtSession]:
        session = self.problem.sessions[number]
        cells: dict[tuple[int, Spell | None], list[int]] = defaultdict(list)
        for half_day in session.half_days:
            cost = cost_of.get(day_of(half_day), left)
            if cost >= left or not self.clock.can_attend(item, session, half_day):
                continue
            if self.staff.can_meet(
                option.needs, option.head_count, [half_day], self.problem.days[day_of(half_day)].date
            ):
                cells[cost, self.clock.early(item, session, half_day)].append(half_day)
        for (cost, early), half_days in cells.items():
            yield AtSession(number, tuple(half_days), cost, (option.needs, option.head_count), early)

    def _homes(self, item: FollowUp, left: int, share: int) -> Iterator[AtHome]:
        option = find_option(item, Channel.HOME)
        if option is None:
            return
        weights = self.problem.weights
        extra = weights.home_instead if item.patrol_sites and find_option(item, Channel.PATROL) else 0
        cells: dict[tuple[int, str, Spell], list[int]] = defaultdict(list)
        seconds = self.problem.parameters.setup_seconds + option.seconds
        for day, cost in self._days(item, Channel.HOME):
            halves = [HALVES_PER_DAY * day, HALVES_PER_DAY * day + 1]
            on = self.problem.days[day].date
            if not self.clock.can_start_at_home(item, day, seconds):
                continue
            if not self.staff.can_meet(option.needs, option.head_count, halves, on):
                continue
            team, more = self._home_continuity(item, day)
            spells = self.clock.home_spells(item, day)
            times = min(start for start, _ in spells), max(end for _, end in spells)
            if cost + extra + more < left:
                cells[cost + extra + more, team, times].append(day)
        for (price, team, times), days in cells.items():
            yield AtHome(tuple(days), price, (option.needs, option.head_count), team, times)

    def _home_continuity(self, item: FollowUp, day: int) -> tuple[str, int]:
        """The contract team if it could go, and what continuity costs at least on a day."""
        if item.joint:
            return "", 0
        out = self.staff.out_on(day)
        weights = self.problem.weights
        can_own = any(one.team == item.team for one in out)
        cost = weights.other_team_home if item.team and not can_own else 0
        if item.preferred_members and not any(one.id in item.preferred_members for one in out):
            cost += weights.not_preferred
        return (item.team if can_own and weights.other_team_home else ""), cost

    def _phones(self, item: FollowUp, left: int) -> Iterator[ByPhone]:
        option = find_option(item, Channel.PHONE)
        if option is None or option.seconds > self.problem.parameters.phone_seconds_per_half_day:
            return
        cells: dict[int, list[int]] = defaultdict(list)
        for day, cost in self._days(item, Channel.PHONE):
            if cost < left and self.staff.can_phone(option.needs, day):
                cells[cost].append(day)
        for cost, days in cells.items():
            yield ByPhone(tuple(days), cost, (option.needs, 1), option.seconds)


def _places_before(problem: Problem) -> dict[str, Place]:
    """Channel and day of every follow-up that the earlier plan served, as the judge reads it."""
    if problem.earlier is None:
        return {}
    return {one.item.id: (one.channel, one.day_number) for one in lay_out(problem, problem.earlier).services}
