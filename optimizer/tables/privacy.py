"""Keeps people out of the problem: residents and households get numbers of our own, and ids that tell who are refused.

The way back from a number to the id of the source is kept for display only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from optimizer.tables.cells import Row

_MOBILE = re.compile(r"(?<![0-9])(?:\+?86-?)?1[3-9][0-9]{9}(?![0-9])")
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"
_FEWEST_CHARACTERS = 2
"""A name of a single character says nothing when it is found in an id."""


@dataclass(slots=True)
class Pseudonyms:
    """Numbers for ids in the order they come: R1, R2, ... for a prefix R; `known` leads from the id to its number."""

    prefix: str
    known: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """The pseudonym of an id; an empty one stays empty."""
        return self.known.setdefault(name, f"{self.prefix}{len(self.known) + 1}") if name else ""

    def sources(self) -> dict[str, str]:
        """The ids of the source by pseudonym."""
        return {pseudonym: name for name, pseudonym in self.known.items()}


def judge_ids(rows: Iterable[Row]) -> None:
    """An id that holds a mobile or identity number or the row's own name, or looks like a name, is a fault."""
    for row in rows:
        name = row.text("id")
        own = row.text("name")
        if tells_who(name) or _NAME.fullmatch(name) or (len(own) >= _FEWEST_CHARACTERS and own in name):
            zh, en = (
                "编号不能含姓名、手机号或身份证号；改用序号",
                "no name, mobile or identity number in an id: use a number",
            )
            row.fault("PERSONAL_ID", "id", zh, en)


def tells_who(text: str) -> bool:
    """Whether a text holds a Chinese mobile number or identity number."""
    return bool(_MOBILE.search(text)) or any(is_identity_number(found[0]) for found in _IDENTITY.finditer(text))


def is_identity_number(text: str) -> bool:
    """Whether 18 signs are an identity number: a date of birth and the right check sign (GB 11643-1999)."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_CHECK_WEIGHTS, text[:17], strict=True))
    return _CHECK_SIGNS[total % 11] == text[17].upper()


def masked(text: str) -> str:
    """An id to print: identity and mobile numbers only with their first and last signs."""

    def stars(found: re.Match[str]) -> str:
        word = found[0]
        return f"{word[:3]}{'*' * (len(word) - 7)}{word[-4:]}"

    return _MOBILE.sub(stars, _IDENTITY.sub(stars, text))
