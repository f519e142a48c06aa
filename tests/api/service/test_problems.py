"""What is refused is refused as a problem, with every fault at once, and never with 5xx for what a caller sends."""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.testclient import TestClient

from api.access.dependencies import action
from api.config import Settings
from api.service.app import create_app
from api.service.catalogue import all_kinds
from api.service.problems import MEDIA_TYPE, ProblemError, shown
from api.service.routing import DEEPEST, new_router, strict_json
from api.store.database import Database
from optimizer.documents import problem_from_json
from tests.api.service.conftest import Caller
from tests.api.service.township import Township

MEMBERS = {"type", "title", "title_zh", "status", "code", "detail", "advice_zh", "advice_en", "request_id"}


def judge(answer: object) -> dict[str, object]:
    """The problem of an answer, which has the form of every problem."""
    assert answer.headers["content-type"] == MEDIA_TYPE  # type: ignore[attr-defined]
    problem: dict[str, object] = answer.json()  # type: ignore[attr-defined]
    assert problem.keys() >= MEMBERS | {"errors", "errors_total"}
    assert problem["request_id"] == answer.headers["x-request-id"]  # type: ignore[attr-defined]
    assert problem["type"] == all_kinds()[str(problem["code"])].type
    return problem


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[1,", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e999}', b'{"a":1,"a":2}', b"\xff\xfe", b'"\xff"'),
        *(b"[" * 100_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, b"[" * 100 + b"]" * 100, b"9" * 10_000, b"null"),
        *(b'{"external_id":"a\\u0000b"}', b'{"external_id":"\\ud800"}', b'{"\\ud800":1}', b'{"kind":1e400}', b"[]"),
        *(b'{"people":9223372036854775808}', b'{"latitude":"1"}', b'{"people":true}', b'{"external_id":""}', b"1"),
    ],
)
def test_whatever_a_body_holds_is_refused_as_a_problem(body: bytes, leader: Caller) -> None:
    answer = leader.post("/v1/sites", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    judge(answer)


def test_a_body_of_another_type_is_refused(leader: Caller) -> None:
    answer = leader.post("/v1/sites", content="王小明".encode(), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["errors"][0]["found"]) == (422, "9 bytes")
    judge(answer)


def test_an_unknown_address_and_method_are_problems(client: TestClient) -> None:
    assert judge(client.get("/v1/none"))["code"] == "NO_SUCH_PATH"
    answer = client.delete("/healthz")
    assert (judge(answer)["code"], answer.headers["allow"]) == ("METHOD_NOT_ALLOWED", "GET")


@pytest.mark.parametrize("path", ["/v1/sites/%00", "/v1/sites/%ff", "/v1/sites/" + "9" * 5000, "/v1/%F0%9F%98%80"])
def test_a_strange_address_is_a_problem(path: str, leader: Caller) -> None:
    answer = leader.get(path)
    assert 400 <= answer.status_code < 500
    judge(answer)


@pytest.mark.parametrize(
    "query",
    ["limit=x", "limit=0", "limit=9" + "9" * 5000, "cursor=%00", "cursor=AAAA", "kind=%00", "fields=%ff", "a=1"],
)
def test_a_strange_query_is_a_problem(query: str, leader: Caller) -> None:
    answer = leader.get(f"/v1/sites?{query}")
    assert answer.status_code in (400, 422)
    judge(answer)


def test_all_faults_of_a_query_come_at_once(leader: Caller) -> None:
    problem = judge(leader.get("/v1/plans", params={"week": "W48", "wek": "2026-W48", "limit": "0", "state": "gone"}))
    found = {(fault["code"], fault["in"], fault["pointer"]) for fault in problem["errors"]}  # type: ignore[attr-defined]
    assert found == {
        ("WRONG_VALUE", "query", "/week"),
        ("UNKNOWN_FIELD", "query", "/wek"),
        ("OUT_OF_RANGE", "query", "/limit"),
        ("WRONG_VALUE", "query", "/state"),
    }
    (unknown,) = [fault for fault in problem["errors"] if fault["pointer"] == "/wek"]  # type: ignore[attr-defined]
    assert "week" in unknown["expected"]


def test_all_faults_of_a_body_come_at_once(leader: Caller) -> None:
    problem = judge(leader.post("/v1/members", json={"rol": "GP", "team": 5, "max_half_days": 1.5}))
    found = {(fault["code"], fault["pointer"]) for fault in problem["errors"]}  # type: ignore[attr-defined]
    assert found >= {
        ("UNKNOWN_FIELD", "/rol"),
        ("WRONG_TYPE", "/team"),
        ("MISSING_FIELD", "/external_id"),
        ("MISSING_FIELD", "/role"),
        ("MISSING_FIELD", "/field"),
    }


@pytest.mark.parametrize("sign", ["\n", "\t", "\x1b", "\x85", "\0"])
def test_an_id_is_on_one_line_and_can_be_seen(sign: str, leader: Caller) -> None:
    answer = leader.post("/v1/residents", json={"external_id": f"R{sign}1", "team": "T01"})
    assert answer.status_code == 422
    assert [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]] == [("WRONG_VALUE", "/external_id")]


