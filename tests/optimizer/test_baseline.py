"""The OR-Tools routing model answers the same question as the search, and is never better than the best plan known."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.baseline import solve_with_routing_library
from optimizer.routing import search
from optimizer.routing.input import FORBIDDEN, RoutingInput, blank_input
from optimizer.stop import Budget


def a_road(visits: int = 4, routes: int = 2, days: int = 1) -> RoutingInput:
    """Visits ten minutes apart on one road from the base; each takes half an hour and is worth a lot."""
    places = np.arange(visits + 1)
    given = blank_input(
        matrices=600 * np.abs(places[:, None] - places[None, :])[None], depots=1, routes=routes, days=days
    )
    given.service[1:] = 1800
    given.penalty[1:] = 100_000
    given.span_start[:] = 8 * 3600
    given.soft_end[:] = 12 * 3600
    given.hard_end[:] = 12 * 3600
    return given


def test_both_find_the_one_best_tour() -> None:
    given = a_road(routes=1)
    assert solve_with_routing_library(given, seconds=0.2).cost == 2 * 4 * 600
    assert search(given, seed=1, budget=Budget(iterations=200)).cost == 2 * 4 * 600


def test_a_visit_that_pays_for_no_trip_is_left() -> None:
    given = a_road(visits=1, routes=1)
    given.penalty[1] = 100
    assert solve_with_routing_library(given, seconds=0.1).absent == (1,)


def test_windows_by_day_and_forbidden_routes_hold() -> None:
    given = a_road(visits=2, routes=2, days=2)
    given.day[1] = 1
    given.windows[1, 1, 0] = (9 * 3600, 9 * 3600, 9 * 3600)
    given.window_count[1, 0] = 0
    given.cost[1, 0] = FORBIDDEN
    given.cost[2, 1] = FORBIDDEN
    output = solve_with_routing_library(given, seconds=0.2)
    assert output.routes == ((2,), (1,))
    assert output.times[1] is not None
    assert output.times[1].starts == (9 * 3600,)


def test_lunch_is_taken() -> None:
    given = a_road(visits=5, routes=1)
    given.soft_end[:] = given.hard_end[:] = 15 * 3600
    given.lunch_earliest[:], given.lunch_latest[:], given.lunch_seconds[:] = 10 * 3600, 11 * 3600, 3600
    times = solve_with_routing_library(given, seconds=0.2).times[0]
    assert times is not None
    assert times.lunch_start is not None


@pytest.mark.parametrize("teams", [(0, 1), (0, 0)])
def test_a_joint_visit_needs_two_teams(teams: tuple[int, int]) -> None:
    given = replace(a_road(visits=2), team=np.array(teams, np.int32), partner=np.array([-1, 2, 1], np.int32))
    output = solve_with_routing_library(given, seconds=0.2)
    assert len(output.absent) == (0 if teams == (0, 1) else 2)
    if not output.absent:
        assert {times.starts for times in output.times if times} == {output.times[0].starts if output.times[0] else ()}


def test_nothing_to_do() -> None:
    assert solve_with_routing_library(a_road(visits=0), seconds=0.1).cost == 0
