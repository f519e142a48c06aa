"""What residents can get: contacts as counted variables of the joint model, by group, with what is left."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from optimizer.roster.sheet import Activity, Sheet


class Kind(IntEnum):
    """What a contact is."""

    SESSION = 0
    ATTACHED = 1
    """A home visit by a session's crew, in the time that the session leaves of its half-day."""
    HOME = 2
    PARTNER = 3
    """The second crew of a joint visit."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How many of a group are served in one way: a variable."""

    kind: Kind
    group: int
    variable: int
    activities: tuple[Activity, ...]
    """The session on its possible half-days, or the home crew."""


@dataclass(slots=True)
class Book:
    """All contacts of a model, and what is left of every group."""

    contacts: list[Contact] = field(default_factory=list)
    left: dict[int, int] = field(default_factory=dict)
    by_left: dict[int, list[int]] = field(default_factory=dict)
    """Contacts of every group, by the variable of those who are left; without those of joint visits."""


def only_if(sheet: Sheet, number: int, variable: int, literals: Iterable[int]) -> None:
    """At most the whole group when one of the literals is 1, else nobody."""
    count = sheet.groups[number].count
    sheet.builder.at_most([(1, variable), *((-count, literal) for literal in literals)], 0)
