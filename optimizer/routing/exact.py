"""What exact timing adds to the arrays: the points of a plan with their times, joined by legs and the gaps of pairs.

A point is a visit, a crew's leaving or its return. The starts are the least solution of two kinds of rules, one for
the leg to the next point and one for the other half of a pair (longest paths); `propagation` keeps them so.
"""

from typing import Any, NamedTuple

import numpy as np

from optimizer.routing.exact_extras import WAYS, blank_extras, extras_of
from optimizer.routing.input import NOBODY, Bool, Int32, Int64, RoutingInput, Timing

Records = np.recarray[Any, Any]

MOST_PLACES = 200
"""Places kept for one half of a pair when few of them did not do."""
MOST_COMBINATIONS = 2000
"""Combinations of them kept to be priced."""
RAISES_PER_POINT = 4
"""Starts that one propagation may raise, per point: a plan whose pairs contradict each other would raise for ever."""

# Cells of ExactState.figures.
LATE, HIGHEST, LOGGED, BOOKED, IDLE, WAITING, UNFED = 0, 1, 2, 3, 4, 5, 6
"""Priced lateness and overtime, the largest lateness in seconds, raised starts that can be taken back (-1: too many to
list), the price of time that the plan's cost holds, the largest idle time and all waiting in seconds, and the
price of lunches that are left out."""
FIGURES = 7
KEPT_FIGURES = (LATE, HIGHEST, BOOKED, IDLE, WAITING, UNFED)

# Columns of ExactState.places and ExactState.chances: a price that cannot be undercut there, the place, the start,
# the price without time, the seconds by which the route gets busier, the way of putting it there; for halves of pairs
# also the point behind and the seconds from start to start.
BOUND, ROUTE, POSITION, START, PRICE, BUSIER, WAY, AFTER, ONWARD = 0, 1, 2, 3, 4, 5, 6, 7, 8
PLACE_COLUMNS, CHANCE_COLUMNS = 9, 7
# Columns of ExactState.ranked, the first as above.
ROW, RANKED_COLUMNS = 1, 2

POINT_DATA = np.dtype(
    [(name, np.int64) for name in ("node", "service", "earliest", "due", "latest", "weight", "gap", "other")]
)
"""node in the matrix, service seconds after the start, first start, start from which each second costs weight, last
start, gap: the other half of the pair starts at least so many seconds after this one; and other: that half."""
POINT_STATE = np.dtype([(name, np.int64) for name in ("next", "onward", "mate", "start")])
"""The next point of the route and the seconds from start to start, the other half when both are placed (NOBODY where
there is none), and the least start."""

LINE_STATE = np.dtype(
    [("point", np.int64), ("node", np.uint64)]
    + [(name, np.int64) for name in ("start", "free_at", "late_from", "latest", "weight", "leg")]
)
"""A point of a route and its node in the matrix, its start, when the crew is free to go on, the start from which a
later one costs weight a second, the last start, and the travel seconds from the point before."""


class ExactData(NamedTuple):
    """The part of `Data` for exact timing; it never changes."""

    point: Records
    """(N + 2R,) of POINT_DATA: nodes, then every route's leaving, then every route's return."""
    leaves: int
    """The first route's leaving."""
    returns: int
    """The first route's return."""
    highest_weight: int
    extras: Any
    """ExtrasData, or None where the input asks for none; its type says which kernels are compiled."""


class ExactState(NamedTuple):
    """The part of `State` for exact timing: times of the plan under way, their undo copy, and scratch arrays."""

    point: Records
    """(N + 2R,) of POINT_STATE."""
    kept: Records
    """(N + 2R,) of POINT_STATE."""
    line: Records
    """(R, most stops + 2) of LINE_STATE: every route from its leaving to its return."""
    is_lined: Bool
    """(R,) whether the line of a route is as its points are."""
    figures: Int64
    kept_figures: Int64
    stack: Int64
    """Points from which others may have to be raised."""
    log: Int64
    """(most, 2) point and its start before."""
    places: Int64
    """(2, MOST_PLACES, PLACE_COLUMNS) places for the halves of one pair, in no order."""
    ranked: Int64
    """(2, MOST_PLACES, RANKED_COLUMNS) their bounds and rows, by bound."""
    chances: Int64
    """(N + 2R, or with extras WAYS times as many, CHANCE_COLUMNS) places for one visit, in no order."""
    combinations: Int64
    """(MOST_COMBINATIONS, 3) a bound and the ranks of two places, in no order."""
    extras: Any
    """ExtrasState, or None."""


