"""Which limit refuses a visit and by how much: as the reference reckons it, and exact to the last second."""

import numpy as np
import pytest

from optimizer.routing import RoutingInput, search
from optimizer.routing.arrays import blank_state, data_of
from optimizer.routing.load import listed_routes, load
from optimizer.routing.refusals import Answer, ask, ask_route
from optimizer.routing.relaxing import Limit, relax
from optimizer.stop import Budget
from tests.optimizer.routing.reference import route_cost
from tests.optimizer.routing.test_insertion import reckoned
from tests.optimizer.routing.weeks import DEPOTS, HOUR, full_week, road_day

POSSIBLE = {Limit.NOTHING, Limit.PRICE}


def first(given: RoutingInput, routes: list[list[int]], visit: int, *relaxed: Limit) -> Answer:
    """The answer of the first route."""
    return ask(given, routes, visit, relaxed=relaxed)[0]


def test_a_visit_that_fits_is_priced_and_not_refused() -> None:
    answer = first(road_day([10, 20]), [[1]], 2)
    assert (answer.limit, answer.amount, answer.position, answer.price) == (Limit.NOTHING, 0, 0, 1200)


def test_a_crew_that_may_not_do_it_says_so_and_would_if_it_might() -> None:
    given = road_day([10])
    given.cost[1, 0] = -1
    assert first(given, [[]], 1).limit == Limit.NOT_ALLOWED
    assert first(given, [[]], 1, Limit.NOT_ALLOWED).price == 1200


def test_load_above_the_capacity_is_counted() -> None:
    given = road_day([10, 20])
    given.load[1:], given.capacity[:] = 5, 7
    answer = first(given, [[1]], 2)
    assert (answer.limit, answer.amount) == (Limit.CAPACITY, 3)
    given.capacity[:] = 10
    assert first(given, [[1]], 2).limit == Limit.NOTHING


def test_working_time_above_the_limit_is_counted() -> None:
    given = road_day([10, 20])
    given.work_limit[:] = 59 * 60
    answer = first(given, [[1]], 2)
    assert (answer.limit, answer.amount) == (Limit.WORK, 60)
    assert first(given, [[1]], 2, Limit.WORK).limit == Limit.NOTHING


def test_the_order_of_classes_is_named() -> None:
    given = road_day([10, 20])
    given.rank[1:] = [1, 0]
    given.windows[2, 0, 0] = (10 * HOUR, 11 * HOUR, 11 * HOUR)
    given.windows[1, 0, 0] = (8 * HOUR, 9 * HOUR, 9 * HOUR)
    assert first(given, [[1]], 2).limit in {Limit.ORDER, Limit.LATER_STOPS}
    assert first(given, [[1]], 2, Limit.ORDER).limit == Limit.NOTHING


def test_a_window_that_is_missed_is_missed_by_so_many_seconds() -> None:
    given = road_day([30])
    given.windows[1, 0, 0] = (0, 8 * HOUR, 8 * HOUR + 100)
    answer = first(given, [[]], 1)
    assert (answer.limit, answer.amount) == (Limit.WINDOW, 1700)
    given.windows[1, 0, 0, 2] += 1699
    assert first(given, [[]], 1).amount == 1
    given.windows[1, 0, 0, 2] += 1
    assert first(given, [[]], 1).limit in POSSIBLE


def test_a_return_that_is_too_late_is_late_by_so_many_seconds() -> None:
    given = road_day([30], service_minutes=60)
    given.hard_end[:] = given.soft_end[:] = 9 * HOUR
    answer = first(given, [[]], 1)
    assert (answer.limit, answer.amount) == (Limit.LATER_STOPS, HOUR)
    given.service[1] -= HOUR
    assert first(given, [[]], 1).limit == Limit.NOTHING


def test_a_visit_that_is_not_worth_it_says_by_how_many_points() -> None:
    given = road_day([10], penalty=1000)
    answer = first(given, [[]], 1)
    assert (answer.limit, answer.amount, answer.price) == (Limit.PRICE, 200, 1200)
    assert first(given, [[]], 1, Limit.PRICE).limit == Limit.NOTHING


def test_a_placed_visit_and_half_of_a_joint_visit_are_no_question() -> None:
    given = road_day([10, 20])
    with pytest.raises(ValueError, match="absent visit"):
        ask(given, [[1]], 1)
    given.partner[1:] = [2, 1]
    with pytest.raises(ValueError, match="by itself"):
        ask(given, [[]], 1)


def test_routes_that_break_a_rule_are_refused() -> None:
    given = road_day([10, 20])
    given.work_limit[:] = 60
    with pytest.raises(ValueError, match="break a rule"):
        ask(given, [[1]], 2)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_refused_is_what_the_reference_finds_impossible(seed: int) -> None:
    given = full_week(seed)
    given.partner[:] = -1
    routes = [list(route) for route in search(given, seed=seed, budget=Budget(iterations=30)).routes]
    random = np.random.default_rng(seed)
    gone = {int(visit) for route in routes for visit in route if random.random() < 0.4}
    routes = [[visit for visit in route if visit not in gone] for route in routes]
    routes = [route if route_cost(given, number, route) is not None else [] for number, route in enumerate(routes)]
    placed = {visit for route in routes for visit in route}
    data, state = data_of(given), blank_state(data_of(given), 1)
    data.route["work_limit"] = given.work_limit
    load(data, state, *listed_routes(given, routes))
    seen = set()
    for visit in set(range(DEPOTS, given.nodes)) - placed:
        for route, stops in enumerate(routes):
            found = np.zeros((len(stops) + 1, 3), np.int64)
            ask_route(data, state, route, visit, found)
            for position, (limit, amount, price) in enumerate(found.tolist()):
                expected = reckoned(given, routes, route, visit, position)
                assert (expected is not None) == (limit in POSSIBLE), (route, visit, position, Limit(limit))
                assert expected is None or expected == price
                assert amount > 0 or limit in {Limit.NOTHING, Limit.NOT_ALLOWED, Limit.ORDER, Limit.PRICE}
                seen.add(limit)
    assert len(seen) >= 5


@pytest.mark.parametrize("seed", range(4))
def test_with_every_limit_relaxed_every_route_takes_every_visit(seed: int) -> None:
    given = full_week(seed)
    given.partner[:] = -1
    routes = [list(route) for route in search(given, seed=seed, budget=Budget(iterations=30)).routes]
    absent = set(range(DEPOTS, given.nodes)) - {visit for route in routes for visit in route}
    for visit in absent:
        before = [answer.limit for answer in ask(given, routes, visit)]
        assert [answer.limit for answer in ask(given, routes, visit, relaxed=list(Limit))] == [0] * given.routes
        for limit in set(before) - POSSIBLE:
            after = ask(given, routes, visit, relaxed=[limit])
            assert all(answer.limit != limit for answer in after)
    assert absent


def test_relaxing_changes_a_copy() -> None:
    given = full_week(1)
    before = {
        name: np.copy(getattr(given, name)) for name in ("cost", "windows", "rank", "hard_end", "load", "penalty")
    }
    relax(given, DEPOTS, list(Limit))
    assert all(np.array_equal(getattr(given, name), array) for name, array in before.items())
