"""Crews change routes at no price, and only where each may do what the other did."""

import numpy as np
import pytest

from optimizer.routing import RoutingInput, search
from optimizer.routing.arrays import ROUTES_COST, Data, State, blank_state, data_of
from optimizer.routing.exact_swap import swap_crews
from optimizer.routing.input import FORBIDDEN
from optimizer.routing.kernel import entry
from optimizer.routing.load import listed_routes, load
from optimizer.routing.propagation import retime
from optimizer.stop import Budget
from tests.optimizer.routing.paired_days import paired_day

Plan = list[list[int]]


@entry
def swapped(data: Data, state: State) -> None:
    """One attempt, with all starts worked out anew as after taking visits out."""
    swap_crews(data, state)
    retime(data, state)


def day_without_prices(seed: int) -> RoutingInput:
    """Crews that differ in what they may do and in nothing else."""
    given = paired_day(seed)
    given.cost[given.cost > 0] = 0
    return given


def attempts(given: RoutingInput, routes: Plan, count: int) -> tuple[list[Plan], set[int]]:
    """The plans after each attempt, and all their costs."""
    data = data_of(given)
    state = blank_state(data, 1)
    load(data, state, *listed_routes(given, routes))
    plans, costs = [], set()
    for _ in range(count):
        swapped(data, state)
        plans.append([row[:length].tolist() for row, length in zip(state.stops, state.route.length, strict=True)])
        costs.add(int(state.totals[ROUTES_COST]))
    return plans, costs


@pytest.mark.parametrize("seed", range(6))
def test_who_drives_which_route_changes_and_nothing_else(seed: int) -> None:
    given = day_without_prices(seed)
    routes = [list(route) for route in search(given, seed=1, budget=Budget(iterations=50)).routes]
    plans, costs = attempts(given, routes, 40)
    assert len(costs) == 1
    for plan in plans:
        assert sorted(plan) == sorted(routes)
        for crew, route in enumerate(plan):
            assert (given.cost[route, crew] != FORBIDDEN).all()


def test_crews_that_may_do_everything_do_change() -> None:
    given = day_without_prices(1)
    given.cost[1:] = 0
    given.cost[9:, 0] = FORBIDDEN  # nobody's skills are the same as the first crew's
    routes = [[9, 10], [11, 12], [13]]
    plans, _ = attempts(given, [[], *routes[:2]], 20)
    assert [] in plans[0]
    assert any(plan[1] == routes[1] for plan in plans) or any(plan[2] == routes[0] for plan in plans)


def test_a_pinned_visit_keeps_its_crew() -> None:
    given = day_without_prices(1)
    given.cost[1:] = 0
    given.cost[16, 0] = FORBIDDEN
    given.pinned[9] = True
    plans, _ = attempts(given, [[9], [10], [11]], 20)
    assert all(plan[0] == [9] for plan in plans)


def test_a_crew_does_not_take_over_more_than_its_day_holds() -> None:
    given = day_without_prices(1)
    given.cost[1:] = 0
    given.cost[16, 0] = FORBIDDEN
    given.work_limit[:] = np.array([10**6, 10**6, 60])
    plans, _ = attempts(given, [[9], [10], []], 20)
    assert all(plan[2] == [] for plan in plans)
    assert any(plan[0] == [10] for plan in plans)
