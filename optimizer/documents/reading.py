"""JSON text to values, strictly: nothing unknown, nothing missing, nothing of another type; all faults at once."""

import json
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any

from optimizer.documents.forms import (
    FORMAT_FIELD,
    Field,
    fields_of,
    is_choice,
    is_matrix,
    is_value,
    items_of,
    optional_of,
    values_of,
)
from optimizer.documents.matrices import MatrixError, matrix_from_json
from optimizer.errors import DocumentFaults, Fault

MOST_NUMBER = 2**53
"""Larger whole numbers are not read alike by every program."""
LONGEST_SHOWN = 40
BAD = object()
"""Stands for a value that could not be read; its faults have been noted."""

ADVICE = {
    "INVALID_JSON": ("检查文件是否完整、编码是否为UTF-8", "Check that the file is complete and UTF-8"),
    "WRONG_FORMAT": ("换用正确的文件或版本", "Use the right document, or its version that this program reads"),
    "UNKNOWN_FIELD": ("更正或删除该字段", "Correct the name of the field or take it out"),
    "MISSING_FIELD": ("补充该字段", "Add the field"),
    "WRONG_TYPE": ("改为正确类型", "Give a value of the right type"),
    "WRONG_VALUE": ("改为允许的值", "Give an allowed value"),
}
"""What to do about a fault, in Chinese and English, by code."""

Faults = list[Fault]


def read_document(text: str, format_name: str, kind: type) -> dict[str, Any]:
    """The fields of a document as values of the types of `kind`. Raises DocumentFaults with every fault."""
    faults: Faults = []
    content = _parse(text, faults)
    fields = _fields_in(content, format_name, kind, faults)
    if faults:
        raise DocumentFaults(tuple(faults))
    return fields


def _fields_in(content: Any, format_name: str, kind: type, faults: Faults) -> dict[str, Any]:
    if faults:
        return {}
    if not isinstance(content, dict):
        _note(faults, "WRONG_TYPE", "", content, "an object")
        return {}
    found = content.get(FORMAT_FIELD)
    if found != format_name:
        _note(faults, "WRONG_FORMAT", f"/{FORMAT_FIELD}", found, format_name)
        return {}
    return _read_fields(kind, {name: value for name, value in content.items() if name != FORMAT_FIELD}, "", faults)


def _parse(text: str, faults: Faults) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except RecursionError:
        _note(faults, "INVALID_JSON", "", "values inside values without end", "a JSON document")
    except ValueError as error:
        _note(faults, "INVALID_JSON", "", str(error), "a JSON document")
    return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {_shown(doubled)} is given twice in one object")
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _read(hint: Any, value: Any, pointer: str, faults: Faults) -> Any:
    """The value as the type asked for, or BAD."""
    inside = optional_of(hint)
    if inside is not None:
        return None if value is None else _read(inside, value, pointer, faults)
    items, values = items_of(hint), values_of(hint)
    if items is not None:
        return _read_items(items[0], items[1], value, pointer, faults)
    if values is not None:
        return _read_values(values, value, pointer, faults)
    if is_matrix(hint):
        return _read_matrix(value, pointer, faults)
    if is_choice(hint):
        return _read_choice(hint, value, pointer, faults)
    if is_value(hint):
        return _read_value(hint, value, pointer, faults)
    return _read_plain(hint, value, pointer, faults)


def _read_items(hint: Any, count: int | None, value: Any, pointer: str, faults: Faults) -> Any:
    if not isinstance(value, list):
        return _note(faults, "WRONG_TYPE", pointer, value, "a list")
    if count is not None and len(value) != count:
        return _note(faults, "WRONG_VALUE", pointer, f"{len(value)} items", f"{count} items")
    return tuple(_read(hint, item, f"{pointer}/{number}", faults) for number, item in enumerate(value))


def _read_values(hint: Any, value: Any, pointer: str, faults: Faults) -> Any:
    if not isinstance(value, dict):
        return _note(faults, "WRONG_TYPE", pointer, value, "an object")
    return {name: _read(hint, item, f"{pointer}/{_escaped(name)}", faults) for name, item in value.items()}


def _read_matrix(value: Any, pointer: str, faults: Faults) -> Any:
    try:
        return matrix_from_json(value)
    except MatrixError as error:
        return _note(faults, "WRONG_VALUE", pointer, error.found, error.expected)


