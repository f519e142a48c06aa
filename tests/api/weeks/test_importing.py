"""A folder goes into the store whole or not at all, and again without doubling anything."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from api.store import audit
from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp, FollowUpStatus
from api.store.models.organisations import Setting
from api.store.models.residents import Household, Resident
from api.store.models.resources import Member, Site, Vehicle
from api.store.scope import ScopeError
from api.weeks import Counts, Imported, WeekFaults, import_folder
from optimizer.tables import Folder, TableFaults, monday_of, read_folder
from tests.api.store.databases import scope_in
from tests.api.weeks.conftest import Township
from tests.optimizer.tables.folders import WEEK, Rows, small, write


def bring(township: Township, folder: Path, rows: dict[str, Rows]) -> Imported:
    """Write rows as a folder and import it."""
    with township.database.session(scope_in(township.organisation)) as session:
        return import_folder(session, township.organisation, read_folder(write(folder, rows)), monday=monday_of(WEEK))


def with_third(rows: dict[str, Rows]) -> dict[str, Rows]:
    """The rows that the township was made from."""
    rows["followups"].append(
        {
            "id": "F3",
            "resident": "R3",
            "site": "V2",
            "rule": "HTN_ROUTINE",
            "due": "2026-11-25",
            "channels": "电话",
            "phone_minutes": "8",
        }
    )
    return rows


def test_values_have_the_types_of_their_columns(township: Township) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        item = session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one()
        assert (item.rule, item.channels, item.due) == ("HTN_ROUTINE", "home patrol", date(2026, 11, 25))
        assert (item.latitude, item.plan_status, item.earliest) == (36.7105, 0, None)
        member = session.scalars(select(Member).where(Member.external_id == "M2")).one()
        assert (member.role, member.field, member.sex) == ("NURSE", "周一上午 周二", "F")
        vehicle = session.scalars(select(Vehicle)).one()
        assert (vehicle.mode, vehicle.seats, vehicle.needs_driver) == ("car", 5, None)
        setting = session.scalars(select(Setting)).one()
        assert (setting.key, setting.value) == ("morning_start", "08:30")


def test_personal_words_go_to_the_resident_sealed(township: Township) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        person = session.scalars(select(Resident).where(Resident.external_id == "R1")).one()
        assert (person.name, person.phone, person.address) == ("孙三", "13100002222", "东柳村1号")
        assert (person.household, person.team) == ("H1", "T1")
        index = township.database.keys.blind_index(township.organisation, "phone", "131-0000-2222")
        assert person.phone_index == index
        door = session.scalars(select(Household)).one()
        assert (door.external_id, door.site, door.latitude) == ("H1", "V1", 36.7105)


def test_the_same_folder_again_changes_nothing(township: Township, tmp_path: Path) -> None:
    told = bring(township, tmp_path, with_third(small()))
    assert all(count == Counts(unchanged=count.unchanged) for count in told.counts.values())
    assert told.counts["followups"] == Counts(unchanged=3)
    with township.database.session(scope_in(township.organisation)) as session:
        assert set(session.scalars(select(FollowUp.version))) == {1}


def test_changed_new_and_missing_rows_are_counted(township: Township, tmp_path: Path) -> None:
    rows = small()
    rows["followups"][0]["due"] = "2026-11-26"
    rows["followups"][1] = {"id": "F4", "resident": "R4", "site": "V2", "rule": "DM_ROUTINE", "due": "2026-11-24"}
    told = bring(township, tmp_path, rows)
    assert told.counts["followups"] == Counts(created=1, changed=1, removed=2)
    assert told.counts["residents"] == Counts(created=1, unchanged=1)
    with township.database.session(scope_in(township.organisation)) as session:
        gone = select(FollowUp.external_id).where(FollowUp.is_deleted)
        assert set(session.scalars(gone)) == {"F2", "F3"}


def test_a_row_that_comes_back_loses_its_tombstone(township: Township, tmp_path: Path) -> None:
    bring(township, tmp_path / "less", small())
    told = bring(township, tmp_path / "again", with_third(small()))
    assert told.counts["followups"] == Counts(changed=1, unchanged=2)


def test_a_sheet_that_is_not_given_stays(township: Township, tmp_path: Path) -> None:
    told = bring(township, tmp_path, {"vehicles": [{"id": "C2", "mode": "汽车", "seats": "4", "base": "B1"}]})
    assert told.counts == {"vehicles": Counts(created=1, removed=1)}
    with township.database.session(scope_in(township.organisation)) as session:
        assert len(session.scalars(select(Site)).all()) == 5


def test_follow_ups_of_a_contract_system_are_not_taken_away_by_a_sheet(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F3")).one().source_version = "7"
    assert bring(township, tmp_path, small()).counts["followups"] == Counts(unchanged=2)


def test_an_empty_cell_takes_no_name_away(township: Township, tmp_path: Path) -> None:
    rows = with_third(small())
    for key in ("name", "phone", "address"):
        del rows["followups"][0][key]
    bring(township, tmp_path, rows)
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalars(select(Resident).where(Resident.external_id == "R1")).one().name == "孙三"


def test_every_fault_is_told_and_nothing_is_written(township: Township, tmp_path: Path) -> None:
    rows = small()
    rows["sites"][1]["name"] = "改名村"
    rows["members"][0]["role"] = "巫师"
    rows["followups"][0]["due"] = "someday"
    rows["followups"][1]["site"] = "V9"
    with pytest.raises(WeekFaults) as caught:
        bring(township, tmp_path, rows)
    assert [fault.sheet for fault in caught.value.faults] == ["members", "followups", "followups"]
    assert isinstance(caught.value, TableFaults)
    with township.database.session(scope_in(township.organisation)) as session:
        assert set(session.scalars(select(Site.version))) == {1}


def test_a_number_that_tells_who_somebody_is_becomes_no_id(township: Township, tmp_path: Path) -> None:
    rows = small()
    rows["followups"][0]["resident"] = "370785195101010012"
    rows["followups"][0]["household"] = "户13900001234"
    rows["followups"][1]["due"] = "someday"
    with pytest.raises(WeekFaults) as caught:
        bring(township, tmp_path / "bad", rows)
    assert [(fault.code, fault.row, fault.column) for fault in caught.value.faults] == [
        ("PERSONAL_ID", 2, "resident"),
        ("PERSONAL_ID", 2, "household"),
        ("NOTATION", 3, "due"),
    ]
    assert "0101001" not in str(caught.value)
    bring(township, tmp_path / "good", with_third(small()))


def test_a_fault_that_a_sheet_makes_in_stored_rows_names_the_row(township: Township, tmp_path: Path) -> None:
    with pytest.raises(WeekFaults) as caught:
        bring(township, tmp_path, {"sites": small()["sites"][:2]})
    fault = next(fault for fault in caught.value.faults if fault.sheet == "followups")
    assert caught.value.external_ids[fault.sheet, fault.row] == "F2"


@pytest.mark.parametrize(("text", "status"), [("未访", 3), ("已访", 1), ("失访", 2), ("结案", 8), ("9", 9), ("", 0)])
def test_a_status_is_counted_as_the_contract_system_does(
    township: Township, tmp_path: Path, text: str, status: int
) -> None:
    rows = with_third(small())
    rows["followups"][0]["status"] = text
    bring(township, tmp_path, rows)
    with township.database.session(scope_in(township.organisation)) as session:
        item = session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one()
        history = select(FollowUpStatus.plan_status).where(FollowUpStatus.follow_up_id == item.id)
        assert item.plan_status == status
        assert session.scalars(history.order_by(FollowUpStatus.at)).all() == ([0, status] if status else [0])


def test_an_import_is_one_entry_of_the_audit_log_and_reads_no_personal_word(township: Township, tmp_path: Path) -> None:
    bring(township, tmp_path, with_third(small()))
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["folders:import"] * 2
        assert audit.verify(session, township.organisation) is None


def test_without_a_week_the_present_one_judges_the_rows(township: Township, solved: object) -> None:
    folder = Folder(grids={})
    with township.database.session(scope_in(township.organisation)) as session:
        assert import_folder(session, township.organisation, folder).counts == {}


def test_a_part_of_an_organisation_imports_nothing(township: Township) -> None:
    with township.database.session(scope_in(township.organisation, "T1")) as session, pytest.raises(ScopeError):
        import_folder(session, township.organisation, Folder())
