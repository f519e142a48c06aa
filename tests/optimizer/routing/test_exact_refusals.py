"""What refuses a visit or a pair with exact timing, and by how much: as plain Python reckons it, to the last second."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.routing import RoutingInput, Timing, search
from optimizer.routing.arrays import blank_state, data_of
from optimizer.routing.exact_refusals import ask_route_exactly, with_open_ends
from optimizer.routing.load import listed_routes, load
from optimizer.routing.refusals import Answer, ask
from optimizer.routing.refusals_together import ask_pair
from optimizer.routing.relaxing import Limit
from optimizer.stop import Budget
from tests.optimizer.routing.exact_reference import exact_cost
from tests.optimizer.routing.paired_days import MINUTE, paired_day
from tests.optimizer.routing.weeks import HOUR, road_day

Plan = list[list[int]]
POSSIBLE = {Limit.NOTHING, Limit.PRICE}
TOO_LATE = {Limit.WINDOW, Limit.LATER_STOPS}


def a_plan(given: RoutingInput, seed: int) -> Plan:
    """Routes of a short search."""
    return [list(route) for route in search(given, seed=seed, budget=Budget(iterations=60)).routes]


def without(routes: Plan, *visits: int) -> Plan:
    """Routes without some visits."""
    return [[visit for visit in stops if visit not in visits] for stops in routes]


def with_visit(routes: Plan, route: int, position: int, visit: int) -> Plan:
    """Routes with one visit more."""
    return [[*s[:position], visit, *s[position:]] if n == route else s for n, s in enumerate(routes)]


def later_by(given: RoutingInput, seconds: int) -> RoutingInput:
    """The same day with every last start so much later."""
    windows = given.windows.copy()
    windows[..., 2] += seconds
    return replace(given, windows=windows, hard_end=given.hard_end + seconds)


def positions_of(given: RoutingInput, routes: Plan, route: int, visit: int) -> list[tuple[Limit, int, int]]:
    """Limit, amount and price at every position of a route."""
    data = data_of(given)
    state = blank_state(data, 1)
    load(data, state, *listed_routes(given, routes))
    data.route["work_limit"] = given.work_limit
    found = np.zeros((len(routes[route]) + 1, 3), np.int64)
    ask_route_exactly(data, with_open_ends(data), state, route, visit, np.zeros(len(found), np.int64), found)
    return [(Limit(limit), amount, price) for limit, amount, price in found.tolist()]


@pytest.mark.parametrize("seed", range(6))
def test_every_position_is_refused_as_the_reference_finds_and_by_so_many_seconds(seed: int) -> None:
    given = paired_day(seed, is_hard=True)
    routes, seen = a_plan(given, seed), set()
    singles = [visit for stops in routes for visit in stops if given.partner[visit] < 0][:3]
    routes = without(routes, *singles)
    before = exact_cost(given, routes)
    assert before is not None
    for visit in singles:
        for route in range(given.routes):
            for position, (limit, amount, price) in enumerate(positions_of(given, routes, route, visit)):
                changed = with_visit(routes, route, position, visit)
                after = exact_cost(given, changed)
                assert (limit in POSSIBLE) == (after is not None)
                if after is not None:
                    assert price == after - before + int(given.penalty[visit])
                if limit in TOO_LATE:
                    assert amount > 0
                    assert exact_cost(later_by(given, amount - 1), changed) is None
                if limit is Limit.LATER_STOPS:
                    assert exact_cost(later_by(given, amount), changed) is not None
                seen.add(limit)
    assert Limit.NOTHING in seen
    assert seen & TOO_LATE


@pytest.mark.parametrize("seed", range(6))
def test_a_pair_is_refused_on_two_routes_when_the_reference_finds_no_positions(seed: int) -> None:
    given = paired_day(seed, is_hard=True)
    routes, limits = a_plan(given, seed), set()
    lead = next(visit for stops in routes for visit in stops if given.partner[visit] > visit)
    other = int(given.partner[lead])
    routes = without(routes, lead, other)
    before = exact_cost(given, routes)
    assert before is not None
    left = int(given.penalty[lead] + given.penalty[other])
    for answer in ask_pair(given, routes, lead):
        costs = [
            exact_cost(given, with_visit(with_visit(routes, answer.route, p, lead), answer.other_route, q, other))
            for p in range(len(routes[answer.route]) + 1)
            for q in range(len(routes[answer.other_route]) + 1)
        ]
        possible = [cost for cost in costs if cost is not None]
        assert (answer.limit in POSSIBLE) == bool(possible)
        assert answer.price == (min(possible) - before + left if possible else None)
        limits.add(answer.limit)
    assert Limit.NOTHING in limits


def a_day() -> RoutingInput:
    """A joint visit ten minutes from the base and a visit ten minutes farther on, and two crews; timed exactly."""
    given = replace(road_day([10, 10, 20], routes=2), timing=Timing.EXACT)
    given.partner[1], given.partner[2] = 2, 1
    given.team[:] = [0, 1]
    given.lunch_seconds[:] = 0
    return given


def first(given: RoutingInput, routes: Plan, visit: int, *relaxed: Limit) -> Answer:
    """The answer of the first route."""
    return ask(given, routes, visit, relaxed=relaxed)[0]


def test_a_window_that_is_missed_is_missed_by_so_many_seconds_and_may_be_opened() -> None:
    given = a_day()
    given.windows[3, 0, 0] = (0, 8 * HOUR, 8 * HOUR + 100)
    answer = first(given, [[], []], 3)
    assert (answer.limit, answer.amount) == (Limit.WINDOW, 20 * MINUTE - 100)
    assert first(given, [[], []], 3, Limit.WINDOW).limit in POSSIBLE
    given.windows[3, 0, 0, 2] += answer.amount
    assert first(given, [[], []], 3).limit in POSSIBLE


def test_of_two_windows_the_last_one_is_missed_by_so_many_seconds() -> None:
    day = a_day()
    given = replace(day, windows=np.repeat(day.windows, 2, axis=2))
    given.windows[3, 0] = [(0, 6 * HOUR, 6 * HOUR), (7 * HOUR, 8 * HOUR, 8 * HOUR + 100)]
    given.window_count[3] = 2
    answer = first(given, [[], []], 3)
    assert (answer.limit, answer.amount) == (Limit.WINDOW, 20 * MINUTE - 100)
    assert first(given, [[], []], 3, Limit.WINDOW).limit in POSSIBLE
    given.windows[3, 0, 1, 2] += answer.amount
    assert first(given, [[], []], 3).limit in POSSIBLE


def test_what_another_crew_would_come_too_late_for_is_a_later_stop() -> None:
    given = a_day()
    given.service[3] = HOUR
    given.windows[3, 0, 0] = (0, 8 * HOUR + 20 * MINUTE, 8 * HOUR + 20 * MINUTE)
    given.windows[2, 0, 0] = (0, 9 * HOUR, 9 * HOUR)
    answer = first(given, [[1], [2]], 3)
    assert (answer.limit, answer.amount, answer.position) == (Limit.LATER_STOPS, 30 * MINUTE, 0)
    given.windows[2, 0, 0, 1:] += 30 * MINUTE
    assert first(given, [[1], [2]], 3).limit in POSSIBLE


def test_a_pair_that_fits_is_priced() -> None:
    answers = ask_pair(a_day(), [[], []], 1)
    assert [(answer.limit, answer.amount, answer.refused, answer.price) for answer in answers] == [
        (Limit.NOTHING, 0, None, 40 * MINUTE)
    ] * 2


def test_halves_that_cannot_begin_together_say_by_how_many_seconds() -> None:
    given = a_day()
    given.windows[1, 0, 0] = (8 * HOUR, 9 * HOUR, 9 * HOUR)
    given.windows[2, 0, 0] = (9 * HOUR + 100, 10 * HOUR, 10 * HOUR)
    answer = ask_pair(given, [[], []], 1)[0]
    assert (answer.limit, answer.amount, answer.price) == (Limit.MEETING, 100, None)
    assert ask_pair(given, [[], []], 1, relaxed=[Limit.MEETING])[0].limit in POSSIBLE
    given.windows[1, 0, 0, 1:] += 100
    assert ask_pair(given, [[], []], 1)[0].limit in POSSIBLE


def test_the_half_that_has_no_place_of_its_own_is_named() -> None:
    given = a_day()
    given.cost[2, 1] = -1
    answer = ask_pair(given, [[], []], 1)[0]
    assert (answer.limit, answer.refused, answer.price) == (Limit.NOT_ALLOWED, 2, None)
    given.cost[2, 1] = 0
    given.work_limit[1] = MINUTE
    answer = ask_pair(given, [[], []], 1)[0]
    assert (answer.limit, answer.amount, answer.refused) == (Limit.WORK, 19 * MINUTE + int(given.service[2]), 2)
    assert ask_pair(given, [[], []], 1, relaxed=[Limit.WORK])[0].limit in POSSIBLE


def test_a_pair_that_is_not_worth_it_says_by_how_many_points() -> None:
    given = a_day()
    given.penalty[1:] = [2000, 0, 0]
    answer = ask_pair(given, [[], []], 1)[0]
    assert (answer.limit, answer.amount, answer.price) == (Limit.PRICE, 400, 2400)
    assert ask_pair(given, [[], []], 1, relaxed=[Limit.PRICE])[0].limit is Limit.NOTHING


def test_two_pairs_that_would_wait_for_each_other_are_refused_as_a_meeting() -> None:
    given = replace(road_day([10, 10, 20, 20, 10], routes=2), timing=Timing.EXACT)
    given.lunch_seconds[:] = 0
    given.team[:] = [0, 1]
    for lead in (1, 3):
        given.partner[lead], given.partner[lead + 1] = lead + 1, lead
    answers = ask_pair(given, [[3], [4]], 1)
    assert {answer.limit for answer in answers} <= POSSIBLE
    given.gap_least[1], given.gap_most[1] = 4 * HOUR, 5 * HOUR
    given.windows[3, 0, 0] = given.windows[4, 0, 0] = (8 * HOUR, 9 * HOUR, 9 * HOUR)
    given.windows[2, 0, 0] = (8 * HOUR, 10 * HOUR, 10 * HOUR)
    answer = ask_pair(given, [[3], [4]], 1)[0]
    assert (answer.limit, answer.price) == (Limit.MEETING, None)
    assert answer.amount > 0
