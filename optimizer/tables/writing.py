"""From rows by column key to CSV files or to cells in Chinese or English, as `read_folder` takes them back."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from optimizer.due import ROLES, SKILLS
from optimizer.tables.columns import Column, all_columns
from optimizer.tables.half_days import WEEKDAYS_EN, WEEKDAYS_ZH
from optimizer.tables.settings import all_settings
from optimizer.tables.words import find_word, word

Rows = Iterable[Mapping[str, str]]
LISTS = {"drives", "channels"}
HALF_DAYS = {"field", "desk", "half_days", "usual", "resident_times"}
STAFF = {"needs", "patrol_needs", "joint", "skills"}
_CODES = re.compile("|".join(sorted((re.escape(code) for code in (*ROLES, *SKILLS)), key=len, reverse=True)))


def write_csv(path: Path, sheet: str, rows: Rows, language: str = "zh") -> None:
    """Write one sheet as CSV in UTF-8 with BOM, which Excel opens rightly; replaces the file."""
    path.write_bytes(csv_text(sheet, rows, language).encode("utf-8-sig"))


def csv_text(sheet: str, rows: Rows, language: str = "zh") -> str:
    """One sheet as CSV: the columns that any row fills, and those that are required."""
    rows = list(rows)
    columns = [c for c in all_columns()[sheet] if c.required or not rows or any(row.get(c.key) for row in rows)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.header(language) for column in columns])
    writer.writerows([shown(column, row.get(column.key, ""), language) for column in columns] for row in rows)
    return text.getvalue()


def shown(column: Column, text: str, language: str) -> str:
    """A cell with its codes in words of the language."""
    if language != "zh" or not text:
        return text
    if column.choices and column.choices != "settings":
        parts = text.split() if column.key in LISTS else [text]
        codes = [find_word(column.choices, part) for part in parts]
        return " ".join(word(column.choices, code) if code else part for code, part in zip(codes, parts, strict=True))
    if column.key in HALF_DAYS:
        return half_days_zh(text)
    if column.key in STAFF:
        return _CODES.sub(lambda found: (ROLES | SKILLS)[found[0]], text).replace(" F", " 女")
    if column.sheet == "settings" and column.key == "key":
        return all_settings()[text].zh if text in all_settings() else text
    if column.sheet == "settings" and column.key == "value":
        return {"yes": "是", "no": "否"}.get(text, text)
    return text


def half_days_zh(text: str) -> str:
    """ "Mon AM, Wed AM, Wed PM" as 周一上午 周三."""
    for name, sign in zip(WEEKDAYS_EN, WEEKDAYS_ZH, strict=True):
        text = text.replace(f"{name.title()} AM, {name.title()} PM", f"周{sign}").replace(name.title(), f"周{sign}")
    return text.replace(" AM", "上午").replace(" PM", "下午").replace(", ", " ").replace("none", "无")
