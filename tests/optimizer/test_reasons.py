"""Why something is left, from plain facts."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.bundle import units_of
from optimizer.model import Channel, DatedWindow, Joint, Pin, ServiceClass, Skill, StaffNeed
from optimizer.reasons import reasons_of, session_reasons
from tests.builders import NURSE, a_follow_up, a_member, a_problem, a_session, an_option, clock, week_day

PATROL = an_option(Channel.PATROL, 10)
TB = StaffNeed(skills=("TB",))


@pytest.mark.parametrize(
    ("overrides", "codes"),
    [
        ({}, ("NO_ROOM",)),
        ({"latest": week_day(9)}, ("NOT_WORTH",)),
        ({"service_class": ServiceClass.HOME_MEDICAL}, ("HOME_MEDICAL",)),
        ({"earliest": week_day(7), "due": week_day(8), "latest": week_day(9)}, ("NOT_OPEN",)),
        ({"earliest": week_day(-9), "due": week_day(-8), "latest": week_day(-1), "hard_end": True}, ("WINDOW",)),
        ({"resident_windows": (DatedWindow(week_day(8), 0, clock(9)),)}, ("RESIDENT_WINDOW",)),
        ({"channels": (an_option(needs=(TB,)),)}, ("STAFF", "NO_ROOM")),
        ({"channels": (an_option(head_count=5),)}, ("HEAD_COUNT", "NO_ROOM")),
        ({"joint": Joint((NURSE,))}, ("NO_ROOM",)),
        ({"joint": Joint((TB,))}, ("JOINT", "NO_ROOM")),
        ({"channels": (PATROL,), "patrol_sites": ("v2",)}, ("NO_SESSION",)),
        ({"channels": (PATROL,), "patrol_sites": ("v1",)}, ("NO_ROOM",)),
    ],
)
def test_the_reason_of_a_left_follow_up(overrides: dict[str, Any], codes: tuple[str, ...]) -> None:
    problem = a_problem(follow_ups=(a_follow_up("a", **overrides),))
    (unit,) = units_of(problem)
    assert reasons_of(problem, unit, [(problem.site_number["v1"], 0)]) == codes


def test_a_joint_visit_whose_pair_needs_the_partner_is_refused_for_want_of_a_second_crew() -> None:
    smd = (Skill("SMD"),)
    members = (a_member("gp1", skills=smd), a_member("psy", role="PSY", team="t2", skills=smd))
    pair = an_option(needs=(StaffNeed(count=2, skills=("SMD",)),), head_count=2)
    visit = a_follow_up("a", channels=(pair,), joint=Joint((StaffNeed(roles=("PSY",)),)))
    problem = a_problem(members=members, follow_ups=(visit,), sessions=())
    assert reasons_of(problem, units_of(problem)[0], []) == ("JOINT", "NO_ROOM")
    third = replace(problem, members=(*members, a_member("gp2", skills=smd)))
    assert reasons_of(third, units_of(third)[0], []) == ("NO_ROOM",)


def test_a_pin_is_named() -> None:
    problem = a_problem(follow_ups=(a_follow_up("a"),), pins=(Pin("a", day=1),))
    assert "PIN" in reasons_of(problem, units_of(problem)[0], [])


def test_a_session_without_its_staff_says_so() -> None:
    lonely = (a_member("gp1"), replace(a_member("gp2"), field_half_days=()))
    problem = a_problem(members=lonely, follow_ups=(), sessions=(a_session(),), teams=a_problem().teams)
    assert session_reasons(problem, 0) == ("SESSION_STAFF",)
    assert session_reasons(a_problem(sessions=(a_session(needs=(NURSE,)),)), 0) == ("NO_ROOM",)
