"""Published visits and free places over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.access.permissions import Role
from api.fhir.models import faults_of
from api.store.audit import READ_PERSONAL
from api.store.database import Database
from tests.api.exports.service import Stored, client_of, entries, publish_week
from tests.api.exports.weeks import ADDRESS, NAMES, PHONE, SECRET_WORDS, VILLAGES

BASE = "/fhir/R4B"


@pytest.fixture(scope="module")
def asked(stored: Stored) -> Iterator[TestClient]:
    """The application, asked by the contract system."""
    with client_of(stored.database) as found:
        found.headers["Authorization"] = f"Bearer {stored.key(Role.CONTRACT_SYSTEM)}"
        yield found


def get(client: TestClient, path: str) -> dict[str, Any]:
    """A valid resource."""
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert faults_of(found["resourceType"], found) == ()
    return found


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """What a bundle holds."""
    return [entry["resource"] for entry in bundle.get("entry", [])]


def test_every_planned_follow_up_is_one_appointment_also_a_joint_one(asked: TestClient) -> None:
    bundle = get(asked, "Appointment")
    assert bundle["total"] == 4
    assert [one["basedOn"][0]["identifier"]["value"] for one in resources(bundle)].count("joint1") == 1
    joint = next(one for one in resources(bundle) if one["basedOn"][0]["identifier"]["value"] == "joint1")
    actors = [one["actor"] for one in joint["participant"]]
    members = [one["identifier"]["value"] for one in actors if one["type"] == "Practitioner"]
    assert members == ["gp2", "nurse2", "gp1", "nurse1"]


def test_pages_follow_each_other_and_hold_everything_once(asked: TestClient) -> None:
    seen: list[str] = []
    path = "Appointment?_count=1"
    while path:
        bundle = get(asked, path)
        assert bundle["total"] == 4
        seen += [one["id"] for one in resources(bundle)]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        path = following[0].removeprefix(f"https://plan.example{BASE}/") if following else ""
    assert len(seen) == len(set(seen)) == 4


def test_a_search_narrows(asked: TestClient) -> None:
    wanted = {
        "date=2026-11-23": 3,
        "date=gt2026-11-23": 1,
        "date=ge2026-11-24&date=lt2026-11-24": 0,
        "based-on=urn:xunzhen:follow-up|home1": 1,
        "based-on=left1": 0,
        "location=v1": 1,
        "status=booked": 4,
        "status=cancelled": 0,
    }
    assert {query: get(asked, f"Appointment?{query}")["total"] for query in wanted} == wanted


def test_an_appointment_is_read_again_by_its_id(asked: TestClient) -> None:
    for one in resources(get(asked, "Appointment")):
        assert get(asked, f"Appointment/{one['id']}") == one
    assert asked.get(f"{BASE}/Appointment/nobody").status_code == 404


def test_the_slot_of_a_session_leads_to_its_schedule(asked: TestClient) -> None:
    (slot,) = resources(get(asked, "Slot?start=ge2026-11-23&status=free"))
    assert get(asked, f"Slot/{slot['id']}") == slot
    (schedule,) = resources(get(asked, "Schedule?actor=urn:xunzhen:site|v1"))
    assert slot["schedule"]["reference"] == f"Schedule/{schedule['id']}"
    assert get(asked, slot["schedule"]["reference"]) == schedule
    assert resources(get(asked, f"Slot?schedule=Schedule/{schedule['id']}")) == [slot]
    assert resources(get(asked, "Slot?start=2026-11-24")) == []
    assert resources(get(asked, "Schedule?actor=v9")) == []
    booked = [one for one in resources(get(asked, "Appointment")) if "slot" in one]
    assert [one["slot"][0]["reference"] for one in booked] == [f"Slot/{slot['id']}"]


def test_what_is_not_there_is_told_as_an_outcome(asked: TestClient) -> None:
    for path in ("Slot/x", "Slot/2026-W99-x", "Slot/2026-W48-x", "Schedule/x", "Task/x", "Appointment/x"):
        answer = asked.get(f"{BASE}/{path}")
        assert answer.status_code == 404
        assert answer.json()["issue"][0]["code"] == "not-found"


def test_nothing_tells_who_is_visited_where_or_why(asked: TestClient, stored: Stored) -> None:
    paths = ("Appointment", "Slot", "Schedule")
    text = "".join(asked.get(f"{BASE}/{path}").text for path in paths)
    secret = (*NAMES.values(), *VILLAGES.values(), PHONE, ADDRESS, *SECRET_WORDS, '"h1"', '"h3"', "resident-")
    assert not [word for word in secret if word in text]
    assert entries(stored.database, READ_PERSONAL) == []


def test_another_organisation_sees_nothing_of_it(asked: TestClient, stored: Stored) -> None:
    (slot,) = resources(get(asked, "Slot"))
    appointment = resources(get(asked, "Appointment"))[0]
    other = publish_week(stored.database, "T2")
    headers = {"Authorization": f"Bearer {other.key(Role.CONTRACT_SYSTEM)}"}
    for path in (f"Slot/{slot['id']}", f"Appointment/{appointment['id']}"):
        assert asked.get(f"{BASE}/{path}", headers=headers).status_code == 404


def test_both_databases_give_the_same_pages_and_show_no_draft(database: Database) -> None:
    shown = publish_week(database)
    publish_week(database, "T2", is_published=False)
    with client_of(database) as client:
        client.headers["Authorization"] = f"Bearer {shown.key(Role.CONTRACT_SYSTEM)}"
        first = get(client, "Appointment?_count=3")
        second = get(client, first["link"][1]["url"].removeprefix(f"https://plan.example{BASE}/"))
        assert [len(resources(page)) for page in (first, second)] == [3, 1]
        assert [get(client, kind)["total"] for kind in ("Appointment", "Slot", "Schedule")] == [4, 1, 1]


def test_a_draft_is_not_shown(sqlite_database: Database) -> None:
    draft = publish_week(sqlite_database, is_published=False)
    with client_of(sqlite_database) as client:
        client.headers["Authorization"] = f"Bearer {draft.key(Role.CONTRACT_SYSTEM)}"
        assert [get(client, kind)["total"] for kind in ("Appointment", "Slot", "Schedule")] == [0, 0, 0]
