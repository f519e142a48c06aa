"""What goes wrong on demand or by chance, on the wire and in the pages; the same seed gives the same storm."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np


class FaultKind(StrEnum):
    """One way of failing."""

    DUPLICATES = "duplicates"
    """Rows come twice, some in an earlier version."""
    REORDER = "reorder"
    PARTIAL = "partial"
    """Rows are missing from the page, and it says that there are no more."""
    CURSOR_BACK = "cursor_back"
    """The page begins long before the place asked for."""
    CLOCK_SKEW = "clock_skew"
    """All moments of the page are hours off."""
    CHANGING = "changing"
    """Somebody edits records while they are paged."""
    DELAY = "delay"
    TIME_OUT = "time_out"
    """There is never an answer."""
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"
    ERROR_503 = "error_503"
    CUT_OFF = "cut_off"
    GARBAGE = "garbage"
    INVALID_UTF8 = "invalid_utf8"
    WRONG_TYPE = "wrong_type"


OF_PAGES = frozenset(
    {
        *(FaultKind.DUPLICATES, FaultKind.REORDER, FaultKind.PARTIAL, FaultKind.CURSOR_BACK, FaultKind.CLOCK_SKEW),
        FaultKind.CHANGING,
    }
)
OF_WIRE = frozenset(FaultKind) - OF_PAGES


@dataclass(slots=True)
class Weather:
    """Which faults come next: those on demand first, then by chance at the given rates."""

    rates: dict[FaultKind, float] = field(default_factory=dict)
    wanted: deque[FaultKind] = field(default_factory=deque)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    delay_seconds: float = 0.05
    counts: dict[FaultKind, int] = field(default_factory=dict)

    def storm(self, rates: Mapping[FaultKind, float], seed: int) -> None:
        """Faults by chance from now on."""
        self.rates, self.rng = dict(rates), np.random.default_rng([seed, 99])

    def quiet(self) -> None:
        """No more faults."""
        self.rates.clear()
        self.wanted.clear()

    def draw(self, among: Iterable[FaultKind]) -> list[FaultKind]:
        """The faults of this request."""
        kinds = sorted(among)
        drawn = [kind for kind in kinds if self.rng.random() < self.rates.get(kind, 0.0)]
        if self.wanted and self.wanted[0] in kinds:
            drawn.append(self.wanted.popleft())
        for kind in drawn:
            self.counts[kind] = self.counts.get(kind, 0) + 1
        return drawn
