"""Plans in the store: judged when written, changed by revisions, undone, and one published per week."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from api.store import audit
from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp
from api.store.models.plans import PlannedStop, PlanPin, PlanProblem, PlanRevision, PlanState, WeekPlan
from api.store.scope import ScopeError
from api.weeks import (
    InfeasiblePlanError,
    NothingToUndoError,
    PlanStateError,
    UnknownPartsError,
    archive,
    new_revision,
    plan_of,
    problem_of,
    publish,
    store_plan,
    undo,
)
from optimizer.check import check
from optimizer.model import Channel, Pin
from optimizer.plan import Left, PhoneCall, Plan
from tests.api.store.databases import add_organisation, scope_in
from tests.api.weeks.conftest import Solved, Township
from tests.optimizer.tables.folders import WEEK

EDIT = {"kind": "drop", "target": "F3"}


def kept(township: Township, solved: Solved, **more: Any) -> str:
    """The id of a stored plan of the week."""
    with township.database.session(scope_in(township.organisation)) as session:
        return store_plan(session, township.organisation, WEEK, solved.prepared, solved.result, **more).id


def with_f3_later(plan: Plan) -> Plan:
    """A feasible plan in which F3 is not called but left for later."""
    return replace(plan, phone_calls=(), deferred=(*plan.deferred, Left("F3", ("NOT_WORTH",))))


def without_f3(plan: Plan) -> Plan:
    """An infeasible plan that forgets F3."""
    return replace(plan, phone_calls=())


def change(township: Township, plan_id: str, work: Callable[[Session], object]) -> WeekPlan:
    """The plan's row after some work in a transaction of its own."""
    with township.database.session(scope_in(township.organisation)) as session:
        work(session)
    with township.database.session(scope_in(township.organisation), read_only=True) as session:
        return session.get_one(WeekPlan, plan_id)


def stops_of(township: Township, plan_id: str) -> list[PlannedStop]:
    """The rows of a plan's stops."""
    with township.database.session(scope_in(township.organisation)) as session:
        rows = select(PlannedStop).where(PlannedStop.plan_id == plan_id).order_by(PlannedStop.follow_up)
        return list(session.scalars(rows))


def test_a_stored_plan_is_a_draft_with_the_judges_verdict(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    verdict = check(solved.prepared.problem, solved.result.plan)
    with township.database.session(scope_in(township.organisation)) as session:
        row = session.get_one(WeekPlan, plan_id)
        assert (row.state, row.number, row.revision, row.version, row.week) == ("draft", 1, 1, 1, WEEK)
        assert (row.is_feasible, row.violations, row.cost_total) == (True, [], verdict.cost.total)
        assert row.cost_parts == verdict.cost.parts
        assert (row.kpis["patrol_visits"], row.kpis["phone_calls"]) == (1, 1)
        assert plan_of(session, row) == solved.result.plan
        assert check(problem_of(session, row), plan_of(session, row)) == verdict


def test_the_stops_of_a_plan_are_rows_with_moments_in_utc(township: Township, solved: Solved) -> None:
    visit, call = stops_of(township, kept(township, solved))
    assert (visit.follow_up, visit.channel, visit.crew, visit.session, visit.site) == (
        "F1", "patrol", "H00-C1", "S1", "V1",
    )  # fmt: skip
    assert (visit.members, visit.vehicle, visit.half_day, visit.place) == (["M1", "M2"], "C1", 0, 1)
    assert visit.start_at is not None
    assert visit.start_at.isoformat() == "2026-11-23T00:37:44+00:00"
    assert (call.follow_up, call.channel, call.members, call.half_day, call.crew) == ("F3", "phone", ["M2"], 6, None)
    assert call.day.isoformat() == "2026-11-26"
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.get_one(FollowUp, visit.follow_up_id).external_id == "F1"


def test_an_infeasible_result_is_kept_and_says_so(township: Township, solved: Solved) -> None:
    result = replace(solved.result, plan=without_f3(solved.result.plan))
    plan_id = kept(township, replace(solved, result=result))
    row = change(township, plan_id, lambda session: None)
    assert not row.is_feasible
    assert [violation["rule"] for violation in row.violations] == ["ONCE"]


def test_a_plan_that_names_unknown_things_is_not_kept(township: Township, solved: Solved) -> None:
    strange = replace(solved.result.plan, phone_calls=(PhoneCall("F9", "M9", 99),))
    with pytest.raises(UnknownPartsError):
        kept(township, replace(solved, result=replace(solved.result, plan=strange)))


def test_plans_of_a_week_are_numbered_and_share_their_problem(township: Township, solved: Solved) -> None:
    for _ in range(3):
        kept(township, solved)
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalars(select(WeekPlan.number).order_by(WeekPlan.number)).all() == [1, 2, 3]
        assert session.scalar(select(func.count(PlanProblem.id))) == 1


def test_plans_stored_at_the_same_time_get_numbers_of_their_own(township: Township, solved: Solved) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: kept(township, solved), range(8)))
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalars(select(WeekPlan.number).order_by(WeekPlan.number)).all() == list(range(1, 9))
        assert audit.verify(session, township.organisation) is None


