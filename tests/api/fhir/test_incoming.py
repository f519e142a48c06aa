"""Requests and tasks become canonical records; every fault is told at once, at its element."""

import json
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract.codes import PlanStatus
from api.fhir.incoming import KINDS, read_resource
from api.fhir.models import FhirNotInstalled, faults_of, model_of, valid
from api.fhir.outcomes import outcome_of
from tests.api.fhir.resources import NOW, a_request, a_task, issues_of


def told_of(kind: str, resource: dict[str, Any]) -> dict[str, str]:
    """Codes by element."""
    return issues_of(outcome_of(read_resource(kind, resource, NOW).faults))


def test_a_service_request_becomes_a_record() -> None:
    read = read_resource("ServiceRequest", a_request(), NOW)
    assert read.faults == ()
    record = read.read.record
    assert record is not None
    assert (record.header.external_id, record.header.version) == ("F00001", 7)
    assert (record.person.resident_id, record.home.site, record.contract.team) == ("R00001", "V001", "T01")
    assert (record.due.rule, record.due.status) == ("HTN_ROUTINE", PlanStatus.DUE)
    assert (record.due.earliest, record.due.plan_date, record.due.latest) == (
        date(2026, 11, 16),
        date(2026, 11, 25),
        date(2026, 12, 1),
    )
    assert dict(record.due.wishes) == {"priority": "1", "preferred": "M001"}


def test_a_task_becomes_a_record_with_local_days() -> None:
    record = read_resource("Task", a_task(), NOW).read.record
    assert record is not None
    assert (record.person.resident_id, record.home.site, record.contract.team) == ("R00002", "V002", "T02")
    assert record.due.earliest == date(2026, 11, 21)  # 17:00 UTC is the next day in China
    assert record.due.plan_date == record.due.latest == date(2026, 11, 30)


def test_no_name_is_read_from_anywhere() -> None:
    read = read_resource("ServiceRequest", a_request(note=[{"text": "张三丰的电话"}]), NOW)
    assert not {"name", "mobile", "address", "id_card"} & set(read.row)
    assert "不应读取" not in json.dumps(read.row, ensure_ascii=False)
    assert "张三丰" not in json.dumps(read.row, ensure_ascii=False)


def test_contained_resources_are_refused() -> None:
    patient = {"resourceType": "Patient", "id": "p", "name": [{"text": "张三丰"}]}
    found = told_of("ServiceRequest", a_request(contained=[patient]))
    assert found == {"ServiceRequest.contained": "PERSONAL_DATA"}


@pytest.mark.parametrize(
    ("kind", "status", "meaning"),
    [
        ("ServiceRequest", "active", PlanStatus.DUE),
        ("ServiceRequest", "completed", PlanStatus.DONE),
        ("ServiceRequest", "revoked", PlanStatus.CANCELLED),
        ("Task", "in-progress", PlanStatus.DUE),
        ("Task", "failed", PlanStatus.MISSED),
        ("Task", "cancelled", PlanStatus.CANCELLED),
    ],
)
def test_a_state_has_its_plan_status(kind: str, status: str, meaning: PlanStatus) -> None:
    resource = a_request(status=status) if kind == "ServiceRequest" else a_task(status=status)
    record = read_resource(kind, resource, NOW).read.record
    assert record is not None
    assert record.due.status is meaning


def test_entered_in_error_is_a_tombstone() -> None:
    read = read_resource("ServiceRequest", a_request(status="entered-in-error"), NOW)
    assert read.faults == ()
    assert read.read.header is not None
    assert read.read.header.is_deleted


def test_all_faults_are_told_at_once_at_their_elements() -> None:
    broken = a_request(
        status="unheard-of",
        subject={"reference": "Practitioner/x"},
        code={"coding": [{"system": "urn:xunzhen:rule", "code": "NO_SUCH"}]},
        occurrencePeriod={"start": "2026-12-09", "end": "2026-12-01"},
        intnt="order",
    )
    assert told_of("ServiceRequest", broken) == {
        "ServiceRequest.status": "UNKNOWN_CODE",
        "ServiceRequest.subject": "MISSING",
        "ServiceRequest.code.coding": "UNKNOWN_RULE",
        "ServiceRequest.occurrencePeriod.end": "WINDOW_REVERSED",
        "ServiceRequest.intnt": "UNKNOWN_FIELD",
    }


def test_an_identity_number_is_no_id_of_a_resident_and_is_not_repeated() -> None:
    number = "37078519510101001X"
    read = read_resource("ServiceRequest", a_request(subject={"reference": f"Patient/{number}"}), NOW)
    text = json.dumps(outcome_of(read.faults))
    assert "PERSONAL_ID" in text
    assert number not in text


def test_a_resource_of_another_kind_is_refused() -> None:
    assert told_of("ServiceRequest", a_task())["ServiceRequest.resourceType"] == "WRONG_TYPE"


def test_every_answer_about_faults_follows_r4b() -> None:
    assert valid(outcome_of(read_resource("Task", {"resourceType": "Task"}, NOW).faults))
    assert valid(outcome_of(()))


def test_without_a_moment_the_moment_of_receipt_counts() -> None:
    resource = a_request(meta={})
    header = read_resource("ServiceRequest", resource, NOW).read.header
    assert header is not None
    assert header.updated_at == NOW
    assert header.version == int(NOW.timestamp()) * 1_000_000


ELEMENTS = sorted({*a_request(), *a_task()})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(ELEMENTS), JSON))
def test_whatever_is_sent_gives_a_record_or_faults_and_never_an_exception(kind: str, parts: dict[str, Any]) -> None:
    base = a_request() if kind == "ServiceRequest" else a_task()
    read = read_resource(kind, base | parts, NOW)
    assert read.faults or read.read.header is not None
    assert all(fault.advice_zh and fault.advice_en and fault.where.startswith(kind) for fault in read.faults)


def test_without_the_extra_a_clear_error_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B.slot", None)
    model_of.cache_clear()
    with pytest.raises(FhirNotInstalled, match=r"未安装.*pip install 'xunzhen\[fhir\]'"):
        faults_of("Slot", {})
