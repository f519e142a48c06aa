"""The engine on this machine: one child process per solve, spoken to by pipes."""

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import api
from api.jobs.messages import (
    CANCEL_LINE,
    LOADING,
    STARTING,
    Cancelled,
    Found,
    Message,
    OnMessage,
    Order,
    Refused,
    Solved,
    message_of,
)
from api.jobs.refusals import JobRefused

LISTEN_SECONDS = 0.05
"""How often cancelling and the deadline are looked at."""
CANCEL_SECONDS = 5.0
"""How long a cancelled process may take to hand in its best plan."""
SECRET_PREFIX = "XUNZHEN_"
COMPLAINT_BYTES = 4_000
NO_MEMORY = (b"memoryerror", b"bad_alloc", b"allocate memory", b"memory allocation", b"failed to map segment")
"""What a process says on stderr when its address space is used up below Python."""


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Solves in a process of its own, which can be killed and cannot take the service with it."""

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        """The answer to an order. Raises JobRefused."""
        with tempfile.TemporaryFile() as complaints, _started(complaints) as process:
            try:
                return _Conversation(process, order, complaints).hold(on_message, cancelled)
            finally:
                _end(process)

    def close(self) -> None:
        """Nothing is held."""


def _started(complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    """A child process. It gets none of our settings, for they hold secrets that no solver needs."""
    root = str(Path(api.__file__).resolve().parent.parent)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SECRET_PREFIX)}
    paths = [root, *filter(None, [kept.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "api.jobs.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env={**kept, "PYTHONPATH": os.pathsep.join(paths)},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Make sure that a process is gone; one that has ended does not mind."""
    process.kill()
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # what it did not read any more
            process.stdin.close()


class _Conversation:
    """One order and what the process says to it."""

    def __init__(self, process: subprocess.Popen[bytes], order: Order, complaints: IO[bytes]) -> None:
        self._process = process
        self._order = order
        self._complaints = complaints
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._kill_at = time.monotonic() + order.deadline_seconds
        self._is_cancelled = False
        self._is_searching = False

    def hold(self, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        """The answer; raises JobRefused when there is none."""
        threading.Thread(target=self._read, daemon=True).start()
        self._say(self._order.head(), self._order.document.encode())
        while True:
            message = self._next(cancelled)
            if isinstance(message, Solved):
                return message
            if isinstance(message, Refused):
                raise JobRefused(message.code, message.faults)
            self._is_searching = isinstance(message, Found) or message.phase not in (STARTING, LOADING)
            on_message(message)

    def _read(self) -> None:
        """Hand the lines over, an empty one at the end."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _say(self, *parts: bytes) -> None:
        """Write to the process; if it has gone, reading tells why."""
        assert self._process.stdin is not None
        try:
            for part in parts:
                self._process.stdin.write(part)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def _next(self, cancelled: Cancelled) -> Message:
        """The next message; raises JobRefused at the deadline and when the process is gone."""
        while True:
            self._look_after(cancelled)
            try:
                line = self._lines.get(timeout=LISTEN_SECONDS)
            except queue.Empty:
                continue
            if not line:
                raise JobRefused("STOPPED" if self._is_cancelled else self._why_gone())
            return message_of(line)

    def _look_after(self, cancelled: Cancelled) -> None:
        """Pass a cancel on once; raise JobRefused when the time is up."""
        if not self._is_cancelled and cancelled():
            self._is_cancelled = True
            patience = CANCEL_SECONDS if self._is_searching else 0.0
            self._kill_at = min(self._kill_at, time.monotonic() + patience)
            self._say(CANCEL_LINE)
        if time.monotonic() >= self._kill_at:
            raise JobRefused("STOPPED" if self._is_cancelled else "TOO_LONG")

    def _why_gone(self) -> str:
        """The reason of a process that ended without an answer."""
        from api.jobs.child import OVERDUE

        code = self._process.wait()
        self._complaints.seek(max(0, self._complaints.seek(0, os.SEEK_END) - COMPLAINT_BYTES))
        said = self._complaints.read().lower()
        if code == OVERDUE:
            return "TOO_LONG"
        return "OUT_OF_MEMORY" if any(word in said for word in NO_MEMORY) else "SOLVER_CRASHED"
