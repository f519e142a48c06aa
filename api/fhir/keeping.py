"""Resources that come in, through the same intake as the records of a contract system."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.intake import Mode, lock_source, take_rows
from api.contract.letters import RECORD, find_letters
from api.contract.sources import add_source
from api.contract.vendors import get_vendor
from api.fhir.incoming import CANONICAL, Incoming, placed, read_resource
from api.store import audit
from api.store.models.exchange import ContractSource
from api.store.models.follow_ups import FollowUp
from optimizer.errors import Fault

SOURCE = "fhir"
NOWHERE = "http://fhir.invalid"
"""This source is never asked and never written to: whoever sends FHIR reads Appointments."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a resource: its follow-up where there is one, whether it is new, or why it was refused."""

    follow_up: FollowUp | None
    is_new: bool
    faults: tuple[Fault, ...]


def keep_resource(
    session: Session, organisation_id: str, kind: str, resource: Mapping[str, Any], received_at: datetime
) -> Kept:
    """Take a ServiceRequest or Task into the store. Raises FhirNotInstalled."""
    incoming = read_resource(kind, resource, received_at)
    if incoming.faults:
        return Kept(None, False, incoming.faults)
    source = find_source(session, organisation_id)
    lock_source(session, source)
    counts = take_rows(session, source, get_vendor(CANONICAL), [incoming.row], Mode.DIFFERENT)
    name = str(incoming.row["external_id"])
    if counts["refused"]:
        return Kept(None, False, _reasons(session, source, kind, name))
    audit.append(session, organisation_id, "fhir:write", target_kind="exchange_records", details=_told(kind, incoming))
    query = select(FollowUp).where(FollowUp.organisation_id == organisation_id, FollowUp.external_id == name)
    return Kept(session.scalars(query).one_or_none(), bool(counts["added"]), ())


def find_source(session: Session, organisation_id: str) -> ContractSource:
    """The source that stands for this door of an organisation; made when it is first used."""
    query = select(ContractSource).where(
        ContractSource.organisation_id == organisation_id, ContractSource.name == SOURCE
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        found = add_source(session, organisation_id, name=SOURCE, vendor=CANONICAL, base_url=NOWHERE)
        found.is_active = False
        session.flush()
    return found


def _told(kind: str, incoming: Incoming) -> dict[str, Any]:
    return {"kind": kind, "deleted": bool(incoming.row.get("is_deleted"))}


def _reasons(session: Session, source: ContractSource, kind: str, name: str) -> tuple[Fault, ...]:
    """Why the intake refused a record, at the elements of the resource."""
    letter = find_letters(session, source, RECORD, [name])[name]
    faults = [
        Fault(one["code"], one["pointer"], one["found"], one["expected"], one["advice_zh"], one["advice_en"])
        for one in letter.reasons
    ]
    return tuple(placed(kind, fault) for fault in faults)
