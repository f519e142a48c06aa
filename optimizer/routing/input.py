"""What the search is given and what it gives back, as named arrays of opaque numbers.

Nodes 0..depots-1 are bases, the rest are visits. All times are whole seconds of a route's day, all prices cost points.
Nothing here knows a resident, a session or a rule; `duties` translates.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

FORBIDDEN = -1
NOBODY = -1
UNLIMITED = 10**8
MOST_STOPS = 254
"""Most stops of one route: above anything a day holds."""


class Timing(StrEnum):
    """How the search keeps the starts of pairs; DECISIONS.md says which is for what."""

    FROZEN = "frozen"
    """Set when a pair is placed: checks in constant time. For weeks with few pairs."""
    EXACT = "exact"
    """The least starts of all routes together: for days with many pairs. One day only."""


@dataclass(frozen=True, slots=True)
class RoutingInput:
    """One routing problem; `check_shapes` raises ValueError where arrays do not fit together.

    Per route (R): where it starts and ends, its matrix, day, team, span, lunch (`lunch_seconds` 0: none), the most
    travel and service seconds, the most load it can carry, and the price of its first stop. `coupled` names other
    routes of the same day that share a member, and `coupled_limit` the seconds that both together may take.
    Per node (N): service seconds, load, price of leaving it, rank in the order of classes, the other half of a joint
    visit (NOBODY: none; the smaller number leads), the least and most seconds from the start of the leading half to
    that of the other (0 and 0: together; those of the leading half count), whether it stays once it is placed, and the
    group it belongs to. A group is one person's visits of the week: all are made or none, and on one of the group's
    `patterns` of days.
    """

    matrices: Int32
    """(matrices, N, N) travel seconds [from, to]."""
    depots: int
    start_node: Int32
    end_node: Int32
    matrix: Int32
    day: Int32
    team: Int32
    span_start: Int32
    soft_end: Int32
    hard_end: Int32
    lunch_earliest: Int32
    lunch_latest: Int32
    lunch_seconds: Int32
    work_limit: Int32
    capacity: Int32
    open_cost: Int64
    coupled: Int32
    """(R, k) route numbers, NOBODY where fewer."""
    coupled_limit: Int32
    """(R, k)."""
    service: Int32
    load: Int32
    penalty: Int64
    cost: Int32
    """(N, R) static price of a visit on a route (lateness by date, continuity), or FORBIDDEN."""
    windows: Int32
    """(N, days, most windows, 3): start, end, latest start at a price for each second after the end; sorted."""
    window_count: Int32
    """(N, days); 0: impossible that day."""
    rank: Int32
    partner: Int32
    gap_least: Int32
    gap_most: Int32
    pinned: Bool
    group: Int32
    """(N,) 0..groups-1, NOBODY for a visit by itself."""
    patterns: Int32
    """(groups, most patterns, most visits) the day of a group's k-th visit in the order of the nodes, all different;
    NOBODY from the end of a pattern on, and throughout where there are fewer patterns."""
    travel_weight: int = 1
    overtime_weight: int = 2
    late_weight: int = 2
    waiting_weight: int = 0
    highest_late_weight: int = 0
    """Price of each second of the plan's largest lateness; exact timing only."""
    idle_weight: int = 0
    """Price of each second of the largest idle time; exact timing only. A route is idle while it neither travels nor
    serves, from the begin of its span to its soft end, or its return when that is later; all day when it is empty."""
    missed_lunch_price: int = UNLIMITED
    """Of a route with stops and without its lunch; exact timing only, where early routes have theirs, too."""
    timing: Timing = Timing.FROZEN

    @property
    def nodes(self) -> int:
        """Number of nodes, bases included."""
        return len(self.service)

    @property
    def routes(self) -> int:
        """Number of routes."""
        return len(self.start_node)

    def check_shapes(self) -> None:
        """Raise ValueError when an array has another shape than its neighbours ask for, or a pair cannot be kept."""
        nodes, routes, days = self.nodes, self.routes, self.windows.shape[1]
        expected: dict[str, tuple[int, ...]] = {
            "matrices": (self.matrices.shape[0], nodes, nodes),
            "cost": (nodes, routes),
            "windows": (nodes, days, self.windows.shape[2], 3),
            "window_count": (nodes, days),
            "coupled_limit": self.coupled.shape,
            "patterns": (int(self.group.max(initial=NOBODY)) + 1, *self.patterns.shape[1:]),
        }
        expected |= dict.fromkeys(PER_NODE, (nodes,)) | dict.fromkeys(PER_ROUTE, (routes,))
        for name, shape in expected.items():
            found: tuple[int, ...] = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"{name} has shape {found}, expected {shape}")
        for name in ("highest_late_weight", "idle_weight"):
            if getattr(self, name) and self.timing is not Timing.EXACT:
                raise ValueError(f"{name} above 0 needs exact timing")
        if self.missed_lunch_price != UNLIMITED and self.timing is not Timing.EXACT:
            raise ValueError("missed_lunch_price needs exact timing")
        if len(self.patterns) and self.timing is Timing.EXACT:
            raise ValueError("groups of visits need frozen timing")
        self._check_gaps()
        self._check_groups()

    def _check_gaps(self) -> None:
        """Raise ValueError where the least distance of a joint visit's halves is above the most."""
        leads = np.flatnonzero(self.partner > np.arange(self.nodes))
        if (self.gap_least[leads] > self.gap_most[leads]).any():
            node = int(leads[self.gap_least[leads] > self.gap_most[leads]][0])
            raise ValueError(f"node {node} has gap_least {self.gap_least[node]} above gap_most {self.gap_most[node]}")

    def _check_groups(self) -> None:
        """Raise ValueError where a group's patterns do not name one day for each of its visits."""
        for group, patterns in enumerate(self.patterns):
            visits = np.flatnonzero(self.group == group)
            if (self.partner[visits] != NOBODY).any():
                raise ValueError(f"group {group} holds half of a joint visit")
            for days in patterns:
                named = days[days != NOBODY].tolist()
                if named and (len(named) != len(visits) or len(set(named)) != len(named)):
                    raise ValueError(
                        f"group {group}: pattern {named} does not give its {len(visits)} visits a day each"
                    )


