"""Exact timing: starts, prices and costs as plain Python reckons them, and the best plan where it is known."""

from itertools import permutations, product
from typing import Any, NamedTuple

import numpy as np
import pytest

from optimizer.routing import RoutingInput, RoutingOutput, SearchParams, search
from optimizer.routing.anneal import anneal, start_plan
from optimizer.routing.arrays import BEST, BROKEN, CURRENT, Data, State, blank_state, data_of
from optimizer.routing.by_timing import by_timing
from optimizer.routing.exact_insertion import price_exactly
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.load import listed_routes, load
from optimizer.routing.search import HOT, settings_of
from optimizer.stop import Budget
from tests.optimizer.routing.exact_reference import NOTHING, Chosen, exact_cost, least_starts
from tests.optimizer.routing.paired_days import MINUTE, paired_day
from tests.optimizer.routing.weeks import DEPOTS, full_week, road_day

Plan = list[list[int]]
PRICED: dict[str, Any] = {"idle_weight": 5, "waiting_weight": 2}
CHOICES: dict[str, Any] = {"windows": 2, "lunch": True, "missed_lunch_price": 1_000}
EXTRAS: list[dict[str, Any]] = [{}, {"idle_weight": 5}, PRICED, CHOICES, PRICED | CHOICES]


def run(given: RoutingInput, iterations: int = 300, seed: int = 1, **more: Any) -> RoutingOutput:
    """A short search."""
    return search(given, seed=seed, budget=Budget(iterations=iterations), **more)


def loaded(given: RoutingInput, routes: Plan) -> tuple[Data, State]:
    """A state that holds these routes."""
    data = data_of(given)
    state = blank_state(data, 1)
    load(data, state, *listed_routes(given, routes))
    return data, state


def plan_of(state: State) -> Plan:
    """The routes of the present plan."""
    return [stops[:length].tolist() for stops, length in zip(state.stops, state.route.length, strict=True)]


def chosen_of(state: State) -> Chosen:
    """What the present plan has chosen."""
    extras = state.exact.extras
    if extras is None:
        return NOTHING
    gaps = {}
    for number, (stops, gap) in enumerate(zip(plan_of(state), extras.eats_before.tolist(), strict=True)):
        if stops and gap >= 0:
            gaps[number] = stops.index(gap) if gap in stops else len(stops)
    return Chosen(dict(enumerate(extras.window.tolist())), gaps)


def check_state(given: RoutingInput, state: State) -> int:
    """Starts and cost of the present plan are those of the reference; returns how many visits are placed."""
    routes, chosen = plan_of(state), chosen_of(state)
    starts = least_starts(given, routes, chosen)
    assert starts is not None
    assert {visit: int(state.exact.point.start[visit]) for visit in starts} == starts
    assert int(state.totals[CURRENT]) == exact_cost(given, routes, chosen)
    return len(starts)


@pytest.mark.parametrize("more", EXTRAS)
@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_starts_and_cost_are_exact_after_every_move(seed: int, is_hard: bool, more: dict[str, Any]) -> None:
    given = paired_day(seed, is_hard=is_hard, penalty=8_000, **more)
    data, state = loaded(given, [[] for _ in range(given.routes)])
    mild, mean_price = settings_of(given, SearchParams()), float(given.matrices[0].mean()) * given.travel_weight
    settings = mild._replace(hot=10 * max(mild.hot, HOT * mean_price))  # so that many plans are kept
    start_plan(data, state, settings)
    placed, plans = [check_state(given, state)], set()
    for _ in range(60):
        anneal(data, state, settings, 1, 0.0, 0.0)
        placed.append(check_state(given, state))
        plans.add(str(plan_of(state)))
    assert max(placed) >= 8
    assert len(plans) > 5


@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_answer_costs_what_its_routes_cost_and_starts_when_they_can(seed: int, is_hard: bool) -> None:
    given = paired_day(seed, is_hard=is_hard)
    answer = run(given)
    assert answer.cost == exact_cost(given, answer.routes)
    starts = least_starts(given, answer.routes)
    assert starts is not None
    for route, times in zip(answer.routes, answer.times, strict=True):
        if times is not None:
            assert times.starts == tuple(starts[visit] for visit in route)
            assert all(arrival <= start for arrival, start in zip(times.arrivals, times.starts, strict=True))


