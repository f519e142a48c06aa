"""How to plan a week anew around a plan that residents know already."""

from dataclasses import dataclass
from datetime import date

from optimizer.calendar import day_of, half_day_bounds, half_of
from optimizer.model import Pin
from optimizer.problem import Problem


@dataclass(frozen=True, slots=True)
class Until:
    """A moment of the week: everything that has begun before it stays exactly as it is."""

    on: date
    seconds: int = 0
    """Of the day."""

    def has_passed(self, on: date, seconds: int) -> bool:
        """Whether a time of a day lies before the moment."""
        return on < self.on or (on == self.on and seconds < self.seconds)


@dataclass(frozen=True, slots=True)
class ReplanParams:
    """What stands and how long to search. Raises ValueError on values out of range.

    `iterations` counts rounds of taking out and putting in again, and gives the same plan on any machine.
    """

    pins: tuple[Pin, ...] = ()
    """Kept besides the problem's own; a pin replaces the problem's for the same target."""
    freeze_until: Until | None = None
    max_changes: int | None = None
    """Most appointments that may change beyond those that cannot stand; None: as many as pay."""
    seed: int = 1
    iterations: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.seconds is None):
            raise ValueError("give either seconds or iterations")
        if (self.iterations or 0) < 0 or (self.seconds or 0) < 0:
            raise ValueError("seconds and iterations must be at least 0")
        if self.max_changes is not None and self.max_changes < 0:
            raise ValueError(f"max_changes must be at least 0, found {self.max_changes}")


def before_half_day(problem: Problem, half_day: int) -> Until:
    """The moment at which a half-day begins."""
    day = problem.days[day_of(half_day)]
    return Until(day.date, half_day_bounds(day, half_of(half_day))[0])
