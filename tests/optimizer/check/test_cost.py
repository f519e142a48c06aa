"""Every part of the cost, with the points expected by hand."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.check import check
from optimizer.model import Channel, Joint, Skill, StaffNeed, TimeWindow
from optimizer.plan import Crew, Plan
from optimizer.weights import Weights
from tests.builders import (
    A_PLANS_COST,
    a_crew,
    a_follow_up,
    a_home_stop,
    a_joint_pair,
    a_plan,
    a_problem,
    a_session,
    a_session_stop,
    a_trip,
    an_option,
    clock,
    some_members,
    week_day,
)
from tests.optimizer.check.trials import Week, left, outings, week

MINUTE = 60
VISIT = outings(a_trip(a_home_stop("f1")))


def seen(plan: Plan = VISIT, *, minutes: int = 20, **item: Any) -> Week:
    """The follow-up f1 with these fields under a plan."""
    return week(a_follow_up("f1", channels=item.pop("channels", (an_option(minutes=minutes),)), **item)), plan


def attended(session: dict[str, Any] | None = None, crew: dict[str, Any] | None = None, **item: Any) -> Week:
    """The session s1 with the attendee f1."""
    option = (an_option(Channel.HOME), an_option(Channel.PATROL))
    attendee = a_follow_up("f1", channels=option, **({"patrol_sites": ("v1", "v2")} | item))
    trip = a_trip(a_session_stop("f1"), **(crew or {}))
    return week(attendee, sessions=(a_session(**(session or {})),)), outings(trip)


def joint(*, preferred: tuple[str, ...], needs: tuple[StaffNeed, ...] = ()) -> Week:
    """The joint visit of both teams; its contract team is t2."""
    item = a_follow_up(
        "joint1",
        site="h3",
        channels=(an_option(minutes=30, needs=needs),),
        joint=Joint(),
        team="t2",
        preferred_members=preferred,
    )
    return week(item), outings(*a_joint_pair())


def unserved(**item: Any) -> Week:
    """The follow-up f1, left."""
    problem = week(a_follow_up("f1", **item))
    is_open = problem.follow_ups[0].latest > problem.days[-1].date
    return problem, Plan(deferred=left("f1")) if is_open else Plan(unplanned=left("f1"))


def late_day(**overrides: Any) -> Crew:
    """An afternoon visit begun at 17:00, back at 17:42."""
    return a_trip(a_home_stop("f1", start=clock(17)), half_days=(1,), start=clock(16), **overrides)


def since(earlier: Plan, plan: Plan | None = None) -> Week:
    """The hand-made plan, or another, after an earlier one."""
    return a_problem(earlier=earlier), plan or a_plan()


def late_couple() -> Week:
    """A couple seen at 08:12, both two minutes late."""
    couple = [a_follow_up(name, household="h", time_windows=SOFT_END) for name in ("f1", "f2")]
    return week(*couple), outings(a_trip(a_home_stop("f1", "f2", minutes=42)))


def late_pair() -> Week:
    """The joint visit at 08:22, two minutes late."""
    windows = (TimeWindow(clock(8), clock(8, 20), clock(9)),)
    option = an_option(minutes=30)
    item = a_follow_up("joint1", site="h3", channels=(option,), joint=Joint(), time_windows=windows)
    return week(item), outings(*a_joint_pair())


SOFT_END = (TimeWindow(clock(8), clock(8, 10), clock(9)),)
TWO_SOFT_ENDS = (TimeWindow(clock(7), clock(8), clock(9)), TimeWindow(clock(8), clock(8, 11), clock(9)))
NURSE1_ONLY = replace(StaffNeed(), skills=("X",))
PRICED_WAITING = Weights(waiting_second=1)
MOVED_HOME = replace(a_plan(), crews=(replace(a_crew(), half_days=(4, 5)), *a_plan().crews[1:]))

COSTS: dict[str, tuple[str, Week, int]] = {
    "P2 missed": ("unplanned", unserved(), 300 * MINUTE),
    "P0 missed": ("unplanned", unserved(priority=0), 3000 * MINUTE),
    "a joint visit missed counts double": ("unplanned", unserved(joint=Joint()), 600 * MINUTE),
    "latest Wednesday, left: three days overdue on Saturday": (
        "overdue",
        unserved(due=week_day(1), latest=week_day(2)),
        3 * 10 * MINUTE,
    ),
    "latest last Friday, done on Monday: no day of this plan is lost": (
        "overdue",
        seen(earliest=week_day(-9), due=week_day(-5), latest=week_day(-3), priority=1),
        0,
    ),
    "latest last Friday, left: five days of this plan are lost": (
        "overdue",
        unserved(earliest=week_day(-9), due=week_day(-5), latest=week_day(-3)),
        5 * 10 * MINUTE,
    ),
    "in time": ("overdue", seen(), 0),
    "a session not held": (
        "session_not_held",
        (week(sessions=(a_session(weight=77),)), Plan(sessions_not_held=left("s1"))),
        77,
    ),
    "open one more day": ("deferred", unserved(latest=week_day(5)), 6 * MINUTE),
    "open eight more days": ("deferred", unserved(latest=week_day(12)), 2 * MINUTE),
    "open fifty more days": ("deferred", unserved(latest=week_day(54)), 1 * MINUTE),
    "there and back": ("travel", seen(), 2 * 12 * MINUTE),
    "back twelve minutes late": ("overtime", seen(outings(late_day())), 2 * 12 * MINUTE),
    "two minutes after the soft end": ("lateness", seen(time_windows=SOFT_END), 2 * 2 * MINUTE),
    "of two windows the kinder one counts": ("lateness", seen(time_windows=TWO_SOFT_ENDS), 2 * 1 * MINUTE),
    "two late ones at one stop count twice": ("lateness", late_couple(), 2 * (2 + 2) * MINUTE),
    "a joint visit is late once": ("lateness", late_pair(), 2 * 2 * MINUTE),
    "inside its window": ("lateness", seen(time_windows=(TimeWindow(clock(8), clock(9), clock(10)),)), 0),
    "waiting without lunch": ("waiting", (replace(a_problem(), weights=PRICED_WAITING), a_plan()), 18 * MINUTE),
    "two members, one half-day": ("staffing", seen(), 2 * 15 * MINUTE),
    "another team at home": ("continuity", seen(team="t2"), 10 * MINUTE),
    "no preferred member": ("continuity", seen(preferred_members=("gp2",)), 10 * MINUTE),
    "one preferred member": ("continuity", seen(preferred_members=("gp2", "nurse1")), 0),
    "no contract team": ("continuity", seen(team=""), 0),
    "a session by another team": (
        "continuity",
        attended(crew={"members": ("gp1", "nurse2")}),
        20 * MINUTE,
    ),
    "a session of no team": ("continuity", attended({"team": ""}, {"members": ("gp1", "nurse2")}), 0),
    "the cheaper crew of a joint visit": ("continuity", joint(preferred=("gp1",)), 10 * MINUTE),
    "at a neighbour's session": ("neighbour", attended(patrol_sites=("v2", "v1")), 3 * MINUTE),
    "at its own session": ("neighbour", attended(), 0),
    "off the usual half-day": ("rhythm", attended({"usual_half_day": 2}), 60 * MINUTE),
    "on the usual half-day": ("rhythm", attended({"usual_half_day": 0}), 0),
    "at home although a session would do": (
        "home_instead",
        seen(channels=(an_option(), an_option(Channel.PATROL)), patrol_sites=("v1",)),
        2 * MINUTE,
    ),
    "at home with no session near": ("home_instead", seen(channels=(an_option(), an_option(Channel.PATROL))), 0),
    "one half-day too many for one member": (
        "balance",
        (
            a_problem(
                members=tuple(replace(one, fair_half_days=2) if one.id == "gp1" else one for one in some_members())
            ),
            a_plan(),
        ),
        10 * MINUTE,
    ),
    "as before": ("change", since(a_plan()), 0),
    "two visits and the session on another day": ("change", since(MOVED_HOME), 3 * 30 * MINUTE),
    "a call no longer made": (
        "change",
        since(a_plan(), replace(a_plan(), phone_calls=(), unplanned=(*a_plan().unplanned, *left("phone1")))),
        30 * MINUTE,
    ),
    "new ones are free": ("change", since(Plan()), 0),
    "what the problem no longer has is free": ("change", (a_problem(earlier=outings(late_day())), a_plan()), 0),
}


@pytest.mark.parametrize("fact", COSTS)
def test_a_part_of_the_cost(fact: str) -> None:
    part, (problem, plan), points = COSTS[fact]
    verdict = check(problem, plan)
    assert verdict.violations == ()
    assert verdict.cost.parts[part] == points


def test_every_part_of_the_cost_has_a_fact() -> None:
    assert {part for part, _, _ in COSTS.values()} == set(A_PLANS_COST)


def test_the_hand_made_plan_costs_what_was_added_by_hand() -> None:
    cost = check(a_problem(), a_plan()).cost
    assert cost.parts == A_PLANS_COST
    assert cost.total == 32_880


def test_only_the_crew_with_the_needed_skill_counts_for_a_joint_visit() -> None:
    members = tuple(replace(one, skills=(Skill("X"),)) if one.id == "nurse1" else one for one in some_members())
    problem, plan = joint(preferred=("gp2",), needs=(NURSE1_ONLY,))
    verdict = check(replace(problem, members=members), plan)
    assert verdict.violations == ()
    assert verdict.cost.parts["continuity"] == 2 * 10 * MINUTE  # crew c3 is of t1 and without gp2


def test_what_is_left_is_priced_whatever_the_plan_says() -> None:
    """A plan that hides a follow-up pays for it all the same."""
    hidden = replace(a_plan(), unplanned=())
    assert check(a_problem(), hidden).cost.parts == A_PLANS_COST
