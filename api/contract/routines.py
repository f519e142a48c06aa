"""What a worker does again and again for the exchange: pull, reconcile at night, send the outbox, runs asked for."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from api.contract.errors import ContractError
from api.contract.pull import pull
from api.contract.push import Sender
from api.contract.reconciliation import reconcile, retry_letters
from api.contract.runs import Ran
from api.contract.sources import ClientOf, client_of
from api.jobs.chores import Routine
from api.service.moments import LOCAL
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import ContractSource, OutboxMessage, OutboxState, RunKind, RunState, SyncRun
from api.store.scope import everything

PULL_SECONDS, LOOK_SECONDS, SEND_SECONDS, ASKED_SECONDS = 900.0, 600.0, 2.0, 2.0
NIGHT_HOURS = range(1, 5)
"""Local time in which a reconciliation begins."""
ONCE_A_NIGHT = timedelta(hours=20)
LEASE_SECONDS = 3600.0
INTERRUPTED_AFTER = timedelta(hours=2)
SCOPE = everything("exchange")


def pull_all(database: Database, client_of: ClientOf = client_of) -> list[Ran]:
    """Pull from every active contract system, one after the other; one that fails does not stop the others."""
    return [pull(database, *names, client_of) for names in _active(database)]


def reconcile_tonight(
    database: Database, client_of: ClientOf = client_of, clock: Callable[[], datetime] = now
) -> list[Ran]:
    """Reconcile, at night, with every active contract system that has not been tonight."""
    present = clock()
    if present.astimezone(LOCAL).hour not in NIGHT_HOURS:
        return []
    recent = select(SyncRun.source_id).where(
        SyncRun.kind == RunKind.RECONCILE,
        SyncRun.state == RunState.COMPLETED,
        SyncRun.started_at > present - ONCE_A_NIGHT,
    )
    with database.session(SCOPE, read_only=True) as session:
        done = set(session.scalars(recent))
    return [reconcile(database, *names, client_of) for names in _active(database) if names[1] not in done]


def send_outbox(database: Database) -> None:
    """Send what is due."""
    due = select(OutboxMessage.number).where(
        OutboxMessage.state == OutboxState.PENDING, OutboxMessage.next_attempt_at <= now()
    )
    with database.session(SCOPE, read_only=True) as session:
        is_idle = session.scalars(due.limit(1)).first() is None
    if not is_idle:
        Sender(database).send_due()


def run_asked_for(database: Database, client_of: ClientOf = client_of) -> list[Ran]:
    """Do the runs that somebody has asked for."""
    return [_do(database, row, client_of) for row in _claimed(database)]


def _do(database: Database, row: SyncRun, client_of: ClientOf) -> Ran:
    if row.kind == RunKind.RETRY:
        names = [str(name) for name in row.details.get("references", [])]
        return retry_letters(database, row.organisation_id, row.source_id, names, client_of, row.id)
    do: Callable[..., Ran] = pull if row.kind == RunKind.PULL else reconcile
    return do(database, row.organisation_id, row.source_id, client_of, row.id)


def _claimed(database: Database) -> Iterator[SyncRun]:
    """The queued runs, each claimed for this worker; runs whose worker died are given up."""
    with database.session(SCOPE) as session:
        lost = (SyncRun.state == RunState.RUNNING) & (SyncRun.started_at < now() - INTERRUPTED_AFTER)
        words = {"code": "INTERRUPTED", "message_zh": "已中断，可重新开始", "message_en": "interrupted; begin again"}
        session.execute(update(SyncRun).where(lost).values(state=RunState.FAILED, finished_at=now(), **words))
        queued = session.scalars(
            select(SyncRun.id).where(SyncRun.state == RunState.QUEUED).order_by(SyncRun.created_at)
        )
        names = list(queued)
    for name in names:
        with database.session(SCOPE) as session:
            claim = update(SyncRun).where(SyncRun.id == name, SyncRun.state == RunState.QUEUED)
            taken = session.execute(
                claim.values(state=RunState.RUNNING, started_at=now()).returning(SyncRun.id)
            ).scalar_one_or_none()
            row = session.get_one(SyncRun, name) if taken is not None else None
        if row is not None:
            yield row


def _active(database: Database) -> list[tuple[str, str]]:
    """Organisation and id of every contract system in use."""
    query = select(ContractSource.organisation_id, ContractSource.id).where(ContractSource.is_active.is_(True))
    with database.session(SCOPE, read_only=True) as session:
        return [(row[0], row[1]) for row in session.execute(query.order_by(ContractSource.id))]


def _told(results: list[Ran]) -> None:
    """A routine fails when nothing of it went well, so that it comes round less often."""
    failed = [ran.code or "FAILED" for ran in results if ran.state == RunState.FAILED]
    if results and len(failed) == len(results):
        raise ContractError(failed[0], "所有签约系统都未成功", "no contract system went well")


def routines() -> tuple[Routine, ...]:
    """The routines of a worker."""
    return (
        Routine("exchange:pull", PULL_SECONDS, LEASE_SECONDS, lambda database: _told(pull_all(database))),
        Routine("exchange:reconcile", LOOK_SECONDS, LEASE_SECONDS, lambda database: _told(reconcile_tonight(database))),
        Routine("exchange:outbox", SEND_SECONDS, LEASE_SECONDS, send_outbox),
        Routine("exchange:asked-for", ASKED_SECONDS, LEASE_SECONDS, _run_asked_for),
    )


def _run_asked_for(database: Database) -> None:
    run_asked_for(database)
