"""One run of the fuzz: worlds one after the other, every operation in each, and what was found."""

import logging
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from api.access.logins import open_login
from api.access.permissions import PERMISSIONS, Role
from api.access.settings import AccessSettings
from api.service.app import create_app
from api.service.logs import NAME, described
from api.store.base import now
from api.store.database import Database
from api.store.models.access import Account
from api.store.scope import everything
from tests.api.fuzz.asking import Ask, Asker
from tests.api.fuzz.ground import Ground, open_store, settings_in
from tests.api.fuzz.judging import LETTERS, PERSONAL_ACTION, WORKBOOKS, Books, faults_of, personal_words, told_words
from tests.api.fuzz.pools import read_pools

REQUESTS_OF_A_WORLD = 2_000
"""Then the store begins anew, so that what was archived or taken away can be asked for again."""
NEGATIVE_SHARE = 0.2
SLOW = {"/v1/solve": 4}
"""The most requests in one world to what starts a process for every answer."""
MOST_SHOWN = 3


@dataclass(slots=True)
class Report:
    """Counts of answers, and the requests whose answers were wrong."""

    statuses: Counter[str] = field(default_factory=Counter)
    operations: dict[str, Counter[str]] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    codes: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many were sent."""
        return self.statuses.total()

    def note(self, operation: str, status: int, code: str, seconds: float) -> None:
        """Count an answer; refusals by their code too."""
        self.codes.setdefault(operation, Counter())[code or str(status)] += 1
        kind = f"{status // 100}xx"
        self.statuses[kind] += 1
        self.operations.setdefault(operation, Counter())[kind] += 1
        self.seconds[operation] = self.seconds.get(operation, 0.0) + seconds

    def add(self, operation: str, fault: str, told: str) -> None:
        """Keep a finding; of those that look alike the first ones."""
        shown = self.findings.setdefault(f"{operation}: {fault}", [])
        if len(shown) < MOST_SHOWN:
            shown.append(told)


def run_fuzz(ground: Ground, folder: Path, requests: int, first_seed: int = 1) -> Report:
    """Send so many requests, or a few more; the same seed sends the same ones."""
    report, number = Report(), 0
    while report.requests < requests:
        share = min(REQUESTS_OF_A_WORLD, requests - report.requests)
        with _world(ground, folder / f"world{number}") as world:
            _ask_everything(world, report, share, first_seed + number)
        number += 1
    return report


@dataclass(frozen=True, slots=True)
class World:
    """The application on its own copy of the ground."""

    ground: Ground
    client: TestClient
    database: Database
    books: Books
    asker: Asker
    incidents: list[str]
    words: frozenset[str]


@contextmanager
def _world(ground: Ground, folder: Path) -> Iterator[World]:
    folder.mkdir()
    file = folder / "xunzhen.sqlite"
    shutil.copyfile(ground.database, file)
    database = open_store(file)
    app = create_app(settings_in(folder), database)
    with (
        closing(sqlite3.connect(file, check_same_thread=False)) as connection,
        TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client,
        _incidents() as incidents,
    ):
        asker = Asker(ground, connection, lambda: _fresh_login(database))
        yield World(ground, client, database, Books(connection), asker, incidents, personal_words(ground.folder))
    database.close()
    shutil.rmtree(folder)


@contextmanager
def _incidents() -> Iterator[list[str]]:
    """Where the service failed, as its log tells."""
    found: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1]:
                told = described(record.exc_info[1])
                found.append(f"{record.getMessage()} {told['error'][:2]} {told['frames'][-3:]}")

    logger, listener = logging.getLogger(NAME), Listener()
    before = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [listener], False
    try:
        yield found
    finally:
        logger.handlers, logger.propagate = before


def _fresh_login(database: Database) -> str:
    """A token of a sign-in that may be ended."""
    with database.session(everything("fuzz")) as session:
        account = session.query(Account).filter(Account.name == f"fuzz-{Role.CLINICIAN}").one()
        return open_login(session, account, AccessSettings(), now(), has_second_factor=True).token


def _ask_everything(world: World, report: Report, requests: int, number: int) -> None:
    document = world.client.app.openapi()  # type: ignore[attr-defined] # it is a FastAPI
    schema = schemathesis.openapi.from_dict(document)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    Random(number).shuffle(operations)
    each = -(-requests // len(operations))
    for operation in operations:
        most = min(each, SLOW.get(operation.path, each))
        negative = round(most * NEGATIVE_SHARE)
        negative = _ask_often(world, report, operation, GenerationMode.NEGATIVE, negative, number) if negative else 0
        _ask_often(world, report, operation, GenerationMode.POSITIVE, most - negative, number)


def _ask_often(world: World, report: Report, operation: Any, mode: GenerationMode, count: int, number: int) -> int:
    """Ask an operation for generated cases of one mode; gives how many there were, 0 where none can be made."""
    before = report.requests
    pools = read_pools(world.asker.connection, world.ground)

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), choices=st.integers(0, 2**48))
    def ask(case: Any, choices: int) -> None:
        _ask_once(world, report, operation, case, world.asker.ask(operation, case, pools, Random(choices)))

    with suppress(Unsatisfiable):  # nothing to get wrong: no parameter, no body
        ask()
    return report.requests - before


def _ask_once(world: World, report: Report, operation: Any, case: Any, ask: Ask) -> None:
    before, begun = world.books.look(), time.process_time()
    answer = world.client.request(
        ask.method, ask.url, headers=ask.headers, params=list(ask.params), content=ask.content, files=ask.files
    )
    report.note(operation.label, answer.status_code, _code(answer), time.process_time() - begun)
    faults = list(faults_of(case, answer))
    if answer.status_code >= 400 or ask.method == "GET":
        changed = {name for name, figures in world.books.look().items() if figures != before.get(name)}
        if operation.path.startswith("/fhir/"):
            changed -= LETTERS
        faults += [f"a refused or reading request has changed {sorted(changed)}"] if changed else []
    if not _may_tell(operation, ask, world.ground):
        told = told_words(answer.content, answer.headers.get("content-type", ""), world.words - _said(ask, world))
        faults += [f"an answer with {len(told)} personal words such as {told[0]}"] if told else []
    for fault in faults:
        trace = world.incidents[-1] if world.incidents and answer.status_code >= 500 else ""
        sent = (ask.content or b"")[:600].decode("utf-8", "replace")
        told_text = f"{ask.method} {ask.url} {ask.params} {sent} -> {answer.status_code} {answer.text[:400]} {trace}"
        report.add(operation.label, fault, told_text)


def _code(answer: Any) -> str:
    """The stable code of a problem, or ""."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return str(answer.json().get("code", "")) if is_problem else ""


def _may_tell(operation: Any, ask: Ask, ground: Ground) -> bool:
    """Whether the answer may hold personal words: a route that is for them, or a workbook for somebody who may."""
    if operation.definition.raw.get("x-action") == PERSONAL_ACTION:
        return True
    role = next(
        (role for role, secret in ground.secrets.items() if ask.headers.get("Authorization", "")[7:] == secret), None
    )
    return operation.path.endswith(WORKBOOKS) and role in PERMISSIONS[PERSONAL_ACTION]


def _said(ask: Ask, world: World) -> frozenset[str]:
    """The personal words that the request itself brought."""
    if not ask.content:
        return frozenset()
    text = ask.content.decode("utf-8", "replace")
    return frozenset(word for word in world.words if word in text)
