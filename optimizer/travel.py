"""Travel times between the sites of a problem, by vehicle mode.

Square, read-only integer arrays in the order of `Problem.sites`. How they were measured is not known here.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ModeTimes:
    """Seconds and metres, shape (sites, sites), [from, to]; the diagonal is 0. Copied and made read-only."""

    seconds: IntArray
    metres: IntArray

    def __post_init__(self) -> None:
        for name in ("seconds", "metres"):
            array = np.array(getattr(self, name), dtype=np.int32)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


@dataclass(frozen=True, slots=True)
class TravelTimes:
    """Times for every mode that a vehicle of the problem uses; `snow_percent` stretches the seconds on snow days."""

    modes: dict[str, ModeTimes] = field(default_factory=dict)
    snow_percent: int = 167

    def seconds(self, mode: str, origin: int, destination: int, *, snow: bool = False) -> int:
        """Travel seconds between two site numbers."""
        seconds = int(self.modes[mode].seconds[origin, destination])
        return stretched(seconds, self.snow_percent) if snow else seconds


def stretched(seconds: int, percent: int) -> int:
    """Seconds times percent, rounded up to a whole second."""
    return -(-seconds * percent // 100)
