"""The arrays as the compiled kernels see them: `Data` never changes, `State` is one search's plan and its undo copy.

Both are tuples of arrays, because compiled code reads those without a detour. One cell means one thing.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.routing.exact import blank_exact, exact_of, nearness
from optimizer.routing.input import (
    FORBIDDEN,
    MOST_STOPS,
    NOBODY,
    PER_NODE,
    PER_ROUTE,
    Bool,
    Int32,
    Int64,
    RoutingInput,
)

Records = np.recarray[Any, Any]

NEVER = 10**9
"""A time that no window reaches; its negative is before every time."""
BROKEN = 10**13
"""Cost of a route that cannot be driven as it stands."""
MOST_NEAR = 300
PLACES_PER_ROUTE = 4
"""Places kept per route for one half of a joint visit."""

# Columns of State.labels, for the k-th stop of a route (1..n; 0 is leaving the base, n + 1 is coming back).
EARLY, EARLY_FED = 0, 1  # earliest end of service before and after lunch
TIMELY, TIMELY_FED = 2, 3  # latest arrival from which the route still ends without overtime
LATEST, LATEST_FED = 4, 5  # latest arrival from which the route can be finished at all
LEG = 6  # travel seconds from the stop before

# Columns of State.totals.
ROUTES_COST, ABSENT_COST, ABSENT, STOPS, OPEN, LAST_VERSION = 0, 1, 2, 3, 4, 5
CURRENT, BEST, ITERATIONS, ACCEPTED, TOUCHED, REMOVED, PAIR, KIND = 6, 7, 8, 9, 10, 11, 12, 13

# Ways of taking visits out, rows of State.operators.
STRINGS, VILLAGE, DAY, CREW, DEAREST = 0, 1, 2, 3, 4
KINDS = 5


class Data(NamedTuple):
    """The input, with what can be worked out beforehand; records so that a kernel is handed few arrays."""

    travel: Int32
    """(matrices, N, N) seconds [from, to]."""
    travel_back: Int32
    """(matrices, N, N) [to, from]: all legs into one visit side by side in memory."""
    route: Records
    """(R,) of ROUTE_DATA."""
    visit: Records
    """(N,) of VISIT_DATA, the bases included."""
    cost: Int32
    """(N, R) static price, FORBIDDEN also where no window is open."""
    windows: Int32
    window_count: Int64
    soft: Bool
    """(N, days) whether lateness can cost something."""
    coupled: Int64
    """(R, k, 2) other route and the limit of both."""
    leads: Int64
    """Leading halves of the joint visits."""
    members: Int64
    """(groups, most visits) the visits of a group, NOBODY where fewer."""
    patterns: Int64
    """(groups, most patterns, most visits) days."""
    allowed: Int64
    """Routes of all visits in one row, those of a visit between its allowed_from and allowed_after."""
    near: Int64
    """(N, most) visits by distance, itself first."""
    depots: int
    travel_weight: int
    overtime_weight: int
    late_weight: int
    waiting_weight: int
    exact: Any
    """ExactData, or None with frozen starts; its type says which kernels are compiled."""


ROUTE_DATA = np.dtype([(name, np.int64) for name in (*PER_ROUTE, "home_by", "twin")])
"""As in `RoutingInput`; lunch_latest is -NEVER without lunch, home_by the latest return without lunch, work_limit
bounded by the span, twin the first route that is the same in everything."""
VISIT_DATA = np.dtype([(name, np.int64) for name in (*PER_NODE, "flexible", "allowed_from", "allowed_after")])
"""As in `RoutingInput`; flexible is the length of the widest stretch of the day in which service may start."""
ROUTE_STATE = np.dtype(
    [(name, np.int64) for name in ("length", "busy", "load", "version", "cost", "time_cost", "soft_stops")]
    + [("is_touched", np.int64), ("best_length", np.int64)]
)
VISIT_STATE = np.dtype(
    [(name, np.int64) for name in ("route", "absent_at", "frozen", "kept_frozen", "best_frozen")]
    + [(name, np.int64) for name in ("is_wide", "only", "last_day")]
)
"""route, absent_at and frozen (start of a placed joint visit) are NOBODY where they do not apply; is_wide: try all
routes, not only those just touched; only: the one route allowed just now, or NOBODY; last_day: of the route it was last
taken out of."""


class State(NamedTuple):
    """A plan under way, the copy to go back to (`kept`) and the best one, all of one search."""

    stops: Int64
    """(R, most stops)."""
    kept_stops: Int64
    best_stops: Int64
    labels: Int32
    """(R, most stops + 2, 8)."""
    kept_labels: Int32
    route: Records
    """(R,) of ROUTE_STATE."""
    kept: Records
    """(R,) of ROUTE_STATE."""
    visit: Records
    """(N,) of VISIT_STATE."""
    absent: Int64
    touched: Int64
    removed: Int64
    """Visits to insert in this iteration."""
    key: NDArray[np.float64]
    order: Int64
    """The order in which to insert `removed`, by `key`."""
    candidates: Int64
    """(2, most, 4) places for the halves of one joint visit."""
    bounds: NDArray[np.float64]
    ranked: Int64
    """(2, most) candidates by bound."""
    no_starts: Int64
    by_day: Int64
    """(most visits of a group, days, 3) price, route and position of the cheapest insertion by day."""
    cache: Int64
    """(N, R, 2) route version * 256 + position + 1, and price: the cheapest insertion, a bound for position -1."""
    operators: NDArray[np.float64]
    """(ways of taking out, 3): weight, score and effort since the last update."""
    totals: Int64
    random: NDArray[np.uint64]
    exact: Any
    """ExactState, or None with frozen starts."""


class Settings(NamedTuple):
    """The numbers of `SearchParams` that the kernels use; temperatures are filled in."""

    hot: float
    cold: float
    mean_removed: float
    longest_string: int
    blink: float
    most_absent: int
    pairs_first: float
    detour_seconds: float
    """Detour assumed for a visit when urgency is weighed against time."""
    pair_ruin: float
    whole_groups: float
    one_day: float
    string_share: float


def data_of(given: RoutingInput) -> Data:
    """The kernels' view of an input; raises ValueError when shapes do not fit."""
    given.check_shapes()
    cost = np.where(_is_possible(given), given.cost, FORBIDDEN).astype(np.int32)
    visits = np.arange(given.nodes)
    rows, allowed = np.nonzero(cost >= 0)
    return Data(
        travel=np.ascontiguousarray(given.matrices, np.int32),
        travel_back=np.ascontiguousarray(given.matrices.transpose(0, 2, 1), np.int32),
        route=_route_records(given, cost),
        visit=_visit_records(given, np.bincount(rows, minlength=given.nodes)),
        cost=cost,
        windows=np.ascontiguousarray(given.windows, np.int32),
        window_count=given.window_count.astype(np.int64),
        soft=np.asarray((given.windows[:, :, :, 2] > given.windows[:, :, :, 1]).any(axis=2), np.bool_),
        coupled=np.stack([given.coupled, given.coupled_limit], axis=2).astype(np.int64),
        leads=visits[(given.partner != NOBODY) & (given.partner > visits)],
        members=_members(given),
        patterns=given.patterns.astype(np.int64),
        allowed=np.ascontiguousarray(allowed),  # another memory layout would be compiled anew
        near=_near(given),
        depots=given.depots,
        travel_weight=given.travel_weight,
        overtime_weight=given.overtime_weight,
        late_weight=given.late_weight,
        waiting_weight=given.waiting_weight,
        exact=exact_of(given),
    )


