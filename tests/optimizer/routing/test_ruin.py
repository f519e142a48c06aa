"""What each way of taking visits out takes, what it never takes, and how the choice among them learns."""

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.routing import RoutingInput, SearchParams, search
from optimizer.routing.areas import remove_crew, remove_day, remove_dearest, remove_village
from optimizer.routing.arrays import (
    ABSENT_COST,
    DEAREST,
    KIND,
    KINDS,
    REMOVED,
    ROUTES_COST,
    STRINGS,
    TOUCHED,
    VILLAGE,
    Data,
    Settings,
    State,
    blank_state,
    data_of,
)
from optimizer.routing.kernel import entry
from optimizer.routing.load import listed_routes, load
from optimizer.routing.operators import FLOOR, NEW_BEST, WEIGHT, draw_kind, reset_operators, reward, update_weights
from optimizer.routing.plan import go_back, keep
from optimizer.routing.search import settings_of
from optimizer.stop import Budget
from tests.optimizer.routing.reference import plan_cost
from tests.optimizer.routing.weeks import full_week, road_day

Ways = list[tuple[str, Callable[[Data, State, Settings, int], None]]]


@entry
def village(data: Data, state: State, settings: Settings, seed: int) -> None:
    """Compiled entry for a test."""
    keep(state)
    remove_village(data, state, settings, seed)


@entry
def day(data: Data, state: State, settings: Settings, seed: int) -> None:
    """Compiled entry for a test."""
    keep(state)
    remove_day(data, state, settings, seed)


@entry
def crew(data: Data, state: State, settings: Settings, seed: int) -> None:
    """Compiled entry for a test."""
    keep(state)
    remove_crew(data, state, settings, seed)


@entry
def dearest(data: Data, state: State, settings: Settings, seed: int) -> None:
    """Compiled entry for a test."""
    keep(state)
    remove_dearest(data, state, settings)


WAYS: Ways = [("village", village), ("day", day), ("crew", crew), ("dearest", dearest)]


def planned(given: RoutingInput, seed: int) -> tuple[Data, State, Settings]:
    """A state with a short search's plan."""
    routes = search(given, seed=seed, budget=Budget(iterations=50)).routes
    data = data_of(given)
    state = blank_state(data, seed)
    load(data, state, *listed_routes(given, routes))
    return data, state, settings_of(given, SearchParams(mean_removed=5.0))


def routes_of(state: State) -> list[list[int]]:
    """The stops of every route."""
    return [state.stops[route, : state.route[route].length].tolist() for route in range(len(state.route))]


def taken(state: State) -> set[int]:
    """The visits on the list."""
    return set(state.removed[: state.totals[REMOVED]].tolist())


@pytest.mark.parametrize(("name", "way"), WAYS)
@pytest.mark.parametrize("seed", range(4))
def test_what_is_taken_out_is_listed_and_the_books_are_right(
    name: str, way: Callable[[Data, State, Settings, int], None], seed: int
) -> None:
    given = full_week(seed)
    given.partner[:] = -1
    data, state, settings = planned(given, seed)
    before = routes_of(state)
    start = next(visit for route in before for visit in route)
    given.pinned[start] = data.visit["pinned"][start] = True
    state.totals[REMOVED] = 0
    way(data, state, settings, start)
    after = routes_of(state)
    gone = {v for route in before for v in route} - {v for route in after for v in route}
    assert gone == taken(state)
    assert start not in gone, name
    assert plan_cost(given, after) == state.totals[ROUTES_COST] + state.totals[ABSENT_COST]
    restore(data, state)
    assert routes_of(state) == before


@entry
def restore(data: Data, state: State) -> None:
    """Compiled entry for a test."""
    go_back(data, state)


def test_a_village_is_the_nearest_visits_of_all_crews() -> None:
    given = road_day([10, 11, 12, 13, 50, 51, 52, 53], routes=2)
    data, state, settings = planned(given, 1)
    load(data, state, *listed_routes(given, [[1, 2, 5, 6], [3, 4, 7, 8]]))
    state.totals[REMOVED] = 0
    village(data, state, settings._replace(mean_removed=2.0), 1)
    assert 1 <= len(taken(state)) <= 4
    assert max(taken(state)) <= 6  # each near visit stays with a small chance, so the next village may be reached


