"""Parts of the week that are decided again together: near villages, half-days, days. The rest stays as it is.

Which kind is tried next is learnt from how much each gained for its effort (adaptive large neighbourhood search,
Ropke and Pisinger 2006, section 3.4.1).
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from optimizer.calendar import day_of
from optimizer.roster.book import Book, Kind
from optimizer.roster.competing import draw_competing, shared_groups
from optimizer.roster.linear import IntVector, LinearModel, Mask
from optimizer.roster.sheet import NO_SESSION, Sheet
from optimizer.roster.week import NO_TEAM

NONE = -1
SMOOTHING = 0.3
LEAST_SHARE = 0.4
"""Shared out evenly among all arms."""
OVERHEAD = 0.05
"""Effort of a neighbourhood beside its solving, in seconds or deterministic time."""
TIME_KINDS = ("half_day", "two_half_days", "day", "two_days")
PLACE_COUNTS = {"four_places": 4, "six_places": 6, "nine_places": 9}
PLACE_KINDS = tuple(PLACE_COUNTS)
SESSION_COUNTS = {"four_sessions": 4, "eight_sessions": 8}
SESSION_KINDS = tuple(SESSION_COUNTS)
"""Who is seen at some held sessions that could see the same residents; nothing else changes."""
FIRST_GUESS = dict.fromkeys(TIME_KINDS, 0.5) | dict.fromkeys(PLACE_KINDS, 0.15) | dict.fromkeys(SESSION_KINDS, 0.5)
"""Share of the cost gained for a unit of effort, before anything is known."""
WHOLE = "whole"
SMALL_MODEL = 1_500
"""With fewer decisions the whole model is a neighbourhood too, and its proof ends the search."""


class Role(IntEnum):
    """What a decision variable decides."""

    SESSION = 0
    """A session on a half-day, or a member in it."""
    SLOT = 1
    """A home crew, or a member in it."""
    AT_SESSION = 2
    ATTACHED = 3
    AT_HOME = 4


@dataclass(frozen=True, slots=True)
class Tags:
    """Per variable: its role, session, half-day, place and team; -1 where it has none. All shape (variables,)."""

    role: NDArray[np.int64]
    session: NDArray[np.int64]
    half_day: NDArray[np.int64]
    place: NDArray[np.int64]
    team: NDArray[np.int64]
    crosses: Mask
    """Contacts that leave the usual channel or the own site."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the search may change at all."""

    sessions: bool = True
    crossing: bool = True


def tags_of(sheet: Sheet, book: Book, model: LinearModel) -> Tags:
    """The tags of all decision variables."""
    size = model.variable_count
    role, session, half_day, place, team = (np.full(size, NONE, dtype=np.int64) for _ in range(5))
    crosses = np.zeros(size, dtype=np.bool_)
    for activity in sheet.activities:
        own = [activity.on, *activity.members.values()]
        role[own] = Role.SESSION if activity.is_session else Role.SLOT
        half_day[own], team[own], session[own] = activity.half_day, activity.team, activity.session
        if activity.is_session:
            place[own] = sheet.week.place_of[sheet.week.session_sites[activity.session]]
    for contact in book.contacts:
        first, group, number = contact.activities[0], sheet.groups[contact.group], contact.variable
        place[number], session[number] = group.place, first.session
        has_patrol = group.sample.patrol is not None
        if contact.kind is Kind.SESSION:
            role[number] = Role.AT_SESSION
            crosses[number] = sheet.week.session_sites[first.session] != group.sample.patrol_sites[0]
        elif contact.kind is Kind.ATTACHED:
            role[number], crosses[number] = Role.ATTACHED, True
        else:
            role[number], crosses[number] = Role.AT_HOME, has_patrol
            half_day[number], team[number] = first.half_day, first.team
    return Tags(role, session, half_day, place, team, crosses)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of choosing a neighbourhood."""

    kind: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The decisions that are free, and the arm that chose them."""

    arm: Arm
    free: Mask


