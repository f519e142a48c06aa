"""A roster becomes routes: who may go where, what stays at its time, and what a stop is afterwards."""

from dataclasses import replace

import pytest

from optimizer.bundle import Unit, units_of
from optimizer.duties import Duty, HeldSession, Roster, Routing
from optimizer.model import Channel, Joint, Pin, Skill, StaffNeed, TimeWindow
from optimizer.problem import Problem
from optimizer.routing import route_duties
from optimizer.routing.session_start import session_windows
from optimizer.routing.translate import translate
from optimizer.stop import Budget
from tests.builders import (
    GP,
    MONDAY,
    a_day,
    a_follow_up,
    a_member,
    a_problem,
    a_session,
    an_option,
    clock,
    some_members,
    week_day,
)

MORNING = Duty((0,), (0, 1), 0, 0)
OTHER_TEAM = Duty((0,), (2, 3), 1, 1)
WHOLE_DAY = Duty((0, 1), (0, 1), 0, 0)


def routed(problem: Problem, *duties: Duty, iterations: int = 100) -> Routing:
    """The routing of these duties."""
    return route_duties(problem, units_of(problem), Roster(duties), seed=1, budget=Budget(iterations=iterations))


def served(routing: Routing) -> list[list[int]]:
    """Units of every duty in the order of its stops."""
    return [[stop.unit for stop in duty.stops] for duty in routing.duties]


def one_home(**overrides: object) -> Problem:
    """The hand-made week with one home visit only."""
    return a_problem(follow_ups=(a_follow_up(**overrides),), sessions=())  # type: ignore[arg-type] # passed on


def test_a_home_visit_is_done_on_the_way_out_and_back() -> None:
    (duty,) = routed(one_home(), MORNING).duties
    (stop,) = duty.stops
    assert (duty.start_seconds, stop.start_seconds) == (clock(8), clock(8, 12))
    assert stop.end_seconds - stop.start_seconds == 30 * 60
    assert duty.end_seconds == clock(8, 54)


def test_no_duties_no_routes() -> None:
    assert routed(one_home()).duties == ()


def test_a_duty_without_stops_stays_empty() -> None:
    routing = routed(one_home(), MORNING, OTHER_TEAM)
    assert served(routing) == [[0], []]


def test_the_other_team_costs_continuity() -> None:
    assert served(routed(one_home(team="t2"), MORNING, OTHER_TEAM)) == [[], [0]]


def test_a_preferred_member_draws_a_visit() -> None:
    assert served(routed(one_home(team="", preferred_members=("nurse2",)), MORNING, OTHER_TEAM)) == [[], [0]]


@pytest.mark.parametrize("sex", ["F", "M"])
def test_needs_of_a_visit_pick_the_crew(sex: str) -> None:
    option = an_option(needs=(StaffNeed(roles=("GP",), sex=sex),))
    assert served(routed(one_home(channels=(option,), team=""), MORNING, OTHER_TEAM)) == (
        [[], [0]] if sex == "F" else [[0], []]
    )


def test_a_skill_counts_on_the_date_of_the_duty_only_while_it_is_valid() -> None:
    skilled = a_member("gp1", skills=(Skill("ecg", MONDAY),))
    item = a_follow_up(channels=(an_option(needs=(StaffNeed(skills=("ecg",)),)),))
    problem = a_problem(follow_ups=(item,), sessions=(), members=(skilled, *some_members()[1:]))
    assert served(routed(problem, MORNING)) == [[0]]
    assert served(routed(problem, replace(MORNING, half_days=(2,)))) == [[]]


def test_a_hard_end_closes_later_days() -> None:
    problem = one_home(due=MONDAY, latest=MONDAY, hard_end=True)
    assert served(routed(problem, replace(MORNING, half_days=(2,)))) == [[]]


def test_an_expected_or_called_unit_is_not_visited() -> None:
    problem = a_problem()
    duty = replace(WHOLE_DAY, sessions=(HeldSession(0, 0, (1,)),))
    stops = routed(problem, duty).duties[0].stops
    assert 1 not in [stop.unit for stop in stops]
    assert [stop.session for stop in stops if stop.session >= 0] == [0]


