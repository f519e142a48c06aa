"""What edits do to the hand-made week: times, what is left, pins, and what is refused as nonsense."""

from dataclasses import replace

import pytest

from optimizer.check import check
from optimizer.edits import (
    AddFollowUp,
    AddSession,
    AddStop,
    AtHome,
    AtSession,
    AtStop,
    ByPhone,
    DropFollowUp,
    DropSession,
    Edit,
    Edited,
    EditFaults,
    Later,
    MoveFollowUp,
    MoveSession,
    MoveStop,
    NewCrew,
    PinLevel,
    PinTarget,
    ReassignMember,
    SwapVehicle,
    UnpinTarget,
    edit_plan,
    pin_as_planned,
)
from optimizer.model import Pin
from optimizer.plan import Crew, Left
from tests.builders import a_follow_up, a_plan, a_problem, clock

PROBLEM, PLAN = a_problem(), a_plan()


def edited(*edits: Edit) -> Edited:
    """The hand-made plan after edits."""
    return edit_plan(PROBLEM, PLAN, edits)


def crew_of(answer: Edited, follow_up: str) -> Crew:
    """The first crew that does a follow-up."""
    return next(crew for crew in answer.plan.crews for stop in crew.stops if follow_up in stop.follow_ups)


def refused(*edits: Edit) -> list[str]:
    """Codes of the faults for which edits are refused."""
    with pytest.raises(EditFaults) as caught:
        edited(*edits)
    for fault in caught.value.faults:
        assert fault.advice_zh
        assert fault.advice_en
    return [fault.code for fault in caught.value.faults]


def test_the_hand_made_plan_is_feasible_to_begin_with() -> None:
    assert check(PROBLEM, PLAN).is_feasible


def test_a_dropped_follow_up_is_unplanned_when_its_window_closes() -> None:
    answer = edited(DropFollowUp("home1"))
    assert Left("home1", ("BY_HAND",)) in answer.plan.unplanned
    assert answer.verdict.is_feasible
    assert answer.price.parts["unplanned"] > 0
    assert answer.retimed == ("c1",)


def test_a_follow_up_is_left_for_the_reasons_that_are_given() -> None:
    answer = edited(DropFollowUp("home1", ("NOT_WORTH",)))
    assert Left("home1", ("NOT_WORTH",)) in answer.plan.unplanned


def test_a_crew_without_a_stop_stays_at_home() -> None:
    answer = edited(MoveFollowUp("joint1", Later()))
    assert [crew.id for crew in answer.plan.crews] == ["c1"]
    assert {left.rules for left in answer.plan.unplanned if left.id == "joint1"} == {("BY_HAND",)}
    assert answer.price.parts["staffing"] < 0


def test_what_was_taken_out_by_hand_and_is_added_again_needs_no_reason() -> None:
    answer = edited(DropFollowUp("home1"), AddFollowUp("home1", AtHome("c1")))
    assert "home1" not in {left.id for left in (*answer.plan.unplanned, *answer.plan.deferred)}


def test_a_new_stop_gets_times_and_is_paid_with_its_travel() -> None:
    answer = edited(AddFollowUp("left1", AtHome("c1")))
    crew = crew_of(answer, "left1")
    assert crew.start_seconds >= clock(8)
    assert answer.verdict.is_feasible
    assert answer.price.parts["unplanned"] == -18_000
    assert answer.price.total < 0


def test_what_an_edit_breaks_is_listed_and_what_it_mends_too() -> None:
    broken = edited(MoveFollowUp("home1", ByPhone("gp1", 5)))
    assert {violation.rule for violation in broken.new_violations} == {"CHANNEL"}
    mended = edit_plan(broken.problem, broken.plan, [MoveFollowUp("home1", AtHome(NewCrew((4,), ("gp1",), "car1")))])
    assert {violation.rule for violation in mended.gone_violations} == {"CHANNEL"}
    assert mended.new_violations == ()


def test_both_crews_of_a_joint_visit_start_together_after_one_is_held_up() -> None:
    answer = edited(AddFollowUp("left1", AtHome("c3", 0)))
    starts = {stop.start_seconds for crew in answer.plan.crews for stop in crew.stops if "joint1" in stop.follow_ups}
    assert len(starts) == 1
    assert starts > {clock(8, 22)} or min(starts) > clock(8, 22)
    assert set(answer.retimed) == {"c2", "c3"}
    assert answer.verdict.is_feasible


