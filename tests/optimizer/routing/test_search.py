"""The search as a whole: its cost, its rules, its promises about seeds, warm starts, pins and stopping."""

import sys

import numpy as np
import pytest

from optimizer.routing import RoutingInput, RoutingOutput, SearchParams, blank_input, search
from optimizer.stop import Budget
from tests.optimizer.routing.reference import drive, plan_cost, travel_seconds
from tests.optimizer.routing.weeks import DEPOTS, HOUR, full_week, road_day


def run(given: RoutingInput, iterations: int = 300, seed: int = 1, **more: object) -> RoutingOutput:
    """A short search."""
    return search(given, seed=seed, budget=Budget(iterations=iterations), **more)  # type: ignore[arg-type] # passed on


def frozen_starts(given: RoutingInput, answer: RoutingOutput) -> dict[int, int]:
    """Starts of the joint visits by node."""
    return {
        visit: start
        for route, times in zip(answer.routes, answer.times, strict=True)
        if times is not None
        for visit, start in zip(route, times.starts, strict=True)
        if given.partner[visit] >= 0
    }


@pytest.mark.parametrize("waiting_weight", [0, 1])
@pytest.mark.parametrize("seed", range(6))
def test_the_cost_is_that_of_its_routes_and_every_rule_holds(seed: int, waiting_weight: int) -> None:
    given = full_week(seed, waiting_weight=waiting_weight)
    answer = run(given, seed=seed)
    assert answer.cost == plan_cost(given, answer.routes, frozen_starts(given, answer))


@pytest.mark.parametrize("seed", range(6))
def test_joint_visits_start_together_in_two_teams_on_one_day(seed: int) -> None:
    given = full_week(seed)
    given.penalty[DEPOTS] = given.penalty[DEPOTS + 2] = given.penalty[DEPOTS + 4] = 500_000
    given.cost[DEPOTS : DEPOTS + 6] = 0
    answer = run(given, seed=seed)
    starts = frozen_starts(given, answer)
    route_of = {visit: number for number, route in enumerate(answer.routes) for visit in route}
    assert starts
    for visit, start in starts.items():
        other = int(given.partner[visit])
        assert starts[other] == start
        assert given.day[route_of[visit]] == given.day[route_of[other]]
        assert given.team[route_of[visit]] != given.team[route_of[other]]


@pytest.mark.parametrize("seed", range(4))
def test_times_are_a_schedule(seed: int) -> None:
    given = full_week(seed)
    answer = run(given, seed=seed)
    for number, (route, times) in enumerate(zip(answer.routes, answer.times, strict=True)):
        if times is None:
            assert not route
            continue
        legs = travel_seconds(given, number, route)
        lunch = int(given.lunch_seconds[number])
        events = list(zip((times.leave, *times.ends), (*times.starts, times.back), legs, strict=True))
        has_lunch_in = [
            times.lunch_start is not None and end <= times.lunch_start and times.lunch_start + lunch <= following
            for end, following, _ in events
        ]
        assert times.leave >= given.span_start[number]
        assert times.back <= given.hard_end[number]
        for (end, following, leg), may_lunch in zip(events, has_lunch_in, strict=True):
            assert following - end >= leg + (lunch if may_lunch else 0)
        assert all(arrival <= start for arrival, start in zip(times.arrivals, times.starts, strict=True))
        if lunch and times.back > given.lunch_latest[number]:
            assert sum(has_lunch_in) == 1
            assert times.lunch_start is not None
            assert given.lunch_earliest[number] <= times.lunch_start <= given.lunch_latest[number]


def test_the_same_seed_gives_the_same_answer() -> None:
    given = full_week(3)
    assert run(given) == run(given)


def test_seeds_matter() -> None:
    given = full_week(3)
    assert len({run(given, iterations=3, seed=seed).routes for seed in range(5)}) > 1


