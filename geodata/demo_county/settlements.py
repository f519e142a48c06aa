"""Where an invented county's settlements lie, how many people live there and which town and village they belong to.

Everything here is plane geometry in metres; names, codes and degrees come later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.stats import qmc

from geodata.coordinates import FloatArray

IntArray = npt.NDArray[np.int64]

PEOPLE_PER_SQUARE_KILOMETRE = 545.0
PEOPLE_PER_SETTLEMENT = 880.0
PEOPLE_PER_TOWN = 60_000.0
VILLAGES_PER_SETTLEMENT = 0.64  # an administrative village has one to four settlements
_MOST_SETTLEMENTS_OF_A_VILLAGE = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Settlements in the plane: xy_metres[n, 2], people[n], town[n], village[n]; town_seat[t], village_seat[v]."""

    xy_metres: FloatArray
    people: IntArray
    town: IntArray
    village: IntArray
    town_seat: IntArray
    village_seat: IntArray


def make_layout(people: int, rng: np.random.Generator) -> Layout:
    """A layout with exactly so many people: villages regularly spaced as on the plain, towns far from each other."""
    count = max(6, round(people / PEOPLE_PER_SETTLEMENT))
    side_metres = float(np.sqrt(people / PEOPLE_PER_SQUARE_KILOMETRE) * 1000.0)
    xy = _spread(count, side_metres, rng)
    town_count = max(1, round(people / PEOPLE_PER_TOWN))
    seats = _seats(xy, town_count, side_metres, rng)
    weights = _weights(xy, seats, rng)
    return group(xy, share_out(people, weights), seats, rng)


def group(xy: FloatArray, people: IntArray, town_seat: IntArray, rng: np.random.Generator) -> Layout:
    """A layout from positions, people and town seats: towns of about equal people, villages of near settlements."""
    town = _balanced_towns(xy, people, town_seat)
    village, village_seat = _villages(xy, people, town, town_seat, rng)
    return Layout(xy, people, town, village, town_seat, village_seat)


def _spread(count: int, side_metres: float, rng: np.random.Generator) -> FloatArray:
    """Positions with a smallest spacing (Poisson disk), shape (count, 2)."""
    radius = 0.62 / np.sqrt(count)
    unit = qmc.PoissonDisk(2, radius=radius, rng=rng).fill_space()
    while len(unit) < count:
        radius *= 0.9
        unit = qmc.PoissonDisk(2, radius=radius, rng=rng).fill_space()
    return np.asarray(unit[rng.permutation(len(unit))[:count]] * side_metres, dtype=np.float64)


def _seats(xy: FloatArray, towns: int, side_metres: float, rng: np.random.Generator) -> IntArray:
    """Settlements that are town seats; the first is the county seat, each next one is far from those before."""
    middle = np.array([0.55, 0.55]) * side_metres
    seats = [int(np.argmin(np.linalg.norm(xy - middle, axis=1)))]
    inner = np.all((xy > 0.08 * side_metres) & (xy < 0.92 * side_metres), axis=1)
    for _ in range(towns - 1):
        nearest = cKDTree(xy[seats]).query(xy)[0]
        nearest[seats] = -1.0
        seats.append(int(np.argmax(nearest * inner * rng.uniform(0.85, 1.0, len(xy)))))
    return np.array(seats, dtype=np.int64)


def _weights(xy: FloatArray, seats: IntArray, rng: np.random.Generator) -> FloatArray:
    """Relative sizes: log-normal villages, larger town seats, a denser belt round the county seat."""
    weights = np.clip(rng.lognormal(0.0, 0.5, len(xy)), 0.3, 4.0)
    weights[seats] = rng.uniform(7.0, 10.0, len(seats))
    if len(seats) > 2:
        weights[seats[0]] *= 3.0
        distance = np.linalg.norm(xy - xy[seats[0]], axis=1)
        weights *= 1.0 + 1.5 * np.exp(-((distance / 5_000.0) ** 2))
    return np.asarray(weights)


def share_out(total: int, weights: FloatArray) -> IntArray:
    """Whole numbers in proportion to the weights that sum to the total (largest remainders), each at least one."""
    shares: FloatArray = (total - len(weights)) * weights / weights.sum()
    whole: IntArray = np.floor(shares).astype(np.int64) + 1
    order = np.argsort(-(shares - np.floor(shares)), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _balanced_towns(xy: FloatArray, people: IntArray, seats: IntArray) -> IntArray:
    """The town of each settlement: nearest seat, distances weighted until the towns have about equal people."""
    distance = np.linalg.norm(xy[:, None] - xy[seats][None], axis=2)
    scale = np.ones(len(seats))
    wanted = people.sum() / len(seats)
    town = np.argmin(distance, axis=1)
    for _ in range(60):
        town = np.argmin(distance * scale, axis=1)
        town[seats] = np.arange(len(seats))
        having = np.bincount(town, weights=people, minlength=len(seats))
        scale *= (having / wanted) ** 0.15
    return np.asarray(town, dtype=np.int64)


def _villages(
    xy: FloatArray, people: IntArray, town: IntArray, town_seat: IntArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """The administrative village of each settlement, and each village's main settlement (town by town)."""
    village = np.full(len(xy), -1, dtype=np.int64)
    leaders_of_all: list[int] = []
    for one in range(len(town_seat)):
        members = np.flatnonzero(town == one)
        wanted = max(1, round(VILLAGES_PER_SETTLEMENT * len(members)))
        attraction = people[members] * rng.uniform(0.4, 1.0, len(members))
        attraction[members == town_seat[one]] = np.inf
        leaders = np.sort(members[np.argsort(-attraction, kind="stable")[:wanted]])
        village[leaders] = len(leaders_of_all) + np.arange(len(leaders))
        _join_nearest(xy, village, leaders, np.setdiff1d(members, leaders))
        leaders_of_all.extend(int(leader) for leader in leaders)
    return village, np.array(leaders_of_all, dtype=np.int64)


def _join_nearest(xy: FloatArray, village: IntArray, leaders: IntArray, others: IntArray) -> None:
    """Write into `village`: every other settlement joins the nearest leader that is not yet full."""
    size = dict.fromkeys((int(leader) for leader in leaders), 1)
    for other in others:
        for place in np.argsort(np.linalg.norm(xy[leaders] - xy[other], axis=1), kind="stable"):
            leader = int(leaders[place])
            if size[leader] < _MOST_SETTLEMENTS_OF_A_VILLAGE:
                size[leader] += 1
                village[other] = village[leader]
                break
