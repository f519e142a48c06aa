"""The bound as a whole: never above the truth, equal to it where the programme is whole, reproducible, cancellable."""

import math

import numpy as np
import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from optimizer.bound import Bound, BoundParams, lower_bound
from optimizer.routing import RoutingInput, blank_input, search
from optimizer.stop import Budget
from tests.optimizer.bound.tiny import best_cost, tiny_week
from tests.optimizer.routing.test_groups import grouped_week
from tests.optimizer.routing.weeks import full_week, road_day

FEW = BoundParams(search_iterations=50)
NEARLY = 0.999
"""The method ends when programme and bound are within 0.05 %."""


def bound_of(given: RoutingInput, rounds: int = 30, **more: object) -> Bound:
    return lower_bound(given, budget=Budget(iterations=rounds), params=FEW, **more)  # type: ignore[arg-type] # passed on


@settings(max_examples=10)
@for_any(seed=st.integers(0, 10_000), rounds=st.integers(1, 15))
def test_the_bound_is_never_above_the_best_of_all_plans(seed: int, rounds: int) -> None:
    given = tiny_week(seed, visits=4)
    assert bound_of(given, rounds).value <= best_cost(given)


@pytest.mark.parametrize("seed", range(6))
def test_for_one_crew_with_hard_windows_the_bound_is_the_best_cost(seed: int) -> None:
    given = tiny_week(seed, visits=6, routes=[seed])
    given.windows[:, :, :, 2] = given.windows[:, :, :, 1]
    found = bound_of(given, 60)
    assert found.is_complete
    assert NEARLY * best_cost(given) <= found.value <= best_cost(given)


@pytest.mark.parametrize("seed", range(2))
def test_the_bound_of_a_week_with_joint_visits_is_below_what_the_search_finds(seed: int) -> None:
    given = full_week(seed)
    answer = search(given, seed=1, budget=Budget(iterations=3_000))
    found = lower_bound(given, budget=Budget(iterations=20), cost=answer.cost, plans=[answer.routes])
    assert 0 < found.value <= answer.cost
    assert found.has_dropped_rules


def test_loads_and_days_of_groups_only_make_the_bound_weaker() -> None:
    given = grouped_week([[(0, 1), (2, 3)], [(0, 2), (1, 3)]])
    given.load[1:], given.capacity[:] = 2, 2
    answer = search(given, seed=1, budget=Budget(iterations=500))
    found = lower_bound(given, budget=Budget(iterations=20), cost=answer.cost, plans=[answer.routes])
    assert 0 < found.value <= answer.cost
    assert found.has_dropped_rules
    assert "loads" in found.words_en(answer.cost + 1)
    assert "载量" in found.words_zh(answer.cost + 1)


def test_the_best_round_on_a_road_is_proven_best() -> None:
    given = road_day([5, 10, 15])
    answer = search(given, seed=1, budget=Budget(iterations=200))
    found = lower_bound(given, budget=Budget(iterations=30), cost=answer.cost, plans=[answer.routes])
    assert answer.cost == 2 * 15 * 60
    assert found.gap_percent(answer.cost) < 0.1


def test_what_leaving_costs_is_proven_where_nobody_may_go() -> None:
    given = road_day([5, 10])
    given.cost[1:] = -1
    assert bound_of(given).value == int(given.penalty.sum())


def test_a_joint_visit_that_one_crew_alone_can_reach_is_proven_left() -> None:
    given = road_day([5, 5], routes=2)
    given.team[:] = [0, 1]
    given.partner[1:] = [2, 1]
    given.penalty[1:] = [70_000, 0]
    given.cost[2] = -1
    assert NEARLY * 70_000 <= bound_of(given).value <= 70_000


