"""Reads single values out of a vendor's row: every fault is told with its pointer, nothing from outside raises.

What was found is repeated in a fault only where it cannot be a personal word.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from api.contract.vendors import Formats, Vendor
from optimizer.errors import Fault

HIDDEN = "(not shown)"
LONGEST_TEXT, LONGEST_ID, MOST_PARTS = 200, 64, 50
EARLIEST_YEAR, LATEST_YEAR = 1880, 2199
_PLAIN_CODE = re.compile(r"[A-Za-z_]{1,24}|\d{1,4}", re.ASCII)
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

Code = TypeVar("Code", bound=Enum)
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(slots=True)
class Cells:
    """A row of a vendor and the faults found in it so far."""

    vendor: Vendor
    row: dict[str, Json]
    faults: list[Fault] = field(default_factory=list)

    def value(self, name: str) -> Json:
        """The raw value of a canonical field; empty text counts as none."""
        path = self.vendor.fields.get(name)
        if path is None:
            return None
        found: Json = self.row
        for word in path.split("."):
            found = found.get(word) if isinstance(found, dict) else None
        return None if isinstance(found, str) and not found.strip() else found

    def fault(self, name: str, code: str, expected: str, zh: str, en: str, found: str = HIDDEN) -> None:
        """Note a fault of a canonical field."""
        pointer = "/" + self.vendor.fields.get(name, name).replace(".", "/")
        self.faults.append(Fault(code, pointer, found, expected, zh, en))

    def filled(self, name: str) -> Json:
        """The raw value of a canonical field; an empty list counts as none too."""
        found = self.value(name)
        return None if found in ([], {}) else found

    def need(self, name: str, value: object) -> None:
        """Note a fault where a value is missing that is not faulty already."""
        pointer = "/" + self.vendor.fields.get(name, name).replace(".", "/")
        if value is None and all(fault.where != pointer for fault in self.faults):
            self.fault(name, "MISSING", "a value", "请在签约系统中补填", "fill it in in the contract system", "nothing")

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str | None:
        """A text without signs that no name or address has; whole numbers are taken as text."""
        value = self.value(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if abs(value) < 10**LONGEST_ID else "?" * (longest + 1)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, "WRONG_TYPE", "a text", "应为文本", "send a text", type(value).__name__)
            return None
        if len(value) > longest:
            self.fault(name, "TOO_LONG", f"at most {longest} signs", "请缩短", "make it shorter", f"{len(value)} signs")
            return None
        if _UNWANTED.search(value):
            self.fault(name, "BAD_TEXT", "a text without control signs", "去掉不可见字符", "take out invisible signs")
            return None
        return value.strip()

    def opaque_id(self, name: str) -> str | None:
        """An id of the other system."""
        return self.text(name, LONGEST_ID)

    def code(self, name: str, kind: type[Code]) -> Code | None:
        """A code of the vendor in our meaning."""
        text = self.text(name, LONGEST_ID)
        if text is None:
            return None
        known = self.vendor.code_of(name, text)
        if known is None:
            found = text if _PLAIN_CODE.fullmatch(text) else HIDDEN
            words = f"a code that the vendor file {self.vendor.name} knows"
            zh, en = "核对代码，或在厂商文件中补充", "check the code, or add it to the vendor file"
            self.fault(name, "UNKNOWN_CODE", words, zh, en, found)
            return None
        return kind(known)

    def day(self, name: str) -> date | None:
        """A date."""
        text = self.text(name)
        if text is None:
            return None
        day = find_day(text, self.vendor.formats)
        if day is None:
            written = date(2026, 11, 25).strftime(self.vendor.formats.date)
            self.fault(name, "BAD_DATE", f"a date such as {written}", f"日期写作 {written}", f"write {written}")
        return day

    def moment(self, name: str) -> datetime | None:
        """A moment with its offset."""
        text = self.text(name)
        if text is None:
            return None
        moment = find_moment(text, self.vendor.formats)
        if moment is None:
            zh, en = "时间写法与厂商文件不符", "write it as the vendor file says"
            self.fault(name, "BAD_MOMENT", f"a moment in the form {self.vendor.formats.moment}", zh, en)
        return moment

    def whole(self, name: str) -> int | None:
        """A whole number that is not negative and fits 63 bits."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, str) and len(value) < 20 and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
            self.fault(name, "WRONG_TYPE", "a whole number, 0 or more", "应为非负整数", "send a whole number")
            return None
        return value

    def degrees(self, name: str, most: float) -> float | None:
        """A coordinate in degrees."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            self.fault(name, "WRONG_TYPE", "degrees", "应为度数", "send degrees", type(value).__name__)
            return None
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if not abs(number) <= most:
            zh, en = "核对坐标，WGS-84 度", "check the coordinate, WGS-84 degrees"
            self.fault(name, "BAD_COORDINATE", f"degrees from -{most:g} to {most:g}", zh, en)
            return None
        return number

    def parts(self, name: str) -> tuple[str, ...]:
        """A list of codes, as a JSON array or as one text with the vendor's separator."""
        value, separator = self.value(name), self.vendor.formats.separator
        if value is None:
            return ()
        if separator and isinstance(value, str):
            value = [*value.split(separator)]
        if not isinstance(value, list) or len(value) > MOST_PARTS or not all(isinstance(v, str | int) for v in value):
            self.fault(
                name, "WRONG_TYPE", f"a list of at most {MOST_PARTS} codes", "应为代码列表", "send a list of codes"
            )
            return ()
        texts = [str(part).strip() for part in value if not isinstance(part, int) or abs(part) < 10**LONGEST_ID]
        if any(len(text) > LONGEST_ID or _UNWANTED.search(text) for text in texts):
            self.fault(name, "BAD_TEXT", "plain codes", "应为代码", "send plain codes")
            return ()
        return tuple(text for text in texts if text)

    def yes_no(self, name: str) -> bool:
        """Yes or no; nothing means no."""
        value, formats = self.value(name), self.vendor.formats
        if value is None or (value == formats.no and type(value) is type(formats.no)):
            return False
        if value == formats.yes and type(value) is type(formats.yes):
            return True
        self.fault(name, "WRONG_TYPE", f"{formats.yes!r} or {formats.no!r}", "应为是或否", "send yes or no")
        return False


def find_day(text: str, formats: Formats) -> date | None:
    """The date of a text, or None."""
    try:
        is_iso = formats.date == "%Y-%m-%d"
        day = date.fromisoformat(text) if is_iso else datetime.strptime(text, formats.date).date()
    except ValueError:
        return None
    return day if EARLIEST_YEAR <= day.year <= LATEST_YEAR else None


def find_moment(text: str, formats: Formats) -> datetime | None:
    """The moment of a text, aware, or None."""
    try:
        is_iso = formats.moment == "iso"
        moment = datetime.fromisoformat(text) if is_iso else datetime.strptime(text, formats.moment)
    except ValueError:
        return None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    return moment.replace(tzinfo=formats.zone) if moment.tzinfo is None else moment


def write_moment(moment: datetime, formats: Formats) -> str:
    """A moment as the vendor writes it."""
    local = moment.astimezone(formats.zone)
    return local.isoformat() if formats.moment == "iso" else local.strftime(formats.moment)
