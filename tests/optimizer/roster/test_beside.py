"""Facts about home visits beside a session: where, with which time, before or after it; judged as they are routed."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.check import check
from optimizer.model import Channel, Parameters, StaffNeed, TimeWindow
from optimizer.plan import Crew, StopKind
from optimizer.problem import Problem
from optimizer.solve import SolveParams, solve
from tests.builders import (
    MONDAY,
    a_day,
    a_follow_up,
    a_problem,
    a_session,
    a_team,
    a_vehicle,
    an_option,
    clock,
    some_members,
)
from tests.optimizer.roster.test_decide import decided

MORNING, AFTERNOON = 0, 1
FASTING = (TimeWindow(clock(7), clock(9, 30)),)


def one_crew(half_day: int, *, visit: dict[str, Any] | None = None, **overrides: Any) -> Problem:
    """One crew and one car on one half-day: residents wait at v1, somebody at h3, in the next village, for a visit."""
    patrol = an_option(Channel.PATROL, minutes=10)
    waiting = [a_follow_up(f"p{n}", channels=(patrol,), patrol_sites=("v1",), household="") for n in range(6)]
    members = tuple(replace(member, field_half_days=(half_day,)) for member in some_members()[:2])
    parts: dict[str, Any] = {
        "days": (a_day(0),),
        "teams": (a_team("t1"),),
        "members": members,
        "vehicles": (a_vehicle("car1"),),
        "sessions": (a_session(half_days=(half_day,)),),
        "follow_ups": (
            a_follow_up("home1", **({"site": "h3", "due": MONDAY, "latest": MONDAY} | (visit or {}))),
            *waiting,
        ),
    }
    return a_problem(**(parts | overrides))


def homes_planned(problem: Problem) -> int:
    """Home visits of the duty that holds the session."""
    (duty,) = (duty for duty in decided(problem).duties if duty.sessions)
    return len(duty.homes)


def routed(problem: Problem) -> Crew:
    """The only crew of the judged plan."""
    result = solve(problem, SolveParams(seed=1, iterations=2400, workers=1))
    assert check(problem, result.plan).is_feasible
    (crew,) = result.plan.crews
    return crew


def kinds(crew: Crew) -> list[StopKind]:
    return [stop.kind for stop in crew.stops]


def test_a_morning_crew_sees_a_home_of_the_next_village_after_its_session() -> None:
    problem = one_crew(MORNING)
    assert homes_planned(problem) == 1
    crew = routed(problem)
    assert kinds(crew) == [StopKind.SESSION, StopKind.HOME]
    assert clock(12) < crew.end_seconds <= clock(12, 15), "within half of the overtime"


@pytest.mark.parametrize(("modes", "planned"), [(("car",), 1), (("ebike",), 0), (("car", "ebike"), 1)])
def test_the_time_beside_a_session_is_that_of_its_vehicle(modes: tuple[str, ...], planned: int) -> None:
    problem = one_crew(
        MORNING,
        visit={"site": "h1", "channels": (an_option(minutes=30),)},
        vehicles=tuple(a_vehicle(f"{mode}1", mode=mode) for mode in modes),
        members=tuple(replace(one, drives=modes, field_half_days=(MORNING,)) for one in some_members()[:2]),
    )
    assert homes_planned(problem) == planned


def test_what_takes_more_than_half_of_the_overtime_is_not_planned_beside_a_session() -> None:
    no_overtime = Parameters(max_overtime_seconds=0)
    assert homes_planned(one_crew(MORNING, parameters=no_overtime)) == 0
    assert homes_planned(one_crew(MORNING, visit={"site": "h1"}, parameters=no_overtime)) == 1, "in the village itself"


def test_a_visit_that_the_crew_cannot_do_is_not_planned_beside_its_session() -> None:
    alone = an_option(needs=(StaffNeed(roles=("PH",)),))
    assert homes_planned(one_crew(MORNING, visit={"channels": (alone,)})) == 0
    nurse = an_option(needs=(StaffNeed(roles=("NURSE",)),))
    assert homes_planned(one_crew(MORNING, visit={"channels": (nurse,)})) == 1


def test_who_has_to_be_seen_before_a_morning_session_is_left_to_home_crews() -> None:
    assert homes_planned(one_crew(MORNING, visit={"time_windows": FASTING})) == 0
    late = (TimeWindow(clock(11), clock(12)),)
    assert homes_planned(one_crew(MORNING, visit={"time_windows": late})) == 1


def test_an_afternoon_crew_sees_a_home_before_its_session_when_it_has_to() -> None:
    early = (TimeWindow(clock(13, 30), clock(14)),)
    problem = one_crew(AFTERNOON, visit={"time_windows": early, "site": "h1"})
    assert homes_planned(problem) == 1
    assert kinds(routed(problem)) == [StopKind.HOME, StopKind.SESSION]
