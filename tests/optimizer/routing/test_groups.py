"""Visits of one person on several days: all or none, on an allowed combination of days, at the least price."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from optimizer.routing import RoutingInput, RoutingOutput, search
from optimizer.routing.input import NOBODY
from optimizer.routing.patterns import pattern_array, spaced_days
from optimizer.stop import Budget
from tests.optimizer.routing.reference import plan_cost
from tests.optimizer.routing.weeks import HOUR, full_week, road_day

DAYS = 4


def grouped_week(patterns: Sequence[Sequence[Sequence[int]]], *, routes_per_day: int = 1) -> RoutingInput:
    """One person per list of patterns, all at different places on a straight road, a route for each day."""
    group = [number for number, days in enumerate(patterns) for _ in days[0]]
    one = road_day([10 + 7 * number for number in group], routes=routes_per_day * DAYS, service_minutes=30)
    given = RoutingInput(
        **{name: getattr(one, name) for name in one.__dataclass_fields__}
        | {
            "windows": np.repeat(one.windows, DAYS, axis=1),
            "window_count": np.repeat(one.window_count, DAYS, axis=1),
            "group": np.array([NOBODY, *group], np.int32),
            "patterns": pattern_array(patterns),
        }
    )
    given.day[:] = np.repeat(np.arange(DAYS), routes_per_day)
    return given


def run(given: RoutingInput, iterations: int = 400) -> RoutingOutput:
    """A short search, with the cost reckoned anew and every group on one of its patterns."""
    answer = search(given, seed=1, budget=Budget(iterations=iterations))
    assert plan_cost(given, answer.routes) == answer.cost
    assert all(days in allowed_days(given, group) for group, days in days_of(given, answer).items())
    return answer


def days_of(given: RoutingInput, answer: RoutingOutput) -> dict[int, tuple[int, ...]]:
    """Days of the visits of each group, in the order of its nodes; empty when all are absent."""
    day = {visit: int(given.day[route]) for route, stops in enumerate(answer.routes) for visit in stops}
    return {
        group: tuple(day[v] for v in np.flatnonzero(given.group == group).tolist() if v in day)
        for group in range(len(given.patterns))
    }


def allowed_days(given: RoutingInput, group: int) -> set[tuple[int, ...]]:
    """Patterns of a group, and none at all."""
    return {tuple(d for d in days if d != NOBODY) for days in given.patterns[group].tolist()} | {()}


def test_a_person_is_seen_on_an_allowed_combination_of_days() -> None:
    assert days_of(given := grouped_week([[(0, 2), (1, 3)]]), run(given))[0] in {(0, 2), (1, 3)}


def test_visits_may_name_their_days_in_any_order() -> None:
    given = grouped_week([[(3, 1)]])
    assert days_of(given, run(given))[0] == (3, 1)


def test_a_person_with_an_impossible_day_in_every_pattern_is_left_whole() -> None:
    given = grouped_week([[(0, 2), (1, 2)]])
    given.cost[1:, given.day == 2] = -1
    assert run(given).absent == (1, 2)


def test_a_further_pattern_repairs_it() -> None:
    given = grouped_week([[(0, 2), (1, 2), (0, 3)]])
    given.cost[1:, given.day == 2] = -1
    assert days_of(given, run(given))[0] == (0, 3)


def test_a_person_whose_visits_cost_more_than_they_are_worth_is_left_whole() -> None:
    given = grouped_week([[(0, 2)]])
    given.penalty[1:] = 1
    assert run(given).absent == (1, 2)


def test_neighbours_are_seen_on_the_same_days() -> None:
    given = grouped_week([[(0, 1), (2, 3)], [(0, 1), (0, 3), (2, 3)], [(0, 2), (0, 1), (2, 3)]])
    given.open_cost[:] = 10_000
    answer = run(given)
    assert len(set(days_of(given, answer).values())) == 1


def test_a_first_plan_with_a_broken_pattern_is_mended() -> None:
    given = grouped_week([[(0, 2), (1, 3)]])
    broken = [[1], [2], [], []]
    answer = search(given, seed=1, budget=Budget(iterations=0), initial=broken)
    assert days_of(given, answer)[0] in {(0, 2), (1, 3)}


def test_a_first_plan_on_a_pattern_stays() -> None:
    given = grouped_week([[(0, 2), (1, 3)]])
    answer = search(given, seed=1, budget=Budget(iterations=0), initial=[[], [1], [], [2]])
    assert days_of(given, answer)[0] == (1, 3)


@pytest.mark.parametrize("seed", range(3))
def test_the_cheapest_combination_of_patterns_is_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    choices = spaced_days(range(DAYS), 2, least=1, most=3)
    patterns = [[choices[k] for k in random.choice(len(choices), 3, replace=False)] for _ in range(4)]
    given = grouped_week(patterns)
    given.open_cost[:] = random.integers(0, 4000, given.routes)
    given.work_limit[:] = 3 * HOUR
    found = run(given, 2000)
    assert found.cost == min(
        cost for chosen in product(*patterns) if (cost := cost_of_patterns(given, chosen)) is not None
    )


def cost_of_patterns(given: RoutingInput, chosen: Sequence[Sequence[int]]) -> int | None:
    """Least cost of a choice of patterns; on a straight road out and back, in order of distance, is shortest."""
    routes: list[list[int]] = [[] for _ in range(DAYS)]
    for group, days in enumerate(chosen):
        for visit, day in zip(np.flatnonzero(given.group == group).tolist(), days, strict=True):
            routes[day].append(visit)
    return plan_cost(given, [sorted(route, key=lambda v: int(given.matrices[0, 0, v])) for route in routes])


def test_groups_go_together_with_every_other_rule() -> None:
    given = full_week(3)
    members = np.flatnonzero((given.partner == NOBODY) & (given.penalty > 0))[:8]
    given.group[members] = np.arange(8) // 2
    object.__setattr__(given, "patterns", pattern_array([[(0, 1), (1, 0)]] * 4))
    given.partner[:] = NOBODY
    answer = run(given, 600)
    assert sum(len(days) == 2 for days in days_of(given, answer).values()) >= 2


def test_spaced_days_keep_the_least_and_the_most_distance() -> None:
    assert spaced_days(range(5), 2, least=2, most=3) == ((0, 2), (0, 3), (1, 3), (1, 4), (2, 4))
    assert spaced_days([0, 1], 3, least=1, most=1) == ()


@pytest.mark.parametrize(
    ("patterns", "group", "words"),
    [
        ([[(0,)]], [0, 0], "does not give its 2 visits"),
        ([[(1, 1)]], [0, 0], "does not give its 2 visits"),
        ([[(0, 1)]], [0, 1], "patterns has shape"),
    ],
)
def test_patterns_that_do_not_fit_their_visits_are_refused(
    patterns: list[list[tuple[int, ...]]], group: list[int], words: str
) -> None:
    given = road_day([10, 20])
    given.group[1:] = group
    object.__setattr__(given, "patterns", pattern_array(patterns))
    with pytest.raises(ValueError, match=words):
        search(given, seed=1, budget=Budget(iterations=1))


def test_half_of_a_joint_visit_in_a_group_is_refused() -> None:
    given = road_day([10, 20])
    given.partner[1:] = [2, 1]
    given.group[1:] = 0
    object.__setattr__(given, "patterns", pattern_array([[(0, 1)]]))
    with pytest.raises(ValueError, match="half of a joint visit"):
        search(given, seed=1, budget=Budget(iterations=1))