def test_a_session_stays_in_its_half_day_and_the_afternoon_is_for_homes() -> None:
    problem = a_problem(follow_ups=(a_follow_up(), a_follow_up("home2", site="h2")))
    (duty,) = routed(problem, replace(WHOLE_DAY, sessions=(HeldSession(0, 1),))).duties
    session = next(stop for stop in duty.stops if stop.session == 0)
    assert clock(13, 30) <= session.start_seconds <= clock(14, 30)
    assert session.end_seconds - session.start_seconds == 3 * 3600
    assert {stop.unit for stop in duty.stops} == {0, 1, -1}
    assert duty.lunch_start_seconds is not None


def test_a_session_is_early_enough_for_those_who_fast() -> None:
    fasting = TimeWindow(clock(7), clock(9, 30))
    patrol = an_option(Channel.PATROL, minutes=80)
    items = tuple(
        a_follow_up(f"p{number}", channels=(patrol,), patrol_sites=("v1",), time_windows=(fasting,))
        for number in (1, 2)
    )
    problem = a_problem(follow_ups=items)
    held = HeldSession(0, 0, (0, 1))
    (window,) = session_windows(problem, units_of(problem), MORNING, held)
    # 160 minutes of two members end at 9:30 when they begin at 8:10.
    assert (window.start_seconds, window.end_seconds) == (clock(8), clock(8, 10))


def test_fasting_that_leaves_no_room_leaves_the_session_free() -> None:
    fasting = TimeWindow(clock(7), clock(8, 30))
    patrol = an_option(Channel.PATROL, minutes=200)
    item = a_follow_up("p1", channels=(patrol,), patrol_sites=("v1",), time_windows=(fasting,))
    problem = a_problem(follow_ups=(item,))
    (window,) = session_windows(problem, units_of(problem), MORNING, HeldSession(0, 0, (0,)))
    assert (window.start_seconds, window.end_seconds) == (clock(8), clock(9))


def test_a_joint_visit_is_two_stops_of_two_teams() -> None:
    problem = one_home(joint=Joint((GP,)), priority=0)
    assert served(routed(problem, MORNING)) == [[]]
    routing = routed(problem, MORNING, OTHER_TEAM)
    assert served(routing) == [[0], [0]]
    assert routing.duties[0].stops[0].start_seconds == routing.duties[1].stops[0].start_seconds


def test_a_joint_visit_needs_its_own_staff_in_the_second_crew() -> None:
    problem = one_home(joint=Joint((StaffNeed(roles=("SPECIALIST",)),)), priority=0)
    assert served(routed(problem, MORNING, OTHER_TEAM)) == [[], []]


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        (Pin("home1", day=1), [[], [0], []]),
        (Pin("home1", members=("gp2",)), [[], [], [0]]),
        (Pin("home1", channel=Channel.PHONE), [[], [], []]),
    ],
)
def test_pins_hold(pin: Pin, expected: list[list[int]]) -> None:
    problem = replace(one_home(), pins=(pin,))
    assert served(routed(problem, MORNING, replace(MORNING, half_days=(2,)), OTHER_TEAM)) == expected


def test_a_pinned_start_is_exact() -> None:
    problem = replace(one_home(), pins=(Pin("home1", start_seconds=clock(10, 7)),))
    assert routed(problem, MORNING).duties[0].stops[0].start_seconds == clock(10, 7)


def test_what_the_roster_had_in_mind_is_the_first_plan() -> None:
    problem = one_home(team="")
    assert served(routed(problem, MORNING, replace(OTHER_TEAM, homes=(0,)), iterations=0)) == [[], [0]]


def test_a_member_s_field_time_counts_both_duties_of_a_day() -> None:
    items = (a_follow_up("home1"), a_follow_up("home2", site="h2"))
    members = (a_member("gp1", max_field_seconds_day=100 * 60), *some_members()[1:])
    problem = a_problem(follow_ups=items, sessions=(), members=members)
    morning_only = replace(items[0], time_windows=(TimeWindow(clock(8), clock(9)),))
    afternoon_only = replace(items[1], time_windows=(TimeWindow(clock(14), clock(15)),))
    afternoon = replace(MORNING, half_days=(1,))
    apart = replace(problem, follow_ups=(morning_only, afternoon_only))
    # 24 + 30 and 28 + 30 minutes are more than 100 together.
    assert sorted(len(units) for units in served(routed(apart, MORNING, afternoon))) == [0, 1]
    roomy = replace(apart, members=(a_member("gp1", max_field_seconds_day=112 * 60), *some_members()[1:]))
    assert served(routed(roomy, MORNING, afternoon)) == [[0], [1]]


