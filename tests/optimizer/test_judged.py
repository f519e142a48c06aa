"""The answer of a solve is the cheapest plan that it judged, whoever listens and whenever it is cancelled."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optimizer.bundle import units_of
from optimizer.check import check
from optimizer.duties import Duty, HeldSession, Roster, Routing
from optimizer.judged import Judged, Judging
from optimizer.plan import CostBreakdown, Plan, Result, Shortage, Status, Violation
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve
from optimizer.stop import never
from tests.builders import a_follow_up, a_problem, some_members, week_day
from tests.optimizer.roster.townships import HAMLETS, a_township
from tests.property.weeks import a_random_week

PARAMS = SolveParams(seed=1, iterations=300, workers=1)
WEEKS: dict[str, Callable[[], Problem]] = {
    "by hand": a_problem,
    "hamlets 1": lambda: a_township(1, HAMLETS),
    "hamlets 2": lambda: a_township(2, HAMLETS),
    **{
        f"{shape} {seed}": lambda shape=shape, seed=seed: a_random_week(seed, shape)  # type: ignore[misc]
        for shape, seed in (("overloaded", 0), ("overloaded", 3), ("ordinary", 0), ("law", 3), ("two_bases", 2))
    },
}
EARLIER_IS_CHEAPER = ("by hand", "overloaded 0", "law 3")
"""Weeks in which a plan on the way costs less than the one that the search ends with."""


class Ears:
    """Keeps the plans told, and asks for a cancel after so many of them."""

    def __init__(self, patience: int | None = None) -> None:
        self.told: list[Result] = []
        self.patience = patience

    def __call__(self, result: Result) -> None:
        self.told.append(result)

    def cancelled(self) -> bool:
        return self.patience is not None and len(self.told) >= self.patience


def rank(result: Result) -> tuple[int, int]:
    return len(result.violations), result.cost.total


def require_cheapest(problem: Problem, answer: Result, told: list[Result]) -> None:
    """The answer is judged, and no plan told is better."""
    verdict = check(problem, answer.plan)
    assert (answer.cost, answer.violations) == (verdict.cost, verdict.violations)
    assert (answer.status is Status.FEASIBLE) == verdict.is_feasible
    assert all(rank(answer) <= rank(each) for each in told)


def without_clock(result: Result) -> Result:
    """A result without the seconds that the run took."""
    return replace(result, statistics={**result.statistics, "roster_seconds": 0.0})


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_answer_is_never_dearer_than_a_plan_told_and_is_the_same_when_nobody_listens(week: str, seed: int) -> None:
    problem, ears = WEEKS[week](), Ears()
    params = replace(PARAMS, seed=seed)
    answer = solve(problem, params, on_plan=ears)
    assert ears.told
    require_cheapest(problem, answer, ears.told)
    assert without_clock(solve(problem, params)) == without_clock(answer)


@pytest.mark.parametrize("week", ["by hand", "hamlets 1", "overloaded 0"])
def test_proving_changes_neither_the_answer_nor_what_is_told(week: str) -> None:
    problem, ears, silent = WEEKS[week](), Ears(), Ears()
    answer = solve(problem, replace(PARAMS, prove=True), on_plan=ears)
    require_cheapest(problem, answer, ears.told)
    assert answer.bound is not None
    assert 0 < answer.bound <= min(each.cost.total for each in (answer, *ears.told))
    assert answer.plan == solve(problem, PARAMS, on_plan=silent).plan
    assert [each.plan for each in ears.told] == [each.plan for each in silent.told]


@pytest.mark.parametrize("week", EARLIER_IS_CHEAPER)
def test_an_earlier_plan_is_the_answer_where_it_is_cheaper(week: str, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[Judged] = []
    judge = Judging.judge

    def noting(judging: Judging, *arguments: Any) -> Result:
        result = judge(judging, *arguments)
        assert judging.last is not None
        judged.append(judging.last)
        return result

    monkeypatch.setattr(Judging, "judge", noting)
    answer = solve(WEEKS[week](), PARAMS)
    *_, last = judged
    best = next(each for each in reversed(judged) if each.result.plan == answer.plan)
    assert answer.cost.total == best.result.cost.total < last.result.cost.total
    assert answer.shortages == last.roster.shortages
    figures = answer.statistics
    assert figures["roster_cost"] == best.roster.statistics["cost"] != last.roster.statistics["cost"]
    assert figures["routing_absent"] == best.routing.statistics["absent"]
    assert figures["routing_iterations"] == last.routing.statistics["iterations"] == PARAMS.iterations
    assert figures["roster_neighbourhoods"] == last.roster.statistics["neighbourhoods"]


@pytest.mark.parametrize("week", ["by hand", "hamlets 1", "overloaded 0", "overloaded 3"])
@pytest.mark.parametrize("patience", [0, 1, 2])
def test_a_cancelled_solve_answers_the_cheapest_plan_too(week: str, patience: int) -> None:
    problem, ears = WEEKS[week](), Ears(patience)
    answer = solve(problem, replace(PARAMS, iterations=3000), cancelled=ears.cancelled, on_plan=ears)
    assert len(ears.told) <= patience
    assert answer.cancelled == ears.cancelled()
    require_cheapest(problem, answer, ears.told)


@pytest.mark.parametrize("looks", [1, 5, 25, 125])
def test_whenever_a_solve_is_cancelled_its_answer_is_judged(looks: int) -> None:
    problem, ears, asked = WEEKS["overloaded 0"](), Ears(), iter(range(10**9))
    answer = solve(problem, replace(PARAMS, iterations=10**6), cancelled=lambda: next(asked) >= looks, on_plan=ears)
    assert answer.cancelled
    require_cheapest(problem, answer, ears.told)


def test_a_cancel_while_a_plan_is_judged_answers_it_and_routes_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.solve.route_duties", None)
    ears = Ears(1)
    answer = solve(a_problem(), replace(PARAMS, iterations=10**6), cancelled=ears.cancelled, on_plan=ears)
    assert answer.cancelled
    assert [answer.plan] == [told.plan for told in ears.told]
    assert answer.statistics["roster_neighbourhoods"] == answer.statistics["routing_iterations"] == 0


def a_judging(problem: Problem, told: list[Result], most_seconds: float | None = None) -> Judging:
    return Judging(problem, units_of(problem), 1, never, most_seconds, told.append, lambda: None)


def rosters() -> list[Roster]:
    """Three for the small week: nobody goes out, somebody who has nothing to do there, and a session."""
    duty = Duty((0,), (0, 1), 0, 0)
    return [Roster(), Roster((duty,)), Roster((replace(duty, sessions=(HeldSession(0, 0),)),))]


def test_a_roster_that_is_known_is_judged_once() -> None:
    told: list[Result] = []
    judging = a_judging(a_problem(), told)
    for roster in (rosters()[0], rosters()[0], rosters()[1], replace(rosters()[1], statistics={"cost": 1.0})):
        judging.on_roster(roster)
    assert len(told) == 2


@pytest.mark.parametrize(("most_seconds", "count"), [(None, 3), (60.0, 3), (0.0, 1)])
def test_where_seconds_are_few_only_the_first_plan_on_the_way_is_judged(most_seconds: float | None, count: int) -> None:
    told: list[Result] = []
    judging = a_judging(a_problem(), told, most_seconds)
    for roster in rosters():
        judging.on_roster(roster)
    assert len(told) == count


def test_the_last_of_equals_is_the_answer() -> None:
    problem = a_problem()
    judging, plan = a_judging(problem, []), solve(problem, PARAMS).plan
    lacking = (Shortage("STAFF", "last", 1, 0, "缺", "missing"),)
    judging.judge(plan, Roster(), Routing((), 0))
    judging.judge(plan, Roster(shortages=lacking), Routing((), 0))
    assert judging.answer(Roster()).shortages == lacking


def test_a_plan_that_breaks_fewer_rules_comes_first_and_then_the_cheaper_one() -> None:
    def judged(rules: int, points: int) -> Judged:
        broken = (Violation("SESSION_REQUIRED", "s1", "未开展", "not held"),) * rules
        result = Result(Plan(), Status.INFEASIBLE, CostBreakdown({"travel": points}), broken)
        return Judged(result, Roster(), Routing((), 0))

    plans = [judged(2, 1), judged(1, 7), judged(0, 900), judged(1, 5), judged(0, 90)]
    ordered = [judged(0, 90), judged(0, 900), judged(1, 5), judged(1, 7), judged(2, 1)]
    assert sorted(plans, key=lambda each: each.rank) == ordered


def test_a_plan_told_names_what_is_missing() -> None:
    urgent = tuple(a_follow_up(f"u{n}", priority=0, latest=week_day(0), due=week_day(0)) for n in range(30))
    alone = tuple(replace(member, field_half_days=(0,)) for member in some_members()[:1])
    ears = Ears()
    answer = solve(a_problem(members=alone, follow_ups=urgent), PARAMS, on_plan=ears)
    assert answer.shortages
    assert [told.shortages for told in ears.told] == [answer.shortages] * len(ears.told)
