"""Values to JSON text: every field is written, one part of a list on a line."""

import dataclasses
import json
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from optimizer.documents.forms import FORMAT_FIELD
from optimizer.documents.matrices import matrix_to_json
from optimizer.plan import Left, PhoneCall

AS_THEY_ARE = frozenset({str, int, float, bool})
RECURRING = frozenset({Left, PhoneCall})
"""Small, hashable and many: an edit changes few of a township's thousands."""


def plain(value: Any) -> Any:
    """A value as dicts, lists, texts and numbers."""
    if value is None or type(value) in AS_THEY_ARE:  # most values by far
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, np.ndarray):
        return matrix_to_json(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value


@lru_cache(maxsize=200)
def _names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a dataclass."""
    return tuple(field.name for field in dataclasses.fields(kind))


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass as they are, for `document_text`."""
    kind: Any = type(value)
    return {name: getattr(value, name) for name in _names(kind)}


def document_text(format_name: str, fields: dict[str, Any]) -> str:
    """A document: its format, then its fields, lists with one item on a line so that two versions can be compared."""
    lines = [f"{_text(name)}: {_part(value)}" for name, value in {FORMAT_FIELD: format_name, **fields}.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _part(value: Any) -> str:
    items = _once(value) if isinstance(value, np.ndarray) else value
    if isinstance(items, list | tuple) and items:
        return "[\n" + ",\n".join(f" {_line(item)}" for item in items) + "\n]"
    return _text(items)


def _line(item: Any) -> str:
    """An item of a list; those that most versions of a plan share are written once."""
    return _known_line(item) if type(item) in RECURRING else _text(item)


@lru_cache(maxsize=20_000)
def _known_line(item: Any) -> str:
    return _text(item)


def _text(value: Any) -> str:
    return _ENCODER.encode(value)


def _once(value: Any) -> Any:
    """One step of `plain`, for what the encoder does not know; it asks again for what is inside."""
    return fields_of(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else plain(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_once)
"""Goes through tuples, lists and dicts itself, many times as fast as `plain`."""
