"""A roster that is cancelled ends at once, wherever it is, with what was found until then."""

from optimizer.bundle import units_of
from optimizer.roster import decide
from optimizer.stop import Budget
from tests.optimizer.roster.townships import HAMLETS, TOWNSHIP, a_township


def test_a_cancelled_run_gives_a_roster_at_once() -> None:
    problem = a_township(1, HAMLETS)
    units = units_of(problem)
    roster = decide(problem, units, seed=1, budget=Budget(iterations=10**6, cancelled=lambda: True))
    assert roster.duties == ()
    assert not roster.statistics


def test_a_run_cancelled_while_its_model_is_built_searches_nothing() -> None:
    problem = a_township(1, HAMLETS)
    asked = iter(range(10**9))
    budget = Budget(iterations=10**6, cancelled=lambda: next(asked) > 0)
    roster = decide(problem, units_of(problem), seed=1, budget=budget)
    assert roster.statistics["neighbourhoods"] == 0
    assert roster.statistics["quick_cost"] == roster.statistics["start_cost"]


def test_cancelling_during_the_search_stops_the_solvers() -> None:
    problem = a_township(1, TOWNSHIP)
    asked = iter(range(10**9))
    budget = Budget(iterations=10**6, cancelled=lambda: next(asked) > 8)
    roster = decide(problem, units_of(problem), seed=1, budget=budget)
    assert roster.statistics["neighbourhoods"] < 10
