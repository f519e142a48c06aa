"""The notation of half-days: "周一上午 周三", "Mon-Fri AM", "2026-11-25下午", "每天", "无"; with hours for residents.

Words for days that are no planning days mean nothing and are left out; a word that cannot be read raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from optimizer.calendar import HALVES_PER_DAY, Day, half_day_bounds
from optimizer.due import NotationError, parse_time_windows
from optimizer.model import DatedWindow

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EN = r"mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_DAY = rf"(?:周|星期|礼拜)[一二三四五六日天]+|{_EN}"
_TOKEN = re.compile(
    rf"""(?P<none>无|没有|none|-(?=$))
    |(?:(?P<date>\d{{4}}[-/.年]\d{{1,2}}[-/.月]\d{{1,2}}日?|\d{{1,2}}月\d{{1,2}}日|\d{{1,2}}[-/]\d{{1,2}}(?!\d|:))
       |(?P<first>{_DAY})(?:\s*[-~～—–至到]\s*(?P<last>(?:周|星期|礼拜)?[一二三四五六日天]|{_EN}))?
       |(?P<all>每天|每日|全周|整周|every\ day|all))
     \s*(?P<half>上午|下午|全天|整天|all\ day|morning|afternoon|am\b|pm\b)?
     \s*(?P<hours>\d{{1,2}}[:：]\d{{2}}\s*[-~～—–至到]\s*\d{{1,2}}[:：]\d{{2}})?""",
    re.VERBOSE | re.IGNORECASE,
)
_APART = re.compile(r"[\s,，;；、和及]+")
_HALVES = {"上午": (0,), "morning": (0,), "am": (0,), "下午": (1,), "afternoon": (1,), "pm": (1,)}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the notation: weekdays (0 Monday) or a date or every day; halves; hours where they are given."""

    weekdays: frozenset[int] | None
    on: date | None
    halves: tuple[int, ...]
    hours: str

    def is_on(self, day: date) -> bool:
        """Whether it means this day."""
        if self.on is not None:
            return day == self.on
        return self.weekdays is None or day.weekday() in self.weekdays


def parse_half_days(text: str, days: tuple[Day, ...]) -> tuple[int, ...]:
    """Numbers of the open half-days that a text names; raises NotationError."""
    words = tuple(words_of(text, days))
    bad = next((word for word in words if word.hours), None)
    if bad is not None:
        raise NotationError(bad.hours)
    return tuple(
        number * HALVES_PER_DAY + half
        for number, day in enumerate(days)
        for half in range(HALVES_PER_DAY)
        if day.is_open(half) and any(half in word.halves and word.is_on(day.date) for word in words)
    )


def parse_dates(text: str, days: tuple[Day, ...]) -> frozenset[date]:
    """The planning days that a text names, whatever half; raises NotationError."""
    words = tuple(words_of(text, days))
    return frozenset(day.date for day in days if any(word.is_on(day.date) for word in words))


def parse_resident_windows(text: str, days: tuple[Day, ...]) -> tuple[DatedWindow, ...]:
    """When a resident is there, such as "周二上午 周四14:00-16:00"; raises NotationError."""
    windows = []
    for word in words_of(text, days):
        for day in (day for day in days if word.is_on(day.date)):
            if word.hours:
                hours = parse_time_windows(re.sub(r"\s", "", word.hours))[0]
                windows.append(DatedWindow(day.date, hours.start_seconds, hours.end_seconds))
            else:
                bounds = [half_day_bounds(day, half) for half in word.halves]
                windows.append(DatedWindow(day.date, bounds[0][0], bounds[-1][1]))
    return tuple(sorted(windows, key=lambda window: (window.date, window.start_seconds)))


def words_of(text: str, days: tuple[Day, ...]) -> Iterator[Word]:
    """The words of a text in order; raises NotationError with the first part that cannot be read."""
    place, text = 0, text.strip()
    while place < len(text):
        apart = _APART.match(text, place)
        if apart is not None:
            place = apart.end()
            continue
        found = _TOKEN.match(text, place)
        if found is None:
            raise NotationError(text[place:].split(" ")[0])
        if not found["none"]:
            yield _word(found, days)
        place = found.end()


def _word(found: re.Match[str], days: tuple[Day, ...]) -> Word:
    halves = _HALVES.get((found["half"] or "").lower(), (0, 1))
    hours = found["hours"] or ""
    if found["date"]:
        return Word(None, parse_date(found["date"], days[0].date.year), halves, hours)
    if found["all"]:
        return Word(None, None, halves, hours)
    first = _weekdays(found["first"])
    if found["last"]:
        start, end = first[-1], _weekdays(found["last"])[-1]
        if start > end:
            raise NotationError(found[0])
        first = list(range(start, end + 1))
    return Word(frozenset(first), None, halves, hours)


def _weekdays(text: str) -> list[int]:
    """Weekday numbers of "周一三五" or "Mon"."""
    if text[:3].lower() in WEEKDAYS_EN:
        return [WEEKDAYS_EN.index(text[:3].lower())]
    return [WEEKDAYS_ZH.index("日" if char == "天" else char) for char in text if char in WEEKDAYS_ZH + "天"]


def parse_date(text: str, year: int | None = None) -> date:
    """A date such as 2026-11-25, 2026/11/25, 20261125, 2026年11月25日, or 11月25日 of the given year."""
    numbers = [int(number) for number in re.findall(r"\d+", text.partition(" ")[0])]
    if len(numbers) == 1 and re.fullmatch(r"\d{8}", text.strip()):
        numbers = [numbers[0] // 10_000, numbers[0] // 100 % 100, numbers[0] % 100]
    if len(numbers) == 2 and year is not None:
        numbers = [year, *numbers]
    try:
        if len(numbers) != 3 or re.search(r"[^\d年月日号/.\-\s:T]", text):
            raise ValueError
        return date(numbers[0], numbers[1], numbers[2])
    except ValueError:
        raise NotationError(text) from None


def format_half_days(half_days: tuple[int, ...], days: tuple[Day, ...], language: str = "zh") -> str:
    """Half-days as weekdays, a whole day in one word; "无" or "none" for none of them."""
    words = []
    for number, day in enumerate(days):
        halves = [half for half in range(HALVES_PER_DAY) if number * HALVES_PER_DAY + half in half_days]
        if not halves:
            continue
        name = weekday_name(day.date, language)
        halves_zh, halves_en = ("上午", "下午"), (" AM", " PM")
        suffix = "" if len(halves) == HALVES_PER_DAY else (halves_zh if language == "zh" else halves_en)[halves[0]]
        words.append(name + suffix)
    apart = " " if language == "zh" else ", "
    return apart.join(words) or ("无" if language == "zh" else "none")


def weekday_name(day: date, language: str = "zh") -> str:
    """周一, or Mon."""
    return "周" + WEEKDAYS_ZH[day.weekday()] if language == "zh" else WEEKDAYS_EN[day.weekday()].title()
