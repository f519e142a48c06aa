"""Incremental pull: pages of changes from the cursor on, each page and the cursor's move in one transaction.

The cursor only moves forward and never past our own clock, so that a wrong clock at the other side hides nothing from
the next pull. Every pull reads the overlap once more. What slips through all the same, the reconciliation finds.
"""

from datetime import datetime, timedelta

from api.contract.client import Page, Position
from api.contract.errors import BadAnswer
from api.contract.intake import lock_source, take_rows
from api.contract.runs import Ran, Run, running
from api.contract.sources import ClientOf, client_of, get_source
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import RunKind, SyncCursor

MOST_PAGES = 5000
MOST_STUCK = 3
"""So many times a page that leads nowhere is asked for again."""


def pull(
    database: Database, organisation_id: str, source_id: str, client_of: ClientOf = client_of, run_id: str | None = None
) -> Ran:
    """Pull what has changed. An error of the exchange is told in the answer; raises UnknownSource."""
    ended: list[Ran] = []
    with running(database, organisation_id, source_id, RunKind.PULL, client_of, ended, run_id) as run:
        pull_pages(run)
    return ended[0]


def pull_pages(run: Run) -> None:
    """All pages from the cursor on. Raises NotAnswered, BadAnswer or Refused."""
    position, limit = _beginning(run)
    stuck = 0
    for _ in range(MOST_PAGES):
        page = run.client.pull(position, limit)
        _take(run, page)
        run.counts["pages"] += 1
        if page.following is not None:
            position, stuck = page.following, 0
        elif page.is_stuck and stuck < MOST_STUCK:
            stuck += 1
            run.counts["stuck_pages"] += 1
        elif page.is_stuck:
            raise BadAnswer("CURSOR_STUCK", "对方游标不前进，已停止", "the other side's cursor does not move on")
        else:
            return
    raise BadAnswer("TOO_MANY_PAGES", f"超过 {MOST_PAGES} 页，已停止", f"more than {MOST_PAGES} pages")


def _beginning(run: Run) -> tuple[Position, int]:
    """The cursor less the overlap."""
    with run.database.session(run.scope, read_only=True) as session:
        source, cursor = get_source(session, run.source_id), session.get_one(SyncCursor, run.source_id)
        if cursor.position_at is None:
            return Position(), source.page_rows
        return Position(cursor.position_at - timedelta(seconds=source.overlap_seconds)), source.page_rows


def _take(run: Run, page: Page) -> None:
    """One page, and the cursor's move, in one transaction."""
    with run.database.session(run.scope) as session:
        source = get_source(session, run.source_id)
        cursor = lock_source(session, source)
        run.counts.update(take_rows(session, source, run.vendor, page.rows))
        _move(cursor, page, run, now())


def _move(cursor: SyncCursor, page: Page, run: Run, present: datetime) -> None:
    found = [position for row in page.rows if (position := run.client.position_of(row)) is not None]
    for position in found:
        assert position.moment is not None
        reached = position if position.moment <= present else Position(present)
        if Position(cursor.position_at, cursor.position_id).is_before(reached):
            cursor.position_at, cursor.position_id = reached.moment, reached.external_id
