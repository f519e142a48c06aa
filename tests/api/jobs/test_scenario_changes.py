"""What the changes of a scenario do to the problem that is planned, their faults, and where its plan may not go."""

from collections import Counter
from typing import Any

import pytest

from api.store.models.plans import WeekPlan
from api.store.scope import everything
from api.weeks import plan_of, problem_of
from optimizer.check import check
from optimizer.problem import Problem
from tests.api.jobs.test_scenarios import made
from tests.api.jobs.town import WEEK, Town, town
from tests.api.service.conftest import Caller

__all__ = ["town"]

FRIDAY = [{"date": "2026-11-27"}]


@pytest.fixture
def analyst(town: Town) -> Caller:
    """Who asks what if."""
    return town.caller("analyst")


def planned_problem(town: Town, caller: Caller, *changes: dict[str, Any]) -> Problem:
    """The problem that the plan of a scenario with these changes answers; the plan keeps every rule."""
    scenario = made(caller, *changes, name=f"{len(caller.get('/v1/scenarios').json()['items'])}")
    town.planned(caller, f"/v1/scenarios/{scenario['id']}:plan", scenario["id"])
    told = caller.get(f"/v1/scenarios/{scenario['id']}").json()
    assert told["job_state"] == "completed", told
    with town.database.session(everything("tests"), read_only=True) as session:
        row = session.get_one(WeekPlan, told["plan_id"])
        problem = problem_of(session, row)
        assert check(problem, plan_of(session, row)).is_feasible
    return problem


def test_changes_of_sessions_and_settings_are_in_the_planned_problem(town: Town, analyst: Caller) -> None:
    plain = town.problem()
    removed, kept = plain.sessions[0].id, plain.sessions[-1]
    rows = {each["external_id"]: each for each in town.caller("team_leader").get("/v1/patrols").json()["items"]}
    names = sorted(rows, key=lambda name: -len(name))
    removed = next(name for name in names if removed.startswith(name))
    other = next(name for name in names if kept.id.startswith(name))
    problem = planned_problem(
        town,
        analyst,
        {"kind": "session_removed", "session": removed},
        {"kind": "session_forbidden", "session": other, "half_days": FRIDAY},
        {"kind": "setting", "key": "morning_start", "value": "08:30"},
    )
    assert not [each for each in problem.sessions if each.id.startswith(removed)]
    (still,) = [each for each in problem.sessions if each.id == kept.id]
    assert still.half_days == tuple(half for half in kept.half_days if half not in {8, 9})
    assert {day.morning_start_seconds for day in problem.days} == {8 * 3600 + 1800}


def test_follow_ups_are_left_out_by_rule_by_team_and_by_both(town: Town, analyst: Caller) -> None:
    plain = town.problem()
    (rule, team), _ = Counter((each.rule, each.team) for each in plain.follow_ups if each.team).most_common(1)[0]
    by_rule = planned_problem(town, analyst, {"kind": "follow_ups_left_out", "rule": rule})
    by_team = planned_problem(town, analyst, {"kind": "follow_ups_left_out", "team": team})
    by_both = planned_problem(town, analyst, {"kind": "follow_ups_left_out", "rule": rule, "team": team})
    everybody = [(each.id, each.rule, each.team) for each in plain.follow_ups]
    assert [each.id for each in by_rule.follow_ups] == [name for name, of, _ in everybody if of != rule]
    assert [each.id for each in by_team.follow_ups] == [name for name, _, of in everybody if of != team]
    left = [name for name, of_rule, of_team in everybody if (of_rule, of_team) != (rule, team)]
    assert [each.id for each in by_both.follow_ups] == left


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "follow_ups_left_out", "rule": "NO_RULE"}, "NO_SUCH_RULE", "/changes/0/rule"),
    ({"kind": "follow_ups_left_out", "team": "T-NONE"}, "NO_SUCH_ID", "/changes/0/team"),
    ({"kind": "session_removed", "session": "S-NONE"}, "NO_SUCH_ID", "/changes/0/session"),
    ({"kind": "session_forbidden", "session": "S-NONE", "half_days": FRIDAY}, "NO_SUCH_ID", "/changes/0/session"),
    ({"kind": "setting", "key": "morning_strat", "value": "08:30"}, "NO_SUCH_SETTING", "/changes/0/key"),
    ({"kind": "setting", "key": "morning_start", "value": "25:00"}, "NOTATION", "/changes/0/value"),
    (
        {"kind": "session_added", "session": "S-NEW", "site": "V-NONE", "half_days": FRIDAY},
        "UNKNOWN_ID",
        "/changes/0/site",
    ),
    (
        {"kind": "vehicle_added", "vehicle": "C-NEW", "mode": "car", "seats": 5, "base": "V-NONE"},
        "UNKNOWN_ID",
        "/changes/0/base",
    ),
]


@pytest.mark.parametrize(("change", "code", "pointer"), FAULTS)
def test_a_change_that_cannot_be_made_is_told_with_its_pointer(
    change: dict[str, Any], code: str, pointer: str, analyst: Caller
) -> None:
    answer = analyst.post("/v1/scenarios", json={"week": WEEK, "name": "x", "changes": [change]})
    assert answer.status_code == 422, answer.text
    assert [(each["code"], each["pointer"]) for each in answer.json()["errors"]] == [(code, pointer)]
    assert analyst.get("/v1/scenarios").json()["items"] == []


def test_a_base_of_another_week_is_refused_everywhere(town: Town, analyst: Caller) -> None:
    leader = town.caller("team_leader")
    town.planned(leader, "/v1/plans", "next", week="2026-W49")
    (other,) = leader.get("/v1/plans").json()["items"]
    scenario = made(analyst)
    town.planned(analyst, f"/v1/scenarios/{scenario['id']}:plan", "own")
    path = f"/v1/scenarios/{scenario['id']}"
    version = analyst.get(path).json()["version"]
    answers = [
        analyst.post("/v1/scenarios", json={"week": WEEK, "name": "y", "base_plan_id": other["id"]}),
        analyst.patch(path, version, json={"base_plan_id": other["id"]}),
        analyst.get(f"{path}:compare", params={"other": other["id"]}),
        analyst.post(f"{path}:plan", json={"base_plan_id": other["id"]}, headers={"Idempotency-Key": "other-week-1"}),
    ]
    assert [answer.json()["code"] for answer in answers] == ["OTHER_WEEK"] * 4
    assert analyst.get(f"{path}:compare").json()["code"] == "NOTHING_TO_COMPARE"
    town.planned(leader, "/v1/plans", "this", week=WEEK)
    assert analyst.get(f"{path}:compare").status_code == 200


def test_the_plan_of_a_scenario_is_neither_edited_nor_planned_anew_nor_published(town: Town, analyst: Caller) -> None:
    leader, scenario = town.caller("team_leader"), made(analyst)
    town.planned(analyst, f"/v1/scenarios/{scenario['id']}:plan", "own")
    plan_id = analyst.get(f"/v1/scenarios/{scenario['id']}").json()["plan_id"]
    path, before = f"/v1/plans/{plan_id}", leader.get(f"/v1/plans/{plan_id}").json()
    drop = {"kind": "drop_follow_up", "follow_up": next(iter(before["document"]["crews"]))["stops"][0]["follow_ups"][0]}
    tag = {"If-Match": f'"{before["version"]}"'}
    answers = [
        leader.post(f"{path}/edits", json={"edits": [drop]}, headers=tag),
        leader.post(f"{path}:replan", json={"iterations": 0}),
        leader.post(f"{path}:publish", headers=tag),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "SCENARIO_PLAN")] * 3
    assert leader.get(path).json() == before
