"""How long a crew that visits some villages is on the road, as a linear estimate fitted to the township.

A tour is about `radial` x the longest return trip plus `detour` x each village's distance to its two nearest ones
plus a constant per village (Daganzo 1984 gives the idea; the coefficients are fitted on exact small tours).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from optimizer.bundle import Unit
from optimizer.problem import Problem
from optimizer.roster.fleet import FleetClass

Seconds = NDArray[np.float64]
SAMPLES = 300
NEIGHBOURHOOD = 9
LARGEST_TOUR = 5
USUAL = (0.9, 0.9, 0.0)
HOMES_LOOKED_AT = 25
SHORTEST_HOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class TravelEstimate:
    """Times between places (villages) in seconds, averaged over the vehicles, and the fitted coefficients."""

    places: tuple[int, ...]
    row: dict[int, int]
    between: Seconds
    """Shape (places, places), mean of both directions."""
    trips: dict[int, Seconds]
    """Per base, seconds there and back, shape (places,)."""
    detour: Seconds
    """Mean seconds to the two nearest places, shape (places,)."""
    hop: dict[int, int]
    """Seconds from home to home inside a place."""
    radial_share: float
    detour_share: float
    per_place_seconds: float

    def between_seconds(self, place: int, other: int) -> float:
        """Seconds between two places."""
        return float(self.between[self.row[place], self.row[other]])

    def round_trip(self, base: int, place: int) -> int:
        """Seconds from a base to a place and back."""
        return int(self.trips[base][self.row[place]])

    def radial_seconds(self, base: int, place: int) -> int:
        """Share of the longest return trip in a tour."""
        return round(self.radial_share * self.round_trip(base, place))

    def detour_seconds(self, place: int) -> int:
        """What one more place adds to a tour."""
        return max(0, round(self.detour_share * float(self.detour[self.row[place]]) + self.per_place_seconds))

    def near(self, place: int) -> tuple[int, ...]:
        """All places, nearest first, beginning with the place itself."""
        order = np.argsort(self.between[self.row[place]], kind="stable")
        return tuple(self.places[number] for number in order)


def estimate_of(
    problem: Problem,
    fleet: tuple[FleetClass, ...],
    places: Sequence[int],
    bases: Sequence[int],
    units: tuple[Unit, ...],
    seed: int,
) -> TravelEstimate:
    """The estimate for a township; the seed draws the sample of tours."""
    rows = np.array(places, dtype=np.int64)
    between = _mean_seconds(problem, fleet, rows, rows)
    between = (between + between.T) / 2
    trips = {}
    for base in bases:
        own = tuple(group for group in fleet if group.base == base) or fleet
        site = np.array([base])
        trips[base] = _mean_seconds(problem, own, site, rows)[0] + _mean_seconds(problem, own, rows, site)[:, 0]
    detour = _nearest_two(between)
    shares = _fitted(between, trips, detour, seed)
    return TravelEstimate(
        tuple(places),
        {place: row for row, place in enumerate(places)},
        between,
        trips,
        detour,
        _hops(problem, fleet, units),
        *shares,
    )


def _mean_seconds(
    problem: Problem, fleet: Iterable[FleetClass], origins: NDArray[np.int64], to: NDArray[np.int64]
) -> Seconds:
    """Mean over the vehicles (over all modes without any); zeros when there are no modes."""
    counts: dict[str, int] = defaultdict(int)
    for group in fleet:
        counts[group.mode] += len(group.vehicles)
    counts = counts or dict.fromkeys(problem.travel.modes, 1)
    total = np.zeros((len(origins), len(to)))
    for mode, count in counts.items():
        total += count * problem.travel.modes[mode].seconds[np.ix_(origins, to)]
    return total / max(1, sum(counts.values()))


def _nearest_two(between: Seconds) -> Seconds:
    """Mean of the two smallest off-diagonal entries of every row."""
    if len(between) < 2:
        return np.zeros(len(between))
    others = between + np.diag(np.full(len(between), np.inf))
    nearest = np.sort(others, axis=1)[:, : min(2, len(between) - 1)]
    return np.asarray(nearest.mean(axis=1), dtype=np.float64)


def _hops(problem: Problem, fleet: tuple[FleetClass, ...], units: tuple[Unit, ...]) -> dict[int, int]:
    """Mean seconds to the nearest other home of the same place."""
    homes: dict[int, set[int]] = defaultdict(set)
    number = problem.site_number
    for unit in units:
        homes[number.get(problem.sites[unit.site].village, unit.site)].add(unit.site)
    hops = {}
    for place, sites in homes.items():
        some = np.array(sorted(sites)[:HOMES_LOOKED_AT])
        apart = _mean_seconds(problem, fleet, some, some)
        np.fill_diagonal(apart, np.inf)
        hops[place] = max(SHORTEST_HOP_SECONDS, round(float(apart.min(axis=1).mean()))) if len(some) > 1 else 120
    return hops


def _fitted(between: Seconds, trips: dict[int, Seconds], detour: Seconds, seed: int) -> tuple[float, float, float]:
    """Least-squares coefficients over random small sets of neighbouring places and their shortest tours."""
    if len(between) < LARGEST_TOUR or not trips:
        return USUAL
    rng = np.random.default_rng(seed)
    features, tours = [], []
    out = next(iter(trips.values())) / 2
    for _ in range(SAMPLES):
        centre = int(rng.integers(len(between)))
        near = np.argsort(between[centre], kind="stable")[:NEIGHBOURHOOD]
        some = rng.choice(near, int(rng.integers(1, LARGEST_TOUR + 1)), replace=False)
        features.append((2 * out[some].max(), detour[some].sum(), len(some)))
        tours.append(_shortest_tour(between, out, some))
    (radial, share, constant), *_ = np.linalg.lstsq(np.array(features), np.array(tours), rcond=None)
    return float(np.clip(radial, 0.6, 1.2)), float(np.clip(share, 0.2, 1.5)), float(np.clip(constant, -300, 300))


def _shortest_tour(between: Seconds, out: Seconds, places: NDArray[np.int64]) -> float:
    """Seconds of the shortest tour from the base through a few places."""
    orders = places[np.array(list(permutations(range(len(places)))))]
    inside = between[orders[:, :-1], orders[:, 1:]].sum(axis=1)
    return float((out[orders[:, 0]] + inside + out[orders[:, -1]]).min())
