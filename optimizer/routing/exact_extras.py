"""What exact timing adds to the arrays for inputs that ask for more.

That is a price of the largest idle time or of waiting, more than one window, or lunch.

An input that does not has None in their place, and its kernels are compiled without them.
"""

from typing import NamedTuple

import numpy as np

from optimizer.routing.input import NOBODY, UNLIMITED, Bool, Int64, RoutingInput

IDLEST = 3
"""Routes with the largest idle times that are known: two may be left out, as a pair changes two."""
WHO, SECONDS = 0, 1
"""Columns of ExtrasState.idlest."""


AIM, PRICE = 0, 1
"""Of ExtrasState.target."""
BEGIN, END, LAST = 0, 1, 2
"""Of a window, as in `RoutingInput`."""
FROM, UNTIL, MINUTES, MISSED = 0, 1, 2, 3
"""Of a lunch: first and last begin, how long, 0 where there is none, and the price of going without."""

EARLIEST, NEXT_WINDOW, LUNCH_FIRST = 0, 1, 2
"""Ways of putting a visit at a position: at once, in the window after that, which ends lateness or a wait elsewhere,
with lunch before it that was before the next stop; the sum of the latter is a fourth way."""
WAYS = 4


class ExtrasData(NamedTuple):
    """The part of `ExactData` for extras; it never changes."""

    idle_weight: int
    waiting_weight: int
    is_tied: Bool
    """(N,) whether a visit's start stands in a relation to that of another."""
    windows: Int64
    """(N + 2R, most windows, 3) of every point."""
    window_count: Int64
    """(N + 2R,) how many of them there are."""
    lunch: Int64
    """(R, 4)."""


class ExtrasState(NamedTuple):
    """The part of `ExactState` for extras."""

    packed: Int64
    """(R,) when a route would be back if it was never idle."""
    kept_packed: Int64
    idlest: Int64
    """(IDLEST, 2) routes with the largest idle times and these, NOBODY where there are fewer."""
    waiting: Int64
    """(R,) seconds that a route waits."""
    kept_waiting: Int64
    window: Int64
    """(N + 2R,) the chosen one."""
    kept_window: Int64
    best_window: Int64
    eats_before: Int64
    """(R,) the point before which a route has its lunch, NOBODY without."""
    kept_eats_before: Int64
    best_eats_before: Int64
    former_eats_before: Int64
    fed: Int64
    """(N + 2R,) the route that has its lunch before a point, NOBODY for none."""
    seen: Int64
    """(R + 1,) scratch: the number of the look in which a route was met, and of the last look."""
    target: Int64
    """(2,) idle seconds of a route up to which the search does not mind, NOBODY without such guidance, and what it
    takes a second above them to cost."""


def extras_of(given: RoutingInput) -> ExtrasData | None:
    """The kernels' view for extras, None where the input asks for none."""
    asked = (given.idle_weight, given.waiting_weight, (given.lunch_seconds > 0).any(), (given.window_count > 1).any())
    if not any(asked):
        return None
    is_free = (given.gap_least <= -UNLIMITED) & (given.gap_most >= UNLIMITED)
    leads = np.flatnonzero(given.partner > np.arange(given.nodes))
    is_tied = np.zeros(given.nodes, np.bool_)
    is_tied[leads] = is_tied[given.partner[leads]] = ~is_free[leads]
    windows, count = _windows(given)
    lunch = np.zeros((given.routes, 4), np.int64)
    for column, values in ((FROM, given.lunch_earliest), (UNTIL, given.lunch_latest), (MINUTES, given.lunch_seconds)):
        lunch[:, column] = values
    lunch[:, MISSED] = given.missed_lunch_price
    return ExtrasData(given.idle_weight, given.waiting_weight, is_tied, windows, count, lunch)


def _windows(given: RoutingInput) -> tuple[Int64, Int64]:
    """Windows of all points and how many each has; leaving and return have one, from which overtime counts."""
    nodes, routes = given.nodes, given.routes
    windows = np.zeros((nodes + 2 * routes, given.windows.shape[2], 3), np.int64)
    windows[:nodes] = given.windows[:, 0]
    windows[nodes : nodes + routes, 0] = given.span_start[:, None]
    windows[nodes + routes :, 0] = np.stack([given.soft_end, given.soft_end, given.hard_end], axis=1)
    count = np.ones(nodes + 2 * routes, np.int64)
    count[:nodes] = np.maximum(1, given.window_count[:, 0])
    return windows, count


def blank_extras(extras: ExtrasData | None, span_start: Int64) -> ExtrasState | None:
    """Extras of a plan without any stop, from the begin of every route."""
    if extras is None:
        return None
    points, routes = len(extras.windows), len(span_start)
    is_fed = (extras.lunch[:, MINUTES] > 0) & (span_start <= extras.lunch[:, UNTIL])
    eats_before = np.where(is_fed, np.arange(points - routes, points), NOBODY)
    fed = np.full(points, NOBODY, np.int64)
    fed[eats_before[is_fed]] = np.flatnonzero(is_fed)
    return ExtrasState(
        window=np.zeros(points, np.int64),
        kept_window=np.zeros(points, np.int64),
        best_window=np.zeros(points, np.int64),
        eats_before=eats_before,
        kept_eats_before=eats_before.copy(),
        best_eats_before=eats_before.copy(),
        former_eats_before=eats_before.copy(),
        fed=fed,
        packed=span_start.copy(),
        kept_packed=span_start.copy(),
        idlest=np.full((IDLEST, 2), NOBODY, np.int64),
        waiting=np.zeros(len(span_start), np.int64),
        kept_waiting=np.zeros(len(span_start), np.int64),
        seen=np.zeros(len(span_start) + 1, np.int64),
        target=np.full(2, NOBODY, np.int64),
    )
