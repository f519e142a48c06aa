"""The best places are found: against trying every position, with refusals that say by how much."""

from dataclasses import replace

import pytest

from optimizer.edits import AddFollowUp, AtHome, EditFaults, MoveFollowUp, edit_plan, recommend
from optimizer.model import Channel
from optimizer.plan import Left, Plan
from tests.builders import a_follow_up, a_plan, a_problem, an_option, week_day
from tests.optimizer.edits.test_random_edits import a_planned_week

PROBLEM, PLAN = a_problem(), a_plan()


@pytest.mark.parametrize("shape", ["ordinary", "overloaded", "two_bases", "soft_windows", "strict_order", "snow"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_position_of_any_crew_is_cheaper_than_the_first_slot(shape: str, seed: int) -> None:
    problem, plan = a_planned_week(shape, seed)
    left = [one.id for one in (*plan.unplanned, *plan.deferred)]
    for name in [one for one in left if problem.follow_ups[problem.follow_up_number[one]].joint is None][:4]:
        asked = recommend(problem, plan, name)
        best = min((slot.price.total for slot in asked.slots), default=None)
        for crew in plan.crews:
            for position in range(len(crew.stops) + 1):
                tried = edit_plan(problem, plan, [AddFollowUp(name, AtHome(crew.id, position))])
                if not tried.new_violations:
                    assert best is not None
                    assert best <= tried.price.total


def test_a_follow_up_that_is_planned_is_offered_other_places_as_moves() -> None:
    asked = recommend(PROBLEM, PLAN, "home1")
    assert asked.slots
    assert all(isinstance(slot.edit, MoveFollowUp) for slot in asked.slots)
    assert asked.slots[0].price.total <= 0


def test_every_slot_says_who_when_and_the_new_times() -> None:
    slot = recommend(PROBLEM, PLAN, "left1").slots[0]
    assert slot.channel is Channel.HOME
    assert slot.start_seconds is not None
    assert set(slot.members) <= {member.id for member in PROBLEM.members}
    assert "left1" in {name for stop in slot.crews[0].stops for name in stop.follow_ups}


def test_a_phone_call_is_offered_to_members_with_time_of_the_contract_team_first() -> None:
    slots = recommend(PROBLEM, PLAN, "phone1").slots
    assert all(slot.channel is Channel.PHONE for slot in slots)
    assert len({slot.members for slot in slots}) == len(slots)


def test_a_place_that_does_not_fit_says_which_rule_and_by_how_much() -> None:
    tuesday = week_day(1)
    long = a_follow_up("long", channels=(an_option(minutes=220),), earliest=tuesday, due=tuesday, latest=tuesday)
    problem = a_problem(follow_ups=(*PROBLEM.follow_ups, long))
    plan = replace(PLAN, unplanned=(*PLAN.unplanned, Left("long", ("NO_ROOM",))))
    asked = recommend(problem, plan, "long")
    assert asked.slots == ()
    refusals = {one.violation.rule: one for slot in asked.refused for one in slot.refusals}
    assert refusals["WORKING_TIME"].unit == "seconds"
    assert refusals["WORKING_TIME"].shortfall > 600
    assert "expected back by" in refusals["WORKING_TIME"].violation.message_en


def test_a_joint_visit_is_offered_pairs_of_crews() -> None:
    without = edit_plan(PROBLEM, PLAN, [MoveFollowUp("joint1", AtHome("c1"))])
    slots = recommend(PROBLEM, PLAN, "joint1").slots
    assert without.new_violations
    assert all(len(slot.crews) >= 2 for slot in slots)
    for slot in slots:
        assert edit_plan(PROBLEM, PLAN, [slot.edit]).price == slot.price


def test_nothing_is_offered_where_nobody_goes_out() -> None:
    empty = Plan(deferred=PLAN.deferred, unplanned=(*PLAN.unplanned, Left("home1", ("NO_ROOM",))))
    problem = a_problem(follow_ups=tuple(item for item in PROBLEM.follow_ups if item.id in ("open1", "left1", "home1")))
    assert recommend(problem, empty, "home1").slots == ()


def test_an_unknown_follow_up_is_refused() -> None:
    with pytest.raises(EditFaults):
        recommend(PROBLEM, PLAN, "nobody")
