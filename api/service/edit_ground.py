"""What edits in JSON are read against, and how every fault of them is told at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from optimizer.edits import Edit, EditFaults, PinLevel, pin_as_planned
from optimizer.edits.applying import edited_draft
from optimizer.errors import Fault
from optimizer.model import Pin
from optimizer.plan import Plan
from optimizer.problem import Problem

NOWHERE = -1
"""The number of a half-day that the plan does not have."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What edits stand on: the plan they change and its problem; and what was found wrong while reading them."""

    problem: Problem
    plan: Plan
    where: str = ""
    """JSON pointer to what is read at present."""
    faults: list[Fault] = field(default_factory=list)

    def at(self, *names: str | int) -> "Ground":
        """The same ground, further down in the request; faults come together in one list."""
        return replace(self, where="/".join((self.where, *map(str, names))))

    def pin(self, target: str, level: PinLevel) -> Pin:
        """The pin that keeps a target as the plan has it; a fault is noted, and it keeps nothing, when it has not."""
        try:
            return pin_as_planned(self.problem, self.plan, target, level)
        except EditFaults as error:
            self.faults.extend(replace(fault, where=f"{self.where}{fault.where}") for fault in error.faults)
            return Pin(target)


class InWords(Protocol):
    """An edit in words."""

    def edit(self, ground: Ground) -> Edit:
        """The edit as the planner knows it."""


FOLLOWING = ("NO_SUCH_HALF_DAY", "OTHER_HALF_DAY", "UNKNOWN_TARGET")
"""Faults that only follow from what was noted while an edit was read."""


def read_edits(ground: Ground, bodies: Sequence[InWords]) -> list[Edit]:
    """Edits for the plan. Raises EditFaults with every fault when one of them could not be read."""
    edits = [body.edit(ground.at("edits", number)) for number, body in enumerate(bodies)]
    if not ground.faults:
        return edits
    noted = {_edit_of(fault) for fault in ground.faults}
    try:
        edited_draft(ground.problem, ground.plan, edits)
    except EditFaults as error:
        ground.faults.extend(f for f in error.faults if f.code not in FOLLOWING or _edit_of(f) not in noted)
    raise EditFaults(tuple(sorted(ground.faults, key=_edit_of)))


def _edit_of(fault: Fault) -> int:
    """The number of the edit that a fault is about; -1 when it is about the plan."""
    words = fault.where.split("/")
    return int(words[2]) if words[1] == "edits" else -1
