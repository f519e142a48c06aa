"""Turns further columns of our sheet, as a record may bring them, into values of a follow-up."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from api.contract.cells import HIDDEN
from optimizer.calendar import Day
from optimizer.due import NotationError, parse_clock, parse_time_windows
from optimizer.errors import Fault
from optimizer.tables.cells import SPLIT
from optimizer.tables.columns import Column, all_columns
from optimizer.tables.due_items import NO_JOINT
from optimizer.tables.half_days import parse_resident_windows
from optimizer.tables.needs import needs_in_words
from optimizer.tables.words import find_word

Value = str | int | bool
MOST_MINUTES = 600
NUMBERS = frozenset({"home_minutes", "patrol_minutes", "phone_minutes", "head_count"})
WORD_LISTS = frozenset({"channels"})
_WEEK = tuple(Day(date(2026, 11, 23) + timedelta(days=number)) for number in range(7))
"""Any week: only the writing is judged here."""


def read_wishes(wishes: Mapping[str, str], pointer: str) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    """Values by column, and the faults of those that cannot be read."""
    columns = {column.key: column for column in all_columns()["followups"]}
    values: dict[str, Value] = {}
    faults = []
    for name, text in wishes.items():
        try:
            values[name] = _value(columns[name], text)
        except ValueError:
            column = columns[name]
            zh, en = f"写作如 {column.example or '（空）'}", f"write it like {column.example or 'nothing'}"
            faults.append(Fault("BAD_WISH", f"{pointer}/{name}", HIDDEN, column.explain_en, zh, en))
    return values, tuple(faults)


def _value(column: Column, text: str) -> Value:
    """The value of one column. Raises ValueError, of which NotationError is one."""
    if column.choices == "yes_no":
        return _word(column, text) == "yes"
    if column.key in WORD_LISTS:
        return " ".join(_word(column, word) for word in SPLIT.split(text) if word)
    if column.choices:
        code = _word(column, text)
        return int(code) if column.choices == "priorities" else code
    if column.key in NUMBERS:
        return _number(text)
    if column.key in _NOTATIONS:
        _NOTATIONS[column.key](text)
    return text


def _word(column: Column, text: str) -> str:
    code = find_word(column.choices, text)
    if code is None:
        raise NotationError(text)
    return code


def _number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_MINUTES:
        raise NotationError(text)
    return number


def _joint(text: str) -> None:
    if text not in NO_JOINT:
        needs_in_words(text)


_NOTATIONS: Mapping[str, Callable[[str], object]] = {
    "deadline": parse_clock,
    "times": parse_time_windows,
    "needs": needs_in_words,
    "patrol_needs": needs_in_words,
    "joint": _joint,
    "resident_times": lambda text: parse_resident_windows(text, _WEEK),
}