PER_NODE = ("service", "load", "penalty", "rank", "partner", "gap_least", "gap_most", "pinned", "group")
PER_ROUTE = (
    *("start_node", "end_node", "matrix", "day", "team", "span_start", "soft_end", "hard_end", "lunch_earliest"),
    *("lunch_latest", "lunch_seconds", "work_limit", "capacity", "open_cost"),
)


def blank_input(*, matrices: NDArray[Any], depots: int, routes: int, days: int = 1, windows: int = 1) -> RoutingInput:
    """An input where every route runs all day from node 0 and every visit is free, short and allowed everywhere.

    The arrays may be filled in before the search; copies `matrices`.
    """
    nodes = matrices.shape[1]
    per_route: dict[str, Any] = {name: np.zeros(routes, np.int32) for name in PER_ROUTE}
    per_node: dict[str, Any] = {name: np.zeros(nodes, np.int32) for name in PER_NODE}
    per_route |= {name: np.full(routes, 86_400, np.int32) for name in ("soft_end", "hard_end")}
    per_route |= {name: np.full(routes, UNLIMITED, np.int32) for name in ("work_limit", "capacity")}
    per_route["open_cost"] = np.zeros(routes, np.int64)
    per_node |= {"partner": np.full(nodes, NOBODY, np.int32), "pinned": np.zeros(nodes, np.bool_)}
    per_node["group"] = np.full(nodes, NOBODY, np.int32)
    per_node["penalty"] = np.zeros(nodes, np.int64)
    all_day = np.zeros((nodes, days, windows, 3), np.int32)
    all_day[:, :, 0, 1:] = 86_400
    return RoutingInput(
        matrices=np.array(matrices, np.int32),
        depots=depots,
        coupled=np.zeros((routes, 0), np.int32),
        coupled_limit=np.zeros((routes, 0), np.int32),
        cost=np.zeros((nodes, routes), np.int32),
        windows=all_day,
        window_count=np.ones((nodes, days), np.int32),
        patterns=np.zeros((0, 0, 0), np.int32),
        **per_route,
        **per_node,
    )


@dataclass(frozen=True, slots=True)
class SearchParams:
    """How the search goes about it. Temperatures are cost points; None: 1.1 (up to 4.4 in a crowded week) and 0.011
    times the mean travel price, and others with exact timing.

    The defaults follow Christiaens and Vanden Berghe (2020), section 5, as far as they set them.
    """

    temperature_start: float | None = None
    temperature_end: float | None = None
    mean_removed: float = 12.0
    """Visits taken out in an iteration."""
    longest_string: int = 10
    blink: float = 0.01
    most_absent: int = 60
    """Absent visits tried in one iteration."""
    pairs_first: float = 0.5
    """Share of iterations in which joint visits are placed before all others."""
    pair_ruin: float = 0.2
    """Share of iterations that clear room for an absent joint visit."""
    whole_groups: float = 0.3
    """Share of iterations in which groups of visits are taken out whole, so that their days may change."""
    one_day: float = 0.5
    """With groups: share of iterations whose strings are all of one day."""
    string_share: float = 0.6
    """Share of iterations that take out strings; the others choose among all ways by what each has gained."""
    workers: int = 1
    """Searches side by side, each in its thread, that exchange the best plan."""
    exchange_iterations: int = 20_000
    """Iterations between two exchanges."""

    def __post_init__(self) -> None:
        if self.workers < 1 or self.exchange_iterations < 1:
            raise ValueError("workers and exchange_iterations must be at least 1")


@dataclass(frozen=True, slots=True)
class RouteTimes:
    """Seconds of one route: earliest starts, leaving as late as they allow."""

    leave: int
    back: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lunch_start: int | None = None


@dataclass(frozen=True, slots=True)
class RoutingOutput:
    """The best routes found, as node numbers, with their times; None for a route without stops."""

    routes: tuple[tuple[int, ...], ...]
    times: tuple[RouteTimes | None, ...]
    absent: tuple[int, ...]
    cost: int
    best_trace: tuple[tuple[int, int], ...] = ()
    """(iterations, cost) at every look in which the best plan had improved."""
    statistics: dict[str, float] = field(default_factory=dict)
