"""Every body of a request has an example in the OpenAPI document, which fits its schema and which the service takes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.contract.signatures import sign
from api.service.openapi import FILE
from api.store.base import now
from api.store.database import Database
from tests.api.access.conftest import PASSWORD, add_person
from tests.api.exports.service import SETTINGS, Stored, client_of, publish_week
from tests.api.service.conftest import Caller
from tests.api.service.township import Township

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SECRET = "whsec_an-invented-secret-of-a-test"
FILES = {"POST /v1/uploads": "files have no example in JSON"}


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation with a body, and what the document says of the body."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{method.upper()} {path}", content


def examples(content: dict[str, Any]) -> list[Any]:
    """The examples of a body: its own, or those of its schema."""
    if "example" in content:
        return [content["example"]]
    schema = content["schema"]
    names = [schema.get("$ref", ""), *(each.get("$ref", "") for each in schema.get("anyOf", ()))]
    found = [DOCUMENT["components"]["schemas"][name.rpartition("/")[2]] for name in names if name]
    return [example for each in found for example in each.get("examples", ())]


BODIES = dict(bodies())


@pytest.mark.parametrize("operation", BODIES)
def test_a_body_has_an_example_that_fits_its_schema(operation: str) -> None:
    content = BODIES[operation]
    if operation in FILES:
        assert "multipart/form-data" in json.dumps(DOCUMENT["paths"]["/v1/uploads"]["post"]["requestBody"])
        return
    assert examples(content)
    schema = content["schema"] | {"components": DOCUMENT["components"]}
    for example in examples(content):
        Draft202012Validator(schema).validate(example)


def of(name: str, **changes: Any) -> Any:
    """The example of a schema or an operation, with ids of the store at hand."""
    if " " in name:
        return BODIES[name]["example"]
    return DOCUMENT["components"]["schemas"][name]["examples"][0] | changes


@pytest.mark.parametrize("name", ["sites", "teams", "members", "vehicles", "patrols", "residents", "households"])
def test_a_row_is_made_and_changed_as_shown(name: str, client: TestClient, township: Township) -> None:
    leader, kind = Caller(client, township.key("county_admin", township.own_id)), name[:-1].title()
    made = leader.post(f"/v1/{name}", json=of(f"New{kind}"))
    assert made.status_code == 201, made.text
    changed = leader.patch(f"/v1/{name}/{made.json()['id']}", 1, json=of(f"Change{kind}"))
    assert changed.status_code == 200, changed.text


def test_a_follow_up_is_made_changed_and_reported_as_shown(client: TestClient, township: Township) -> None:
    leader = Caller(client, township.key("county_admin", township.own_id))
    resident = leader.post("/v1/residents", json=of("NewResident")).json()["id"]
    made = leader.post("/v1/follow-ups", json=of("NewFollowUp", resident_id=resident))
    assert made.status_code == 201, made.text
    row = f"/v1/follow-ups/{made.json()['id']}"
    assert leader.patch(row, 1, json=of("ChangeFollowUp")).status_code == 200
    system = Caller(client, township.key("contract_system"))
    told = system.post(f"{row}/statuses", json=of("NewStatus"), headers={"If-Match": '"2"'})
    assert told.status_code in {200, 201}, told.text
    clinic = Caller(client, township.key("team_leader"))
    assert clinic.post("/v1/residents:lookup", json=of("Lookup")).status_code == 200


def test_organisations_settings_people_and_keys_are_made_as_shown(client: TestClient, township: Township) -> None:
    admin = Caller(client, township.key("county_admin"))
    made = admin.post("/v1/organisations", json=of("NewOrganisation", parent_id=township.county_id))
    assert made.status_code == 201, made.text
    changed = admin.patch(f"/v1/organisations/{made.json()['id']}", 1, json=of("ChangeOrganisation"))
    assert changed.status_code == 200, changed.text
    add_person(township.database, township.county_id, "security", Role.SECURITY_ADMIN)
    signed_in = client.post("/v1/login", json={"name": "security", "password": PASSWORD})
    assert signed_in.status_code == 200, signed_in.text
    security = Caller(client, signed_in.json()["token"])
    account = security.post("/v1/accounts", json=of("NewAccountBody", organisation_id=township.own_id))
    assert account.status_code == 201, account.text
    changed = security.patch(f"/v1/accounts/{account.json()['id']}", 1, json=of("AccountChangeBody"))
    assert changed.status_code == 200, changed.text
    key = security.post("/v1/api-keys", json=of("NewKeyBody", organisation_id=township.own_id))
    assert key.status_code == 201, key.text
    leader = Caller(client, township.key("county_admin", township.own_id))
    present = leader.get("/v1/settings/joint_percent")
    tag = {"If-Match": present.headers["etag"]}
    value = leader.send("PUT", "/v1/settings/joint_percent", json=of("NewValue"), headers=tag)
    assert value.status_code == 200, value.text


def test_who_signs_in_is_told_that_the_words_are_wrong_and_not_the_form(client: TestClient, township: Township) -> None:
    assert client.post("/v1/login", json=of("LoginBody")).status_code == 401
    key = Caller(client, township.key("county_admin", township.own_id))
    for path, name in (("/v1/me/password", "PasswordBody"), ("/v1/me/second-factor/confirm", "CodeBody")):
        assert key.post(path, json=of(name)).status_code in {401, 403}, path


def test_a_contract_system_is_set_up_and_sends_events_as_shown(client: TestClient, township: Township) -> None:
    leader = Caller(client, township.key("county_admin"))
    source = leader.post(
        "/v1/exchange/sources", json=of("NewSource", organisation_id=township.own_id, webhook_secret=SECRET)
    )
    assert source.status_code == 201, source.text
    row = source.json()
    changed = leader.patch(f"/v1/exchange/sources/{row['id']}", row["version"], json=of("ChangeSource"))
    assert changed.status_code == 200, changed.text
    run = leader.post("/v1/exchange/runs", json=of("NewRun", source_id=row["id"]))
    assert run.status_code in {201, 202}, run.text
    hook = leader.post("/v1/exchange/subscriptions", json=of("NewSubscription", organisation_id=township.own_id))
    assert hook.status_code == 201, hook.text
    body = json.dumps(of("POST /v1/webhooks/contract")).encode()
    headers = {**sign(SECRET, "e1", now(), body).headers, "webhook-source": row["id"]}
    system = Caller(client, township.key("contract_system"))
    event = system.post("/v1/webhooks/contract", content=body, headers=headers | {"Content-Type": "application/json"})
    assert event.status_code in {200, 202}, event.text


def test_documents_are_solved_and_judged_as_shown(client: TestClient, township: Township) -> None:
    leader = Caller(client, township.key("county_admin", township.own_id))
    solved = leader.post("/v1/solve?iterations=200&seed=1", json=of("POST /v1/solve"))
    assert solved.status_code == 200, solved.text
    judged = leader.post("/v1/check", json=of("POST /v1/check"))
    assert (judged.status_code, judged.json()["is_feasible"]) == (200, True), judged.text


@pytest.mark.parametrize("kind", ["ServiceRequest", "Task"])
def test_a_resource_of_fhir_is_read_as_shown(kind: str, client: TestClient, township: Township) -> None:
    system = Caller(client, township.key("contract_system"))
    body = json.dumps(of(f"POST /fhir/R4B/{kind}")).encode()
    answer = system.post(f"/fhir/R4B/{kind}", content=body, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code in {200, 201}, answer.text


@pytest.fixture
def draft(sqlite_database: Database) -> Stored:
    """The hand-made week as a draft."""
    return publish_week(sqlite_database, is_published=False)


def test_a_plan_is_edited_asked_about_and_planned_anew_as_shown(draft: Stored, tmp_path: Path) -> None:
    with client_of(draft.database, SETTINGS.with_changes(data_dir=tmp_path)) as client:
        leader, plan = Caller(client, draft.key(Role.TEAM_LEADER, "t1", "t2")), f"/v1/plans/{draft.plan_id}"
        stop = next(each for each in leader.get(f"{plan}/stops").json()["items"] if each["follow_up"] and each["crew"])
        tag = {"If-Match": '"1"'}
        edits = of("EditsBody")
        edits["edits"][0]["target"] = stop["follow_up"]
        asked = leader.post(f"{plan}/edits", json=edits, headers=tag)
        assert asked.status_code == 200, asked.text
        places = leader.post(f"{plan}:recommend", json=of("RecommendBody", follow_up=stop["follow_up"]))
        assert places.status_code == 200, places.text
        assert leader.post(f"{plan}:check", json=of("CheckBody")).status_code == 200
        feed = leader.post("/v1/feeds", json=of("NewFeed", plan_id=draft.plan_id, crew=stop["crew"]))
        assert feed.status_code == 201, feed.text
        anew = leader.post(f"{plan}:replan", json=of("ReplanBody", freeze_until=None), headers=tag)
        assert anew.status_code in {200, 201, 202}, anew.text


def test_a_scenario_is_made_changed_and_planned_as_shown(client: TestClient, township: Township) -> None:
    leader = Caller(client, township.key("team_leader"))
    made = leader.post("/v1/scenarios", json=of("NewScenario"))
    assert made.status_code == 201, made.text
    row = f"/v1/scenarios/{made.json()['id']}"
    changed = leader.patch(row, 1, json=of("ChangeScenario"))
    assert changed.status_code == 200, changed.text
    for name, path in (("SearchRequest", f"{row}:plan"), ("PlanRequest", "/v1/plans")):
        asked = leader.post(path, json=of(name), headers={"Idempotency-Key": f"example-{name}"})
        assert asked.status_code == 202, asked.text
