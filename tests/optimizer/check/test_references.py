"""The judge names what does not exist, and never raises, however odd the plan."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.check import check
from optimizer.plan import Crew, Left, Lunch, PhoneCall, Plan, Stop, StopKind
from optimizer.rules import COST_PARTS, HARD_RULES, RULES
from tests.builders import a_crew, a_plan, a_problem, an_empty_problem

CREW = a_crew()
HOME_STOP, SESSION_STOP = CREW.stops[1], CREW.stops[0]


def with_crew(**overrides: Any) -> Plan:
    """The hand-made plan with a change in its first crew."""
    return replace(a_plan(), crews=(replace(CREW, **overrides), *a_plan().crews[1:]))


def with_stop(**overrides: Any) -> Plan:
    """The hand-made plan with a change in its home stop."""
    return with_crew(stops=(SESSION_STOP, replace(HOME_STOP, **overrides)))


ODD_NAMES = {
    "a member of the problem, found ghost": with_crew(members=("gp1", "nurse1", "ghost")),
    "a vehicle of the problem, found ghost": with_crew(vehicle="ghost"),
    "a team of the problem, found ghost": with_crew(team="ghost"),
    "the number of a half-day of the plan, found 10": with_crew(half_days=(10, 11)),
    "the number of a half-day of the plan, found -2": with_crew(half_days=(-2, -1)),
    "crew c1: expected at least one stop": with_crew(stops=()),
    "a site of the problem, found ghost": with_stop(site="ghost"),
    "crew c1, stop 2: expected a follow-up of the problem, found ghost": with_stop(follow_ups=("home1", "ghost")),
    "at least one follow-up, found nothing": with_stop(follow_ups=()),
    "no session at a home stop, found s1": with_stop(session="s1"),
    "a session of the problem, found nothing": with_crew(stops=(replace(SESSION_STOP, session=""), HOME_STOP)),
    "an id used once, found 2": replace(a_plan(), crews=(CREW, *(replace(c, id="c1") for c in a_plan().crews[1:2]))),
    "phone call ghost: expected a follow-up": replace(a_plan(), phone_calls=(PhoneCall("ghost", "gp1", 0),)),
    "phone call phone1: expected a member": replace(a_plan(), phone_calls=(PhoneCall("phone1", "ghost", 0),)),
    "phone call phone1: expected the number": replace(a_plan(), phone_calls=(PhoneCall("phone1", "gp1", 99),)),
    "follow-up ghost: expected a follow-up": replace(a_plan(), unplanned=(Left("ghost", ("NO_ROOM",)),)),
    "session ghost: expected a session": replace(a_plan(), sessions_not_held=(Left("ghost", ("NO_ROOM",)),)),
    "a known rule code, found GHOST": replace(a_plan(), deferred=(Left("open1", ("GHOST",)),)),
}


@pytest.mark.parametrize("says", ODD_NAMES)
def test_an_unknown_name_is_reported_with_what_was_expected(says: str) -> None:
    violations = check(a_problem(), ODD_NAMES[says]).violations
    assert any(one.rule == "UNKNOWN" and says in one.message_en for one in violations), violations
    assert check(a_problem(), a_plan()).is_feasible


def test_an_empty_plan_of_an_empty_problem_is_feasible_and_free() -> None:
    verdict = check(an_empty_problem(), Plan())
    assert verdict.is_feasible
    assert verdict.cost.total == 0
    assert tuple(verdict.cost.parts) == COST_PARTS


def test_every_rule_the_judge_speaks_of_is_known() -> None:
    for plan in ODD_NAMES.values():
        for violation in check(a_problem(), plan).violations:
            assert RULES[violation.rule] in HARD_RULES


NAMES = st.sampled_from(
    ["home1", "patrol1", "joint1", "s1", "v1", "h1", "base", "gp1", "gp2", "car1", "t1", "", "ghost"]
)
TIMES = st.integers(-100, 90_000)
STOPS = st.builds(
    Stop, st.sampled_from(StopKind), NAMES, st.lists(NAMES, max_size=3).map(tuple), TIMES, TIMES, TIMES, NAMES
)
HALF_DAYS = st.lists(st.integers(-2, 12), max_size=3).map(tuple)
CREWS = st.builds(
    Crew,
    NAMES,
    st.one_of(HALF_DAYS, st.sampled_from([(0,), (0, 1), (3,)])),
    st.lists(NAMES, max_size=3).map(tuple),
    NAMES,
    st.one_of(NAMES, st.just("car1")),
    TIMES,
    TIMES,
    st.lists(STOPS, max_size=3).map(tuple),
    st.none() | st.builds(Lunch, TIMES, TIMES),
)
LEFTS = st.lists(st.builds(Left, NAMES, st.lists(NAMES, max_size=2).map(tuple)), max_size=3).map(tuple)
CALLS = st.lists(st.builds(PhoneCall, NAMES, NAMES, st.integers(-1, 12)), max_size=3).map(tuple)
PLANS = st.builds(Plan, st.lists(CREWS, max_size=3).map(tuple), CALLS, LEFTS, LEFTS, LEFTS)


@given(plan=PLANS, earlier=PLANS)
def test_the_judge_never_raises_and_always_adds_up_a_cost(plan: Plan, earlier: Plan) -> None:
    verdict = check(replace(a_problem(), earlier=earlier), plan)
    assert all(one.message_zh and one.message_en and one.where for one in verdict.violations)
    assert tuple(verdict.cost.parts) == COST_PARTS
    assert not verdict.is_feasible  # some follow-up or another is not accounted for
