"""Exact timing in plain Python: least starts, waiting and cost of a plan with what it has chosen beside its routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.routing import RoutingInput
from optimizer.routing.input import UNLIMITED
from tests.optimizer.routing.reference import busy_seconds, keeps_gaps, travel_seconds

Routes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The window of each visit (else the first) and, by route, how many stops lie before lunch (else there is none)."""

    windows: Mapping[int, int] = field(default_factory=dict)
    gaps: Mapping[int, int] = field(default_factory=dict)


NOTHING = Chosen()


def window_of(given: RoutingInput, visit: int, chosen: Chosen) -> list[int]:
    """Begin, end and last start of a visit's window."""
    found: list[int] = given.windows[visit, 0, chosen.windows.get(visit, 0)].tolist()
    return found


@dataclass(frozen=True, slots=True)
class Leg:
    """The way to a stop or home: when its first part ends, when lunch begins, and when the stop is reached."""

    ready: int
    lunch: int | None
    arrival: int


def leg_to(
    given: RoutingInput, route: int, chosen: Chosen, place: int, count: int, free_at: int, leg: int
) -> Leg | None:
    """The way to the stop at a place (count: home), None when lunch would begin too late."""
    if chosen.gaps.get(route) != place:
        return Leg(free_at + leg, None, free_at + leg)
    latest, minutes = int(given.lunch_latest[route]), int(given.lunch_seconds[route])
    is_in_front = place == count or free_at + leg > latest
    if is_in_front and (free_at > latest or place == 0):
        return None
    ready = free_at if is_in_front else free_at + leg
    lunch = max(ready, int(given.lunch_earliest[route]))
    return Leg(ready, lunch, lunch + minutes + (leg if is_in_front else 0))


def least_starts(given: RoutingInput, routes: Routes, chosen: Chosen = NOTHING) -> dict[int, int] | None:
    """The least starts of all placed visits (Bellman and Ford), None when they rise for ever or lunch is too late."""
    starts = {visit: window_of(given, visit, chosen)[0] for stops in routes for visit in stops}
    for _ in range(2 * len(starts) + 2):
        before = dict(starts)
        for number, stops in enumerate(routes):
            clock = int(given.span_start[number])
            for place, (visit, leg) in enumerate(zip(stops, travel_seconds(given, number, stops), strict=False)):
                way = leg_to(given, number, chosen, place, len(stops), clock, leg)
                if way is None:
                    return None
                starts[visit] = max(starts[visit], way.arrival)
                clock = starts[visit] + int(given.service[visit])
        for lead, other in enumerate(given.partner.tolist()):
            if other > lead and lead in starts and other in starts:
                starts[other] = max(starts[other], starts[lead] + int(given.gap_least[lead]))
                starts[lead] = max(starts[lead], starts[other] - int(given.gap_most[lead]))
        if starts == before:
            return starts
    return None


@dataclass(slots=True)
class _Trip:
    """A route with its least starts: what is waited for, and how much later each thing may be, in order."""

    waits: list[int]
    rooms: list[int]
    back: int


def trip(
    given: RoutingInput, route: int, stops: Sequence[int], starts: Mapping[int, int], chosen: Chosen
) -> _Trip | None:
    """Go along a route; None when lunch would begin too late."""
    found, clock = _Trip([], [], 0), int(given.span_start[route])
    for place, leg in enumerate(travel_seconds(given, route, stops)):
        way = leg_to(given, route, chosen, place, len(stops), clock, leg)
        if way is None:
            return None
        if way.lunch is not None:
            found.waits.append(way.lunch - way.ready if place else 0)
            found.rooms.append(int(given.lunch_latest[route]) - way.lunch)
        if place == len(stops):
            found.back = way.arrival
            break
        stop = stops[place]
        found.waits.append(starts[stop] - way.arrival if place or way.lunch is not None else 0)
        found.rooms.append(room(given, stop, starts, chosen))
        clock = starts[stop] + int(given.service[stop])
    return found


def room(given: RoutingInput, stop: int, starts: Mapping[int, int], chosen: Chosen) -> int:
    """Seconds by which a stop may start later without being late and without moving the other half of its pair."""
    other, lead = int(given.partner[stop]), min(stop, int(given.partner[stop]))
    is_free = given.gap_least[lead] <= -UNLIMITED and given.gap_most[lead] >= UNLIMITED
    if other in starts and not is_free:
        return 0
    return max(0, window_of(given, stop, chosen)[1] - starts[stop])


def waiting_seconds(of: _Trip) -> int:
    """Least waiting over all later leavings that cost nothing, one after the other."""
    later = 0
    while later < sum(of.waits) and _may_leave(of, later + 1):
        step = 1
        while later + 2 * step <= sum(of.waits) and _may_leave(of, later + 2 * step):
            step *= 2
        later += step
    return sum(of.waits) - later


def _may_leave(of: _Trip, later: int) -> bool:
    for wait, room in zip(of.waits, of.rooms, strict=False):
        later = max(0, later - wait)
        if later > room:
            return False
    return True


def exact_cost(given: RoutingInput, routes: Routes, chosen: Chosen = NOTHING) -> int | None:
    """Cost of all routes and of what is left, None when a rule is broken."""
    starts = least_starts(given, routes, chosen)
    if starts is None or not keeps_gaps(given, starts):
        return None
    windows = {visit: window_of(given, visit, chosen) for visit in starts}
    if any(start > windows[visit][2] for visit, start in starts.items()):
        return None
    late = [max(0, start - windows[visit][1]) for visit, start in starts.items()]
    cost, idle = given.late_weight * sum(late) + given.highest_late_weight * max(late, default=0), []
    for number, stops in enumerate(routes):
        free = int(given.soft_end[number] - given.span_start[number]) - busy_seconds(given, number, stops)
        if not stops:
            idle.append(free)
            continue
        price, extra, lunch = _route_price(given, number, stops, starts, chosen)
        if price is None:
            return None
        cost += price
        idle.append(free + extra - lunch)
    cost += given.idle_weight * max(idle, default=0)
    left = sum(int(given.penalty[visit]) for visit in range(given.depots, given.nodes) if visit not in starts)
    return cost + left


def _route_price(
    given: RoutingInput, route: int, stops: Sequence[int], starts: Mapping[int, int], chosen: Chosen
) -> tuple[int | None, int, int]:
    """What a route with stops costs (None: it breaks a rule), its seconds of overtime and of lunch."""
    of = trip(given, route, stops, starts, chosen)
    ranks = [int(given.rank[stop]) for stop in stops]
    if of is None or ranks != sorted(ranks) or any(given.cost[stop, route] < 0 for stop in stops):
        return None, 0, 0
    if of.back > given.hard_end[route] or busy_seconds(given, route, stops) > given.work_limit[route]:
        return None, 0, 0
    price = given.travel_weight * sum(travel_seconds(given, route, stops)) + int(given.open_cost[route])
    price += sum(int(given.cost[stop, route]) for stop in stops)
    extra = max(0, of.back - int(given.soft_end[route]))
    lunch = int(given.lunch_seconds[route]) if route in chosen.gaps else 0
    is_unfed = given.lunch_seconds[route] > 0 and route not in chosen.gaps
    price += given.missed_lunch_price if is_unfed else 0
    return price + given.overtime_weight * extra + given.waiting_weight * waiting_seconds(of), extra, lunch