@pytest.mark.parametrize("more", EXTRAS)
@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_price_is_the_cost_after_minus_the_cost_before(seed: int, is_hard: bool, more: dict[str, Any]) -> None:
    given = paired_day(seed, is_hard=is_hard, **more)
    routes = [list(route) for route in run(given, 50).routes]
    singles = [visit for stops in routes for visit in stops if given.partner[visit] < 0][:4]
    routes = [[visit for visit in stops if visit not in singles] for stops in routes]
    data, state = loaded(given, routes)
    assert plan_of(state) == routes
    chosen = chosen_of(state)
    before = exact_cost(given, routes, chosen)
    assert before is not None
    compared = 0
    for visit in singles:
        for number, stops in enumerate(routes):
            if given.cost[visit, number] < 0:
                continue
            prices = np.zeros(len(stops) + 1, np.int64)
            price_exactly(data, state, number, visit, prices)
            for position, price in enumerate(prices.tolist()):
                changed = [
                    [*stops[:position], visit, *stops[position:]] if n == number else routes[n] for n in range(3)
                ]
                costs = [exact_cost(given, changed, way) for way in ways(given, changed, chosen, number, position)]
                after = min((cost for cost in costs if cost is not None), default=None)
                expected = None if after is None else after - before + int(given.penalty[visit])
                assert (price if price < BROKEN else None) == expected
                compared += 1
    assert compared > 10
    assert plan_of(state) == routes


def ways(given: RoutingInput, routes: Plan, chosen: Chosen, number: int, position: int) -> list[Chosen]:
    """What may be chosen for a visit that was put into a route: lunch before or behind it, and the next window."""
    visit, gap = routes[number][position], chosen.gaps.get(number, -1)
    gaps = [gap, gap + 1] if gap == position else [gap + (gap > position)]
    found = []
    for place in gaps:
        moved = {route: at for route, at in chosen.gaps.items() if route != number} | (
            {number: place} if gap >= 0 else {}
        )
        starts = least_starts(given, routes, Chosen({**chosen.windows, visit: 0}, moved))
        windows = given.windows[visit, 0, : given.window_count[visit, 0]].tolist()
        if starts is not None:
            inside = max(n for n, window in enumerate(windows) if n == 0 or window[0] <= starts[visit])
            is_next = starts[visit] > windows[inside][1] or given.waiting_weight > 0
            tried = [inside, inside + 1] if is_next and inside + 1 < len(windows) else [inside]
            found += [Chosen({**chosen.windows, visit: window}, moved) for window in tried]
    return found


def all_plans(visits: list[int], routes: int) -> list[Plan]:
    """Every way to put visits into ordered routes."""
    count, found = len(visits), []
    for order in permutations(visits):
        cuts = [[]] if routes == 1 else [[cut] for cut in range(count + 1)]
        found += [[list(order[: cut[0]]), list(order[cut[0] :])] if cut else [list(order)] for cut in cuts]
    return found


@pytest.mark.parametrize("more", [{}, {"idle_weight": 5}, PRICED])
@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_small_days_are_planned_as_well_as_can_be(seed: int, is_hard: bool, more: dict[str, Any]) -> None:
    given = paired_day(seed, visits=6, pairs=2, routes=2, is_hard=is_hard, **more)
    pairs, singles = [[1, 2], [3, 4]], [5, 6]
    best = exact_cost(given, [[], []])
    assert best is not None
    for chosen in range(16):
        visits = [v for n, pair in enumerate(pairs) if chosen >> n & 1 for v in pair]
        visits += [v for n, v in enumerate(singles) if chosen >> (n + 2) & 1]
        costs = [exact_cost(given, plan) for plan in all_plans(visits, 2) if apart(given, plan)]
        best = min([best, *(cost for cost in costs if cost is not None)])
    assert run(given, 400, seed).cost == best


