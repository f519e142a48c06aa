"""Sites, teams, members, vehicles and patrols through the API."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.store.models.audit import AuditEntry
from api.store.models.organisations import Setting
from api.store.models.resources import Site
from api.store.scope import everything
from tests.api.service.conftest import Caller
from tests.api.service.township import Township

VILLAGE = {"external_id": "V002", "kind": "村", "latitude": 36.73, "longitude": 118.93, "name": "杨家庄村"}


def new_village(township: Township, **fields: Any) -> dict[str, Any]:
    return {**VILLAGE, "organisation_id": township.own_id, **fields}


def test_a_site_is_made_read_and_found_again(leader: Caller, township: Township) -> None:
    made = leader.post("/v1/sites", json=new_village(township))
    assert made.status_code == 201, made.text
    site = made.json()
    assert (site["external_id"], site["version"], made.headers["etag"]) == ("V002", 1, '"1"')
    assert leader.get(made.headers["location"]).json() == site
    found = leader.get("/v1/sites", params={"external_id": "V002"}).json()["items"]
    assert found == [site]


def test_a_word_of_a_list_is_kept_as_its_code(leader: Caller, township: Township) -> None:
    assert leader.post("/v1/sites", json=new_village(township)).json()["kind"] == "village"


def test_moments_carry_the_offset_of_china(leader: Caller, township: Township) -> None:
    assert leader.post("/v1/sites", json=new_village(township)).json()["updated_at"].endswith("+08:00")


def test_every_fault_of_a_cell_comes_back_with_its_pointer(leader: Caller, township: Township) -> None:
    answer = leader.post("/v1/sites", json=new_village(township, kind="湖", latitude=136.7, village="V999"))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "INPUT_INVALID"
    assert {"/kind", "/latitude"} <= {fault["pointer"] for fault in problem["errors"]}
    assert all(fault["advice_zh"] and fault["advice_en"] for fault in problem["errors"])


def test_a_reference_to_nothing_is_refused_with_the_nearest_id(leader: Caller, township: Township) -> None:
    body = {"organisation_id": township.own_id, "external_id": "T09", "base": "B001"}
    (fault,) = leader.post("/v1/teams", json=body).json()["errors"]
    assert (fault["code"], fault["pointer"]) == ("UNKNOWN_ID", "/base")
    assert "B01" in fault["advice_en"]


def test_an_unknown_field_is_refused_with_a_suggestion(leader: Caller, township: Township) -> None:
    (fault,) = leader.post("/v1/sites", json=new_village(township, latitud=1)).json()["errors"]
    assert (fault["code"], fault["pointer"], fault["expected"]) == (
        "UNKNOWN_FIELD",
        "/latitud",
        "did you mean latitude?",
    )


def test_an_id_that_is_taken_is_a_conflict(leader: Caller, township: Township) -> None:
    answer = leader.post("/v1/sites", json=new_village(township, external_id="V001"))
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_EXISTS")


def test_an_id_that_tells_who_somebody_is_is_refused(leader: Caller, township: Township) -> None:
    answer = leader.post("/v1/sites", json=new_village(township, external_id="13812345678"))
    assert answer.json()["errors"][0]["code"] == "PERSONAL_ID"
    assert "13812345678" not in answer.text


def test_a_change_needs_the_version_that_was_read(leader: Caller, township: Township) -> None:
    site = leader.post("/v1/sites", json=new_village(township)).json()
    path = f"/v1/sites/{site['id']}"
    assert leader.patch(path, json={"people": 900}).status_code == 428
    changed = leader.patch(path, 1, json={"people": 900})
    assert (changed.status_code, changed.json()["people"], changed.headers["etag"]) == (200, 900, '"2"')
    stale = leader.patch(path, 1, json={"people": 901})
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "STALE_VERSION", '"2"')


def test_a_change_is_judged_with_what_is_stored(leader: Caller, township: Township) -> None:
    site = leader.get("/v1/sites", params={"external_id": "V001"}).json()["items"][0]
    answer = leader.patch(f"/v1/sites/{site['id']}", 1, json={"latitude": None})
    assert answer.status_code == 422, answer.text
    assert "/latitude" in {fault["pointer"] for fault in answer.json()["errors"]}


def test_a_row_in_use_is_not_taken_away(leader: Caller, township: Township) -> None:
    site = leader.get("/v1/sites", params={"external_id": "V001"}).json()["items"][0]
    answer = leader.delete(f"/v1/sites/{site['id']}", 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "IN_USE")
    assert answer.json()["errors"][0]["pointer"].startswith("/patrols/")


def test_a_row_taken_away_leaves_a_tombstone(leader: Caller, township: Township) -> None:
    site = leader.post("/v1/sites", json=new_village(township)).json()
    assert leader.delete(f"/v1/sites/{site['id']}", 1).status_code == 204
    assert leader.get(f"/v1/sites/{site['id']}").status_code == 404
    params = {"external_id": "V002", "include_deleted": "true"}
    assert leader.get("/v1/sites", params=params).json()["items"][0]["is_deleted"] is True


def test_every_change_is_audited_without_values(leader: Caller, township: Township) -> None:
    site = leader.post("/v1/sites", json=new_village(township)).json()
    with township.database.session(everything()) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.target_id == site["id"])).one()
        assert entry.action == "resources:write"
        assert "杨家庄村" not in str(entry.details)


def test_pages_follow_each_other_without_gaps(leader: Caller, township: Township) -> None:
    for number in range(5):
        leader.post("/v1/sites", json=new_village(township, external_id=f"V1{number}"))
    seen: list[str] = []
    cursor = ""
    while True:
        page = leader.get("/v1/sites", params={"limit": 2, "cursor": cursor}).json()
        seen += [item["external_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == ["B01", "V001", *(f"V1{number}" for number in range(5))]


def test_a_cursor_of_another_list_is_refused(leader: Caller, township: Township) -> None:
    cursor = leader.get("/v1/sites", params={"limit": 1}).json()["next_cursor"]
    for path in ("/v1/teams", "/v1/sites?kind=base"):
        answer = leader.get(path, params={"cursor": cursor, "kind": "base"} if "?" in path else {"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_CURSOR")


def test_only_the_fields_asked_for_come(leader: Caller, township: Township) -> None:
    items = leader.get("/v1/sites", params={"fields": "kind,external_id"}).json()["items"]
    assert all(item.keys() == {"id", "external_id", "kind"} for item in items)


def test_an_unknown_field_asked_for_is_refused(leader: Caller, township: Township) -> None:
    (fault,) = leader.get("/v1/sites", params={"fields": "kinds"}).json()["errors"]
    assert (fault["in"], fault["expected"]) == ("query", "did you mean kind?")


def test_an_unknown_filter_is_refused(leader: Caller, township: Township) -> None:
    answer = leader.get("/v1/sites", params={"kinds": "base"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["expected"] == "did you mean kind?"


def test_more_rows_than_a_page_may_have_are_refused(leader: Caller, township: Township) -> None:
    answer = leader.get("/v1/sites", params={"limit": 501})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "OUT_OF_RANGE")


def test_a_known_version_is_not_sent_again(leader: Caller, township: Township) -> None:
    site = leader.get("/v1/sites").json()["items"][0]
    answer = leader.get(f"/v1/sites/{site['id']}", headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_foreign_row_is_not_there(client: TestClient, township: Township) -> None:
    foreign = township.add(Site(organisation_id=township.foreign_id, external_id="B09", kind="base"))
    own = Caller(client, township.key("team_leader"))
    assert own.get(f"/v1/sites/{foreign}").status_code == 404
    assert "B09" not in own.get("/v1/sites").text


def test_a_row_for_a_foreign_organisation_is_refused(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader", teams=("T01",)))
    answer = own.post("/v1/sites", json=new_village(township, organisation_id=township.foreign_id))
    assert (answer.status_code, answer.json()["code"]) == (403, "FOREIGN_ORGANISATION")


def test_a_caller_with_one_organisation_need_not_name_it(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader", teams=("T01",)))
    assert own.post("/v1/sites", json=VILLAGE).json()["organisation_id"] == township.own_id


def test_a_caller_with_several_organisations_has_to_name_one(leader: Caller) -> None:
    assert leader.post("/v1/sites", json=VILLAGE).json()["code"] == "ORGANISATION_NEEDED"


def test_a_caller_without_the_permission_is_refused(client: TestClient, township: Township) -> None:
    analyst = Caller(client, township.key("analyst"))
    assert analyst.get("/v1/sites").status_code == 200
    assert analyst.post("/v1/sites", json=VILLAGE).json()["code"] == "NOT_ALLOWED"


def test_nobody_is_refused_with_401(client: TestClient) -> None:
    answer = client.get("/v1/sites")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_member_of_a_team_of_others_is_not_changed(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader", teams=("T02",)))
    member = own.get("/v1/members").json()["items"][0]
    assert own.patch(f"/v1/members/{member['id']}", 1, json={"desk": "周二下午"}).status_code == 403


def test_names_and_phones_of_members_are_read_one_by_one_and_audited(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader", teams=("T01",)))
    listed = own.get("/v1/members")
    assert "甲" not in listed.text
    member = next(item for item in listed.json()["items"] if item["external_id"] == "M001")
    personal = own.get(f"/v1/members/{member['id']}/personal").json()
    assert (personal["name"], personal["phone"]) == ("甲", "13800000000")
    with township.database.session(everything()) as session:
        read = session.scalars(select(AuditEntry).where(AuditEntry.action == "personal:read")).one()
        assert read.target_id == member["id"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("teams", {"external_id": "T03", "level": 2, "base": "B01"}),
        (
            "members",
            {"external_id": "M003", "role": "全科医生", "team": "T01", "field": "周一上午 周三", "drives": "汽车"},
        ),
        ("vehicles", {"external_id": "C02", "mode": "电动车", "seats": 2, "base": "B01", "needs_driver": False}),
        ("patrols", {"external_id": "S02", "site": "V001", "half_days": "周三上午", "law": True, "minutes": 180}),
    ],
)
def test_each_resource_keeps_what_it_is_given(
    path: str, body: dict[str, Any], leader: Caller, township: Township
) -> None:
    made = leader.post(f"/v1/{path}", json={"organisation_id": township.own_id, **body})
    assert made.status_code == 201, made.text
    kept = {name: made.json()[name] for name in body}
    words = {"role": "GP", "drives": "car", "mode": "ebike"}
    assert kept == {name: words.get(name, value) for name, value in body.items()}


def test_a_week_tells_when_each_member_can_go_out(leader: Caller, township: Township) -> None:
    params = {"organisation_id": township.own_id, "week": "2026-W48", "team": "T01"}
    answer = leader.get("/v1/availability", params=params)
    assert answer.status_code == 200, answer.text
    first = answer.json()["items"][0]
    assert (first["external_id"], len(first["field"]), first["desk"]) == ("M001", 10, [])
    assert first["field"][0] == {"day": "2026-11-23", "half": "am"}


def test_a_closed_half_day_is_nobodys(leader: Caller, township: Township) -> None:
    setting = Setting(organisation_id=township.own_id, key="closed", value="2026-11-23上午")
    township.add(setting)
    params = {"organisation_id": township.own_id, "week": "2026-W48"}
    items = leader.get("/v1/availability", params=params).json()["items"]
    assert all({"day": "2026-11-23", "half": "am"} not in item["field"] for item in items)


def test_a_week_that_the_calendar_does_not_have_is_refused(leader: Caller, township: Township) -> None:
    params = {"organisation_id": township.own_id, "week": "2027-W53"}
    assert leader.get("/v1/availability", params=params).status_code == 422
