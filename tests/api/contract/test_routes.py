"""The routes of the exchange over the whole application."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.config import Settings
from api.contract.routines import run_asked_for
from api.contract.signatures import sign
from api.service.app import create_app
from api.service.routes import exchange
from api.store.base import now
from api.store.database import Database
from api.store.models.follow_ups import FollowUp
from api.store.scope import organisation_scope
from tests.api.contract.places import Simulated, calm_client
from tests.api.contract.rows import canonical
from tests.api.service.township import Township, make_township

SOURCE = {"name": "签约系统", "vendor": "xunzhen", "key": "demo-key", "webhook_secret": "whsec-for-tests"}


@pytest.fixture
def town(sqlite_database: Database) -> Township:
    """Two townships below a county."""
    return make_township(sqlite_database)


@pytest.fixture
def client(town: Township, tmp_path: Path) -> Iterator[TestClient]:
    """The application with the routes of the exchange."""
    app = create_app(Settings.from_values({"mode": "demo", "data_dir": tmp_path}), town.database)
    if not any(getattr(route, "path", "").startswith("/v1/exchange") for route in app.routes):
        app.include_router(exchange.router)
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


class Caller:
    """A client with a key of the own township."""

    def __init__(self, client: TestClient, town: Township, role: str = "contract_system") -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {town.key(role)}"}

    def __call__(self, method: str, path: str, *, headers: dict[str, str] | None = None, **parts: Any) -> Any:
        return self.client.request(method, path, headers=self.headers | (headers or {}), **parts)


@pytest.fixture
def call(client: TestClient, town: Township) -> Caller:
    """The contract system's own key."""
    return Caller(client, town)


def source(call: Caller, url: str = "http://127.0.0.1:9", **changes: Any) -> dict[str, Any]:
    """A contract system that was just named."""
    answer = call("POST", "/v1/exchange/sources", json={**SOURCE, "base_url": url, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_source_shows_no_secret(call: Caller) -> None:
    made = source(call)
    assert (made["has_key"], made["has_webhook_secret"]) == (True, True)
    for text in (json.dumps(made), call("GET", "/v1/exchange/sources").text):
        assert "demo-key" not in text
        assert "whsec" not in text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"vendor": "nobody"}, 422),
        ({"base_url": "ftp://x"}, 422),
        ({"base_url": "http://u:p@x"}, 422),
        ({"surprise": 1}, 422),
        ({"organisation_id": "f" * 32}, 403),
    ],
)
def test_a_wrong_source_is_refused(call: Caller, changes: dict[str, Any], status: int) -> None:
    answer = call("POST", "/v1/exchange/sources", json={**SOURCE, "base_url": "http://x", **changes})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_name_is_used_once(call: Caller) -> None:
    source(call)
    assert call("POST", "/v1/exchange/sources", json={**SOURCE, "base_url": "http://x"}).status_code == 409


def test_a_source_is_changed_under_its_version(call: Caller) -> None:
    made = source(call)
    path = f"/v1/exchange/sources/{made['id']}"
    assert call("PATCH", path, json={"is_active": False}).status_code == 428
    assert call("PATCH", path, json={"is_active": False}, headers={"If-Match": '"99"'}).status_code == 412
    answer = call("PATCH", path, json={"is_active": False, "key": ""}, headers={"If-Match": f'"{made["version"]}"'})
    assert (answer.json()["is_active"], answer.json()["has_key"]) == (False, False)


