"""Facts about decided rosters on tiny weeks; every roster's sessions and calls pass the judge."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.bundle import units_of
from optimizer.calendar import day_of, half_of
from optimizer.check import check
from optimizer.duties import Duty, HeldSession, Roster
from optimizer.model import Channel, DatedWindow, Joint, Member, Parameters, Pin, Skill, StaffNeed, TimeWindow
from optimizer.problem import Problem
from optimizer.roster import Method, decide
from optimizer.stop import Budget
from tests.builders import (
    GP,
    MONDAY,
    a_day,
    a_follow_up,
    a_member,
    a_problem,
    a_session,
    a_team,
    a_vehicle,
    a_week,
    an_option,
    clock,
    some_members,
    week_day,
)
from tests.optimizer.roster.plans import plan_of
from tests.optimizer.roster.townships import HAMLETS, Size, a_township


def staff_of(days: int) -> tuple[Member, ...]:
    """The four members for a shorter week."""
    return tuple(replace(member, field_half_days=tuple(range(2 * days))) for member in some_members())


HOME, PATROL, PHONE = (an_option(channel) for channel in (Channel.HOME, Channel.PATROL, Channel.PHONE))


def decided(problem: Problem, *, iterations: int = 4, **options: Any) -> Roster:
    """The roster after a few neighbourhoods, judged."""
    units = units_of(problem)
    roster = decide(problem, units, seed=1, budget=Budget(iterations=iterations), **options)
    verdict = check(problem, plan_of(problem, units, roster))
    broken = [v for v in verdict.violations if v.rule != "SESSION_REQUIRED"]
    assert not broken, broken
    return roster


def held(roster: Roster) -> dict[int, tuple[Duty, HeldSession]]:
    """Duty and session, by number of the session."""
    return {session.session: (duty, session) for duty in roster.duties for session in duty.sessions}


def names(problem: Problem, duty: Duty) -> set[str]:
    return {problem.members[member].id for member in duty.members}


def a_clinic(number: int = 6, session: dict[str, Any] | None = None, **overrides: Any) -> Problem:
    """A week in which so many residents wait for the session at v1."""
    items = [a_follow_up(f"p{n}", channels=(PATROL,), patrol_sites=("v1",), household="") for n in range(number)]
    parts: dict[str, Any] = {"follow_ups": tuple(items), "sessions": (a_session(**(session or {})),)}
    return a_problem(**(parts | overrides))


def test_a_session_is_held_by_a_crew_that_fits_and_sees_those_who_wait() -> None:
    problem = a_clinic()
    duty, session = held(decided(problem))[0]
    assert len(session.attendees) == 6
    assert names(problem, duty) & {"gp1", "gp2"}
    assert 2 <= len(duty.members) <= 3
    assert names(problem, duty) == {"gp1", "nurse1"}, "the session's own team costs less"


@pytest.mark.parametrize(
    ("session", "halves"),
    [({"half_days": (3,)}, {3}), ({"half_days": (4, 7)}, {4, 7}), ({"usual_half_day": 5}, {5})],
)
def test_a_session_is_held_on_an_allowed_half_day_and_the_usual_one_if_there_is_one(
    session: dict[str, Any], halves: set[int]
) -> None:
    assert held(decided(a_clinic(session=session)))[0][1].half_day in halves


def test_minutes_and_heads_limit_who_is_seen() -> None:
    assert len(held(decided(a_clinic(30)))[0][1].attendees) == 25  # 3 x 170 minutes of 20 each
    few = held(decided(a_clinic(30, {"max_contacts": 7})))[0][1].attendees
    assert len(few) == 7


def test_fasting_residents_are_seen_before_their_window_ends() -> None:
    fasting = (TimeWindow(clock(7), clock(9, 30)),)
    items = tuple(replace(item, time_windows=fasting) for item in a_clinic(20).follow_ups)
    duty, session = held(decided(a_clinic(follow_ups=items)))[0]
    assert half_of(session.half_day) == 0
    # From 08:10, when the crew is there, to 09:30: 80 minutes of every member, 20 for each resident.
    assert len(session.attendees) == len(duty.members) * 80 // 20


@pytest.mark.parametrize(("modes", "seen"), [(("ebike",), 7), (("ebike", "car"), 8), (("car",), 8)])
def test_fasting_residents_have_the_minutes_that_a_faster_vehicle_saves(modes: tuple[str, ...], seen: int) -> None:
    fasting = (TimeWindow(clock(7), clock(9, 30)),)
    items = tuple(replace(item, time_windows=fasting) for item in a_clinic(20).follow_ups)
    members = tuple(replace(member, drives=("car", "ebike")) for member in some_members())
    vehicles = tuple(a_vehicle(mode, mode=mode) for mode in modes)
    problem = a_clinic(follow_ups=items, members=members, vehicles=vehicles, session={"max_members": 2})
    duty, session = held(decided(problem))[0]
    assert len(session.attendees) == seen  # 20 minutes each of 2 members, from 08:10 by car or 08:20 by e-bike
    assert problem.vehicles[duty.vehicle].mode == modes[-1]


def test_a_special_resident_is_seen_only_when_the_specialist_comes() -> None:
    skilled = replace(PATROL, needs=(StaffNeed(skills=("ECG",)),))
    items = tuple(replace(item, channels=(skilled,)) for item in a_clinic(3).follow_ups)
    members = (*some_members(), a_member("expert", role="INTERNIST", skills=(Skill("ECG", week_day(1)),)))
    problem = a_clinic(follow_ups=items, members=members)
    duty, session = held(decided(problem))[0]
    assert len(session.attendees) == 3
    assert "expert" in names(problem, duty)
    assert day_of(session.half_day) <= 1, "the certificate ends on Tuesday"


def test_a_woman_goes_where_a_woman_is_asked_for() -> None:
    problem = a_problem(
        follow_ups=(a_follow_up(channels=(replace(HOME, needs=(StaffNeed(sex="F"),)),), priority=0),), sessions=()
    )
    duty = next(duty for duty in decided(problem).duties if duty.homes)
    assert names(problem, duty) & {"nurse1", "gp2", "nurse2"}


def test_a_member_on_offer_for_one_half_day_goes_out_once() -> None:
    expert = a_member("expert", role="INTERNIST", max_half_days=1)
    sessions = tuple(a_session(f"s{n}", site=f"v{n}", needs=(StaffNeed(roles=("INTERNIST",)),)) for n in (1, 2))
    problem = a_clinic(members=(*some_members(), expert), sessions=sessions)
    assert len(held(decided(problem))) == 1


def test_sessions_of_one_site_do_not_clash_and_those_of_a_series_are_on_different_days() -> None:
    twins = tuple(a_session(f"s{n}", half_days=(0, 1, 2), series="twice") for n in range(2))
    days = {day_of(session.half_day) for _, session in held(decided(a_clinic(40, sessions=twins))).values()}
    assert days == {0, 1}
    same = tuple(a_session(f"s{n}", half_days=(0,)) for n in range(2))
    assert len(held(decided(a_clinic(40, sessions=same)))) == 1


def test_a_session_that_is_law_goes_before_dearer_things() -> None:
    law = a_session("law", site="v2", half_days=(0,), is_law=True, weight=0)
    dear = a_session("dear", half_days=(0,), weight=10**6)
    members = some_members()[:2]
    problem = a_clinic(40, members=members, teams=(a_team("t1"),), sessions=(dear, law))
    assert set(held(decided(problem))) == {1}


def test_equipment_seats_and_drivers_decide_the_vehicle() -> None:
    vehicles = (
        a_vehicle("bike", mode="ebike", seats=2, needs_driver=False),
        a_vehicle("kit", tags=("patrol_kit",)),
    )
    problem = a_clinic(session={"vehicle_tag": "patrol_kit"}, vehicles=vehicles)
    duty, _ = held(decided(problem))[0]
    assert problem.vehicles[duty.vehicle].id == "kit"
    nobody_drives = tuple(replace(member, drives=()) for member in some_members())
    assert not held(decided(replace(problem, members=nobody_drives)))


def test_on_a_day_of_snow_only_a_fit_vehicle_goes_out() -> None:
    vehicles = (a_vehicle("slick", snow_ok=False), a_vehicle("fit", mode="ebike", needs_driver=False))
    days = (a_day(0, snow=True),)
    problem = a_clinic(days=days, vehicles=vehicles, members=staff_of(1), session={"half_days": (0, 1)})
    duty, _ = held(decided(problem))[0]
    assert problem.vehicles[duty.vehicle].id == "fit"


def test_a_vehicle_is_used_once_at_a_time() -> None:
    sessions = (a_session("s1", half_days=(0,)), a_session("s2", site="v2", half_days=(0,), team="t2"))
    both = a_clinic(sessions=sessions)
    assert len(held(decided(both))) == 2
    assert len(held(decided(replace(both, vehicles=both.vehicles[:1])))) == 1


def test_members_of_another_base_go_with_a_vehicle_of_theirs_only() -> None:
    far = a_member("far", role="PSY", base="v2", team="t3")
    need = {"needs": (StaffNeed(roles=("PSY",)),), "min_members": 1}
    problem = a_clinic(
        teams=(a_team("t1"), a_team("t2"), a_team("t3", level=3, base="v2")),
        members=(*some_members(), far),
        session=need,
    )
    assert not held(decided(problem))
    problem = replace(problem, vehicles=(*problem.vehicles, a_vehicle("theirs", base="v2")))
    duty, _ = held(decided(problem))[0]
    assert names(problem, duty) == {"far"}
    assert problem.vehicles[duty.vehicle].id == "theirs"


def test_a_joint_visit_gets_two_crews_of_different_teams_on_one_half_day() -> None:
    visit = a_follow_up("joint1", channels=(replace(HOME, needs=(GP,)),), joint=Joint((GP,)), priority=0)
    roster = decided(a_problem(follow_ups=(visit,), sessions=()))
    first, second = (duty for duty in roster.duties if duty.homes)
    assert first.team != second.team
    assert set(first.half_days) & set(second.half_days)
    assert not set(first.members) & set(second.members)


def test_a_joint_visit_without_a_second_team_is_left() -> None:
    visit = a_follow_up("joint1", joint=Joint((GP,)), priority=0)
    problem = a_problem(follow_ups=(visit,), sessions=(), members=some_members()[:2], teams=(a_team("t1"),))
    assert not any(duty.homes for duty in decided(problem).duties)


def test_the_crew_of_a_morning_session_stays_for_the_homes_of_the_village() -> None:
    homes = tuple(
        a_follow_up(
            f"h{n}",
            household=f"hh{n}",
            resident=f"x{n}",
            due=MONDAY,
            latest=MONDAY,
            hard_end=True,
            channels=(an_option(minutes=40),),
        )
        for n in range(5)
    )
    waiting = a_clinic(10).follow_ups
    problem = a_problem(
        follow_ups=(*homes, *waiting),
        members=staff_of(1)[:2],
        teams=(a_team("t1"),),
        sessions=(a_session(half_days=(0,)),),
        days=(a_day(0),),
    )
    duty, _ = held(decided(problem))[0]
    assert duty.half_days == (0, 1)
    assert len(duty.homes) >= 4


def test_calls_go_to_people_at_their_desks_and_those_who_stay_in_as_long_as_minutes_last() -> None:
    items = tuple(a_follow_up(f"c{n}", channels=(PHONE,), household="") for n in range(4))
    members = (
        a_member("desk", team="t1", field_half_days=(), desk_half_days=(1,)),
        a_member("out", field_half_days=(0,)),
    )
    problem = a_problem(follow_ups=items, sessions=(), members=members)
    calls = decided(problem).calls
    # 20 minutes each, 60 minutes per half-day: three at the desk, one by the member who stays in.
    assert sorted((problem.members[call.member].id, call.half_day) for call in calls) == [
        ("desk", 1),
        ("desk", 1),
        ("desk", 1),
        ("out", 0),
    ]


def test_a_call_keeps_to_staff_needs_and_dates() -> None:
    item = a_follow_up(channels=(replace(PHONE, needs=(GP,)),), earliest=week_day(2), latest=week_day(3), hard_end=True)
    desks = tuple(replace(m, field_half_days=(), desk_half_days=tuple(range(10))) for m in some_members())
    problem = a_problem(follow_ups=(item,), sessions=(), members=desks)
    (call,) = decided(problem).calls
    assert problem.members[call.member].role == "GP"
    assert day_of(call.half_day) in (2, 3)


@pytest.mark.parametrize(
    "pin",
    [
        Pin("s1", half_day=6),
        Pin("s1", day=4),
        Pin("s1", members=("gp2", "nurse1")),
        Pin("s1", half_day=2, members=("nurse2",), start_seconds=clock(8, 20)),
    ],
)
def test_a_pinned_session_is_held_as_pinned(pin: Pin) -> None:
    problem = a_clinic(pins=(pin,))
    duty, session = held(decided(problem))[0]
    assert pin.half_day in (None, session.half_day)
    assert pin.day in (None, day_of(session.half_day))
    assert set(pin.members) <= names(problem, duty)


def test_a_pinned_session_that_cannot_be_held_so_is_left() -> None:
    assert not held(decided(a_clinic(session={"half_days": (0,)}, pins=(Pin("s1", half_day=3),))))


def test_pinned_follow_ups_keep_channel_day_and_members() -> None:
    either = a_follow_up("p0", channels=(HOME, PATROL, PHONE), patrol_sites=("v1",), latest=week_day(8))
    pin = Pin("p0", channel=Channel.PATROL, day=3)
    _, session = held(decided(a_clinic(follow_ups=(either,), pins=(pin,))))[0]
    assert (day_of(session.half_day), session.attendees) == (3, (0,))
    pin = Pin("p0", channel=Channel.HOME, day=2, members=("nurse2",))
    problem = a_clinic(follow_ups=(either,), pins=(pin,))
    duty = next(duty for duty in decided(problem).duties if duty.homes)
    assert day_of(duty.half_days[0]) == 2
    assert "nurse2" in names(problem, duty)
    pin = Pin("p0", channel=Channel.PHONE, day=1, members=("gp2",))
    problem = a_clinic(follow_ups=(either,), pins=(pin,))
    (call,) = decided(problem).calls
    assert (problem.members[call.member].id, day_of(call.half_day)) == ("gp2", 1)


def test_a_resident_who_is_away_is_not_expected() -> None:
    there = (DatedWindow(week_day(1), clock(14), clock(16)),)
    items = tuple(replace(item, resident_windows=there) for item in a_clinic(3).follow_ups)
    _, session = held(decided(a_clinic(follow_ups=items)))[0]
    assert session.half_day == 3


def test_an_overdue_resident_is_seen_early_in_the_week() -> None:
    passed = week_day(-2)
    late = tuple(replace(item, earliest=passed, due=passed, latest=passed) for item in a_clinic(6).follow_ups)
    _, session = held(decided(a_clinic(follow_ups=late)))[0]
    assert day_of(session.half_day) == 0


ODD: dict[str, dict[str, Any]] = {
    "nothing to do": {"follow_ups": (), "sessions": ()},
    "no sessions": {"sessions": ()},
    "no vehicles": {"vehicles": ()},
    "one member": {"members": some_members()[:1]},
    "nobody in the field": {"members": tuple(replace(m, field_half_days=()) for m in some_members())},
    "no members": {"members": ()},
    "one day": {"days": a_week(1), "sessions": (a_session(half_days=(0, 1)),), "members": staff_of(1)},
    "all closed": {
        "days": (a_day(0, closed_morning=True, closed_afternoon=True),),
        "sessions": (),
        "members": staff_of(1),
    },
    "crews of three at least": {"parameters": Parameters(min_home_crew_members=3)},
    "nobody may go out": {"members": tuple(replace(m, max_half_days=0) for m in some_members())},
}


@pytest.mark.parametrize("overrides", list(ODD.values()), ids=list(ODD))
def test_odd_weeks_give_a_roster(overrides: dict[str, Any]) -> None:
    roster = decided(a_problem(**overrides))
    assert all(duty.members for duty in roster.duties)
    if "vehicles" in overrides:
        assert not roster.duties
        assert roster.calls


@pytest.mark.parametrize("method", list(Method))
def test_every_method_gives_a_roster_that_passes(method: Method) -> None:
    roster = decided(a_township(2, HAMLETS), iterations=6, method=method)
    assert held(roster)


@pytest.mark.parametrize("seed", range(3, 6))
def test_rosters_of_small_townships_pass(seed: int) -> None:
    decided(a_township(seed, Size(villages=5, teams=3, due=40, later=20)), iterations=4)


def test_the_same_seed_and_iterations_give_the_same_roster_with_two_workers() -> None:
    problem = a_township(4, HAMLETS)
    first, second = (decided(problem, iterations=6, workers=2) for _ in range(2))
    assert (first.duties, first.calls) == (second.duties, second.calls)
