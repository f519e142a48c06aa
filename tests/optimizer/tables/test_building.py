"""What the rows of a folder become, and which messy rows are only noted."""

from datetime import date
from pathlib import Path

import pytest

from optimizer.model import Channel, ServiceClass, SiteKind, Skill, StaffNeed, TimeWindow
from optimizer.tables import Draft, TableFaults
from tests.optimizer.tables.folders import Rows, draft_of, small, write


def read(tmp_path: Path, rows: dict[str, Rows]) -> Draft:
    return draft_of(write(tmp_path, rows))


def notes(draft: Draft) -> dict[str, int]:
    return {note.code: note.count for note in draft.notes}


def test_the_small_folder_becomes_the_parts_of_a_problem(tmp_path: Path) -> None:
    draft = read(tmp_path, small())
    assert [site.id for site in draft.sites] == ["B1", "V1", "V2", "V3", "K1", "H:H1"]
    assert draft.sites[4].kind is SiteKind.COMMUNITY
    assert draft.sites[5].village == "V1"
    assert draft.days[0].morning_start_seconds == 8 * 3600 + 1800
    first, second = draft.members
    assert (first.field_half_days, first.drives, first.base) == (tuple(range(10)), ("car",), "B1")
    assert (second.field_half_days, second.desk_half_days, second.sex) == ((0, 2, 3), (6, 7), "F")
    assert draft.vehicles[0].tags == ("patrol_kit",)
    assert draft.sessions[0].needs == (StaffNeed(1, ("GP", "PH")),)
    assert draft.modes == ("car",)
    assert draft.notes == ()


def test_what_a_follow_up_does_not_say_comes_from_its_rule(tmp_path: Path) -> None:
    home, patrol = read(tmp_path, small()).follow_ups
    assert (home.earliest, home.due, home.latest) == (date(2026, 11, 10), date(2026, 11, 25), date(2026, 12, 10))
    assert [(option.channel, option.seconds) for option in home.channels] == [
        (Channel.HOME, 900),
        (Channel.PATROL, 480),
    ]
    assert patrol.time_windows == (TimeWindow(7 * 3600, 9 * 3600 + 1800),)
    assert (patrol.priority, patrol.hard_end) == (2, False)


def test_a_row_can_say_more_than_its_rule(tmp_path: Path) -> None:
    rows = small()
    rows["followups"][0] |= {
        "home_minutes": "33", "needs": "2 精防培训; 1 女", "patrol_needs": "1 内科医生", "priority": "P0",
        "head_count": "2", "times": "09:00-10:00/10:30", "joint": "1 精神科医生", "order_class": "感染",
        "preferred": "M2 M1", "earliest": "2026-11-23", "latest": "2026-11-26", "deadline": "16:30", "hard_end": "是",
    }  # fmt: skip
    item = read(tmp_path, rows).follow_ups[0]
    home, patrol = item.channels
    assert (home.seconds, home.head_count) == (33 * 60, 2)
    assert home.needs == (StaffNeed(2, (), ("SMD_TRAINED",)), StaffNeed(1, sex="F"))
    assert patrol.needs == (StaffNeed(1, ("INTERNIST",)),)
    assert (item.priority, item.order_class, item.preferred_members) == (0, "infectious", ("M2", "M1"))
    assert item.time_windows == (TimeWindow(32_400, 36_000, 37_800),)
    assert item.joint is not None
    assert item.joint.needs == (StaffNeed(1, ("PSYCHIATRIST",)),)
    assert (item.deadline_seconds, item.hard_end) == (16 * 3600 + 1800, True)


def test_only_what_can_be_done_at_home_has_a_place_of_its_own(tmp_path: Path) -> None:
    rows = small()
    rows["followups"][1] |= {"latitude": "36.7121", "longitude": "118.9151", "household": "H2"}
    draft = read(tmp_path, rows)
    assert [item.site for item in draft.follow_ups] == ["H:H1", "V2"]
    assert all(site.id != "H:H2" for site in draft.sites)


def test_residents_may_go_to_near_sessions_but_not_to_far_ones_or_those_of_a_factory(tmp_path: Path) -> None:
    rows = small()
    rows["sessions"] += [
        {"id": "S2", "site": "V2", "half_days": "周三"},
        {"id": "S3", "site": "V3", "half_days": "周三"},
        {"id": "S4", "site": "K1", "half_days": "周三"},
    ]
    rows["followups"].append({"id": "F3", "resident": "R3", "site": "K1", "rule": "高血压随访", "due": "2026-11-25"})
    assert [item.patrol_sites for item in read(tmp_path, rows).follow_ups] == [("V1", "V2"), ("V2", "V1"), ("K1",)]


def test_several_sessions_of_one_row_are_a_series(tmp_path: Path) -> None:
    rows = small()
    rows["sessions"][0] |= {"times": "2", "law": "是", "usual": "周二上午"}
    sessions = read(tmp_path, rows).sessions
    assert [(s.id, s.series, s.is_law, s.usual_half_day) for s in sessions] == [
        ("S1-1", "S1", True, 2),
        ("S1-2", "S1", True, 2),
    ]


