"""When a crew may be out."""

from optimizer.calendar import Span, day_of, half_of, span_of
from tests.builders import a_day, a_week, clock


def test_half_days_count_through_the_plan() -> None:
    assert [(day_of(h), half_of(h)) for h in (0, 1, 2, 9)] == [(0, 0), (0, 1), (1, 0), (4, 1)]


def test_a_whole_day_has_a_lunch_and_ends_with_overtime() -> None:
    assert span_of(a_week(), (2, 3), 1800) == Span(1, clock(8), clock(17, 30), clock(18), needs_lunch=True)


def test_an_afternoon_has_no_lunch() -> None:
    assert span_of(a_week(), (3,), 1800) == Span(1, clock(13, 30), clock(17, 30), clock(18), needs_lunch=False)


def test_a_morning_crew_is_back_in_time_for_lunch() -> None:
    assert span_of(a_week(), (2,), 1800).hard_end_seconds == clock(12, 30)
    assert span_of(a_week(), (2,), 7200).hard_end_seconds == clock(12, 30)
    early = (a_day(0, afternoon_start_seconds=clock(12, 30)),)
    assert span_of(early, (0,), 1800).hard_end_seconds == clock(12)


def test_closed_halves() -> None:
    day = a_day(closed_afternoon=True)
    assert day.is_open(0)
    assert not day.is_open(1)
