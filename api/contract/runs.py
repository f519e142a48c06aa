"""The record of a pull or reconciliation: begun and ended in transactions of their own, with counts and a reason."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api.contract.client import ContractClient
from api.contract.errors import ContractError
from api.contract.sources import ClientOf, get_source
from api.contract.vendors import Vendor
from api.store import audit
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import ContractSource, RunKind, RunState, SyncRun
from api.store.scope import Scope, organisation_scope


@dataclass(slots=True)
class Run:
    """A run under way: what it may see, whom it asks, and what it has counted so far."""

    database: Database
    scope: Scope
    source_id: str
    run_id: str
    client: ContractClient
    counts: Counter[str] = field(default_factory=Counter)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def vendor(self) -> Vendor:
        """The vendor of the contract system."""
        return self.client.vendor


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run came to."""

    run_id: str
    state: RunState
    counts: Mapping[str, int]
    code: str | None
    details: Mapping[str, Any]


@contextmanager
def running(database: Database, organisation_id: str, source_id: str, kind: RunKind, client_of: ClientOf,
            ended: list[Ran], run_id: str | None = None) -> Iterator[Run]:  # fmt: skip
    """A run that is noted when it begins and when it ends; an error of the exchange ends it as failed.

    What it came to is added to `ended`; `run_id` is a run that is noted already. Raises UnknownSource.
    """
    scope = organisation_scope(organisation_id, source_id)
    with database.session(scope) as session:
        source = get_source(session, source_id)
        row = session.get_one(SyncRun, run_id) if run_id else queue_run(session, source, kind)
        row.state, row.started_at = RunState.RUNNING, now()
        client = client_of(source)
    run = Run(database, scope, source_id, row.id, client, details=dict(row.details))
    state, error = RunState.FAILED, None
    try:
        yield run
        state = RunState.COMPLETED
    except ContractError as found:
        error = found
    finally:
        client.close()
        ended.append(_end(run, state, error))


def queue_run(
    session: Session, source: ContractSource, kind: RunKind, details: Mapping[str, Any] | None = None
) -> SyncRun:
    """Note a run that a worker shall take up."""
    row = SyncRun(
        organisation_id=source.organisation_id, source_id=source.id, kind=kind, state=RunState.QUEUED,
        details=dict(details or {}), counts={},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _end(run: Run, state: RunState, error: ContractError | None) -> Ran:
    with run.database.session(run.scope) as session:
        row = session.get_one(SyncRun, run.run_id)
        row.state, row.finished_at, row.counts, row.details = state, now(), dict(run.counts), dict(run.details)
        if error is not None:
            row.code, row.message_zh, row.message_en = error.code, error.message_zh, error.message_en
        details = {"state": str(state), "counts": dict(run.counts)}
        audit.append(session, row.organisation_id, f"exchange:{row.kind}", target_kind="contract_sources",
                     target_id=run.source_id, details=details)  # fmt: skip
        return Ran(run.run_id, state, dict(run.counts), row.code, dict(run.details))
