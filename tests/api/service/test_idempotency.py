"""A request that is sent twice is done once, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.access.dependencies import CallerScope, action
from api.config import Settings
from api.service.app import create_app
from api.service.bodies import Body
from api.service.changes import organisation_in
from api.service.idempotency import Answered, NeedsOnce
from api.service.routing import new_router
from api.store.base import now
from api.store.database import Database
from api.store.models.idempotency import IdempotentAnswer
from api.store.models.resources import Site
from api.store.scope import everything
from tests.api.service.conftest import Caller
from tests.api.service.township import Township, make_township

SITE = {"external_id": "V002", "kind": "village", "latitude": 36.73, "longitude": 118.93}
KEY = {"Idempotency-Key": "order-0001"}


@pytest.fixture
def both(settings: Settings, database: Database) -> Any:
    """A caller on each database in turn, with the township."""
    township = make_township(database)
    with TestClient(create_app(settings, database), raise_server_exceptions=False) as client:
        yield Caller(client, township.key("team_leader", teams=("T01",))), township


def count(township: Township, kind: Any) -> int:
    with township.database.session(everything()) as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def age(township: Township, **changes: Any) -> None:
    """Change what is kept under the only key."""
    with township.database.session(everything()) as session:
        row = session.scalars(select(IdempotentAnswer)).one()
        for name, value in changes.items():
            setattr(row, name, value)


def test_the_second_time_the_first_answer_comes_again(both: tuple[Caller, Township]) -> None:
    caller, township = both
    before = count(township, Site)
    first, second = (caller.post("/v1/sites", json=SITE, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert (second.headers["etag"], second.headers["location"]) == (first.headers["etag"], first.headers["location"])
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")
    assert count(township, Site) == before + 1


def test_another_body_under_the_same_key_is_refused(both: tuple[Caller, Township]) -> None:
    caller, _ = both
    caller.post("/v1/sites", json=SITE, headers=KEY)
    answer = caller.post("/v1/sites", json=SITE | {"external_id": "V003"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")


def test_the_keys_of_two_callers_are_two(both: tuple[Caller, Township]) -> None:
    caller, township = both
    other = Caller(caller.client, township.key("team_leader", teams=("T01",)))
    caller.post("/v1/sites", json=SITE, headers=KEY)
    assert other.post("/v1/sites", json=SITE | {"external_id": "V003"}, headers=KEY).status_code == 201


def test_a_refused_request_may_be_put_right_under_the_same_key(both: tuple[Caller, Township]) -> None:
    caller, township = both
    assert caller.post("/v1/sites", json=SITE | {"kind": "湖"}, headers=KEY).status_code == 422
    assert count(township, IdempotentAnswer) == 0
    assert caller.post("/v1/sites", json=SITE, headers=KEY).status_code == 201


def test_while_the_first_try_goes_on_the_second_is_told_to_wait(both: tuple[Caller, Township]) -> None:
    caller, township = both
    caller.post("/v1/sites", json=SITE, headers=KEY)
    age(township, status=None, claimed_until=now() + timedelta(minutes=1))
    answer = caller.post("/v1/sites", json=SITE, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")
    assert int(answer.headers["retry-after"]) > 0


def test_a_try_that_died_is_taken_over_after_its_lease(both: tuple[Caller, Township]) -> None:
    caller, township = both
    caller.post("/v1/sites", json=SITE, headers=KEY)
    body = SITE | {"external_id": "V003"}
    caller.post("/v1/sites", json=body, headers={"Idempotency-Key": "order-0002"})
    with township.database.session(everything()) as session:
        row = session.scalars(select(IdempotentAnswer).where(IdempotentAnswer.key == "order-0002")).one()
        row.status, row.claimed_until = None, now() - timedelta(seconds=1)
        site = session.scalars(select(Site).where(Site.external_id == "V003")).one()
        session.delete(site)  # as if the first try had died before its work was kept
    answer = caller.post("/v1/sites", json=body, headers={"Idempotency-Key": "order-0002"})
    assert answer.status_code == 201


def test_an_answer_is_forgotten_after_its_time(both: tuple[Caller, Township]) -> None:
    caller, township = both
    caller.post("/v1/sites", json=SITE, headers=KEY)
    age(township, expires_at=now() - timedelta(seconds=1))
    assert caller.post("/v1/sites", json=SITE, headers=KEY).json()["code"] == "ALREADY_EXISTS"


def test_of_many_at_once_one_does_the_work(both: tuple[Caller, Township]) -> None:
    caller, township = both
    before = count(township, Site)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(caller.post, "/v1/sites", json=SITE, headers=KEY) for _ in range(16)]
        answers = [future.result() for future in futures]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"IDEMPOTENCY_IN_FLIGHT"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert count(township, Site) == before + 1


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space 123", "13800000000é"])
def test_a_key_of_the_wrong_form_is_refused(key: str, leader: Caller) -> None:
    answer = leader.post("/v1/sites", json=SITE, headers={"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")


class _Order(Body):
    organisation_id: str


def test_where_a_key_is_needed_none_is_refused(app: FastAPI, township: Township) -> None:
    router = new_router("orders")

    @router.post("/orders", **action("plans:write"))
    def order(body: _Order, scope: CallerScope, once: NeedsOnce) -> Any:
        def work(session: Session) -> Answered:
            return Answered(202, {"done": True})

        return once.answer(scope, organisation_in(scope, body.organisation_id), work)

    app.include_router(router)
    caller = Caller(TestClient(app), township.key("county_admin"))
    body = {"organisation_id": township.own_id}
    answer = caller.post("/orders", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert caller.post("/orders", json=body, headers=KEY).status_code == 202


def test_no_body_is_kept_only_its_keyed_digest(leader: Caller, township: Township) -> None:
    body = {"organisation_id": township.own_id, "external_id": "R001", "name": "王测试", "phone": "13900000001"}
    assert leader.post("/v1/residents", json=body, headers=KEY).status_code == 201
    with township.database.session(everything()) as session:
        row = session.scalars(select(IdempotentAnswer)).one()
        assert "王测试" not in (row.content or b"").decode()
        assert len(row.fingerprint) == 64
