"""Changing a draft over the interface: versions, price and violations, undo, dry run, recommendations, comparison."""

from typing import Any

from starlette.testclient import TestClient

from api.access.permissions import Role
from tests.api.exports.service import Stored, publish_week
from tests.api.service.conftest import Caller
from tests.api.service.drafts import draft, edited, follow_ups_in, leader

__all__ = ["draft", "leader"]


def drop_of(leader: Caller, draft: Stored) -> dict[str, Any]:
    """An edit that takes the first planned follow-up out."""
    stops = leader.get(f"/v1/plans/{draft.plan_id}/stops").json()["items"]
    follow_up = next(stop["follow_up"] for stop in stops if stop["follow_up"])
    return {"edits": [{"kind": "drop_follow_up", "follow_up": follow_up}]}


def test_an_edit_is_answered_with_version_price_and_violations_and_undone(leader: Caller, draft: Stored) -> None:
    before, body = follow_ups_in(leader, draft), drop_of(leader, draft)
    cost = leader.get(f"/v1/plans/{draft.plan_id}/kpis").json()["cost_total"]
    answer = edited(leader, draft, body, '"1"')
    said = answer.json()
    assert (answer.status_code, answer.headers["etag"], said["revision"]) == (200, '"2"', 2)
    assert said["price"]["total"] != 0
    assert sum(said["price"]["parts"].values()) == said["price"]["total"]
    assert {"new_violations", "gone_violations", "crews"} <= said.keys()
    assert follow_ups_in(leader, draft) == before - {body["edits"][0]["follow_up"]}
    undone = leader.post(f"/v1/plans/{draft.plan_id}:undo", headers={"If-Match": '"2"'})
    assert (undone.status_code, undone.json()["cost_total"]) == (200, cost)
    assert follow_ups_in(leader, draft) == before


def test_an_edit_without_the_version_or_of_an_old_one_changes_nothing(leader: Caller, draft: Stored) -> None:
    before, body = follow_ups_in(leader, draft), drop_of(leader, draft)
    assert edited(leader, draft, body, None).status_code == 428
    assert edited(leader, draft, body, '"7"').status_code == 412
    assert follow_ups_in(leader, draft) == before
    assert leader.post(f"/v1/plans/{draft.plan_id}:undo").status_code == 428


def test_a_dry_run_only_tells(leader: Caller, draft: Stored) -> None:
    before, body = follow_ups_in(leader, draft), drop_of(leader, draft)
    asked = edited(leader, draft, {**body, "dry_run": True}, '"1"').json()
    assert (asked["version"], follow_ups_in(leader, draft)) == (1, before)
    assert edited(leader, draft, body, '"1"').json()["price"] == asked["price"]


def test_a_published_plan_is_not_edited(leader: Caller, draft: Stored) -> None:
    body = drop_of(leader, draft)
    assert leader.post(f"/v1/plans/{draft.plan_id}:publish", headers={"If-Match": '"1"'}).status_code == 200
    refused = edited(leader, draft, body, leader.get(f"/v1/plans/{draft.plan_id}").headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "PLAN_NOT_DRAFT")


def test_a_recommended_place_costs_what_it_said(leader: Caller, draft: Stored) -> None:
    body = drop_of(leader, draft)
    edited(leader, draft, body, '"1"')
    wanted = {"follow_up": body["edits"][0]["follow_up"], "most": 2}
    slots = leader.post(f"/v1/plans/{draft.plan_id}:recommend", json=wanted).json()["slots"]
    assert slots
    assert [slot["price"]["total"] for slot in slots] == sorted(slot["price"]["total"] for slot in slots)
    taken = edited(leader, draft, {"edits": [slots[0]["edit"]]}, '"2"')
    assert (taken.status_code, taken.json()["price"]) == (200, slots[0]["price"])
    assert wanted["follow_up"] in follow_ups_in(leader, draft)


def test_a_draft_of_another_organisation_is_not_there(leader: Caller, draft: Stored) -> None:
    other = publish_week(draft.database, "T2", is_published=False)
    stranger = Caller(TestClient(leader.client.app), other.key(Role.TEAM_LEADER, "t1"))
    assert edited(stranger, draft, drop_of(leader, draft), '"1"').status_code == 404