def test_an_edit_makes_a_revision_and_changes_only_its_stops(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    before = stops_of(township, plan_id)
    row = change(
        township, plan_id, lambda session: new_revision(session, plan_id, with_f3_later(solved.result.plan), edit=EDIT)
    )
    assert (row.revision, row.version, row.is_feasible, row.kpis["phone_calls"]) == (2, 2, True, 0)
    assert [stop.id for stop in stops_of(township, plan_id)] == [before[0].id]


def test_an_edit_that_breaks_a_rule_is_kept_and_told(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    row = change(
        township, plan_id, lambda session: new_revision(session, plan_id, without_f3(solved.result.plan), edit=EDIT)
    )
    assert not row.is_feasible
    assert row.violations[0]["message_zh"]


def test_a_stale_version_is_refused_and_leaves_nothing(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    plan = with_f3_later(solved.result.plan)
    change(township, plan_id, lambda session: new_revision(session, plan_id, plan, edit=EDIT, expected_version=1))
    with pytest.raises(StaleDataError):
        change(township, plan_id, lambda session: new_revision(session, plan_id, plan, edit=EDIT, expected_version=1))
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalar(select(func.count(PlanRevision.id))) == 2
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "plans:edit")).all()) == 1


def test_of_two_edits_of_the_same_version_one_goes_through(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    plan = with_f3_later(solved.result.plan)

    def edit(_: int) -> bool:
        try:
            with township.database.session(scope_in(township.organisation)) as session:
                new_revision(session, plan_id, plan, edit=EDIT, expected_version=1)
        except StaleDataError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(edit, range(4))) == [False, False, False, True]


def test_undo_goes_back_one_revision_and_an_edit_after_it_makes_a_new_one(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    before = [stop.follow_up for stop in stops_of(township, plan_id)]
    pins = (Pin("F1", channel=Channel.PATROL, members=("M1",)),)
    later = with_f3_later(solved.result.plan)
    change(township, plan_id, lambda session: new_revision(session, plan_id, later, pins=pins, edit=EDIT))
    row = change(township, plan_id, lambda session: undo(session, plan_id, expected_version=2))
    assert (row.revision, row.version) == (1, 3)
    assert [stop.follow_up for stop in stops_of(township, plan_id)] == before
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalars(select(PlanPin)).all() == []
    row = change(township, plan_id, lambda session: new_revision(session, plan_id, later, edit=EDIT))
    assert row.revision == 3
    with township.database.session(scope_in(township.organisation)) as session:
        revisions = session.scalars(select(PlanRevision).order_by(PlanRevision.number))
        assert [(one.number, one.previous) for one in revisions] == [(1, None), (2, 1), (3, 1)]


def test_the_first_revision_has_nothing_to_undo(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    with pytest.raises(NothingToUndoError):
        change(township, plan_id, lambda session: undo(session, plan_id))


def test_pins_are_part_of_a_revision_and_of_its_problem(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    pins = (Pin("F1", channel=Channel.PATROL, half_day=0, members=("M1",)), Pin("S1", half_day=0))
    plan = solved.result.plan
    change(township, plan_id, lambda session: new_revision(session, plan_id, plan, pins=pins, edit={"kind": "pin"}))
    with township.database.session(scope_in(township.organisation)) as session:
        row = session.get_one(WeekPlan, plan_id)
        assert problem_of(session, row).pins == pins
        assert set(session.scalars(select(PlanPin.target))) == {"F1", "S1"}
    moved = (replace(pins[0], members=("M2",)),)
    change(township, plan_id, lambda session: new_revision(session, plan_id, plan, pins=moved, edit={"kind": "pin"}))
    with township.database.session(scope_in(township.organisation)) as session:
        assert session.scalars(select(PlanPin.members)).all() == [["M2"]]


def test_a_published_plan_takes_the_place_of_the_one_before(township: Township, solved: Solved) -> None:
    first, second = kept(township, solved), kept(township, solved)
    change(township, first, lambda session: publish(session, first))
    with township.database.session(scope_in(township.organisation)) as session:
        done = publish(session, second, expected_version=1)
        assert done.superseded is not None
        assert (done.is_new, done.superseded.id, done.plan.published_by) == (True, first, "tests")
    with township.database.session(scope_in(township.organisation)) as session:
        states = {row.id: row.state for row in session.scalars(select(WeekPlan))}
    assert states == {first: PlanState.SUPERSEDED, second: PlanState.PUBLISHED}


def test_publishing_again_writes_nothing(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    row = change(township, plan_id, lambda session: publish(session, plan_id))
    with township.database.session(scope_in(township.organisation)) as session:
        again = publish(session, plan_id, expected_version=1)
        assert (again.is_new, again.superseded) == (False, None)
    after = change(township, plan_id, lambda session: None)
    assert (after.version, after.published_at) == (row.version, row.published_at)
    with township.database.session(scope_in(township.organisation)) as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "plans:publish")).all()) == 1


def test_many_who_publish_at_once_publish_one_plan_once(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)

    def work(_: int) -> bool:
        with township.database.session(scope_in(township.organisation)) as session:
            return publish(session, plan_id).is_new

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]


