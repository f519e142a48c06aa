"""Kills server, workers and writers at random and counts what was acknowledged and lost: nothing may be.

Writers ask for jobs through the queue and change rows through the HTTP API, and note down what they were told is
done. Server, workers and writers are killed with SIGKILL and started anew. In the end every change and every job that
was acknowledged has to be there, every job has ended exactly once, and the audit chain is whole. The search is a
stand-in of milliseconds, but one job in so many is a real solve in its own process.
"""

import argparse
import multiprocessing
import os
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, func, make_url, select, text

from api.access.api_keys import NewKey, add_key
from api.access.settings import AccessSettings
from api.store.audit import verify_all
from api.store.base import now
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.jobs import ENDED, OPEN, EventKind, Job, JobEvent
from api.store.models.organisations import Organisation, OrganisationKind
from api.store.models.resources import Site
from api.store.scope import everything
from tests.bench.kill_roles import open_store, serve, work, write

SERVER_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
ACKNOWLEDGED_PER_KILL = 6
"""The next one is killed only after so much was acknowledged; the harness fails below the least."""
FEWEST_ACKNOWLEDGED_PER_KILL = 5
DRAIN_SECONDS = 180.0
PAUSE_SECONDS = (0.05, 0.5)
"""Between two kills; a process is killed only once it has done something."""
ROLES = ("server", "worker", "worker", "writer", "writer", "writer")
SCOPE = everything("bench")
TARGETS: dict[str, Callable[..., None]] = {"server": serve, "worker": work, "writer": write}
FORKS = multiprocessing.get_context("forkserver")
"""Processes are forked from one that has loaded everything, so that killing and not loading is what takes the time."""
FORKS.set_forkserver_preload(["tests.bench.kill_roles"])


@dataclass(frozen=True, slots=True)
class Found:
    """What the harness saw; `faults` is empty when nothing was lost."""

    database: str
    kills: dict[str, int]
    acknowledged_jobs: int
    acknowledged_edits: int
    states: dict[str, int]
    attempts_most: int
    seconds: float
    faults: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Everything that somebody was told is done."""
        return self.acknowledged_jobs + self.acknowledged_edits


def main(argv: list[str]) -> int:
    """Kill so many processes; 1 when something was lost, or too little was acknowledged to say so."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        found = run(options.kills, options.database, options.seed, Path(folder))
    for name, value in asdict(found).items():
        print(f"{name:20} {value}")
    print(f"{'acknowledged':20} {found.acknowledged}")
    print(f"{'lost':20} {len(found.faults)}")
    return 1 if found.faults else 0


def run(kills: int, database: str, seed: int, folder: Path) -> Found:
    """Kill so many processes on a fresh database and say what was lost."""
    with ExitStack() as stack:
        url = stack.enter_context(_fresh_postgresql()) if database == "postgresql" else ""
        values = _settings(url, folder)
        store = open_store(values)
        stack.callback(store.close)
        store.migrate()
        key, sites = _county(store)
        crowd = _Crowd(random.Random(seed), folder, values, key, sites)
        stack.callback(crowd.end)
        began = time.monotonic()
        crowd.start()
        while crowd.kills.total() < kills:
            time.sleep(crowd.rng.uniform(*PAUSE_SECONDS))
            if len(crowd.acknowledged()) > ACKNOWLEDGED_PER_KILL * crowd.kills.total():
                crowd.kill_one()
        crowd.end_writers()
        _drain(store)
        crowd.end()
        return _judged(store, database, crowd, sites, time.monotonic() - began)


def _settings(url: str, folder: Path) -> dict[str, str]:
    """The settings of all processes."""
    return {
        "XUNZHEN_MODE": "demo",
        "XUNZHEN_DATA_DIR": str(folder),
        "XUNZHEN_DATABASE_URL": url,
        "XUNZHEN_REQUESTS_PER_MINUTE": "0",
        "XUNZHEN_ADDRESS_REQUESTS_PER_MINUTE": "0",
    }


@contextmanager
def _fresh_postgresql() -> Iterator[str]:
    """The URL of a database of our own, dropped at the end."""
    address = os.environ.get("XUNZHEN_TEST_POSTGRESQL", SERVER_URL)
    name = f"xunzhen_kill_{uuid4().hex[:12]}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    try:
        yield make_url(address).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def _county(store: Database) -> tuple[str, list[str]]:
    """A county with a township, the key of its administrator, and a site for every writer to change."""
    with store.session(SCOPE) as session:
        county = Organisation(external_id="COUNTY", kind=OrganisationKind.COUNTY.value)
        session.add(county)
        session.flush()
        township = Organisation(external_id="T1", parent_id=county.id)
        session.add(township)
        session.flush()
        count = ROLES.count("writer")
        sites = [
            Site(organisation_id=township.id, external_id=f"V{n}", kind="village", latitude=36.7, longitude=118.9)
            for n in range(count)
        ]
        session.add_all(sites)
        session.flush()
        new = NewKey(name="bench", organisation_id=county.id, role="county_admin")
        return add_key(session, new, AccessSettings(), now())[1].text, [site.id for site in sites]


