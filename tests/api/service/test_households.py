"""Households: where doors are, seen by the teams of those who live there, changed with a version."""

import pytest
from starlette.testclient import TestClient

from api.store.models.residents import Household
from tests.api.service.conftest import Caller
from tests.api.service.township import Township, resident_of

PLACE = {"latitude": 36.721, "longitude": 118.923}


@pytest.fixture
def own(client: TestClient, township: Township) -> Caller:
    """The contract system of the own township, which keeps its residents."""
    return Caller(client, township.key("contract_system"))


def test_a_household_is_made_read_and_moved(own: Caller) -> None:
    made = own.post("/v1/households", json={"external_id": "H1", "site": "V001"})
    assert made.status_code == 201
    moved = own.patch(made.headers["Location"], 1, json=PLACE)
    assert (moved.json()["latitude"], moved.json()["longitude"], moved.headers["ETag"]) == (36.721, 118.923, '"2"')
    assert own.patch(made.headers["Location"], 1, json=PLACE).status_code == 412
    assert own.get("/v1/households", params={"site": "V001", "fields": "latitude"}).json()["items"] == [
        {"id": made.json()["id"], "latitude": 36.721}
    ]


def test_every_fault_of_a_household_is_told_at_once(own: Caller) -> None:
    body = {"external_id": "13812345678", "site": "V999", "latitude": 36.7}
    answer = own.post("/v1/households", json=body)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["PERSONAL_ID", "HALF_A_PLACE", "UNKNOWN_REFERENCE"]
    assert own.get("/v1/households").json()["items"] == []


def test_a_leader_sees_the_households_of_the_own_team_only(client: TestClient, township: Township) -> None:
    for name, team in (("H1", "T01"), ("H2", "T02")):
        township.add(Household(organisation_id=township.own_id, external_id=name))
        township.add(resident_of(township.own_id, f"R-{name}", team, household=name))
    leader = Caller(client, township.key("team_leader", teams=("T01",)))
    (seen,) = leader.get("/v1/households").json()["items"]
    assert seen["external_id"] == "H1"
    everybody = Caller(client, township.key("county_admin")).get("/v1/households").json()["items"]
    hidden = next(item["id"] for item in everybody if item["external_id"] == "H2")
    assert leader.get(f"/v1/households/{hidden}").status_code == 404


def test_a_household_where_somebody_lives_keeps_its_id(own: Caller, township: Township) -> None:
    row_id = township.add(Household(organisation_id=township.own_id, external_id="H1"))
    township.add(resident_of(township.own_id, household="H1"))
    refused = own.patch(f"/v1/households/{row_id}", 1, json={"external_id": "H9"})
    assert (refused.status_code, refused.json()["code"]) == (409, "IN_USE")


def test_a_household_of_another_township_is_not_there(own: Caller, township: Township) -> None:
    row_id = township.add(Household(organisation_id=township.foreign_id, external_id="H1"))
    assert own.get(f"/v1/households/{row_id}").status_code == 404
    assert own.get("/v1/households").json()["items"] == []