def test_skills_may_carry_their_last_day(tmp_path: Path) -> None:
    rows = small()
    rows["members"][0]["skills"] = "精防培训 ECG:2027-06-30"
    skills = read(tmp_path, rows).members[0].skills
    assert skills == (Skill("SMD_TRAINED"), Skill("ECG", date(2027, 6, 30)))


def test_a_home_without_coordinates_is_at_its_village_and_noted(tmp_path: Path) -> None:
    rows = small()
    rows["followups"][0] |= {"latitude": "", "longitude": ""}
    draft = read(tmp_path, rows)
    assert draft.follow_ups[0].site == "V1"
    assert notes(draft) == {"NO_COORDINATES": 1}


def test_an_item_known_to_two_systems_is_kept_once_by_the_earlier_end(tmp_path: Path) -> None:
    rows = small()
    rows["followups"].append(rows["followups"][0] | {"id": "F9", "due": "2026-11-24", "source": "慢病系统"})
    draft = read(tmp_path, rows)
    assert {item.id for item in draft.follow_ups} == {"F9", "F2"}
    assert notes(draft) == {"KNOWN_TWICE": 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"due": "2026-12-25", "earliest": "2026-12-01"}, "NOT_OPEN"),
        ({"contract_end": "2026-11-20"}, "CONTRACT_ENDED"),
        ({"status": "已访"}, "NOT_DUE"),
    ],
)
def test_what_is_not_for_this_week_is_left_out_and_counted(tmp_path: Path, change: dict[str, str], code: str) -> None:
    rows = small()
    rows["followups"][0] |= change
    draft = read(tmp_path, rows)
    assert [item.id for item in draft.follow_ups] == ["F2"]
    assert notes(draft) == {code: 1}


def test_a_window_that_ends_on_the_weekend_ends_on_the_last_working_day(tmp_path: Path) -> None:
    rows = small()
    rows["followups"][0] |= {"latest": "2026-11-29", "deadline": "09:00"}
    draft = read(tmp_path, rows)
    assert draft.follow_ups[0].latest == date(2026, 11, 27)
    assert draft.follow_ups[0].deadline_seconds is None
    assert notes(draft) == {"WEEKEND": 1}


@pytest.mark.parametrize("missing", ["assessed", "consented", "carer"])
def test_home_medical_care_without_one_of_its_conditions_is_noted(tmp_path: Path, missing: str) -> None:
    rows = small()
    conditions = {"assessed": "是", "consented": "是", "carer": "是"}
    rows["followups"][0] |= conditions | {"rule": "长护险居家护理", "channels": "", missing: "否"}
    draft = read(tmp_path, rows)
    item = draft.follow_ups[0]
    assert item.service_class is ServiceClass.HOME_MEDICAL
    assert item.gate is not None
    assert not item.gate.is_open
    assert notes(draft) == {"GATE": 1}


def test_a_holiday_in_the_middle_stays_a_closed_day_and_a_make_up_day_is_added(tmp_path: Path) -> None:
    rows = small()
    rows["settings"] += [
        {"key": "停止外勤", "value": "2026-11-25 周四下午"},
        {"key": "补班日", "value": "2026-11-28"},
        {"key": "雪天", "value": "周二"},
    ]
    days = read(tmp_path, rows).days
    assert [day.date.day for day in days] == [23, 24, 25, 26, 27, 28]
    assert [(day.closed_morning, day.closed_afternoon) for day in days[2:4]] == [(True, True), (False, True)]
    assert [day.snow for day in days] == [False, True, False, False, False, False]


def test_the_price_of_a_missed_joint_visit_is_a_setting(tmp_path: Path) -> None:
    rows = small()
    assert read(tmp_path / "default", rows).weights.joint_percent == 100
    rows["settings"].append({"key": "联合访视漏访加价", "value": "10000"})
    assert read(tmp_path / "ranked", rows).weights.joint_percent == 10_000


def test_no_name_phone_or_address_reaches_the_parts(tmp_path: Path) -> None:
    draft = read(tmp_path, small())
    parts = repr((draft.sites, draft.members, draft.follow_ups, draft.vehicles, draft.teams, draft.sessions))
    assert not any(word in parts for word in ("王一", "孙三", "13100002222", "东柳村", "一队"))
    assert draft.labels.residents["F1"].name == "孙三"


def test_a_week_without_working_days_is_a_fault(tmp_path: Path) -> None:
    rows = small()
    rows["settings"].append({"key": "停止外勤", "value": "每天"})
    with pytest.raises(TableFaults, match="no working day"):
        read(tmp_path, rows)


def test_a_fault_found_by_the_optimizers_validation_names_sheet_row_and_column(tmp_path: Path) -> None:
    rows = small()
    rows["sessions"][0]["minutes"] = "400"
    with pytest.raises(TableFaults) as caught:
        read(tmp_path, rows)
    assert [(fault.sheet, fault.row, fault.column) for fault in caught.value.faults] == [("sessions", 2, "minutes")]
