"""What a seat at a session is worth when the routes are known."""

from dataclasses import replace

import numpy as np

from optimizer.bundle import units_of
from optimizer.duties import Duty, HeldSession, Roster, RoutedDuty, RoutedStop, Routing
from optimizer.model import Channel, Pin
from optimizer.problem import Problem
from optimizer.roster.linear import LinearModel, ModelBuilder
from optimizer.seat_prices import row_prices, seat_prices
from tests.builders import a_follow_up, a_problem, an_option, clock
from tests.optimizer.test_attendance import SHORT, a_patient

EITHER = (an_option(Channel.HOME, 30), an_option(Channel.PATROL, 120))


def prices_of(problem: Problem) -> dict[int, int]:
    """Prices beside one routed session of 240 minutes, on Monday, at which the first unit is expected."""
    duty = Duty((0,), (0, 1), 0, 0, (HeldSession(0, 0, (0,)),))
    stop = RoutedStop(-1, 0, clock(8, 10), clock(8, 10), clock(11, 10))
    routing = Routing((RoutedDuty((stop,), clock(8), clock(11, 20)),), 0)
    return seat_prices(problem, units_of(problem), Roster((duty,)), routing)


def a_flexible(name: str) -> Problem:
    """A problem in which the first resident may also be visited at home, and nobody else waits."""
    first = replace(a_patient(name, 120), channels=EITHER)
    return a_problem(follow_ups=(first,), sessions=(SHORT,))


def test_a_seat_that_nobody_else_wants_is_worth_nothing() -> None:
    assert prices_of(a_flexible("a")) == {0: 0}


def test_a_seat_is_worth_what_leaving_the_next_one_costs() -> None:
    problem = a_flexible("a")
    others = tuple(a_patient(name, 120) for name in "bc")
    problem = replace(problem, follow_ups=(*problem.follow_ups, *others))
    left = units_of(problem)[1].left_cost
    assert prices_of(problem) == {0: left}


def test_only_those_who_may_be_visited_at_home_have_a_price() -> None:
    problem = a_flexible("a")
    pinned = replace(problem, pins=(Pin("a", channel=Channel.PATROL),))
    assert prices_of(pinned) == {}
    alone = a_problem(follow_ups=(a_patient("a"), a_follow_up("h")), sessions=(SHORT,))
    assert prices_of(alone) == {}


def test_a_row_has_all_of_its_price_whatever_its_variables_may_hold() -> None:
    builder = ModelBuilder()
    cheap, dear = builder.integer(0, 2), builder.integer(0, 2)
    builder.pay(cheap, 3)
    builder.pay(dear, 50)
    builder.equal([(1, cheap), (1, dear)], 2)
    assert np.allclose(row_prices(builder.finish()), [3.0])


def a_seating(seed: int) -> LinearModel:
    """Some 170 groups of up to three who want seats at ten sessions; minutes and heads are short."""
    rng, builder, sessions = np.random.default_rng(seed), ModelBuilder(), 10
    minutes: list[list[tuple[int, int]]] = [[] for _ in range(sessions)]
    for _ in range(int(rng.integers(150, 190))):
        count, seconds = int(rng.integers(1, 4)), 60 * int(rng.integers(5, 20))
        seats = []
        for session in rng.choice(sessions, int(rng.integers(1, 4)), replace=False).tolist():
            seats.append(builder.integer(0, count, decision=True))
            builder.pay(seats[-1], 600 * int(rng.integers(0, 4)))
            minutes[session].append((seconds, seats[-1]))
        left = builder.integer(0, count)
        builder.pay(left, 1000 * int(rng.integers(1, 20)))
        builder.equal([*((1, seat) for seat in seats), (1, left)], count)
    for terms in minutes:
        builder.at_most(terms, 3600 * int(rng.integers(3, 12)))
        builder.at_most([(1, seat) for _, seat in terms], 40)
    return builder.finish()


SEEDS = range(60)


def test_every_seating_has_prices_at_which_nobody_gains_by_another_seat() -> None:
    for seed in SEEDS:
        model = a_seating(seed)
        prices = np.array(row_prices(model))
        rows = np.repeat(np.arange(len(model.bounds)), np.diff(model.starts))
        taken = np.bincount(model.entries, weights=prices[rows] * model.coefficients, minlength=len(model.cost))
        assert prices.any(), f"seating {seed} has no prices"
        assert (taken <= model.cost + 1e-6).all(), f"seating {seed}"
