"""The outermost frame of every request: its id, headers that protect browsers, one log line and the figures."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.service.logs import log
from api.service.metrics import UNMATCHED, Metrics
from api.store.base import new_id

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TRANSPORT = "max-age=31536000; includeSubDomains"
"""Strict-Transport-Security, sent behind TLS only."""
QUIET_PATHS = ("/healthz", "/readyz", "/metrics")


@dataclass(slots=True)
class Seen:
    """What was seen of an answer on its way out."""

    started: float
    status: int = 0
    bytes_sent: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Wraps the whole application, also its answer to an unforeseen error."""

    app: ASGIApp
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything else passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        seen = Seen(time.perf_counter())
        with ExitStack() as stack:
            stack.callback(self._note, scope, seen)
            await self.app(scope, receive, _framed(send, scope, seen, request_id))

    def _note(self, scope: Scope, seen: Seen) -> None:
        """Log and count the answer; a status of 0 means that the caller was gone before it."""
        seconds = time.perf_counter() - seen.started
        route = getattr(scope.get("route"), "path", UNMATCHED)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self.metrics.note_request(method=method, route=route, status=seen.status, seconds=seconds)
        if scope["path"] in QUIET_PATHS and seen.status < 400:
            return
        state: dict[str, Any] = scope["state"]
        fields = {
            "request_id": state["request_id"],
            "method": method,
            "route": route,
            "status": seen.status,
            "seconds": round(seconds, 4),
            "bytes": seen.bytes_sent,
            "actor": state.get("actor", ""),
        }
        log("request", fields, level=logging.ERROR if seen.status >= 500 else logging.INFO)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _framed(send: Send, scope: Scope, seen: Seen, request_id: str) -> Callable[[Message], Any]:
    """The sender with our headers, which also remembers what it sent."""

    async def send_framed(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            headers["X-Request-ID"] = request_id
            if scope.get("scheme") == "https":
                headers.setdefault("Strict-Transport-Security", TRANSPORT)
        elif message["type"] == "http.response.body":
            seen.bytes_sent += len(message.get("body", b""))
        await send(message)

    return send_framed
