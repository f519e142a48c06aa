"""Pairs of which one half follows the other at a distance, with starts that are set when they are placed."""

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import strategies as some

from optimizer.routing import RoutingInput, RoutingOutput, search
from optimizer.stop import Budget
from tests.optimizer.routing.reference import keeps_gaps, plan_cost
from tests.optimizer.routing.weeks import DEPOTS, HOUR, PAIRS, full_week, road_day


def run(given: RoutingInput, seed: int = 1, **more: object) -> RoutingOutput:
    """A short search."""
    return search(given, seed=seed, budget=Budget(iterations=200), **more)  # type: ignore[arg-type] # passed on


def starts_of(given: RoutingInput, answer: RoutingOutput) -> dict[int, int]:
    """Starts of the halves of joint visits by node."""
    return {
        visit: start
        for route, times in zip(answer.routes, answer.times, strict=True)
        if times is not None
        for visit, start in zip(route, times.starts, strict=True)
        if given.partner[visit] >= 0
    }


def blood_sample(least_minutes: int, most_minutes: int) -> RoutingInput:
    """Two teams on a straight road; visit 2 has to follow visit 1 at a distance, visit 3 is alone."""
    given = road_day([10, 10, 20], routes=2)
    given.team[:] = [0, 1]
    given.partner[1], given.partner[2] = 2, 1
    given.gap_least[1], given.gap_most[1] = 60 * least_minutes, 60 * most_minutes
    given.penalty[2] = 0
    return given


@pytest.mark.parametrize("seed", range(6))
def test_the_cost_is_that_of_its_routes_and_every_gap_is_kept(seed: int) -> None:
    given = full_week(seed)
    pairs = slice(DEPOTS, DEPOTS + 2 * PAIRS)
    given.penalty[pairs.start : pairs.stop : 2] = 500_000
    given.cost[pairs] = 0
    given.gap_least[pairs.start : pairs.stop : 2] = [0, 1800, -3600]
    given.gap_most[pairs.start : pairs.stop : 2] = [900, 1800, 7200]
    answer = run(given, seed)
    starts = starts_of(given, answer)
    assert starts
    assert answer.cost == plan_cost(given, answer.routes, starts)


def test_the_second_half_waits_for_its_gap() -> None:
    given = blood_sample(90, 120)
    starts = starts_of(given, run(given))
    assert 90 * 60 <= starts[2] - starts[1] <= 120 * 60


def test_a_late_second_half_draws_the_first_after_it() -> None:
    given = blood_sample(0, 60)
    given.windows[2, 0, 0] = (15 * HOUR, 16 * HOUR, 16 * HOUR)
    starts = starts_of(given, run(given))
    assert starts[1] >= 14 * HOUR


def test_a_pair_whose_windows_are_further_apart_than_its_gap_is_left() -> None:
    given = blood_sample(0, 60)
    given.windows[1, 0, 0] = (8 * HOUR, 9 * HOUR, 9 * HOUR)
    given.windows[2, 0, 0] = (15 * HOUR, 16 * HOUR, 16 * HOUR)
    assert run(given).absent == (1, 2)
    given.gap_most[1] = 7 * HOUR
    assert run(given).absent == ()


def test_a_start_in_common_is_looked_for_in_every_later_window() -> None:
    given = road_day([10, 10], routes=2)
    given.team[:] = [0, 1]
    given.partner[1:] = [2, 1]
    windows = np.zeros((3, 1, 3, 3), np.int32)
    windows[1, 0] = [
        (8 * HOUR, 9 * HOUR, 9 * HOUR),
        (11 * HOUR, 12 * HOUR, 12 * HOUR),
        (14 * HOUR, 15 * HOUR, 15 * HOUR),
    ]
    windows[2, 0] = [
        (10 * HOUR, 10 * HOUR, 10 * HOUR),
        (13 * HOUR, 13 * HOUR, 13 * HOUR),
        (14 * HOUR, 16 * HOUR, 16 * HOUR),
    ]
    object.__setattr__(given, "windows", windows)
    given.window_count[1:] = 3
    assert starts_of(given, run(given)) == {1: 14 * HOUR, 2: 14 * HOUR}


@cases(some.integers(-90, 90), some.integers(0, 60), some.integers(8, 15), some.integers(8, 15))
def test_a_placed_pair_keeps_its_gap_whatever_the_windows(least: int, more: int, first: int, second: int) -> None:
    given = blood_sample(least, least + more)
    given.windows[1, 0, 0] = (first * HOUR, (first + 1) * HOUR, (first + 1) * HOUR)
    given.windows[2, 0, 0] = (second * HOUR, (second + 1) * HOUR, (second + 1) * HOUR)
    answer = search(given, seed=1, budget=Budget(iterations=20))
    starts = starts_of(given, answer)
    assert keeps_gaps(given, starts)
    # A pair alone on two empty routes can be placed exactly when some two starts suit it.
    open_from, open_until = max(first * HOUR, 8 * HOUR + 600), (first + 1) * HOUR
    lowest = max(second * HOUR, 8 * HOUR + 600) - open_until
    highest = (second + 1) * HOUR - open_from
    assert (len(starts) == 2) == (lowest <= (least + more) * 60 and least * 60 <= highest)


def test_a_gap_that_nothing_can_keep_is_refused() -> None:
    given = blood_sample(60, 30)
    with pytest.raises(ValueError, match="gap_least 3600 above gap_most 1800"):
        run(given)
