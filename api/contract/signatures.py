"""Signatures of events: HMAC-SHA256 over `id.timestamp.body` as in the Standard Webhooks, with five minutes' grace."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from api.contract.errors import ContractError

TOLERANCE_SECONDS = 300
LONGEST_ID = 64
SECRET_BYTES = 32
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
MARK = "v1,"
MOST_SIGNATURES = 10
PREFIX = "whsec_"
"""Begins a secret that holds its key as base64, as libraries of the standard write and read it."""


class BadSignature(ContractError, ValueError):
    """An event is not from who it says, or is too old; which of it is told only in `code`."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The three headers of an event."""

    event_id: str
    timestamp: str
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        """As they are sent."""
        return {ID: self.event_id, TIMESTAMP: self.timestamp, SIGNATURE: self.signature}


def sign(secret: str, event_id: str, moment: datetime, body: bytes) -> Signed:
    """The headers for an event."""
    timestamp = str(int(moment.timestamp()))
    return Signed(event_id, timestamp, MARK + _signature(secret, event_id, timestamp, body))


def verify(secret: str, signed: Signed, body: bytes, present: datetime) -> None:
    """Raises BadSignature on a wrong signature, a moment more than five minutes off or a wrong id.

    Several signatures apart by spaces are allowed, so that the other side can change its secret.
    """
    is_id = 0 < len(signed.event_id) <= LONGEST_ID and signed.event_id.isascii() and signed.event_id.isprintable()
    if not is_id or any(sign in signed.event_id for sign in " ."):
        raise _bad("EVENT_ID")
    if not (signed.timestamp.isascii() and signed.timestamp.isdigit() and len(signed.timestamp) <= 12):
        raise _bad("TIMESTAMP")
    expected = (MARK + _signature(secret, signed.event_id, signed.timestamp, body)).encode()
    given = signed.signature.encode("utf-8", "replace").split(b" ")[:MOST_SIGNATURES]
    if not secret or not any(hmac.compare_digest(expected, one) for one in given):
        raise _bad("SIGNATURE")
    if abs(present.timestamp() - int(signed.timestamp)) > TOLERANCE_SECONDS:
        raise _bad("TOO_OLD")


def _signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    message = f"{event_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), message, sha256).digest()).decode()


def _key(secret: str) -> bytes:
    """The bytes of a secret: those behind the prefix, or of any other text the text itself."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass  # a secret that somebody has made up
    return secret.encode()


def new_secret() -> str:
    """A fresh secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


_WORDS = {
    "EVENT_ID": ("webhook-id 应为不含点和空格的短编号", "webhook-id is a short id without dots and spaces"),
    "TIMESTAMP": ("webhook-timestamp 应为秒数", "webhook-timestamp is a number of seconds"),
    "SIGNATURE": ("签名不符，请核对密钥", "the signature is wrong; check the secret"),
    "TOO_OLD": ("时间相差超过5分钟，请校准时钟后重发", "more than 5 minutes off; set the clock and sign again"),
}


def _bad(code: str) -> BadSignature:
    return BadSignature(code, *_WORDS[code])
