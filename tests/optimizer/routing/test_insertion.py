"""A price is the cost after minus the cost before, by a reckoning that shares nothing with the kernels."""

import numpy as np
import pytest

from optimizer.routing import RoutingInput, search
from optimizer.routing.arrays import BROKEN, Data, State, blank_state, data_of
from optimizer.routing.insertion import price_positions
from optimizer.routing.load import listed_routes, load
from optimizer.stop import Budget
from tests.optimizer.routing.reference import busy_seconds, route_cost
from tests.optimizer.routing.weeks import DEPOTS, full_week

IMPOSSIBLE = BROKEN // 100


def loaded(given: RoutingInput, routes: list[list[int]]) -> tuple[Data, State]:
    """A state that holds these routes."""
    data = data_of(given)
    state = blank_state(data, 1)
    load(data, state, *listed_routes(given, routes))
    return data, state


def reckoned(given: RoutingInput, routes: list[list[int]], route: int, visit: int, position: int) -> int | None:
    """The price by the reference, None where impossible."""
    before, changed = route_cost(given, route, routes[route]), routes[route].copy()
    changed.insert(position, visit)
    after = route_cost(given, route, changed)
    if before is None or after is None:
        return None
    for place, other in enumerate(given.coupled[route].tolist()):
        both = busy_seconds(given, route, changed) + busy_seconds(given, other, routes[other]) if other >= 0 else 0
        if both > given.coupled_limit[route, place]:
            return None
    return after - before


@pytest.mark.parametrize("waiting_weight", [0, 1])
@pytest.mark.parametrize("seed", range(8))
def test_prices_are_exact_with_every_rule_on(seed: int, waiting_weight: int) -> None:
    given = full_week(seed, waiting_weight=waiting_weight)
    given.partner[:] = -1
    routes = [list(route) for route in search(given, seed=seed, budget=Budget(iterations=30)).routes]
    random = np.random.default_rng(seed)
    taken_out = {int(visit) for route in routes for visit in route if random.random() < 0.4}
    routes = [[visit for visit in route if visit not in taken_out] for route in routes]
    data, state = loaded(given, routes)
    compared = 0
    for visit in set(range(DEPOTS, given.nodes)) - {visit for route in routes for visit in route}:
        for route, stops in enumerate(routes):
            if data.cost[visit, route] < 0 or route_cost(given, route, stops) is None:
                continue
            assert state.stops[route, : len(stops)].tolist() == stops
            prices = np.zeros(len(stops) + 1, np.int64)
            price_positions(data, state, route, visit, prices)
            expected = [reckoned(given, routes, route, visit, position) for position in range(len(stops) + 1)]
            assert [price if price < IMPOSSIBLE else None for price in prices.tolist()] == expected
            compared += sum(price is not None for price in expected)
    assert compared > 20


def test_pricing_changes_nothing() -> None:
    given = full_week(1)
    data, state = loaded(given, [[] for _ in range(given.routes)])
    before: list[np.ndarray] = [np.array(array) for array in state]
    for visit in range(DEPOTS, given.nodes):
        for route in np.flatnonzero(data.cost[visit] >= 0):
            price_positions(data, state, int(route), visit, np.zeros(1, np.int64))
    assert all(np.array_equal(np.asarray(now), then) for now, then in zip(state, before, strict=True))
