"""What the sheets' columns are in JSON: names, kinds of values, descriptions, and words turned into codes."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import inspect

from api.service.bodies import Date, Number, Text, Whole, Word, YesNo
from api.store.crypto import encrypted_attributes
from optimizer.tables import all_columns
from optimizer.tables.cells import SPLIT
from optimizer.tables.columns import Column
from optimizer.tables.words import find_word

SEVERAL_WORDS = {("members", "drives"), ("followups", "channels")}
"""Columns that hold several words of a list, apart by spaces."""
KINDS: dict[type, Any] = {str: Text, int: Whole, float: Number, bool: YesNo, date: Date}
"""How a value of a column's type is checked."""


@lru_cache
def columns_of(sheet: str) -> dict[str, Column]:
    """The columns of a sheet by key."""
    return {column.key: column for column in all_columns()[sheet]}


@lru_cache
def column_names(sheet: str) -> tuple[str, ...]:
    """The keys of a sheet's columns, in order."""
    return tuple(columns_of(sheet))


def field_name(key: str) -> str:
    """What a column is called in the store and in JSON."""
    return "external_id" if key == "id" else key


def stored_type(kind: type, name: str) -> type | None:
    """The type of a stored column; str for an encrypted word, None where the table has no such column."""
    if any(attribute.name == name for attribute in encrypted_attributes(kind)):
        return str
    mapper: Any = inspect(kind)
    return mapper.columns[name].type.python_type if name in mapper.columns else None


def value_kind(kind: type, column: Column) -> Any:
    """How the value of a column is checked on its way in."""
    found = stored_type(kind, field_name(column.key)) or str
    return Word if found is str and column.required else KINDS[found]


def description(column: Column) -> str:
    """A column in words, for the OpenAPI document."""
    listed = f" (`{column.choices}`)" if column.choices else ""
    return f"{column.zh} {column.explain_zh} / {column.explain_en}{listed}"


def coded(sheet: str, key: str, value: Any) -> Any:
    """A word of a list as its code; what is not on the list stays as it is, for the judge to refuse."""
    column = columns_of(sheet).get(key)
    if column is None or not column.choices or not isinstance(value, str) or not value:
        return value
    if (sheet, key) in SEVERAL_WORDS:
        return " ".join(find_word(column.choices, word) or word for word in SPLIT.split(value) if word)
    return find_word(column.choices, value) or value
