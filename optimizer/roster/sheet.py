"""The joint model while it is being built: activities, who may do them, and what their crews are able to do.

An activity is a session on one half-day, or a home crew of a team on one half-day.
"""

from dataclasses import dataclass, field

from optimizer.roster.candidates import Candidates, Signature
from optimizer.roster.fleet import SessionTimes
from optimizer.roster.groups import Group
from optimizer.roster.linear import ModelBuilder
from optimizer.roster.week import Needs, Week

NO_SESSION = -1


@dataclass(slots=True)
class Activity:
    """A possible session or home crew on a half-day; `on`, `members` and the like hold numbers of variables."""

    session: int
    team: int
    half_day: int
    base: int
    on: int
    times: SessionTimes | None = None
    """Of a session: with the slowest vehicle that can take it."""
    head_starts: dict[int, int] = field(default_factory=dict)
    """Of a session: seconds by which each fleet class begins before the slowest one."""
    members: dict[int, int] = field(default_factory=dict)
    vehicles: dict[int, int] = field(default_factory=dict)
    """Variable per fleet class; empty when any vehicle will do."""
    able: dict[Signature, int] = field(default_factory=dict)
    """Whether its crew meets some needs, for the needs asked for so far."""
    signatures: frozenset[Signature] = frozenset()
    """Of a special crew across teams: the needs it is for."""

    @property
    def is_session(self) -> bool:
        """Whether it is a session rather than a home crew."""
        return self.session != NO_SESSION


@dataclass(frozen=True, slots=True)
class Link:
    """The same people on both halves of a day: one long duty instead of two."""

    morning: Activity
    afternoon: Activity
    on: int
    gained_minutes: int
    """Minutes that home crews of the two gain together."""


@dataclass(slots=True)
class Sheet:
    """The model while it is being built."""

    week: Week
    groups: tuple[Group, ...]
    builder: ModelBuilder = field(default_factory=ModelBuilder)
    sessions: dict[tuple[int, int], Activity] = field(default_factory=dict)
    """By session and half-day."""
    slots: list[Activity] = field(default_factory=list)
    """Home crews."""
    unheld: dict[int, int] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    candidates: Candidates = field(init=False)

    def __post_init__(self) -> None:
        self.candidates = Candidates(self.week, self.groups)

    @property
    def activities(self) -> list[Activity]:
        """Sessions, then home crews."""
        return [*self.sessions.values(), *self.slots]


def able(sheet: Sheet, activity: Activity, needs: Needs, head_count: int) -> int:
    """A variable that can be 1 only when the activity's crew meets needs and head count."""
    builder, week = sheet.builder, sheet.week
    smallest = 1
    if activity.is_session:
        session = week.problem.sessions[activity.session]
        needs = tuple(need for need in needs if need not in session.needs)
        smallest = session.min_members
    if not needs and head_count <= smallest:
        return activity.on
    key = (needs, head_count)
    if key not in activity.able:
        literal = builder.boolean()
        builder.implies(literal, activity.on)
        for need in needs:
            fitting = week.fitting(need, activity.half_day)
            terms = [(1, variable) for member, variable in activity.members.items() if member in fitting]
            builder.at_least([*terms, (-need.count, literal)], 0)
        if head_count > smallest:
            builder.at_least([*((1, v) for v in activity.members.values()), (-head_count, literal)], 0)
        activity.able[key] = literal
    return activity.able[key]


def can_be_able(week: Week, activity: Activity, needs: Needs, head_count: int) -> bool:
    """Whether any crew of the activity could meet needs and head count."""
    return week.can_meet(activity.members, needs, head_count, activity.half_day)
