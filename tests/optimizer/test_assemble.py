"""Roster and routing put together: nothing is lost, nothing doubled, and what is left carries its reason."""

from optimizer.assemble import assemble
from optimizer.bundle import units_of
from optimizer.check import check
from optimizer.duties import Call, Duty, HeldSession, Roster, RoutedDuty, RoutedStop, Routing
from optimizer.plan import Plan, StopKind
from optimizer.problem import Problem
from tests.builders import A_PLANS_COST, a_plan, a_problem, clock


def unit_number(problem: Problem, name: str) -> int:
    """The number of the unit that holds a follow-up."""
    wanted = problem.follow_up_number[name]
    return next(n for n, unit in enumerate(units_of(problem)) if wanted in unit.follow_ups)


def the_hand_made_plan(problem: Problem, *, routed: bool = True) -> Plan:
    """The plan of the builders, from a roster and its routing."""
    home, patrol, phone, joint = (unit_number(problem, name) for name in ("home1", "patrol1", "phone1", "joint1"))
    together = RoutedStop(joint, -1, clock(8, 22), clock(8, 22), clock(9, 2))
    duties = (
        Duty((0, 1), (0, 1), 0, 0, (HeldSession(0, 0, (patrol,)),), (home,)),
        Duty((2,), (2, 3), 1, 1, homes=(joint,)),
        Duty((2,), (0, 1), 0, 0, homes=(joint,)),
    )
    session = RoutedStop(-1, 0, clock(8, 10), clock(8, 10), clock(11, 10))
    visit = RoutedStop(home, -1, clock(11, 12), clock(12, 30), clock(13))
    routes = (
        RoutedDuty((session, visit), clock(8), clock(13, 12), clock(11, 30)),
        RoutedDuty((together,), clock(8), clock(9, 24)),
        RoutedDuty((together,), clock(8), clock(9, 24)),
    )
    empty = tuple(RoutedDuty() for _ in duties)
    roster = Roster(duties, (Call(phone, 3, 0),))
    return assemble(problem, units_of(problem), roster, Routing(routes if routed else empty, 0))


def test_the_plan_of_a_roster_and_its_routing_passes_and_costs_the_same() -> None:
    problem = a_problem()
    verdict = check(problem, the_hand_made_plan(problem))
    assert verdict.violations == ()
    assert verdict.cost.parts == A_PLANS_COST


def test_what_is_left_is_told_apart_as_in_the_hand_made_plan() -> None:
    plan, expected = the_hand_made_plan(a_problem()), a_plan()
    assert [left.id for left in plan.deferred] == [left.id for left in expected.deferred]
    assert [left.id for left in plan.unplanned] == [left.id for left in expected.unplanned]
    assert all(left.rules for left in (*plan.deferred, *plan.unplanned))


def test_duties_without_stops_do_not_go_out_and_their_work_is_left() -> None:
    problem = a_problem()
    plan = the_hand_made_plan(problem, routed=False)
    assert plan.crews == ()
    assert {left.id for left in plan.unplanned} >= {"home1", "patrol1", "joint1"}
    assert [left.id for left in plan.sessions_not_held] == ["s1"]
    assert check(problem, plan).violations == ()


def test_a_session_stop_carries_its_attendees() -> None:
    stops = [stop for crew in the_hand_made_plan(a_problem()).crews for stop in crew.stops]
    assert [stop.follow_ups for stop in stops if stop.kind is StopKind.SESSION] == [("patrol1",)]
