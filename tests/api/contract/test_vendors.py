"""Vendor files are data that is checked when it is loaded."""

from pathlib import Path

import pytest

from api.contract.codes import BusinessType
from api.contract.errors import VendorFaults
from api.contract.vendors import FIELDS, VENDORS, get_vendor, list_vendors, read_vendor

TEXT = (VENDORS / "community-health.toml").read_text(encoding="utf-8")


def test_there_are_our_own_form_and_another_one() -> None:
    assert {"xunzhen", "community-health"} <= set(list_vendors())


@pytest.mark.parametrize("name", list_vendors())
def test_every_vendor_file_is_sound(name: str) -> None:
    assert get_vendor(name).name == name


def test_our_own_form_has_every_canonical_field() -> None:
    assert set(get_vendor("xunzhen").fields) == FIELDS


def test_every_business_type_has_a_rule_in_a_system_without_our_rules() -> None:
    vendor = get_vendor("community-health")
    assert all(vendor.rule_of(business_type, 1) for business_type in BusinessType)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('planId"', 'planId!"', "pattern"),
        ('resident_id = "empiId"', "", "fields.resident_id is missing"),
        ('resident_id = "empiId"', 'resident = "empiId"', "fields.resident is no canonical field"),
        ('rule = "SMD_STABLE"', 'rule = "SMD_WHATEVER"', "SMD_WHATEVER is no rule of ours"),
        ("business_type = 18", "business_type = 19", "business type 19 is unknown"),
        ("business_type = 18", "business_type = 17", "none for business type 18"),
        ('2 = "F"', '2 = "W"', "'W' is unknown"),
        ("home = 4", "", "visit_ways.home is missing"),
        ("home = 4", "home = 7", "7 is unknown"),
        ('page = "pageNo"', "", "parameters lack page"),
        ('path = "/chis/api/plan/list"', 'path = "http://elsewhere/"', "pattern"),
        ('[success]\nat = "code"\nequals = 200', "", "nothing would tell that a message was kept"),
        ('cancelled = "9"', "", "no word for cancelled"),
        ("[success]", 'required = ["doctor"]\n[success]', "required: doctor is not among the fields"),
        ("equals = 200", "equals = 200\nsurprise = 1", "Extra inputs"),
        ('name = "community-health"', 'name = = "x"', "Invalid value"),
    ],
)
def test_a_wrong_vendor_file_is_refused_with_the_reason(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(VendorFaults) as caught:
        read_vendor(TEXT.replace(old, new, 1), "community-health")
    assert told in str(caught.value)


def test_all_faults_of_a_vendor_file_are_told_together() -> None:
    text = TEXT.replace("home = 4", "").replace('2 = "F"', '2 = "W"')
    with pytest.raises(VendorFaults) as caught:
        read_vendor(text, "community-health")
    assert "visit_ways.home" in str(caught.value)
    assert "'W'" in str(caught.value)


def test_an_unknown_vendor_is_refused_with_the_known_ones() -> None:
    with pytest.raises(VendorFaults, match="community-health"):
        get_vendor("nobody")


def test_a_vendor_name_leads_to_no_other_file() -> None:
    with pytest.raises(VendorFaults):
        get_vendor(str(Path("..") / "vendors" / "xunzhen"))
