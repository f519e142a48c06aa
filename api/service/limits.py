"""Limits that are stated and kept: bytes of a body as counted, requests a minute, solves at the same time."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from threading import BoundedSemaphore
from typing import TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.door import COOKIE
from api.config import Settings
from api.service.catalogue import kind_of
from api.service.problems import ProblemError, problem_response

UNLIMITED_PATHS = ("/healthz", "/readyz")
SOLVE_RETRY_SECONDS = 5
BODY_LIMIT = "body_limit"
"""Where the limit of a request's body lies in the state of its scope."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def large_body(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint whose body may be as large as an upload although it is JSON."""
    endpoint.__dict__["has_large_body"] = True
    return endpoint


@dataclass(slots=True)
class BodyLimit:
    """The most bytes that a request's body may have; a route may widen it before the body is read."""

    most_bytes: int
    most_upload_bytes: int

    def widen(self) -> None:
        """Allow as much as an upload may have."""
        self.most_bytes = self.most_upload_bytes

    def judge(self, count: int) -> None:
        """Raises ProblemError when so many bytes are too many."""
        if count > self.most_bytes:
            detail = f"more than {self.most_bytes} bytes / 超过 {self.most_bytes} 字节"
            raise ProblemError("BODY_TOO_LARGE", detail=detail, extra={"limit_bytes": self.most_bytes})


@dataclass(frozen=True, slots=True)
class CountedBodies:
    """Counts the bytes of every body as they come, whatever Content-Length says."""

    app: ASGIApp
    settings: Settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = BodyLimit(self.settings.max_json_bytes, self.settings.max_upload_bytes)
        scope.setdefault("state", {})[BODY_LIMIT] = limit
        announced = Headers(scope=scope).get("content-length", "")
        count = 0

        async def receive_counted() -> Message:
            nonlocal count
            if announced.isascii() and announced.isdecimal():
                limit.judge(int(announced[:20]))
            message = await receive()
            if message["type"] == "http.request":
                count += len(message.get("body", b""))
                limit.judge(count)
            return message

        await self.app(scope, receive_counted, send)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands with a limit: what is left, and the seconds until something is free again."""

    amount: int
    left: int
    seconds: int
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts requests by caller and by address within this process; secrets are kept as digests only."""

    by_caller: int
    by_address: int
    _limiter: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )

    def hit(self, scope: Scope) -> Standing | None:
        """Count a request; the tightest limit's standing, or None where there is none."""
        address = scope["client"][0] if scope.get("client") else "unknown"
        # A made-up key gets a counter of its own, so that the address is counted as well.
        limits = [(self.by_address, f"address:{address}")]
        caller = caller_digest(Headers(scope=scope))
        limits.append((self.by_caller, f"caller:{caller}" if caller else f"nobody:{address}"))
        standings = [self._hit(amount, name) for amount, name in limits if amount]
        return min(standings, key=lambda standing: (not standing.is_refused, standing.left), default=None)

    def _hit(self, amount: int, name: str) -> Standing:
        item = RateLimitItemPerMinute(amount)
        is_within = self._limiter.hit(item, name)
        window = self._limiter.get_window_stats(item, name)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        return Standing(amount, window.remaining if is_within else 0, seconds, not is_within)


def caller_digest(headers: Headers) -> str:
    """A short digest of the credential of a request, or "" without one."""
    secret = headers.get("authorization", "") or _cookie(headers)
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()[:24] if secret else ""


def _cookie(headers: Headers) -> str:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Refuses callers who ask too often, and tells everybody how they stand."""

    app: ASGIApp
    rates: Rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED_PATHS:
            await self.app(scope, receive, send)
            return
        standing = self.rates.hit(scope)
        if standing is None:
            await self.app(scope, receive, send)
            return
        told = {
            "RateLimit-Policy": f'"requests";q={standing.amount};w=60',
            "RateLimit": f'"requests";r={standing.left};t={standing.seconds}',
        }

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        if not standing.is_refused:
            await self.app(scope, receive, send_told)
            return
        response = problem_response(
            kind_of("TOO_MANY_REQUESTS"),
            request_id=scope.get("state", {}).get("request_id", ""),
            headers={"Retry-After": str(standing.seconds)},
        )
        await response(scope, receive, send_told)


@dataclass(frozen=True, slots=True)
class SolveSlots:
    """How many answers may be computed inside the service at the same time."""

    slots: BoundedSemaphore

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one slot. Raises ProblemError at once when none is free."""
        if not self.slots.acquire(blocking=False):
            raise ProblemError("TOO_MANY_SOLVES", headers={"Retry-After": str(SOLVE_RETRY_SECONDS)})
        try:
            yield
        finally:
            self.slots.release()
