"""The audit log: who did or read what, and whether its chain is whole."""

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import select
from starlette.responses import Response

from api.access.dependencies import CallerScope, action
from api.service.bodies import Answer, AwareMoment, RowId, Word
from api.service.changes import organisation_in
from api.service.deps import Config, Store
from api.service.moments import as_json
from api.service.paging import PageQuery, read_page, sparse, wanted_fields
from api.service.resource_routes import answered, json_answer
from api.service.routing import new_router
from api.store.audit import verify
from api.store.models.audit import AuditEntry

router = new_router("audit")
READ = "audit:read"
SHOWN = (
    *("id", "organisation_id", "number", "at", "actor", "action", "target_kind", "target_id", "details"),
    *("previous_digest", "digest"),
)


class AuditView(Answer):
    """One entry; ids and codes only."""

    id: str
    organisation_id: str | None = None
    number: int | None = None
    at: AwareMoment | None = None
    actor: str | None = None
    action: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    details: dict[str, Any] | None = None
    previous_digest: str | None = None
    digest: str | None = None


class AuditPage(Answer):
    """A page of entries."""

    items: list[AuditView]
    next_cursor: str


class AuditQuery(PageQuery):
    """The query of the log."""

    organisation_id: RowId | None = None
    actor: Word | None = None
    action: Word | None = None
    target_kind: Word | None = None
    target_id: Word | None = None
    since: AwareMoment | None = None
    until: AwareMoment | None = None


class Verdict(Answer):
    """Whether a chain is whole, and where it is broken first if not."""

    organisation_id: str
    is_whole: bool
    number: int | None
    entry_id: str
    reason: str


@router.get("/v1/audit", **answered(AuditPage), **action(READ))
def list_audit(query: Annotated[AuditQuery, Query()], scope: CallerScope, store: Store, config: Config) -> Response:
    """The entries in sight, oldest first within each organisation."""
    names = wanted_fields(query.fields, SHOWN)
    rows = select(AuditEntry)
    for name in ("organisation_id", "actor", "action", "target_kind", "target_id"):
        if getattr(query, name) is not None:
            rows = rows.where(getattr(AuditEntry, name) == getattr(query, name))
    if query.since is not None:
        rows = rows.where(AuditEntry.at >= query.since)
    if query.until is not None:
        rows = rows.where(AuditEntry.at < query.until)
    with store.session(scope, read_only=True) as session:
        order = (AuditEntry.chain, AuditEntry.number)
        page = read_page(session, rows, order, query, config.signing_bytes, "audit")
        items = [sparse({name: as_json(getattr(row, name)) for name in SHOWN}, names) for row in page.rows]
    return json_answer({"items": items, "next_cursor": page.next_cursor})


@router.get("/v1/audit/verification", **answered(Verdict), **action(READ))
def verify_audit(scope: CallerScope, store: Store, organisation_id: RowId | None = None) -> Response:
    """Whether an organisation's chain of entries is whole; reads every entry."""
    owner = organisation_in(scope, organisation_id)
    with store.session(scope, read_only=True) as session:
        broken = verify(session, owner)
    verdict = {
        "organisation_id": owner,
        "is_whole": broken is None,
        "number": broken.number if broken else None,
        "entry_id": broken.entry_id if broken else "",
        "reason": broken.reason if broken else "",
    }
    return json_answer(verdict)
