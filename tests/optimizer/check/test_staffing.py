"""Joint visits and phone calls: holds, broken, repaired."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import Channel, Joint, Parameters, Skill, StaffNeed
from optimizer.plan import PhoneCall, Plan
from tests.builders import (
    GP,
    NURSE,
    a_follow_up,
    a_home_stop,
    a_joint_pair,
    a_trip,
    an_option,
    clock,
    some_members,
)
from tests.optimizer.check.trials import Trial, Week, left, outings, week

FIRST, SECOND = a_joint_pair()
PSYCHIATRY = StaffNeed(skills=("PSY",))
TWO_PSYCHIATRISTS = tuple(
    replace(member, skills=(Skill("PSY"),)) if member.role == "GP" else member for member in some_members()
)


def joint(*needs: StaffNeed, head_count: int = 1, partner: tuple[StaffNeed, ...] = (), **parts: Any) -> Week:
    """The joint visit of both teams with these needs of the first and of the partner crew."""
    option = an_option(minutes=30, needs=needs, head_count=head_count)
    return week(a_follow_up("joint1", site="h3", channels=(option,), joint=Joint(partner)), **parts), outings(
        FIRST, SECOND
    )


def joint_by(second: Any, *others: Any) -> Week:
    """The joint visit by the first crew and this one."""
    items = [a_follow_up(name, site="h3", channels=(an_option(minutes=30),)) for name in others]
    item = a_follow_up("joint1", site="h3", channels=(an_option(minutes=30),), joint=Joint())
    return week(item, *items), outings(FIRST, second)


def calls(
    *minutes: int, member: str = "nurse2", half_day: int = 0, needs: tuple[StaffNeed, ...] = (), **parts: Any
) -> Week:
    """Phone calls of so many minutes by one member on one half-day, beside a home visit of gp1 and nurse1."""
    items = [
        a_follow_up(f"p{number}", channels=(an_option(Channel.PHONE, length, needs=needs),))
        for number, length in enumerate(minutes)
    ]
    made = tuple(PhoneCall(item.id, member, half_day) for item in items)
    return week(a_follow_up("f1"), *items, **parts), outings(a_trip(a_home_stop("f1")), phone_calls=made)


def desk(**overrides: Any) -> tuple[Any, ...]:
    """The usual members, nurse1 with other half-days."""
    return tuple(replace(one, **overrides) if one.id == "nurse1" else one for one in some_members())


LATER = a_trip(a_home_stop("joint1", site="h3", minutes=40, start=clock(9)), id="c3", half_days=(2,), start=clock(8))
SAME_TEAM = replace(SECOND, team="t2")
TRIALS = [
    Trial(
        "JOINT",
        joint(),
        (joint()[0], outings(FIRST)),
        (joint()[0], Plan(unplanned=left("joint1"))),
        "follow-up joint1: expected two crews, found 1",
    ),
    Trial("JOINT", joint(), joint_by(LATER), joint_by(SECOND), "the same start, found 08:22, 09:00"),
    Trial("JOINT", joint(), joint_by(replace(SECOND, half_days=(4,))), joint_by(SECOND), "the same day"),
    Trial(
        "JOINT",
        joint(),
        joint_by(replace(SECOND, team="t2", members=("gp1",))),
        joint_by(replace(SECOND, members=("gp1",))),
        "two teams, found t2, t2",
        also=frozenset({"CREW_TEAM"}),
    ),
    Trial(
        "JOINT",
        joint(),
        joint_by(replace(SECOND, members=("gp1", "nurse2"))),
        joint_by(replace(SECOND, members=("gp1",))),
        "no member in both, found gp2, nurse2, gp1, nurse2",
        also=frozenset({"MEMBER_ONCE"}),
    ),
    Trial(
        "JOINT",
        joint(),
        joint_by(replace(SECOND, stops=(replace(SECOND.stops[0], follow_ups=("joint1", "f2")),)), "f2"),
        joint_by(SECOND),
        "nothing else at the stop",
        also=frozenset({"SERVICE_TIME"}),
    ),
    Trial(
        "STAFF",
        joint(GP, partner=(NURSE,)),
        joint(PSYCHIATRY, partner=(PSYCHIATRY,)),
        joint(PSYCHIATRY, partner=(PSYCHIATRY,), members=TWO_PSYCHIATRISTS),
        "shared between the two crews",
    ),
    Trial(
        "HEAD_COUNT", joint(head_count=2), joint(head_count=3), joint(head_count=1), "at least 3 members in the first"
    ),
    Trial(
        "PHONE",
        calls(10),
        calls(10, member="nurse1"),
        calls(10, member="nurse1", half_day=1),
        "nurse1 at the desk or free",
    ),
    Trial(
        "PHONE",
        calls(10, member="nurse1", half_day=3, members=desk(field_half_days=(0,), desk_half_days=(3,))),
        calls(10, member="nurse1", half_day=4, members=desk(field_half_days=(0,), desk_half_days=(3,))),
        calls(10, member="nurse1", half_day=4, members=desk()),
        "found half-day 4",
    ),
    Trial(
        "PHONE",
        calls(30, 30),
        calls(30, 31),
        calls(30, 31, parameters=Parameters(phone_seconds_per_half_day=61 * 60)),
        "member nurse2, half-day 0: expected at most 3600 seconds on the phone, found 3660",
    ),
    Trial(
        "PHONE",
        calls(10, needs=(replace(NURSE, count=2),)),
        calls(10, needs=(GP,)),
        calls(10, member="gp2", needs=(GP,)),
        "at least 1 of role GP, found nurse2 (NURSE)",
    ),
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_a_rule_holds_is_broken_and_is_repaired(trial: Trial) -> None:
    trial.judge()


def test_either_crew_may_be_the_one_that_satisfies_the_visit_itself() -> None:
    members = tuple(replace(one, skills=(Skill("PSY"),)) if one.id == "gp1" else one for one in some_members())
    Trial(
        "STAFF",
        joint(PSYCHIATRY, members=members),
        joint(PSYCHIATRY, partner=(PSYCHIATRY,), members=members),
        joint(partner=(PSYCHIATRY,), members=members),
        "with PSY valid",
    ).judge()
