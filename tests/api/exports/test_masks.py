"""What is left of a name and a phone number on paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exports.equipment import BY_SKILL, to_bring
from api.exports.masks import COMPOUND_SURNAMES, masked_name, masked_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰年", "张*"),
        ("欧阳㛃", "欧阳*"),
        ("欧阳", "欧*"),
        ("𬭎丽", "𬭎*"),
        ("䶮", "*"),
        (" 李 四 ", "李*"),
        ("买买提·艾力", "买*"),
        ("", ""),
    ],
)
def test_of_a_name_the_surname_is_left(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("13900001234", "*1234"), ("+86 139-0000-1234", "*1234"), ("120", "*"), ("", ""), ("无", "*")]
)
def test_of_a_number_the_last_four_digits_are_left(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


@given(st.text(min_size=2, max_size=8).map(str.strip).filter(lambda text: len(text) > 1))
def test_a_masked_name_never_tells_how_long_the_name_is(name: str) -> None:
    assert masked_name(name) in {name[0] + "*", name[:2] + "*"}
    assert masked_name(name) == masked_name(name + "x") or name in COMPOUND_SURNAMES


def test_compound_surnames_have_two_characters_each() -> None:
    assert all(len(name) == 2 for name in COMPOUND_SURNAMES)
    assert {"欧阳", "司马", "万俟", "褚师"} <= COMPOUND_SURNAMES


def test_no_equipment_tells_of_a_sensitive_reason() -> None:
    assert not {"SMD_TRAINED", "TB_TRAINED", "PALLIATIVE"} & set(BY_SKILL)
    assert to_bring({"SMD_TRAINED", "TB_TRAINED", "PALLIATIVE"}, ()) == to_bring((), ())


def test_every_thing_is_named_once_and_an_unknown_tag_as_it_is() -> None:
    things = to_bring({"NEWBORN", "CHILD_HEALTH", "ECG"}, ("patrol_kit", "x-ray", "x-ray"))
    assert len(things) == len(set(things)) == 5
    assert "x-ray" in things
