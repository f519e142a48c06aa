"""Two routes exchange their ends where that is cheap, and only where each crew may do what the other did."""

import json
from collections import Counter
from itertools import chain

import numpy as np
import pytest

from optimizer.routing import RoutingInput, search
from optimizer.routing.arrays import ROUTES_COST, Data, State, blank_state, data_of
from optimizer.routing.exact_cross import cross_ends
from optimizer.routing.input import FORBIDDEN
from optimizer.routing.kernel import entry
from optimizer.routing.load import listed_routes, load
from optimizer.routing.propagation import retime
from optimizer.stop import Budget
from tests.optimizer.routing.paired_days import MINUTE, paired_day

Plan = list[list[int]]


@entry
def crossed(data: Data, state: State) -> bool:
    """One attempt, with all starts worked out anew as after taking visits out; whether the plan can be driven."""
    cross_ends(data, state)
    return bool(retime(data, state))


def loaded(given: RoutingInput, routes: Plan, seed: int = 1) -> tuple[Data, State]:
    """A state that holds these routes."""
    data = data_of(given)
    state = blank_state(data, seed)
    load(data, state, *listed_routes(given, routes))
    return data, state


def plan_of(state: State) -> Plan:
    """The routes of the present plan."""
    return [row[:length].tolist() for row, length in zip(state.stops, state.route.length, strict=True)]


def line(positions: list[int], routes: int = 2) -> RoutingInput:
    """Single visits at places of a line, in minutes from the base, each at any time; crews that do not differ."""
    given = paired_day(1, visits=len(positions), pairs=0, routes=routes)
    places = np.array([0, *positions])
    given.matrices[0] = MINUTE * np.abs(places[:, None] - places[None])
    given.windows[1:, 0, 0] = (0, 10**6, 10**7)
    given.cost[1:], given.service[1:], given.open_cost[:] = 0, 0, 0
    given.cost[-1, 0] = FORBIDDEN  # crews of the same skills are never asked
    return given


@pytest.mark.parametrize("seed", range(8))
def test_no_visit_is_lost_and_every_rule_and_price_holds(seed: int) -> None:
    given = paired_day(seed, visits=24)
    routes = [list(route) for route in search(given, seed=1, budget=Budget(iterations=30)).routes]
    data, state = loaded(given, routes)
    seen = set()
    for _ in range(30):
        before = plan_of(state)
        if not crossed(data, state):
            data, state = loaded(given, before)
            continue
        plan = plan_of(state)
        seen.add(str(plan))
        assert sorted(chain(*plan)) == sorted(chain(*routes))
        crew_of = {visit: crew for crew, route in enumerate(plan) for visit in route}
        for visit, crew in crew_of.items():
            assert given.cost[visit, crew] != FORBIDDEN
            assert given.partner[visit] < 0 or crew_of[int(given.partner[visit])] != crew
        assert state.totals[ROUTES_COST] == loaded(given, plan)[1].totals[ROUTES_COST]
    assert seen


def outcomes(given: RoutingInput, routes: Plan) -> list[Plan]:
    """What becomes of a plan in an attempt with each of some seeds, where it changes; the most frequent first."""
    found: Counter[str] = Counter()
    for seed in range(30):
        data, state = loaded(given, routes, seed)
        assert crossed(data, state)
        found[str(plan_of(state))] += plan_of(state) != routes
    return [json.loads(plan) for plan, times in found.most_common() if times]


def test_routes_that_cross_are_joined_the_other_way_round() -> None:
    given = line([10, 20, -10, -20, 0])
    assert outcomes(given, [[1, 4], [3, 2]])[0] in ([[1, 2], [3, 4]], [[3, 4], [1, 2]])


def test_a_pinned_visit_and_those_in_front_of_it_keep_their_crew() -> None:
    given = line([10, 20, -10, -20, 0])
    given.pinned[4] = True
    assert all(plan[0][:2] == [1, 4] for plan in outcomes(given, [[1, 4], [3, 2]]))


def test_a_crew_does_not_take_over_more_than_its_vehicle_holds() -> None:
    given = line([10, 20, -10, -20, 0])
    given.load[1:5], given.capacity[:] = (1, 2, 2, 1), 3
    data, state = loaded(given, [[1, 2], [3, 4]])
    for _ in range(40):
        assert crossed(data, state)
        assert (state.route.load <= 3).all()
