"""Calendars, read again: when and where, never who and why."""

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar, Event

from api.exports.calendar import SHANGHAI, crew_calendar, member_calendar
from optimizer.due import follow_up_rules
from tests.api.exports.weeks import CALENDAR, NAMES, PHONE, SECRET_WORDS, VILLAGES, a_printed_week
from tests.builders import MONDAY, a_plan


def events_of(content: bytes) -> list[Event]:
    """The events of a calendar file."""
    return list(Calendar.from_ical(content).events)


def test_a_crew_has_one_event_from_leaving_to_coming_back() -> None:
    (event,) = events_of(crew_calendar(a_printed_week(), "c1", CALENDAR))
    midnight = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=SHANGHAI)
    assert event.start == midnight + timedelta(hours=8)
    assert event.end == midnight + timedelta(hours=13, minutes=12)
    assert f"{event.start:%z}" == "+0800"


def test_the_time_zone_is_written_into_the_file_even_when_nothing_is_planned() -> None:
    for crew in ("c1", "gone"):
        calendar = Calendar.from_ical(crew_calendar(a_printed_week(), crew, CALENDAR))
        assert [zone.tz_name for zone in calendar.timezones] == ["Asia/Shanghai"]


def test_a_member_has_all_trips_and_the_half_days_with_calls() -> None:
    assert len(events_of(member_calendar(a_printed_week(), "nurse1", CALENDAR))) == 2
    events = events_of(member_calendar(a_printed_week(), "nurse2", CALENDAR))
    assert [str(event["summary"]) for event in events] == ["健康随访 入户 1 户", "健康随访 电话 1 个"]
    assert events_of(member_calendar(a_printed_week(), "nobody", CALENDAR)) == []


def test_ids_stay_and_the_sequence_is_the_version_of_the_plan() -> None:
    (before,) = events_of(crew_calendar(a_printed_week(), "c1", CALENDAR))
    later = type(CALENDAR)(CALENDAR.plan_id, 4, CALENDAR.changed_at)
    (after,) = events_of(crew_calendar(a_printed_week(), "c1", later))
    assert before["uid"] == after["uid"]
    assert (before.sequence, after.sequence) == (3, 4)


def test_ids_of_different_events_differ() -> None:
    files = [crew_calendar(a_printed_week(), name, CALENDAR) for name in ("c1", "c2", "c3")]
    events = [event for content in files for event in events_of(content)]
    assert len({event["uid"] for event in events}) == 3


@pytest.mark.parametrize("subject", ["c1", "c2", "c3"])
def test_nothing_tells_who_is_visited_or_why(subject: str) -> None:
    text = crew_calendar(a_printed_week(), subject, CALENDAR).decode().replace("\r\n ", "")
    rules = follow_up_rules().values()
    secret = [PHONE, *NAMES.values(), *SECRET_WORDS, *(rule.title_zh for rule in rules), *(rule.code for rule in rules)]
    assert not [word for word in secret if word in text]


def test_the_place_is_the_village_and_the_count_is_of_residents() -> None:
    (event,) = events_of(crew_calendar(a_printed_week(), "c1", CALENDAR))
    assert str(event["location"]) == VILLAGES["v1"]
    assert str(event["description"]).splitlines() == [
        f"08:10-11:10 {VILLAGES['v1']} 巡诊 1 人",
        f"12:30-13:00 {VILLAGES['v1']} 入户 1 人",
    ]


def test_signs_of_the_format_in_a_name_do_not_break_out_of_it() -> None:
    week = a_printed_week()
    week.draft.labels.sites["v1"] = "村;,\\\r\nEND:VEVENT\r\nBEGIN:VALARM"
    (event,) = events_of(crew_calendar(week, "c1", CALENDAR))
    assert "END:VEVENT" in str(event["location"])
    assert not event.subcomponents


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert crew_calendar(a_printed_week(), "c1", CALENDAR) == crew_calendar(a_printed_week(), "c1", CALENDAR)


def test_lines_are_folded_by_bytes_and_end_as_the_format_wants() -> None:
    content = crew_calendar(a_printed_week(a_plan()), "c1", CALENDAR)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
