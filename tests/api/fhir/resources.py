"""Resources as another system would send them."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)


def a_request(**overrides: Any) -> dict[str, Any]:
    """A ServiceRequest for a hypertension follow-up."""
    request: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "meta": {"versionId": "7", "lastUpdated": "2026-11-19T09:30:00+08:00"},
        "identifier": [{"system": "urn:other:plan", "value": "F00001"}],
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "subject": {"reference": "Patient/R00001", "display": "不应读取"},
        "code": {
            "coding": [{"system": "urn:other", "code": "x"}, {"system": "urn:xunzhen:rule", "code": "HTN_ROUTINE"}]
        },
        "occurrencePeriod": {"start": "2026-11-16", "end": "2026-12-01"},
        "locationReference": [{"reference": "https://other.example/fhir/Location/V001"}],
        "performer": [{"reference": "CareTeam/T01"}, {"reference": "Practitioner/M001"}],
        "extension": [{"url": "urn:xunzhen:extension:due-date", "valueDate": "2026-11-25"}],
    }
    return request | overrides


def a_task(**overrides: Any) -> dict[str, Any]:
    """A Task for a diabetes follow-up."""
    task: dict[str, Any] = {
        "resourceType": "Task",
        "identifier": [{"value": "F00002"}],
        "status": "requested",
        "intent": "order",
        "for": {"type": "Patient", "identifier": {"value": "R00002"}},
        "code": {"coding": [{"system": "urn:xunzhen:rule", "code": "DM_ROUTINE"}]},
        "restriction": {"period": {"start": "2026-11-20T17:00:00Z", "end": "2026-11-30"}},
        "location": {"type": "Location", "identifier": {"value": "V002"}},
        "owner": {"reference": "CareTeam/T02"},
        "lastModified": "2026-11-18T00:00:00Z",
    }
    return task | overrides


def issues_of(outcome: dict[str, Any]) -> dict[str, str]:
    """Our codes by the element they are told at."""
    return {one.get("expression", [""])[0]: one["details"]["coding"][0]["code"] for one in outcome["issue"]}
