"""A digest of a set of records that does not depend on their order; both sides reckon it the same way."""

import hashlib
from collections.abc import Iterable

_MODULUS = 2**128


def set_digest(records: Iterable[tuple[str, int]]) -> str:
    """32 hexadecimal digits for ids and versions: the first 16 bytes of each SHA-256 of `id LF version`, added up.

    Sums, not exclusive or: a record that is there twice must not vanish.
    """
    total = 0
    for external_id, version in records:
        piece = hashlib.sha256(f"{external_id}\n{version}".encode()).digest()[:16]
        total = (total + int.from_bytes(piece, "big")) % _MODULUS
    return f"{total:032x}"