def test_a_note_may_have_lines_but_no_control_signs(client: TestClient, township: Township) -> None:
    leader = Caller(client, township.key("team_leader"))
    note = {"name": "x", "week": "2026-W48", "changes": [{"kind": "channel_closed", "channel": "phone"}]}
    made = leader.post("/v1/scenarios", json=note | {"note": "一\n二\t三"})
    assert made.status_code == 201, made.text
    refused = leader.post("/v1/scenarios", json=note | {"note": "一\x07"})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/note"]


def test_what_fields_say_is_judged_though_others_break_their_form(leader: Caller, township: Township) -> None:
    own = {"organisation_id": township.own_id, "external_id": "M-NEW"}
    body = {**own, "rol": "GP", "role": "WIZARD", "team": "T-NONE", "field": "someday", "max_half_days": "two"}
    problem = judge(leader.post("/v1/members", json=body))
    found = [(fault["code"], fault["pointer"]) for fault in problem["errors"]]  # type: ignore[attr-defined]
    assert sorted(found) == [
        ("NOTATION", "/field"),
        ("UNKNOWN_FIELD", "/rol"),
        ("UNKNOWN_ID", "/team"),
        ("UNKNOWN_WORD", "/role"),
        ("WRONG_TYPE", "/max_half_days"),
    ]
    row = leader.get("/v1/members", params={"organisation_id": township.own_id}).json()["items"][0]
    path = f"/v1/members/{row['id']}"
    changed = judge(leader.patch(path, row["version"], json={"role": "WIZARD", "max_half_days": "two"}))
    assert {fault["pointer"] for fault in changed["errors"]} == {"/role", "/max_half_days"}  # type: ignore[attr-defined]
    assert leader.get(path).json() == row


def test_a_personal_value_is_never_shown(leader: Caller, township: Township) -> None:
    body = {"external_id": "M9", "role": "GP", "team": "T01", "field": "周一", "name": 13812345678, "phone": ["王"]}
    answer = leader.post("/v1/members", json=body)
    assert answer.status_code == 422
    assert "13812345678" not in answer.text
    assert "王" not in answer.text


@given(st.text())
def test_a_shown_value_is_short_and_printable(text: str) -> None:
    words = shown(text)
    assert len(words) <= 60
    assert words.isprintable()
    words.encode()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_what_json_can_write_is_read_unchanged(value: object) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(ProblemError):
        strict_json(body)


def test_values_may_nest_as_deep_as_is_said() -> None:
    strict_json(b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1))
    with pytest.raises(ProblemError):
        strict_json(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_every_kind_is_in_the_catalogue_in_both_languages(client: TestClient) -> None:
    items = client.get("/v1/problems").json()["items"]
    assert {item["code"] for item in items} >= {"STALE_VERSION", "NOT_SIGNED_IN", "ACCOUNT_LOCKED", "INTERNAL"}
    assert all(item["title"] and item["title_zh"] and item["advice_zh"] and item["advice_en"] for item in items)
    for item in items:
        assert client.get(item["type"]).json() == item


def test_a_browser_gets_the_catalogue_as_a_page(client: TestClient) -> None:
    page = client.get("/v1/problems", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "STALE_VERSION" in page.text


class _Inner(BaseModel):
    pass


@pytest.fixture
def broken(settings: Settings, sqlite_database: Database) -> Iterator[TestClient]:
    """A client of an application with routes that fail in their own ways."""
    app: FastAPI = create_app(settings, sqlite_database)
    router = new_router("broken")

    @router.get("/v1/broken", **action("public"))
    def fail() -> _Inner:
        raise RuntimeError("王小明 13812345678")

    @router.get("/v1/full", **action("public"))
    def fill() -> _Inner:
        raise OSError(28, "No space left on device")

    @router.get("/v1/document", **action("public"))
    def read() -> _Inner:
        problem_from_json('{"format": "something"}')
        return _Inner()

    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def test_an_unforeseen_error_tells_an_id_and_nothing_else(broken: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "xunzhen"):
        answer = broken.get("/v1/broken")
    problem = judge(answer)
    assert (answer.status_code, problem["code"]) == (500, "INTERNAL")
    assert "13812345678" not in answer.text
    assert any(getattr(record, "request_id", "") == problem["request_id"] for record in caplog.records)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_full_disk_is_told_as_such(broken: TestClient) -> None:
    answer = broken.get("/v1/full")
    assert (answer.status_code, judge(answer)["code"], answer.headers["retry-after"]) == (507, "STORAGE_FULL", "5")


def test_the_faults_of_a_document_come_with_their_places(broken: TestClient) -> None:
    answer = broken.get("/v1/document")
    assert (answer.status_code, judge(answer)["code"]) == (422, "PROBLEM_FAULTS")
    assert judge(answer)["errors"]
