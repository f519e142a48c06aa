"""Record numbers, village codes and identity numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract.numbers import find_record_number, find_village_code, has_check_sign, is_id_card, is_personal


def test_a_record_number_falls_into_its_parts() -> None:
    number = find_record_number("37990010510100012")
    assert number is not None
    assert (number.county, number.township, number.village, number.serial) == ("379900", "105", "101", "00012")
    assert (number.record_code, number.village_kind) == ("379900105101", "village")


@pytest.mark.parametrize(("village", "kind"), [("001", "committee"), ("199", "village"), ("901", "other")])
def test_the_village_part_of_a_record_number_tells_its_kind(village: str, kind: str) -> None:
    number = find_record_number(f"379900105{village}00012")
    assert number is not None
    assert number.village_kind == kind


@pytest.mark.parametrize(
    "text", ["", "3799001051010001", "379900105101000123", "3799001052010001x", "37990010550000012"]
)
def test_what_is_no_record_number_is_refused(text: str) -> None:
    assert find_record_number(text) is None


def test_a_statistical_code_counts_villages_in_another_way() -> None:
    code, number = find_village_code("379900105101"), find_record_number("37990010510100012")
    assert code is not None
    assert number is not None
    assert (code.village_kind, number.village_kind) == ("committee", "village")


@given(st.text(max_size=20))
def test_no_text_makes_the_numbers_raise(text: str) -> None:
    find_record_number(text)
    find_village_code(text)
    is_id_card(text)
    is_personal(text)


def test_the_check_sign_is_that_of_the_standard() -> None:
    assert has_check_sign("11010519491231002X")
    assert not has_check_sign("110105194912310021")


@pytest.mark.parametrize("text", ["11010519491231002x", "13912345678", "王小明", "F13912345678"])
def test_an_id_that_tells_who_it_is_is_personal(text: str) -> None:
    assert is_personal(text)


@pytest.mark.parametrize("text", ["F00001", "2026000000000017", "E-77"])
def test_an_opaque_id_is_not_personal(text: str) -> None:
    assert not is_personal(text)
