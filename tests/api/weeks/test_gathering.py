"""What comes out of the store is the week that the folder holds."""

from pathlib import Path

import pytest
from sqlalchemy import select

from api.demo import write_demo
from api.planning import prepare
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp
from api.store.models.residents import Household, Resident
from api.store.models.resources import Site
from api.weeks import WeekFaults, import_folder, keep_roads, prepare_week, roads_file, week_folder
from optimizer.documents import problem_to_json
from optimizer.model import Pin
from optimizer.plan import Plan
from optimizer.tables import monday_of, read_folder
from tests.api.store.databases import add_organisation, scope_in
from tests.api.weeks.conftest import Solved, Township
from tests.optimizer.tables.folders import WEEK

SETTLED = ("已访", "失访")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented township of 3,000 people with its roads, without the follow-ups that are settled already."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, 1, 3000, monday_of(WEEK))
    file = folder / "followups.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    kept = [line for line in lines if not any(word in line.split(",") for word in SETTLED)]
    file.write_text("\n".join(kept), encoding="utf-8-sig")
    return folder


def test_a_demo_township_gives_the_same_problem_from_the_store(database: Database, demo: Path, tmp_path: Path) -> None:
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session:
        import_folder(session, organisation, read_folder(demo), monday=monday_of(WEEK))
    keep_roads(demo / "roads.osm.pbf", tmp_path, organisation)
    with database.session(scope_in(organisation), read_only=True) as session:
        found = prepare_week(session, organisation, WEEK, tmp_path)
    wanted = prepare(demo, WEEK, cache=tmp_path / "cache")
    assert problem_to_json(found.problem) == problem_to_json(wanted.problem)
    assert found.roads is not None


def test_the_small_folder_gives_the_same_problem_from_the_store(
    township: Township, solved: Solved, tmp_path: Path
) -> None:
    with township.database.session(scope_in(township.organisation), read_only=True) as session:
        found = prepare_week(session, township.organisation, WEEK, tmp_path)
    assert problem_to_json(found.problem) == problem_to_json(solved.prepared.problem)


def test_planning_reads_no_personal_word(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation), read_only=True) as session:
        labels = prepare_week(session, township.organisation, WEEK, tmp_path).draft.labels
    assert {person.name + person.phone + person.address for person in labels.residents.values()} == {""}
    with township.database.session(scope_in(township.organisation)) as session:
        assert "personal:read" not in session.scalars(select(AuditEntry.action)).all()


def test_settled_follow_ups_are_left_out_and_counted(township: Township, tmp_path: Path) -> None:
    for status in (1, 2, 4, 5, 8, 9):
        with township.database.session(scope_in(township.organisation)) as session:
            session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one().plan_status = status
        with township.database.session(scope_in(township.organisation)) as session:
            found = prepare_week(session, township.organisation, WEEK, tmp_path)
        assert {item.id for item in found.problem.follow_ups} == {"F2", "F3"}
        assert ("NOT_DUE", 1) in [(note.code, note.count) for note in found.draft.notes]