def test_looks_between_chunks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    given = full_week(4)
    once = run(given)
    looks: list[int] = []
    module = sys.modules["optimizer.routing.search"]  # the package gives the name to the function
    monkeypatch.setattr(module, "_adapt", lambda islands, _: looks.append(islands.chunk))
    again = run(given)
    assert len(looks) == -(-300 // 64)
    assert (again.routes, again.times, again.cost) == (once.routes, once.times, once.cost)


def test_two_workers_are_reproducible_and_no_worse_than_the_first_alone() -> None:
    given = full_week(5)
    params = SearchParams(workers=2, exchange_iterations=100)
    assert run(given, params=params) == run(given, params=params)


def test_a_feasible_warm_start_is_kept() -> None:
    given = full_week(6)
    given.partner[:] = -1
    first = run(given)
    again = run(given, iterations=0, initial=first.routes)
    assert again.routes == first.routes
    assert again.cost == first.cost


def test_a_warm_start_with_joint_visits_keeps_them_on_their_routes() -> None:
    given = full_week(6)
    given.penalty[DEPOTS : DEPOTS + 6 : 2] = 500_000
    given.cost[DEPOTS : DEPOTS + 6] = 0
    first = run(given)
    again = run(given, iterations=0, initial=first.routes)
    pairs = range(DEPOTS, DEPOTS + 6)
    held = {visit: number for number, route in enumerate(first.routes) for visit in route if visit in pairs}
    assert held
    assert set(held) <= {visit for route in again.routes for visit in route}


def test_what_does_not_fit_in_a_warm_start_is_left_out_and_dear_visits_stay() -> None:
    given = road_day([10, 20, 30], service_minutes=240)
    given.penalty[1:] = [1_000, 90_000, 90_000]
    answer = run(given, iterations=0, initial=[[1, 2, 3]])
    assert sorted(answer.routes[0]) == [2, 3]
    assert answer.absent == (1,)


def test_a_longer_search_is_never_dearer_than_its_warm_start() -> None:
    given = full_week(2)
    start = run(given, iterations=5)
    assert run(given, iterations=200, initial=start.routes).cost <= start.cost


def test_a_pinned_visit_stays_where_it_is() -> None:
    given = road_day([10, 11, 12, 30, 31, 32], routes=2)
    given.pinned[1] = True
    given.cost[1] = [50_000, 0]
    answer = run(given, initial=[[1], []])
    assert 1 in answer.routes[0]


def test_without_a_pin_the_same_visit_goes_where_it_is_cheap() -> None:
    given = road_day([10, 11, 12, 30, 31, 32], routes=2)
    given.cost[1] = [50_000, 0]
    assert 1 in run(given, initial=[[1], []]).routes[1]


def test_the_search_finds_the_best_round_on_a_road() -> None:
    given = road_day([5, 40, 10, 35, 20])
    answer = run(given)
    assert answer.cost == 2 * 40 * 60
    assert not answer.absent


def test_a_visit_that_costs_more_than_leaving_it_is_left() -> None:
    given = road_day([5, 200], penalty=12_000)
    assert run(given).absent == (2,)


def test_cancelling_before_the_first_look_still_gives_a_plan() -> None:
    given = full_week(1)
    answer = search(given, seed=1, budget=Budget(iterations=10**9, cancelled=lambda: True))
    assert answer.statistics["iterations"] == 0
    assert any(answer.routes)


def test_cancelling_between_looks_ends_the_search() -> None:
    looks: list[float] = []

    def note(share: float, cost: int | None = None) -> None:
        assert cost is not None
        looks.append(share)

    answer = search(
        full_week(1), seed=1, budget=Budget(iterations=10**9, cancelled=lambda: len(looks) >= 3), observer=note
    )
    assert len(looks) == 3
    assert 0 < answer.statistics["iterations"] < 10**9


def test_an_input_without_visits_has_empty_routes() -> None:
    answer = run(blank_input(matrices=np.zeros((1, 1, 1)), depots=1, routes=2))
    assert answer.routes == ((), ())
    assert answer.cost == 0


def test_an_input_without_routes_leaves_everything() -> None:
    given = blank_input(matrices=np.zeros((1, 3, 3)), depots=1, routes=0)
    given.penalty[1:] = 7
    answer = run(given)
    assert answer.absent == (1, 2)
    assert answer.cost == 14


def test_arrays_that_do_not_fit_are_named() -> None:
    given = blank_input(matrices=np.zeros((1, 3, 3)), depots=1, routes=1)
    object.__setattr__(given, "service", np.zeros(2, np.int32))
    with pytest.raises(ValueError, match="expected"):
        run(given)


def test_initial_routes_must_match_the_routes_and_name_visits() -> None:
    given = road_day([10])
    with pytest.raises(ValueError, match="expected 1"):
        run(given, initial=[[], []])
    with pytest.raises(ValueError, match="no visit"):
        run(given, initial=[[0]])


def test_the_trace_falls() -> None:
    costs = [cost for _, cost in run(full_week(2), iterations=500).best_trace]
    assert costs == sorted(costs, reverse=True)


def test_the_reference_knows_lunch() -> None:
    given = road_day([10])
    given.lunch_seconds[:] = HOUR
    given.lunch_earliest[:], given.lunch_latest[:] = 12 * HOUR, 13 * HOUR
    given.windows[1, 0, 0] = (14 * HOUR, 15 * HOUR, 15 * HOUR)
    assert drive(given, 0, [1], None, {}) is None
    assert drive(given, 0, [1], 0, {}) is not None
