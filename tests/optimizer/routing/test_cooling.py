"""Shares of cooling run from 0 to 1 in every cycle, however the search is cut into chunks."""

from dataclasses import replace

import pytest

from optimizer.routing import SearchParams, Timing
from optimizer.routing.cooling import EXACT_ITERATIONS_PER_VISIT, ITERATIONS_PER_VISIT, Cooling
from optimizer.routing.search import COLD, EXACT_COLD, EXACT_HOT, EXTRAS_COLD, EXTRAS_HOT, HOT, settings_of
from tests.optimizer.routing.paired_days import paired_day


def share(cooling: Cooling, iteration: int) -> float:
    """The share at an iteration when a look falls just on it."""
    _, offset, step, _ = cooling.at(iteration, 0.0)
    return offset + step * iteration


def test_a_large_input_cools_once() -> None:
    cooling = Cooling(1000, visits=500)
    assert cooling.cycles == 1
    assert [share(cooling, i) for i in (0, 500)] == [0.0, 0.5]


def test_exact_timing_cools_more_slowly() -> None:
    total = 3 * EXACT_ITERATIONS_PER_VISIT
    assert Cooling(total, 1, EXACT_ITERATIONS_PER_VISIT).cycles == 3
    assert Cooling(total, 1).cycles == 15


@pytest.mark.parametrize("total", [3 * ITERATIONS_PER_VISIT, 3 * ITERATIONS_PER_VISIT + 1])
def test_a_small_input_cools_several_times(total: int) -> None:
    cooling = Cooling(total, visits=1)
    assert cooling.cycles == 3
    shares = [share(cooling, i) for i in range(total)]
    assert sum(one == 0.0 for one in shares) == 3
    assert max(shares) < 1.0


def test_a_chunk_ends_with_its_cycle() -> None:
    cooling = Cooling(2 * ITERATIONS_PER_VISIT, visits=1)
    cycle, _, _, left = cooling.at(10, 0.0)
    assert (cycle, left) == (0, ITERATIONS_PER_VISIT - 10)
    assert cooling.at(ITERATIONS_PER_VISIT, 0.0)[0] == 1


def test_with_seconds_the_pace_sets_the_cycles_once() -> None:
    cooling = Cooling(None, visits=10)
    cooling.learn(count=100, seconds=0.01, budget_seconds=10)
    assert cooling.cycles == 1
    cooling.learn(count=ITERATIONS_PER_VISIT, seconds=0.1, budget_seconds=10)
    assert cooling.cycles == 10
    cooling.learn(count=1, seconds=1.0, budget_seconds=10)
    assert cooling.cycles == 10
    cycle, offset, step, _ = cooling.at(7, 0.25)
    assert cycle == 2
    assert offset + step * 7 == pytest.approx(0.5)


def test_soft_windows_with_exact_timing_begin_hotter_and_end_warmer_and_extras_begin_cool() -> None:
    soft = paired_day(1)
    mean_leg = float(soft.matrices[0].mean()) * soft.travel_weight
    for given, hot, cold in (
        (soft, EXACT_HOT, EXACT_COLD),
        (paired_day(1, is_hard=True), HOT, COLD),
        (replace(soft, waiting_weight=1, idle_weight=1), EXTRAS_HOT, EXTRAS_COLD),
        (replace(soft, timing=Timing.FROZEN, highest_late_weight=0), HOT, COLD),
    ):
        settings = settings_of(given, SearchParams())
        assert (settings.hot, settings.cold) == pytest.approx((hot * mean_leg, cold * mean_leg))
