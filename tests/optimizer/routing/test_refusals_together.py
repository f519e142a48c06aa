"""What refuses a joint visit or a group of visits, and that the answers are what the search itself would do."""

import numpy as np
import pytest

from optimizer.routing import RoutingInput, search
from optimizer.routing.arrays import ABSENT_COST, ROUTES_COST, Data, State, blank_state, data_of
from optimizer.routing.groups import place_group
from optimizer.routing.kernel import entry
from optimizer.routing.load import listed_routes, load
from optimizer.routing.pairs import insert_pair
from optimizer.routing.refusals_together import GroupAnswer, PairAnswer, ask_group, ask_pair
from optimizer.routing.relaxing import Limit
from optimizer.stop import Budget
from tests.optimizer.routing.test_groups import grouped_week
from tests.optimizer.routing.weeks import DEPOTS, HOUR, PAIRS, full_week, road_day

POSSIBLE = {Limit.NOTHING, Limit.PRICE}


def joint_day() -> RoutingInput:
    """One joint visit ten minutes from the base, and two crews."""
    given = road_day([10, 10], routes=2)
    given.partner[1], given.partner[2] = 2, 1
    given.team[:] = [0, 1]
    return given


def pair(given: RoutingInput, *relaxed: Limit, routes: list[list[int]] | None = None) -> PairAnswer:
    """The answer for the first half on the first route."""
    answers = ask_pair(given, routes or [[], []], 1, relaxed=relaxed)
    assert [(answer.route, answer.other_route) for answer in answers] == [(0, 1), (1, 0)]
    return answers[0]


def test_a_joint_visit_that_fits_is_priced() -> None:
    answer = pair(joint_day())
    assert (answer.limit, answer.amount, answer.refused, answer.price) == (Limit.NOTHING, 0, None, 2400)


def test_the_half_that_a_crew_may_not_do_is_named() -> None:
    given = joint_day()
    given.cost[2, 1] = -1
    answer = pair(given)
    assert (answer.limit, answer.refused, answer.price) == (Limit.NOT_ALLOWED, 2, None)
    assert pair(given, Limit.NOT_ALLOWED).limit == Limit.NOTHING


def test_two_halves_of_one_team_or_of_two_days_are_no_question() -> None:
    given = joint_day()
    given.team[:] = 0
    assert ask_pair(given, [[], []], 1) == ()


def test_halves_that_cannot_begin_together_say_by_how_many_seconds() -> None:
    given = joint_day()
    given.windows[1, 0, 0] = (8 * HOUR, 9 * HOUR, 9 * HOUR)
    given.windows[2, 0, 0] = (9 * HOUR + 100, 10 * HOUR, 10 * HOUR)
    answer = pair(given)
    assert (answer.limit, answer.amount, answer.refused, answer.price) == (Limit.MEETING, 100, None, None)
    given.windows[1, 0, 0, 1:] = 9 * HOUR + 100
    assert pair(given).limit == Limit.NOTHING
    given.windows[1, 0, 0, 1:] = 9 * HOUR
    assert pair(given, Limit.MEETING).limit == Limit.NOTHING


def test_a_meeting_that_makes_a_crew_late_names_its_half() -> None:
    given = joint_day()
    given.windows[1, 0, 0] = (8 * HOUR, 17 * HOUR, 17 * HOUR)
    given.windows[2, 0, 0] = (12 * HOUR, 17 * HOUR, 17 * HOUR)
    given.hard_end[0] = given.soft_end[0] = 12 * HOUR
    answer = pair(given)
    assert (answer.limit, answer.amount, answer.refused) == (Limit.MEETING, 20 * 60, 1)
    given.hard_end[0] = 12 * HOUR + 20 * 60
    assert pair(given).limit == Limit.NOTHING


def test_a_joint_visit_that_is_not_worth_it_says_by_how_many_points() -> None:
    given = joint_day()
    given.penalty[1:] = [2000, 0]
    answer = pair(given)
    assert (answer.limit, answer.amount, answer.price) == (Limit.PRICE, 400, 2400)
    assert pair(given, Limit.PRICE).limit == Limit.NOTHING


def test_questions_that_are_none_are_refused() -> None:
    given = joint_day()
    with pytest.raises(ValueError, match="does not lead"):
        ask_pair(given, [[], []], 2)
    with pytest.raises(ValueError, match="absent visit"):
        ask_pair(given, [[1], [2]], 1)


