"""Why a visit does not go into a route, by how much, and what would happen with a rule relaxed.

The answers come from the checks that the search itself uses, one position after the other, on a plan that is only
looked at. A relaxed rule is relaxed in the input, so that the very same checks judge it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.routing.arrays import EARLY, EARLY_FED, LATEST, NEVER, Data, State, blank_state, data_of
from optimizer.routing.exact_refusals import ask_route_exactly, with_open_ends
from optimizer.routing.input import NOBODY, Int64, RoutingInput
from optimizer.routing.insertion import detour, fixed_price, time_price
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.labels import fed_arrival
from optimizer.routing.load import listed_routes, load
from optimizer.routing.relaxing import Limit, relax
from optimizer.routing.shared import shared
from optimizer.routing.standing import standing_refusal
from optimizer.routing.windows import earliest_start

_WINDOW, _LATER_STOPS, _PRICE = int(Limit.WINDOW), int(Limit.LATER_STOPS), int(Limit.PRICE)


@dataclass(frozen=True, slots=True)
class Answer:
    """The best position of one route: its price and NOTHING or PRICE, or what refuses it there by how much."""

    route: int
    position: int
    limit: Limit
    amount: int
    price: int | None


@entry
def ask_route(data: Data, state: State, route: int, visit: int, found: Int64) -> None:
    """Fill (positions, 3) with limit, amount and price of an absent visit at every position of a route."""
    data, state = shared(data), shared(state)
    for position in range(state.route[route].length + 1):
        limit, amount = refusal(data, state, route, visit, position)
        price = 0
        if limit == 0:
            price = data.travel_weight * detour(data, state, route, visit, position)
            price += fixed_price(data, state, route, visit) + time_price(data, state, route, visit, position)
            if price >= data.visit[visit].penalty:
                limit, amount = _PRICE, price - data.visit[visit].penalty
        found[position, 0], found[position, 1], found[position, 2] = limit, amount, price


@kernel
def refusal(data: Data, state: State, route: int, visit: int, position: int) -> tuple[int, int]:
    """The first limit in the way of a visit at a position and its amount; (0, 0) when it is possible."""
    limit, amount = standing_refusal(data, state, route, visit, position)
    if limit == 0:
        limit, amount = time_refusal(data, state, route, visit, position)
    return limit, amount


@kernel
def time_refusal(data: Data, state: State, route: int, visit: int, position: int) -> tuple[int, int]:
    """Whether the visit itself or what comes behind it is too late, and by how many seconds."""
    matrix, day, service = data.route[route].matrix, data.route[route].day, data.visit[visit].service
    before = state.stops[route, position - 1] if position > 0 else data.route[route].start_node
    after = state.stops[route, position] if position < state.route[route].length else data.route[route].end_node
    leg = int(data.travel_back[matrix, visit, before])
    early, early_fed = int(state.labels[route, position, EARLY]), int(state.labels[route, position, EARLY_FED])
    arrival_fed = fed_arrival(data, route, early, early_fed, leg)
    fed = earliest_start(data, state, visit, day, arrival_fed)
    unfed = earliest_start(data, state, visit, day, early + leg)
    if unfed >= NEVER and fed >= NEVER:
        last = int(data.windows[visit, day, data.window_count[visit, day] - 1, 2])
        return _WINDOW, min(arrival_fed, early + leg) - last
    leg = int(data.travel[matrix, visit, after])
    end = unfed + service if unfed < NEVER else NEVER
    end_fed = fed + service if fed < NEVER else NEVER
    late = end + leg - int(state.labels[route, position + 1, LATEST])
    late_fed = fed_arrival(data, route, end, end_fed, leg) - int(state.labels[route, position + 1, LATEST + 1])
    return (_LATER_STOPS, min(late, late_fed)) if min(late, late_fed) > 0 else (0, 0)


def ask(
    given: RoutingInput, routes: Sequence[Sequence[int]], visit: int, *, relaxed: Collection[Limit] = ()
) -> tuple[Answer, ...]:
    """One answer per route for a visit that is absent from these routes, with some limits relaxed for it.

    The answer of a route is its cheapest position, else the one that comes nearest to being possible. With exact
    timing a later stop may be one of another route. Raises ValueError when the visit is not absent, when the routes
    break a rule, and for half of a joint visit.
    """
    if given.partner[visit] != NOBODY:
        raise ValueError(f"visit {visit} is half of a joint visit and not an absent visit by itself")
    data, state = asked(given, routes, [visit], relaxed)
    return tuple(best_of_route(data, state, route, visit) for route in range(given.routes))


def asked(
    given: RoutingInput, routes: Sequence[Sequence[int]], visits: Sequence[int], relaxed: Collection[Limit]
) -> tuple[Data, State]:
    """What the kernels are asked about absent visits: the plan of these routes, with some limits relaxed for them.

    Raises ValueError where `ask` does.
    """
    changed = given
    for visit in visits:
        if any(visit in route for route in routes):
            raise ValueError(f"visit {visit} is not an absent visit")
        changed = relax(changed, visit, relaxed)
    data = data_of(changed)
    data.route["work_limit"] = changed.work_limit  # the search's own is tightened by the span, which is another limit
    state = blank_state(data, 0)
    load(data, state, *listed_routes(given, routes))
    if any(length != len(route) for length, route in zip(state.route.length, routes, strict=True)):
        raise ValueError("the routes break a rule")
    return data, state


def best_of_route(data: Data, state: State, route: int, visit: int) -> Answer:
    """The cheapest position of a route, else the one whose refusal comes last and is smallest."""
    found = np.zeros((int(state.route[route].length) + 1, 3), np.int64)
    if data.exact is None:
        ask_route(data, state, route, visit, found)
    else:
        ask_route_exactly(data, with_open_ends(data), state, route, visit, np.zeros(len(found), np.int64), found)
    possible = [p for p in range(len(found)) if found[p, 0] in (Limit.NOTHING, Limit.PRICE)]
    if possible:
        position = min(possible, key=lambda p: int(found[p, 2]))
        limit, amount, price = (int(value) for value in found[position])
        return Answer(route, position, Limit(limit), amount, price)
    position = min(range(len(found)), key=lambda p: (-int(found[p, 0]), int(found[p, 1])))
    return Answer(route, position, Limit(int(found[position, 0])), int(found[position, 1]), None)
