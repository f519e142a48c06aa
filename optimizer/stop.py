"""When to stop: iteration budgets, wall-clock limits, cancelling. The only file of this package that reads a clock.

With an iteration budget a run is reproducible; a limit in seconds is a declared mode that is not.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

Cancelled = Callable[[], bool]
Clock = Callable[[], float]


def never() -> bool:
    """The cancel flag of a run that nobody cancels."""
    return False


@dataclass(frozen=True, slots=True)
class Budget:
    """How long one phase may go on: a number of iterations, or seconds of a clock; `cancelled` is asked often."""

    iterations: int | None = None
    seconds: float | None = None
    cancelled: Cancelled = never
    clock: Clock = time.perf_counter
    """Of the seconds: time on the wall, or for a measurement on a loaded machine that of the processor."""

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.seconds is None):
            raise ValueError("a budget has either iterations or seconds")

    @property
    def is_reproducible(self) -> bool:
        """Whether it counts iterations and so gives the same plan on any machine."""
        return self.iterations is not None

    def start(self) -> "Running":
        """Start the phase."""
        return Running(self, self.clock())


@dataclass(frozen=True, slots=True)
class Running:
    """A phase that has started."""

    budget: Budget
    started: float

    def elapsed_seconds(self) -> float:
        """Seconds since the start (for progress and statistics)."""
        return self.budget.clock() - self.started

    def remaining_seconds(self) -> float | None:
        """Seconds left, or None when iterations are counted."""
        return None if self.budget.seconds is None else max(0.0, self.budget.seconds - self.elapsed_seconds())

    def fraction(self, iterations: int) -> float:
        """How much of the budget is used after so many iterations, in [0, 1]."""
        if self.budget.seconds is not None:
            return min(1.0, self.elapsed_seconds() / self.budget.seconds) if self.budget.seconds > 0 else 1.0
        return min(1.0, iterations / self.budget.iterations) if self.budget.iterations else 1.0

    def is_over(self, iterations: int) -> bool:
        """Whether the budget is used up or somebody cancelled."""
        return self.budget.cancelled() or self.fraction(iterations) >= 1.0
