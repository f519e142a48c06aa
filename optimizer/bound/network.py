"""One crew-day as its pricing problem sees it: only the visits it may take, times in seconds, prices in thousandths.

What is dropped here only makes routes cheaper or allows more of them, so the bound stays a bound: waiting costs
nothing; a crew may let a window pass and wait for a kinder one, where the search starts as early as it can; limits
shared with other routes, the common start of joint visits and what is pinned are not looked at.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.routing.input import Bool, Int64, RoutingInput

UNIT = 1000
"""Prices inside the bound are whole thousandths of a cost point, so that no sum is ever rounded."""
NEVER = 10**9
STEPS = 6
"""Pieces in which a soft window's lateness is priced from behind."""


class Network(NamedTuple):
    """One route: places 0..m-1 are its visits, place m is where it begins and ends."""

    visits: Int64
    """(m,) node of each place."""
    legs: Int64
    """(m + 1, m + 1) travel seconds [from, to]."""
    service: Int64
    """(m + 1,)."""
    static: Int64
    """(m + 1,) price of the visit on this route."""
    windows: Int64
    """(m + 1, most, 3) start, end, latest start."""
    window_count: Int64
    pieces: Int64
    """(m + 1, most, 3) start, latest start, least price of lateness in it."""
    piece_count: Int64
    after: Int64
    """(m + 1, m) visits that may follow a place."""
    after_count: Int64
    before: Int64
    """(m + 1, m) visits that may come before a place."""
    before_count: Int64
    span_start: int
    soft_end: int
    hard_end: int
    lunch_earliest: int
    lunch_latest: int
    lunch_seconds: int
    work_limit: int
    travel_price: int
    overtime_price: int
    late_price: int
    open_price: int


def network_of(given: RoutingInput, route: int) -> Network:
    """The pricing problem of one route."""
    day = int(given.day[route])
    possible = (given.cost[:, route] >= 0) & (given.window_count[:, day] > 0)
    possible[: given.depots] = False
    visits = np.flatnonzero(possible)
    pieces, piece_count = _pieces(given, visits, day)
    follows = _may_follow(given, visits)
    after, after_count = _listed(follows)
    before, before_count = _listed(follows.T)
    has_limit = given.work_limit[route] < given.hard_end[route] - given.span_start[route]
    return Network(
        visits=visits.astype(np.int64),
        legs=_legs(given, route, visits),
        service=_with_base(given.service[visits]),
        static=_with_base(UNIT * given.cost[visits, route].astype(np.int64)),
        windows=_with_base(given.windows[visits, day]),
        window_count=_with_base(given.window_count[visits, day]),
        pieces=pieces,
        piece_count=piece_count,
        after=after,
        after_count=after_count,
        before=before,
        before_count=before_count,
        span_start=int(given.span_start[route]),
        soft_end=int(given.soft_end[route]),
        hard_end=int(given.hard_end[route]),
        lunch_earliest=int(given.lunch_earliest[route]),
        lunch_latest=int(given.lunch_latest[route]),
        lunch_seconds=int(given.lunch_seconds[route]),
        work_limit=int(given.work_limit[route]) if has_limit else NEVER,
        travel_price=UNIT * int(given.travel_weight),
        overtime_price=UNIT * int(given.overtime_weight),
        late_price=UNIT * int(given.late_weight),
        open_price=UNIT * int(given.open_cost[route]),
    )


def near_only(net: Network, most: int) -> Network:
    """The same route with only the nearest visits before and after each: to look for routes, not to prove."""
    after, after_count = _nearest(net.after, net.after_count, net.legs, most)
    before, before_count = _nearest(net.before, net.before_count, net.legs.T, most)
    return net._replace(after=after, after_count=after_count, before=before, before_count=before_count)


def _nearest(listed: Int64, counts: Int64, legs: Int64, most: int) -> tuple[Int64, Int64]:
    """The lists cut to the shortest legs, but for the base."""
    kept, kept_counts = listed.copy(), np.minimum(counts, most)
    kept_counts[-1] = counts[-1]
    for place in range(len(listed) - 1):
        found = listed[place, : counts[place]]
        order = np.argsort(legs[place, found], kind="stable")[:most]
        kept[place, : len(order)] = found[order]
    return kept, kept_counts


def _with_base(values: NDArray[np.integer]) -> Int64:
    """Values of the visits and zeros for the base behind them."""
    return np.concatenate([values, np.zeros((1, *values.shape[1:]), values.dtype)]).astype(np.int64)


def _legs(given: RoutingInput, route: int, visits: Int64) -> Int64:
    """(m + 1, m + 1)."""
    matrix = given.matrices[given.matrix[route]]
    start = np.append(visits, given.start_node[route])
    end = np.append(visits, given.end_node[route])
    return np.ascontiguousarray(matrix[start][:, end], np.int64)


def _may_follow(given: RoutingInput, visits: Int64) -> Bool:
    """(m + 1, m + 1) whether a place may follow another: classes in order, none after itself."""
    rank = given.rank[visits]
    follows = np.ones((len(visits) + 1, len(visits) + 1), np.bool_)
    follows[:-1, :-1] = rank[:, None] <= rank[None, :]
    np.fill_diagonal(follows, False)
    return follows


def _listed(follows: Bool) -> tuple[Int64, Int64]:
    """(m + 1, m) visits of each row that are true, and how many."""
    marks = follows[:, :-1]
    order = np.argsort(~marks, axis=1, kind="stable")
    return np.ascontiguousarray(order, np.int64), marks.sum(axis=1).astype(np.int64)


def _pieces(given: RoutingInput, visits: Int64, day: int) -> tuple[Int64, Int64]:
    """Windows cut so that in each piece one price is a lower bound of the lateness."""
    listed = [_window_pieces(given, int(visit), day) for visit in visits] + [[]]
    most = max(1, max(map(len, listed)))
    pieces = np.zeros((len(listed), most, 3), np.int64)
    for row, found in zip(pieces, listed, strict=True):
        if found:
            row[: len(found)] = found
    return pieces, np.array([len(found) for found in listed], np.int64)


def _window_pieces(given: RoutingInput, visit: int, day: int) -> list[tuple[int, int, int]]:
    """Pieces (start, latest, price) of one visit."""
    found = []
    for begin, end, latest in given.windows[visit, day, : given.window_count[visit, day]].tolist():
        found.append((begin, min(max(begin, end), latest), UNIT * given.late_weight * max(0, begin - end)))
        first = max(begin, end)
        cuts = sorted({first + (latest - first) * step // STEPS for step in range(STEPS + 1)}) if latest > first else []
        for early, late in pairwise(cuts):
            found.append((begin, late, UNIT * given.late_weight * (early - end)))
    return found
