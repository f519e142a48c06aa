"""Limits are kept by counting: bytes of bodies on a real server, requests a minute, solves at the same time."""

import http.client
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI, Request, UploadFile
from pydantic import BaseModel
from starlette.testclient import TestClient

from api.access.dependencies import action
from api.config import Settings
from api.service.app import create_app
from api.service.limits import SolveSlots, large_body
from api.service.problems import ProblemError
from api.service.routing import new_router
from tests.api.service.conftest import Caller, Serve
from tests.api.service.township import Township

SMALL, LARGE = 2_000, 20_000


class _Count(BaseModel):
    bytes: int


class _Words(BaseModel):
    words: str


@pytest.fixture
def address(settings: Settings, township: Township, serve: Serve) -> str:
    """A real server with small limits and routes that take bodies of each kind."""
    changed = settings.with_changes(max_json_bytes=SMALL, max_upload_bytes=LARGE)
    app: FastAPI = create_app(changed, township.database)
    router = new_router("bodies")

    @router.post("/json", **action("public"))
    def read_json(body: _Words) -> _Count:
        return _Count(bytes=len(body.words))

    @router.post("/file", **action("public"))
    def read_file(file: UploadFile) -> _Count:
        return _Count(bytes=len(file.file.read()))

    @router.post("/raw", **action("public"))
    @large_body
    async def read_raw(request: Request) -> _Count:
        return _Count(bytes=len(await request.body()))

    app.include_router(router)
    return serve(app)


def send(url: str, **parts: Any) -> httpx2.Response:
    return httpx2.post(url, timeout=60.0, trust_env=False, **parts)


def words(count: int) -> bytes:
    return b'{"words":"' + b"x" * (count - 12) + b'"}'


def test_a_body_up_to_the_limit_passes(address: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert send(f"{address}/json", content=words(SMALL), headers=headers).status_code == 200


def test_a_larger_body_is_refused_with_the_number(address: str) -> None:
    answer = send(f"{address}/json", content=words(SMALL + 1), headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["limit_bytes"]) == (413, "BODY_TOO_LARGE", SMALL)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_unknown_length_is_counted(address: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"words":"'
        for _ in range(100):
            yield b"x" * 100
        yield b'"}'

    answer = send(f"{address}/json", content=chunks(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_a_length_that_lies_changes_nothing(address: str) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    connection.putrequest("POST", "/json")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(10**15))
    connection.endheaders()
    assert connection.getresponse().status == 413  # answered without waiting for the rest
    connection.close()


def test_a_file_may_be_larger_than_json_and_has_a_limit_too(address: str) -> None:
    for size, status in ((SMALL * 2, 200), (LARGE, 413)):
        answer = send(f"{address}/file", files={"file": ("a.csv", b"x" * size)})
        assert answer.status_code == status


def test_a_route_may_ask_for_large_json(address: str) -> None:
    for size, status in ((LARGE, 200), (LARGE + 1, 413)):
        assert send(f"{address}/raw", content=b"x" * size).status_code == status


def limited(settings: Settings, township: Township, **limits: int) -> TestClient:
    return TestClient(create_app(settings.with_changes(**limits), township.database), raise_server_exceptions=False)


def test_who_asks_too_often_is_told_when_to_come_back(settings: Settings, township: Township) -> None:
    client = limited(settings, township, requests_per_minute=3)
    caller, other = (Caller(client, township.key("county_admin")) for _ in range(2))
    answers = [caller.get("/v1/teams") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    last = answers[-1]
    assert last.json()["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(last.headers["retry-after"]) <= 60
    assert last.headers["ratelimit-policy"] == '"requests";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"requests";r=2;')
    assert other.get("/v1/teams").status_code == 200


def test_made_up_keys_do_not_get_past_the_limit_of_an_address(settings: Settings, township: Township) -> None:
    client = limited(settings, township, address_requests_per_minute=5)
    statuses = [Caller(client, f"xzk_made-up_{number}").get("/v1/teams").status_code for number in range(6)]
    assert statuses == [401] * 5 + [429]


def test_health_is_asked_without_a_limit(settings: Settings, township: Township) -> None:
    client = limited(settings, township, address_requests_per_minute=1)
    assert {client.get("/healthz").status_code for _ in range(5)} == {200}


def test_no_limit_is_told_where_none_is_set(settings: Settings, township: Township) -> None:
    client = limited(settings, township, requests_per_minute=0, address_requests_per_minute=0)
    assert "ratelimit" not in client.get("/v1/problems").headers


def test_solves_at_the_same_time_are_limited() -> None:
    slots = SolveSlots(BoundedSemaphore(1))
    with slots.taken():
        with pytest.raises(ProblemError) as refused, slots.taken():
            pass
        assert refused.value.kind.status == 429
    with slots.taken():
        pass
