"""With exact timing a visit or a pair goes where it is cheapest, as trying every place by plain reckoning finds it."""

from itertools import product

import numpy as np
import pytest

from optimizer.routing import RoutingInput, SearchParams, search
from optimizer.routing.arrays import Data, Settings, State, blank_state, data_of
from optimizer.routing.exact_insertion import cheapest_place_exactly
from optimizer.routing.exact_pairs import FEW_PLACES, insert_pair_exactly
from optimizer.routing.kernel import entry
from optimizer.routing.load import listed_routes, load
from optimizer.routing.search import settings_of
from optimizer.stop import Budget
from tests.optimizer.routing.exact_reference import exact_cost
from tests.optimizer.routing.paired_days import paired_day

Plan = list[list[int]]
SEEDS = range(6)


@entry
def place_of(data: Data, state: State, settings: Settings, visit: int) -> tuple[int, int]:
    """Compiled entry for a test: the cheapest place among all routes."""
    state.visit[visit].is_wide = True
    found: tuple[int, int] = cheapest_place_exactly(data, state, settings, visit)
    return found


@entry
def place_pair(data: Data, state: State, visit: int) -> bool:
    """Compiled entry for a test: both halves where they are cheapest."""
    is_placed: bool = insert_pair_exactly(data, state, visit, 0.0)
    return is_placed


def planned(given: RoutingInput, without: list[int]) -> tuple[Plan, Data, State, Settings]:
    """A short search's plan without some visits."""
    found = search(given, seed=1, budget=Budget(iterations=50)).routes
    routes = [[visit for visit in stops if visit not in without] for stops in found]
    data = data_of(given)
    state = blank_state(data, 1)
    load(data, state, *listed_routes(given, routes))
    return routes, data, state, settings_of(given, SearchParams(blink=0.0))


def put(routes: Plan, visit: int, place: tuple[int, int]) -> Plan:
    """The plan with a visit at a route's position."""
    route, position = place
    return [[*s[:position], visit, *s[position:]] if n == route else s for n, s in enumerate(routes)]


def places_of(given: RoutingInput, routes: Plan, visit: int) -> list[tuple[int, int]]:
    """Every position of every route that is allowed for a visit."""
    allowed = [number for number in range(given.routes) if given.cost[visit, number] >= 0]
    return [(number, position) for number in allowed for position in range(len(routes[number]) + 1)]


def dear(given: RoutingInput, plan: Plan) -> int:
    """The cost of a plan, beyond every other one where it cannot be driven."""
    cost = exact_cost(given, plan)
    return 10**15 if cost is None else cost


@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_visit_goes_where_it_is_cheapest(seed: int, is_hard: bool) -> None:
    given = paired_day(seed, is_hard=is_hard)
    singles = [visit for visit in range(given.depots, given.nodes) if given.partner[visit] < 0]
    for visit in singles:
        routes, data, state, settings = planned(given, [visit])
        costs = [dear(given, put(routes, visit, place)) for place in places_of(given, routes, visit)]
        route, position = place_of(data, state, settings, visit)
        if route < 0:
            assert min(costs, default=10**15) >= dear(given, routes)
        else:
            assert dear(given, put(routes, visit, (route, position))) == min(costs)


@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_both_halves_of_a_pair_go_where_they_are_cheapest_together(seed: int, is_hard: bool) -> None:
    given = paired_day(seed, visits=9, pairs=3, is_hard=is_hard)
    for visit in np.flatnonzero(given.partner > np.arange(given.nodes)).tolist():
        other = int(given.partner[visit])
        routes, data, state, _ = planned(given, [visit, other])
        heres, theres = places_of(given, routes, visit), places_of(given, routes, other)
        assert max(len(heres), len(theres)) <= FEW_PLACES
        costs = [
            dear(given, put(put(routes, visit, here), other, there))
            for here, there in product(heres, theres)
            if given.team[here[0]] != given.team[there[0]]
        ]
        is_placed = place_pair(data, state, visit)
        after = [s[:n].tolist() for s, n in zip(state.stops, state.route.length, strict=True)]
        best = min(costs, default=10**15)
        assert dear(given, after) == min(best, dear(given, routes))
        assert is_placed == (best < dear(given, routes))
