"""What every solver of the measured week is told and gives back."""

import math
from dataclasses import dataclass

from tests.bench.weeks.judge import Routes


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a solver may work, on how many cores, from which seed."""

    seconds: float
    cores: int
    seed: int


@dataclass(frozen=True, slots=True)
class Found:
    """A plan as the solver gives it."""

    routes: Routes
    cpu_seconds: float
    """Of the search, without loading and compiling: on a loaded machine less than the limit."""
    claimed_tenths: int | None = None
    """Its cost by a solver that knows the whole of it; the judge has to agree."""
    iterations: float = math.nan
