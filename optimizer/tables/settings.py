"""The settings sheet: working days and hours of the week, the optimizer's parameters and weights, what travel needs."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from optimizer.calendar import HALVES_PER_DAY, Day
from optimizer.due import DATA, NotationError, parse_clock
from optimizer.model import Parameters
from optimizer.tables.cells import Row
from optimizer.tables.columns import plain
from optimizer.tables.faults import Log
from optimizer.tables.half_days import parse_dates, words_of
from optimizer.tables.words import closest, find_word
from optimizer.weights import MINUTE, Weights

WEEK = 7


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how it is called, what kind of value it has, and the value it has when not given."""

    key: str
    zh: str
    kind: str
    default: str
    explain_zh: str
    explain_en: str


@lru_cache(maxsize=1)
def all_settings() -> dict[str, Setting]:
    """Every setting by key (data/settings.csv)."""
    with (DATA / "settings.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: Setting(**row) for row in csv.DictReader(file)}


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of one folder, read for one week."""

    days: tuple[Day, ...]
    parameters: Parameters
    weights: Weights
    snow_percent: int
    max_field_seconds: int
    fair_half_days: int
    neighbour_metres: float
    circuity: float
    stop_overhead_seconds: int
    max_access_metres: float
    outside_china: bool


def monday_of(week: str) -> date:
    """The Monday of an ISO week such as "2026-W48", or of the week of a date; raises NotationError."""
    try:
        if "W" in week.upper():
            year, _, number = week.upper().partition("W")
            return date.fromisocalendar(int(year.strip("- ")), int(number), 1)
        day = date.fromisoformat(week.strip())
    except ValueError:
        raise NotationError(week) from None
    return day - timedelta(days=day.weekday())


def read_settings(rows: list[Row], monday: date, log: Log) -> Settings:
    """The settings of a week; what is not given has its default."""
    values: dict[str, str] = {key: setting.default for key, setting in all_settings().items()}
    by_name = {plain(name): s.key for s in all_settings().values() for name in (s.key, s.zh)}
    seen: dict[str, int] = {}
    for row in rows:
        key = by_name.get(plain(row.text("key")))
        if key is None:
            _unknown(row)
        elif key in seen:
            row.fault("DUPLICATE_ID", "key", f"与第 {seen[key]} 行重复", f"the same as in row {seen[key]}")
        else:
            seen[key] = row.number
            if row.text("value") and _is_readable(row, all_settings()[key], monday):
                values[key] = row.text("value")
    settings = _settings(values, monday)
    _judge_hours(settings.days, rows, log)
    return settings


def _unknown(row: Row) -> None:
    if row.text("key"):
        near = closest(row.text("key"), [name for s in all_settings().values() for name in (s.zh, s.key)])
        zh = f"是否应为“{near}”？" if near else "未知的设置项；见说明"
        row.fault(
            "UNKNOWN_SETTING", "key", zh, f"should it be {near}?" if near else "unknown setting; see the help sheet"
        )


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise NotationError(text)
    return int(text)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise NotationError(text) from None
    if not 0 <= value <= 1_000_000:
        raise NotationError(text)
    return value


def _four(text: str) -> tuple[int, int, int, int]:
    numbers = [_whole(word) for word in text.replace(",", " ").replace("，", " ").split()]
    if len(numbers) != 4:
        raise NotationError(text)
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _yes(text: str) -> bool:
    code = find_word("yes_no", text)
    if code is None:
        raise NotationError(text)
    return code == "yes"


_ADVICE = {
    "clock": ("时刻写作 08:30", "write times as 08:30"),
    "half_days": ("半天写作 周一上午 或 2026-11-25下午", "write half-days as Mon AM or 2026-11-25 PM"),
    "dates": ("日期写作 2026-11-25", "write dates as 2026-11-25"),
    "weekdays": ("写作 周一至周五", "write Mon-Fri"),
    "four": ("填四个整数，空格分开", "write four whole numbers apart by spaces"),
    "yes_no": ("填 是 或 否", "write yes or no"),
    "number": ("填不小于0的数字", "write a number of at least 0"),
}


def _is_readable(row: Row, setting: Setting, monday: date) -> bool:
    """Whether the value of a row is of the setting's kind; notes a fault if not."""
    week = tuple(Day(monday + timedelta(days=number)) for number in range(WEEK))
    parsers: dict[str, Callable[[str], object]] = {
        "clock": parse_clock,
        "half_days": lambda text: tuple(words_of(text, week)),
        "dates": lambda text: tuple(words_of(text, week)),
        "weekdays": lambda text: tuple(words_of(text, week)),
        "four": _four,
        "yes_no": _yes,
        "number": _number,
    }
    advice = _ADVICE.get(setting.kind, ("填不小于0的整数", "write a whole number of at least 0"))
    before = len(row.log.faults)
    row.parsed("value", parsers.get(setting.kind, _whole), None, advice)
    return len(row.log.faults) == before


def _settings(values: dict[str, str], monday: date) -> Settings:
    minutes = {key: _whole(values[key]) * MINUTE for key in values if all_settings()[key].kind in {"minutes", "count"}}
    return Settings(
        days=_days(values, monday),
        parameters=Parameters(
            setup_seconds=minutes["setup_minutes"],
            person_extra_percent=_whole(values["person_extra_percent"]),
            household_extra_percent=_whole(values["household_extra_percent"]),
            max_crew_members=_whole(values["max_crew_members"]),
            min_home_crew_members=_whole(values["min_home_crew_members"]),
            max_overtime_seconds=minutes["max_overtime_minutes"],
            phone_seconds_per_half_day=minutes["phone_minutes"],
            strict_order_classes=_yes(values["strict_order_classes"]),
        ),
        weights=_weights(values, minutes),
        snow_percent=_whole(values["snow_percent"]),
        max_field_seconds=minutes["max_field_minutes"],
        fair_half_days=_whole(values["fair_half_days"]),
        neighbour_metres=_number(values["neighbour_kilometres"]) * 1000,
        circuity=_number(values["circuity"]),
        stop_overhead_seconds=_whole(values["stop_overhead_seconds"]),
        max_access_metres=_number(values["max_access_metres"]),
        outside_china=_yes(values["outside_china"]),
    )


def _weights(values: dict[str, str], minutes: dict[str, int]) -> Weights:
    unplanned, overdue = _four(values["unplanned_minutes"]), _four(values["overdue_minutes"])
    return Weights(
        unplanned=(unplanned[0] * MINUTE, unplanned[1] * MINUTE, unplanned[2] * MINUTE, unplanned[3] * MINUTE),
        overdue_day=(overdue[0] * MINUTE, overdue[1] * MINUTE, overdue[2] * MINUTE, overdue[3] * MINUTE),
        joint_percent=_whole(values["joint_percent"]),
        staff_half_day=minutes["staff_minutes"],
        other_team_session=minutes["other_team_session_minutes"],
        other_team_home=minutes["other_team_home_minutes"],
        not_preferred=minutes["not_preferred_minutes"],
        neighbour=minutes["neighbour_minutes"],
        rhythm=minutes["rhythm_minutes"],
        home_instead=minutes["home_instead_minutes"],
        change=minutes["change_minutes"],
    )


def _days(values: dict[str, str], monday: date) -> tuple[Day, ...]:
    """The planning days from the first to the last worked one, with hours, closed halves and snow."""
    week = tuple(_day(values, monday + timedelta(days=number)) for number in range(WEEK))
    worked = parse_dates(values["working_days"], week) | parse_dates(values["extra_days"], week)
    snow = parse_dates(values["snow_days"], week)
    closed = {
        (day.date, half)
        for word in words_of(values["closed"], week)
        for day in week
        for half in range(HALVES_PER_DAY)
        if half in word.halves and word.is_on(day.date)
    }
    open_dates = [day.date for day in week if day.date in worked and not {(day.date, 0), (day.date, 1)} <= closed]
    if not open_dates:
        return ()
    return tuple(
        replace(
            day,
            closed_morning=day.date not in worked or (day.date, 0) in closed,
            closed_afternoon=day.date not in worked or (day.date, 1) in closed,
            snow=day.date in snow,
        )
        for day in week
        if open_dates[0] <= day.date <= open_dates[-1]
    )


def _day(values: dict[str, str], day: date) -> Day:
    return Day(
        date=day,
        morning_start_seconds=parse_clock(values["morning_start"]),
        morning_end_seconds=parse_clock(values["morning_end"]),
        afternoon_start_seconds=parse_clock(values["afternoon_start"]),
        afternoon_end_seconds=parse_clock(values["afternoon_end"]),
        lunch_earliest_seconds=parse_clock(values["lunch_earliest"]),
        lunch_latest_seconds=parse_clock(values["lunch_latest"]),
        lunch_seconds=_whole(values["lunch_minutes"]) * MINUTE,
    )


def _judge_hours(days: tuple[Day, ...], rows: list[Row], log: Log) -> None:
    """Note a fault when the hours of a day run backwards, at the first row that sets one of them."""
    if not days:
        return
    day = days[0]
    hours = (
        day.morning_start_seconds,
        day.morning_end_seconds,
        day.afternoon_start_seconds,
        day.afternoon_end_seconds,
    )
    if list(hours) != sorted(set(hours)):
        names = {plain(all_settings()[key].zh): key for key in all_settings() if key.startswith(("morning", "after"))}
        names |= {plain(key): key for key in names.values()}
        row = next((row for row in rows if plain(row.text("key")) in names), None)
        if row is not None:
            row.fault("HOURS", "value", "上下班时刻的先后不对", "the hours of the day run backwards")
