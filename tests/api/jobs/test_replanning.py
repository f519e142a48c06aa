"""A published week planned anew over HTTP: pins, what has begun, the budget of changes, and whom to phone."""

from typing import Any

import pytest

from api.store.models.plans import WeekPlan
from api.store.scope import everything
from api.weeks import pins_of, plan_of, problem_of, revision_of
from optimizer.check import check
from tests.api.jobs.town import WEEK, Town, town
from tests.api.service.conftest import Caller

__all__ = ["town"]

TUESDAY_NOON = "2026-11-24T12:00:00+08:00"


@pytest.fixture
def leader(town: Town) -> Caller:
    """Somebody who leads all teams of the township."""
    return town.caller("county_admin")


@pytest.fixture
def base(town: Town, leader: Caller) -> str:
    """The id of the published plan of the week."""
    town.planned(leader, "/v1/plans", "base", week=WEEK)
    (row,) = leader.get("/v1/plans").json()["items"]
    published = leader.post(f"/v1/plans/{row['id']}:publish", headers={"If-Match": f'"{row["version"]}"'})
    assert published.status_code == 200, published.text
    return str(row["id"])


def stops_of(leader: Caller, plan_id: str) -> dict[str, dict[str, Any]]:
    """The stops of a plan by their follow-ups."""
    stops: list[dict[str, Any]] = []
    cursor = ""
    while not stops or cursor:
        page = leader.get(f"/v1/plans/{plan_id}/stops", params={"limit": 200, "cursor": cursor}).json()
        stops, cursor = stops + page["items"], page["next_cursor"]
    return {stop["follow_up"]: stop for stop in stops if stop["follow_up"]}


def falls_ill(leader: Caller, base: str) -> str:
    """Somebody who has stops after Tuesday is away for the rest of the week; gives the id."""
    late = [stop for stop in stops_of(leader, base).values() if stop["day"] > "2026-11-24" and stop["crew"]]
    name = str(late[0]["members"][0])
    row = leader.get("/v1/members", params={"external_id": name}).json()["items"][0]
    changed = leader.patch(f"/v1/members/{row['id']}", row["version"], json={"field": "周一 周二"})
    assert changed.status_code == 200, changed.text
    return name


def replanned(leader: Caller, base: str, **body: Any) -> dict[str, Any]:
    """The answer to planning anew, and what the judge says is what it says."""
    answer = leader.post(f"/v1/plans/{base}:replan", json={"iterations": 5, "seed": 1, **body})
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/plans/{said['id']}"
    return said


def test_who_falls_ill_is_replaced_and_everybody_concerned_is_phoned(town: Town, leader: Caller, base: str) -> None:
    ill, before = falls_ill(leader, base), stops_of(leader, base)
    said = replanned(leader, base, freeze_until=TUESDAY_NOON, max_changes=0)
    with town.database.session(everything("tests"), read_only=True) as session:
        row = session.get_one(WeekPlan, said["id"])
        verdict = check(problem_of(session, row), plan_of(session, row))
    assert (said["is_feasible"], said["cost_total"]) == (verdict.is_feasible, verdict.cost.total)
    assert (said["is_feasible"], said["violations"]) == (True, [])

    after = stops_of(leader, said["id"])
    assert not any(ill in stop["members"] for stop in after.values() if stop["day"] > "2026-11-24")
    begun = {name for name, stop in before.items() if stop["start_at"] and stop["start_at"] < TUESDAY_NOON}
    told = ("day", "crew", "members", "vehicle", "arrival_at", "start_at", "end_at")
    assert begun
    for name in begun:
        assert [after[name][key] for key in told] == [before[name][key] for key in told]

    assert said["changes"] == said["forced"] > 0
    assert said["is_within_budget"]
    compared = leader.get(f"/v1/plans/{said['id']}:compare", params={"other": base}).json()
    phoned = [name for notice in said["notices"] for name in notice["follow_ups"]]
    assert sorted(phoned) == sorted(change["follow_up"] for change in compared["changes"])
    assert all(notice["message_zh"] and notice["message_en"] for notice in said["notices"])
    assert compared["price"] == said["price"]


def test_a_budget_of_changes_holds_beyond_those_that_are_forced(leader: Caller, base: str) -> None:
    falls_ill(leader, base)
    for most in (0, 2):
        said = replanned(leader, base, max_changes=most)
        assert said["changes"] - said["forced"] <= most
        assert said["is_within_budget"]


def test_a_pin_holds_in_the_new_plan_and_is_kept_with_it(town: Town, leader: Caller, base: str) -> None:
    stops = [stop for stop in stops_of(leader, base).values() if stop["channel"] == "home"]
    wishes = [{"target": stops[0]["follow_up"]}, {"target": stops[-1]["follow_up"], "level": "day"}]
    said = replanned(leader, base, pins=wishes)
    after = stops_of(leader, said["id"])
    first, last = after[stops[0]["follow_up"]], after[stops[-1]["follow_up"]]
    assert [first[key] for key in ("day", "members", "start_at")] == [
        stops[0][key] for key in ("day", "members", "start_at")
    ]
    assert (last["day"], last["channel"]) == (stops[-1]["day"], "home")
    with town.database.session(everything("tests"), read_only=True) as session:
        kept = {pin.target: pin for pin in pins_of(revision_of(session, session.get_one(WeekPlan, said["id"])))}
    assert kept.keys() == {wish["target"] for wish in wishes}
    assert kept[stops[-1]["follow_up"]].members == ()


def test_the_new_plan_is_a_draft_beside_the_published_one_and_takes_its_place(leader: Caller, base: str) -> None:
    said = replanned(leader, base)
    states = {row["id"]: (row["state"], row["base_plan_id"]) for row in leader.get("/v1/plans").json()["items"]}
    assert states == {base: ("published", None), said["id"]: ("draft", base)}
    done = leader.post(f"/v1/plans/{said['id']}:publish", headers={"If-Match": f'"{said["version"]}"'})
    assert done.json()["superseded_plan_id"] == base
    assert leader.get(f"/v1/plans/{base}").json()["state"] == "superseded"


def test_what_makes_no_sense_is_told_at_once_and_no_plan_is_made(leader: Caller, base: str) -> None:
    stop = next(iter(stops_of(leader, base)))
    pins = [{"target": "F-NONE"}, {"target": stop}, {"target": "S-NONE"}]
    told = leader.post(f"/v1/plans/{base}:replan", json={"pins": pins})
    assert (told.status_code, told.json()["code"]) == (422, "INPUT_INVALID")
    faults = {(each["code"], each["pointer"]) for each in told.json()["errors"]}
    assert faults == {("NOT_PLANNED", "/pins/0/target"), ("NOT_PLANNED", "/pins/2/target")}
    both = leader.post(f"/v1/plans/{base}:replan", json={"seconds": 1, "iterations": 1})
    assert [each["code"] for each in both.json()["errors"]] == ["TWO_BUDGETS"]
    naive = leader.post(f"/v1/plans/{base}:replan", json={"freeze_until": "2026-11-24T12:00:00", "max_changes": -1})
    assert {each["pointer"] for each in naive.json()["errors"]} == {"/freeze_until", "/max_changes"}
    assert [row["id"] for row in leader.get("/v1/plans").json()["items"]] == [base]
