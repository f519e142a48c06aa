"""The largest idle time of a plan, and how a change of one route or two changes it: with the three largest, at once.

The largest of many says little while several routes are to be filled: filling one of them changes nothing. So where the
search looks for the cheapest place it is guided by a target for all routes, drawn a little below the largest idle time
of the plan it comes from: each route pays a drawn price for its idle seconds above the target. What a plan costs is
not guided.
"""

import numpy as np

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.exact import IDLE, ExactData, ExactState
from optimizer.routing.exact_extras import AIM, PRICE, SECONDS, WHO
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.randomness import uniform

LOWER = 0.1
"""How far below the present largest idle time the target is at most, as a share."""
CHEAPER = 3.0
"""Seconds above the target cost between all of the price of idle time and this power of e less: routes share it, and
nobody knows beforehand how many."""


@inlined
def idle_seconds(fixed: ExactData, times: ExactState, route: int) -> int:
    """Seconds of a route's day that are neither travel nor service."""
    return int(times.point[fixed.returns + route].start - times.extras.packed[route])


@kernel
def find_idlest(fixed: ExactData, times: ExactState) -> None:
    """Look for the three largest idle times."""
    found = times.extras.idlest
    for row in range(len(found)):
        found[row, WHO], found[row, SECONDS] = NOBODY, -NEVER
    for route in range(len(times.extras.packed)):
        seconds = idle_seconds(fixed, times, route)
        row = len(found)
        while row > 0 and seconds > found[row - 1, SECONDS]:
            row -= 1
            if row + 1 < len(found):
                found[row + 1, WHO], found[row + 1, SECONDS] = found[row, WHO], found[row, SECONDS]
        if row < len(found):
            found[row, WHO], found[row, SECONDS] = route, seconds
    times.figures[IDLE] = found[0, SECONDS]


@inlined
def idlest_but(times: ExactState, first: int, second: int) -> int:
    """The largest idle time of all routes but two."""
    found, row = times.extras.idlest, 0
    while row + 1 < len(found) and (found[row, WHO] == first or found[row, WHO] == second):
        row += 1
    return int(found[row, SECONDS])


@inlined
def idle_after(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    """The largest idle time when a route is busy for so many seconds more and returns as it does."""
    return int(max(idlest_but(times, route, NOBODY), idle_seconds(fixed, times, route) - busier))


@inlined
def idle_after_pair(fixed: ExactData, times: ExactState, here: int, there: int, busier: int, busier_there: int) -> int:
    """The same for two routes."""
    idle = max(idle_seconds(fixed, times, here) - busier, idle_seconds(fixed, times, there) - busier_there)
    return int(max(idle, idlest_but(times, here, there)))


@inlined
def half_idle_price(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    """One half's share in the change for two routes: both shares together are never above it."""
    seconds = idle_seconds(fixed, times, route)
    if seconds < times.figures[IDLE]:
        return 0
    third = times.extras.idlest[len(times.extras.idlest) - 1, SECONDS]
    return int(fixed.extras.idle_weight * min(0, max(third, seconds - busier) - times.figures[IDLE]))


@inlined
def is_guided(times: ExactState) -> bool:
    """Whether there is a target."""
    return bool(times.extras.target[AIM] >= 0)


@inlined
def guide_price(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    """Change in the price of a route's idle seconds above the target when it is busier."""
    above = idle_seconds(fixed, times, route) - times.extras.target[AIM]
    return int(times.extras.target[PRICE] * (max(0, above - busier) - max(0, above)))


@kernel
def aim(fixed: ExactData, times: ExactState, state: State) -> None:
    """Draw a target from the kept plan, and what a second above it costs a route."""
    share, cheaper = uniform(state.random), CHEAPER * uniform(state.random)
    times.extras.target[AIM] = int(times.kept_figures[IDLE] * (1.0 - LOWER * share * share))
    times.extras.target[PRICE] = max(1, int(fixed.extras.idle_weight * np.exp(-cheaper)))
