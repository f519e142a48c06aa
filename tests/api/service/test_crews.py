"""What somebody of a crew may see and record of those whom a published plan sends them to, of whichever team."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.store.database import Database
from api.store.models.follow_ups import FollowUp
from api.store.scope import everything
from tests.api.exports.service import Stored, client_of, login_of, publish_week
from tests.api.service.conftest import Caller

DONE = {"plan_status": 1, "visit_way": 4}


def path_of(stored: Stored, follow_up: str) -> str:
    """The address of a follow-up."""
    with stored.database.session(everything("tests"), read_only=True) as session:
        found = session.scalars(select(FollowUp.id).where(FollowUp.external_id == follow_up)).one()
    return f"/v1/follow-ups/{found}"


def clinician(stored: Stored, member: str, team: str) -> Caller:
    """A member who has signed in, of a team."""
    client = TestClient(client_of(stored.database).app)
    return Caller(client, login_of(client, stored, member, team))


def recorded(caller: Caller, path: str) -> Any:
    """The answer to recording that a follow-up is done."""
    return caller.post(f"{path}/statuses", json=DONE, headers={"If-Match": '"1"'})


@pytest.fixture(params=[True, False], ids=["published", "draft"])
def stored(request: pytest.FixtureRequest, database: Database) -> Stored:
    """The hand-made week: gp1 of team t1 goes to home1 (t1, sensitive) and, with gp2 of t2, to joint1 (t2)."""
    return publish_week(database, is_published=request.param)


def test_a_crew_sees_and_records_whom_it_visits_for_another_team(
    stored: Stored, request: pytest.FixtureRequest
) -> None:
    is_published = "published" in request.node.name
    sent, path = clinician(stored, "gp1", "t1"), path_of(stored, "joint1")
    assert sent.get(path).status_code == (200 if is_published else 404)
    assert recorded(sent, path).status_code == (200 if is_published else 404)
    history = sent.get(f"{path}/statuses")
    assert history.status_code == (200 if is_published else 404)
    if is_published:
        assert [line["plan_status"] for line in history.json()["items"]][-1] == 1
    assert [item["team"] for item in sent.get("/v1/follow-ups").json()["items"] if item["team"] != "t1"] == []


def test_who_is_not_sent_sees_the_own_team_only(stored: Stored) -> None:
    other, path = clinician(stored, "gp2", "t2"), path_of(stored, "home1")
    assert other.get(path).status_code == 404
    assert recorded(other, path).status_code == 404
    assert other.get(f"{path}/statuses").status_code == 404


def test_a_sensitive_reason_is_told_to_the_crew_and_not_to_others_of_the_team(
    stored: Stored, request: pytest.FixtureRequest
) -> None:
    is_published = "published" in request.node.name
    path = path_of(stored, "home1")
    with stored.database.session(everything("tests")) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "home1")).one().rule = "SMD_STABLE"
    wanted = "SMD_STABLE" if is_published else "HEALTH_FOLLOW_UP"
    sent, other = clinician(stored, "gp1", "t1"), clinician(stored, "gp2", "t1")
    assert sent.get(path).json()["rule"] == wanted
    rules = {item["external_id"]: item["rule"] for item in sent.get("/v1/follow-ups").json()["items"]}
    assert rules["home1"] == wanted
    assert other.get(path).json()["rule"] == "HEALTH_FOLLOW_UP"
