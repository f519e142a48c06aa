"""The one entry: statuses, budgets, progress, cancelling, and that the judge has the last word."""

import threading
from dataclasses import replace

import pytest

from optimizer.check import check
from optimizer.model import Channel
from optimizer.plan import Result, Status, StopKind
from optimizer.problem import Problem
from optimizer.solve import Progress, SolveParams, solve
from optimizer.stop import Budget, Cancelled, never
from optimizer.week_bound import WeekBound
from tests.builders import (
    NURSE,
    a_follow_up,
    a_member,
    a_problem,
    a_session,
    an_empty_problem,
    an_option,
    some_members,
    week_day,
)

PARAMS = SolveParams(seed=1, iterations=300)


class Notes:
    """Keeps what an observer is told."""

    def __init__(self) -> None:
        self.told: list[Progress] = []

    def on_progress(self, progress: Progress) -> None:
        self.told.append(progress)


def solved(problem: Problem, params: SolveParams = PARAMS, cancelled: Cancelled = never) -> Result:
    """A result whose cost and status are the judge's."""
    result = solve(problem, params, None, cancelled)
    verdict = check(problem, result.plan)
    assert result.cost == verdict.cost
    assert (result.status is Status.FEASIBLE) == verdict.is_feasible
    return result


def served(result: Result) -> set[str]:
    """Ids of the follow-ups that are done."""
    at_stops = {name for crew in result.plan.crews for stop in crew.stops for name in stop.follow_ups}
    return at_stops | {call.follow_up for call in result.plan.phone_calls}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"seconds": 1.0, "iterations": 1},
        {"seconds": -1.0},
        {"iterations": -1},
        {"iterations": 1, "workers": 0},
        {"iterations": 1, "roster_percent": 100},
    ],
)
def test_parameters_out_of_range_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"either|at least|between"):
        SolveParams(**values)  # type: ignore[arg-type]  # some of them are floats


def test_a_small_week_is_served_by_all_channels() -> None:
    result = solved(a_problem())
    assert result.status is Status.FEASIBLE
    assert served(result) >= {"home1", "patrol1", "phone1", "joint1", "left1"}
    assert result.plan.sessions_not_held == ()


def test_nothing_to_do_gives_an_empty_plan_at_no_cost() -> None:
    result = solved(an_empty_problem())
    assert result.plan.crews == ()
    assert result.cost.total == 0


def test_no_iterations_still_give_a_plan_that_passes() -> None:
    assert solved(a_problem(), SolveParams(iterations=0)).status is Status.FEASIBLE


def test_seconds_are_a_mode_of_their_own() -> None:
    assert solved(a_problem(), SolveParams(seconds=0.2)).status is Status.FEASIBLE


def test_the_same_seed_and_iterations_give_the_same_result() -> None:
    first, second = solved(a_problem()), solved(a_problem())
    assert first.plan == second.plan
    assert first.cost == second.cost


def test_a_session_that_is_law_and_has_no_staff_makes_the_result_infeasible_with_its_reason() -> None:
    law = a_session(is_law=True, needs=(replace(NURSE, skills=("X",)),))
    result = solved(a_problem(sessions=(law,)))
    assert result.status is Status.INFEASIBLE
    assert [violation.rule for violation in result.violations] == ["SESSION_REQUIRED"]
    assert result.plan.sessions_not_held[0].rules == ("SESSION_STAFF",)
    assert any(shortage.where for shortage in result.shortages)


def test_a_session_that_is_law_is_held_before_everything_else() -> None:
    urgent = tuple(a_follow_up(f"u{n}", priority=0, latest=week_day(0), due=week_day(0)) for n in range(8))
    alone = tuple(replace(member, field_half_days=(0,)) for member in some_members()[:2])
    law = a_session(is_law=True, half_days=(0,))
    result = solved(a_problem(members=alone, follow_ups=urgent, sessions=(law,)))
    assert result.status is Status.FEASIBLE
    assert any(stop.kind is StopKind.SESSION for crew in result.plan.crews for stop in crew.stops)


def test_a_cancelled_solve_keeps_a_plan_that_passes() -> None:
    result = solved(a_problem(), SolveParams(seconds=60.0), lambda: True)
    assert result.cancelled
    assert result.status is Status.FEASIBLE


def test_a_cancelled_solve_does_not_wait_for_its_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    end_of_proof = threading.Event()

    def endless(_problem: Problem, *, budget: Budget) -> WeekBound:
        end_of_proof.wait(timeout=60)
        return WeekBound(1, 1, is_complete=not budget.cancelled())

    monkeypatch.setattr("optimizer.solve.week_bound", endless)
    try:
        result = solved(a_problem(), SolveParams(seconds=60.0, prove=True), lambda: True)
        assert not end_of_proof.is_set()
        assert (result.cancelled, result.status, result.bound) == (True, Status.FEASIBLE, None)
    finally:
        end_of_proof.set()


def test_progress_is_told_by_phase_up_to_the_end() -> None:
    notes = Notes()
    solve(a_problem(), SolveParams(iterations=5_000), notes)
    assert list(dict.fromkeys(progress.phase for progress in notes.told)) == ["roster", "routing", "attendance"]
    assert all(0.0 <= progress.share <= 1.0 for progress in notes.told)
    assert [progress.cost is not None for progress in notes.told if progress.phase == "routing"][-1]
    assert notes.told[-1].share == 1.0


def test_when_there_is_too_much_the_priorities_decide() -> None:
    items = tuple(
        a_follow_up(f"p{p}-{n}", priority=p, latest=week_day(0), due=week_day(0)) for p in (3, 1) for n in range(9)
    )
    lonely = (a_member("gp1", field_half_days=(0,)),)
    result = solved(a_problem(members=lonely, follow_ups=items, sessions=()), SolveParams(iterations=3_000))
    missed = {left.id[:2] for left in result.plan.unplanned}
    assert "p3" in missed
    assert sum(name.startswith("p1") for name in served(result)) > sum(name.startswith("p3") for name in served(result))


def test_unserved_by_one_channel_moves_to_another() -> None:
    patrol_or_phone = (an_option(Channel.PATROL, 10), an_option(Channel.PHONE, 5))
    item = a_follow_up("a", channels=patrol_or_phone, patrol_sites=("v1",))
    result = solved(a_problem(follow_ups=(item,), sessions=()))
    assert [call.follow_up for call in result.plan.phone_calls] == ["a"]
