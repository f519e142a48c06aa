"""Which members are considered for which activity: the near teams, and whoever has a rare qualification.

Considering everybody for everything would be right but ten times too large; small problems do consider everybody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from optimizer.calendar import day_of
from optimizer.model import Channel, StaffNeed
from optimizer.roster.groups import Group
from optimizer.roster.week import NO_TEAM, Needs, Week

Signature = tuple[Needs, int]
"""Staff needs and head count."""
SMALL = 14
"""Up to so many free members, all of them are considered."""
SESSION_TEAMS = 4
SLOT_TEAMS = 3
RARE_CANDIDATES = 4
SPECIAL_FAMILIES = 2
SPECIAL_CANDIDATES = 10


@dataclass(frozen=True)
class Candidates:
    """Answers who is considered, for a week and its groups. Not slotted because its tables are cached."""

    week: Week
    groups: tuple[Group, ...]

    def for_session(self, session: int, half_day: int) -> list[int]:
        """Members considered for a session on a half-day, in order of their numbers."""
        week = self.week
        free = week.free[half_day]
        if len(free) <= SMALL:
            return list(free)
        wanted = week.problem.sessions[session]
        site = week.session_sites[session]
        own = [week.problem.team_number[wanted.team]] if wanted.team else []
        order = list(dict.fromkeys([*own, *week.near_teams[week.place_of[site]]]))
        near = set(order[:SESSION_TEAMS])
        members = {member for member in free if week.team_of[member] in near}
        for need in (*wanted.needs, *self._patrol_needs.get(site, ())):
            members |= self._missing(members, need, half_day, order)
        if len(members) < wanted.min_members:
            members = set(free)
        return sorted(members | self._pinned(wanted.id, free))

    @cached_property
    def _patrol_needs(self) -> dict[int, tuple[StaffNeed, ...]]:
        """Staff needs of those who may come to a session at a site."""
        needs: dict[int, dict[StaffNeed, None]] = defaultdict(dict)
        for group in self.groups:
            for site in group.sample.patrol_sites if group.sample.patrol else ():
                needs[site].update(dict.fromkeys(group.sample.patrol.needs if group.sample.patrol else ()))
        return {site: tuple(found) for site, found in needs.items()}

    def _missing(self, members: set[int], need: StaffNeed, half_day: int, order: list[int]) -> set[int]:
        """The nearest people who fit a need that the candidates so far can hardly meet."""
        week = self.week
        fitting = week.fitting(need, half_day)
        if len(members & fitting) > need.count:
            return set()
        rank = {team: number for number, team in enumerate(order)}
        others = [member for member in week.free[half_day] if member in fitting and member not in members]
        others.sort(key=lambda member: (rank[week.team_of[member]], member))
        return set(others[:RARE_CANDIDATES])

    def _pinned(self, target: str, free: Iterable[int]) -> set[int]:
        pin = self.week.pins.get(target)
        wanted = {self.week.problem.member_number[name] for name in pin.members} if pin else set()
        return wanted & set(free)

    def for_slot(self, team: int, half_day: int) -> list[int]:
        """Members considered for a team's home crew, all of one base; empty when nobody of the team is free."""
        week = self.week
        free = week.free[half_day]
        own = [member for member in free if week.team_of[member] == team]
        if not own:
            return []
        base = Counter(week.base_of[member] for member in own).most_common(1)[0][0]
        near = set(self._near_teams[team])
        pinned = self._pinned_to_homes[day_of(half_day)]
        considered = {m for m in free if len(free) <= SMALL or week.team_of[m] in near or m in pinned}
        for need in self._joint_needs.get((team, half_day), ()):
            considered |= self._missing(considered, need, half_day, list(self._team_order[team]))
        return [member for member in free if member in considered and week.base_of[member] == base]

    @cached_property
    def _joint_needs(self) -> dict[tuple[int, int], tuple[StaffNeed, ...]]:
        """What the first crews of joint visits have to meet, by their residents' team and half-day."""
        needs: dict[tuple[int, int], dict[StaffNeed, None]] = defaultdict(dict)
        for group in self.groups:
            if group.sample.joint is not None and group.sample.home is not None:
                team = group.team if group.team != NO_TEAM else self.week.near_teams[group.place][0]
                for half_day in group.home_half_days:
                    needs[team, half_day].update(dict.fromkeys(group.sample.home.needs))
        return {key: tuple(found) for key, found in needs.items()}

    @cached_property
    def _pinned_to_homes(self) -> tuple[set[int], ...]:
        """Members named in pins of home visits, by day."""
        numbers = self.week.problem.member_number
        pins = [g.pin for g in self.groups if g.pin is not None and g.pin.channel is not Channel.PHONE]
        return tuple(
            {numbers[name] for pin in pins if pin.day in (None, day) for name in pin.members}
            for day in range(len(self.week.problem.days))
        )

    @cached_property
    def _near_teams(self) -> tuple[tuple[int, ...], ...]:
        """Every team and those nearest to where it has most to do."""
        return tuple(order[:SLOT_TEAMS] for order in self._team_order)

    @cached_property
    def _team_order(self) -> tuple[tuple[int, ...], ...]:
        """All teams for every one: itself, then by nearness to where it has most to do."""
        orders = []
        for team, places in enumerate(self.week.team_places):
            busiest = max(sorted(places), key=lambda place: places[place]) if places else None
            others = [t for t in self.week.near_teams[busiest] if t != team] if busiest is not None else []
            orders.append((team, *others))
        return tuple(orders)

    def for_special(self, half_day: int) -> list[tuple[frozenset[Signature], list[int]]]:
        """Home crews across teams for needs that few teams can meet by themselves: the needs, and who is considered."""
        week = self.week
        if len(week.free[half_day]) <= SMALL:
            return []
        demand: Counter[Signature] = Counter()
        for group in self.groups:
            if group.sample.home and half_day in group.home_half_days:
                demand[group.sample.home.needs, group.sample.home.head_count] += group.left_points * group.count
        crews = [crew for team in range(len(week.problem.teams)) if (crew := self.for_slot(team, half_day))]
        families: dict[tuple[int, ...], set[Signature]] = defaultdict(set)
        worth: Counter[tuple[int, ...]] = Counter()
        for (needs, head_count), points in demand.items():
            able = sum(week.can_meet(crew, needs, head_count, half_day) for crew in crews)
            members = self._qualified(needs, half_day)
            if 2 * able <= len(crews) and week.can_meet(members, needs, head_count, half_day):
                families[members].add((needs, head_count))
                worth[members] += points
        best = sorted(families, key=lambda members: (-worth[members], members))[:SPECIAL_FAMILIES]
        return [(frozenset(families[members]), list(members)) for members in best]

    def _qualified(self, needs: Needs, half_day: int) -> tuple[int, ...]:
        """Free members of one base who fit any of the needs."""
        week = self.week
        fitting = [m for m in week.free[half_day] if any(m in week.fitting(need, half_day) for need in needs)]
        bases = Counter(week.base_of[member] for member in fitting)
        if not bases:
            return ()
        base = bases.most_common(1)[0][0]
        return tuple(member for member in fitting if week.base_of[member] == base)[:SPECIAL_CANDIDATES]
