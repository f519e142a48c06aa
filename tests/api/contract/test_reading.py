"""From rows of two vendors to the canonical record, with every fault told."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract.codes import BusinessType, ContractStatus, FollowUpClass, PlanStatus, Sex
from api.contract.reading import Read, read_row
from api.contract.vendors import get_vendor, list_vendors
from tests.api.contract.rows import CANONICAL, COMMUNITY_HEALTH, canonical, community_health

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read(row: Any, vendor: str = "xunzhen") -> Read:
    """The row read."""
    return read_row(get_vendor(vendor), row)


def codes(found: Read) -> dict[str, str]:
    """Faults by pointer."""
    return {fault.where: fault.code for fault in found.faults}


def test_a_canonical_row_is_read_whole() -> None:
    record = read(CANONICAL).record
    assert record is not None
    assert record.header.version == 3
    assert record.header.updated_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert (record.person.sex, record.person.birthday) == (Sex.FEMALE, date(1950, 1, 1))
    assert record.person.population_groups == ("elderly", "chronic")
    assert (record.contract.village_doctor, record.contract.township_doctor) == ("D1", "D2")
    assert (record.contract.status, record.contract.last_day) == (ContractStatus.SIGNED, date(2027, 12, 31))
    assert (record.due.rule, record.due.status) == ("HTN_ROUTINE", PlanStatus.DUE)
    assert (record.due.earliest, record.due.latest) == (date(2026, 11, 10), date(2026, 12, 10))
    assert record.due.wishes == {"channels": "上门 电话", "phone_minutes": "8"}


def test_the_other_vendors_row_gives_the_same_record() -> None:
    ours, theirs = read(CANONICAL).record, read(COMMUNITY_HEALTH, "community-health").record
    assert ours is not None
    assert theirs is not None
    assert theirs.person.resident_id == ours.person.resident_id
    assert theirs.person.record_number == ours.person.record_number
    assert theirs.home.village_code == ours.home.village_code
    assert (theirs.due.plan_date, theirs.due.earliest, theirs.due.latest) == (
        ours.due.plan_date, ours.due.earliest, ours.due.latest
    )  # fmt: skip
    assert theirs.due.status is PlanStatus.MISSED
    assert theirs.contract.packages == ("1", "2")


def test_the_class_of_the_last_visit_chooses_the_rule() -> None:
    record = read(COMMUNITY_HEALTH, "community-health").record
    assert record is not None
    assert (record.due.business_type, record.due.last_class) == (BusinessType.HYPERTENSION, FollowUpClass.UNCONTROLLED)
    assert record.due.rule == "HTN_UNCTRL_2W"
    calm = read(community_health(visitEvaluate="1"), "community-health").record
    assert calm is not None
    assert calm.due.rule == "HTN_ROUTINE"


def test_a_vendor_without_versions_has_them_from_the_moment_of_change() -> None:
    first = read(COMMUNITY_HEALTH, "community-health").header
    later = read(community_health(modifyTime="2026-11-20 09:30:00.250001"), "community-health").header
    assert first is not None
    assert later is not None
    assert later.version == first.version + 1


def test_a_moment_without_offset_has_the_offset_of_the_vendor() -> None:
    header = read(COMMUNITY_HEALTH, "community-health").header
    assert header is not None
    assert header.updated_at == datetime(2026, 11, 20, 1, 30, 0, 250_000, tzinfo=UTC)


def test_all_faults_are_told_at_once_with_their_pointers() -> None:
    row = community_health(
        planStatus="7", planType="99", planDate="2026-13-01", regionCode="1", phrId="2", visitEvaluate="x",
        person={**COMMUNITY_HEALTH["person"], "idCard": "3", "birthday": "yesterday"},
    )  # fmt: skip
    assert codes(read(row, "community-health")) == {
        "/planStatus": "UNKNOWN_CODE",
        "/planType": "UNKNOWN_CODE",
        "/planDate": "BAD_DATE",
        "/regionCode": "BAD_VILLAGE_CODE",
        "/phrId": "BAD_RECORD_NUMBER",
        "/visitEvaluate": "UNKNOWN_CODE",
        "/person/idCard": "BAD_ID_CARD",
        "/person/birthday": "BAD_DATE",
    }


def test_a_faulty_row_still_has_its_header() -> None:
    header = read(canonical(plan_date="soon")).header
    assert header is not None
    assert (header.external_id, header.version, header.status_code, header.business_code) == ("P-1", 3, "0", "1")


def test_every_fault_speaks_both_languages() -> None:
    for fault in read({}).faults:
        assert fault.advice_zh
        assert fault.advice_en


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"plan_date": None}, "/plan_date", "MISSING"),
        ({"resident_id": " "}, "/resident_id", "MISSING"),
        ({"resident_id": "379900195001010027"}, "/resident_id", "PERSONAL_ID"),
        ({"external_id": "13912345678"}, "/external_id", "PERSONAL_ID"),
        ({"village_doctor": "13912345678"}, "/village_doctor", "PERSONAL_ID"),
        ({"external_id": "a,b"}, "/external_id", "BAD_ID"),
        ({"version": -1}, "/version", "WRONG_TYPE"),
        ({"version": True}, "/version", "WRONG_TYPE"),
        ({"rule": "HTN_EVERY_DAY"}, "/rule", "UNKNOWN_RULE"),
        ({"rule": None, "business_type": None}, "/business_type", "MISSING"),
        ({"last_date": "2026-11-01"}, "/plan_date", "WINDOW_REVERSED"),
        ({"contract_begin": "2028-01-01"}, "/contract_end", "CONTRACT_REVERSED"),
        ({"latitude": "north"}, "/latitude", "BAD_COORDINATE"),
        ({"longitude": None}, "/longitude", "MISSING"),
        ({"name": "林\u0000"}, "/name", "BAD_TEXT"),
        ({"address": "\ud800"}, "/address", "BAD_TEXT"),
        ({"name": "林" * 101}, "/name", "TOO_LONG"),
        ({"packages": {"a": 1}}, "/packages", "WRONG_TYPE"),
        ({"wishes": {"name": "x"}}, "/wishes", "UNKNOWN_FIELD"),
        ({"is_deleted": "maybe"}, "/is_deleted", "WRONG_TYPE"),
        ({"updated_at": "2026-11-20T09:30:99"}, "/updated_at", "BAD_MOMENT"),
    ],
)
def test_a_wrong_value_is_refused_with_its_reason(changes: dict[str, Any], pointer: str, code: str) -> None:
    found = read(canonical(**changes))
    assert found.record is None
    assert codes(found).get(pointer) == code


@pytest.mark.parametrize("name", ["village_doctor", "township_doctor", "packages"])
def test_what_a_vendor_requires_is_missing_unless_it_is_filled(name: str) -> None:
    vendor = get_vendor("xunzhen").model_copy(update={"required": (name,)})
    empty = [] if name == "packages" else " "
    assert codes(read_row(vendor, canonical(**{name: empty}))) == {f"/{name}": "MISSING"}
    assert read_row(vendor, CANONICAL).faults == ()
    assert read(canonical(**{name: empty})).faults == ()
    assert read_row(vendor, canonical(**{name: empty}, plan_status=1)).faults == (), "it is done already"


def test_a_deleted_row_needs_no_more_than_its_header() -> None:
    found = read({"external_id": "P-1", "version": 4, "updated_at": "2026-11-21T00:00:00Z", "is_deleted": True})
    assert found.header is not None
    assert found.header.is_deleted
    assert found.faults == ()


@given(st.dictionaries(st.sampled_from(sorted(CANONICAL)), JSON, max_size=6), st.sampled_from(list_vendors()))
def test_no_garbage_from_outside_raises(garbage: dict[str, Any], vendor: str) -> None:
    base = CANONICAL if vendor == "xunzhen" else COMMUNITY_HEALTH
    renamed = dict(zip(sorted(base), garbage.values(), strict=False)) if vendor != "xunzhen" else garbage
    found = read({**base, **renamed}, vendor)
    assert found.record is None or not found.faults
    json.dumps([str(fault) for fault in found.faults])


@given(JSON)
def test_no_row_that_is_none_raises(row: Any) -> None:
    assert read(row).faults


def test_no_fault_and_no_repr_tells_a_personal_word() -> None:
    personal = ("林测试", "13900000001", "379900195001010027", "小乔家疃村9号")
    wrong = dict.fromkeys(CANONICAL, "林测试 13900000001 379900195001010027")
    texts = [str(fault) for fault in read({**wrong, "external_id": "P-1"}).faults]
    texts.append(repr(read(CANONICAL).record))
    assert not [word for word in personal for text in texts if word in text]