def test_a_joint_visit_moves_with_both_halves() -> None:
    crews = (NewCrew((6,), ("gp1", "nurse1"), "car1"), NewCrew((6,), ("gp2", "nurse2"), "car2"))
    answer = edited(MoveFollowUp("joint1", AtHome(crews[0], None, crews[1])))
    assert sum("joint1" in stop.follow_ups for crew in answer.plan.crews for stop in crew.stops) == 2
    assert answer.verdict.is_feasible
    assert answer.price.total == 0


def test_half_a_joint_visit_is_carried_out_and_reported() -> None:
    answer = edited(MoveFollowUp("joint1", AtHome("c1")))
    assert {violation.rule for violation in answer.new_violations} == {"JOINT"}


def test_people_of_one_household_share_a_stop() -> None:
    sibling = a_follow_up("home2", resident="other", household="house-home1")
    problem = a_problem(follow_ups=(*PROBLEM.follow_ups, sibling))
    plan = replace(PLAN, unplanned=(*PLAN.unplanned, Left("home2", ("NO_ROOM",))))
    for to in (AtHome("c1"), AtStop("c1", 1)):
        answer = edit_plan(problem, plan, [AddFollowUp("home2", to)])
        assert ("home1", "home2") in [stop.follow_ups for crew in answer.plan.crews for stop in crew.stops]
        assert answer.verdict.is_feasible


def test_a_whole_stop_goes_to_another_crew() -> None:
    answer = edited(MoveStop("c1", 1, NewCrew((4,), ("gp1",), "car1")))
    assert crew_of(answer, "home1").half_days == (4,)
    assert answer.verdict.is_feasible


def test_stops_change_their_order() -> None:
    answer = edited(AddFollowUp("left1", AtHome("c1", 2)), MoveStop("c1", 1, "c1", 2))
    crew = crew_of(answer, "home1")
    assert [stop.follow_ups for stop in crew.stops] == [("patrol1",), ("left1",), ("home1",)]


def test_a_stop_is_added_for_what_was_left() -> None:
    answer = edited(AddStop(("left1",), "c1"))
    assert "left1" not in {left.id for left in answer.plan.unplanned}
    assert answer.verdict.is_feasible


def test_a_session_moves_with_everybody_who_comes_to_it() -> None:
    answer = edited(MoveSession("s1", 7))
    crew = crew_of(answer, "patrol1")
    assert crew.half_days == (7,)
    assert crew.members == ("gp1", "nurse1")
    assert answer.verdict.is_feasible


def test_a_dropped_session_leaves_everybody_and_is_listed() -> None:
    answer = edited(DropSession("s1"))
    assert answer.plan.sessions_not_held == (Left("s1", ("BY_HAND",)),)
    assert Left("patrol1", ("BY_HAND",)) in answer.plan.unplanned
    back = edit_plan(
        PROBLEM,
        answer.plan,
        [AddSession("s1", 0, NewCrew((0,), ("gp1", "nurse1"), "car2"), attendees=("patrol1",))],
    )
    assert back.plan.sessions_not_held == ()
    assert "s1" in {stop.session for crew in back.plan.crews for stop in crew.stops}


def test_a_member_takes_the_place_of_another() -> None:
    answer = edited(ReassignMember("c1", "gp1", "gp2"))
    assert crew_of(answer, "home1").members == ("gp2", "nurse1")
    assert crew_of(answer, "home1").team == "t1"
    assert (
        edited(ReassignMember("c1", "nurse1", "nurse2"), ReassignMember("c1", "gp1", "gp2")).plan.crews[0].team == "t2"
    )


def test_two_crews_swap_their_vehicles() -> None:
    answer = edited(SwapVehicle("c2", "car1"))
    assert {crew.id: crew.vehicle for crew in answer.plan.crews if crew.id != "c1"} == {"c2": "car1", "c3": "car2"}
    assert answer.verdict.is_feasible


def test_a_pin_that_the_plan_does_not_keep_is_a_violation_until_it_is_taken_away() -> None:
    pinned = edited(PinTarget(Pin("home1", day=3)))
    assert {violation.rule for violation in pinned.new_violations} == {"PIN"}
    assert pinned.plan == edit_plan(PROBLEM, PLAN, []).plan
    unpinned = edit_plan(pinned.problem, pinned.plan, [UnpinTarget("home1")])
    assert unpinned.problem.pins == ()
    assert {violation.rule for violation in unpinned.gone_violations} == {"PIN"}


