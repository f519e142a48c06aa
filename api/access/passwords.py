"""Passwords: the policy, argon2id, and a check that takes as long for a name that does not exist."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.access.errors import AccessFault

SHORTEST, LONGEST, KINDS = 8, 200, 3

MOST_AT_ONCE = 4  # each takes 64 MiB and a core; a flood of log-ins waits here instead of filling the machine

_places = BoundedSemaphore(MOST_AT_ONCE)
_hasher = PasswordHasher()  # argon2id with the library's current recommendation (RFC 9106, low memory)


def password_faults(password: str, name: str, pointer: str = "/password") -> tuple[AccessFault, ...]:
    """Everything that keeps a password from being accepted."""
    faults = []
    if not SHORTEST <= len(password) <= LONGEST:
        faults.append(
            AccessFault(
                pointer,
                "PASSWORD_LENGTH",
                f"密码须为 {SHORTEST} 至 {LONGEST} 个字符",
                f"Use {SHORTEST} to {LONGEST} characters",
            )
        )
    if _count_kinds(password) < KINDS:
        faults.append(
            AccessFault(
                pointer,
                "PASSWORD_KINDS",
                "大写字母、小写字母、数字、其他符号中至少用三类",
                "Use at least three of: capital letters, small letters, digits, other signs",
            )
        )
    if name and name.casefold() in password.casefold():
        faults.append(
            AccessFault(pointer, "PASSWORD_HAS_NAME", "密码不得包含用户名", "Leave the log-in name out of the password")
        )
    return tuple(faults)


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    with _places:
        return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; a missing hash takes the same time and never fits."""
    try:
        with _places:
            _hasher.verify(stored or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_new_hash(stored: str) -> bool:
    """Whether the hash was made with older parameters."""
    return _hasher.check_needs_rehash(stored)


def _count_kinds(password: str) -> int:
    kinds = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(kind(sign) for sign in password) for kind in kinds)


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this password")
