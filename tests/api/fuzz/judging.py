"""What is wrong with an answer: a server error, a break of the document, a personal word, a half-done write."""

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PROBLEMS = ("application/problem+json", "application/fhir+json")
PERSONAL_ACTION = "residents:read_personal"
WORKBOOKS = ("week.xlsx", "ledger.xlsx")
"""Files that are filled with what their reader may see."""
PERSONAL_COLUMNS = {"followups": ("姓名", "电话", "地址"), "members": ("姓名", "电话")}
SHORTEST = 3
"""A name of two signs may stand in any text by chance."""
BOOKS = frozenset({"audit_entries", "audit_heads", "idempotent_answers", "login_guards", "login_sessions", "chores"})
"""Tables in which also a refused request, or one that only reads, may be noted."""

LETTERS = frozenset({"dead_letters", "exchange_records", "contract_sources", "sync_cursors", "inbox_events"})
"""What is noted of a record that another system sent and that is refused."""


def personal_words(folder: Path) -> frozenset[str]:
    """The names, phones and addresses of the sheets."""
    found = set()
    for sheet, columns in PERSONAL_COLUMNS.items():
        with (folder / f"{sheet}.csv").open(encoding="utf-8-sig", newline="") as file:
            found |= {row[column] for row in csv.DictReader(file) for column in columns if row.get(column)}
    return frozenset(word for word in found if len(word) >= SHORTEST)


def told_words(content: bytes, kind: str, words: frozenset[str]) -> list[str]:
    """The personal words in an answer, also inside a workbook."""
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"\n".join(book.read(name) for name in book.namelist())
    text = content.decode("utf-8", "replace")
    return [word for word in words if word in text]


@dataclass(slots=True)
class Books:
    """Row counts and versions of all tables; what a refused write must leave alone."""

    connection: sqlite3.Connection
    _commits: int = -1
    _known: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    _queries: dict[str, str] = field(default_factory=dict)

    def look(self) -> Mapping[str, tuple[Any, ...]]:
        """The figures now; nothing is counted while nobody has written."""
        commits = self.connection.execute("PRAGMA data_version").fetchone()[0]
        if commits != self._commits:
            queries = self._queries or self._make_queries()
            self._known = {name: tuple(self.connection.execute(query).fetchone()) for name, query in queries.items()}
            self._commits = commits
        return self._known

    def _make_queries(self) -> dict[str, str]:
        rows = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in rows:
            if table not in BOOKS:
                columns = {row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")}
                version = "SUM(version)" if "version" in columns else "0"
                self._queries[table] = f"SELECT COUNT(*), {version} FROM {table}"
        return self._queries


def faults_of(case: Any, answer: Any) -> Iterator[str]:
    """What breaks the document of the interface."""
    if answer.status_code >= 500:
        yield f"SERVER ERROR {answer.status_code}"
        return
    answer.request.read()  # of an upload only a stream is known so far
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        for failure in group.exceptions:
            yield re.sub(r"\s+", " ", f"{type(failure).__name__}: {failure.title}: {failure.message}")[:400]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code >= 400 and kind not in PROBLEMS:
        yield f"a refusal as {kind}"