@pytest.mark.parametrize("target", ["home1", "joint1", "phone1", "patrol1", "s1"])
@pytest.mark.parametrize("level", PinLevel)
def test_pins_made_from_a_plan_are_kept_by_it(target: str, level: PinLevel) -> None:
    pin = pin_as_planned(PROBLEM, PLAN, target, level)
    assert edited(PinTarget(pin)).verdict.is_feasible


def test_a_pinned_time_survives_an_edit_before_it() -> None:
    pin = pin_as_planned(PROBLEM, PLAN, "home1", PinLevel.TIME)
    answer = edited(PinTarget(pin), DropSession("s1"))
    start = next(stop.start_seconds for crew in answer.plan.crews for stop in crew.stops if "home1" in stop.follow_ups)
    assert start == pin.start_seconds


def test_undoing_by_moving_back_gives_the_same_document() -> None:
    there = edited(MoveFollowUp("phone1", ByPhone("gp1", 3)))
    back = edit_plan(there.problem, there.plan, [MoveFollowUp("phone1", ByPhone("nurse2", 0))])
    assert back.plan == edit_plan(PROBLEM, PLAN, []).plan
    assert back.price.total == -there.price.total


def test_every_fault_of_every_edit_is_reported() -> None:
    assert refused(MoveFollowUp("nobody", AtSession("s9")), DropFollowUp("left1"), SwapVehicle("c9", "car9")) == [
        "UNKNOWN_FOLLOW_UP",
        "UNKNOWN_SESSION",
        "ALREADY_LEFT",
        "UNKNOWN_CREW",
        "UNKNOWN_VEHICLE",
    ]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (MoveFollowUp("left1", AtHome("c1")), "NOT_PLANNED"),
        (AddFollowUp("home1", AtHome("c1")), "ALREADY_PLANNED"),
        (AddFollowUp("left1", Later()), "ALREADY_LEFT"),
        (AddFollowUp("left1", AtStop("c1", 0)), "NOT_A_HOME_STOP"),
        (AddFollowUp("left1", AtHome("c1", -1)), "NO_SUCH_STOP"),
        (AddFollowUp("left1", AtHome("c1", None, "c2")), "NOT_JOINT"),
        (MoveFollowUp("joint1", AtHome("c2", None, "c2")), "SAME_CREW"),
        (AddFollowUp("left1", ByPhone("gp9", 0)), "UNKNOWN_MEMBER"),
        (AddFollowUp("left1", ByPhone("gp1", 99)), "NO_SUCH_HALF_DAY"),
        (AddFollowUp("left1", AtHome(NewCrew((1, 2), ("gp1",), "car1"))), "NO_SUCH_HALF_DAY"),
        (AddFollowUp("left1", AtHome(NewCrew((), ("gp1",), "car1"))), "NO_SUCH_HALF_DAY"),
        (AddFollowUp("left1", AtHome(NewCrew((0,), (), "car1"))), "NOBODY"),
        (AddFollowUp("left1", AtHome(NewCrew((0,), ("gp1",), "car1", "t9"))), "UNKNOWN_TEAM"),
        (MoveStop("c1", 7, "c2"), "NO_SUCH_STOP"),
        (AddStop((), "c1"), "NO_PATIENTS"),
        (AddStop(("left1", "left1"), "c1"), "ALREADY_PLANNED"),
        (AddSession("s1", 0, "c1"), "ALREADY_HELD"),
        (MoveSession("s1", 5, "c1"), "OTHER_HALF_DAY"),
        (DropSession("s9"), "UNKNOWN_SESSION"),
        (ReassignMember("c1"), "NOBODY"),
        (ReassignMember("c1", "gp2", "nurse2"), "NOT_IN_CREW"),
        (ReassignMember("c1", "gp1", "nurse1"), "ALREADY_IN_CREW"),
        (SwapVehicle("c1", "car1"), "SAME_VEHICLE"),
        (DropFollowUp("home1", ("WHY",)), "UNKNOWN_RULE"),
        (PinTarget(Pin("nobody")), "UNKNOWN_TARGET"),
        (PinTarget(Pin("home1", day=9)), "OUT_OF_RANGE"),
        (UnpinTarget("home1"), "NOT_PINNED"),
    ],
)
def test_nonsense_is_refused(edit: Edit, code: str) -> None:
    assert code in refused(edit)


def test_a_plan_of_another_problem_is_refused() -> None:
    stranger = replace(PLAN, crews=(replace(PLAN.crews[0], vehicle="van9"), *PLAN.crews[1:]))
    with pytest.raises(EditFaults) as caught:
        edit_plan(PROBLEM, stranger, [])
    assert [fault.code for fault in caught.value.faults] == ["UNKNOWN_IN_PLAN"]
