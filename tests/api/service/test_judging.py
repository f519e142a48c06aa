"""Plans judged over HTTP: a hand-made one with every breach listed, two plans compared, a bare problem solved."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.exports.week import draft_of
from api.planning import Prepared
from api.store.scope import organisation_scope
from api.weeks import store_plan
from geodata import GreatCircle
from optimizer.check import check
from optimizer.documents import plan_from_json, plan_to_json, problem_from_json, problem_to_json
from optimizer.plan import Left, Plan
from optimizer.tables import Labels
from tests.api.exports.service import WEEK, Stored, publish_week
from tests.api.exports.weeks import a_printed_week
from tests.api.service.conftest import Caller
from tests.api.service.drafts import draft, edited, judged, leader
from tests.builders import a_crew, a_plan, a_problem

__all__ = ["draft", "leader"]


def document_of(plan: Plan) -> dict[str, Any]:
    """A plan as JSON."""
    document: dict[str, Any] = json.loads(plan_to_json(plan))
    return document


def a_bad_plan() -> Plan:
    """The plan with nobody on Monday who may drive or hold the session, and somebody both seen and left."""
    plan = a_plan()
    return replace(
        plan,
        crews=(a_crew(members=("nurse1",)), *plan.crews[1:]),
        unplanned=(*plan.unplanned, Left("home1", ("NO_ROOM",))),
    )


def test_a_hand_made_plan_is_judged_with_every_breach_and_nothing_is_refused(leader: Caller, draft: Stored) -> None:
    path = f"/v1/plans/{draft.plan_id}"
    stored = leader.get(path).json()["document"]
    good = leader.post(f"{path}:check", json={"plan": stored}).json()
    assert (good["is_feasible"], good["violations"]) == (True, [])
    twice = {**stored, "unplanned": [*stored["unplanned"], {"id": "home1", "rules": ["NO_ROOM"]}]}
    bad = leader.post(f"{path}:check", json={"plan": twice})
    assert bad.status_code == 200, bad.text
    (breach,) = bad.json()["violations"]
    assert (bad.json()["is_feasible"], breach["rule"]) == (False, "ONCE")
    assert breach["message_zh"]
    assert breach["message_en"]
    assert leader.get(path).json()["document"] == stored


def test_a_plan_that_breaks_many_rules_has_them_all_listed(leader: Caller, draft: Stored) -> None:
    plan = a_bad_plan()
    told = leader.post(f"/v1/plans/{draft.plan_id}:check", json={"plan": document_of(plan)}).json()
    direct = leader.post(
        "/v1/check", json={"problem": json.loads(problem_to_json(a_problem())), "plan": document_of(plan)}
    )
    wanted = check(a_problem(), plan)
    assert {each.rule for each in wanted.violations} >= {"ONCE", "DRIVER", "SESSION_STAFF"}
    said = direct.json()
    assert [each["rule"] for each in said["violations"]] == [each.rule for each in wanted.violations]
    assert (said["cost_total"], said["cost_parts"]) == (wanted.cost.total, dict(wanted.cost.parts))
    assert {each.rule for each in wanted.violations} <= {each["rule"] for each in told["violations"]}


def test_a_plan_of_other_people_names_what_is_unknown(leader: Caller, draft: Stored) -> None:
    document = document_of(a_plan(crews=(a_crew(members=("gp1", "stranger")), *a_plan().crews[1:])))
    told = leader.post(f"/v1/plans/{draft.plan_id}:check", json={"plan": document})
    assert told.status_code == 200, told.text
    assert "UNKNOWN" in {each["rule"] for each in told.json()["violations"]}


def test_a_document_that_is_no_plan_is_refused_with_every_pointer(leader: Caller, draft: Stored) -> None:
    document = document_of(a_plan())
    document["crews"][0]["members"] = "gp1"
    document["crews"][1]["start_seconds"] = "early"
    told = leader.post(f"/v1/plans/{draft.plan_id}:check", json={"plan": document})
    assert told.status_code == 422, told.text
    assert {each["pointer"] for each in told.json()["errors"]} == {
        "/plan/crews/0/members",
        "/plan/crews/1/start_seconds",
    }
    both = leader.post("/v1/check", json={"problem": {}, "plan": document})
    assert {each["pointer"].split("/")[1] for each in both.json()["errors"]} == {"problem", "plan"}


def second_plan(draft: Stored) -> Stored:
    """The same week planned once more."""
    week = a_printed_week()
    prepared = Prepared(draft_of(week.problem, Labels()), week.problem, GreatCircle(1.0), None)
    with draft.database.session(organisation_scope(draft.organisation_id, "tests")) as session:
        made = store_plan(session, draft.organisation_id, WEEK, prepared, week.result)
        return replace(draft, plan_id=made.id)


def test_a_plan_compared_with_the_one_before_tells_what_changed_and_its_price(leader: Caller, draft: Stored) -> None:
    other = second_plan(draft)
    path = f"/v1/plans/{other.plan_id}:compare"
    same = leader.get(path, params={"other": draft.plan_id}).json()
    assert (same["price"], same["changes"], same["counts"]) == ({"total": 0, "parts": {}}, [], {})
    to = {"kind": "at_home", "crew": "c2"}
    edits = [
        {"kind": "move_follow_up", "follow_up": "home1", "to": to},
        {"kind": "drop_follow_up", "follow_up": "joint1"},
    ]
    price = edited(leader, other, {"edits": edits}, '"1"').json()["price"]
    told = leader.get(path, params={"other": draft.plan_id}).json()
    assert {each["follow_up"]: each["differences"] for each in told["changes"]} == {
        "home1": ["day", "crew"],
        "joint1": ["dropped"],
    }
    assert told["counts"] == {"day": 1, "crew": 1, "dropped": 1}
    assert told["price"] == price
    assert price["total"] == judged(other).cost.total - judged(draft).cost.total
    back = leader.get(f"/v1/plans/{draft.plan_id}:compare", params={"other": other.plan_id}).json()
    assert back["price"]["total"] == -price["total"]
    assert back["counts"]["added"] == 1


def test_what_cannot_be_compared_is_refused(leader: Caller, draft: Stored) -> None:
    path = f"/v1/plans/{draft.plan_id}:compare"
    assert leader.get(path, params={"other": "0" * 32}).status_code == 404
    (fault,) = leader.get(path).json()["errors"]
    assert fault["pointer"] == "/other"
    stranger = publish_week(draft.database, "T2", is_published=False)
    own = leader.get(path, params={"other": stranger.plan_id})
    assert own.status_code == 404
    county = Caller(leader.client, stranger.key(Role.TEAM_LEADER, "t1"))
    assert county.get(path, params={"other": stranger.plan_id}).status_code == 404


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bare_problem_is_solved_judged_feasible_and_nothing_is_kept(seed: int, leader: Caller, draft: Stored) -> None:
    problem = problem_to_json(a_problem())
    answer = leader.post(f"/v1/solve?iterations=200&seed={seed}", content=problem, headers=JSON)
    assert answer.status_code == 200, answer.text
    solved = answer.json()
    said = leader.post("/v1/check", json={"problem": json.loads(problem), "plan": solved["plan"]}).json()
    assert (said["is_feasible"], said["violations"], said["cost_total"]) == (True, [], solved["cost"]["total"])
    plan = plan_from_json(json.dumps(solved["plan"]))
    assert check(problem_from_json(problem), plan).is_feasible
    again = leader.post(f"/v1/solve?iterations=200&seed={seed}", content=problem, headers=JSON).json()
    assert again["plan"] == solved["plan"]
    assert [row["id"] for row in leader.get("/v1/plans").json()["items"]] == [draft.plan_id]


JSON = {"Content-Type": "application/json"}


def test_faults_of_a_bare_problem_are_told_at_once(leader: Caller) -> None:
    document = json.loads(problem_to_json(a_problem()))
    document["follow_ups"][0]["site"] = "nowhere"
    document["members"][1]["team"] = "nowhere"
    told = leader.post("/v1/solve?iterations=10", json=document)
    assert (told.status_code, told.json()["code"]) == (422, "PROBLEM_FAULTS")
    assert len(told.json()["errors"]) >= 2
    assert all(each["advice_zh"] and each["advice_en"] for each in told.json()["errors"])


def test_a_caller_without_a_name_solves_nothing(leader: Caller) -> None:
    assert TestClient(leader.client.app).post("/v1/solve", json={}).status_code == 401
    assert TestClient(leader.client.app).post("/v1/check", json={}).status_code == 401
