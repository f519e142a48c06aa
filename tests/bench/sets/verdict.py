"""What a set's judge says about a plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cost in the unit of the set, visits that nobody makes, and every broken rule in words."""

    cost: float
    unserved: int
    faults: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether it is a plan as the set asks for it: no rule broken, nobody left."""
        return not self.faults and self.unserved == 0