@entry
def place_pair(data: Data, state: State, visit: int) -> bool:
    """Compiled entry for a test."""
    return bool(insert_pair(data, state, visit, 0.0))


@entry
def place_whole_group(data: Data, state: State, group: int) -> bool:
    """Compiled entry for a test."""
    return bool(place_group(data, state, group, 0.0))


def loaded(given: RoutingInput, routes: list[list[int]]) -> tuple[Data, State]:
    """A state that holds these routes."""
    data = data_of(given)
    state = blank_state(data, 1)
    load(data, state, *listed_routes(given, routes))
    return data, state


@pytest.mark.parametrize("seed", range(8))
def test_the_search_puts_a_joint_visit_where_the_cheapest_answer_says(seed: int) -> None:
    given = full_week(seed)
    found = search(given, seed=seed, budget=Budget(iterations=60)).routes
    leads = range(DEPOTS, DEPOTS + 2 * PAIRS, 2)
    joint = {half for lead in leads for half in (lead, lead + 1)}
    routes = [[visit for visit in stops if visit not in joint][:3] for stops in found]
    for lead in leads:
        answers = ask_pair(given, routes, lead)
        prices = [answer.price for answer in answers if answer.limit == Limit.NOTHING]
        data, state = loaded(given, routes)
        before = int(state.totals[ROUTES_COST])
        assert place_pair(data, state, lead) == bool(prices)
        if prices:
            assert int(state.totals[ROUTES_COST]) - before == min(price for price in prices if price is not None)
        for answer in answers:
            assert (answer.price is not None) == (answer.limit in POSSIBLE)
            assert answer.amount > 0 or answer.limit in {Limit.NOTHING, Limit.NOT_ALLOWED, Limit.ORDER, Limit.PRICE}


@pytest.mark.parametrize("seed", range(4))
def test_with_every_limit_relaxed_every_two_crews_take_every_joint_visit(seed: int) -> None:
    given = full_week(seed)
    routes: list[list[int]] = [[] for _ in range(given.routes)]
    answers = ask_pair(given, routes, DEPOTS, relaxed=list(Limit))
    assert answers
    assert all(answer.limit == Limit.NOTHING for answer in answers)


def groups(given: RoutingInput, *relaxed: Limit) -> dict[tuple[int, ...], GroupAnswer]:
    """The answers for the first group in an empty week, by days."""
    answers = ask_group(given, [[] for _ in range(given.routes)], 0, relaxed=relaxed)
    return {answer.days: answer for answer in answers}


def test_a_group_is_asked_on_each_of_its_combinations() -> None:
    given = grouped_week([[[0, 2], [1, 3]]])
    visits = np.flatnonzero(given.group == 0)
    given.window_count[visits[1], 3] = 0
    found = groups(given)
    assert set(found) == {(0, 2), (1, 3)}
    assert found[0, 2].limit == Limit.NOTHING
    assert (found[1, 3].limit, found[1, 3].price) == (Limit.NOT_ALLOWED, None)
    assert groups(given, Limit.NOT_ALLOWED)[1, 3].limit == Limit.NOTHING


def test_a_group_costs_what_the_search_pays_for_it() -> None:
    given = grouped_week([[[0, 2], [1, 3]]])
    data, state = loaded(given, [[] for _ in range(given.routes)])
    before = int(state.totals[ROUTES_COST])
    assert place_whole_group(data, state, 0)
    paid = int(state.totals[ROUTES_COST]) - before
    assert paid == min(answer.price for answer in groups(given).values() if answer.price is not None)
    assert int(state.totals[ABSENT_COST]) == int(given.penalty[given.group != 0].sum())


def test_a_group_that_is_not_worth_it_says_by_how_many_points() -> None:
    given = grouped_week([[[0, 2]]])
    price = groups(given)[0, 2].price
    assert price is not None
    given.penalty[given.group == 0] = (price - 10) // 2
    found = groups(given)[0, 2]
    assert (found.limit, found.amount) == (Limit.PRICE, price - 2 * ((price - 10) // 2))
    assert groups(given, Limit.PRICE)[0, 2].limit == Limit.NOTHING


def test_a_day_without_a_crew_is_not_allowed() -> None:
    given = grouped_week([[[0, 2]]])
    given.day[given.day == 2] = 1
    found = groups(given)[0, 2]
    assert (found.limit, found.answers[1], found.price) == (Limit.NOT_ALLOWED, None, None)
