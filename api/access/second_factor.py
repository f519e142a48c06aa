"""The second factor: one-time codes by time (RFC 6238), as every authenticator app makes them."""

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from api.access.tokens import is_same

SECRET_BYTES, DIGITS, STEP_SECONDS = 20, 6, 30
ISSUER = "Xunzhen"


def new_secret() -> str:
    """A fresh secret in base32, as it is typed into an app."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def provisioning_uri(secret: str, name: str) -> str:
    """The otpauth URI that an app reads from a QR code."""
    return _codes(secret).get_provisioning_uri(name, ISSUER)


def code_at(secret: str, moment: datetime) -> str:
    """The code that is valid at a moment."""
    return _codes(secret).generate(moment.timestamp()).decode()


def find_step(secret: str, code: str, moment: datetime, last_step: int) -> int | None:
    """The time step that a code belongs to, one step early or late allowed; None for a wrong or used code."""
    present = int(moment.timestamp()) // STEP_SECONDS
    codes = _codes(secret)
    for step in (present, present - 1, present + 1):
        if step > last_step and is_same(codes.generate(step * STEP_SECONDS).decode(), code):
            return step
    return None


def _codes(secret: str) -> TOTP:
    # SHA-1 is what the apps understand; RFC 6238 asks no collision resistance of it.
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)