def test_an_infeasible_plan_is_not_published(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    broken = without_f3(solved.result.plan)
    change(township, plan_id, lambda session: new_revision(session, plan_id, broken, edit=EDIT))
    with pytest.raises(InfeasiblePlanError) as caught:
        change(township, plan_id, lambda session: publish(session, plan_id))
    assert [violation.rule for violation in caught.value.violations] == ["ONCE"]
    assert change(township, plan_id, lambda session: None).state == PlanState.DRAFT


def test_the_database_itself_lets_one_plan_of_a_week_be_published(township: Township, solved: Solved) -> None:
    first, second = kept(township, solved), kept(township, solved)

    def force(session: Session) -> None:
        for plan_id in (first, second):
            session.get_one(WeekPlan, plan_id).state = PlanState.PUBLISHED.value

    with pytest.raises(IntegrityError):
        change(township, first, force)


@pytest.mark.parametrize("name", ["edit", "undo", "archive"])
def test_a_published_plan_is_neither_changed_nor_put_away(township: Township, solved: Solved, name: str) -> None:
    plan_id = kept(township, solved)
    change(township, plan_id, lambda session: publish(session, plan_id))
    works: dict[str, Callable[[Session], object]] = {
        "edit": lambda session: new_revision(session, plan_id, solved.result.plan, edit=EDIT),
        "undo": lambda session: undo(session, plan_id),
        "archive": lambda session: archive(session, plan_id),
    }
    with pytest.raises(PlanStateError, match="published"):
        change(township, plan_id, works[name])


def test_a_draft_is_put_away(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    assert change(township, plan_id, lambda session: archive(session, plan_id)).state == PlanState.ARCHIVED


def test_a_plan_knows_the_one_it_was_made_from(township: Township, solved: Solved) -> None:
    first = kept(township, solved)
    second = kept(township, solved, base_plan_id=first, actor="job")
    row = change(township, second, lambda session: None)
    assert (row.base_plan_id, row.created_by) == (first, "job")


def test_every_change_is_in_the_audit_log(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    later = with_f3_later(solved.result.plan)
    change(township, plan_id, lambda session: new_revision(session, plan_id, later, edit=EDIT, actor="leader"))
    change(township, plan_id, lambda session: undo(session, plan_id))
    change(township, plan_id, lambda session: publish(session, plan_id))
    with township.database.session(scope_in(township.organisation)) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.target_id == plan_id).order_by(AuditEntry.number))
        told = [(entry.action, entry.actor) for entry in entries]
        assert audit.verify(session, township.organisation) is None
    assert told == [
        ("plans:store", "tests"), ("plans:edit", "leader"), ("plans:undo", "tests"), ("plans:publish", "tests"),
    ]  # fmt: skip


def test_a_plan_of_another_organisation_is_not_there(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    other = add_organisation(township.database, "other")
    with township.database.session(scope_in(other)) as session, pytest.raises(NoResultFound):
        publish(session, plan_id)


def test_a_part_of_an_organisation_changes_no_plan(township: Township, solved: Solved) -> None:
    plan_id = kept(township, solved)
    with township.database.session(scope_in(township.organisation, "T1")) as session, pytest.raises(ScopeError):
        publish(session, plan_id)
