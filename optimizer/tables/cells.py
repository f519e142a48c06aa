"""From text cells to values: one reader per row that notes a fault for what it cannot read and goes on.

An empty cell gives the default. After a fault the default is given too, so that the rest of the row is still judged.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from optimizer.due import NotationError, parse_clock
from optimizer.tables.columns import Column, all_columns, plain
from optimizer.tables.faults import Log, TableFault
from optimizer.tables.half_days import parse_date
from optimizer.tables.reading import Grid
from optimizer.tables.words import closest, find_word, list_words, words_of

T = TypeVar("T")
SPLIT = re.compile(r"[\s,，;；、|]+")
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: cells by column key; every method notes a fault when the cell does not fit."""

    sheet: str
    number: int
    cells: dict[str, str]
    log: Log

    def text(self, key: str) -> str:
        """The cell as it is."""
        return self.cells.get(key, "")

    def fault(self, code: str, key: str, advice_zh: str, advice_en: str) -> None:
        """Note a fault at a column of this row."""
        found = TableFault(code, self.sheet, self.number, key, self.text(key), advice_zh, advice_en)
        self.log.faults.append(found)

    @property
    def place(self) -> str:
        """The row in one word."""
        return f"{self.sheet}!{self.number}"

    def words(self, key: str) -> tuple[str, ...]:
        """The words of a cell."""
        return tuple(word for word in SPLIT.split(self.text(key)) if word)

    def parsed(self, key: str, parse: Callable[[str], T], default: T, advice: tuple[str, str]) -> T:
        """The cell through a parser that raises NotationError."""
        if not self.text(key):
            return default
        try:
            return parse(self.text(key))
        except NotationError as error:
            self.fault(
                "NOTATION", key, f"读不懂“{error.word}”: {advice[0]}", f"cannot read {error.word!r}: {advice[1]}"
            )
            return default

    def number_in(self, key: str, low: float, high: float, default: float) -> float:
        """A number of [low, high]."""
        text = self.text(key).replace("，", ",").replace("．", ".")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            self.fault("NOT_A_NUMBER", key, "填数字", "write a number")
            return default
        if not low <= value <= high:
            self.fault(
                "OUT_OF_RANGE", key, f"应在 {low:g} 与 {high:g} 之间", f"has to lie between {low:g} and {high:g}"
            )
            return default
        return value

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """A whole number of [low, high]."""
        value = self.number_in(key, low, high, default)
        if value != int(value):
            self.fault("NOT_WHOLE", key, "填整数", "write a whole number")
            return default
        return int(value)

    def date(self, key: str) -> date | None:
        """A date, or None where the cell is empty or wrong."""
        return self.parsed(key, parse_date, None, ("日期写作 2026-11-25", "write dates as 2026-11-25"))

    def clock(self, key: str) -> int | None:
        """Seconds since midnight, or None."""
        return self.parsed(key, parse_clock, None, ("时刻写作 08:30", "write times as 08:30"))

    def choice(self, key: str, choices: str, default: str) -> str:
        """A word of a list, as its code."""
        text = self.text(key)
        return (self._find(key, choices, text) or default) if text else default

    def choices(self, key: str, choices: str) -> tuple[str, ...]:
        """Several words of a list, as codes."""
        found = (self._find(key, choices, word) for word in self.words(key))
        return tuple(dict.fromkeys(code for code in found if code is not None))

    def yes(self, key: str, default: bool) -> bool:
        """Yes or no."""
        return self.choice(key, "yes_no", "yes" if default else "no") == "yes"

    def _find(self, key: str, choices: str, text: str) -> str | None:
        code = find_word(choices, text)
        if code is None:
            near = closest(text, [name for names in words_of(choices).values() for name in names])
            listed = list_words(choices)
            zh = f"是否应为“{near}”？" if near else "可填：" + "、".join(listed[:MOST_LISTED])
            en = f"should it be {near}?" if near else "one of: " + ", ".join([*words_of(choices)][:MOST_LISTED])
            self.fault("UNKNOWN_WORD", key, zh, en)
        return code

    def reference(self, key: str, known: Sequence[str] | set[str] | dict[str, object], default: str = "") -> str:
        """An id of another sheet; an unknown one is a fault."""
        text = self.text(key)
        return text if text and self.is_known(key, text, known) else default

    def references(self, key: str, known: Sequence[str] | set[str] | dict[str, object]) -> tuple[str, ...]:
        """Several ids of another sheet."""
        return tuple(word for word in self.words(key) if self.is_known(key, word, known))

    def is_known(self, key: str, text: str, known: Sequence[str] | set[str] | dict[str, object]) -> bool:
        """Whether an id exists; notes a fault with the nearest one if not."""
        if text in known:
            return True
        near = closest(text, known)
        zh, en = (f"，是否应为 {near}？", f"; should it be {near}?") if near else ("", "")
        self.fault("UNKNOWN_ID", key, f"没有编号“{text}”{zh}", f"there is no {text!r}{en}")
        return False


