"""Half-days can be written as people write them."""

from datetime import date

import pytest

from optimizer.due import NotationError
from optimizer.tables.half_days import format_half_days, parse_date, parse_half_days, parse_resident_windows
from optimizer.tables.writing import half_days_zh
from tests.builders import a_day, a_week


@pytest.mark.parametrize(
    ("text", "half_days"),
    [
        ("周一上午 周三", (0, 4, 5)),
        ("Mon AM, Wed", (0, 4, 5)),
        ("周一至周三上午", (0, 2, 4)),
        ("Mon-Wed AM", (0, 2, 4)),
        ("星期一、礼拜五下午", (0, 1, 9)),
        ("周一三五上午", (0, 4, 8)),
        ("2026-11-25下午", (5,)),
        ("11月25日；2026/11/26 am", (4, 5, 6)),
        ("每天上午", (0, 2, 4, 6, 8)),
        ("all", tuple(range(10))),
        ("无", ()),
        ("-", ()),
        ("", ()),
        ("周六", ()),
        ("2026-12-25", ()),
    ],
)
def test_half_days_are_read(text: str, half_days: tuple[int, ...]) -> None:
    assert parse_half_days(text, a_week()) == half_days


@pytest.mark.parametrize(
    ("text", "word"),
    [("周八上午", "周八上午"), ("周一 早", "早"), ("周五-周一", "周五-周一"), ("周一8:00-9:00", "8:00-9:00")],
)
def test_the_word_that_cannot_be_read_is_named(text: str, word: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_half_days(text, a_week())
    assert caught.value.word == word


def test_closed_half_days_are_left_out() -> None:
    days = (a_day(0, closed_afternoon=True), a_day(1))
    assert parse_half_days("每天", days) == (0, 2, 3)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("half_days", [(), (0,), (0, 1), (1, 4, 5, 9)])
def test_written_half_days_are_read_back(half_days: tuple[int, ...], language: str) -> None:
    text = format_half_days(half_days, a_week(), language)
    assert parse_half_days(text, a_week()) == half_days
    assert parse_half_days(half_days_zh(format_half_days(half_days, a_week(), "en")), a_week()) == half_days


def test_a_residents_times_are_half_days_or_hours() -> None:
    found = parse_resident_windows("周四14:00-16:00 周二上午", a_week())
    assert [(w.date.day, w.start_seconds // 3600, w.end_seconds // 3600) for w in found] == [(24, 8, 12), (26, 14, 16)]


@pytest.mark.parametrize(
    "text", ["2026-11-25", "2026/11/25", "2026.11.25", "20261125", "2026年11月25日", "2026-11-25 00:00"]
)
def test_dates_are_read(text: str) -> None:
    assert parse_date(text) == date(2026, 11, 25)


@pytest.mark.parametrize("text", ["2026-13-01", "昨天", "25", "2026-11-25x", "26-11"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(NotationError):
        parse_date(text)
