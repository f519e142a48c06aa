"""Limits of a route, and an input in which some of them do not hold one visit back."""

from collections.abc import Collection
from dataclasses import replace
from enum import IntEnum
from typing import Any

import numpy as np

from optimizer.routing.input import UNLIMITED, RoutingInput


class Limit(IntEnum):
    """What can stand in the way of a visit at a position, in the order in which it is asked."""

    NOTHING = 0
    NOT_ALLOWED = 1
    """The crew may not do it, or no window is open that day; amount 0."""
    CAPACITY = 2
    """Amount: load above the capacity."""
    WORK = 3
    """Amount: travel and service seconds above the limit of the route or of a member it shares."""
    ORDER = 4
    """The order of classes; amount 0."""
    WINDOW = 5
    """Amount: seconds by which the visit itself would begin too late."""
    LATER_STOPS = 6
    """Amount: seconds by which the rest of the route (its stops, its lunch, its return) would come too late."""
    MEETING = 7
    """Each half could be done, but not so that both keep the time between them; with exact timing also for pairs that
    are placed. Amount: seconds."""
    PRICE = 8
    """Possible, but not worth it. Amount: price above the price of leaving it."""


def relax(given: RoutingInput, visit: int, limits: Collection[Limit]) -> RoutingInput:
    """A copy of the input in which these limits do not hold the visit back; the plan's other visits keep theirs.

    LATER_STOPS lets later stops and the return be late and lunch be skipped. PRICE makes leaving the visit dearer
    than anything.
    """
    changed: dict[str, Any] = {}
    for limit in limits:
        changed |= _RELAXED[limit](replace(given, **changed), visit) if limit in _RELAXED else {}
    return replace(given, **changed)


def _copy(given: RoutingInput, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(given, name).copy() for name in names)


def _allow(given: RoutingInput, visit: int) -> dict[str, Any]:
    cost, windows, count = _copy(given, "cost", "windows", "window_count")
    cost[visit] = np.maximum(cost[visit], 0)
    shut = count[visit] == 0
    windows[visit, shut, 0] = (0, UNLIMITED, UNLIMITED)
    count[visit, shut] = 1
    return {"cost": cost, "windows": windows, "window_count": count}


def _unload(given: RoutingInput, visit: int) -> dict[str, Any]:
    (load,) = _copy(given, "load")
    load[visit] = 0
    return {"load": load}


def _work_on(given: RoutingInput, visit: int) -> dict[str, Any]:
    return {
        "work_limit": np.full_like(given.work_limit, UNLIMITED),
        "coupled_limit": np.full_like(given.coupled_limit, UNLIMITED),
    }


def _unrank(given: RoutingInput, visit: int) -> dict[str, Any]:
    return {"rank": np.zeros_like(given.rank)}


def _open_windows(given: RoutingInput, visit: int) -> dict[str, Any]:
    windows, count = _copy(given, "windows", "window_count")
    windows[visit, count[visit] > 0, 0] = (0, UNLIMITED, UNLIMITED)
    count[visit] = np.minimum(count[visit], 1)
    return {"windows": windows, "window_count": count}


def _let_others_wait(given: RoutingInput, visit: int) -> dict[str, Any]:
    (windows,) = _copy(given, "windows")
    others = np.arange(given.nodes) != visit
    last = np.maximum(given.window_count - 1, 0)[:, :, None, None]
    ends = np.take_along_axis(windows, last, axis=2)
    ends[others, :, :, 2] = UNLIMITED
    np.put_along_axis(windows, last, ends, axis=2)
    ends_later = {name: np.full_like(getattr(given, name), UNLIMITED) for name in ("hard_end", "lunch_latest")}
    return {"windows": windows, **ends_later}


def _meet_any_time(given: RoutingInput, visit: int) -> dict[str, Any]:
    least, most = _copy(given, "gap_least", "gap_most")
    least[visit], most[visit] = -UNLIMITED, UNLIMITED
    return {"gap_least": least, "gap_most": most}


def _treasure(given: RoutingInput, visit: int) -> dict[str, Any]:
    (penalty,) = _copy(given, "penalty")
    penalty[visit] = 10**9
    return {"penalty": penalty}


_RELAXED = {
    Limit.NOT_ALLOWED: _allow,
    Limit.CAPACITY: _unload,
    Limit.WORK: _work_on,
    Limit.ORDER: _unrank,
    Limit.WINDOW: _open_windows,
    Limit.LATER_STOPS: _let_others_wait,
    Limit.MEETING: _meet_any_time,
    Limit.PRICE: _treasure,
}
