"""ServiceRequest and Task to a row of our canonical form, which the contract system's own reader then judges.

The resident is an opaque reference: names, addresses and phone numbers are not read, contained resources are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from api.contract.reading import Read, read_row
from api.contract.vendors import get_vendor
from api.fhir.models import faults_of
from api.fhir.words import EXTENSION, RULE, find
from api.service.moments import LOCAL
from optimizer.errors import Fault

CANONICAL = "xunzhen"
"""The vendor file of our own form."""
KINDS = ("ServiceRequest", "Task")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DUE, DONE, MISSED, CANCELLED = 0, 1, 3, 9
STATUSES: dict[str, dict[str, int]] = {
    "ServiceRequest": {"draft": DUE, "active": DUE, "on-hold": DUE, "completed": DONE, "revoked": CANCELLED},
    "Task": {
        **dict.fromkeys(("draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold"), DUE),
        "completed": DONE,
        "failed": MISSED,
        "rejected": CANCELLED,
        "cancelled": CANCELLED,
    },
}
DELETED = "entered-in-error"
PRIORITIES = {"stat": "0", "asap": "1", "urgent": "1", "routine": ""}
"""Routine work has the priority of its rule."""
PERIODS = {"ServiceRequest": ("occurrencePeriod",), "Task": ("restriction", "period")}
CHANGED = {"ServiceRequest": "authoredOn", "Task": "lastModified"}
PLACES = {
    "ServiceRequest": {
        "external_id": "identifier[0].value",
        "resident_id": "subject",
        "plan_status": "status",
        "rule": "code.coding",
        "plan_date": "occurrencePeriod.end",
        "earliest_date": "occurrencePeriod.start",
        "last_date": "occurrencePeriod.end",
        "site": "locationReference[0]",
        "team": "performer",
        "updated_at": "meta.lastUpdated",
        "version": "meta.versionId",
        "wishes": "priority",
    },
    "Task": {
        "external_id": "identifier[0].value",
        "resident_id": "for",
        "plan_status": "status",
        "rule": "code.coding",
        "plan_date": "restriction.period.end",
        "earliest_date": "restriction.period.start",
        "last_date": "restriction.period.end",
        "site": "location",
        "team": "owner",
        "updated_at": "meta.lastUpdated",
        "version": "meta.versionId",
        "wishes": "priority",
    },
}
"""Where in the resource a canonical field comes from, for faults."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a resource gave: the canonical row and what the reader made of it; usable when there is no fault."""

    row: Row
    read: Read
    faults: tuple[Fault, ...]


def read_resource(kind: str, resource: Mapping[str, Any], received_at: datetime) -> Incoming:
    """Read a ServiceRequest or Task, with every fault of form and meaning at once. Raises FhirNotInstalled."""
    row = canonical_row(kind, resource, received_at)
    read = read_row(get_vendor(CANONICAL), row)
    told = [*faults_of(kind, resource), *_own_faults(kind, resource)]
    seen = {fault.where for fault in told}
    told += [fault for fault in (placed(kind, fault) for fault in read.faults) if fault.where not in seen]
    return Incoming(row, read, tuple(told))


def canonical_row(kind: str, resource: Mapping[str, Any], received_at: datetime) -> Row:
    """The row of our form; what the resource does not say is not in it."""
    status = find(resource, "status")
    period = find(resource, *PERIODS[kind])
    due = _extension(resource, "due-date", "valueDate") or find(resource, "occurrenceDateTime")
    last = _day(find(period, "end"))
    updated_at = _moment(find(resource, "meta", "lastUpdated") or find(resource, CHANGED[kind])) or received_at
    row: Row = {
        "external_id": find(resource, "identifier", 0, "value"),
        "version": _version(find(resource, "meta", "versionId"), updated_at),
        "updated_at": updated_at.isoformat(),
        "is_deleted": status == DELETED,
        "resident_id": _referred(find(resource, "subject" if kind == "ServiceRequest" else "for"), "Patient"),
        "plan_status": STATUSES[kind].get(status) if isinstance(status, str) else None,
        "rule": _coded(find(resource, "code", "coding"), RULE),
        "plan_date": _day(due) or last,
        "earliest_date": _day(find(period, "start")),
        "last_date": last,
        "site": _referred(_location(kind, resource), "Location"),
        "team": _team(kind, resource),
        "household_id": _extension(resource, "household", "valueString"),
        "contract_end": _extension(resource, "contract-end", "valueDate"),
        "wishes": _wishes(kind, resource),
    }
    return {name: value for name, value in row.items() if value not in (None, "", {})}


