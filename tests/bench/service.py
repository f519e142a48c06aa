"""How many reads of a week plan a second the real service answers, and how long an edit takes at township size.

`python -m tests.bench service --seconds 10 --clients 8 -o figures.csv`. The service is started as a process of its own
by `xunzhen serve` on a SQLite file; every caller has an API key. `--folder DIR` takes the lists of `xunzhen demo`,
else a township of `--people` is made up: the plan of one of 60,000 has about 200 stops; it is read and edited. On a
busy machine the figures of the processor (of the service alone, for each request) tell more than those of the wall
clock. 1 when a target is missed.
"""

import argparse
import csv
import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from api.access.api_keys import NewKey, add_key
from api.access.settings import AccessSettings
from api.config import Settings
from api.demo import write_demo
from api.store.base import now
from api.store.database import Database
from api.store.models.organisations import Organisation
from api.store.scope import everything, organisation_scope
from api.weeks import import_folder, prepare_week, store_plan
from optimizer.plan import Plan
from optimizer.solve import SolveParams, solve
from optimizer.tables import monday_of, read_folder

WEEK = "2026-W48"
READS_A_SECOND, READ_P99_MS, EDIT_P95_MS = 500.0, 100.0, 100.0
START_SECONDS = 120.0
WARM_UP = 20
CALL = ("-c", "from api.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one kind of request; times of the wall are those that a client waited."""

    name: str
    requests: int
    wrong: int
    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    server_cpu_ms: float
    """Processor time of the service for one request."""


@dataclass(frozen=True, slots=True)
class Town:
    """A township in the store: its plan, some things in it, and a key."""

    plan_id: str
    key: str
    follow_ups: tuple[str, ...]
    crews: dict[str, int]
    """Stops of every crew."""

    @property
    def stops(self) -> int:
        """Stops of all crews."""
        return sum(self.crews.values())


def main(argv: list[str]) -> int:
    """Run the bench; 1 when a target is missed."""
    options = _options(argv)
    with tempfile.TemporaryDirectory(prefix="xunzhen-bench-") as name:
        folder = Path(name)
        town = _planned(folder, options)
        print(f"a plan of {town.stops} stops with {len(town.follow_ups)} follow-ups there", flush=True)
        with _service(folder) as (port, process_id):
            kinds = chain(_reads(port, process_id, town, options), _edits(port, process_id, town, options))
            figures = [(each, _judged(each)) for each in kinds]
    if options.output:
        with options.output.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(asdict(figures[0][0])))
            writer.writeheader()
            writer.writerows(asdict(each) for each, _ in figures)
    return 0 if all(is_met for _, is_met in figures) else 1


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench service", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="for each kind of read")
    parser.add_argument("--clients", type=int, default=8, help="processes that read at the same time")
    parser.add_argument("--samples", type=int, default=100, help="edits of each kind")
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--iterations", type=int, default=2_000, help="of the search for the plan that is edited")
    parser.add_argument("--folder", type=Path, help="lists of xunzhen demo, instead of a made-up township")
    parser.add_argument("-o", "--output", type=Path, help="CSV file that gets the figures")
    return parser.parse_args(argv)


def _planned(folder: Path, options: argparse.Namespace) -> Town:
    """A township, planned and stored."""
    settings = Settings.from_values({"mode": "demo", "data_dir": folder})
    database = Database(settings.database_location, settings.key_ring)
    database.migrate()
    lists = options.folder
    if lists is None:
        lists = folder / "lists"
        lists.mkdir()
        write_demo(lists, 1, options.people, monday_of(WEEK))
    town = _town(database, folder, lists, options.iterations)
    database.close()
    return town


