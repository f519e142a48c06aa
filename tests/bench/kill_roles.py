"""The processes that `tests.bench.kill` kills: the server, a worker, a writer. Each gets the settings as values."""

import itertools
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2
import uvicorn
from sqlalchemy import select

from api.config import load_settings
from api.jobs import queue
from api.jobs.local import LocalEngine
from api.jobs.messages import Cancelled, Found, Look, OnMessage, Order, Solved
from api.jobs.queue import NewJob
from api.jobs.store_weeks import StoreWeeks
from api.jobs.work import Shop
from api.jobs.worker import Pace, Worker
from api.service.app import create_app
from api.store.database import Database
from api.store.models.jobs import JobKind
from api.store.models.organisations import Organisation
from api.store.scope import everything

PACE = Pace(lease_seconds=1.5, beat_seconds=0.3, look_seconds=0.02, idle_seconds=0.1)
WRITER_PAUSE_SECONDS = 0.03
REAL_ONE_IN = 150
MOST_ATTEMPTS = 100
"""Here being killed is no fault of the job's."""
SCOPE = everything("bench")


class StandIn:
    """An engine that takes milliseconds and tells like a search; orders with iterations are solved for real."""

    def __init__(self, ready: Path) -> None:
        self._ready = ready

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        """The answer to an order."""
        self._ready.touch()
        if "iterations" in order.params:
            return LocalEngine().run(order, on_message, cancelled)
        found = Found("{}", 1, is_feasible=True, unplanned=0)
        for share in (0.3, 0.6, 0.9):
            time.sleep(0.02)
            on_message(Look("routing", share, 2))
        on_message(found)
        return Solved(found, "{}")

    def close(self) -> None:
        """Nothing is held."""


Values = Mapping[str, str]


def open_store(values: Values) -> Database:
    """The database of the settings."""
    settings = load_settings(values)
    return Database(settings.database_location, settings.key_ring)


def serve(values: Values, ready: Path, port: int) -> None:
    """The HTTP API on a port; it is ready when a writer was answered."""
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(create_app(load_settings(values)), log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def work(values: Values, ready: Path, port: int) -> None:
    """A worker; it is ready when it has a job."""
    logging.getLogger("xunzhen").setLevel(logging.CRITICAL)  # lost jobs are what this is about
    shop = Shop(open_store(values), StandIn(ready), StoreWeeks(load_settings(values).data_dir))
    Worker(shop, concurrency=4, pace=PACE).run(threading.Event())


def write(values: Values, ready: Path, port: int, key: str, site_id: str, file: Path, answered: Path) -> None:
    """Ask for jobs and change a site, for ever, and note what is acknowledged; it is ready after the first change.

    `answered` tells that the server is ready, too.
    """
    store, acks = open_store(values), os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(acks, b"\n")  # whoever was killed here before may have left half a line
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}/v1", headers=headers, timeout=30.0) as client:
        for number in itertools.count(1):
            time.sleep(WRITER_PAUSE_SECONDS)
            os.write(acks, f"job {ask(store, number)} 0\n".encode())
            version = change(client, site_id)
            if version is not None:
                os.write(acks, f"edit {site_id} {version}\n".encode())
                ready.touch()
                answered.touch()


def ask(store: Database, number: int) -> str:
    """The id of a job that is in the queue now."""
    is_real = number % REAL_ONE_IN == 0
    params = {"iterations": 10, "workers": 1} if is_real else {}
    with store.session(SCOPE) as session:
        organisation = session.scalars(select(Organisation.id).where(Organisation.external_id == "T1")).one()
        new = NewJob(
            organisation,
            JobKind.SOLVE,
            {},
            params,
            max_attempts=MOST_ATTEMPTS,
            problem=_document() if is_real else "{}",
        )
        return queue.enqueue(session, new)[0].id


def _document() -> str:
    from optimizer.documents import problem_to_json  # here, because the solver's packages take a second to load
    from tests.builders import a_problem

    return problem_to_json(a_problem())


def change(client: httpx2.Client, site_id: str) -> int | None:
    """The version of a site after a change that was answered; None when nobody answered."""
    try:
        seen = client.get(f"/sites/{site_id}")
        if seen.status_code != 200:
            return None
        headers = {"If-Match": seen.headers["ETag"]}
        answer = client.patch(f"/sites/{site_id}", json={"people": seen.json()["version"]}, headers=headers)
    except httpx2.TransportError:
        return None
    return int(answer.json()["version"]) if answer.status_code == 200 else None