def _own_faults(kind: str, resource: Mapping[str, Any]) -> list[Fault]:
    """What R4B allows and we cannot use."""
    faults = []
    status = find(resource, "status")
    known = (*STATUSES[kind], DELETED)
    if status not in known:
        zh, en = "用列出的状态", "use one of these states"
        faults.append(Fault("UNKNOWN_CODE", f"{kind}.status", "(not shown)", ", ".join(known), zh, en))
    if find(resource, "contained"):
        zh, en = (
            "不要附带其他资源（如患者姓名）；只用不透明编号引用",
            "send no contained resources: refer to a resident by an opaque id",
        )
        faults.append(Fault("PERSONAL_DATA", f"{kind}.contained", "(not shown)", "references only", zh, en))
    priority = find(resource, "priority")
    if priority is not None and priority not in tuple(PRIORITIES):
        zh, en = "用列出的优先级", "use one of these priorities"
        faults.append(Fault("UNKNOWN_CODE", f"{kind}.priority", "(not shown)", ", ".join(PRIORITIES), zh, en))
    return faults


def placed(kind: str, fault: Fault) -> Fault:
    """A fault of the canonical row, told at the element of the resource that it came from."""
    name = fault.where.strip("/").partition("/")[0]
    where = PLACES[kind].get(name, f"extension('{EXTENSION}{name.replace('_', '-')}')")
    return replace(fault, where=f"{kind}.{where}")


def _referred(reference: object, kind: str) -> str | None:
    """The id that a reference names: by identifier, or the last part of its address."""
    value = find(reference, "identifier", "value")
    if isinstance(value, str):
        return value
    address = find(reference, "reference")
    if not isinstance(address, str):
        return None
    head, _, name = address.rpartition("/")
    return name if name and (head == kind or head.endswith(f"/{kind}")) else None


def _location(kind: str, resource: Mapping[str, Any]) -> object:
    return find(resource, "locationReference", 0) if kind == "ServiceRequest" else find(resource, "location")


def _performers(kind: str, resource: Mapping[str, Any]) -> list[object]:
    found = find(resource, "performer") if kind == "ServiceRequest" else [find(resource, "owner")]
    return found if isinstance(found, list) else []


def _is_of(reference: object, *kinds: str) -> bool:
    """Whether a reference is to one of some kinds, by its type or its address."""
    address = find(reference, "reference")
    words = [find(reference, "type"), *(address.split("/") if isinstance(address, str) else ())]
    return any(word in kinds for word in words)


def _team(kind: str, resource: Mapping[str, Any]) -> str | None:
    teams = [reference for reference in _performers(kind, resource) if _is_of(reference, "CareTeam")]
    return _referred(teams[0], "CareTeam") if teams else None


def _wishes(kind: str, resource: Mapping[str, Any]) -> dict[str, str]:
    """What the resource says beside the fields of a record."""
    members = [
        _referred(reference, name)
        for name in ("Practitioner", "PractitionerRole")
        for reference in _performers(kind, resource)
        if _is_of(reference, name)
    ]
    priority = find(resource, "priority")
    wishes = {
        "priority": PRIORITIES.get(priority, "") if isinstance(priority, str) else "",
        "preferred": " ".join(name for name in members if name),
        "channels": _extension(resource, "channels", "valueString") or "",
    }
    return {name: text for name, text in wishes.items() if text}


def _coded(codings: object, system: str) -> object:
    """The code of one system."""
    found = (
        [find(coding, "code") for coding in codings if find(coding, "system") == system]
        if isinstance(codings, list)
        else []
    )
    return found[0] if found else None


def _extension(resource: Mapping[str, Any], name: str, kind: str) -> Any:
    """The value of one of our extensions."""
    extensions = find(resource, "extension")
    if not isinstance(extensions, list):
        return None
    return next((find(one, kind) for one in extensions if find(one, "url") == EXTENSION + name), None)


def _day(value: object) -> object:
    """The local day of a FHIR date or moment; what cannot be read stays as it is, for the reader to refuse."""
    if isinstance(value, str) and "T" in value:
        moment = _moment(value)
        return moment.astimezone(LOCAL).date().isoformat() if moment else value
    return value


def _moment(value: object) -> datetime | None:
    """An aware moment, or None."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _version(value: object, updated_at: datetime) -> int:
    """The version's number, or a number that grows with every change."""
    if isinstance(value, str) and len(value) < 19 and value.isascii() and value.isdigit():
        return int(value)
    return max(0, (updated_at - EPOCH) // timedelta(microseconds=1))
