"""Every kind of edit over HTTP: the new times, what it breaks, its price, the version asked for, and the way back."""

from typing import Any

import pytest

from tests.api.exports.service import Stored
from tests.api.service.conftest import Caller
from tests.api.service.drafts import draft, edited, judged, leader

__all__ = ["draft", "leader"]

TUESDAY_MORNING = {"date": "2026-11-24", "half": "am"}
AT_C2 = {"kind": "at_home", "crew": "c2"}
MOVE = {"kind": "move_follow_up", "follow_up": "home1", "to": AT_C2}
ADD_STOP = {"kind": "add_stop", "follow_ups": ["left1"], "crew": "c2", "position": 1}
PIN = {"kind": "pin", "target": "home1", "level": "all"}
NEW_CREW = {"half_days": [TUESDAY_MORNING], "members": ["gp1", "nurse1"], "vehicle": "car1"}
EDITS: dict[str, dict[str, Any]] = {
    "move": MOVE,
    "move a stop": {"kind": "move_stop", "crew": "c1", "position": 1, "to_crew": "c1", "to_position": 0},
    "add a stop": ADD_STOP,
    "add a follow-up by phone": {
        "kind": "add_follow_up",
        "follow_up": "left1",
        "to": {"kind": "by_phone", "member": "nurse2", "half_day": TUESDAY_MORNING},
    },
    "put off": {"kind": "move_follow_up", "follow_up": "home1", "to": {"kind": "later"}},
    "drop": {"kind": "drop_follow_up", "follow_up": "home1"},
    "drop a session": {"kind": "drop_session", "session": "s1"},
    "move a session": {"kind": "move_session", "session": "s1", "half_day": TUESDAY_MORNING, "crew": NEW_CREW},
    "take a member": {"kind": "reassign_member", "crew": "c2", "leaves": "nurse2"},
    "swap the vehicle": {"kind": "swap_vehicle", "crew": "c2", "vehicle": "car1"},
    "pin": PIN,
}


def stop_of(leader: Caller, draft: Stored, follow_up: str) -> dict[str, Any]:
    """Where a follow-up stands now."""
    stops = leader.get(f"/v1/plans/{draft.plan_id}/stops").json()["items"]
    found: dict[str, Any] = next(stop for stop in stops if stop["follow_up"] == follow_up)
    return found


def document_of(leader: Caller, draft: Stored) -> Any:
    """The plan as it is kept."""
    return leader.get(f"/v1/plans/{draft.plan_id}").json()["document"]


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_needs_the_version_tells_what_the_judge_says_and_is_undone(
    name: str, leader: Caller, draft: Stored
) -> None:
    body, before, cost = {"edits": [EDITS[name]]}, document_of(leader, draft), judged(draft).cost.total
    assert (edited(leader, draft, body, None).status_code, edited(leader, draft, body, '"9"').status_code) == (428, 412)
    assert document_of(leader, draft) == before

    answer = edited(leader, draft, body, '"1"')
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    said, verdict = answer.json(), judged(draft)
    assert (said["is_feasible"], said["cost_total"]) == (verdict.is_feasible, verdict.cost.total)
    assert said["price"]["total"] == verdict.cost.total - cost
    assert [each["rule"] for each in said["new_violations"]] == [each.rule for each in verdict.violations]

    undone = leader.post(f"/v1/plans/{draft.plan_id}:undo", headers={"If-Match": '"2"'})
    assert (undone.status_code, undone.json()["revision"], undone.json()["cost_total"]) == (200, 1, cost)
    assert document_of(leader, draft) == before
    assert (
        leader.post(f"/v1/plans/{draft.plan_id}:undo", headers={"If-Match": '"3"'}).json()["code"] == "NOTHING_TO_UNDO"
    )


def test_a_moved_follow_up_has_new_times_and_both_crews_are_told(leader: Caller, draft: Stored) -> None:
    before = stop_of(leader, draft, "home1")
    crews = edited(leader, draft, {"edits": [MOVE]}, '"1"').json()["crews"]
    after = stop_of(leader, draft, "home1")
    assert (before["day"], before["crew"]) == ("2026-11-23", "c1")
    assert (after["day"], after["crew"]) == ("2026-11-24", "c2")
    (stop,) = [stop for crew in crews for stop in crew["stops"] if "home1" in stop["follow_ups"]]
    assert {crew["id"] for crew in crews} == {"c1", "c2"}
    assert (stop["start_at"], stop["end_at"]) == (after["start_at"], after["end_at"])
    assert stop["start_at"].startswith("2026-11-24T")
    assert stop["start_at"].endswith("+08:00")


