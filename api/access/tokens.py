"""Random secrets of 256 bits: how they look, how they are kept, how they are compared.

A slow password hash is for what people choose. A secret of 256 random bits cannot be guessed, so one SHA-256 is
enough to keep it, and a request is checked in microseconds.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

KEY_MARK, SESSION_MARK = "xzk", "xzs"
PREFIX_BYTES, SECRET_BYTES = 6, 32


@dataclass(frozen=True, slots=True, repr=False)
class KeyText:
    """An API key in clear: shown once, never stored."""

    prefix: str
    secret: str

    @property
    def text(self) -> str:
        """What the system sends: xzk_<prefix>_<secret>."""
        return f"{KEY_MARK}_{self.prefix}_{self.secret}"


def new_key_text() -> KeyText:
    """A fresh API key."""
    return KeyText(secrets.token_hex(PREFIX_BYTES), secrets.token_hex(SECRET_BYTES))


def read_key_text(text: str) -> KeyText | None:
    """Prefix and secret of a key; None when the text is no key."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    fits = mark == KEY_MARK and len(prefix) == 2 * PREFIX_BYTES and len(secret) == 2 * SECRET_BYTES
    return KeyText(prefix, secret) if fits and text.isascii() else None


def new_session_token() -> str:
    """A fresh login token."""
    return f"{SESSION_MARK}_{secrets.token_hex(SECRET_BYTES)}"


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(left: str, right: str) -> bool:
    """Comparison in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def csrf_token(session_token: str) -> str:
    """The token that only a page which could read our answer knows; derived, so nothing more is stored."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()