def test_a_day_leaves_the_other_days_alone() -> None:
    given = full_week(2)
    given.partner[:] = -1
    data, state, settings = planned(given, 2)
    start = next(visit for visit in range(2, given.nodes) if state.visit[visit].route >= 0)
    here = given.day[state.visit[start].route]
    others = {visit for route, stops in enumerate(routes_of(state)) if given.day[route] != here for visit in stops}
    state.totals[REMOVED] = 0
    day(data, state, settings, start)
    assert not taken(state) & others
    assert taken(state)


def test_a_crew_loses_all_its_visits() -> None:
    given = road_day([10, 20, 30, 40], routes=2)
    data, state, settings = planned(given, 1)
    load(data, state, *listed_routes(given, [[1, 2], [3, 4]]))
    state.totals[REMOVED] = 0
    crew(data, state, settings, 3)
    assert {3, 4} <= taken(state)


def test_the_dearest_are_those_far_out() -> None:
    given = road_day([5, 6, 7, 8, 9, 90], routes=1)
    far = 0
    for seed in range(10):
        data, state, settings = planned(given, seed)
        state.totals[REMOVED] = 0
        dearest(data, state, settings._replace(mean_removed=0.0), 1)
        far += 6 in taken(state)
    assert far >= 5


@entry
def draw(state: State, found: np.ndarray) -> None:
    """Compiled entry for a test."""
    for number in range(len(found)):
        found[number] = draw_kind(state)


@entry
def learn(state: State, kind: int, score: float) -> None:
    """Compiled entry for a test."""
    state.totals[KIND] = kind
    state.totals[REMOVED] = 6
    reward(state, score)


@entry
def reset(state: State) -> None:
    """Compiled entry for a test."""
    reset_operators(state)


@entry
def update(state: State) -> None:
    """Compiled entry for a test."""
    update_weights(state)


def test_the_choice_follows_the_gain_and_forgets_nobody() -> None:
    state = blank_state(data_of(road_day([10])), 1)
    reset(state)
    assert state.operators[:, WEIGHT] == pytest.approx([1 / KINDS] * KINDS)
    for _ in range(60):
        for kind in range(KINDS):
            learn(state, kind, NEW_BEST if kind == VILLAGE else 0.0)
        update(state)
    weights = state.operators[:, WEIGHT]
    assert weights.sum() == pytest.approx(1.0)
    assert weights[VILLAGE] > 0.9
    assert weights[[STRINGS, DEAREST]].min() >= FLOOR / 2
    found = np.zeros(2000, np.int64)
    draw(state, found)
    assert set(found.tolist()) == set(range(KINDS))
    assert (found == VILLAGE).mean() == pytest.approx(weights[VILLAGE], abs=0.03)


def test_an_iteration_for_a_joint_visit_teaches_nothing() -> None:
    state = blank_state(data_of(road_day([10])), 1)
    reset(state)
    learn(state, -1, NEW_BEST)
    update(state)
    assert state.operators[:, WEIGHT] == pytest.approx([1 / KINDS] * KINDS)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_every_mix_gives_the_same_plan_twice_and_an_exact_cost(share: float) -> None:
    given = full_week(5)
    given.partner[:] = -1
    params = SearchParams(string_share=share)
    answers = [search(given, seed=3, budget=Budget(iterations=900), params=params) for _ in range(2)]
    assert answers[0].routes == answers[1].routes
    assert plan_cost(given, answers[0].routes) == answers[0].cost


def test_touched_routes_are_forgotten_after_going_back() -> None:
    data, state, settings = planned(road_day([10, 20, 30], routes=2), 1)
    village(data, state, settings, 1)
    restore(data, state)
    assert state.totals[TOUCHED] == 0
