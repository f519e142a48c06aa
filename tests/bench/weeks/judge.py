"""Judges a plan of the measured week from its rules, in plain Python: one route after the other, stop by stop.

It shares nothing with any solver. A plan that breaks a rule is repaired by leaving out visits, which it counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.weeks.recipe import (
    LAST_RETURN_TENTHS,
    LUNCH_EARLIEST_TENTHS,
    LUNCH_LATEST_TENTHS,
    LUNCH_TENTHS,
    OVERTIME_WEIGHT,
    SHIFT_END_TENTHS,
    Week,
)

Routes = Mapping[int, Sequence[int]]
"""Visits in order by route number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan costs after repairs."""

    cost_tenths: int
    route_tenths: int
    """Travel, continuity and overtime, without what is left."""
    unserved: tuple[int, ...]
    repaired: int
    """Visits that had to be left out because they broke a rule, were there twice or do not exist."""
    routes: dict[int, tuple[int, ...]]


def price_route(week: Week, route: int, stops: Sequence[int]) -> int | None:
    """Travel, continuity and overtime of a route with its earliest return; None when it breaks a rule."""
    if not stops:
        return 0
    allowed = week.allowed[route]
    if len(set(stops)) < len(stops) or not all(1 <= stop <= week.count and allowed[stop] for stop in stops):
        return None
    returns = [back for gap in (None, *range(len(stops) + 1)) if (back := _return(week, stops, gap)) is not None]
    if not returns:
        return None
    team = int(week.route_team[route])
    price = sum(int(week.travel_tenths[a, b]) for a, b in zip((0, *stops), (*stops, 0), strict=True))
    price += sum(int(week.continuity_tenths[team, stop]) for stop in stops)
    return price + OVERTIME_WEIGHT * max(0, min(returns) - SHIFT_END_TENTHS)


def _return(week: Week, stops: Sequence[int], gap: int | None) -> int | None:
    """When a route is back that takes lunch on its leg `gap`, or none; None when something comes too late."""
    clock, place = 0, 0
    for leg, stop in enumerate((*stops, 0)):
        left = clock
        clock += int(week.travel_tenths[place, stop])
        if leg == gap:
            if left > LUNCH_LATEST_TENTHS:
                return None
            clock = max(clock, LUNCH_EARLIEST_TENTHS) + LUNCH_TENTHS
        if stop:
            first, last = week.windows_tenths[stop].tolist()
            clock = max(clock, first)
            if clock > last:
                return None
            clock += int(week.service_tenths[stop])
        place = stop
    is_late = clock > LAST_RETURN_TENTHS or (gap is None and clock > LUNCH_LATEST_TENTHS)
    return None if is_late else clock


def judge(week: Week, routes: Routes) -> Verdict:
    """The cost of a plan, repaired where it breaks a rule."""
    seen: set[int] = set()
    total = given = 0
    kept: dict[int, tuple[int, ...]] = {}
    for route, listed in routes.items():
        given += len(listed)
        kept[route], price = _repair(week, route, _possible(week, route, listed, seen))
        seen.update(kept[route])
        total += price
    unserved = tuple(visit for visit in range(1, week.count + 1) if visit not in seen)
    left = sum(int(week.penalty_tenths[visit]) for visit in unserved)
    return Verdict(total + left, total, unserved, given - len(seen), kept)


def _possible(week: Week, route: int, listed: Sequence[int], seen: set[int]) -> list[int]:
    """The listed visits that exist, fit the route and were not met before."""
    allowed = week.allowed[route]
    found: list[int] = []
    for stop in listed:
        if 1 <= stop <= week.count and allowed[stop] and stop not in seen and stop not in found:
            found.append(int(stop))
    return found


def _repair(week: Week, route: int, stops: list[int]) -> tuple[tuple[int, ...], int]:
    """Leave out the cheapest visit without which the route is right, or else a long one, until it is."""
    price = price_route(week, route, stops)
    while price is None:
        shorter = [stops[:place] + stops[place + 1 :] for place in range(len(stops))]
        prices = [price_route(week, route, rest) for rest in shorter]
        best = min(range(len(stops)), key=lambda place: _harm(week, stops[place], prices[place]))
        stops, price = shorter[best], prices[best]
    return tuple(stops), price


def _harm(week: Week, stop: int, price: int | None) -> tuple[bool, float, int]:
    """Sorts visits by what leaving them out does: first those that mend the route, the cheapest before all."""
    penalty, service = int(week.penalty_tenths[stop]), int(week.service_tenths[stop])
    return (False, float(penalty), price) if price is not None else (True, -0.001 * penalty - service, 0)