def _route_records(given: RoutingInput, cost: Int32) -> Records:
    """(R,) of ROUTE_DATA, from the static prices with FORBIDDEN where no window is open."""
    records: Records = np.zeros(given.routes, ROUTE_DATA).view(np.recarray)
    for name in PER_ROUTE:
        records[name] = getattr(given, name)
    has_lunch = given.lunch_seconds > 0
    open_seconds = given.hard_end - given.span_start
    fed_seconds = np.maximum(open_seconds - given.lunch_seconds, given.lunch_latest - given.span_start)
    records["work_limit"] = np.minimum(given.work_limit, np.where(has_lunch, fed_seconds, open_seconds))
    records["lunch_latest"] = np.where(has_lunch, given.lunch_latest, -NEVER)
    records["home_by"] = np.where(has_lunch, np.minimum(given.lunch_latest, given.hard_end), given.hard_end)
    records["twin"] = _twins(given, cost)
    return records


def _twins(given: RoutingInput, cost: Int32) -> Int64:
    """(R,) the first route with the same figures, prices and partners in a limit; itself where there is none."""
    first: dict[bytes, int] = {}
    figures = np.stack([getattr(given, name).astype(np.int64) for name in PER_ROUTE])
    twins = np.arange(given.routes)
    for route in range(given.routes):
        if (given.coupled[route] == NOBODY).all():
            key = figures[:, route].tobytes() + cost[:, route].tobytes()
            twins[route] = first.setdefault(key, route)
    return twins