class _Crowd:
    """All processes, who was killed, and what was acknowledged."""

    def __init__(self, rng: random.Random, folder: Path, values: dict[str, str], key: str, sites: list[str]) -> None:
        self.rng = rng
        self.kills: Counter[str] = Counter()
        self._folder, self._values = folder, values
        self._processes: list[tuple[str, BaseProcess]] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._key, self._sites = key, sites

    def start(self) -> None:
        """Everybody."""
        self._processes = [(role, self._started(number)) for number, role in enumerate(ROLES)]

    def _started(self, number: int) -> BaseProcess:
        """A process in its place among the roles."""
        role = ROLES[number]
        words: tuple[object, ...] = (self._values, self._ready(number), self._port)
        if role == "writer":
            site = self._sites[ROLES[:number].count("writer")]
            words = (*words, self._key, site, self._folder / f"acknowledged-{number}", self._ready(0))
        process = FORKS.Process(target=TARGETS[role], args=words, daemon=True)
        process.start()
        return process

    def kill_one(self) -> None:
        """Kill a process at random that has done something, if there is one, and start another in its place."""
        for number, (role, process) in enumerate(self._processes):
            if not process.is_alive():
                raise RuntimeError(f"{role} {number} ended by itself with code {process.exitcode}")
        busy = [number for number in range(len(self._processes)) if self._ready(number).exists()]
        if not busy:
            return
        number = self.rng.choice(busy)
        role, process = self._processes[number]
        process.kill()
        process.join()
        self.kills[role] += 1
        self._ready(number).unlink(missing_ok=True)
        self._processes[number] = (role, self._started(number))

    def _ready(self, number: int) -> Path:
        return self._folder / f"ready-{number}"

    def end_writers(self) -> None:
        """No more is asked for."""
        for role, process in self._processes:
            if role == "writer":
                process.kill()
                process.join()

    def end(self) -> None:
        """Nobody is left."""
        for _, process in self._processes:
            process.kill()
            process.join()

    def acknowledged(self) -> list[tuple[str, str, int]]:
        """What was acknowledged: job or edit, the id, the version; a last line that was cut off does not count."""
        found = []
        for file in self._folder.glob("acknowledged-*"):
            for line in file.read_text().splitlines(keepends=True):
                words = line.split()
                if line.endswith("\n") and len(words) == 3:
                    found.append((words[0], words[1], int(words[2])))
        return found


def until_count(count: Callable[[], int], wanted: int) -> None:
    """Wait until so many are there. Raises TimeoutError."""
    give_up_at = time.monotonic() + DRAIN_SECONDS
    while count() < wanted:
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"waited {DRAIN_SECONDS:.0f} s for {wanted}, found {count()}")
        time.sleep(0.1)


def _drain(store: Database) -> None:
    """Wait until no job is open."""

    def ended() -> int:
        with store.session(SCOPE, read_only=True) as session:
            return int(not session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(OPEN))))

    until_count(ended, 1)


def _judged(store: Database, database: str, crowd: _Crowd, sites: list[str], seconds: float) -> Found:
    """Everything that was acknowledged against everything that is there."""
    told = crowd.acknowledged()
    jobs = {name for kind, name, _ in told if kind == "job"}
    edits = [(name, version) for kind, name, version in told if kind == "edit"]
    with store.session(SCOPE, read_only=True) as session:
        states = {job.id: job.state for job in session.scalars(select(Job))}
        attempts = session.scalar(select(func.max(Job.attempt))) or 0
        versions = {site.id: site.version for site in session.scalars(select(Site))}
        audited = Counter(session.scalars(select(AuditEntry.target_id).where(AuditEntry.target_id.in_(sites))))
        faults = [f"the chain {broken.chain} is broken: {broken.reason}" for broken in verify_all(session)]
        faults += _event_faults(list(session.scalars(select(JobEvent).order_by(JobEvent.job_id, JobEvent.number))))
    faults += [f"job {name} is not there" for name in jobs - states.keys()]
    faults += [f"job {name} is {state}" for name, state in states.items() if state not in ENDED]
    faults += [f"version {version} of {name} is not there" for name, version in edits if versions[name] < version]
    told_of = Counter(name for name, _ in edits)
    faults += [f"{name}: audited {audited[name]} times" for name in told_of if audited[name] < told_of[name]]
    if len(jobs) + len(edits) < FEWEST_ACKNOWLEDGED_PER_KILL * crowd.kills.total():
        faults.append("too little was acknowledged to say anything")
    counts = dict(Counter(states.values()))
    return Found(database, dict(crowd.kills), len(jobs), len(edits), counts, attempts, round(seconds, 1), faults)


def _event_faults(events: list[JobEvent]) -> list[str]:
    """Jobs whose events have gaps, or that ended more or less than once."""
    by_job: dict[str, list[JobEvent]] = {}
    for event in events:
        by_job.setdefault(event.job_id, []).append(event)
    faults = []
    for job_id, own in by_job.items():
        if [event.number for event in own] != list(range(1, len(own) + 1)):
            faults.append(f"the events of job {job_id} have gaps")
        ends = sum(event.kind == EventKind.STATE and event.data["state"] in ENDED for event in own)
        if ends != 1:
            faults.append(f"job {job_id} ended {ends} times")
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
