"""Numbers of the national systems: health-record numbers, statistical village codes, identity cards.

The village part of a record number and that of a statistical code look alike and are coded differently (001-099
residents' committee, 101-199 village, 901-999 other, against 001-199 and 200 upwards), so they are two types and
nothing turns one into the other.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from optimizer.tables.privacy import tells_who

RECORD_DIGITS, VILLAGE_DIGITS = 17, 12
ID_CARD = re.compile(r"\d{17}[\dX]")
NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """A health-record number of 17 digits: county 6, township 3, village 3, serial 5."""

    county: str
    township: str
    village: str
    serial: str

    KINDS: ClassVar[tuple[tuple[range, str], ...]] = (
        (range(1, 100), "committee"),
        (range(101, 200), "village"),
        (range(901, 1000), "other"),
    )

    @property
    def record_code(self) -> str:
        """The first 12 digits; compare them with a site's `record_code` only."""
        return self.county + self.township + self.village

    @property
    def village_kind(self) -> str | None:
        """committee, village or other; None where the number has no meaning."""
        return next((kind for numbers, kind in self.KINDS if int(self.village) in numbers), None)

    def __str__(self) -> str:
        return self.record_code + self.serial


@dataclass(frozen=True, slots=True)
class VillageCode:
    """A statistical code of 12 digits: county 6, township 3, village 3."""

    county: str
    township: str
    village: str

    @property
    def village_kind(self) -> str | None:
        """committee or village; None for the township itself."""
        number = int(self.village)
        if not number:
            return None
        return "committee" if number < 200 else "village"

    def __str__(self) -> str:
        return self.county + self.township + self.village


def find_record_number(text: str) -> RecordNumber | None:
    """The parts of a record number, or None when the text is none."""
    if len(text) != RECORD_DIGITS or not _is_digits(text):
        return None
    number = RecordNumber(text[:6], text[6:9], text[9:12], text[12:])
    return number if number.village_kind else None


def find_village_code(text: str) -> VillageCode | None:
    """The parts of a statistical code, or None when the text is none."""
    if len(text) != VILLAGE_DIGITS or not _is_digits(text):
        return None
    return VillageCode(text[:6], text[6:9], text[9:])


def is_id_card(text: str) -> bool:
    """Whether the text has the form of an identity number; demo numbers keep the form with a wrong check sign."""
    return ID_CARD.fullmatch(text) is not None and text.isascii()


def has_check_sign(text: str) -> bool:
    """Whether the last sign of an identity number is the right one (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return _CHECK_SIGNS[total % 11] == text[-1]


def is_personal(text: str) -> bool:
    """Whether an id holds an identity number, a mobile number or what looks like a name, which may not serve as one."""
    return is_id_card(text.upper()) or tells_who(text) or NAME.fullmatch(text) is not None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
