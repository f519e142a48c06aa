"""What the facade can do, as a CapabilityStatement."""

from datetime import date

from api.fhir.words import FHIR_VERSION, MEDIA_TYPE, Resource

CHANGED_ON = date(2026, 11, 22)
"""When this statement last changed."""
IN = {
    "ServiceRequest": "A pending follow-up; the same identifier again changes it. 待随访，同一 identifier 即更新",
    "Task": "A pending follow-up as a task. 以任务表示的待随访",
}
OUT: dict[str, tuple[str, dict[str, str]]] = {
    "Appointment": (
        "A visit of a published week. 已发布周计划中的随访",
        {"date": "date", "status": "token", "based-on": "token", "location": "token"},
    ),
    "Schedule": ("A place where sessions are held. 巡诊地点", {"actor": "token"}),
    "Slot": (
        "A held session with its free places. 巡诊场次与余量",
        {"schedule": "reference", "start": "date", "status": "token"},
    ),
}


def capability_statement(base_url: str) -> Resource:
    """The statement for an address."""
    resources = [
        {"type": kind, "interaction": [{"code": "create"}, {"code": "read"}], "documentation": text}
        for kind, text in IN.items()
    ]
    resources += [
        {
            "type": kind,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "documentation": text,
            "versioning": "versioned",
            "searchParam": [{"name": name, "type": type_} for name, type_ in params.items()],
        }
        for kind, (text, params) in OUT.items()
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED_ON.isoformat(),
        "kind": "instance",
        "software": {"name": "Xunzhen 巡诊"},
        "implementation": {"description": "Xunzhen week planner", "url": base_url},
        "fhirVersion": FHIR_VERSION,
        "format": [MEDIA_TYPE, "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Residents are opaque identifiers; no name leaves the house.",
                "resource": resources,
            }
        ],
    }
