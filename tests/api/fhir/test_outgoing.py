"""Appointments, schedules and slots follow R4B, tell of free places, and of nobody's name or illness."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from api.fhir.bundles import searchset
from api.fhir.capability import capability_statement
from api.fhir.models import valid
from api.fhir.outgoing import Published, Visit, appointment, free_room, schedules, slot_id, slots
from api.fhir.words import stable_id
from optimizer.due import follow_up_rules
from tests.api.exports.weeks import ADDRESS, NAMES, PHONE, VILLAGES, a_crowd, a_printed_week
from tests.api.fhir.resources import NOW

PUBLISHED = Published("o" * 32, "2026-W48", 3, NOW)
VISIT = Visit(
    follow_up_id="f" * 32,
    external_id="F00001",
    resident_id="r" * 32,
    channel="home",
    start=NOW,
    end=NOW + timedelta(minutes=25),
    site="V001",
    members=("M001", "M002"),
    teams=("T01",),
)


def numbers_of(resource: dict[str, Any]) -> dict[str, int]:
    """The figures in our extensions, by the end of their address."""
    return {one["url"].rpartition(":")[2]: one["valueUnsignedInt"] for one in resource["extension"]}


def test_an_appointment_follows_r4b_and_points_to_its_request() -> None:
    found = valid(appointment(VISIT, PUBLISHED))
    assert found["id"] == f"{'f' * 32}-2026-W48"
    assert found["basedOn"][0]["identifier"]["value"] == "F00001"
    assert found["minutesDuration"] == 25
    assert found["start"] == "2026-11-20T09:02:03+08:00"
    assert [one["actor"]["type"] for one in found["participant"]] == [
        "Patient",
        "Practitioner",
        "Practitioner",
        "Location",
    ]


def test_an_appointment_tells_neither_who_nor_why() -> None:
    text = json.dumps(appointment(VISIT, PUBLISHED), ensure_ascii=False)
    rules = follow_up_rules().values()
    assert not [word for rule in rules for word in (rule.code, rule.title_zh, rule.category_en) if word in text]
    assert "display" not in json.dumps(appointment(VISIT, PUBLISHED)["participant"])


def test_the_appointment_of_a_session_points_to_its_slot() -> None:
    found = valid(appointment(replace(VISIT, channel="patrol", session="s1", teams=()), PUBLISHED))
    (slot,) = slots(a_printed_week(), PUBLISHED)
    assert found["slot"] == [{"reference": f"Slot/{slot['id']}"}]
    assert slot["id"] == slot_id(PUBLISHED, "s1")


def test_an_appointment_keeps_its_id_when_the_week_is_planned_anew() -> None:
    later = replace(PUBLISHED, version=9)
    first, second = appointment(VISIT, PUBLISHED), appointment(VISIT, later)
    assert first["id"] == second["id"]
    assert first["meta"]["versionId"] != second["meta"]["versionId"]


def test_a_slot_follows_r4b_and_tells_its_free_places() -> None:
    (slot,) = slots(a_printed_week(), PUBLISHED)
    assert valid(slot)["status"] == "free"
    assert numbers_of(slot) == {"free-places": 59, "free-minutes": 2 * 170 - 20}
    assert (slot["start"], slot["end"]) == ("2026-11-23T08:10:00+08:00", "2026-11-23T11:10:00+08:00")


def test_a_full_session_is_busy() -> None:
    week = a_crowd(62)
    (crew,) = week.crews()
    (slot,) = slots(week, PUBLISHED)
    assert valid(slot)["status"] == "busy"
    assert set(numbers_of(slot).values()) == {0}
    assert free_room(week, crew, crew.stops[0], week.session("s1"))[0] == 0


def test_every_slot_has_its_schedule_and_the_horizon_covers_all_weeks() -> None:
    later = replace(PUBLISHED, week="2026-W49")
    found = schedules([(a_printed_week(), PUBLISHED), (a_printed_week(), later)])
    (slot,) = slots(a_printed_week(), PUBLISHED)
    assert [f"Schedule/{valid(one)['id']}" for one in found] == [slot["schedule"]["reference"]]
    assert found[0]["planningHorizon"] == {"start": "2026-11-23T00:00:00+08:00", "end": "2026-11-28T00:00:00+08:00"}


def test_nothing_personal_is_in_slots_and_schedules() -> None:
    week = a_printed_week()
    text = json.dumps([*slots(week, PUBLISHED), *schedules([(week, PUBLISHED)])], ensure_ascii=False)
    assert not [word for word in (*NAMES.values(), *VILLAGES.values(), PHONE, ADDRESS, "SMD") if word in text]


def test_a_page_of_a_search_leads_to_the_next_one() -> None:
    found = [appointment(VISIT, PUBLISHED)]
    base = "https://plan.example/fhir/R4B"
    bundle = valid(searchset(base, "Appointment", found, total=2, query=[("_count", "1")], next_cursor="a+b="))
    assert bundle["total"] == 2
    assert [link["relation"] for link in bundle["link"]] == ["self", "next"]
    assert bundle["link"][1]["url"] == f"{base}/Appointment?_count=1&_cursor=a%2Bb%3D"
    assert bundle["entry"][0]["fullUrl"] == f"{base}/Appointment/{found[0]['id']}"


def test_an_empty_search_is_a_valid_bundle() -> None:
    bundle = valid(searchset("https://a", "Slot", [], total=0))
    assert "entry" not in bundle
    assert bundle["link"] == [{"relation": "self", "url": "https://a/Slot"}]


def test_the_capability_statement_follows_r4b_and_names_what_there_is() -> None:
    statement = valid(capability_statement("https://plan.example/fhir/R4B"))
    kinds = {one["type"] for one in statement["rest"][0]["resource"]}
    assert kinds == {"ServiceRequest", "Task", "Appointment", "Schedule", "Slot"}
    assert statement["fhirVersion"] == "4.3.0"


def test_ids_are_legal_whatever_they_are_made_from() -> None:
    made = {stable_id("鄌郚", "x"), stable_id("鄌", "郚x"), stable_id("a/b", "?")}
    assert len(made) == 3
    assert all(len(one) == 32 and one.isalnum() for one in made)
