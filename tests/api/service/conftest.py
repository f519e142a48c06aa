"""An application on a real database with two organisations below a county, and keys for callers of every role."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.config import Settings
from api.service.app import create_app
from api.store.database import Database
from tests.api.service.township import Township, make_township
from tests.api.store.databases import (
    database,
    postgresql_database,
    postgresql_url,
    sqlite_database,
    sqlite_template,
)

__all__ = ["database", "postgresql_database", "postgresql_url", "sqlite_database", "sqlite_template"]

Serve = Callable[[FastAPI], str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a demo in a folder of its own."""
    return Settings.from_values({"mode": "demo", "data_dir": tmp_path})


@pytest.fixture
def township(sqlite_database: Database) -> Township:
    """Two township hospitals below a county in an embedded database."""
    return make_township(sqlite_database)


@pytest.fixture
def app(settings: Settings, township: Township) -> FastAPI:
    """The application on the township's database."""
    return create_app(settings, township.database)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the application without credentials; an unforeseen error is an answer, as outside."""
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def leader(client: TestClient, township: Township) -> "Caller":
    """A client with the county administrator's key."""
    return Caller(client, township.key("county_admin"))


class Caller:
    """A client with a key."""

    def __init__(self, client: TestClient, key: str) -> None:
        self.client = client
        self.key = key

    def send(self, method: str, path: str, **parts: Any) -> Any:
        """The answer to a request with the key."""
        headers = {"Authorization": f"Bearer {self.key}"} | parts.pop("headers", {})
        return self.client.request(method, path, headers=headers, **parts)

    def get(self, path: str, **parts: Any) -> Any:
        """The answer to a GET."""
        return self.send("GET", path, **parts)

    def post(self, path: str, **parts: Any) -> Any:
        """The answer to a POST."""
        return self.send("POST", path, **parts)

    def patch(self, path: str, version: int | None = None, **parts: Any) -> Any:
        """The answer to a PATCH of a version."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.send("PATCH", path, headers=headers, **parts)

    def delete(self, path: str, version: int | None = None) -> Any:
        """The answer to a DELETE of a version."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.send("DELETE", path, headers=headers)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a real server for an application on a free port and gives its address; stops it at the end."""
    running: list[tuple[uvicorn.Server, Thread]] = []

    def start(app: FastAPI) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=10)
