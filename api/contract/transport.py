"""How a call reaches a contract system and its answer comes back; replaceable, with HTTP as the real one."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from time import monotonic
from typing import Protocol

import httpx2

from api.contract.errors import BadAnswer, ContractError, NotAnswered, Refused

LONGEST_WAIT_SECONDS = 600.0
TRY_LATER = frozenset({408, 425, 429, *range(500, 600)})
KEY_REFUSED = frozenset({401, 403, 407})


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of the other side."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back with a status of 2xx."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Carries one call. Raises NotAnswered, BadAnswer or Refused."""

    def send(self, call: Call) -> Answer:
        """The answer of one attempt."""

    def close(self) -> None:
        """Give back connections."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much an answer may be."""

    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    """Between two pieces of an answer."""
    total_seconds: float = 60.0
    most_bytes: int = 16 * 2**20


class HttpTransport:
    """Calls over HTTP: no proxy from the environment, no redirect, no compression, bounded in time and size."""

    def __init__(self, base_url: str, key: str = "", bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "xunzhen"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        timeout = httpx2.Timeout(self.bounds.read_seconds, connect=self.bounds.connect_seconds)
        self._base = base_url.rstrip("/")
        self._client = httpx2.Client(
            headers=headers, timeout=timeout, trust_env=False, follow_redirects=False, verify=_trust()
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def send(self, call: Call) -> Answer:
        """One attempt over HTTP."""
        started = monotonic()
        headers = dict(call.headers)
        if call.body is not None:
            headers.setdefault("Content-Type", "application/json")
        try:
            with self._client.stream(
                call.method, self._base + call.path, params=call.query or None, content=call.body, headers=headers
            ) as response:
                _judge_status(response)
                body = self._read(response, started)
                return Answer(response.status_code, response.headers.get("content-type", ""), body)
        except httpx2.TimeoutException:
            raise _not_answered("TIMED_OUT") from None
        except httpx2.RemoteProtocolError:
            raise _not_answered("CUT_OFF") from None
        except (httpx2.RequestError, httpx2.InvalidURL, httpx2.StreamError, UnicodeError):
            raise _not_answered("NO_CONNECTION") from None

    def _read(self, response: httpx2.Response, started: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise BadAnswer("COMPRESSED", "应答被压缩，请关闭", "the answer is compressed; switch that off")
        pieces, size = [], 0
        for piece in response.iter_raw():
            size += len(piece)
            if size > self.bounds.most_bytes:
                most = self.bounds.most_bytes
                raise BadAnswer("TOO_LARGE", f"应答超过 {most} 字节", f"the answer is longer than {most} bytes")
            if monotonic() - started > self.bounds.total_seconds:
                raise _not_answered("TIMED_OUT")
            pieces.append(piece)
        return b"".join(pieces)


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that we trust; reading them takes a tenth of a second."""
    return ssl.create_default_context()


def _judge_status(response: httpx2.Response) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    raise error_of(status, wait_seconds(response.headers.get("retry-after", "")))


def error_of(status: int, wait: float = 0.0) -> ContractError:
    """The error that a status stands for, as HTTP or in a body with a status of its own."""
    if status in KEY_REFUSED:
        return NotAnswered("KEY_REFUSED", "对方不接受密钥，请核对", "the other side refuses our key; check it", wait)
    if status in TRY_LATER:
        zh, en = f"对方暂时不能应答（{status}）", f"the other side cannot answer now ({status})"
        return NotAnswered(f"STATUS_{status}", zh, en, wait)
    if 300 <= status < 400:
        return BadAnswer("REDIRECTED", "对方要求转到别处，请改正地址", "it redirects; correct the address")
    name = HTTPStatus(status).phrase if status in set(HTTPStatus) else "no status of HTTP"
    return Refused(f"STATUS_{status}", f"对方拒绝（{status}）", f"the other side refuses ({status} {name})")


def wait_seconds(text: str) -> float:
    """What a Retry-After header asks for, never below 0 nor above ten minutes."""
    try:
        seconds = float(text) if text.strip().isdigit() else _seconds_until(parsedate_to_datetime(text))
    except (TypeError, ValueError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _seconds_until(moment: datetime) -> float:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


_WORDS = {
    "TIMED_OUT": ("对方没有及时应答", "there was no answer in time"),
    "CUT_OFF": ("应答中断", "the answer was cut off"),
    "NO_CONNECTION": ("连接不上，请核对地址和网络", "no connection; check address and network"),
}


def _not_answered(code: str) -> NotAnswered:
    return NotAnswered(code, *_WORDS[code])