def test_a_missed_follow_up_is_planned_again(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one().plan_status = 3
    with township.database.session(scope_in(township.organisation)) as session:
        assert len(prepare_week(session, township.organisation, WEEK, tmp_path).problem.follow_ups) == 3


def preferred_at_f1(township: Township, folder: Path) -> tuple[str, ...]:
    """The members whom the planner prefers for the follow-up F1."""
    with township.database.session(scope_in(township.organisation), read_only=True) as session:
        items = prepare_week(session, township.organisation, WEEK, folder).problem.follow_ups
    return next(item.preferred_members for item in items if item.id == "F1")


def test_the_doctors_of_the_contract_are_preferred_unless_somebody_is_named(township: Township, tmp_path: Path) -> None:
    assert preferred_at_f1(township, tmp_path) == ()
    with township.database.session(scope_in(township.organisation)) as session:
        resident = session.scalars(select(Resident).where(Resident.external_id == "R1")).one()
        resident.doctor, resident.village_doctor, resident.township_doctor = "M2", "D-of-another-system", "M1"
    assert preferred_at_f1(township, tmp_path) == ("M2", "M1")
    with township.database.session(scope_in(township.organisation)) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one().preferred = "M1"
    assert preferred_at_f1(township, tmp_path) == ("M1",)


def test_a_withdrawn_follow_up_is_left_out_and_counted(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one().is_deleted = True
    with township.database.session(scope_in(township.organisation)) as session:
        found = prepare_week(session, township.organisation, WEEK, tmp_path)
    assert ("WITHDRAWN", 1) in [(note.code, note.count) for note in found.draft.notes]


def test_a_follow_up_whose_contract_has_ended_is_left_out_and_counted(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one().contract_end = monday_of("2026-W47")
    with township.database.session(scope_in(township.organisation)) as session:
        found = prepare_week(session, township.organisation, WEEK, tmp_path)
    assert ("CONTRACT_ENDED", 1) in [(note.code, note.count) for note in found.draft.notes]


def test_a_home_without_a_place_takes_that_of_its_household(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        item = session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one()
        item.latitude = item.longitude = None
        session.scalars(select(Household)).one().latitude = 36.7111
    with township.database.session(scope_in(township.organisation)) as session:
        found = prepare_week(session, township.organisation, WEEK, tmp_path)
    assert [site.latitude for site in found.problem.sites if site.id.startswith("H:")] == [36.7111]


def test_a_fault_of_stored_rows_names_the_row(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F2")).one().site = "V9"
    with township.database.session(scope_in(township.organisation)) as session, pytest.raises(WeekFaults) as caught:
        prepare_week(session, township.organisation, WEEK, tmp_path)
    (fault,) = caught.value.faults
    assert caught.value.external_ids[fault.sheet, fault.row] == "F2"


def test_notes_name_rows_of_the_store_by_their_ids(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session:
        item = session.scalars(select(FollowUp).where(FollowUp.external_id == "F1")).one()
        item.latitude = item.longitude = None
        door = session.scalars(select(Household)).one()
        door.latitude = door.longitude = None
        session.scalars(select(FollowUp).where(FollowUp.external_id == "F2")).one().contract_end = monday_of("2026-W47")
    with township.database.session(scope_in(township.organisation)) as session:
        notes = prepare_week(session, township.organisation, WEEK, tmp_path).draft.notes
    places = {note.code: note.places for note in notes}
    assert places["NO_COORDINATES"] == ("followups F1",)
    assert places["CONTRACT_ENDED"] == ("followups F2",)


@pytest.mark.parametrize("week", ["2026-W60", "soon"])
def test_a_week_that_is_none_is_a_fault(township: Township, tmp_path: Path, week: str) -> None:
    with township.database.session(scope_in(township.organisation)) as session, pytest.raises(WeekFaults):
        prepare_week(session, township.organisation, week, tmp_path)


def test_pins_and_an_earlier_plan_go_into_the_problem(township: Township, tmp_path: Path) -> None:
    pins = (Pin("F1", day=1),)
    with township.database.session(scope_in(township.organisation)) as session:
        problem = prepare_week(session, township.organisation, WEEK, tmp_path, earlier=Plan(), pins=pins).problem
    assert (problem.pins, problem.earlier) == (pins, Plan())


def test_a_pin_on_nothing_is_a_fault(township: Township, tmp_path: Path) -> None:
    with township.database.session(scope_in(township.organisation)) as session, pytest.raises(WeekFaults):
        prepare_week(session, township.organisation, WEEK, tmp_path, pins=(Pin("F9"),))


def test_an_empty_organisation_says_what_is_missing(database: Database, tmp_path: Path) -> None:
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session, pytest.raises(WeekFaults) as caught:
        prepare_week(session, organisation, WEEK, tmp_path)
    assert caught.value.faults


def test_other_organisations_are_not_in_the_folder(township: Township) -> None:
    other = add_organisation(township.database, "other")
    with township.database.session(scope_in(other)) as session:
        session.add(Site(organisation_id=other, external_id="V7", kind="village"))
    with township.database.session(scope_in(other)) as session:
        rows = {sheet: len(grid.rows) for sheet, grid in week_folder(session, other).grids.items() if grid.rows}
    assert rows == {"sites": 1}


def test_a_damaged_road_file_is_a_fault(township: Township, tmp_path: Path) -> None:
    file = roads_file(tmp_path, township.organisation)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no roads")
    with township.database.session(scope_in(township.organisation)) as session, pytest.raises(WeekFaults) as caught:
        prepare_week(session, township.organisation, WEEK, tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["ROADS"]