def _read_choice(hint: Any, value: Any, pointer: str, faults: Faults) -> Any:
    choices = [choice.value for choice in hint]
    if value in choices:
        return hint(value)
    return _note(faults, "WRONG_VALUE", pointer, value, f"one of {', '.join(choices)}{_near(value, choices)}")


def _read_value(kind: type, value: Any, pointer: str, faults: Faults) -> Any:
    if not isinstance(value, dict):
        return _note(faults, "WRONG_TYPE", pointer, value, "an object")
    before = len(faults)
    fields = _read_fields(kind, value, pointer, faults)
    if len(faults) > before:
        return BAD
    try:
        return kind(**fields)
    except ValueError as error:
        return _note(faults, "WRONG_VALUE", pointer, str(error), f"a valid {kind.__name__}")


def _read_fields(kind: type, content: dict[str, Any], pointer: str, faults: Faults) -> dict[str, Any]:
    """The fields that are given, read; the others keep their defaults."""
    known = fields_of(kind)
    for field in known:
        if field.is_required and field.name not in content:
            _note(faults, "MISSING_FIELD", f"{pointer}/{field.name}", None, f"a value; {kind.__name__} needs it")
    for name in _unknown_names(content, known):
        free = [field.name for field in known if field.name not in content]
        expected = f"a field of {kind.__name__}{_near(name, free)}"
        _note(faults, "UNKNOWN_FIELD", f"{pointer}/{_escaped(name)}", name, expected)
    return {
        field.name: _read(field.hint, content[field.name], f"{pointer}/{field.name}", faults)
        for field in known
        if field.name in content
    }


def _unknown_names(content: dict[str, Any], known: Iterable[Field]) -> list[str]:
    names = {field.name for field in known}
    return [name for name in content if name not in names]


def _read_plain(hint: Any, value: Any, pointer: str, faults: Faults) -> Any:
    if hint is bool:
        return value if type(value) is bool else _note(faults, "WRONG_TYPE", pointer, value, "true or false")
    if hint is int:
        return _read_number(value, pointer, faults)
    if hint is float:
        is_number = type(value) in (int, float) and abs(value) < MOST_NUMBER
        return float(value) if is_number else _note(faults, "WRONG_TYPE", pointer, value, "a number")
    if type(value) is not str:
        return _note(faults, "WRONG_TYPE", pointer, value, "a date like 2026-11-23" if hint is date else "a text")
    return _read_date(value, pointer, faults) if hint is date else _read_text(value, pointer, faults)


def _read_number(value: Any, pointer: str, faults: Faults) -> Any:
    if type(value) is not int:
        return _note(faults, "WRONG_TYPE", pointer, value, "a whole number")
    if abs(value) > MOST_NUMBER:
        return _note(faults, "WRONG_VALUE", pointer, value, f"a whole number up to {MOST_NUMBER}")
    return value


def _read_date(value: str, pointer: str, faults: Faults) -> Any:
    try:
        read = date.fromisoformat(value)
    except ValueError:
        return _note(faults, "WRONG_VALUE", pointer, value, "a date like 2026-11-23")
    # fromisoformat also takes other spellings, such as week dates, which other readers would not know.
    return read if read.isoformat() == value else _note(faults, "WRONG_VALUE", pointer, value, read.isoformat())


def _read_text(value: str, pointer: str, faults: Faults) -> Any:
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        return _note(faults, "WRONG_VALUE", pointer, value, "a text without broken signs")
    return value


def _near(name: Any, known: list[str]) -> str:
    near = get_close_matches(str(name), known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _escaped(name: str) -> str:
    """A name as a step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list | dict):
        return f"a list of {len(value)}" if isinstance(value, list) else "an object"
    text = value if isinstance(value, str) else json.dumps(value)
    text = text.encode("ascii", "backslashreplace").decode() if not text.isprintable() else text
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _note(faults: Faults, code: str, pointer: str, found: Any, expected: str) -> Any:
    """Notes a fault and gives BAD."""
    advice_zh, advice_en = ADVICE[code]
    shown = _shown(found) if not (code == "INVALID_JSON" and isinstance(found, str)) else found
    faults.append(Fault(code, pointer or "/", shown, expected, advice_zh, advice_en))
    return BAD