def exact_of(given: RoutingInput) -> ExactData | None:
    """The kernels' view for exact timing, None without; raises ValueError where a field is not supported."""
    if given.timing is not Timing.EXACT:
        return None
    refuse_unsupported(given)
    nodes, routes = given.nodes, given.routes
    point: Records = np.zeros(nodes + 2 * routes, POINT_DATA).view(np.recarray)
    point["node"] = np.concatenate([np.arange(nodes), given.start_node, given.end_node])
    point["service"][:nodes] = given.service
    point["earliest"] = np.concatenate([given.windows[:, 0, 0, 0], given.span_start, given.soft_end])
    point["due"] = np.concatenate([given.windows[:, 0, 0, 1], given.span_start, given.soft_end])
    point["latest"] = np.concatenate([given.windows[:, 0, 0, 2], given.span_start, given.hard_end])
    point["weight"] = np.repeat([given.late_weight, 0, given.overtime_weight], [nodes, routes, routes])
    point["gap"][:nodes] = _gaps(given)
    point["other"][:nodes] = given.partner
    return ExactData(point, nodes, nodes + routes, given.highest_late_weight, extras_of(given))


def _gaps(given: RoutingInput) -> Int64:
    """(N,) least seconds from the start of a visit to that of its other half, both ways."""
    gaps: Int64 = np.zeros(given.nodes, np.int64)
    leads = np.flatnonzero(given.partner > np.arange(given.nodes))
    gaps[leads] = given.gap_least[leads]
    gaps[given.partner[leads]] = -given.gap_most[leads].astype(np.int64)
    return gaps


def refuse_unsupported(given: RoutingInput) -> None:
    """Raise ValueError naming every field whose value exact timing does not support, and what to do."""
    visits, faults = slice(given.depots, None), []
    if given.windows.shape[1] > 1:
        faults.append(f"windows of {given.windows.shape[1]} days: give each day an input of its own")
    is_real = np.arange(given.windows.shape[2]) < given.window_count[visits, :, None]
    if (is_real & (given.windows[visits, :, :, 0] > given.windows[visits, :, :, 1])).any():
        faults.append("windows that end before they begin: let the end be the start at least")
    if faults:
        raise ValueError("exact timing does not support " + "; ".join(faults))


def blank_exact(exact: ExactData | None, most: int) -> ExactState | None:
    """Times of a plan without any stop, of so many on a route at most."""
    if exact is None:
        return None
    points = len(exact.point)
    state: Records = np.full(points, NOBODY, POINT_STATE).view(np.recarray)
    state["onward"] = 0
    state["start"] = exact.point["earliest"]
    return ExactState(
        point=state,
        kept=state.copy(),
        line=np.zeros((exact.returns - exact.leaves, most + 2), LINE_STATE).view(np.recarray),
        is_lined=np.zeros(exact.returns - exact.leaves, np.bool_),
        figures=np.zeros(FIGURES, np.int64),
        kept_figures=np.zeros(FIGURES, np.int64),
        stack=np.zeros(4 * RAISES_PER_POINT * points + 1000, np.int64),
        log=np.zeros((RAISES_PER_POINT * points + 16, 2), np.int64),
        places=np.zeros((2, MOST_PLACES, PLACE_COLUMNS), np.int64),
        ranked=np.zeros((2, MOST_PLACES, RANKED_COLUMNS), np.int64),
        chances=np.zeros((points * (WAYS if exact.extras else 1), CHANCE_COLUMNS), np.int64),
        combinations=np.zeros((MOST_COMBINATIONS, 3), np.int64),
        extras=blank_extras(exact.extras, exact.point["earliest"][exact.leaves : exact.returns]),
    )


def nearness(given: RoutingInput, seconds: Int32) -> Int32:
    """(N, N) travel seconds, with exact timing also a share of the distance between the window starts."""
    if given.timing is not Timing.EXACT:
        return seconds
    starts = given.windows[:, 0, 0, 0].astype(np.int64)
    apart = np.abs(starts[:, None] - starts[None, :])
    both: Int32 = (seconds + TIME_SHARE * apart).astype(np.int32)
    return both


TIME_SHARE = 0.3
"""Seconds of travel that a second between two window starts counts as."""


def copy_best_choices(source: ExactState | None, target: ExactState | None) -> None:
    """Give one search what another's best plan has chosen."""
    if source is not None and target is not None and source.extras is not None:
        target.extras.best_window[:] = source.extras.best_window
        target.extras.best_eats_before[:] = source.extras.best_eats_before
