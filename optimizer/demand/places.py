"""What the demo's demand stands on: villages, functional communities and homes, wherever they come from.

Plain values; drawing places is somebody else's business.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Spot:
    """A village, functional community, station or base."""

    id: str
    name: str
    latitude: float
    longitude: float
    people: int = 0
    village: str = ""
    """Id of the village it lies in."""
    has_clinic: bool = True
    statistics_code: str = ""
    record_code: str = ""


@dataclass(frozen=True, slots=True)
class DemoHomes:
    """Households: id, number of the village, position in degrees, persons; all of the same length."""

    id: tuple[str, ...]
    village: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    persons: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DemoPlaces:
    """One township."""

    base: Spot
    villages: tuple[Spot, ...]
    communities: tuple[Spot, ...]
    stations: tuple[Spot, ...]
    homes: DemoHomes

    @property
    def people(self) -> int:
        """Everybody who lives here."""
        return int(self.homes.persons.sum())
