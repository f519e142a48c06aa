"""Scenarios from the list of changes to a plan that stands apart, through routes, worker and both databases."""

from datetime import date
from typing import Any

from sqlalchemy import select, update

from api.store.models.exchange import OutboxMessage
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import WeekPlan
from api.store.models.resources import Member, Vehicle
from api.store.scope import everything
from api.weeks import plan_of, problem_of
from optimizer.model import Channel
from tests.api.jobs.town import WEEK, Town, town
from tests.api.service.conftest import Caller

__all__ = ["town"]


def made(caller: Caller, *changes: dict[str, Any], name: str = "周五无人") -> dict[str, Any]:
    answer = caller.post("/v1/scenarios", json={"week": WEEK, "name": name, "changes": list(changes)})
    assert answer.status_code == 201, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_a_what_if_is_planned_compared_and_never_published(town: Town) -> None:
    leader, analyst = town.caller("team_leader"), town.caller("analyst")
    town.planned(leader, "/v1/plans", "real", week=WEEK)
    real = leader.get("/v1/plans").json()["items"][0]
    scenario = made(analyst, {"kind": "member_unavailable", "member": town.first(Member.external_id)})
    path = f"/v1/scenarios/{scenario['id']}"
    assert analyst.get(f"{path}/kpis").json()["code"] == "SCENARIO_NOT_PLANNED"
    town.planned(analyst, f"{path}:plan", "what-if")
    told = analyst.get(path).json()
    assert told["job_state"] == "completed"
    plan_id = told["plan_id"]

    compared = leader.get(f"{path}:compare").json()
    assert sum(compared["counts"].values()) >= len(compared["changes"]) > 0
    hidden = analyst.get(f"{path}:compare").json()
    assert (hidden["changes"], hidden["price"]) == ([], compared["price"])
    assert analyst.get(f"{path}/kpis").json()["id"] == plan_id

    assert [each["id"] for each in leader.get("/v1/plans").json()["items"]] == [real["id"]]
    listed = leader.get("/v1/plans?state=scenario").json()["items"]
    assert [(each["id"], each["number"]) for each in listed] == [(plan_id, -1)]

    version = {"If-Match": f'"{listed[0]["version"]}"'}
    refusals = [
        leader.post(f"/v1/plans/{plan_id}:publish", headers=version),
        leader.post(f"/v1/plans/{plan_id}:archive", headers=version),
        leader.post(f"/v1/plans/{plan_id}:undo", headers=version),
        leader.post(f"/v1/plans/{plan_id}:replan", json={}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in refusals] == [(409, "SCENARIO_PLAN")] * 4
    assert leader.get(f"/v1/plans/{real['id']}?fields=state").json()["state"] == "draft"
    with town.database.session(everything("tests"), read_only=True) as session:
        assert session.scalars(select(OutboxMessage)).all() == []


def test_the_absent_member_is_in_no_crew_and_is_back_without_the_change(town: Town) -> None:
    analyst, member = town.caller("analyst"), town.first(Member.external_id)
    scenario = made(analyst, {"kind": "member_unavailable", "member": member})
    town.planned(analyst, f"/v1/scenarios/{scenario['id']}:plan", "away")
    with town.database.session(everything("tests"), read_only=True) as session:
        row = session.get_one(WeekPlan, analyst.get(f"/v1/scenarios/{scenario['id']}").json()["plan_id"])
        crews = plan_of(session, row).crews
        away = next(each for each in problem_of(session, row).members if each.id == member)
    assert crews
    assert not any(member in crew.members for crew in crews)
    assert away.field_half_days == ()
    assert next(each for each in town.problem().members if each.id == member).field_half_days != ()


def test_other_changes_take_the_plan_of_the_old_ones_away(town: Town) -> None:
    analyst = town.caller("analyst")
    scenario = made(analyst, {"kind": "channel_closed", "channel": "home"})
    path = f"/v1/scenarios/{scenario['id']}"
    assert analyst.patch(path, json={"name": "x"}).status_code == 428
    town.planned(analyst, f"{path}:plan", "first")
    planned = analyst.get(path).json()
    assert analyst.patch(path, scenario["version"], json={"name": "x"}).status_code == 412
    renamed = analyst.patch(path, planned["version"], json={"name": "不上门"}).json()
    assert renamed["plan_id"] == planned["plan_id"]
    changed = analyst.patch(path, renamed["version"], json={"changes": []}).json()
    assert (changed["plan_id"], changed["changes"]) == (None, [])
    assert analyst.delete(path, changed["version"]).status_code == 204
    assert analyst.get(path).status_code == 404


def test_a_change_that_no_longer_fits_ends_the_job_with_its_pointer(town: Town) -> None:
    analyst, car = town.caller("analyst"), town.first(Vehicle.external_id)
    scenario = made(analyst, {"kind": "vehicle_removed", "vehicle": car})
    with town.database.session(everything("tests")) as session:
        session.execute(update(Vehicle).where(Vehicle.external_id == car).values(is_deleted=True))
    town.planned(analyst, f"/v1/scenarios/{scenario['id']}:plan", "late")
    told = analyst.get(f"/v1/scenarios/{scenario['id']}").json()
    assert (told["job_state"], told["job_code"], told["plan_id"]) == ("failed", "SCENARIO_FAULTS", None)


def test_every_kind_of_change_reaches_the_problem(town: Town) -> None:
    plain = town.problem()
    member, car = plain.members[0].id, plain.vehicles[0]
    base = next(site for site in plain.sites if site.kind.value == "base").id
    village = next(site for site in plain.sites if site.kind.value == "village").id
    friday, monday = [{"date": "2026-11-27"}], [{"date": "2026-11-23", "half": "am"}]
    row_id = town.first(FollowUp.id)
    with town.database.session(everything("tests"), read_only=True) as session:
        named = session.get_one(FollowUp, row_id).external_id
    added = {"kind": "vehicle_added", "vehicle": "C-NEU", "mode": "car", "seats": 5, "base": base}
    session_added = {"kind": "session_added", "session": "S-NEU", "site": village, "half_days": monday}

    away = town.problem({"kind": "member_unavailable", "member": member, "half_days": friday})
    there = town.problem({"kind": "member_available", "member": member, "half_days": friday})
    last = {2 * (len(plain.days) - 1), 2 * (len(plain.days) - 1) + 1}
    assert plain.days[-1].date == date(2026, 11, 27)
    assert not last & set(away.members[0].field_half_days)
    assert last <= set(there.members[0].field_half_days)
    assert "C-NEU" in {each.id for each in town.problem(added).vehicles}
    assert car.id not in {each.id for each in town.problem({"kind": "vehicle_removed", "vehicle": car.id}).vehicles}
    new = [each for each in town.problem(session_added).sessions if each.id.startswith("S-NEU")]
    assert [each.half_days for each in new] == [(0,)]
    assert named not in {each.id for each in town.problem({"kind": "follow_ups_left_out", "ids": [row_id]}).follow_ups}
    phone = town.problem({"kind": "channel_closed", "channel": "phone"}).follow_ups
    assert not any(option.channel is Channel.PHONE for each in phone for option in each.channels)
    assert len(phone) < len(plain.follow_ups)


def test_a_settled_follow_up_can_be_taken_in(town: Town) -> None:
    name = town.problem().follow_ups[0].id
    with town.database.session(everything("tests")) as session:
        session.execute(update(FollowUp).where(FollowUp.external_id == name).values(plan_status=1))
        row_id = str(session.scalar(select(FollowUp.id).where(FollowUp.external_id == name)))
    assert name not in {each.id for each in town.problem().follow_ups}
    assert name in {each.id for each in town.problem({"kind": "follow_ups_taken_in", "ids": [row_id]}).follow_ups}


def test_bad_changes_are_told_at_once_with_pointers_and_repaired(town: Town) -> None:
    analyst, member = town.caller("analyst"), town.first(Member.external_id)
    away = {"kind": "member_unavailable", "member": member, "half_days": [{"date": "2026-11-27", "half": "am"}]}
    bad = [
        {"kind": "member_unavailable", "member": "M-NIRGENDS"},
        away,
        {**away, "kind": "member_available"},
        {"kind": "session_removed", "session": "S-NIRGENDS"},
        {"kind": "setting", "key": "morning_start", "value": "early"},
        {"kind": "session_forbidden", "session": "S-NIRGENDS-2", "half_days": [{"date": "2026-11-27"}]},
        {"kind": "follow_ups_left_out", "ids": ["0" * 32]},
        {"kind": "member_unavailable", "member": member, "half_days": [{"date": "2026-12-24"}]},
        {"kind": "setting", "key": "morning_start", "value": "08:30"},
    ]
    answer = analyst.post("/v1/scenarios", json={"week": WEEK, "name": "falsch", "changes": bad})
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    found = {(each["code"], each["pointer"]) for each in answer.json()["errors"]}
    assert found == {
        ("NO_SUCH_ID", "/changes/0/member"),
        ("CONTRADICTORY_CHANGES", "/changes/2/half_days/0"),
        ("NO_SUCH_ID", "/changes/3/session"),
        ("NOTATION", "/changes/4/value"),
        ("NO_SUCH_ID", "/changes/5/session"),
        ("NO_SUCH_ID", "/changes/6/ids/0"),
        ("NO_SUCH_HALF_DAY", "/changes/7/half_days/0"),
        ("CONTRADICTORY_CHANGES", "/changes/8/key"),
    }
    assert analyst.get("/v1/scenarios").json()["items"] == []
    made(analyst, away, {"kind": "setting", "key": "morning_start", "value": "08:30"}, name="richtig")


def test_names_hold_no_numbers_of_people(town: Town) -> None:
    body = {"week": WEEK, "name": "打 13800000000"}
    (fault,) = town.caller("analyst").post("/v1/scenarios", json=body).json()["errors"]
    assert (fault["code"], fault["pointer"], fault["found"]) == ("PERSONAL_WORDS", "/name", "***")


def test_the_list_goes_by_pages_and_fields(town: Town) -> None:
    analyst = town.caller("analyst")
    for name in ("a", "b", "c"):
        made(analyst, name=name)
    assert analyst.post("/v1/scenarios", json={"week": WEEK, "name": "a"}).json()["code"] == "ALREADY_EXISTS"
    first = analyst.get("/v1/scenarios?limit=2&fields=name").json()
    assert [set(each) for each in first["items"]] == [{"id", "name"}] * 2
    rest = analyst.get(f"/v1/scenarios?limit=2&fields=name&cursor={first['next_cursor']}").json()
    assert [each["name"] for each in (*first["items"], *rest["items"])] == ["a", "b", "c"]
    assert analyst.get("/v1/scenarios?week=2026-W49").json()["items"] == []


def test_who_may_ask_what_if(town: Town) -> None:
    body = {"week": WEEK, "name": "x"}
    answers = {
        role: town.caller(role).post("/v1/scenarios", json={**body, "name": role}).status_code
        for role in ("county_admin", "team_leader", "analyst", "auditor", "contract_system")
    }
    assert answers == {
        "county_admin": 201, "team_leader": 201, "analyst": 201, "auditor": 403, "contract_system": 403,
    }  # fmt: skip
    assert town.caller("auditor").get("/v1/scenarios").status_code == 200
    assert town.caller("contract_system").get("/v1/scenarios").status_code == 403
