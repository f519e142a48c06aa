"""What the fields of our values look like, read from the dataclasses; shared by the reader and the schema."""

import dataclasses
import types
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

PROBLEM_FORMAT = "xunzhen-problem/1"
PLAN_FORMAT = "xunzhen-plan/1"
RESULT_FORMAT = "xunzhen-result/1"
FORMAT_FIELD = "format"
REQUIRED = object()
"""Stands for the default of a field that has none."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a value: its name, its type, and its default or REQUIRED."""

    name: str
    hint: Any
    default: Any

    @property
    def is_required(self) -> bool:
        """Whether a document has to give it."""
        return self.default is REQUIRED


@cache
def fields_of(kind: type) -> tuple[Field, ...]:
    """The fields of a dataclass in their order."""
    hints = get_type_hints(kind)
    return tuple(Field(one.name, hints[one.name], _default(one)) for one in dataclasses.fields(kind))


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return REQUIRED if field.default_factory is dataclasses.MISSING else field.default_factory()


def optional_of(hint: Any) -> Any | None:
    """The X of an `X | None`, or None for any other type."""
    if get_origin(hint) not in (types.UnionType, Union):
        return None
    inside = [one for one in get_args(hint) if one is not type(None)]
    return inside[0] if len(inside) < len(get_args(hint)) else None


def items_of(hint: Any) -> tuple[Any, int | None] | None:
    """Type of the items and their number (None: any) for a tuple type, or None for any other type."""
    if get_origin(hint) is not tuple:
        return None
    inside = get_args(hint)
    return (inside[0], None) if inside[-1] is Ellipsis else (inside[0], len(inside))


def values_of(hint: Any) -> Any | None:
    """The type of the values of a dict with text keys, or None for any other type."""
    return get_args(hint)[1] if get_origin(hint) is dict else None


def is_matrix(hint: Any) -> bool:
    """Whether it is an array type."""
    return get_origin(hint) is np.ndarray


def is_choice(hint: Any) -> bool:
    """Whether it is an enumeration of texts."""
    return isinstance(hint, type) and issubclass(hint, StrEnum)


def is_value(hint: Any) -> bool:
    """Whether it is one of our dataclasses."""
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)
