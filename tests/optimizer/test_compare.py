"""Two plans side by side: who is moved, added and dropped, what it costs, what the figures say."""

from optimizer.check import check
from optimizer.compare import KpiChange, SessionChange, compare
from optimizer.edits import (
    AddFollowUp,
    AtHome,
    ByPhone,
    Difference,
    DropFollowUp,
    Edit,
    MoveFollowUp,
    MoveSession,
    edit_plan,
)
from optimizer.edits.appointments import SAME_TIME_SECONDS
from optimizer.plan import Plan
from tests.builders import a_plan, a_problem

PROBLEM, PLAN = a_problem(), a_plan()


def after(*edits: Edit) -> Plan:
    """The hand-made plan after edits."""
    return edit_plan(PROBLEM, PLAN, edits).plan


def test_a_plan_does_not_differ_from_itself() -> None:
    same = compare(PROBLEM, PLAN, PLAN)
    assert same.changes == ()
    assert same.sessions == ()
    assert same.cost.total == 0
    assert all(one.before == one.after for one in same.kpis)


def test_added_and_dropped_follow_ups_are_told_apart() -> None:
    both = compare(PROBLEM, PLAN, after(DropFollowUp("home1"), AddFollowUp("left1", AtHome("c1"))))
    assert both.changed(Difference.DROPPED) == ("home1",)
    assert both.changed(Difference.ADDED) == ("left1",)


def test_a_moved_session_moves_its_attendees_and_is_named() -> None:
    moved = compare(PROBLEM, PLAN, after(MoveSession("s1", 7)))
    assert moved.sessions == (SessionChange("s1", 0, 7),)
    assert "patrol1" in moved.changed(Difference.DAY)


def test_another_caller_is_a_change_of_crew() -> None:
    moved = compare(PROBLEM, PLAN, after(MoveFollowUp("phone1", ByPhone("gp2", 0))))
    assert moved.changed(Difference.CREW) == ("phone1",)
    assert moved.changed(Difference.CHANNEL) == ()


def test_half_an_hour_is_the_same_appointment() -> None:
    later = compare(PROBLEM, PLAN, after(AddFollowUp("left1", AtHome("c3", 0))))
    starts = {change.follow_up: change for change in later.changes if change.before and change.after}
    for change in starts.values():
        assert change.before is not None
        assert change.after is not None
        seconds = abs((change.before.start_seconds or 0) - (change.after.start_seconds or 0))
        assert Difference.START not in change.differences or seconds > SAME_TIME_SECONDS


def test_the_difference_of_cost_is_the_judges() -> None:
    other = after(DropFollowUp("home1"))
    both = compare(PROBLEM, PLAN, other)
    assert both.cost.total == check(PROBLEM, other).cost.total - check(PROBLEM, PLAN).cost.total
    assert compare(PROBLEM, other, PLAN).cost.total == -both.cost.total


def test_broken_rules_and_figures_are_compared() -> None:
    broken = compare(PROBLEM, PLAN, after(MoveFollowUp("home1", ByPhone("gp1", 5))))
    assert {one.rule for one in broken.new_violations} == {"CHANNEL"}
    assert KpiChange("phone_calls", 1, 2) in broken.kpis
    assert "unplanned_by_priority_2" in {one.name for one in broken.kpis}
