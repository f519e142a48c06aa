"""What a person may do to a plan by hand, as values. Rules are no obstacle: what an edit breaks is listed afterwards.

A position is the place in the crew's order that the stop has once the edit is done, the first being 0; None asks for
the place that is least bad and cheapest.
"""

from dataclasses import dataclass

from optimizer.model import Pin


@dataclass(frozen=True, slots=True)
class NewCrew:
    """A crew that the plan does not have yet; its id follows from half-day and vehicle."""

    half_days: tuple[int, ...]
    members: tuple[str, ...]
    vehicle: str
    team: str = ""
    """Empty: the team of its first member."""


CrewRef = str | NewCrew
"""A crew of the plan by its id, or a new one."""


@dataclass(frozen=True, slots=True)
class AtHome:
    """At home by a crew, as a stop of its own; without a position also at the stop of its own household, if cheaper."""

    crew: CrewRef
    position: int | None = None
    second_crew: CrewRef | None = None
    """The other crew of a joint visit."""
    second_position: int | None = None


@dataclass(frozen=True, slots=True)
class AtStop:
    """At home, done at a stop that the crew has already; `position` is that stop's place before the edit."""

    crew: str
    position: int


@dataclass(frozen=True, slots=True)
class AtSession:
    """At a session that is held."""

    session: str


@dataclass(frozen=True, slots=True)
class ByPhone:
    """A phone call by a member on a half-day."""

    member: str
    half_day: int


@dataclass(frozen=True, slots=True)
class Later:
    """Not in this plan; deferred or unplanned, as its window says."""


Place = AtHome | AtStop | AtSession | ByPhone | Later


@dataclass(frozen=True, slots=True)
class MoveFollowUp:
    """A follow-up is done elsewhere, or later; wherever it was before, also both halves of a joint visit."""

    follow_up: str
    to: Place


@dataclass(frozen=True, slots=True)
class AddFollowUp:
    """A follow-up that was left is done after all."""

    follow_up: str
    to: Place


@dataclass(frozen=True, slots=True)
class DropFollowUp:
    """A follow-up is left."""

    follow_up: str
    reasons: tuple[str, ...] = ()
    """Rule codes to write beside it; empty: BY_HAND."""


@dataclass(frozen=True, slots=True)
class MoveStop:
    """A stop with everything done there goes to another crew, or to another place in its own crew's order."""

    crew: str
    position: int
    to_crew: CrewRef
    to_position: int | None = None


@dataclass(frozen=True, slots=True)
class AddStop:
    """A home stop for follow-ups of one household that were left."""

    follow_ups: tuple[str, ...]
    crew: CrewRef
    position: int | None = None


@dataclass(frozen=True, slots=True)
class AddSession:
    """A session is held after all, by a crew on one of its half-days."""

    session: str
    half_day: int
    crew: CrewRef
    position: int | None = None
    attendees: tuple[str, ...] = ()
    """Follow-ups that come to it, wherever they were before."""


@dataclass(frozen=True, slots=True)
class MoveSession:
    """A session goes to another half-day or crew, with everybody expected there."""

    session: str
    half_day: int
    crew: CrewRef | None = None
    """None: the same people with the same vehicle."""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class DropSession:
    """A session is not held; everybody expected there is left."""

    session: str


@dataclass(frozen=True, slots=True)
class ReassignMember:
    """A member leaves a crew, joins it, or takes the place of another."""

    crew: str
    leaves: str = ""
    joins: str = ""


@dataclass(frozen=True, slots=True)
class SwapVehicle:
    """A crew takes another vehicle; a crew that has it on just the same half-days takes this one's in exchange."""

    crew: str
    vehicle: str


@dataclass(frozen=True, slots=True)
class PinTarget:
    """A decision is kept from now on, in place of an earlier pin of the same target."""

    pin: Pin


@dataclass(frozen=True, slots=True)
class UnpinTarget:
    """A pin is taken away."""

    target: str


Edit = (
    MoveFollowUp
    | AddFollowUp
    | DropFollowUp
    | MoveStop
    | AddStop
    | AddSession
    | MoveSession
    | DropSession
    | ReassignMember
    | SwapVehicle
    | PinTarget
    | UnpinTarget
)
