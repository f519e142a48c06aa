"""How soon a site can be reached and left at the earliest, over any road and any stops on the way.

Matrices need not keep the triangle inequality; shortest ways through other sites therefore count.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem

Ints = NDArray[np.int64]
FAR = 10**9


@dataclass(frozen=True, slots=True)
class Reach:
    """Least seconds per site, by the best vehicle: from a base, to a base, and there and back by one vehicle."""

    out: Ints
    back: Ints
    both: Ints


def reaches_of(problem: Problem) -> tuple[Reach, ...]:
    """The reach of every planning day; unreachable for everybody when there is no vehicle."""
    found: dict[tuple[bool, frozenset[tuple[str, str]]], Reach] = {}
    reaches = []
    for day in problem.days:
        usable = frozenset((one.base, one.mode) for one in problem.vehicles if one.snow_ok or not day.snow)
        key = day.snow, usable
        if key not in found:
            found[key] = _reach(problem, usable, snow=day.snow)
        reaches.append(found[key])
    return tuple(reaches)


def _reach(problem: Problem, usable: frozenset[tuple[str, str]], *, snow: bool) -> Reach:
    far = np.full(len(problem.sites), FAR, dtype=np.int64)
    out, back, both = far, far, far
    for base, mode in sorted(usable):
        seconds = problem.travel.modes[mode].seconds.astype(np.int64)
        if snow:
            seconds = -(-seconds * problem.travel.snow_percent // 100)
        there = shortest_from(seconds, problem.site_number[base])
        home = shortest_from(seconds.T, problem.site_number[base])
        out, back, both = np.minimum(out, there), np.minimum(back, home), np.minimum(both, there + home)
    return Reach(out, back, both)


def nearest_of(problem: Problem) -> list[int]:
    """By site, half of the shortest way to it from another place plus half of the shortest from it, in seconds.

    Whoever stops at some sites travels at least the sum of these. Places are those where anybody could stop.
    """
    names = {one.base for one in problem.vehicles} | {one.site for one in problem.sessions}
    names |= {item.site for item in problem.follow_ups}
    places = sorted(problem.site_number[name] for name in names)
    least = np.full(len(problem.sites), FAR, dtype=np.int64)
    for mode in sorted({one.mode for one in problem.vehicles}):
        seconds = problem.travel.modes[mode].seconds[np.ix_(places, places)].astype(np.int64)
        seconds = seconds * min(100, problem.travel.snow_percent) // 100
        np.fill_diagonal(seconds, FAR)
        least[places] = np.minimum(least[places], (seconds.min(axis=0) + seconds.min(axis=1)) // 2)
    return [int(one) if one < FAR // 2 else 0 for one in least]


def shortest_from(seconds: Ints, origin: int) -> Ints:
    """Seconds of the shortest way from one site to every other (Dijkstra on a full matrix)."""
    best: Ints = seconds[origin].astype(np.int64).copy()
    best[origin] = 0
    is_open = np.ones(len(best), dtype=np.bool_)
    for _ in range(len(best)):
        nearest = int(np.argmin(np.where(is_open, best, 2 * FAR)))
        is_open[nearest] = False
        np.minimum(best, best[nearest] + seconds[nearest], out=best)
    return best
