"""Examples of bodies in the OpenAPI document: the service takes what it shows."""

from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.service.conftest import Caller
from tests.api.service.township import Township


def examples_of(app: FastAPI, schema: str) -> list[dict[str, Any]]:
    """The examples of a body."""
    found: list[dict[str, Any]] = app.openapi()["components"]["schemas"][schema]["examples"]
    assert found
    return found


def test_the_examples_of_scenarios_and_plans_are_taken(client: TestClient, app: FastAPI, township: Township) -> None:
    leader = Caller(client, township.key("team_leader"))
    for example in examples_of(app, "NewScenario"):
        made = leader.post("/v1/scenarios", json=example)
        assert made.status_code == 201, made.text
    for example in examples_of(app, "ChangeScenario"):
        changed = leader.patch(f"/v1/scenarios/{made.json()['id']}", 1, json=example)
        assert changed.status_code == 200, changed.text
    paths = (("SearchRequest", f"/v1/scenarios/{made.json()['id']}:plan"), ("PlanRequest", "/v1/plans"))
    for schema, path in paths:
        for number, example in enumerate(examples_of(app, schema)):
            asked = leader.post(path, json=example, headers={"Idempotency-Key": f"example-{schema}-{number}"})
            assert asked.status_code == 202, asked.text
