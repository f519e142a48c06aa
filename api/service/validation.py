"""The framework's validation errors in our words: code, pointer, what was found and expected, what to do."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from api.service.bodies import Refused
from api.service.problems import FieldFault, pointer_of, shown

PLACES = ("body", "query", "path", "header", "cookie")
ADVICE = {
    "MISSING_FIELD": ("补充该字段", "Add the field"),
    "UNKNOWN_FIELD": ("更正或删除该字段", "Correct the name of the field or take it out"),
    "WRONG_TYPE": ("改为正确类型", "Give a value of the right type"),
    "WRONG_VALUE": ("改为允许的值", "Give an allowed value"),
    "OUT_OF_RANGE": ("改为允许范围内的值", "Give a value inside the limits"),
    "TOO_LONG": ("缩短内容", "Make it shorter"),
    "TOO_SHORT": ("补充内容", "Make it longer"),
    "MISSING_BODY": ("请附上 JSON 内容", "Send a JSON body"),
}
"""What to do about a fault, in Chinese and English, by code."""

Known = Callable[[Sequence[object]], Sequence[str]]
"""Gives the names of fields that fit at a place and path."""

_CODES = {
    "missing": "MISSING_FIELD",
    "extra_forbidden": "UNKNOWN_FIELD",
    "greater_than": "OUT_OF_RANGE",
    "greater_than_equal": "OUT_OF_RANGE",
    "less_than": "OUT_OF_RANGE",
    "less_than_equal": "OUT_OF_RANGE",
    "finite_number": "OUT_OF_RANGE",
    "string_too_long": "TOO_LONG",
    "too_long": "TOO_LONG",
    "string_too_short": "TOO_SHORT",
    "too_short": "TOO_SHORT",
}
_TYPE_ENDINGS = ("_type", "_parsing", "_attributes_type", "_from_float", "_parsing_size")


def faults_of(errors: Iterable[Mapping[str, Any]], known: Known) -> list[FieldFault]:
    """Errors of pydantic as faults; `known` gives the field names that fit at a path, for suggestions."""
    return [_fault(error, known) for error in errors]


def _fault(error: Mapping[str, Any], known: Known) -> FieldFault:
    place, path = _split(error["loc"])
    code = _code(str(error["type"]))
    if code == "MISSING_FIELD" and not path:
        code = "MISSING_BODY"
    name = str(path[-1]) if path else ""
    found = name if code == "UNKNOWN_FIELD" else "nothing" if code.startswith("MISSING") else error.get("input")
    expected = _expected(error, code)
    if code == "UNKNOWN_FIELD":
        expected = suggestion(name, known((place, *path[:-1])))
    zh, en = ADVICE[code]
    ours = (error.get("ctx") or {}).get("error")
    if isinstance(ours, Refused):
        code, expected, zh, en = ours.code, ours.expected, ours.zh, ours.en
    hidden_by = "" if code in {"UNKNOWN_FIELD", "MISSING_FIELD", "MISSING_BODY"} else name
    return FieldFault(code, pointer_of(path), shown(found, hidden_by), expected, zh, en, place)


def _split(location: Sequence[object]) -> tuple[str, tuple[object, ...]]:
    """The part of the request and the path inside it."""
    place = str(location[0]) if location else "body"
    return (place, tuple(location[1:])) if place in PLACES else ("body", tuple(location))


def _code(kind: str) -> str:
    if kind in _CODES:
        return _CODES[kind]
    return "WRONG_TYPE" if kind.endswith(_TYPE_ENDINGS) else "WRONG_VALUE"


def _expected(error: Mapping[str, Any], code: str) -> str:
    if code in {"MISSING_FIELD", "MISSING_BODY"}:
        return "a value"
    message = str(error["msg"])
    return message.removeprefix("Input should be ").removeprefix("Value error, ")


def suggestion(name: str, known: Sequence[str]) -> str:
    """What could be meant by an unknown name."""
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"did you mean {near[0]}?"
    return f"one of {', '.join(known)}" if known else "no such field here"


def unknown_name(name: str, known: Sequence[str], place: str, pointer: str = "") -> FieldFault:
    """The fault of a name that is not known at a place."""
    zh, en = ADVICE["UNKNOWN_FIELD"]
    where = pointer or pointer_of((name,))
    return FieldFault("UNKNOWN_FIELD", where, shown(name), suggestion(name, known), zh, en, place)
