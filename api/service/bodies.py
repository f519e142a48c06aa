"""The base of all bodies and the kinds of values in them: strict, finite, without signs that a database refuses."""

import re
from datetime import date
from typing import Annotated, Any
from unicodedata import category

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)

MOST_WHOLE = 2**53
"""Larger whole numbers are not read alike by every program."""
MOST_ROW_NUMBER = 2**31 - 1
LONGEST_WORD = 200
LONGEST_TEXT = 2_000
MOMENT_ADVICE = "时刻写作 2026-11-23T08:30:00+08:00", "Write moments as 2026-11-23T08:30:00+08:00"
_MOMENT = re.compile(r"(19[7-9]\d|20\d\d|21\d\d)-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Body(BaseModel):
    """A body of a request: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


class Answer(BaseModel):
    """A body of an answer; it only describes what is written."""

    model_config = ConfigDict(frozen=True)


class Refused(ValueError):
    """A value that a validator of ours refuses: a code, what would do, and what to do about it in both languages."""

    def __init__(self, code: str, expected: str, zh: str, en: str) -> None:
        self.code, self.expected, self.zh, self.en = code, expected, zh, en
        super().__init__(en)


def refused(code: str, expected: str, zh: str, en: str) -> Refused:
    """An error of validation in our words, to be raised."""
    return Refused(code, expected, zh, en)


def clean(text: str) -> str:
    """The text. Raises Refused on halves of signs, which databases refuse, and on control signs but line and tab."""
    if any(category(sign) in {"Cc", "Cs"} and sign not in "\n\r\t" for sign in text):
        raise refused("WRONG_VALUE", "a text without broken signs", "删除不可见字符", "Take the invisible signs out")
    return text


def clean_line(text: str) -> str:
    """The text, if it is on one line. Raises Refused as `clean` does, and on lines and tabs."""
    if any(sign in "\n\r\t" for sign in text):
        raise refused("WRONG_VALUE", "a text on one line", "删除换行和制表符", "Take line breaks and tabs out")
    return clean(text)


def _only_iso(value: Any) -> Any:
    """Only 2026-11-25 is a date: no timestamps, no moments."""
    if isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(value)):
        return value
    raise refused("WRONG_VALUE", "a date like 2026-11-25", "日期写作 2026-11-25", "Write dates as 2026-11-25")


def _only_moments(value: Any) -> Any:
    """No timestamps; moments before 1970 and after 2200 are mistakes."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        raise refused("WRONG_VALUE", "a moment like 2026-11-23T08:30:00+08:00", *MOMENT_ADVICE)
    return value


Word = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=LONGEST_WORD), AfterValidator(clean_line)]
"""An id or another short text that is not empty."""
Text = Annotated[str, Strict(), StringConstraints(max_length=LONGEST_TEXT), AfterValidator(clean)]
"""Any text of moderate length."""
Whole = Annotated[int, Strict(), Field(ge=-MOST_ROW_NUMBER, le=MOST_ROW_NUMBER)]
"""A whole number that every database holds."""
Number = Annotated[float, Strict(), Field(ge=-MOST_WHOLE, le=MOST_WHOLE, allow_inf_nan=False)]
"""A finite number."""
YesNo = Annotated[bool, Strict()]
"""true or false."""
Date = Annotated[date, BeforeValidator(_only_iso)]
"""A date like 2026-11-25."""
AwareMoment = Annotated[AwareDatetime, BeforeValidator(_only_moments)]
"""A moment with its offset, such as 2026-11-23T08:30:00+08:00."""
RowId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""An id of ours: 32 hexadecimal digits."""


def _in_calendar(week: str) -> str:
    """The week, if its year has it; few years have 53."""
    try:
        date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    except ValueError:
        raise refused("WRONG_VALUE", "a week of the calendar", "该年没有这一周", "The year has no such week") from None
    return week


Week = Annotated[
    str, StringConstraints(pattern=r"^20[0-9]{2}-W(0[1-9]|[1-4][0-9]|5[0-3])$"), AfterValidator(_in_calendar)
]
"""A week such as 2026-W48."""
