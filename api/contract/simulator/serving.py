"""Runs the simulator: for ever in this process, or in a thread for tests and the demo."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

START_SECONDS = 20.0
LOOPBACK = "127.0.0.1"


def make_server(app: Any, port: int, host: str = LOOPBACK) -> uvicorn.Server:
    """A server that is not running yet; cut-off answers are its work, so it logs nothing about them."""
    config = uvicorn.Config(app, host=host, port=port, log_level="critical", access_log=False, lifespan="off",
                            timeout_graceful_shutdown=1)  # fmt: skip
    return uvicorn.Server(config)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of an application that runs in a thread while the block lasts. Raises TimeoutError."""
    listening = socket.create_server((LOOPBACK, 0))
    server = make_server(app, 0)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait_until_started(server)
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()


def _wait_until_started(server: uvicorn.Server) -> None:
    limit = time.monotonic() + START_SECONDS
    while not server.started:
        if time.monotonic() > limit:
            raise TimeoutError("the server did not start")
        time.sleep(0.005)
