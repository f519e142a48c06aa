"""The engine on a Ray cluster: the same child process, started by a task on whichever machine has room.

Messages and the wish to cancel go through a small actor. Ray is an extra (`xunzhen[ray]`) and loaded here only.
"""

import importlib
import os
import socket
import threading
import time
from typing import Any

from api.jobs.local import LocalEngine
from api.jobs.messages import Cancelled, Found, Look, OnMessage, Order, Refused, Solved
from api.jobs.refusals import REASONS, JobRefused

LOOK_SECONDS = 0.1
"""How often messages are fetched and cancelling is looked at."""
DEFAULT_CPUS = 2
CONNECT_SECONDS = 5.0


class Mailbox:
    """What a far solve says and whether it shall stop; an actor, so that both sides reach it."""

    def __init__(self) -> None:
        self._messages: list[Look | Found] = []
        self._is_cancelled = False

    def put(self, message: Look | Found) -> None:
        """Leave a message; only the latest look is kept."""
        if isinstance(message, Look):
            self._messages = [kept for kept in self._messages if not isinstance(kept, Look)]
        self._messages.append(message)

    def take(self, *, is_cancelled: bool) -> list[Look | Found]:
        """The messages since the last time, and leave word whether to stop."""
        self._is_cancelled = self._is_cancelled or is_cancelled
        taken, self._messages = self._messages, []
        return taken

    def is_cancelled(self) -> bool:
        """Whether the solve shall stop."""
        return self._is_cancelled


def solve_there(order: Order, mailbox: Any) -> Solved | Refused:
    """What the task does on its machine."""
    ray = importlib.import_module("ray")
    asked = [0.0, False]

    def cancelled() -> bool:
        if not asked[1] and time.monotonic() - asked[0] >= LOOK_SECONDS:
            asked[:] = [time.monotonic(), ray.get(mailbox.is_cancelled.remote())]
        return bool(asked[1])

    try:
        solved = LocalEngine().run(order, lambda message: mailbox.put.remote(message), cancelled)
        ray.get(mailbox.is_cancelled.remote())  # it answers in order, so every message is there now
        return solved
    except JobRefused as error:
        reason = error.reason
        return Refused(reason.code, reason.message_zh, reason.message_en, error.faults)


class RayEngine:
    """Solves as tasks of a Ray cluster. Raises JobRefused when Ray is not installed or the cluster does not answer."""

    def __init__(self, address: str) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing goes outside at run time
        try:
            self._ray = importlib.import_module("ray")
            self._errors = importlib.import_module("ray.exceptions").RayError
        except ImportError:
            raise JobRefused("ENGINE_MISSING") from None
        try:
            _require_answer(address)
            with _DOOR:
                self._ray.init(address=address, ignore_reinit_error=True, log_to_driver=False)
                _USERS.append(self)
        except (OSError, ValueError, RuntimeError) as error:
            raise JobRefused("ENGINE_UNREACHABLE") from error

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        """The answer to an order. Raises JobRefused."""
        mailbox = self._ray.remote(num_cpus=0)(Mailbox).remote()
        cpus = order.params.get("workers", DEFAULT_CPUS)
        task = self._ray.remote(num_cpus=cpus, max_retries=0)(solve_there).remote(order, mailbox)
        try:
            answer = self._followed(task, mailbox, on_message, cancelled)
        except self._errors as error:
            raise JobRefused("ENGINE_FAILED") from error
        finally:
            self._ray.kill(mailbox)
        if isinstance(answer, Refused):
            raise JobRefused(answer.code, answer.faults)
        return answer

    def _followed(self, task: Any, mailbox: Any, on_message: OnMessage, cancelled: Cancelled) -> Solved | Refused:
        """The task's answer, with its messages passed on meanwhile; one that waits for room is simply withdrawn."""
        is_begun = False
        while True:
            wish = cancelled()
            if wish and not is_begun:
                self._ray.cancel(task, force=True)
                reason = REASONS["STOPPED"]
                return Refused(reason.code, reason.message_zh, reason.message_en)
            done, _ = self._ray.wait([task], timeout=LOOK_SECONDS)
            for message in self._ray.get(mailbox.take.remote(is_cancelled=wish)):
                is_begun = True
                on_message(message)
            if done:
                answer = self._ray.get(task)
                assert isinstance(answer, Solved | Refused)
                return answer

    def close(self) -> None:
        """Leave the cluster, if no other engine of this process is in it."""
        with _DOOR:
            if self in _USERS:
                _USERS.remove(self)
            if not _USERS:
                self._ray.shutdown()


_DOOR = threading.Lock()
_USERS: list[RayEngine] = []
"""Ray knows one connection per process; the last engine that is closed takes it down."""


def _require_answer(address: str) -> None:
    """Raises OSError when nobody answers at a host and port; Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