@dataclass
class Picker:
    """Draws neighbourhoods that hardly touch each other, and learns which arms pay."""

    sheet: Sheet
    tags: Tags
    scope: Scope
    rng: np.random.Generator
    gains: dict[Arm, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        week = self.sheet.week
        sites = np.array(week.session_sites, dtype=np.int64)
        ways = [group.sample.patrol_sites for group in self.sheet.groups if group.sample.patrol is not None]
        self.shared = shared_groups(len(sites), (np.flatnonzero(np.isin(sites, some)).tolist() for some in ways))
        self.gains |= {Arm(kind): FIRST_GUESS[kind] for kind in TIME_KINDS}
        if week.travel.places:
            self.gains |= {Arm(kind): FIRST_GUESS[kind] for kind in PLACE_KINDS}
        if np.count_nonzero(self.everything()) < SMALL_MODEL:
            self.gains[Arm(WHOLE)] = 1.0
        elif self.tags.crosses.any():
            self.gains |= {Arm(kind): FIRST_GUESS[kind] for kind in SESSION_KINDS}

    def draw(self, values: IntVector, count: int) -> list[Neighbourhood]:
        """So many neighbourhoods of one family (half-days or places), given the incumbent."""
        first = self._choose(list(self.gains))
        if first.kind == WHOLE:
            return [Neighbourhood(first, self.everything())]
        family = next(kinds for kinds in (PLACE_KINDS, SESSION_KINDS, TIME_KINDS) if first.kind in kinds)
        alike = [arm for arm in self.gains if arm.kind in family]
        arms = [first, *(self._choose(alike) for _ in range(count - 1))]
        masks = self._masks(family, [arm.kind for arm in arms], values)
        return [Neighbourhood(arm, free & self._allowed()) for arm, free in zip(arms, masks, strict=True)]

    def _masks(self, family: tuple[str, ...], kinds: list[str], values: IntVector) -> list[Mask]:
        """A mask per kind of one family."""
        if family is SESSION_KINDS:
            return self._many_sessions(kinds, values)
        return self._many_places(kinds) if family is PLACE_KINDS else self._many_times(kinds, values)

    def learn(self, arm: Arm, gain: float, effort: float) -> None:
        """Tells what an arm gained for an effort."""
        rate = max(0.0, gain) / (effort + OVERHEAD)
        self.gains[arm] += SMOOTHING * (rate - self.gains[arm])

    def everything(self) -> Mask:
        """All decisions that the search may change."""
        mask: Mask = (self.tags.role != NONE) & self._allowed()
        return mask

    def _choose(self, arms: list[Arm]) -> Arm:
        """An arm by its share of the gains, each with a least share."""
        shares = np.array([self.gains[arm] for arm in arms])
        shares = shares / shares.sum() if shares.sum() > 0 else np.ones(len(arms))
        shares = np.maximum(shares, LEAST_SHARE / len(arms))
        return arms[int(self.rng.choice(len(arms), p=shares / shares.sum()))]

    def _allowed(self) -> Mask:
        allowed = np.ones(len(self.tags.role), dtype=np.bool_)
        if not self.scope.sessions:
            allowed &= self.tags.role != Role.SESSION
        if not self.scope.crossing:
            allowed &= ~self.tags.crosses
        return allowed

    def _many_times(self, kinds: list[str], values: IntVector) -> list[Mask]:
        """A mask per kind on different half-days; sessions that are not held are shared out among them."""
        left = list(self.sheet.week.half_days)
        share = self.rng.integers(len(kinds), size=len(self.sheet.week.problem.sessions))
        masks = []
        for number, kind in enumerate(kinds):
            some = self._some_half_days(kind, left or list(self.sheet.week.half_days))
            left = [half_day for half_day in left if half_day not in some]
            masks.append(self._half_days(some, values, share == number))
        return masks

    def _some_half_days(self, kind: str, half_days: list[int]) -> list[int]:
        if kind in ("day", "two_days"):
            days = sorted({day_of(half_day) for half_day in half_days})
            some = self.rng.choice(days, min(len(days), 1 if kind == "day" else 2), replace=False)
            return [half_day for half_day in half_days if day_of(half_day) in some]
        count = min(len(half_days), 1 if kind == "half_day" else 2)
        return [int(number) for number in self.rng.choice(half_days, count, replace=False)]

    def _half_days(self, some: list[int], values: IntVector, may_come_in: Mask) -> Mask:
        """All that happens on some half-days; some sessions that are not held may come in."""
        tags = self.tags
        held = {a.session: a.half_day for a in self.sheet.sessions.values() if values[a.on]}
        loose = may_come_in.copy()
        for number, half_day in held.items():
            loose[number] = half_day in some
        of_loose = np.zeros(len(tags.role), dtype=np.bool_)
        has_session = tags.session != NO_SESSION
        of_loose[has_session] = loose[tags.session[has_session]]
        now = np.isin(tags.half_day, some)
        free: Mask = (
            ((tags.role == Role.SESSION) & of_loose & now)
            | ((tags.role == Role.SLOT) & now)
            | (np.isin(tags.role, (Role.AT_SESSION, Role.ATTACHED)) & of_loose)
            | ((tags.role == Role.AT_HOME) & now)
        )
        return free

    def _many_sessions(self, kinds: list[str], values: IntVector) -> list[Mask]:
        """A mask per kind of everybody who is or could be seen at different held sessions."""
        left = sorted({activity.session for activity in self.sheet.sessions.values() if values[activity.on]})
        at_session = np.isin(self.tags.role, (Role.AT_SESSION, Role.ATTACHED))
        drawn = [draw_competing(self.shared, left, SESSION_COUNTS[kind], self.rng) for kind in kinds]
        return [at_session & np.isin(self.tags.session, some) for some in drawn]

    def _many_places(self, kinds: list[str]) -> list[Mask]:
        """A mask per kind around different places."""
        week = self.sheet.week
        left = list(week.travel.places)
        masks = []
        for kind in kinds:
            left = left or list(week.travel.places)
            centre = left[int(self.rng.integers(len(left)))]
            near = [place for place in week.travel.near(centre) if place in left][: PLACE_COUNTS[kind]]
            left = [place for place in left if place not in near]
            masks.append(self._places(near))
        return masks

    def _places(self, near: list[int]) -> Mask:
        """All that concerns some places: their sessions on any half-day, their residents, their teams' crews."""
        tags, week = self.tags, self.sheet.week
        teams = {week.near_teams[place][0] for place in near} | {NO_TEAM}
        there = np.isin(tags.place, near)
        crews = (tags.role == Role.SLOT) & np.isin(tags.team, sorted(teams))
        free: Mask = ((tags.role != NONE) & (tags.role != Role.SLOT) & there) | crews
        return free
