"""A week that residents know is planned anew: what stands, what must go, who is phoned."""

from dataclasses import replace

import pytest

from optimizer.check import check
from optimizer.edits import Difference, EditFaults, PinLevel, pin_as_planned
from optimizer.model import Pin
from optimizer.plan import Crew, Plan
from optimizer.problem import Problem
from optimizer.replan import Replanned, ReplanParams, Until, before_half_day, replan
from optimizer.solve import SolveParams, solve
from tests.builders import (
    MONDAY,
    a_follow_up,
    a_home_stop,
    a_plan,
    a_problem,
    an_option,
    clock,
    week_day,
)

PROBLEM, PLAN = a_problem(), a_plan()
QUIET = ReplanParams(max_changes=0, iterations=0)


def away(problem: Problem, member: str, day: int) -> Problem:
    """The problem without a member's half-days of one day."""
    members = tuple(
        replace(one, field_half_days=tuple(half for half in one.field_half_days if half // 2 != day))
        if one.id == member
        else one
        for one in problem.members
    )
    return replace(problem, members=members)


def with_urgent(problem: Problem, minutes: int = 30) -> Problem:
    """The problem with a P0 that came up after planning, due on Tuesday."""
    urgent = a_follow_up("urgent", priority=0, site="h3", latest=week_day(1), due=week_day(1), hard_end=True)
    return replace(problem, follow_ups=(*problem.follow_ups, replace(urgent, channels=(an_option(minutes=minutes),))))


def served(answer: Replanned) -> set[str]:
    """Follow-ups that are done."""
    at_stops = {name for crew in answer.plan.crews for stop in crew.stops for name in stop.follow_ups}
    return at_stops | {call.follow_up for call in answer.plan.phone_calls}


@pytest.mark.parametrize(
    "values", [{}, {"iterations": 1, "seconds": 1.0}, {"iterations": -1}, {"iterations": 1, "max_changes": -1}]
)
def test_parameters_out_of_range_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"either|at least"):
        ReplanParams(**values)  # type: ignore[arg-type]  # some of them are floats


def test_without_a_reason_nothing_changes() -> None:
    answer = replan(PROBLEM, PLAN, QUIET)
    assert answer.plan == PLAN
    assert answer.changes == ()
    assert answer.notices == ()


def test_a_doctor_who_is_away_is_replaced_by_one_who_is_free() -> None:
    answer = replan(away(PROBLEM, "gp1", 0), PLAN, QUIET)
    assert answer.verdict.is_feasible
    assert served(answer) >= {"home1", "patrol1"}
    assert {change.differences for change in answer.changes} == {(Difference.CREW,)}
    assert answer.forced == len(answer.changes) == 2
    assert {notice.resident for notice in answer.notices} == {"resident-home1", "resident-patrol1"}
    assert all("others" in notice.message_en and "换人" in notice.message_zh for notice in answer.notices)


def test_what_nobody_can_do_any_more_is_cancelled_or_moved_and_phoned() -> None:
    today = PROBLEM
    for member in ("gp1", "gp2", "nurse1", "nurse2"):
        today = away(today, member, 0)
    answer = replan(today, PLAN, QUIET)
    assert answer.verdict.is_feasible
    assert {change.follow_up for change in answer.changes} >= {"home1", "patrol1"}
    assert answer.is_within_budget


def test_an_urgent_follow_up_is_planned_in_without_a_change_to_others() -> None:
    answer = replan(with_urgent(PROBLEM), PLAN, QUIET)
    assert "urgent" in served(answer)
    assert answer.changes == ()
    assert [notice.resident for notice in answer.notices] == ["resident-urgent"]
    assert "is new" in answer.notices[0].message_en


def test_an_urgent_follow_up_takes_the_place_of_another_only_inside_the_budget() -> None:
    """One doctor, one morning, full; only by leaving a less urgent visit is there room."""
    problem = a_problem(sessions=(), follow_ups=tuple(a_follow_up(f"full{n}", site="h1") for n in range(6)))
    alone = replace(problem.members[0], field_half_days=(2,))
    problem = replace(problem, members=(alone,), vehicles=problem.vehicles[:1])
    start, stops = clock(8, 12), []
    for number in range(6):
        stops.append(a_home_stop(f"full{number}", start=start + number * 1800))
    crew = Crew("c1", (2,), ("gp1",), "t1", "car1", clock(8), clock(11, 24), tuple(stops))
    base = Plan((crew,))
    assert check(problem, base).is_feasible
    today = with_urgent(problem, 80)
    tight = replan(today, base, QUIET)
    assert "urgent" not in served(tight)
    assert tight.changes == ()
    loose = replan(today, base, ReplanParams(max_changes=4, iterations=4))
    assert "urgent" in served(loose)
    assert 0 < len(loose.changes) <= 4
    assert loose.verdict.cost.total < tight.verdict.cost.total


def test_what_has_begun_stays_to_the_second() -> None:
    today = away(with_urgent(PROBLEM), "gp1", 0)
    answer = replan(today, PLAN, ReplanParams(freeze_until=before_half_day(today, 2), iterations=2))
    assert answer.plan.crews[0] == PLAN.crews[0]
    assert [call for call in answer.plan.phone_calls if call.half_day == 0] == list(PLAN.phone_calls)


def test_a_freeze_within_the_day_keeps_what_has_begun_and_lets_go_of_the_rest() -> None:
    gone = tuple(item for item in PROBLEM.follow_ups if item.id != "home1")
    answer = replan(
        replace(PROBLEM, follow_ups=gone),
        PLAN,
        ReplanParams(freeze_until=Until(MONDAY, clock(10)), max_changes=0, iterations=0),
    )
    assert answer.plan.crews[0].stops[0] == PLAN.crews[0].stops[0]
    assert "home1" not in served(answer)


def test_nothing_new_is_planned_before_the_freeze() -> None:
    today = with_urgent(PROBLEM)
    answer = replan(today, PLAN, ReplanParams(freeze_until=Until(week_day(5)), iterations=1))
    assert "urgent" not in served(answer)
    assert answer.plan.crews == PLAN.crews


def test_a_pinned_follow_up_keeps_its_day_and_time_whatever_pays() -> None:
    pin = pin_as_planned(PROBLEM, PLAN, "home1", PinLevel.ALL)
    answer = replan(with_urgent(PROBLEM), PLAN, ReplanParams(pins=(pin,), iterations=3))
    assert answer.problem.pins == (pin,)
    assert answer.verdict.is_feasible
    for change in answer.changes:
        is_kept = set(change.differences) <= {Difference.DROPPED, Difference.CREW}
        assert change.follow_up != "home1" or is_kept, "a pin holds, or its target is left"


def test_pins_that_make_no_sense_are_refused() -> None:
    with pytest.raises(EditFaults):
        replan(PROBLEM, PLAN, ReplanParams(pins=(Pin("nobody"),), iterations=0))


def test_the_same_seed_and_iterations_give_the_same_answer() -> None:
    today, params = away(with_urgent(PROBLEM), "gp1", 0), ReplanParams(seed=3, iterations=2)
    assert replan(today, PLAN, params) == replan(today, PLAN, params)


def test_a_limit_in_seconds_and_a_cancel_give_plans_that_pass() -> None:
    today = away(PROBLEM, "gp1", 0)
    assert replan(today, PLAN, ReplanParams(seconds=0.2)).verdict.is_feasible
    assert replan(today, PLAN, ReplanParams(seconds=60.0), lambda: True).verdict.is_feasible


def test_it_is_never_dearer_than_the_repaired_plan() -> None:
    base = solve(PROBLEM, SolveParams(iterations=300)).plan
    answer = replan(away(with_urgent(PROBLEM), "gp2", 1), base, ReplanParams(iterations=3))
    assert answer.verdict.cost.total <= answer.repaired_cost
