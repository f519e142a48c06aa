"""Rows of the two vendors as they would come, written by hand so that no code of ours has made them."""

from typing import Any

CANONICAL: dict[str, Any] = {
    "external_id": "P-1",
    "version": 3,
    "updated_at": "2026-11-20T09:30:00+08:00",
    "is_deleted": False,
    "resident_id": "E-77",
    "record_number": "37990010510100012",
    "id_card": "379900195001010027",
    "name": "林测试",
    "sex": "F",
    "birthday": "1950-01-01",
    "mobile": "13900000001",
    "contact_phone": None,
    "population_groups": ["elderly", "chronic"],
    "region_code": "379900105208",
    "address": "小乔家疃村9号",
    "household_id": "H-5",
    "site": "V001",
    "latitude": 36.7,
    "longitude": 118.9,
    "team": "T01",
    "village_doctor": "D1",
    "township_doctor": "D2",
    "contract_begin": "2025-01-01",
    "contract_end": "2027-12-31",
    "contract_status": 1,
    "packages": ["basic"],
    "business_type": 1,
    "rule": "HTN_ROUTINE",
    "plan_date": "2026-11-25",
    "earliest_date": "2026-11-10",
    "last_date": "2026-12-10",
    "plan_status": 0,
    "last_class": 1,
    "wishes": {"channels": "上门 电话", "phone_minutes": "8"},
}

COMMUNITY_HEALTH: dict[str, Any] = {
    "planId": "2026000000000017",
    "modifyTime": "2026-11-20 09:30:00.250000",
    "deleted": "0",
    "empiId": "E-77",
    "phrId": "37990010510100012",
    "person": {"idCard": "37990019500101002x", "personName": "林测试", "sexCode": "2", "birthday": "1950-01-01",
               "mobileNumber": "", "contactPhone": "13900000002", "crowdType": "01,04"},
    "regionCode": "379900105208",
    "address": "小乔家疃村9号",
    "familyId": "H-5",
    "contract": {"teamId": "T01", "villageDoctorId": "D1", "hospitalDoctorId": "D2", "beginDate": "2025-01-01",
                 "endDate": "2027-12-31", "signFlag": "1", "stopReason": "", "serviceType": "1,2"},
    "planType": "1",
    "planDate": "2026-11-25",
    "beginDate": "2026-11-10",
    "endDate": "2026-12-10",
    "planStatus": "3",
    "visitEvaluate": "2",
    "unknownToUs": {"anything": 1},
}  # fmt: skip


def canonical(**changes: Any) -> dict[str, Any]:
    """The canonical row with changes."""
    return {**CANONICAL, **changes}


def community_health(**changes: Any) -> dict[str, Any]:
    """The community-health row with changes."""
    return {**COMMUNITY_HEALTH, **changes}
