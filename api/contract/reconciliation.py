"""Nightly reconciliation: counts and digests of both sides by status and business type; what differs is read again.

A record is only taken away when the other side says by its id that it is not there, never because a list lacks it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from sqlalchemy import select

from api.contract.cells import Json
from api.contract.client import START, Position
from api.contract.digests import set_digest
from api.contract.errors import BadAnswer
from api.contract.intake import Mode, lock_source, take_absence, take_rows
from api.contract.letters import RECORD
from api.contract.runs import Ran, Run, running
from api.contract.sources import ClientOf, client_of, get_source
from api.store.database import Database
from api.store.models.exchange import DeadLetter, ExchangeRecord, LetterState, RunKind

ROUNDS = 3
"""Records go on changing while they are compared, so the comparison is made so many times at most."""
IDS_AT_ONCE = 50
MOST_PAGES = 5000

Key = tuple[str, str]
"""Status and business type in the codes of the vendor."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A status and business type of which the two sides do not hold the same records."""

    status: str
    business_type: str
    ours: int
    theirs: int


def reconcile(
    database: Database, organisation_id: str, source_id: str, client_of: ClientOf = client_of, run_id: str | None = None
) -> Ran:
    """Compare both sides and read again what differs; the run's details hold the differences found and left."""
    ended: list[Ran] = []
    with running(database, organisation_id, source_id, RunKind.RECONCILE, client_of, ended, run_id) as run:
        _ask_again(run, open_letters(run))
        left: list[Difference] = []
        for number in range(ROUNDS + 1):
            left = differences(run)
            run.details.setdefault("found", _told(left))
            if not left or number == ROUNDS:
                break
            for difference in left:
                _repair(run, difference)
        run.details["left"] = _told(left)
    return ended[0]


def retry_letters(
    database: Database,
    organisation_id: str,
    source_id: str,
    references: Sequence[str],
    client_of: ClientOf = client_of,
    run_id: str | None = None,
) -> Ran:
    """Read refused records again by their ids; those that fit now are taken."""
    ended: list[Ran] = []
    with running(database, organisation_id, source_id, RunKind.RETRY, client_of, ended, run_id) as run:
        _ask_again(run, references)
    return ended[0]


def differences(run: Run) -> list[Difference]:
    """Where the two sides do not hold the same records in the same versions."""
    nothing = 0, set_digest(())
    theirs = {(b.status, b.business_type): (b.count, b.digest) for b in run.client.counts()}
    ours = own_buckets(run)
    keys = sorted({*theirs, *ours})
    pairs = [(key, ours.get(key, nothing), theirs.get(key, nothing)) for key in keys]
    return [Difference(*key, mine[0], other[0]) for key, mine, other in pairs if mine != other]


def _told(found: Iterable[Difference]) -> list[dict[str, str | int]]:
    return [asdict(difference) for difference in found]


def own_buckets(run: Run) -> dict[Key, tuple[int, str]]:
    """Count and digest of what we know of a contract system, refused records included."""
    entry = ExchangeRecord
    query = select(entry.status_code, entry.business_code, entry.external_id, entry.record_version)
    groups: dict[Key, list[tuple[str, int]]] = {}
    with run.database.session(run.scope, read_only=True) as session:
        for row in session.execute(query.where(entry.source_id == run.source_id, entry.is_deleted.is_(False))):
            groups.setdefault((row[0], row[1]), []).append((row[2], row[3]))
    return {key: (len(records), set_digest(records)) for key, records in groups.items()}


def open_letters(run: Run) -> list[str]:
    """Ids of records that are refused."""
    query = select(DeadLetter.reference).where(
        DeadLetter.source_id == run.source_id, DeadLetter.kind == RECORD, DeadLetter.state == LetterState.OPEN
    )
    with run.database.session(run.scope, read_only=True) as session:
        return sorted(session.scalars(query))


def _repair(run: Run, difference: Difference) -> None:
    """Read what differs again, then ask by id for what we hold in it and did not see."""
    position: Position | None = START if difference.theirs else None
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        if position is None:
            break
        page = run.client.pull_bucket(difference.status, difference.business_type, position)
        places = [run.client.position_of(row) for row in page.rows]
        seen |= {place.external_id for place in places if place is not None}
        _take(run, page.rows, (), Mode.DIFFERENT)
        if page.is_stuck:
            raise BadAnswer("CURSOR_STUCK", "对方游标不前进，已停止", "the other side's cursor does not move on")
        position = page.following
    entry = ExchangeRecord
    query = select(entry.external_id).where(
        entry.source_id == run.source_id, entry.status_code == difference.status,
        entry.business_code == difference.business_type, entry.is_deleted.is_(False),
    )  # fmt: skip
    with run.database.session(run.scope, read_only=True) as session:
        held = set(session.scalars(query))
    _ask(run, sorted(held - seen), Mode.DIFFERENT)


def _ask_again(run: Run, ids: Iterable[str]) -> None:
    _ask(run, ids, Mode.AGAIN)


def _ask(run: Run, ids: Iterable[str], mode: Mode) -> None:
    """Read single records by id; what the other side says it does not have gets a tombstone."""
    for some in _batches(ids):
        page = run.client.fetch(some)
        _take(run, page.rows, sorted(set(page.absent) & set(some)), mode)


def _take(run: Run, rows: Sequence[Json], absent: Sequence[str], mode: Mode) -> None:
    with run.database.session(run.scope) as session:
        source = get_source(session, run.source_id)
        lock_source(session, source)
        run.counts.update(take_rows(session, source, run.vendor, rows, mode))
        run.counts.update(take_absence(session, source, absent))


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, IDS_AT_ONCE)):
        yield batch
