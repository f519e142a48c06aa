"""What a recommendation is: a place for a follow-up with its price and times, or with the rules that refuse it."""

from dataclasses import dataclass

from optimizer.edits.kinds import AddFollowUp, MoveFollowUp
from optimizer.model import Channel
from optimizer.plan import CostBreakdown, Crew, Violation


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that a place would break, and by how much where that can be counted."""

    violation: Violation
    shortfall: int
    unit: str
    """Of the shortfall: seconds, people or days; empty where it cannot be counted."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a follow-up. Applying `edit` costs exactly `price` and breaks what `refusals` say."""

    edit: AddFollowUp | MoveFollowUp
    channel: Channel
    day: int
    half_day: int
    members: tuple[str, ...]
    """Everybody who goes there, or who phones."""
    start_seconds: int | None
    """Start of the stop or session; None for a phone call."""
    price: CostBreakdown
    """New cost minus present cost, by part."""
    crews: tuple[Crew, ...]
    """The crews that get new times, as they would be; the receiving one first."""
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether it breaks no rule that was kept before."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The best places for one follow-up, cheapest first, at most one for each crew, session and caller."""

    follow_up: str
    slots: tuple[Slot, ...]
    refused: tuple[Slot, ...]
    """Places that break a rule, those with the fewest broken rules and the lowest price first."""