def test_a_pull_is_asked_for_and_a_worker_does_it(call: Caller, town: Township, contract_system: Simulated) -> None:
    made = source(call, contract_system.url)
    answer = call("POST", "/v1/exchange/runs", json={"source_id": made["id"], "kind": "pull"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    run_asked_for(town.database, calm_client)
    run = call("GET", answer.headers["location"]).json()
    assert run["state"] == "completed"
    assert run["counts"]["received"] == len(contract_system.system.held)
    assert [item["id"] for item in call("GET", "/v1/exchange/runs").json()["items"]] == [run["id"]]


def test_dead_letters_are_listed_retried_and_put_aside(
    call: Caller, town: Township, contract_system: Simulated
) -> None:
    made = source(call, contract_system.url)
    call("POST", "/v1/exchange/runs", json={"source_id": made["id"]})
    run_asked_for(town.database, calm_client)
    letters = call("GET", "/v1/exchange/dead-letters", params={"state": "open", "limit": 3}).json()
    assert len(letters["items"]) == 3
    assert letters["next_cursor"]
    assert letters["items"][0]["reasons"][0]["advice_zh"]
    path = f"/v1/exchange/dead-letters/{letters['items'][0]['id']}"
    assert call("POST", f"{path}:retry").status_code == 202
    assert [ran.state for ran in run_asked_for(town.database, calm_client)] == ["completed"]
    assert call("POST", f"{path}:resolve").json()["state"] == "resolved"


def event(made: dict[str, Any], event_id: str, content: Any, secret: str = "whsec-for-tests") -> dict[str, Any]:
    """A signed request."""
    body = json.dumps(content).encode()
    signed = sign(secret, event_id, now(), body)
    headers = {**signed.headers, "webhook-source": made["id"], "content-type": "application/json"}
    return {"content": body, "headers": headers}


def test_a_signed_event_is_taken_once(call: Caller, town: Township) -> None:
    made = source(call)
    content = {"type": "follow_up.changed", "data": {"records": [canonical()]}}
    first, again = (call("POST", "/v1/webhooks/contract", **event(made, "e1", content)) for _ in range(2))
    assert (first.json()["state"], again.json()["state"]) == ("taken", "repeated")
    with town.database.session(organisation_scope(town.own_id, "tests"), read_only=True) as session:
        assert session.scalars(select(FollowUp.external_id)).all() == ["P-1"]


def test_an_event_with_a_wrong_signature_is_refused(call: Caller) -> None:
    made = source(call)
    answer = call("POST", "/v1/webhooks/contract", **event(made, "e1", {}, "guessed"))
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_INVALID")


def test_an_event_for_a_foreign_source_is_not_found(client: TestClient, town: Township) -> None:
    foreign = Caller(client, town)
    foreign.headers = {"Authorization": f"Bearer {town.key('contract_system', town.foreign_id)}"}
    made = source(Caller(client, town))
    assert foreign("POST", "/v1/webhooks/contract", **event(made, "e1", {})).status_code == 404
    assert foreign("GET", f"/v1/exchange/sources/{made['id']}").status_code == 404
    assert foreign("GET", "/v1/exchange/sources").json() == {"items": []}


def test_an_analyst_has_nothing_to_do_here(client: TestClient, town: Township) -> None:
    analyst = Caller(client, town, "analyst")
    for method, path in (("GET", "/v1/exchange/outbox"), ("POST", "/v1/webhooks/contract")):
        assert analyst(method, path).status_code == 403


def test_a_subscription_tells_its_secret_once(call: Caller) -> None:
    made = call("POST", "/v1/exchange/subscriptions", json={"url": "http://127.0.0.1:9/hook"}).json()
    assert made["secret"].startswith("whsec_")
    listed = call("GET", "/v1/exchange/subscriptions")
    assert made["secret"] not in listed.text
    assert [row["is_active"] for row in listed.json()["items"]] == [True]
    assert call("DELETE", f"/v1/exchange/subscriptions/{made['id']}").status_code == 204
    assert [row["is_active"] for row in call("GET", "/v1/exchange/subscriptions").json()["items"]] == [False]


def test_the_outbox_is_listed_and_only_dead_messages_are_replayed(call: Caller) -> None:
    assert call("GET", "/v1/exchange/outbox", params={"state": "dead"}).json() == {"items": [], "next_cursor": ""}
    assert call("POST", f"/v1/exchange/outbox/{'0' * 32}:replay").status_code == 404
