"""The catalogue of rules is sound, and needs and times of day are read as they are written."""

import pytest

from optimizer.due import (
    ROLES,
    SKILLS,
    NotationError,
    follow_up_rules,
    format_needs,
    format_time_windows,
    parse_clock,
    parse_needs,
    parse_time_windows,
)
from optimizer.model import Channel, OrderClass, ServiceClass, StaffNeed, TimeWindow

ALL_ROLES, ALL_SKILLS = frozenset(ROLES), frozenset(SKILLS)


@pytest.mark.parametrize("code", sorted(follow_up_rules()))
def test_every_rule_can_be_done_and_has_titles(code: str) -> None:
    rule = follow_up_rules()[code]
    assert rule.code == code
    assert rule.title_zh
    assert rule.title_en
    assert rule.options
    assert all(option.seconds > 0 and option.head_count >= 1 for option in rule.options)
    assert 0 <= rule.priority <= 3
    assert rule.before_days >= 0 <= rule.after_days


def test_home_visits_only_where_the_rule_says_so() -> None:
    rules = follow_up_rules()
    assert [option.channel for option in rules["TB_FIRST"].options] == [Channel.HOME]
    assert rules["TB_FIRST"].order_class is OrderClass.INFECTIOUS
    assert rules["TB_FIRST"].clock_hours == 72
    assert rules["NB_VISIT"].options[0].needs == (StaffNeed(1, (), ("NEWBORN",), "F"),)
    assert rules["SMD_UNSTABLE"].joint is not None
    assert rules["LTCI_CARE"].service_class is ServiceClass.HOME_MEDICAL


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("1 GP/NURSE", (StaffNeed(1, ("GP", "NURSE")),)),
        ("2 SMD_TRAINED; GP", (StaffNeed(2, (), ("SMD_TRAINED",)), StaffNeed(1, ("GP",)))),
        ("1 NEWBORN F", (StaffNeed(1, (), ("NEWBORN",), "F"),)),
        ("", ()),
    ],
)
def test_needs_are_read_and_written(text: str, needs: tuple[StaffNeed, ...]) -> None:
    assert parse_needs(text, ALL_ROLES, ALL_SKILLS) == needs
    assert parse_needs(format_needs(needs), ALL_ROLES, ALL_SKILLS) == needs


def test_an_unknown_word_of_a_need_is_named() -> None:
    with pytest.raises(NotationError) as caught:
        parse_needs("1 GP; 2 WIZARD", ALL_ROLES, ALL_SKILLS)
    assert caught.value.word == "WIZARD"


def test_times_of_day_are_read_and_written() -> None:
    windows = (TimeWindow(25_200, 34_200), TimeWindow(50_400, 57_600, 59_400))
    assert parse_time_windows("07:00-9:30，14：00~16:00/16:30") == windows
    assert parse_time_windows(format_time_windows(windows)) == windows


@pytest.mark.parametrize("text", ["9", "09:00-08:00", "09:00", "09:00-10:00/09:30", "ab-cd"])
def test_times_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(NotationError):
        parse_time_windows(text)


@pytest.mark.parametrize("text", ["24:30:00x", "25:00", "12:60", "noon"])
def test_clocks_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(NotationError):
        parse_clock(text)
