"""Requests and tasks sent to the facade are kept like the records of a contract system."""

from typing import Any

from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.contract.sources import list_sources
from api.fhir.models import faults_of
from api.store.audit import verify_all
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp
from api.store.models.residents import Resident
from api.store.scope import everything, organisation_scope
from tests.api.exports.service import key_of
from tests.api.fhir.resources import a_request, a_task, issues_of
from tests.api.store.databases import add_organisation

BASE = "/fhir/R4B"


def kept(sqlite_database: Database, organisation_id: str) -> list[FollowUp]:
    """The follow-ups of an organisation."""
    with sqlite_database.session(organisation_scope(organisation_id), read_only=True) as session:
        return list(session.scalars(select(FollowUp).order_by(FollowUp.external_id)))


def test_a_service_request_is_kept_and_can_be_read_again(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    answer = client.post(f"{BASE}/ServiceRequest", json=a_request())
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    (row,) = kept(sqlite_database, township)
    assert (row.external_id, row.rule, row.site, row.team, row.priority) == ("F00001", "HTN_ROUTINE", "V001", "T01", 1)
    assert answer.headers["location"] == f"https://plan.example{BASE}/ServiceRequest/{row.id}"
    again = client.get(f"{BASE}/ServiceRequest/{row.id}")
    assert again.json() == answer.json()
    assert faults_of("ServiceRequest", again.json()) == ()


def test_the_answer_does_not_tell_the_rule(client: TestClient) -> None:
    text = client.post(f"{BASE}/Task", json=a_task()).text
    assert "DM_ROUTINE" not in text
    assert "糖尿病" not in text


def test_the_same_request_again_changes_nothing_and_a_newer_one_changes_it(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    assert client.post(f"{BASE}/ServiceRequest", json=a_request()).status_code == 201
    (first,) = kept(sqlite_database, township)
    assert client.post(f"{BASE}/ServiceRequest", json=a_request()).status_code == 200
    assert kept(sqlite_database, township)[0].version == first.version
    newer = a_request(meta={"versionId": "8", "lastUpdated": "2026-11-20T09:30:00+08:00"})
    newer["locationReference"] = [{"reference": "Location/V002"}]
    assert client.post(f"{BASE}/ServiceRequest", json=newer).status_code == 200
    assert [row.site for row in kept(sqlite_database, township)] == ["V002"]


def test_a_task_is_kept_with_its_resident_and_no_name(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    assert client.post(f"{BASE}/Task", json=a_task()).status_code == 201
    with sqlite_database.session(everything("tests"), read_only=True) as session:
        (resident,) = session.scalars(select(Resident)).all()
        assert resident.external_id == "R00002"
        assert resident.name_sealed is None


def test_a_withdrawn_request_leaves_a_tombstone(client: TestClient, sqlite_database: Database, township: str) -> None:
    client.post(f"{BASE}/ServiceRequest", json=a_request())
    gone = a_request(status="entered-in-error", meta={"versionId": "9", "lastUpdated": "2026-11-21T09:30:00+08:00"})
    assert client.post(f"{BASE}/ServiceRequest", json=gone).json()["status"] == "entered-in-error"
    assert [row.is_deleted for row in kept(sqlite_database, township)] == [True]


def test_what_is_settled_already_is_accepted_and_not_kept(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    answer = client.post(f"{BASE}/ServiceRequest", json=a_request(status="completed"))
    assert answer.status_code == 200
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert kept(sqlite_database, township) == []


def test_faults_of_form_and_of_meaning_are_told_at_once_and_nothing_is_kept(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    answer = client.post(f"{BASE}/ServiceRequest", json=a_request(status="x", nonsense=1))
    assert answer.status_code == 422
    assert issues_of(answer.json()) == {
        "ServiceRequest.status": "UNKNOWN_CODE",
        "ServiceRequest.nonsense": "UNKNOWN_FIELD",
    }
    assert kept(sqlite_database, township) == []


def test_a_place_that_we_do_not_know_is_told_at_its_element(client: TestClient) -> None:
    answer = client.post(f"{BASE}/ServiceRequest", json=a_request(locationReference=[{"reference": "Location/V9"}]))
    assert answer.status_code == 422
    assert faults_of("OperationOutcome", answer.json()) == ()
    assert set(issues_of(answer.json())) == {"ServiceRequest.locationReference[0]"}


def test_what_is_no_resource_is_refused_with_an_outcome(client: TestClient) -> None:
    for body in (b"{", b"[]", b'"x"', b"\xff", b""):
        answer = client.post(f"{BASE}/Task", content=body, headers={"Content-Type": "application/fhir+json"})
        assert answer.status_code in (400, 422)
        assert faults_of("OperationOutcome", answer.json()) == ()


def test_the_door_of_fhir_is_never_asked_for_records(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    client.post(f"{BASE}/ServiceRequest", json=a_request())
    with sqlite_database.session(everything("tests"), read_only=True) as session:
        assert list_sources(session, township) == []


def test_the_same_id_in_another_organisation_is_another_follow_up(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    other = add_organisation(sqlite_database, "T2")
    client.post(f"{BASE}/ServiceRequest", json=a_request())
    (row,) = kept(sqlite_database, township)
    key = key_of(sqlite_database, other, Role.CONTRACT_SYSTEM)
    answer = client.get(f"{BASE}/ServiceRequest/{row.id}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 404
    foreign = client.post(f"{BASE}/ServiceRequest?organisation={other}", json=a_request())
    assert foreign.status_code == 403
    assert kept(sqlite_database, other) == []


def test_other_roles_are_refused_with_an_outcome(client: TestClient, sqlite_database: Database, township: str) -> None:
    for role in (Role.ANALYST, Role.TEAM_LEADER, Role.AUDITOR):
        headers = {"Authorization": f"Bearer {key_of(sqlite_database, township, role)}"}
        answer = client.post(f"{BASE}/ServiceRequest", json=a_request(), headers=headers)
        assert answer.status_code == 403
        assert answer.json()["issue"][0]["code"] == "forbidden"


def test_without_a_key_the_outcome_says_login(client: TestClient) -> None:
    del client.headers["Authorization"]
    answer = client.get(f"{BASE}/Appointment")
    assert answer.status_code == 401
    assert answer.json()["issue"][0]["code"] == "login"
    assert faults_of("OperationOutcome", answer.json()) == ()


def test_anybody_may_read_what_the_facade_can_do(client: TestClient) -> None:
    del client.headers["Authorization"]
    answer = client.get(f"{BASE}/metadata")
    assert answer.status_code == 200
    assert answer.json()["implementation"]["url"] == f"https://plan.example{BASE}"
    assert faults_of("CapabilityStatement", answer.json()) == ()


def test_a_search_that_cannot_be_read_is_refused_with_an_outcome(client: TestClient) -> None:
    for query in ("nonsense=1", "_count=0", "date=yesterday", "_cursor=abc", "date=ge2026-13-01"):
        answer = client.get(f"{BASE}/Appointment?{query}")
        assert answer.status_code in (400, 422)
        assert faults_of("OperationOutcome", answer.json()) == ()


def test_every_taking_is_audited_without_a_word_of_the_content(
    client: TestClient, sqlite_database: Database, township: str
) -> None:
    client.post(f"{BASE}/ServiceRequest", json=a_request())
    with sqlite_database.session(everything("tests"), read_only=True) as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "fhir:write")).all()
        assert [entry.details for entry in told] == [{"kind": "ServiceRequest", "deleted": False}]
        assert verify_all(session) == []
        assert session.scalar(select(func.count(FollowUp.id))) == 1


def search(client: TestClient, query: str = "") -> dict[str, Any]:
    """A bundle of appointments."""
    answer = client.get(f"{BASE}/Appointment?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_without_a_published_plan_there_are_no_appointments(client: TestClient) -> None:
    client.post(f"{BASE}/ServiceRequest", json=a_request())
    assert search(client)["total"] == 0
    assert search(client, "status=cancelled")["total"] == 0
