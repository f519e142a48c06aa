"""What is merged into one stop, how long it takes, when it is open and what it costs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.bundle import FORBIDDEN, household_seconds, intersect, person_seconds, units_of
from optimizer.model import (
    Channel,
    DatedWindow,
    FollowUp,
    HomeMedicalGate,
    Joint,
    OrderClass,
    Parameters,
    Pin,
    ServiceClass,
    TimeWindow,
)
from optimizer.weights import MINUTE
from tests.builders import (
    GP,
    NURSE,
    WEEK_HALF_DAYS,
    a_day,
    a_follow_up,
    a_plan,
    a_problem,
    a_week,
    an_option,
    clock,
    week_day,
)

HOME = an_option(Channel.HOME, 20)
PATROL = an_option(Channel.PATROL, 10)
PHONE = an_option(Channel.PHONE, 5)


def units(*follow_ups: FollowUp, **overrides: Any) -> tuple[tuple[str, ...], ...]:
    """The ids that end up in each unit."""
    problem = a_problem(follow_ups=follow_ups, **overrides)
    return tuple(tuple(problem.follow_ups[number].id for number in unit.follow_ups) for unit in units_of(problem))


def test_items_of_one_person_are_one_unit() -> None:
    a, b = (a_follow_up(name, resident="r", household="h") for name in "ab")
    assert units(a, b) == (("a", "b"),)


def test_home_only_items_of_one_household_are_one_unit() -> None:
    a, b = (a_follow_up(name, household="h") for name in "ab")
    assert units(a, b) == (("a", "b"),)


def test_people_of_one_household_who_may_go_to_a_session_stay_apart() -> None:
    a, b = (a_follow_up(n, household="h", channels=(HOME, PATROL), patrol_sites=("v1",)) for n in "ab")
    assert units(a, b) == (("a",), ("b",))


def test_people_without_a_household_stay_apart() -> None:
    assert units(*(a_follow_up(name, household="") for name in "ab")) == (("a",), ("b",))


@pytest.mark.parametrize(
    "other",
    [
        {"latest": week_day(2)},
        {"earliest": week_day(1)},
        {"joint": Joint((GP,))},
        {"order_class": OrderClass.INFECTIOUS},
        {"site": "h2"},
        {"channels": (PHONE,)},
        {"time_windows": (TimeWindow(0, clock(9)),), "resident_windows": (DatedWindow(week_day(0), 0, 1),)},
    ],
)
def test_a_merge_never_narrows_the_more_urgent_item(other: dict[str, Any]) -> None:
    urgent = a_follow_up("a", resident="r", priority=1)
    later = replace(a_follow_up("b", resident="r"), hard_end=True, due=week_day(1), **other)
    assert units(urgent, later) == (("a",), ("b",))


def test_a_pinned_item_is_not_merged() -> None:
    a, b = (a_follow_up(name, resident="r") for name in "ab")
    assert units(a, b, pins=(Pin("a", day=2),)) == (("a",), ("b",))


def test_a_pin_leaves_only_its_channel_day_and_start() -> None:
    item = a_follow_up("a", channels=(HOME, PHONE))
    (unit,) = units_of(a_problem(follow_ups=(item,), pins=(Pin("a", Channel.HOME, day=2, start_seconds=clock(10)),)))
    assert unit.phone is None
    assert unit.home is not None
    assert unit.open_days() == {2}
    assert unit.windows[2] == (TimeWindow(clock(10), clock(10)),)


def test_a_pin_that_cannot_hold_leaves_no_way() -> None:
    item = a_follow_up("a", channels=(HOME,), earliest=week_day(1))
    for pin in (Pin("a", Channel.PHONE), Pin("a", day=0)):
        (unit,) = units_of(a_problem(follow_ups=(item,), pins=(pin,)))
        assert unit.home is None
        assert unit.phone is None


def test_seconds_of_a_person_and_of_a_household() -> None:
    parameters = Parameters()
    assert person_seconds([1200, 600], parameters) == 1200 + 240
    assert household_seconds([1200, 1440], parameters) == 600 + 1440 + 720


@given(st.lists(st.integers(60, 7200), min_size=1, max_size=6))
def test_together_takes_no_longer_than_apart_and_no_less_than_the_longest(seconds: list[int]) -> None:
    together = person_seconds(seconds, Parameters())
    assert max(seconds) <= together <= sum(seconds)


def test_a_unit_needs_all_the_staff_of_its_items() -> None:
    a = a_follow_up("a", resident="r", channels=(an_option(needs=(GP,)),))
    b = a_follow_up("b", resident="r", channels=(an_option(needs=(NURSE, GP), head_count=2),))
    (unit,) = units_of(a_problem(follow_ups=(a, b)))
    assert unit.home is not None
    assert set(unit.home.needs) == {GP, NURSE}
    assert unit.home.head_count == 2


def test_days_outside_the_window_are_forbidden_and_late_days_cost() -> None:
    item = a_follow_up("a", earliest=week_day(1), due=week_day(2), latest=week_day(3))
    (unit,) = units_of(a_problem(follow_ups=(item,)))
    assert unit.home is not None
    assert unit.home.day_cost == (FORBIDDEN, 0, 0, 0, 10 * MINUTE)
    (hard,) = units_of(a_problem(follow_ups=(replace(item, hard_end=True),)))
    assert hard.home is not None
    assert hard.home.day_cost == (FORBIDDEN, 0, 0, 0, FORBIDDEN)


def test_a_closed_day_is_forbidden() -> None:
    days = (a_day(0, closed_morning=True, closed_afternoon=True), *a_week()[1:])
    people = tuple(replace(m, field_half_days=WEEK_HALF_DAYS[2:]) for m in a_problem().members)
    (unit,) = units_of(a_problem(follow_ups=(a_follow_up(),), days=days, members=people, sessions=()))
    assert unit.home is not None
    assert unit.home.day_cost[0] == FORBIDDEN


def test_home_medical_care_needs_its_gate() -> None:
    closed = a_follow_up("a", service_class=ServiceClass.HOME_MEDICAL, gate=HomeMedicalGate(True, True, False))
    opened = replace(closed, gate=HomeMedicalGate(True, True, True))
    assert units_of(a_problem(follow_ups=(closed,)))[0].home is None
    assert units_of(a_problem(follow_ups=(opened,)))[0].home is not None


def test_a_clock_deadline_cuts_the_last_day() -> None:
    item = a_follow_up("a", latest=week_day(1), due=week_day(1), hard_end=True, deadline_seconds=clock(10))
    (unit,) = units_of(a_problem(follow_ups=(item,)))
    assert unit.windows[0][0].end_seconds == 86_400
    assert unit.windows[1][0].end_seconds == clock(10)


def test_times_of_day_and_of_the_resident_are_intersected() -> None:
    item = a_follow_up(
        "a",
        time_windows=(TimeWindow(clock(7), clock(9, 30)), TimeWindow(clock(14), clock(15))),
        resident_windows=(DatedWindow(week_day(0), clock(9), clock(14, 30)),),
    )
    (unit,) = units_of(a_problem(follow_ups=(item,)))
    assert unit.windows[0] == (TimeWindow(clock(9), clock(9, 30)), TimeWindow(clock(14), clock(14, 30)))
    assert unit.windows[1] == ()
    assert unit.open_days() == {0}


def test_a_soft_end_survives_as_far_as_the_other_window_reaches() -> None:
    soft = (TimeWindow(0, 100, 200),)
    assert intersect(soft, (TimeWindow(0, 150),)) == (TimeWindow(0, 100, 150),)
    assert intersect(soft, (TimeWindow(0, 90),)) == (TimeWindow(0, 90),)


def test_leaving_a_unit_costs_what_its_items_cost() -> None:
    due, later = a_follow_up("a", resident="r"), a_follow_up("b", resident="r", latest=week_day(4) + timedelta(8))
    (unit,) = units_of(a_problem(follow_ups=(due, later)))
    assert unit.left_cost == (300 + 10 + 2) * MINUTE
    assert unit.closes


def test_a_joint_visit_left_costs_its_percent_more() -> None:
    (unit,) = units_of(a_problem(follow_ups=(a_follow_up("a", joint=Joint((GP,))),)))
    assert unit.left_cost == (600 + 10) * MINUTE


def test_a_change_from_the_earlier_plan_costs() -> None:
    problem = a_problem(earlier=a_plan())
    home1 = next(unit for unit in units_of(problem) if problem.follow_ups[unit.follow_ups[0]].id == "home1")
    assert home1.home is not None
    assert home1.home.day_cost == (0, *(4 * (30 * MINUTE,)))
    assert home1.left_cost == (300 + 10 + 30) * MINUTE
