"""The routes about signing in, accounts and keys, on the whole application."""

from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.access.door import COOKIE, CSRF_HEADER, Door
from api.access.permissions import ACTIONS, Role
from api.access.second_factor import code_at
from api.access.settings import ClaimMapping, OidcSettings
from api.config import Settings
from api.service.app import create_app
from api.store.database import Database
from tests.api.access.conftest import PASSWORD, Clock, County, add_person, audit_of
from tests.api.access.provider import CLIENT, SECRET, running_provider

NEW = {"name": "li.si", "roles": ["team_leader"], "team_external_ids": ["T01"], "member_external_id": "M002"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """The embedded database; the same steps on PostgreSQL are tests of the door."""
    return sqlite_database


@pytest.fixture
def app(door: Door, tmp_path: Path, county: County) -> FastAPI:
    """The application with a security administrator of the county, a leader and a foreign administrator."""
    found = create_app(Settings.from_values({"mode": "demo", "data_dir": tmp_path}), door.database)
    door.settings = replace(door.settings, second_factor_for_admins=False)
    found.state.door = door
    add_person(door.database, county.county, "security", Role.SECURITY_ADMIN)
    add_person(door.database, county.township, "leader", Role.TEAM_LEADER, team_external_ids=("T01",))
    add_person(door.database, county.foreign_county, "stranger", Role.SECURITY_ADMIN)
    return found


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client without credentials."""
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def bearer(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> dict[str, str]:
    """The header of somebody who has signed in."""
    answer = client.post("/v1/login", json={"name": name, "password": password, **more})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def problem(answer: httpx2.Response, status: int) -> str:
    """The code of a problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def make_account(client: TestClient, headers: dict[str, str], county: County, **changes: Any) -> httpx2.Response:
    """Ask for a new account."""
    return client.post("/v1/accounts", headers=headers, json={**NEW, "organisation_id": county.township, **changes})


def make_key(client: TestClient, headers: dict[str, str], organisation_id: str, **changes: Any) -> httpx2.Response:
    """Ask for a new key."""
    wanted = {"name": "reports", "organisation_id": organisation_id, "role": "analyst", **changes}
    return client.post("/v1/api-keys", headers=headers, json=wanted)


def test_a_person_signs_in_looks_and_leaves(client: TestClient, county: County) -> None:
    headers = bearer(client, "leader")
    me = client.get("/v1/me", headers=headers).json()
    assert me["roles"] == ["team_leader"]
    assert me["organisation_ids"] == [county.township]
    assert me["actions"]["residents:read_personal"] == "own_team"
    assert "accounts:write" not in me["actions"]
    assert client.post("/v1/logout", headers=headers).status_code == 204
    assert problem(client.get("/v1/me", headers=headers), 401) == "NOT_SIGNED_IN"


def test_without_credentials_nobody_is_known(client: TestClient) -> None:
    answer = client.get("/v1/me")
    assert problem(answer, 401) == "NOT_SIGNED_IN"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_wrong_credentials_are_a_problem_and_five_of_them_a_lock(client: TestClient) -> None:
    wrong = {"name": "leader", "password": "wrong"}
    assert {problem(client.post("/v1/login", json=wrong), 401) for _ in range(5)} == {"WRONG_CREDENTIALS"}
    answer = client.post("/v1/login", json={**wrong, "password": PASSWORD})
    assert problem(answer, 429) == "ACCOUNT_LOCKED"
    assert 0 < int(answer.headers["retry-after"]) <= 901


def test_a_browser_gets_a_cookie_that_no_script_and_no_other_site_has(client: TestClient) -> None:
    body = {"name": "leader", "password": PASSWORD, "use_cookie": True}
    answer = client.post("https://testserver/v1/login", json=body)
    assert answer.json()["token"] == ""
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"].casefold() == "strict"
    assert cookie["path"] == "/"


def test_a_cookie_may_read_but_changes_only_with_its_csrf_token(client: TestClient) -> None:
    token = client.post("/v1/login", json={"name": "leader", "password": PASSWORD, "use_cookie": True}).json()
    assert client.get("/v1/me").json()["csrf_token"] == token["csrf_token"]
    assert problem(client.post("/v1/logout"), 403) == "CSRF_TOKEN_MISSING"
    assert problem(client.post("/v1/logout", headers={CSRF_HEADER: "guess"}), 403) == "CSRF_TOKEN_MISSING"
    assert client.post("/v1/logout", headers={CSRF_HEADER: token["csrf_token"]}).status_code == 204
    assert client.get("/v1/me").status_code == 401


def test_a_log_in_cannot_be_forced_by_a_form_of_another_site(client: TestClient) -> None:
    text = '{"name": "leader", "password": "' + PASSWORD + '", "use_cookie": true}'
    answer = client.post("/v1/login", content=text, headers={"Content-Type": "text/plain"})
    assert answer.status_code in {415, 422}
    assert "set-cookie" not in answer.headers


def test_an_account_is_made_with_a_password_for_one_use(client: TestClient, county: County) -> None:
    made = make_account(client, bearer(client, "security"), county)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    headers = bearer(client, "li.si", made.json()["one_time_password"])
    assert problem(client.get("/v1/accounts", headers=headers), 403) == "PASSWORD_CHANGE_NEEDED"
    change = {"current_password": made.json()["one_time_password"], "new_password": "Brand-new-9"}
    assert client.post("/v1/me/password", headers=headers, json=change).status_code == 204
    assert problem(client.get("/v1/accounts", headers=headers), 403) == "NOT_ALLOWED"
    assert client.get("/v1/me", headers=bearer(client, "li.si", "Brand-new-9")).json()["must_set_up"] == ""


def test_accounts_show_nothing_secret(client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    made = make_account(client, headers, county).json()
    shown = client.get(f"/v1/accounts/{made['id']}", headers=headers).json()
    assert "one_time_password" not in shown
    assert not any("hash" in name or "secret" in name for name in shown)


def test_accounts_come_in_pages(client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    names: list[str] = []
    cursor = ""
    while True:
        page = client.get("/v1/accounts", headers=headers, params={"limit": 1, "cursor": cursor}).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert names == ["leader", "security"]


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/api-keys"])
def test_of_accounts_and_keys_only_the_fields_asked_for_come(path: str, client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    new = {"name": "board", "organisation_id": county.township, "role": "team_leader"}
    assert client.post("/v1/api-keys", headers=headers, json=new).status_code == 201
    items = client.get(path, headers=headers, params={"fields": "name"}).json()["items"]
    assert items
    assert all(item.keys() == {"id", "name"} for item in items)
    unknown = client.get(path, headers=headers, params={"fields": "nmae"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/fields")


def test_an_account_is_changed_with_its_version_only(client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    made = make_account(client, headers, county)
    path, change = f"/v1/accounts/{made.json()['id']}", {"team_external_ids": ["T02"]}
    assert problem(client.patch(path, headers=headers, json=change), 428) == "PRECONDITION_MISSING"
    answer = client.patch(path, headers={**headers, "If-Match": made.headers["etag"]}, json=change)
    assert answer.json()["team_external_ids"] == ["T02"]
    assert answer.json()["member_external_id"] == "M002"
    stale = client.patch(path, headers={**headers, "If-Match": made.headers["etag"]}, json=change)
    assert problem(stale, 412) == "STALE_VERSION"
    known = client.get(path, headers={**headers, "If-None-Match": answer.headers["etag"]})
    assert known.status_code == 304


def test_a_forgotten_password_is_reset_by_the_administrator(client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    made = make_account(client, headers, county)
    path = f"/v1/accounts/{made.json()['id']}"
    answer = client.patch(path, headers={**headers, "If-Match": "*"}, json={"reset_password": True})
    assert problem(answer, 412) == "STALE_VERSION"
    answer = client.patch(path, headers={**headers, "If-Match": made.headers["etag"]}, json={"reset_password": True})
    assert client.get("/v1/me", headers=bearer(client, "li.si", answer.json()["one_time_password"])).status_code == 200
    old = {"name": "li.si", "password": made.json()["one_time_password"]}
    assert problem(client.post("/v1/login", json=old), 401) == "WRONG_CREDENTIALS"


def test_a_closed_account_is_out_at_once(client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    made = make_account(client, headers, county)
    person = bearer(client, "li.si", made.json()["one_time_password"])
    path = f"/v1/accounts/{made.json()['id']}"
    assert client.get("/v1/me", headers=person).status_code == 200
    answer = client.delete(path, headers={**headers, "If-Match": made.headers["etag"]})
    assert answer.status_code == 204
    assert client.get("/v1/me", headers=person).status_code == 401
    assert client.get(path, headers=headers).json()["is_active"] is False


def test_every_fault_of_an_account_is_told(client: TestClient, county: County) -> None:
    answer = make_account(
        client, bearer(client, "security"), county, name="leader", roles=["auditor", "county_admin", "contract_system"]
    )
    assert problem(answer, 422) == "ACCESS_INPUT_WRONG"
    assert [item["code"] for item in answer.json()["errors"]] == ["NAME_TAKEN", "ROLES_NOT_SEPARATED", "SYSTEM_ROLE"]


def test_a_name_of_a_foreign_organisation_is_taken_too(client: TestClient, county: County) -> None:
    answer = make_account(
        client, bearer(client, "stranger"), county, name="leader", organisation_id=county.foreign_county
    )
    assert problem(answer, 422) == "ACCESS_INPUT_WRONG"
    assert [item["code"] for item in answer.json()["errors"]] == ["NAME_TAKEN"]


def test_accounts_and_keys_of_a_foreign_organisation_are_out_of_reach(client: TestClient, county: County) -> None:
    own, foreign = bearer(client, "security"), bearer(client, "stranger")
    account = make_account(client, own, county).json()["id"]
    key = make_key(client, own, county.township).json()["id"]
    assert problem(client.get(f"/v1/accounts/{account}", headers=foreign), 404) == "NOT_FOUND"
    assert problem(client.delete(f"/v1/api-keys/{key}", headers=foreign), 404) == "NOT_FOUND"
    assert problem(make_account(client, foreign, county, name="x"), 403) == "FOREIGN_ORGANISATION"
    assert problem(make_key(client, foreign, county.township), 403) == "FOREIGN_ORGANISATION"
    assert [item["name"] for item in client.get("/v1/accounts", headers=foreign).json()["items"]] == ["stranger"]
    assert client.get("/v1/api-keys", headers=foreign).json()["items"] == []


def test_a_key_is_shown_once_works_and_is_revoked(client: TestClient, county: County) -> None:
    headers = bearer(client, "security")
    made = make_key(client, headers, county.county, actions=["plans:read"])
    assert made.status_code == 201
    key = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert client.get("/v1/me", headers=key).json()["actions"] == {"self:use": "own_self", "plans:read": "county"}
    assert problem(client.get("/v1/accounts", headers=key), 403) == "NOT_ALLOWED"
    path = f"/v1/api-keys/{made.json()['id']}"
    assert "secret" not in client.get(path, headers=headers).json()
    assert client.delete(path, headers=headers).status_code == 204
    assert problem(client.get("/v1/me", headers=key), 401) == "NOT_SIGNED_IN"
    assert client.get(path, headers=headers).json()["revoked_at"].endswith("+08:00")


def test_who_made_and_who_revoked_a_key_is_audited(client: TestClient, door: Door, county: County) -> None:
    headers = bearer(client, "security")
    actor = client.get("/v1/me", headers=headers).json()["actor"]
    key_id = make_key(client, headers, county.township).json()["id"]
    client.delete(f"/v1/api-keys/{key_id}", headers=headers)
    entries = [entry for entry in audit_of(door.database, county.township) if entry[2] == key_id]
    assert entries == [(actor, "api_keys:add", key_id), (actor, "api_keys:revoke", key_id)]


def test_an_administrator_sets_up_a_second_factor_before_anything_else(
    client: TestClient, door: Door, clock: Clock
) -> None:
    door.settings = replace(door.settings, second_factor_for_admins=True)
    headers = bearer(client, "security")
    assert problem(client.get("/v1/accounts", headers=headers), 403) == "SECOND_FACTOR_SET_UP_NEEDED"
    secret = client.post("/v1/me/second-factor", headers=headers).json()["secret"]
    answer = client.post("/v1/me/second-factor/confirm", headers=headers, json={"code": "x"})
    assert problem(answer, 401) == "WRONG_CREDENTIALS"
    code = {"code": code_at(secret, clock())}
    assert client.post("/v1/me/second-factor/confirm", headers=headers, json=code).status_code == 204
    assert client.get("/v1/accounts", headers=headers).status_code == 200
    clock.forward(minutes=1)
    answer = client.post("/v1/login", json={"name": "security", "password": PASSWORD})
    assert problem(answer, 401) == "SECOND_FACTOR_NEEDED"
    bearer(client, "security", code=code_at(secret, clock()))


def test_secrets_of_a_request_are_in_no_answer(client: TestClient) -> None:
    answer = client.post("/v1/login", json={"name": "leader", "password": {"deep": PASSWORD}, "cod": "123456"})
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
    assert "123456" not in answer.text


def test_single_sign_on_ends_on_our_own_page_with_a_strict_cookie(
    client: TestClient, door: Door, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_provider() as provider:
        door.settings = replace(
            door.settings,
            oidc=OidcSettings(
                issuer=provider.address,
                client_id=CLIENT,
                client_secret=SECRET,
                redirect_uri="http://testserver/v1/oidc/callback",
                mapping=ClaimMapping(roles=MappingProxyType({"leaders": "team_leader"}), organisation_claim="org"),
            ),
        )
        start = client.get("/v1/oidc/start", params={"return_path": '/plans?a="><b>'}, follow_redirects=False)
        assert start.status_code == 307
        assert "samesite=lax" in start.headers["set-cookie"].casefold()
        back = httpx2.get(start.headers["location"], follow_redirects=False).headers["location"]
        end = client.get(f"{urlsplit(back).path}?{urlsplit(back).query}&session_state=theirs")
    assert end.status_code == 200
    assert 'url=/plans?a=&quot;&gt;&lt;b&gt;"' in end.text
    assert client.get("/v1/me").json()["roles"] == ["team_leader"]


def test_a_refusal_of_the_provider_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/oidc/callback", params={"error": "access_denied", "state": "x"})
    assert problem(answer, 401) == "SINGLE_SIGN_ON_FAILED"


def test_single_sign_on_that_is_not_set_up_is_a_problem(client: TestClient) -> None:
    assert problem(client.get("/v1/oidc/start", follow_redirects=False), 404) == "SINGLE_SIGN_ON_OFF"


def test_a_security_administrator_is_told_every_action_it_has(client: TestClient) -> None:
    actions = client.get("/v1/me", headers=bearer(client, "security")).json()["actions"]
    assert set(actions) <= set(ACTIONS)
    assert {"accounts:write", "api_keys:write"} <= set(actions)