def _visit_records(given: RoutingInput, allowed: Int64) -> Records:
    """(N,) of VISIT_DATA, from the number of allowed routes of each."""
    records: Records = np.zeros(given.nodes, VISIT_DATA).view(np.recarray)
    for name in PER_NODE:
        records[name] = getattr(given, name)
    records["flexible"] = (given.windows[:, :, :, 2] - given.windows[:, :, :, 0]).max(axis=(1, 2), initial=0)
    records["allowed_after"] = np.cumsum(allowed)
    records["allowed_from"] = records["allowed_after"] - allowed
    return records


def _members(given: RoutingInput) -> Int64:
    """(groups, most visits) the visits of every group in order."""
    groups = len(given.patterns)
    members = np.full((groups, given.patterns.shape[2]), NOBODY, np.int64)
    for group in range(groups):
        visits = np.flatnonzero(given.group == group)
        members[group, : len(visits)] = visits
    return members


def _is_possible(given: RoutingInput) -> Bool:
    """(N, R) whether a visit is allowed on a route and has a window that day."""
    possible: Bool = (given.cost >= 0) & (given.window_count[:, given.day] > 0)
    possible[: given.depots] = False
    return possible


def _near(given: RoutingInput) -> Int64:
    """(N, most) visits by the shorter of both directions in the first matrix, itself first."""
    if not given.matrices.size:
        return np.zeros((given.nodes, 0), np.int64)
    both = nearness(given, np.minimum(given.matrices[0], given.matrices[0].T))
    both[:, : given.depots] = NEVER
    np.fill_diagonal(both, -1)
    most = min(max(given.nodes - given.depots, 1), MOST_NEAR)
    return np.argsort(both, axis=1, kind="stable")[:, :most].astype(np.int64)


def blank_state(data: Data, seed: int) -> State:
    """A plan without any stop."""
    nodes, routes = len(data.visit), len(data.route)
    places = routes * PLACES_PER_ROUTE
    most = min(MOST_STOPS, max(1, nodes - data.depots))
    stops = np.zeros((routes, most), np.int64)
    labels = np.zeros((routes, most + 2, 8), np.int32)
    visits = np.full(nodes, NOBODY, VISIT_STATE).view(np.recarray)
    visits["is_wide"] = 0
    return State(
        stops=stops,
        kept_stops=stops.copy(),
        best_stops=stops.copy(),
        labels=labels,
        kept_labels=labels.copy(),
        route=np.zeros(routes, ROUTE_STATE).view(np.recarray),
        kept=np.zeros(routes, ROUTE_STATE).view(np.recarray),
        visit=visits,
        absent=np.zeros(nodes, np.int64),
        touched=np.zeros(routes, np.int64),
        removed=np.zeros(nodes + 1, np.int64),
        key=np.zeros(nodes + 1, np.float64),
        order=np.zeros(nodes + 1, np.int64),
        candidates=np.zeros((2, places, 4), np.int64),
        bounds=np.zeros((2, places), np.float64),
        ranked=np.zeros((2, places), np.int64),
        no_starts=np.zeros(0, np.int64),
        by_day=np.zeros((data.members.shape[1], data.windows.shape[1], 3), np.int64),
        cache=np.zeros((nodes, routes, 2), np.int64),
        operators=np.zeros((KINDS, 3), np.float64),
        totals=np.zeros(14, np.int64),
        random=np.array([seed], np.uint64),
        exact=blank_exact(data.exact, most),
    )