def test_cuts_raise_the_bound_where_three_visits_meet_in_pairs() -> None:
    """Any two of three visits fit into one day and save a way; halves of all three pairs would save one and a half."""
    given = road_day([60, 60, 60], routes=3, service_minutes=150)
    given.soft_end[:] = given.hard_end[:] = given.span_start + 450 * 60
    plain = lower_bound(given, budget=Budget(iterations=60), params=BoundParams(most_cuts=0, search_iterations=50))
    cut = lower_bound(given, budget=Budget(iterations=60), params=BoundParams(search_iterations=50))
    assert plain.is_complete
    assert cut.is_complete
    assert NEARLY * 10_800 <= plain.value <= 10_800
    assert best_cost(given) == 14_400
    assert NEARLY * 14_400 <= cut.value <= 14_400


def test_the_same_rounds_give_the_same_bound_with_any_number_of_workers() -> None:
    given = full_week(3)
    one, two = (
        lower_bound(given, budget=Budget(iterations=12), params=BoundParams(workers=count, search_iterations=500))
        for count in (1, 2)
    )
    assert one.value == two.value
    assert one.statistics["labels"] == two.statistics["labels"]


def test_cancelling_at_once_proves_nothing_and_says_so() -> None:
    found = lower_bound(full_week(0), budget=Budget(iterations=30, cancelled=lambda: True))
    assert found.value == 0
    assert not found.is_complete
    assert "Nothing is proven" in found.words_en(100)


def test_cancelling_between_rounds_keeps_what_was_proven() -> None:
    seen: list[int] = []
    budget = Budget(iterations=10_000, cancelled=lambda: any(seen))
    found = lower_bound(full_week(1), budget=budget, params=FEW, watcher=lambda share, value: seen.append(value))
    assert found.value == seen[-1] > 0
    assert not found.is_complete


def test_the_watcher_sees_the_bound_rise() -> None:
    seen: list[tuple[float, int]] = []
    lower_bound(
        full_week(2), budget=Budget(iterations=15), params=FEW, watcher=lambda share, value: seen.append((share, value))
    )
    assert seen == sorted(seen)
    assert seen[-1][0] <= 1.0


def test_the_wanted_gap_ends_the_work() -> None:
    given = full_week(2)
    answer = search(given, seed=1, budget=Budget(iterations=3_000))
    params = BoundParams(wanted_percent=60.0)
    found = lower_bound(given, budget=Budget(iterations=200), cost=answer.cost, plans=[answer.routes], params=params)
    assert found.gap_percent(answer.cost) <= 60.0
    assert found.statistics["rounds"] < 200


def test_an_input_without_visits_or_routes_is_bounded_by_what_leaving_costs() -> None:
    assert bound_of(blank_input(matrices=np.zeros((1, 1, 1)), depots=1, routes=2)).value == 0
    given = blank_input(matrices=np.full((1, 3, 3), 60), depots=1, routes=0)
    given.penalty[1:] = 500
    assert bound_of(given).value == 1000


def test_words_tell_the_gap_and_what_it_is_worth() -> None:
    bound = Bound(value=1000, is_complete=True)
    assert bound.words_en(1020) == (
        "Proven: no plan can cost less than 1000; this plan is at most 2.0 % above the best."
    )
    assert bound.words_zh(1020) == "已证明：任何计划的成本都不低于 1000；本计划最多比最优计划高 2.0%。"
    assert "best possible" in bound.words_en(1000)
    assert "最优之一" in bound.words_zh(1000)
    rough = Bound(value=500, is_complete=False, has_dropped_rules=True)
    for part in ("rough", "not counted", "more time"):
        assert part in rough.words_en(1000)
    for part in ("较粗", "未计入", "更多时间"):
        assert part in rough.words_zh(1000)


def test_nothing_proven_is_said_and_its_gap_is_infinite() -> None:
    nothing = Bound(value=0, is_complete=False)
    assert nothing.gap_percent(10) == math.inf
    assert "尚未证明" in nothing.words_zh(10)
    assert nothing.gap_percent(0) == 0.0


def test_a_cost_below_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="breaks a rule"):
        Bound(value=100, is_complete=True).gap_percent(99)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"search_iterations": 0}, {"wanted_percent": -1}, {"most_cuts": -1}])
def test_parameters_without_meaning_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        BoundParams(**wrong)
