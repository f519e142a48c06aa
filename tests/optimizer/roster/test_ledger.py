"""The ledger: what is missing, in plain sentences."""

from dataclasses import replace

from optimizer.bundle import units_of
from optimizer.plan import Shortage
from optimizer.problem import Problem
from optimizer.roster import ledger
from tests.builders import GP, a_follow_up, a_member, a_problem, a_session, a_vehicle, an_option, some_members


def lines_of(problem: Problem) -> dict[tuple[str, str], Shortage]:
    """Shortages by rule and place."""
    return {(line.rule, line.where): line for line in ledger(problem, units_of(problem))}


def test_a_week_with_enough_of_everything_has_an_empty_ledger() -> None:
    assert lines_of(a_problem()) == {}


def test_people_missing_on_a_half_day_are_counted() -> None:
    sessions = tuple(a_session(f"s{n}", site=f"v{n}", half_days=(2,), min_members=3) for n in (1, 2))
    line = lines_of(a_problem(sessions=sessions))["MEMBER_AVAILABLE", "Tue 2026-11-24 morning"]
    assert (line.needed, line.available) == (6, 4)
    assert line.message_en == "Tue 2026-11-24 morning: members in the field (half-days): 6 needed, 4 there"
    assert line.message_zh == "周二(2026-11-24)上午: 外勤人员(人次半天)需要 6，只有 4"


def test_a_rare_qualification_is_counted_over_the_week() -> None:
    members = tuple(replace(member, role="NURSE") for member in some_members())
    members = (*members, a_member("gp", field_half_days=(0,)))
    sessions = tuple(a_session(f"s{n}", site=f"v{n}", needs=(GP,)) for n in (1, 2))
    lines = lines_of(a_problem(members=members, sessions=sessions))
    assert lines["STAFF", "whole week"].message_en == "whole week: GP (half-days): 2 needed, 1 there"


def test_a_need_met_by_fewer_people_counts_for_the_wider_need_too() -> None:
    either = replace(GP, roles=("GP", "PH"))
    members = (a_member("gp", field_half_days=(0,)), a_member("nurse", role="NURSE", field_half_days=(0,)))
    sessions = (
        a_session("s1", half_days=(0,), needs=(GP,)),
        a_session("s2", site="v2", half_days=(0,), needs=(either,)),
    )
    lines = lines_of(a_problem(members=members, sessions=sessions))
    assert ("STAFF", "Mon 2026-11-23 morning") in lines
    assert lines["STAFF", "Mon 2026-11-23 morning"].needed == 2


def test_vehicles_equipment_and_drivers_are_counted() -> None:
    sessions = tuple(a_session(f"s{n}", site=f"v{n}", half_days=(0,), vehicle_tag="kit") for n in (1, 2))
    one_kit = (a_vehicle("car1", tags=("kit",)), a_vehicle("car2"))
    assert ("VEHICLE_TAG", "Mon 2026-11-23 morning") in lines_of(a_problem(sessions=sessions, vehicles=one_kit))
    one_car = (a_vehicle("car1", tags=("kit",)),)
    assert ("VEHICLE_ONCE", "Mon 2026-11-23 morning") in lines_of(a_problem(sessions=sessions, vehicles=one_car))
    members = tuple(replace(m, drives=("car",) if m.id == "gp1" else ()) for m in some_members())
    assert ("DRIVER", "Mon 2026-11-23 morning") in lines_of(a_problem(sessions=sessions, members=members))


def test_urgent_home_visits_count_with_their_minutes_and_routine_ones_do_not() -> None:
    urgent = tuple(
        a_follow_up(f"u{n}", household=f"hh{n}", resident=f"r{n}", priority=1, channels=(an_option(minutes=110),))
        for n in range(3)
    )
    one = (a_member("gp", field_half_days=(0,)),)
    problem = a_problem(follow_ups=urgent, sessions=(), members=one)
    assert lines_of(problem)["MEMBER_AVAILABLE", "whole week"].needed == 2
    routine = tuple(replace(item, priority=2) for item in urgent)
    assert lines_of(replace(problem, follow_ups=routine)) == {}
