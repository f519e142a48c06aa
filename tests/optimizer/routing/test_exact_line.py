"""The line of a route says what its points say, whatever has moved since it was drawn up."""

import pytest

from optimizer.routing import SearchParams
from optimizer.routing.anneal import anneal, start_plan
from optimizer.routing.arrays import LEG, Data, State, blank_state, data_of
from optimizer.routing.load import listed_routes, load
from optimizer.routing.search import settings_of
from tests.optimizer.routing.paired_days import paired_day


def is_as_its_points(data: Data, state: State, route: int) -> bool:
    """Whether a line names the route's points in order, with their starts and legs."""
    count = int(state.route.length[route])
    points = [data.exact.leaves + route, *state.stops[route, :count], data.exact.returns + route]
    line = state.exact.line[route, : count + 2]
    is_same = list(line.point) == points and list(line.start) == list(state.exact.point.start[points])
    return is_same and list(line.leg[1:]) == list(state.labels[route, 1 : count + 2, LEG])


@pytest.mark.parametrize("seed", range(3))
def test_a_line_is_as_its_points_or_drawn_up_anew(seed: int) -> None:
    given = paired_day(seed)
    data, settings = data_of(given), settings_of(given, SearchParams())
    state = blank_state(data, seed)
    load(data, state, *listed_routes(given, None))
    start_plan(data, state, settings)
    lined = 0
    for _ in range(200):
        anneal(data, state, settings, 1, 0.0, 0.001)
        routes = [route for route in range(given.routes) if state.exact.is_lined[route]]
        lined += len(routes)
        assert all(is_as_its_points(data, state, route) for route in routes)
    assert lined > 0
