"""What an answer is: crews with their routes, phone lists, what is left for later and what will be missed.

Times are whole seconds since local midnight of the crew's day. Ids are those of the problem.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from optimizer.gap import percent_above


class StopKind(StrEnum):
    """A stop is a home stop (one household) or a patrol session."""

    HOME = "home"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a crew: a household with the follow-ups done there, or a held session with its attendees."""

    kind: StopKind
    site: str
    follow_ups: tuple[str, ...]
    arrival_seconds: int
    start_seconds: int
    end_seconds: int
    session: str = ""
    """Id of the session held; empty for a home stop."""


@dataclass(frozen=True, slots=True)
class Lunch:
    """A lunch break, taken between two stops or on the way."""

    start_seconds: int
    end_seconds: int


@dataclass(frozen=True, slots=True)
class Crew:
    """Members who go out together with one vehicle on one half-day, or on both half-days of one day."""

    id: str
    half_days: tuple[int, ...]
    members: tuple[str, ...]
    team: str
    """The team in whose name it goes; one of its members belongs to it."""
    vehicle: str
    start_seconds: int
    """Leaves the base of its vehicle."""
    end_seconds: int
    """Is back."""
    stops: tuple[Stop, ...]
    lunch: Lunch | None = None


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A follow-up done by phone by a member on a half-day."""

    follow_up: str
    member: str
    half_day: int


@dataclass(frozen=True, slots=True)
class Left:
    """A follow-up or session that is not served, with the codes of the rules that stand in the way."""

    id: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A week plan."""

    crews: tuple[Crew, ...] = ()
    phone_calls: tuple[PhoneCall, ...] = ()
    deferred: tuple[Left, ...] = ()
    """Follow-ups whose window is still open after the plan."""
    unplanned: tuple[Left, ...] = ()
    """Follow-ups whose window will be broken."""
    sessions_not_held: tuple[Left, ...] = ()


class Status(StrEnum):
    """What a result is. FEASIBLE: the plan passes every rule. INFEASIBLE: rules that are law cannot all hold."""

    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """One integer cost in cost points; `parts` has every part of `rules.COST_PARTS`, in that order."""

    parts: dict[str, int]

    @property
    def total(self) -> int:
        """Sum of all parts."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a plan breaks: code, the things concerned, a sentence in Chinese and English."""

    rule: str
    where: str
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Shortage:
    """A line of the ledger: what is missing before any search, in plain counts."""

    rule: str
    where: str
    needed: int
    available: int
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Result:
    """A solve's answer: the best plan found, what it costs, and how it came about."""

    plan: Plan
    status: Status
    cost: CostBreakdown
    violations: tuple[Violation, ...] = ()
    """Why an infeasible result is infeasible; empty when feasible."""
    shortages: tuple[Shortage, ...] = ()
    seed: int = 0
    cancelled: bool = False
    statistics: dict[str, float] = field(default_factory=dict)
    bound: int | None = None
    """A cost that no plan of the problem can be below, where one was asked for and proven."""

    @property
    def gap_percent(self) -> float | None:
        """The most by which the cost can lie above the best possible, in percent of the bound; None when not known."""
        if not self.bound or self.status is not Status.FEASIBLE:
            return None
        return percent_above(self.bound, self.cost.total)
