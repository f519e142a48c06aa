"""Signed addresses of calendar feeds: a calendar program cannot sign in, so its address says what it may read.

A token holds opaque ids and an expiry and is signed with HMAC-SHA256; who has it may read that one calendar.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

PURPOSE = b"xunzhen calendar feed 1\0"
"""Keeps a signature from serving any other use of the same key."""
LONGEST = 1024
SIGNATURE_BYTES = 32


class FeedTokenError(ValueError):
    """A token that was not signed here, was changed, or has expired; which of them is not told."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed shows: a crew of a plan, or (without a plan) the published weeks of a member."""

    organisation_id: str
    plan_id: str
    crew: str
    member: str
    expires_at: int
    """Seconds since 1970."""

    @property
    def expiry(self) -> datetime:
        """The moment from which the address is no longer good."""
        return datetime.fromtimestamp(self.expires_at, UTC)


def sign_feed(feed: Feed, key: bytes) -> str:
    """The token of a feed, safe in an address."""
    payload = json.dumps(astuple(feed), ensure_ascii=True, separators=(",", ":")).encode()
    return _encoded(payload + _signature(payload, key))


def verify_feed(token: str, key: bytes, moment: datetime) -> Feed:
    """The feed of a token. Raises FeedTokenError; the comparison takes the same time wherever a token is wrong."""
    content = _decoded(token)
    payload, signature = content[:-SIGNATURE_BYTES], content[-SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(payload, key)):
        raise FeedTokenError("not signed here")
    feed = Feed(*json.loads(payload))
    if moment.timestamp() >= feed.expires_at:
        raise FeedTokenError("expired")
    return feed


def _signature(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, PURPOSE + payload, hashlib.sha256).digest()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(token: str) -> bytes:
    if len(token) > LONGEST or not token.isascii():
        raise FeedTokenError("not a token")
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise FeedTokenError("not a token") from None
    if _encoded(content) != token:  # several texts would decode to the same bytes
        raise FeedTokenError("not a token")
    return content