def rows_of(grid: Grid | None, sheet: str, log: Log) -> list[Row]:
    """The rows of a sheet with their cells by column key; notes faults of the header and of empty required cells."""
    if grid is None:
        return []
    keys = _header_keys(grid, log)
    columns = all_columns()[sheet]
    present = {key for key in keys if key}
    for column in columns:
        if column.required and column.key not in present:
            advice = f"缺少列“{column.zh}”", f"the column {column.en} is missing"
            log.faults.append(TableFault("MISSING_COLUMN", sheet, 0, column.key, "", *advice))
    rows = [_row(grid, number, values, keys, log) for number, values in grid.rows]
    for row in rows:
        for column in columns:
            if column.required and column.key in present and not row.text(column.key):
                row.fault("EMPTY_CELL", column.key, f"填写“{column.zh}”", f"fill in {column.en}")
    return rows


def _row(grid: Grid, number: int, values: tuple[str, ...], keys: list[str], log: Log) -> Row:
    row = Row(grid.sheet, number, {key: value for key, value in zip(keys, values, strict=False) if key}, log)
    if any(values[len(keys) :]):
        advice = "该行的单元格多于表头；检查逗号和引号", "more cells than headers; look for stray commas or quotes"
        log.faults.append(TableFault("TOO_MANY_CELLS", grid.sheet, number, "", values[-1], *advice))
    return row


def _header_keys(grid: Grid, log: Log) -> list[str]:
    """The column key of every header; "" for those to be ignored."""
    columns = all_columns()[grid.sheet]
    by_name = {plain(name): column.key for column in columns for name in column.names}
    keys: list[str] = []
    for header in grid.header:
        key = by_name.get(plain(header), "")
        if header and not key:
            log.faults.append(_unknown_header(grid.sheet, header, columns))
        elif key and key in keys:
            advice = "同一列出现两次；删除一列", "this column comes twice; remove one"
            log.faults.append(TableFault("COLUMN_TWICE", grid.sheet, 0, key, header, *advice))
            key = ""
        keys.append(key)
    return keys


def _unknown_header(sheet: str, header: str, columns: tuple[Column, ...]) -> TableFault:
    near = closest(header, [name for column in columns for name in column.names])
    listed = "、".join(column.zh for column in columns), ", ".join(column.en for column in columns)
    zh = f"表头是否应为“{near}”？" if near else f"未知列；可用：{listed[0]}"
    en = f"should the header be {near}?" if near else f"unknown column; known: {listed[1]}"
    return TableFault("UNKNOWN_COLUMN", sheet, 0, "", header, zh, en)


def unique_ids(rows: list[Row]) -> Iterator[Row]:
    """The rows whose id is there and new; a second one is a fault."""
    seen: dict[str, int] = {}
    for row in rows:
        name = row.text("id")
        if name in seen:
            row.fault("DUPLICATE_ID", "id", f"与第 {seen[name]} 行重复", f"the same as in row {seen[name]}")
        elif name:
            seen[name] = row.number
            yield row