@pytest.mark.parametrize("is_hard", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_small_days_are_planned_as_well_as_can_be_with_windows_and_lunch(seed: int, is_hard: bool) -> None:
    given = paired_day(seed, visits=4, pairs=1, routes=2, is_hard=is_hard, **PRICED, **CHOICES)
    best = exact_cost(given, [[], []])
    assert best is not None
    for visits in [[], [1, 2], [3], [4], [3, 4], [1, 2, 3], [1, 2, 4], [1, 2, 3, 4]]:
        for plan in all_plans(visits, 2):
            if apart(given, plan):
                costs = [exact_cost(given, plan, chosen) for chosen in all_choices(visits, plan)]
                best = min([best, *(cost for cost in costs if cost is not None)])
    assert run(given, 400, seed).cost == best


def all_choices(visits: list[int], plan: Plan) -> list[Chosen]:
    """Every choice of windows and lunches."""
    windows = [dict(zip(visits, chosen, strict=True)) for chosen in product(range(2), repeat=len(visits))]
    gaps = product(*[[-1, *range(len(stops) + 1)] if stops else [-1] for stops in plan])
    lunches = [{route: gap for route, gap in enumerate(found) if gap >= 0} for found in gaps]
    return [Chosen(window, lunch) for window in windows for lunch in lunches]


def apart(given: RoutingInput, plan: Plan) -> bool:
    """Whether no route holds both halves of a pair."""
    return all(given.partner[visit] not in stops for stops in plan for visit in stops)


def test_a_late_second_half_draws_the_first_after_it() -> None:
    given = paired_day(1, visits=2, pairs=1, routes=2)
    given.cost[:] = 0
    given.gap_least[1], given.gap_most[1] = 0, 10 * MINUTE
    given.windows[1, 0, 0, :2] = (60 * MINUTE, 500 * MINUTE)
    given.windows[2, 0, 0, :2] = (400 * MINUTE, 500 * MINUTE)
    answer = run(given, 20)
    starts = least_starts(given, answer.routes)
    assert starts == {1: 390 * MINUTE, 2: 400 * MINUTE}
    assert not answer.absent


def test_two_pairs_that_would_wait_for_each_other_are_not_put_so() -> None:
    given = paired_day(2, visits=4, pairs=2, routes=2)
    given.gap_least[:] = given.gap_most[:] = 0
    crossed = [[1, 3], [4, 2]]
    assert least_starts(given, crossed) is None
    given.cost[:] = 0
    answer = run(given, 0, initial=crossed)
    assert answer.cost == exact_cost(given, answer.routes)
    assert not answer.absent


def test_a_warm_start_that_can_be_driven_is_kept() -> None:
    given = paired_day(3)
    first = run(given)
    again = run(given, 0, initial=first.routes)
    assert (again.routes, again.times, again.cost) == (first.routes, first.times, first.cost)


def test_a_half_that_is_listed_alone_and_a_visit_listed_twice_are_put_right() -> None:
    given = paired_day(4)
    given.cost[:] = 0
    answer = run(given, 0, initial=[[1, 9, 9], [9, 10], [2, 3]])
    assert answer.cost == exact_cost(given, answer.routes)
    assert sorted(visit for route in answer.routes for visit in route) == list(range(1, given.nodes))


def test_a_pinned_visit_stays_where_it_is() -> None:
    given = paired_day(5)
    given.cost[:] = 0
    given.pinned[9] = True
    given.cost[9] = [0, 5_000, 0]
    assert 9 in run(given, 300, initial=[[], [9], []]).routes[1]


def test_the_same_seed_gives_the_same_answer_with_two_workers() -> None:
    given = paired_day(6)
    params = SearchParams(workers=2, exchange_iterations=50)
    assert run(given, params=params) == run(given, params=params)


def test_a_longer_search_is_never_dearer_than_its_warm_start() -> None:
    given = paired_day(7, visits=24, pairs=6)
    start = run(given, 5)
    assert run(given, 300, initial=start.routes).cost <= start.cost


def test_the_kept_best_is_never_above_the_present() -> None:
    given = paired_day(8)
    data, state = loaded(given, [[] for _ in range(given.routes)])
    settings = settings_of(given, SearchParams())
    start_plan(data, state, settings)
    for _ in range(20):
        anneal(data, state, settings, 5, 0.0, 0.0)
        assert state.totals[BEST] <= state.totals[CURRENT]


def test_what_exact_timing_does_not_support_is_named_in_one_go() -> None:
    given = full_week(1)
    object.__setattr__(given, "timing", paired_day(1).timing)
    given.windows[DEPOTS, 0, 0] = (100, 50, 200)
    with pytest.raises(ValueError) as refusal:
        run(given)
    for words in ("2 days", "end before they begin"):
        assert words in str(refusal.value)


@pytest.mark.parametrize("name", ["highest_late_weight", "idle_weight"])
def test_a_price_of_what_all_routes_share_needs_exact_timing(name: str) -> None:
    given = road_day([10])
    object.__setattr__(given, name, 1)
    with pytest.raises(ValueError, match="exact timing"):
        run(given)


class Part(NamedTuple):
    """Stands for Data."""

    exact: Any


@kernel
def _without(part: Part) -> int:
    return 1


@kernel
def _with(part: Part) -> int:
    return int(part.exact[0])


_either = by_timing(_without, _with)


@entry
def _call(part: Part) -> int:
    return int(_either(part))


def test_a_search_with_frozen_starts_compiles_nothing_of_exact_timing() -> None:
    assert _call(Part(None)) == 1
    assert not _with.signatures
    assert _call(Part(np.array([7]))) == 7
    with pytest.raises(NotImplementedError):
        _either(Part(None))