def test_an_added_stop_stands_where_it_was_put_and_earns_its_price(leader: Caller, draft: Stored) -> None:
    price = edited(leader, draft, {"edits": [ADD_STOP]}, '"1"').json()["price"]
    assert (stop_of(leader, draft, "left1")["crew"], stop_of(leader, draft, "left1")["place"]) == ("c2", 2)
    assert (price["parts"]["unplanned"], price["parts"]["overdue"]) == (-18_000, -600)


def test_a_dropped_session_is_held_again_with_its_people(leader: Caller, draft: Stored) -> None:
    dropped = edited(leader, draft, {"edits": [EDITS["drop a session"]]}, '"1"').json()
    assert dropped["price"]["parts"]["session_not_held"] > 0
    assert "patrol1" not in {s["follow_up"] for s in leader.get(f"/v1/plans/{draft.plan_id}/stops").json()["items"]}
    monday = {"date": "2026-11-23", "half": "am"}
    add = {"kind": "add_session", "session": "s1", "half_day": monday, "crew": "c1", "attendees": ["patrol1"]}
    added = edited(leader, draft, {"edits": [add]}, '"2"')
    assert added.status_code == 200, added.text
    assert added.json()["price"]["total"] == -dropped["price"]["total"]
    assert stop_of(leader, draft, "patrol1")["session"] == "s1"
    assert judged(draft).is_feasible


def test_a_pin_that_a_move_breaks_is_told_and_once_unpinned_it_is_not(leader: Caller, draft: Stored) -> None:
    pinned = edited(leader, draft, {"edits": [PIN]}, '"1"').json()
    assert (pinned["is_feasible"], pinned["price"]["total"]) == (True, 0)
    moved = edited(leader, draft, {"edits": [MOVE]}, '"2"').json()
    assert {each["rule"] for each in moved["new_violations"]} == {"PIN"}  # its day, crew and time
    unpinned = edited(leader, draft, {"edits": [{"kind": "unpin", "target": "home1"}]}, '"3"').json()
    assert (unpinned["is_feasible"], unpinned["gone_violations"]) == (True, moved["new_violations"])
    again = edited(leader, draft, {"edits": [{"kind": "unpin", "target": "home1"}]}, '"4"')
    assert [(e["code"], e["pointer"]) for e in again.json()["errors"]] == [("NOT_PINNED", "/edits/0/target")]


def test_a_draft_that_breaks_a_rule_is_kept_and_not_published_until_it_is_mended(leader: Caller, draft: Stored) -> None:
    broken = edited(leader, draft, {"edits": [PIN, MOVE]}, '"1"')
    path = f"/v1/plans/{draft.plan_id}"
    refused = leader.post(f"{path}:publish", headers={"If-Match": broken.headers["etag"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "PLAN_INFEASIBLE")
    assert {(each["code"], each["in"]) for each in refused.json()["errors"]} == {("PIN", "stored")}
    assert leader.get(path).json()["state"] == "draft"
    undone = leader.post(f"{path}:undo", headers={"If-Match": broken.headers["etag"]})
    assert leader.post(f"{path}:publish", headers={"If-Match": undone.headers["etag"]}).status_code == 200


def test_edits_of_which_one_makes_no_sense_are_not_done_and_every_fault_is_told(leader: Caller, draft: Stored) -> None:
    before, sunday = document_of(leader, draft), {"date": "2026-11-29", "half": "am"}
    body = {
        "edits": [
            EDITS["drop"],
            {"kind": "pin", "target": "left1"},
            {"kind": "move_session", "session": "s1", "half_day": sunday},
            {
                "kind": "move_follow_up",
                "follow_up": "nobody",
                "to": {**AT_C2, "crew": {**NEW_CREW, "half_days": [sunday]}},
            },
            {"kind": "swap_vehicle", "crew": "c9", "vehicle": "car1"},
        ]
    }
    answer = edited(leader, draft, body, '"1"')
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert {(each["code"], each["pointer"]) for each in answer.json()["errors"]} == {
        ("NOT_PLANNED", "/edits/1/target"),
        ("NO_SUCH_HALF_DAY", "/edits/2/half_day"),
        ("NO_SUCH_HALF_DAY", "/edits/3/to/crew/half_days/0"),
        ("UNKNOWN_FOLLOW_UP", "/edits/3/follow_up"),
        ("UNKNOWN_CREW", "/edits/4/crew"),
    }
    assert document_of(leader, draft) == before
