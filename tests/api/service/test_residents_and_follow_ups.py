"""Residents and their follow-ups: who sees what, and that every look at a person is audited."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.access.logins import open_login
from api.access.permissions import Role
from api.access.settings import AccessSettings
from api.store.base import now
from api.store.models.access import Account
from api.store.models.audit import AuditEntry
from api.store.scope import everything
from tests.api.service.conftest import Caller
from tests.api.service.township import Township, follow_up_of, resident_of

PERSON = {"name": "李测试", "phone": "13900000002", "address": "柳家庄村2号", "id_card": "370000190001010001"}


@pytest.fixture
def own(client: TestClient, township: Township) -> Caller:
    """The leader of team T01."""
    return Caller(client, township.key("team_leader", teams=("T01",)))


def entries(township: Township, action: str) -> list[AuditEntry]:
    with township.database.session(everything()) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_resident_made_never_shows_a_personal_word(own: Caller) -> None:
    made = own.post("/v1/residents", json={"external_id": "R002", "team": "T01", **PERSON})
    assert made.status_code == 201, made.text
    listed = own.get("/v1/residents")
    assert listed.json()["items"][0]["external_id"] == "R002"
    assert not any(word in made.text + listed.text for word in PERSON.values())


def test_the_leader_reads_who_it_is_and_the_reading_is_audited(own: Caller, township: Township) -> None:
    row_id = own.post("/v1/residents", json={"external_id": "R002", "team": "T01", **PERSON}).json()["id"]
    personal = own.get(f"/v1/residents/{row_id}/personal").json()
    assert personal == {"id": row_id, **{name: PERSON[name] for name in ("name", "phone", "address")}}
    (entry,) = entries(township, "personal:read")
    assert entry.target_id == row_id


def test_the_doctors_of_the_contract_are_shown_and_changed(own: Caller) -> None:
    made = own.post("/v1/residents", json={"external_id": "R002", "team": "T01", "village_doctor": "M1"}).json()
    assert (made["doctor"], made["village_doctor"], made["township_doctor"]) == (None, "M1", None)
    path = f"/v1/residents/{made['id']}"
    refused = own.patch(path, 1, json={"township_doctor": PERSON["phone"]})
    assert [(fault["code"], fault["pointer"]) for fault in refused.json()["errors"]] == [
        ("PERSONAL_ID", "/township_doctor")
    ]
    changed = own.patch(path, 1, json={"township_doctor": "M2", "village_doctor": None}).json()
    assert (changed["village_doctor"], changed["township_doctor"]) == (None, "M2")


def test_the_leader_of_another_team_does_not_see_the_resident(client: TestClient, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    other = Caller(client, township.key("team_leader", teams=("T02",)))
    assert other.get(f"/v1/residents/{row_id}").status_code == 404
    assert other.get(f"/v1/residents/{row_id}/personal").status_code == 404


def test_a_county_administrator_may_not_read_names(leader: Caller, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    assert leader.get(f"/v1/residents/{row_id}").status_code == 200
    assert leader.get(f"/v1/residents/{row_id}/personal").json()["code"] == "NOT_ALLOWED"


def test_a_clinician_reads_names_only_of_those_the_crew_goes_to(client: TestClient, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    with township.database.session(everything("tests")) as session:
        account = Account(
            name="clinician",
            organisation_id=township.own_id,
            roles=[Role.CLINICIAN],
            team_external_ids=["T01"],
            member_external_id="M001",
            password_changed_at=now(),
        )
        session.add(account)
        session.flush()
        token = open_login(session, account, AccessSettings(), now(), has_second_factor=False).token
    assert Caller(client, token).get(f"/v1/residents/{row_id}").status_code == 200
    assert Caller(client, token).get(f"/v1/residents/{row_id}/personal").json()["code"] == "NOT_ALLOWED"


def test_a_resident_is_found_by_phone_without_the_phone_being_kept(own: Caller, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id, phone="13900000009"))
    found = own.post("/v1/residents:lookup", json={"phone": "139 0000 0009"}).json()["items"]
    assert [item["id"] for item in found] == [row_id]
    (entry,) = entries(township, "residents:read_personal")
    assert "13900000009" not in str(entry.details)
    assert own.post("/v1/residents:lookup", json={"phone": "13900000008"}).json()["items"] == []


def test_a_look_up_needs_exactly_one_number(own: Caller) -> None:
    for body in ({}, {"phone": "1", "id_card": "2"}):
        assert own.post("/v1/residents:lookup", json=body).status_code == 422


def test_an_id_of_a_resident_that_tells_who_it_is_is_refused(own: Caller) -> None:
    answer = own.post("/v1/residents", json={"external_id": "13812345678", "team": "T01"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "PERSONAL_ID")


def test_a_resident_taken_away_is_wiped_out(own: Caller, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    assert own.delete(f"/v1/residents/{row_id}", 1).status_code == 204
    found = own.post("/v1/residents:lookup", json={"phone": "13900000001"}).json()["items"]
    assert found == []


def test_a_resident_with_follow_ups_is_not_taken_away(own: Caller, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    township.add(follow_up_of(township.own_id, row_id))
    assert own.delete(f"/v1/residents/{row_id}", 1).json()["code"] == "IN_USE"


def new_follow_up(township: Township, **fields: Any) -> dict[str, Any]:
    row_id = township.add(resident_of(township.own_id))
    values = {"external_id": "F001", "resident_id": row_id, "site": "V001", "rule": "高血压随访", "due": "2026-11-25"}
    return {**values, **fields}


def test_a_follow_up_is_made_with_its_history(own: Caller, township: Township) -> None:
    made = own.post("/v1/follow-ups", json=new_follow_up(township, channels="巡诊 电话", phone_minutes=8))
    assert made.status_code == 201, made.text
    item = made.json()
    assert (item["rule"], item["due"], item["team"], item["channels"], item["plan_status"]) == (
        *("HTN_ROUTINE", "2026-11-25", "T01", "patrol phone"),
        0,
    )
    history = own.get(f"/v1/follow-ups/{item['id']}/statuses").json()["items"]
    assert [(line["plan_status"], line["reason"]) for line in history] == [(0, "made")]


def test_a_follow_up_of_nobody_is_refused(own: Caller, township: Township) -> None:
    (fault,) = own.post("/v1/follow-ups", json=new_follow_up(township, resident_id="0" * 32)).json()["errors"]
    assert (fault["code"], fault["pointer"]) == ("UNKNOWN_ID", "/resident_id")


def test_a_follow_up_of_nobody_has_its_other_faults_told_as_well(own: Caller, township: Township) -> None:
    body = new_follow_up(township, resident_id="0" * 32, site="V-NONE", rule="NO_RULE")
    faults = {(each["code"], each["pointer"]) for each in own.post("/v1/follow-ups", json=body).json()["errors"]}
    assert {("UNKNOWN_ID", "/resident_id"), ("UNKNOWN_ID", "/site")} <= faults
    assert "/rule" in {pointer for _, pointer in faults}
    assert own.get("/v1/follow-ups").json()["items"] == []


def test_the_cells_of_a_follow_up_are_judged_as_in_the_table(own: Caller, township: Township) -> None:
    body = new_follow_up(township, channels="飞", preferred="M009", times="25:00-26:00")
    answer = own.post("/v1/follow-ups", json=body)
    assert answer.status_code == 422
    assert {"/channels", "/preferred", "/times"} <= {fault["pointer"] for fault in answer.json()["errors"]}


def test_what_became_of_a_follow_up_is_recorded(own: Caller, township: Township) -> None:
    row_id = own.post("/v1/follow-ups", json=new_follow_up(township)).json()["id"]
    path = f"/v1/follow-ups/{row_id}/statuses"
    assert own.post(path, json={"plan_status": 1}).status_code == 428
    done = own.post(path, json={"plan_status": 1, "reason": "VISITED"}, headers={"If-Match": '"1"'})
    assert (done.status_code, done.json()["plan_status"]) == (200, 1)
    assert [line["plan_status"] for line in own.get(path).json()["items"]] == [0, 1]
    assert own.get("/v1/follow-ups", params={"plan_status": 0}).json()["items"] == []


def test_free_text_is_no_reason(own: Caller, township: Township) -> None:
    row_id = own.post("/v1/follow-ups", json=new_follow_up(township)).json()["id"]
    body = {"plan_status": 2, "reason": "搬走了"}
    answer = own.post(f"/v1/follow-ups/{row_id}/statuses", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422


def test_follow_ups_are_found_by_when_they_are_due(own: Caller, township: Township) -> None:
    own.post("/v1/follow-ups", json=new_follow_up(township))
    for params, count in (({"due_from": "2026-11-25"}, 1), ({"due_to": "2026-11-24"}, 0), ({"site": "B01"}, 0)):
        assert len(own.get("/v1/follow-ups", params=params).json()["items"]) == count


def test_pages_of_follow_ups_go_by_due_date(own: Caller, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    for number in range(4):
        body = {"external_id": f"F{number}", "resident_id": row_id, "site": "V001", "rule": "HTN_ROUTINE"}
        own.post("/v1/follow-ups", json={**body, "due": f"2026-11-{26 - number}"})
    first = own.get("/v1/follow-ups", params={"limit": 3}).json()
    rest = own.get("/v1/follow-ups", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    days = [item["due"] for item in (*first["items"], *rest["items"])]
    assert days == sorted(days)
    assert (len(days), rest["next_cursor"]) == (4, "")


def test_a_sensitive_reason_is_hidden_from_those_who_do_not_go_there(
    leader: Caller, own: Caller, township: Township
) -> None:
    body = new_follow_up(township, rule="SMD_STABLE", head_count=2)
    assert own.post("/v1/follow-ups", json=body).status_code == 201
    mine, others = (caller.get("/v1/follow-ups").json()["items"][0] for caller in (own, leader))
    assert (mine["rule"], mine["head_count"]) == ("SMD_STABLE", 2)
    assert (others["rule"], others["head_count"]) == ("HEALTH_FOLLOW_UP", None)


def test_nobody_asks_for_a_reason_that_is_hidden_from_them(leader: Caller, own: Caller, township: Township) -> None:
    assert leader.get("/v1/follow-ups", params={"rule": "SMD_STABLE"}).json()["code"] == "NOT_ALLOWED"
    assert own.get("/v1/follow-ups", params={"rule": "SMD_STABLE"}).status_code == 200


def test_an_analyst_sees_no_id_of_another_system(client: TestClient, township: Township) -> None:
    row_id = township.add(resident_of(township.own_id))
    for number in range(3):
        township.add(follow_up_of(township.own_id, row_id, f"F00{number}"))
    page = Caller(client, township.key("analyst")).get("/v1/follow-ups", params={"limit": 2}).json()
    assert [item["external_id"] for item in page["items"]] == [None, None]
    assert page["next_cursor"]
