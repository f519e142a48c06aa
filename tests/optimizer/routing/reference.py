"""The rules of a route in plain Python, one stop after the other: what the kernels must agree with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from optimizer.routing import RoutingInput


@dataclass(frozen=True, slots=True)
class Drive:
    """One way of driving a route."""

    cost: int
    back: int
    starts: tuple[int, ...]


def first_start(given: RoutingInput, visit: int, day: int, arrival: int, frozen: Mapping[int, int]) -> int | None:
    """Earliest start at or after an arrival."""
    if visit in frozen:
        return frozen[visit] if arrival <= frozen[visit] else None
    found = []
    for begin, _, latest in given.windows[visit, day, : given.window_count[visit, day]].tolist():
        if max(arrival, begin) <= latest:
            found.append(max(arrival, begin))
    return min(found, default=None)


def late_seconds(given: RoutingInput, visit: int, day: int, start: int) -> int:
    """Lateness against the kindest window around a start."""
    windows = given.windows[visit, day, : given.window_count[visit, day]].tolist()
    return min(max(0, start - int(end)) for begin, end, latest in windows if begin <= start <= latest)


def travel_seconds(given: RoutingInput, route: int, stops: Sequence[int]) -> list[int]:
    """All legs of a route."""
    places = [int(given.start_node[route]), *stops, int(given.end_node[route])]
    return [int(given.matrices[given.matrix[route], a, b]) for a, b in pairwise(places)]


def drive(
    given: RoutingInput, route: int, stops: Sequence[int], gap: int | None, frozen: Mapping[int, int]
) -> Drive | None:
    """The earliest schedule with lunch in one gap or none, or None when it breaks a rule of time."""
    legs, day = travel_seconds(given, route, stops), int(given.day[route])
    lunch, latest_lunch = int(given.lunch_seconds[route]), int(given.lunch_latest[route])
    clock, cost, starts = int(given.span_start[route]), 0, []
    for place, leg in enumerate(legs):
        before = clock
        clock += leg
        if place == gap:
            if before > latest_lunch:
                return None
            clock = max(clock, int(given.lunch_earliest[route])) + lunch
        if place == len(stops):
            break
        start = first_start(given, stops[place], day, clock, frozen)
        if start is None:
            return None
        cost += given.late_weight * late_seconds(given, stops[place], day, start)
        pause = lunch if place == gap else 0
        if place == 0:
            before = min(start - leg - pause, latest_lunch) if place == gap else start - leg
        cost += given.waiting_weight * (start - before - leg - pause)
        starts.append(start)
        clock = start + int(given.service[stops[place]])
    if clock > given.hard_end[route] or (lunch and gap is None and clock > latest_lunch):
        return None
    cost += given.overtime_weight * max(0, clock - int(given.soft_end[route]))
    return Drive(cost, clock, tuple(starts))


def busy_seconds(given: RoutingInput, route: int, stops: Sequence[int]) -> int:
    """Travel and service of a route."""
    return sum(travel_seconds(given, route, stops)) + sum(int(given.service[stop]) for stop in stops) if stops else 0


def route_cost(
    given: RoutingInput, route: int, stops: Sequence[int], frozen: Mapping[int, int] | None = None
) -> int | None:
    """Cost of a route by its cheapest lunch, None when it cannot be driven."""
    if not stops:
        return 0
    day = int(given.day[route])
    if any(given.cost[stop, route] < 0 or given.window_count[stop, day] == 0 for stop in stops):
        return None
    ranks = [int(given.rank[stop]) for stop in stops]
    if ranks != sorted(ranks) or busy_seconds(given, route, stops) > given.work_limit[route]:
        return None
    if sum(int(given.load[stop]) for stop in stops) > given.capacity[route]:
        return None
    gaps: list[int | None] = [None, *range(len(stops) + 1)] if given.lunch_seconds[route] else [None]
    drives = [found for gap in gaps if (found := drive(given, route, stops, gap, frozen or {}))]
    if not drives:
        return None
    price = sum(int(given.cost[stop, route]) for stop in stops) + int(given.open_cost[route])
    return price + given.travel_weight * sum(travel_seconds(given, route, stops)) + min(one.cost for one in drives)


def keeps_gaps(given: RoutingInput, starts: Mapping[int, int]) -> bool:
    """Whether the halves of every joint visit are both placed or both left, and as far apart as they shall be."""
    for lead, other in enumerate(given.partner.tolist()):
        if other > lead and ((lead in starts) != (other in starts)):
            return False
        if other > lead and lead in starts:
            apart = starts[other] - starts[lead]
            if not given.gap_least[lead] <= apart <= given.gap_most[lead]:
                return False
    return True


def plan_cost(
    given: RoutingInput, routes: Sequence[Sequence[int]], frozen: Mapping[int, int] | None = None
) -> int | None:
    """Cost of all routes and of what is left, None when a rule is broken."""
    costs = [route_cost(given, number, stops, frozen) for number, stops in enumerate(routes)]
    if any(cost is None for cost in costs):
        return None
    busy = [busy_seconds(given, number, stops) for number, stops in enumerate(routes)]
    for number, others in enumerate(given.coupled):
        for place, other in enumerate(others):
            if other >= 0 and busy[number] + busy[other] > given.coupled_limit[number, place]:
                return None
    placed = [stop for stops in routes for stop in stops]
    if len(placed) != len(set(placed)):
        return None
    if not keeps_gaps(given, frozen or {}):
        return None
    left = sum(int(given.penalty[visit]) for visit in range(given.depots, given.nodes) if visit not in set(placed))
    return left + sum(cost for cost in costs if cost is not None)
