"""Planning days and their half-days: working hours, lunch, closed halves, snow.

Half-days are numbered through the plan: day 0 morning is 0, day 0 afternoon is 1, day 1 morning is 2.
Times are whole seconds since local midnight of the day. Which days are holidays is data of the caller.
"""

from dataclasses import dataclass
from datetime import date

HALVES_PER_DAY = 2


@dataclass(frozen=True, slots=True)
class Day:
    """One planning day; the working hours are assumptions of the township and therefore data."""

    date: date
    morning_start_seconds: int = 8 * 3600
    morning_end_seconds: int = 12 * 3600
    afternoon_start_seconds: int = 13 * 3600 + 1800
    afternoon_end_seconds: int = 17 * 3600 + 1800
    lunch_earliest_seconds: int = 11 * 3600 + 1800
    lunch_latest_seconds: int = 13 * 3600
    """Latest start of lunch."""
    lunch_seconds: int = 3600
    closed_morning: bool = False
    closed_afternoon: bool = False
    snow: bool = False

    def is_open(self, half: int) -> bool:
        """Whether the morning (0) or afternoon (1) is a working half-day."""
        return not (self.closed_afternoon if half else self.closed_morning)


@dataclass(frozen=True, slots=True)
class Span:
    """When a crew may be out: from `start_seconds`, back by `end_seconds`, with overtime by `hard_end_seconds`."""

    day: int
    start_seconds: int
    end_seconds: int
    hard_end_seconds: int
    needs_lunch: bool


def day_of(half_day: int) -> int:
    """The day number of a half-day number."""
    return half_day // HALVES_PER_DAY


def half_of(half_day: int) -> int:
    """0 for a morning, 1 for an afternoon."""
    return half_day % HALVES_PER_DAY


def half_day_bounds(day: Day, half: int) -> tuple[int, int]:
    """Start and normal end of one half of a day, in seconds."""
    if half:
        return day.afternoon_start_seconds, day.afternoon_end_seconds
    return day.morning_start_seconds, day.morning_end_seconds


def span_of(days: tuple[Day, ...], half_days: tuple[int, ...], max_overtime_seconds: int) -> Span:
    """The span of a crew that is out on one half-day, or on both half-days of one day (then with a floating lunch).

    A crew that is out in the morning only is back in time for lunch before the afternoon begins.
    """
    number = day_of(half_days[0])
    day = days[number]
    start, _ = half_day_bounds(day, half_of(half_days[0]))
    _, end = half_day_bounds(day, half_of(half_days[-1]))
    hard_end = end + max_overtime_seconds
    if half_of(half_days[-1]) == 0:
        hard_end = max(end, min(hard_end, day.afternoon_start_seconds - day.lunch_seconds))
    return Span(number, start, end, hard_end, needs_lunch=len(half_days) == HALVES_PER_DAY)
