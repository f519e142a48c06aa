"""OperationOutcome: what was wrong, every fault at once, with our stable codes and both languages."""

from collections.abc import Iterable

from api.fhir.words import PROBLEM, Resource
from optimizer.errors import Fault

ISSUE_TYPES = {
    "MISSING": "required",
    "UNKNOWN_FIELD": "structure",
    "WRONG_TYPE": "structure",
    "WRONG_VALUE": "value",
    "UNKNOWN_CODE": "code-invalid",
    "UNKNOWN_RULE": "code-invalid",
    "TOO_LONG": "too-long",
    "WINDOW_REVERSED": "business-rule",
    "CONTRACT_ENDED": "business-rule",
    "NOT_FOUND": "not-found",
    "NO_SUCH_PATH": "not-found",
    "NOT_SIGNED_IN": "login",
    "NOT_ALLOWED": "forbidden",
    "SETUP_NEEDED": "forbidden",
    "CONFLICT": "conflict",
    "STALE_VERSION": "conflict",
    "BODY_TOO_LARGE": "too-costly",
    "TOO_MANY_REQUESTS": "throttled",
    "DATABASE_UNAVAILABLE": "transient",
    "INTERNAL": "exception",
    "NOT_INSTALLED": "not-supported",
}
"""FHIR's issue types for our codes; everything else is `invalid`."""
MOST_ISSUES = 200


def issue(code: str, zh: str, en: str, *, where: str = "", diagnostics: str = "", severity: str = "error") -> Resource:
    """One issue."""
    found: Resource = {
        "severity": severity,
        "code": ISSUE_TYPES.get(code, "invalid"),
        "details": {"coding": [{"system": PROBLEM, "code": code}], "text": f"{zh} / {en}"},
    }
    if diagnostics:
        found["diagnostics"] = diagnostics
    if where:
        found["expression"] = [where]
    return found


def issue_of(fault: Fault) -> Resource:
    """A fault as an issue."""
    diagnostics = f"found {fault.found}, expected {fault.expected}"
    return issue(fault.code, fault.advice_zh, fault.advice_en, where=fault.where, diagnostics=diagnostics)


def outcome(issues: Iterable[Resource]) -> Resource:
    """An OperationOutcome; it always has an issue."""
    found = list(issues)[:MOST_ISSUES]
    return {
        "resourceType": "OperationOutcome",
        "issue": found or [issue("OK", "已接受", "accepted", severity="information")],
    }


def outcome_of(faults: Iterable[Fault]) -> Resource:
    """An OperationOutcome with every fault."""
    return outcome(issue_of(fault) for fault in faults)
