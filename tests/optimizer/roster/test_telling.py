"""What is told while a roster is decided: shares, costs that never rise, and rosters on the way."""

from itertools import pairwise

import pytest

from optimizer.bundle import units_of
from optimizer.check import check
from optimizer.duties import Roster
from optimizer.roster import Method
from tests.optimizer.roster.plans import plan_of
from tests.optimizer.roster.test_decide import decided, held
from tests.optimizer.roster.townships import HAMLETS, TOWNSHIP, a_township


@pytest.mark.parametrize("method", list(Method))
def test_costs_never_rise(method: Method) -> None:
    told: list[int | None] = []
    roster = decided(a_township(5, HAMLETS), method=method, observer=lambda share, cost=None: told.append(cost))
    heard = [cost for cost in told if cost is not None]
    assert all(before >= after for before, after in pairwise(heard))
    assert heard[-1] == roster.statistics["cost"] <= roster.statistics["quick_cost"]


def test_the_observer_hears_the_share_and_the_cost() -> None:
    heard: list[tuple[float, int | None]] = []
    problem = a_township(2, HAMLETS)
    decided(problem, iterations=4, observer=lambda share, cost=None: heard.append((share, cost)))
    assert heard[-1][0] == 1
    costs = [cost for _, cost in heard]
    building = costs.index(next(cost for cost in costs if cost is not None))
    assert building >= 3  # the groups, the crews and the contacts of the model: there is no roster yet
    assert all(share == 0.0 for share, _ in heard[:building])
    assert None not in costs[building:]


def test_a_roster_on_the_way_is_complete_and_hearing_it_changes_nothing() -> None:
    problem, heard = a_township(2, HAMLETS), list[Roster]()
    listened = decided(problem, on_roster=heard.append)
    assert heard
    units = units_of(problem)
    for roster in heard:
        broken = check(problem, plan_of(problem, units, roster)).violations
        assert {violation.rule for violation in broken} <= {"SESSION_REQUIRED"}
        assert roster.shortages == listened.shortages
        assert roster.statistics["cost"] >= listened.statistics["cost"]
    alone = decided(problem)
    assert (listened.duties, listened.calls) == (alone.duties, alone.calls)


@pytest.mark.slow
def test_a_township_is_decided_in_a_few_neighbourhoods() -> None:
    problem, heard = a_township(1, TOWNSHIP), list[tuple[float, int | None]]()
    roster = decided(problem, iterations=6, observer=lambda share, cost=None: heard.append((share, cost)))
    assert any(before == after for before, after in pairwise(heard))  # told again while solvers run
    assert len(held(roster)) > 0.6 * len(problem.sessions)
    assert roster.statistics["cost"] < roster.statistics["start_cost"]
