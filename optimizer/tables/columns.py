"""The sheets of a folder and their columns, with headers and explanations in Chinese and English (data/columns.csv)."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache

from optimizer.due import DATA

SHEETS = {
    "sites": "地点",
    "members": "人员",
    "teams": "团队",
    "vehicles": "车辆",
    "followups": "待随访",
    "sessions": "巡诊",
    "settings": "设置",
}
"""Sheet keys (the names of the CSV files) and their Chinese names."""

NEEDED = ("sites", "teams", "members")
"""Sheets without which there is nothing to plan; the others may be absent or empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `choices` names the list of words that its cells are taken from, if there is one."""

    sheet: str
    key: str
    zh: str
    en: str
    required: bool
    choices: str
    example: str
    explain_zh: str
    explain_en: str
    aliases: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every header that means this column."""
        return (self.key, self.zh, self.en, *self.aliases)

    def header(self, language: str) -> str:
        """The header to write: zh or en."""
        return self.zh if language == "zh" else self.en


def plain(text: str) -> str:
    """A header or word without spaces, underscores, brackets and case, for comparing."""
    return re.sub(r"[\s_*\-]|[(（].*?[)）]", "", text).casefold()


@lru_cache(maxsize=1)
def all_columns() -> dict[str, tuple[Column, ...]]:
    """The columns of every sheet, in order."""
    columns: dict[str, tuple[Column, ...]] = {}
    with (DATA / "columns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            column = Column(
                sheet=row["sheet"],
                key=row["key"],
                zh=row["zh"],
                en=row["en"],
                required=row["required"] == "yes",
                choices=row["choices"],
                example=row["example"],
                explain_zh=row["explain_zh"],
                explain_en=row["explain_en"],
                aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
            )
            columns[column.sheet] = (*columns.get(column.sheet, ()), column)
    return columns


def sheet_of(name: str) -> str | None:
    """The key of a sheet from its Chinese or English name, or None."""
    wanted = plain(name).rstrip("表")
    return next((key for key, zh in SHEETS.items() if wanted in (plain(key), plain(zh), plain(key).rstrip("s"))), None)
