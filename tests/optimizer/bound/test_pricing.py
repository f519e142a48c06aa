"""Pricing against trying every order: the least price is exact wherever the middle lies, and cuts are counted."""

from itertools import permutations

import numpy as np
import pytest

from optimizer.bound.columns import route_price
from optimizer.bound.cuts import Cut, units
from optimizer.bound.memory import full_memory, is_elementary, near_memory, remember_circles
from optimizer.bound.network import UNIT, Network
from optimizer.bound.pricing import Duals, Level, Pricer, Room, pricer_of
from optimizer.routing import RoutingInput
from tests.optimizer.bound.tiny import tiny_week
from tests.optimizer.routing.reference import route_cost
from tests.optimizer.routing.weeks import full_week

ROOM = Room(most=100_000)
GO_ON = np.zeros(1, np.int64)


def duals_of(given: RoutingInput, seed: int, cuts: int) -> Duals:
    random = np.random.default_rng(seed)
    visit = random.integers(0, 9000 * UNIT, given.nodes)
    return Duals(visit, np.zeros(given.windows.shape[:2], np.int64), random.integers(0, 3000 * UNIT, cuts))


def some_cuts(net: Network, seed: int) -> list[Cut]:
    if len(net.visits) < 3:
        return []
    random = np.random.default_rng(seed)
    triples = [sorted(random.choice(net.visits, 3, replace=False).tolist()) for _ in range(3)]
    return [(first, second, third) for first, second, third in triples]


def least_by_trying(given: RoutingInput, route: int, net: Network, duals: Duals, cuts: list[Cut]) -> int:
    """Least reduced price of any order of any visits of a route, at most 0."""
    least = 0
    for count in range(1, len(net.visits) + 1):
        for order in permutations(range(len(net.visits)), count):
            nodes = net.visits[list(order)]
            if route_cost(given, route, nodes.tolist()) is None:
                continue
            paid = sum(int(price) * units(cut, nodes.tolist()) for cut, price in zip(cuts, duals.cut, strict=True))
            least = min(least, route_price(net, np.array(order)) - int(duals.visit[nodes].sum()) + paid)
    return least


def hard_windows(given: RoutingInput) -> None:
    """Take the soft ends away: lateness is priced in steps from behind, which is a bound and no equality."""
    given.windows[:, :, :, 2] = given.windows[:, :, :, 1]


def proven(pricer: Pricer, duals: Duals, cuts: list[Cut]) -> int:
    priced = pricer.price(Level.EXACT, duals, cuts, ROOM, GO_ON)
    assert priced.is_complete
    return priced.least


@pytest.mark.parametrize("seed", range(8))
def test_the_least_price_is_that_of_trying_everything(seed: int) -> None:
    given = tiny_week(seed)
    hard_windows(given)
    for route in range(given.routes):
        pricer = pricer_of(given, route)
        if not len(pricer.net.visits):
            continue
        pricer.memory[:] = full_memory(pricer.net)
        cuts = some_cuts(pricer.net, seed)
        duals = duals_of(given, seed, len(cuts))
        expected = least_by_trying(given, route, pricer.net, duals, cuts)
        for share in (0.0, 0.3, 0.5, 1.0):
            pricer.middle = int(pricer.net.span_start + share * (pricer.net.hard_end - pricer.net.span_start))
            assert proven(pricer, duals, cuts) == expected


@pytest.mark.parametrize("seed", range(8))
def test_with_soft_windows_the_least_price_is_never_above_trying_everything(seed: int) -> None:
    given = tiny_week(seed)
    for route in range(given.routes):
        pricer = pricer_of(given, route)
        duals = duals_of(given, seed, 0)
        assert proven(pricer, duals, []) <= least_by_trying(given, route, pricer.net, duals, [])


@pytest.mark.parametrize("seed", range(4))
def test_quick_pricing_finds_real_routes_and_never_a_cheaper_one(seed: int) -> None:
    """A route may be listed again with lunch at a dearer place."""
    given = tiny_week(seed)
    hard_windows(given)
    for route in range(given.routes):
        pricer = pricer_of(given, route)
        duals = duals_of(given, seed, 0)
        expected = least_by_trying(given, route, pricer.net, duals, [])
        for level in (Level.QUICK, Level.CLOSER):
            priced = pricer.price(level, duals, [], ROOM, GO_ON)
            assert priced.least >= expected
            for price, stops in priced.routes:
                assert is_elementary(stops)
                assert price >= route_price(pricer.net, stops) - int(duals.visit[pricer.net.visits[stops]].sum())


@pytest.mark.parametrize("seed", range(4))
def test_a_column_costs_no_more_than_the_real_route(seed: int) -> None:
    given = tiny_week(seed, visits=4)
    for route in range(given.routes):
        net = pricer_of(given, route).net
        for count in range(1, len(net.visits) + 1):
            for order in permutations(range(len(net.visits)), count):
                cost = route_cost(given, route, net.visits[list(order)].tolist())
                assert cost is None or route_price(net, np.array(order)) <= UNIT * cost


def test_less_memory_gives_a_lower_least_price_and_circles_raise_it() -> None:
    given = tiny_week(2, visits=9)
    pricer = pricer_of(given, 2)
    duals = duals_of(given, 5, 0)
    least = []
    for size in (1, 3, 99):
        pricer.memory[:] = near_memory(pricer.net, size)
        fresh = Pricer(pricer.net, pricer.near, pricer.detours, pricer.day, pricer.memory.copy(), pricer.middle)
        fresh.memory = fresh.memory.copy()
        least.append(proven(fresh, duals, []))
        assert (fresh.memory & pricer.memory == pricer.memory).all()
    assert least == sorted(least)


def test_a_circle_is_remembered_on_its_way_and_nowhere_else() -> None:
    memory = np.zeros((6, 1), np.int64)
    remember_circles(memory, np.array([0, 3, 1, 3, 4]))
    assert memory[:, 0].tolist() == [0, 1 << 3, 0, 1 << 3, 0, 0]


def test_told_to_stop_pricing_proves_nothing() -> None:
    given = full_week(1)
    priced = pricer_of(given, 2).price(Level.EXACT, duals_of(given, 1, 0), [], ROOM, np.ones(1, np.int64))
    assert not priced.is_complete


def test_without_room_pricing_proves_nothing() -> None:
    given = full_week(1)
    priced = pricer_of(given, 2).price(Level.EXACT, duals_of(given, 1, 0), [], Room(most=10), GO_ON)
    assert not priced.is_complete
