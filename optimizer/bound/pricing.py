"""Pricing of one route: its cheapest sequences at given dual prices, quickly found or proven.

Halves up to and from the middle of the day are built apart and joined (Righini and Salani 2006); the middle moves to
where both sides have equal work.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from optimizer.bound.arcs import Detours, detours_of, keep_useful, with_room
from optimizer.bound.backward import build_backward
from optimizer.bound.cuts import Cut, local_cuts
from optimizer.bound.forward import build_forward
from optimizer.bound.join import join, read_route
from optimizer.bound.labels import SETS, Labels, Task, blank_labels
from optimizer.bound.memory import full_memory, is_elementary, keys_of, near_memory, no_memory, remember_circles
from optimizer.bound.network import Network, near_only, network_of
from optimizer.routing.input import MOST_STOPS, Int64, RoutingInput

NEAREST = 25
"""Visits before and after each that the first level looks at."""
MOST_ROUTES = 100
"""Cheapest routes of one pricing."""
MOST_LABELS = 1_000_000
NEAR_TRIES, TRIES = 8, 3
"""Pricings of one route in one round, among near visits and among all, with more memory each time."""
SHIFT, MOST_SHIFT = 0.025, 0.05
"""How far the middle moves when one side has twice the labels, and at most, as shares of the day."""
NO_ROUTE = 1 << 62


class Level(IntEnum):
    """How thorough pricing is. Only EXACT proves anything; the others only look for routes."""

    QUICK = 0
    CLOSER = 1
    EXACT = 2


class Duals(NamedTuple):
    """Dual prices in thousandths."""

    visit: Int64
    """(N,)."""
    day: Int64
    """(N, days) on top, for the halves of joint visits."""
    cut: Int64
    """(cuts,) what a route pays for each unit of a cut."""


@dataclass(frozen=True, slots=True)
class Priced:
    """What pricing found for one route."""

    least: int
    """No route is cheaper at these duals (EXACT), at most 0; not proven with `is_complete` False."""
    is_complete: bool
    routes: tuple[tuple[int, Int64], ...]
    """Price and places of elementary routes, cheapest first."""
    labels: int
    is_real: bool = True
    """Whether the cheapest route makes no visit twice, so that more memory would change nothing."""


@dataclass(slots=True)
class Room:
    """Label tables of one thread, made anew when a route needs another shape."""

    most: int = MOST_LABELS
    halves: dict[tuple[int, int], tuple[Labels, Labels]] = field(default_factory=dict)

    def of(self, places: int, columns: int) -> tuple[Labels, Labels]:
        """Room for both directions."""
        if (places, columns) not in self.halves:
            self.halves.clear()
            two = blank_labels(self.most, places, columns), blank_labels(self.most, places, columns)
            self.halves[places, columns] = two
        return self.halves[places, columns]


@dataclass(slots=True)
class Pricer:
    """One route with what its labels have to remember; grows wiser from round to round."""

    net: Network
    near: Network
    detours: Detours
    day: int
    memory: Int64
    middle: int

    def price(self, level: Level, duals: Duals, cuts: list[Cut], room: Room, stop: Int64) -> Priced:
        """The cheapest routes at a level."""
        if not len(self.net.visits):
            return Priced(0, True, (), 0)
        prize = self.net.static.copy()
        prize[:-1] -= duals.visit[self.net.visits] + duals.day[self.net.visits, self.day]
        near = with_room(self.near)
        keep_useful(self.near, self.detours, prize, near)
        net = near if level is Level.QUICK else with_room(self.net)
        if level is not Level.QUICK:
            keep_useful(self.net, self.detours, prize, net)
        blank = self._task(prize, local_cuts(net, cuts, duals.cut), stop)
        if level is Level.EXACT:
            return self._prove(net, near, blank, room)
        compared = no_memory(net) if level is Level.QUICK else self.memory
        task = blank._replace(memory=full_memory(net), compared=compared, keys=keys_of(net, compared))
        return self._found(_run(net, task, room))

    def _prove(self, net: Network, near: Network, task: Task, room: Room) -> Priced:
        """The exact price of the relaxed route, the memory widened until the cheapest route is a real one.

        Most circles are among near visits, so they are looked for there first, where it is quick.
        """
        for _ in range(NEAR_TRIES):
            if self._is_real(_run(near, self._now(near, task), room)):
                break
        best = Priced(-NO_ROUTE, False, (), 0)
        for _ in range(TRIES):
            run = _run(net, self._now(net, task), room)
            if not run.is_complete:
                if not best.is_complete and not task.stop[0]:
                    self.memory[:] = near_memory(self.net, 1)
                return best
            best = self._found(run)
            self._balance(run)
            if self._is_real(run):
                break
        return best

    def _now(self, net: Network, task: Task) -> Task:
        """A task with what the route remembers by now."""
        return task._replace(middle=self.middle, keys=keys_of(net, self.memory))

    def _is_real(self, run: "_Run") -> bool:
        """Whether the cheapest route of a run makes no visit twice; else the memory is widened by what it shows."""
        if not run.is_complete or not run.routes or is_elementary(run.routes[0][1]):
            return True
        for _, stops in run.routes:
            remember_circles(self.memory, stops)
        return False

    def _balance(self, run: "_Run") -> None:
        """Move the middle towards the side that had less work."""
        shift = SHIFT * float(np.log2((run.ends + 1) / (run.begins + 1)))
        self.middle += round(max(-MOST_SHIFT, min(MOST_SHIFT, shift)) * (self.net.hard_end - self.net.span_start))

    def _found(self, run: "_Run") -> Priced:
        """The elementary ones among the routes of a run."""
        routes = tuple((price, stops) for price, stops in run.routes if is_elementary(stops))
        least = run.routes[0][0] if run.routes else 0
        is_real = not run.routes or is_elementary(run.routes[0][1])
        return Priced(min(0, least), run.is_complete, routes, run.begins + run.ends, is_real)

    def _task(self, prize: Int64, cuts: tuple[Int64, Int64, Int64, int], stop: Int64) -> Task:
        """The kernels' view of one pricing, with the route's own memory."""
        listed, counts, prices, words = cuts
        keys = keys_of(self.net, self.memory)
        return Task(prize, self.memory, self.memory, keys, listed, counts, prices, words, self.middle, stop)


def pricer_of(given: RoutingInput, route: int) -> Pricer:
    """The pricer of one route."""
    net = network_of(given, route)
    middle = (net.span_start + net.hard_end) // 2
    return Pricer(net, near_only(net, NEAREST), detours_of(net), int(given.day[route]), near_memory(net), middle)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the kernels."""

    is_complete: bool
    routes: tuple[tuple[int, Int64], ...]
    begins: int
    ends: int


def _run(net: Network, task: Task, room: Room) -> _Run:
    """Both halves and their join; routes cheaper than nothing, the cheapest first."""
    columns = SETS + task.memory.shape[1] + task.cut_words
    begins, ends = room.of(len(net.visits) + 1, columns)
    if not (build_forward(net, task, begins) and build_backward(net, task, ends)):
        return _Run(False, (), int(begins.used[0]), int(ends.used[0]))
    best, pairs = np.zeros(MOST_ROUTES, np.int64), np.full((MOST_ROUTES, 2), -1, np.int64)
    join(net, task, begins, ends, best, pairs)
    stops = np.zeros(2 * MOST_STOPS + 2, np.int64)
    routes = []
    for price, (label, other) in zip(best.tolist(), pairs.tolist(), strict=True):
        if label >= 0:
            count = read_route(begins, ends, label, other, stops)
            routes.append((price, stops[:count].copy()))
    return _Run(True, tuple(routes), int(begins.used[0]), int(ends.used[0]))
