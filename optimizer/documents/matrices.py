"""Travel matrices in documents: nested lists when small, packed bytes when large.

Packed: little-endian 32-bit integers row by row, compressed by zlib, as base64 text.
"""

import base64
import binascii
import zlib
from typing import Any

import numpy as np

from optimizer.travel import IntArray

ENCODING = "int32-zlib-base64"
PACK_ABOVE_SITES = 50
MOST_CELLS = 25_000_000
"""5,000 sites; a document that claims more is refused before anything is unpacked."""
LIMITS = np.iinfo(np.int32)


class MatrixError(ValueError):
    """The value is no matrix; says what was found and expected."""

    def __init__(self, found: str, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"found {found}, expected {expected}")


def matrix_to_json(matrix: IntArray) -> Any:
    """Nested lists, or the packed form above `PACK_ABOVE_SITES` rows."""
    if len(matrix) <= PACK_ABOVE_SITES:
        return matrix.tolist()
    packed = zlib.compress(np.ascontiguousarray(matrix, dtype="<i4").tobytes(), 3)
    return {"encoding": ENCODING, "shape": list(matrix.shape), "data": base64.b64encode(packed).decode("ascii")}


def matrix_from_json(value: Any) -> IntArray:
    """A matrix from either form. Raises MatrixError."""
    if isinstance(value, list):
        return _from_lists(value)
    if isinstance(value, dict):
        return _unpacked(value)
    raise MatrixError(type(value).__name__, "rows of whole numbers, or the packed form")


def _from_lists(rows: list[Any]) -> IntArray:
    width = len(rows[0]) if rows and isinstance(rows[0], list) else 0
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise MatrixError(f"row {number} unlike row 0", f"rows of {width} whole numbers")
        for cell in row:
            if type(cell) is not int or not LIMITS.min <= cell <= LIMITS.max:
                raise MatrixError(f"{str(cell)[:20]} in row {number}", f"whole numbers up to {LIMITS.max}")
    return np.array(rows, dtype=np.int32).reshape(len(rows), width)


def _unpacked(value: dict[str, Any]) -> IntArray:
    fields = {"encoding", "shape", "data"}
    if set(value) != fields or value["encoding"] != ENCODING:
        found = ", ".join(map(str, sorted(value))) or "nothing"
        raise MatrixError(f"{found} with encoding {value.get('encoding')}", f"encoding {ENCODING}, shape and data")
    shape, data = value["shape"], value["data"]
    is_shape = isinstance(shape, list) and len(shape) == 2 and all(type(n) is int and 0 <= n < 2**31 for n in shape)
    if not is_shape or shape[0] * shape[1] > MOST_CELLS:
        raise MatrixError(f"shape {str(shape)[:40]}", f"two whole numbers with at most {MOST_CELLS} cells")
    size = shape[0] * shape[1] * 4
    try:
        packed = base64.b64decode(data if isinstance(data, str) else "!", validate=True)
        engine = zlib.decompressobj()
        raw = engine.decompress(packed, size + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise MatrixError(f"data that cannot be unpacked ({error})", f"{ENCODING} data") from error
    if len(raw) != size or not engine.eof or engine.unused_data:
        raise MatrixError(f"{len(raw)} bytes or more", f"{size} bytes for {shape[0]} x {shape[1]}")
    return np.frombuffer(raw, dtype="<i4").astype(np.int32).reshape(shape)