def _town(database: Database, data: Path, lists: Path, iterations: int) -> Town:
    with database.session(everything("bench")) as session:
        organisation = Organisation(external_id="BENCH")
        session.add(organisation)
        session.flush()
        own = organisation.id
        new = NewKey(name="bench", organisation_id=own, role="county_admin")
        key = add_key(session, new, AccessSettings(), now())[1].text
    with database.session(organisation_scope(own, "bench")) as session:
        import_folder(session, own, read_folder(lists), monday=monday_of(WEEK))
    with database.session(organisation_scope(own, "bench"), read_only=True) as session:
        prepared = prepare_week(session, own, WEEK, data)
    result = solve(prepared.problem, SolveParams(iterations=iterations, workers=1))
    with database.session(organisation_scope(own, "bench")) as session:
        plan_id = store_plan(session, own, WEEK, prepared, result).id
    return Town(plan_id, key, *_parts(result.plan))


def _parts(plan: Plan) -> tuple[tuple[str, ...], dict[str, int]]:
    """Planned follow-ups, and the number of stops of every crew."""
    names = tuple(name for crew in plan.crews for stop in crew.stops for name in stop.follow_ups)
    return names, {crew.id: len(crew.stops) for crew in plan.crews}


@contextmanager
def _service(folder: Path) -> Iterator[tuple[int, int]]:
    """The service as people start it, with its port and process id."""
    port_file = folder / "port"
    # Rates are counted as ever, only not refused.
    limits = dict.fromkeys(("XUNZHEN_REQUESTS_PER_MINUTE", "XUNZHEN_ADDRESS_REQUESTS_PER_MINUTE"), "1000000000")
    environment = {**os.environ, **limits, "XUNZHEN_MODE": "demo", "XUNZHEN_DATA_DIR": str(folder)}
    call = [sys.executable, *CALL, "serve", "--workers", "0", "--port", "0", "--port-file", str(port_file)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(call, env=environment, stdout=log, stderr=log)
    try:
        ends = time.monotonic() + START_SECONDS
        while not (port_file.exists() and port_file.read_text()) and time.monotonic() < ends:
            time.sleep(0.05)
        yield int(port_file.read_text()), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


class Client:
    """One connection that is kept, with as little work of its own as can be."""

    def __init__(self, port: int, key: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")
        self.head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"

    def ask(self, method: str, path: str, headers: str = "", body: Any = None) -> tuple[int, bytes]:
        """Status and content of an answer."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if body is not None else ""
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{self.head}{headers}{kind}\r\n".encode() + content)
        status = int(self.file.readline().split()[1])
        length = 0
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, self.file.read(length) if length else b""


def _read_often(port: int, key: str, path: str, headers: str, seconds: float, wanted: int) -> tuple[list[float], int]:
    """Milliseconds of each answer to one client, and how many were not as wanted."""
    client, times, wrong = Client(port, key), [], 0
    for _ in range(WARM_UP):
        client.ask("GET", path, headers)
    ends = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < ends:
        wrong += client.ask("GET", path, headers)[0] != wanted
        times.append((time.perf_counter() - begun) * 1000)
    return times, wrong


def _reads(port: int, process_id: int, town: Town, options: argparse.Namespace) -> Iterator[Figures]:
    """Reads by many clients, each a process of its own."""
    plan = f"/v1/plans/{town.plan_id}"
    version = json.loads(Client(port, town.key).ask("GET", f"{plan}?fields=version")[1])["version"]
    kinds = (
        ("read plan with document", plan, "", 200),
        ("read plan, not modified", plan, f'If-None-Match: "{version}"\r\n', 304),
        ("read stops, a page of 200", f"{plan}/stops?limit=200", "", 200),
    )
    with multiprocessing.get_context("spawn").Pool(options.clients) as pool:
        for name, path, headers, wanted in kinds:
            cpu = _cpu_seconds(process_id)
            call = (port, town.key, path, headers, options.seconds, wanted)
            found = pool.starmap(_read_often, [call] * options.clients)
            times = [each for client, _ in found for each in client]
            spent = _cpu_seconds(process_id) - cpu
            count = len(times) + WARM_UP * options.clients
            yield _figures(name, times, sum(wrong for _, wrong in found), options.seconds, spent / count)


def _edits(port: int, process_id: int, town: Town, options: argparse.Namespace) -> Iterator[Figures]:
    """Edits, dry ones first, and recommendations by one client after the other."""
    client, board, plan = Client(port, town.key), Board(town), f"/v1/plans/{town.plan_id}"
    tag = f'If-Match: "{json.loads(client.ask("GET", f"{plan}?fields=version")[1])["version"]}"\r\n'

    def dry() -> tuple[int, bytes]:
        return client.ask("POST", f"{plan}/edits", tag, {"edits": [board.edit()], "dry_run": True})

    def kept() -> tuple[int, bytes]:
        nonlocal tag
        edit = board.edit()
        status, content = client.ask("POST", f"{plan}/edits", tag, {"edits": [edit]})
        if status == 200:
            answer = json.loads(content)
            board.note(edit, answer)
            tag = f'If-Match: "{answer["version"]}"\r\n'
        return status, content

    def advised() -> tuple[int, bytes]:
        return client.ask("POST", f"{plan}:recommend", "", {"follow_up": board.follow_up(), "most": 5})

    yield _measured("edit, only asked (dry_run)", dry, process_id, options.samples)
    yield _measured("edit with check and price", kept, process_id, options.samples)
    yield _measured("recommend", advised, process_id, options.samples)


class Board:
    """What a leader has on the screen, and does with it: mostly a stop dragged to another crew."""

    def __init__(self, town: Town) -> None:
        self.random = random.Random(1)
        self.follow_ups, self.stops = list(town.follow_ups), dict(town.crews)

    def follow_up(self) -> str:
        """One that is in the plan."""
        return self.random.choice(self.follow_ups)

    def edit(self) -> dict[str, Any]:
        """The next change; no crew loses its last stops."""
        if self.random.random() < 0.7:
            crew, other = self.random.sample(sorted(crew for crew, stops in self.stops.items() if stops > 2), 2)
            return {"kind": "move_stop", "crew": crew, "position": 0, "to_crew": other}
        if self.random.random() < 0.3:
            return {"kind": "pin", "target": self.follow_up(), "level": "day"}
        return {"kind": "move_follow_up", "follow_up": self.follow_up(), "to": {"kind": "later"}}

    def note(self, edit: dict[str, Any], answer: dict[str, Any]) -> None:
        """See what became of a change."""
        if edit["kind"] == "move_follow_up":
            self.follow_ups.remove(edit["follow_up"])
        for crew in answer["crews"]:
            self.stops[crew["id"]] = len(crew["stops"])


def _measured(name: str, work: Callable[[], tuple[int, bytes]], process_id: int, samples: int) -> Figures:
    """Figures of one client that asks again and again; only what was done counts, at the start not at all."""
    for _ in range(3):
        work()
    times, wrong, cpu, begun = [], 0, _cpu_seconds(process_id), time.perf_counter()
    for _ in range(samples):
        before = time.perf_counter()
        status, _ = work()
        if status == 200:
            times.append((time.perf_counter() - before) * 1000)
        wrong += status != 200
    spent, seconds = _cpu_seconds(process_id) - cpu, time.perf_counter() - begun
    return _figures(name, times, wrong, seconds, spent / samples)


def _cpu_seconds(process_id: int) -> float:
    """Processor time that the service has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _figures(name: str, times: list[float], wrong: int, seconds: float, cpu_seconds: float) -> Figures:
    ordered = sorted(times)

    def share(part: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2) if ordered else 0.0

    rate = round(len(times) / seconds, 1)
    return Figures(name, len(times), wrong, rate, share(0.5), share(0.95), share(0.99), round(cpu_seconds * 1000, 3))


def _judged(figures: Figures) -> bool:
    """Print the figures; whether they meet the targets."""
    print(
        f"{figures.name}: {figures.requests} answers, {figures.wrong} others, {figures.requests_per_second}/s, wall "
        f"p50 {figures.p50_ms} p95 {figures.p95_ms} p99 {figures.p99_ms} ms | processor of the service "
        f"{figures.server_cpu_ms} ms a request",
        flush=True,
    )
    if figures.name.startswith("read"):
        return figures.requests_per_second >= READS_A_SECOND and figures.p99_ms < READ_P99_MS and not figures.wrong
    return not figures.name.startswith("edit") or (figures.p95_ms < EDIT_P95_MS and not figures.wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
