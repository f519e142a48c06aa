"""The database of a deployment: SQLite in one file by default, PostgreSQL by its URL; both through the same sessions.

Nothing happens at import; a `Database` opens its first connection when it is first used.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from api.store import models as models  # every table is known before the first query
from api.store.crypto import KEYS, READS, KeyRing
from api.store.migrations import upgrading
from api.store.scope import READ_ONLY, SCOPE, Scope, StoreSession

BUSY_SECONDS = 30
CONNECT_SECONDS = 5
POOL_SIZE, POOL_OVERFLOW = 10, 30
READS_ONLY = "xunzhen_reads_only"


class Database:
    """The store behind a URL; `keys` open personal words and sign the audit log."""

    def __init__(self, url: str | URL, keys: KeyRing) -> None:
        self.url = make_url(url)
        self.keys = keys
        self.engine = _engine(self.url)
        self._readers = self.engine.execution_options(**{READS_ONLY: True})

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def session(self, scope: Scope, *, read_only: bool = False) -> Iterator[StoreSession]:
        """A session in one transaction, committed at the end and rolled back when an exception passes.

        With `read_only` it cannot write and waits for no writer; personal words that were read are audited by a
        second transaction before the block ends.
        """
        info = {SCOPE: scope, KEYS: self.keys, READ_ONLY: read_only}
        engine = self._readers if read_only else self.engine
        with StoreSession(engine, expire_on_commit=False, info=info) as session:
            yield session
            session.commit()
            reads = session.info.get(READS)
        if read_only and reads:
            with self.session(scope) as writer:
                writer.info[READS] = reads

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A bare connection that only reads, without the limits of a scope: whoever uses it judges what it sees."""
        with self._readers.connect() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest version; several processes may try at once."""
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        with self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('xunzhen migrate'))"))
            upgrading.upgrade(connection)

    def is_current(self) -> bool:
        """Whether the schema is the newest version."""
        with self._readers.connect() as connection:
            return upgrading.is_current(connection)

    def ping(self) -> None:
        """One small query; raises SQLAlchemyError when the database does not answer."""
        with self._readers.connect() as connection:
            connection.execute(text("SELECT 1"))

    def has_row_security(self) -> bool:
        """Whether the database itself keeps organisations apart: PostgreSQL, under a role that cannot bypass it."""
        if self.is_sqlite:
            return False
        with self._readers.connect() as connection:
            query = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user"
            return bool(connection.scalar(text(query)))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            connect_args={"timeout": BUSY_SECONDS},
            hide_parameters=True,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        connect_args={"connect_timeout": CONNECT_SECONDS},
        hide_parameters=True,  # an error never prints a row
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
    )


def _prepare_sqlite(connection: Any, record: object) -> None:
    """A commit that returns is on the disk, and a reader never waits for a writer."""
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver's own way of beginning transactions starts them too late
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its place at once: one that has read first could not wait for another to finish."""
    is_reader = connection.get_execution_options().get(READS_ONLY)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")
