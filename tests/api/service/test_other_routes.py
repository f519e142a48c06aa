"""Organisations, settings, the audit log and the figures of the service."""

import re

import pytest
from starlette.testclient import TestClient

from tests.api.service.conftest import Caller
from tests.api.service.township import Township


def test_an_organisation_is_made_below_the_own_one_and_seen_at_once(leader: Caller, township: Township) -> None:
    body = {"external_id": "NEW", "name": "新镇卫生院", "parent_id": township.county_id, "region_code": "379900100"}
    made = leader.post("/v1/organisations", json=body)
    assert made.status_code == 201, made.text
    assert leader.get(made.headers["location"]).json()["name"] == "新镇卫生院"
    names = [item["external_id"] for item in leader.get("/v1/organisations").json()["items"]]
    assert names == ["COUNTY", "FOREIGN", "NEW", "OWN"]


def test_an_organisation_below_a_foreign_one_is_refused(leader: Caller) -> None:
    body = {"external_id": "NEW", "parent_id": "0" * 32}
    assert leader.post("/v1/organisations", json=body).json()["code"] == "FOREIGN_ORGANISATION"


def test_an_organisation_is_closed(leader: Caller, township: Township) -> None:
    changed = leader.patch(f"/v1/organisations/{township.own_id}", 1, json={"is_active": False})
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)


def test_a_leader_sees_the_own_organisation_only(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader"))
    assert [item["external_id"] for item in own.get("/v1/organisations").json()["items"]] == ["OWN"]


def test_every_setting_is_listed_with_its_default(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader"))
    items = {item["key"]: item for item in own.get("/v1/settings").json()["items"]}
    assert items["morning_start"]["value"] == items["morning_start"]["default"]
    assert items["morning_start"]["is_default"] is True


def test_of_settings_only_the_fields_asked_for_come(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader"))
    items = own.get("/v1/settings", params={"fields": "value"}).json()["items"]
    assert all(item.keys() == {"key", "value"} for item in items)
    one = own.get("/v1/settings/morning_start", params={"fields": "version"})
    assert (one.json(), one.headers["etag"]) == ({"key": "morning_start", "version": 0}, '"0"')
    assert own.get("/v1/settings", params={"fields": "valeu"}).json()["errors"][0]["pointer"] == "/fields"


def test_a_setting_is_set_and_given_back(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader"))
    path = "/v1/settings/morning_start"
    first = own.send("PUT", path, json={"value": "08:30"}, headers={"If-Match": '"0"'})
    assert (first.status_code, first.json()["value"], first.json()["version"]) == (200, "08:30", 1)
    assert own.send("PUT", path, json={"value": "08:40"}, headers={"If-Match": '"0"'}).status_code == 412
    back = own.send("PUT", path, json={"value": None}, headers={"If-Match": '"1"'})
    assert back.json()["is_default"] is True


def test_a_setting_that_cannot_be_read_is_refused(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader"))
    answer = own.send("PUT", "/v1/settings/morning_start", json={"value": "early"}, headers={"If-Match": '"0"'})
    (fault,) = answer.json()["errors"]
    assert (fault["code"], fault["pointer"]) == ("NOTATION", "/value")


def test_an_unknown_setting_is_not_there(client: TestClient, township: Township) -> None:
    own = Caller(client, township.key("team_leader"))
    answer = own.get("/v1/settings/morning_strat")
    assert answer.status_code == 404
    assert "morning_start" in answer.json()["detail"]


def test_an_auditor_reads_who_did_what_and_that_nothing_is_missing(leader: Caller, township: Township) -> None:
    body = {"organisation_id": township.own_id, "external_id": "T03", "base": "B01"}
    team = leader.post("/v1/teams", json=body).json()
    auditor = Caller(leader.client, township.key("auditor"))
    (entry,) = auditor.get("/v1/audit", params={"target_id": team["id"]}).json()["items"]
    assert (entry["action"], entry["organisation_id"]) == ("resources:write", township.own_id)
    verdict = auditor.get("/v1/audit/verification", params={"organisation_id": township.own_id}).json()
    assert verdict["is_whole"] is True


def test_only_an_auditor_reads_the_log(leader: Caller) -> None:
    assert leader.get("/v1/audit").json()["code"] == "NOT_ALLOWED"


def test_figures_name_routes_and_never_ids(leader: Caller, township: Township) -> None:
    leader.get(f"/v1/organisations/{township.own_id}")
    leader.get("/v1/nothing/of/this/kind")
    text = leader.get("/metrics").text
    assert 'route="/v1/organisations/{row_id}",status="200"' in text
    assert 'route="unmatched",status="404"' in text
    assert township.own_id not in text


def test_figures_are_not_for_everybody(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 401


def test_the_service_tells_that_it_lives_and_is_ready(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


@pytest.mark.parametrize("path", ["/healthz", "/v1/sites", "/v1/nothing", "/v1/problems"])
def test_every_answer_protects_browsers_and_has_an_id(path: str, client: TestClient) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])


def test_transport_security_is_asked_for_behind_tls_only(client: TestClient) -> None:
    assert "strict-transport-security" not in client.get("/healthz").headers
    assert "strict-transport-security" in client.get("https://testserver/healthz").headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_loads_anything_from_outside(path: str, client: TestClient) -> None:
    assert client.get(path).status_code == 404