def test_snow_stretches_the_way() -> None:
    problem = replace(one_home(), days=(a_day(0, snow=True), *(a_day(number) for number in range(1, 5))))
    (duty,) = routed(problem, MORNING).duties
    assert duty.stops[0].start_seconds == clock(8) + -(-720 * 167 // 100)


def test_units_without_any_duty_are_not_in_the_search() -> None:
    problem = one_home(earliest=week_day(3), due=week_day(3))
    units: tuple[Unit, ...] = units_of(problem)
    assert translate(problem, units, (MORNING,), frozenset()).nodes == ()


def test_burden_makes_a_further_half_day_dearer() -> None:
    fair = tuple(replace(member, fair_half_days=0) for member in some_members())
    problem = one_home()
    burdened = replace(problem, members=fair)
    extra = routed(burdened, MORNING).search_cost - routed(problem, MORNING).search_cost
    assert extra == 2 * problem.weights.burden_half_day


def test_homes_of_the_morning_do_not_use_up_the_day_of_an_afternoon_session() -> None:
    members = tuple(replace(member, max_field_seconds_day=4 * 3600) for member in some_members())
    homes = tuple(
        a_follow_up(f"h{n}", site="h1", household=f"x{n}", channels=(an_option(minutes=50),)) for n in range(3)
    )
    problem = a_problem(follow_ups=homes, members=members)
    afternoon = Duty((1,), (0, 1), 0, 0, (HeldSession(0, 1),))
    routing = routed(problem, replace(MORNING, homes=(0, 1, 2)), afternoon, iterations=0)
    assert [stop.session for stop in routing.duties[1].stops] == [0]


@pytest.mark.parametrize("hours", [7, 8])
def test_homes_beside_a_session_of_the_morning_do_not_use_up_the_day_of_an_afternoon_session(hours: int) -> None:
    members = tuple(replace(member, max_field_seconds_day=hours * 3600) for member in some_members())
    home = a_follow_up("h1", site="h1", channels=(an_option(minutes=40),))
    problem = a_problem(follow_ups=(home,), members=members, sessions=(a_session(), a_session("s2", site="v2")))
    morning = Duty((0,), (0, 1), 0, 0, (HeldSession(0, 0),), (0,))
    afternoon = Duty((1,), (0, 1), 0, 0, (HeldSession(1, 1),))
    first = routed(problem, morning, afternoon, iterations=0)
    assert [[stop.session for stop in duty.stops if stop.session >= 0] for duty in first.duties] == [[0], [1]]
    # 3 h 20 and 3 h 40 are the whole of seven hours; eight leave time for the home.
    assert len(routed(problem, morning, afternoon).duties[0].stops) == hours - 6


@pytest.mark.parametrize("joint", [None, Joint((GP,))])
def test_a_routing_begins_where_an_earlier_one_ended(joint: Joint | None) -> None:
    visits = (a_follow_up("a", joint=joint, priority=0), a_follow_up("b", household="other", resident="x"))
    problem = a_problem(follow_ups=visits, sessions=())
    units, roster = units_of(problem), Roster((MORNING, OTHER_TEAM))
    first = routed(problem, *roster.duties)
    again = route_duties(problem, units, roster, seed=2, budget=Budget(iterations=0), before=first)
    assert sorted(map(sorted, served(again))) == sorted(map(sorted, served(first)))
    assert served(again) == served(first)


@pytest.mark.parametrize(("price", "homes"), [(0, []), (10**6, [0])])
def test_who_is_expected_at_a_session_is_visited_at_home_when_the_seat_is_worth_it(
    price: int, homes: list[int]
) -> None:
    either = a_follow_up("a", channels=(an_option(), an_option(Channel.PATROL, 10)), patrol_sites=("v1",))
    problem = a_problem(follow_ups=(either,))
    roster = Roster((replace(MORNING, sessions=(HeldSession(0, 0, (0,)),)), OTHER_TEAM))
    budget = Budget(iterations=100)
    routing = route_duties(problem, units_of(problem), roster, seed=1, budget=budget, prices={0: price})
    assert [stop.unit for duty in routing.duties for stop in duty.stops if stop.unit >= 0] == homes
