"""Incremental pull: every row once, the cursor with the rows, refusals with reasons, personal words sealed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from api.contract.client import ContractClient, Page, Position
from api.contract.errors import NotAnswered
from api.contract.intake import Mode, lock_source, take_rows
from api.contract.pull import pull
from api.contract.sources import UnknownSource, get_source
from api.contract.transport import Answer, Call, Transport
from api.contract.vendors import get_vendor
from api.store.base import now
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.exchange import (
    ContractSource,
    DeadLetter,
    ExchangeRecord,
    LetterState,
    RecordState,
    RunState,
    SyncCursor,
    SyncRun,
)
from api.store.models.follow_ups import FollowUp, FollowUpStatus
from api.store.models.residents import Household, Resident
from tests.api.contract.places import Simulated, Township1, calm_client, settle, small_township
from tests.api.contract.plans import pending_ids
from tests.api.contract.rows import canonical


@pytest.fixture
def town(sqlite_database: Database, contract_system: Simulated) -> Township1:
    """An organisation that has pulled nothing yet."""
    return settle(sqlite_database, contract_system.url)


def pulled(town: Township1) -> dict[str, int]:
    """The counts of one pull that went well."""
    ran = pull(town.database, town.organisation_id, town.source_id, calm_client)
    assert ran.state is RunState.COMPLETED, ran.code
    return dict(ran.counts)


def take(town: Township1, *rows: Any, mode: Mode = Mode.NEWER) -> dict[str, int]:
    """Take rows as a page would."""
    with town.database.session(town.scope) as session:
        source = get_source(session, town.source_id)
        lock_source(session, source)
        return dict(take_rows(session, source, get_vendor(source.vendor), rows, mode))


def find(town: Township1, external_id: str = "P-1") -> FollowUp | None:
    """A follow-up by its id at the source."""
    with town.database.session(town.scope, read_only=True) as session:
        return session.scalars(select(FollowUp).where(FollowUp.external_id == external_id)).one_or_none()


def letter_of(town: Township1, reference: str = "P-1") -> DeadLetter:
    """The dead letter of a record."""
    with town.database.session(town.scope, read_only=True) as session:
        return session.scalars(select(DeadLetter).where(DeadLetter.reference == reference)).one()


def reasons_of(town: Township1, reference: str = "P-1") -> list[str]:
    """Why a record is refused."""
    return [reason["code"] for reason in letter_of(town, reference).reasons]


def doctors_of(town: Township1) -> tuple[str | None, ...]:
    """The doctors of the canonical row's resident."""
    with town.database.session(town.scope, read_only=True) as session:
        resident = session.scalars(select(Resident).where(Resident.external_id == "E-77")).one()
        return resident.doctor, resident.village_doctor, resident.township_doctor


def test_the_doctors_of_the_contract_are_kept_and_follow_it(town: Township1) -> None:
    take(town, canonical())
    assert doctors_of(town) == (None, "D1", "D2")
    take(town, canonical(version=4, doctor="D2", village_doctor=None))
    assert doctors_of(town) == ("D2", None, "D2")


def test_a_system_without_doctors_leaves_those_alone_that_somebody_has_entered(
    town: Township1, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(town, canonical())
    full = get_vendor("xunzhen")
    fewer = {name: path for name, path in full.fields.items() if "doctor" not in name}
    monkeypatch.setattr(f"{__name__}.get_vendor", lambda _: full.model_copy(update={"fields": fewer}))
    take(town, canonical(version=4, village_doctor="D9"))
    assert doctors_of(town) == (None, "D1", "D2")


def test_a_first_pull_brings_every_pending_record(database: Database, contract_system: Simulated) -> None:
    town = settle(database, contract_system.url, page_rows=25)
    counts = pulled(town)
    held = contract_system.system.held
    assert counts["received"] == len(held)
    pending = {name for name, one in held.items() if one.record["plan_status"] in (0, 3)}
    assert set(pending_ids(town)) == pending
    assert counts.get("closed", 0) == len(held) - len(pending)


def test_a_second_pull_changes_nothing(town: Township1) -> None:
    pulled(town)
    counts = pulled(town)
    assert set(counts) <= {"received", "unchanged", "pages"}
    assert counts["received"] < 60, "only the overlap is read once more"


def test_a_follow_up_has_what_the_record_says(town: Township1) -> None:
    take(town, canonical())
    row = find(town)
    assert row is not None
    assert (row.rule, row.due, row.earliest, row.latest) == (
        "HTN_ROUTINE", date(2026, 11, 25), date(2026, 11, 10), date(2026, 12, 10)
    )  # fmt: skip
    assert (row.site, row.team, row.contract_end) == ("V001", "T01", date(2027, 12, 31))
    assert (row.channels, row.phone_minutes) == ("home phone", 8)
    assert (row.source, row.source_version) == ("签约系统", "3")
    assert row.source_updated_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


def test_the_resident_and_the_household_come_with_it(town: Township1) -> None:
    take(town, canonical())
    with town.database.session(town.scope) as session:
        resident = session.scalars(select(Resident)).one()
        household = session.scalars(select(Household)).one()
        assert (resident.name, resident.phone, resident.id_card) == ("林测试", "13900000001", "379900195001010027")
        assert (resident.household, household.external_id, household.site) == ("H-5", "H-5", "V001")


def test_personal_words_lie_nowhere_in_the_clear(town: Township1) -> None:
    take(town, canonical(), canonical(external_id="P-2", rule="NONE"), "林测试 13900000001")
    words = ("林测试", "13900000001", "379900195001010027", "小乔家疃村9号")
    with town.database.engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        stored = [str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in tables]
    assert not [word for word in words for rows in stored if word in rows]


def test_a_newer_version_takes_the_place_of_an_older_one(town: Township1) -> None:
    take(town, canonical())
    counts = take(town, canonical(version=4, plan_date="2026-11-26"))
    assert counts["changed"] == 1
    row = find(town)
    assert row is not None
    assert row.due == date(2026, 11, 26)


def test_an_older_version_does_nothing_whatever_its_clock_says(town: Township1) -> None:
    take(town, canonical())
    counts = take(town, canonical(version=2, plan_date="2026-11-26", updated_at="2030-01-01T00:00:00Z"))
    assert counts == {"received": 1, "unchanged": 1}


def test_of_two_versions_in_one_page_the_newer_counts(town: Township1) -> None:
    counts = take(town, canonical(version=5, plan_date="2026-11-26"), canonical(), canonical(version=4))
    assert (counts["doubled"], counts["added"]) == (2, 1)
    row = find(town)
    assert row is not None
    assert row.source_version == "5"


def test_a_deleted_record_leaves_a_tombstone_and_can_come_back(town: Township1) -> None:
    take(town, canonical())
    take(town, {"external_id": "P-1", "version": 4, "updated_at": "2026-11-21T00:00:00Z", "is_deleted": True})
    row = find(town)
    assert row is not None
    assert row.is_deleted
    take(town, canonical(version=5))
    row = find(town)
    assert row is not None
    assert not row.is_deleted


def test_every_change_of_status_is_a_line_of_history(town: Township1) -> None:
    for version, status in ((3, 0), (4, 3), (5, 3), (6, 1)):
        take(town, canonical(version=version, plan_status=status))
    with town.database.session(town.scope, read_only=True) as session:
        lines = session.scalars(select(FollowUpStatus).order_by(FollowUpStatus.at, FollowUpStatus.id)).all()
    assert [line.plan_status for line in lines] == [0, 3, 1]
    assert {line.actor for line in lines} == {town.source_id}


def test_of_a_closed_record_only_its_id_is_kept(town: Township1) -> None:
    counts = take(town, canonical(plan_status=8))
    assert counts["closed"] == 1
    with town.database.session(town.scope, read_only=True) as session:
        assert session.scalars(select(Resident)).all() == []
        assert session.scalars(select(ExchangeRecord)).one().state == RecordState.CLOSED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"contract_end": "2026-11-24"}, "CONTRACT_ENDED"),
        ({"contract_status": 2, "stop_reason": "moved"}, "CONTRACT_ENDED"),
        ({"contract_status": 2, "stop_date": "2026-11-01"}, "CONTRACT_ENDED"),
        ({"site": "V999"}, "UNKNOWN_PLACE"),
        ({"site": None, "region_code": "379900105999"}, "UNKNOWN_PLACE"),
        ({"team": "T99"}, "UNKNOWN_TEAM"),
        ({"rule": "HTN_EVERY_DAY"}, "UNKNOWN_RULE"),
        ({"plan_status": 6}, "UNKNOWN_CODE"),
        ({"wishes": {"channels": "信鸽"}}, "BAD_WISH"),
        ({"wishes": {"resident_times": "有时"}}, "BAD_WISH"),
        ({"wishes": {"home_minutes": "viel"}}, "BAD_WISH"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_reason(town: Township1, changes: dict[str, Any], code: str) -> None:
    counts = take(town, canonical(**changes))
    assert counts["refused"] == 1
    assert reasons_of(town) == [code]
    assert find(town) is None


def test_the_last_day_of_the_contract_still_counts(town: Township1) -> None:
    assert take(town, canonical(contract_end="2026-11-25"))["added"] == 1


def test_the_village_is_found_by_either_of_its_codes_and_they_are_never_mixed(town: Township1) -> None:
    row = next(row for row in small_township().sheets["sites"] if row["kind"] == "village")
    number = row["record_code"] + "00001"
    take(town, canonical(external_id="S", site=None, region_code=row["statistics_code"]))
    take(town, canonical(external_id="R", site=None, region_code=None, record_number=number))
    take(town, canonical(external_id="X", site=None, region_code=row["record_code"], record_number=None))
    found = [find(town, name) for name in ("S", "R")]
    assert [one.site for one in found if one is not None] == [row["id"], row["id"]]
    assert reasons_of(town, "X") == ["UNKNOWN_PLACE"]


def test_a_contract_that_ends_takes_a_planned_item_away(town: Township1) -> None:
    take(town, canonical())
    take(town, canonical(version=4, contract_status=2, stop_date="2026-11-20", stop_reason="moved"))
    row = find(town)
    assert row is not None
    assert row.is_deleted


def test_a_faulty_new_version_leaves_the_old_item_but_not_its_old_status(town: Township1) -> None:
    take(town, canonical())
    take(town, canonical(version=4, last_class="x"))
    row = find(town)
    assert row is not None
    assert (row.is_deleted, row.plan_status) == (False, 0)
    take(town, canonical(version=5, last_class="x", plan_status=1))
    row = find(town)
    assert row is not None
    assert row.plan_status == 1


def test_a_dead_letter_is_resolved_by_a_sound_version(town: Township1) -> None:
    take(town, canonical(rule="NONE"))
    take(town, canonical(rule="NONE", version=4))
    assert letter_of(town).times_seen == 2
    take(town, canonical(version=5))
    assert letter_of(town).state == LetterState.RESOLVED


def test_a_row_without_a_readable_id_is_a_dead_letter_too(town: Township1) -> None:
    counts = take(town, {"nothing": "known"}, 7, None)
    assert counts["unreadable"] == 3
    take(town, {"nothing": "known"})
    with town.database.session(town.scope, read_only=True) as session:
        letters = session.scalars(select(DeadLetter)).all()
    assert sorted(letter.times_seen for letter in letters) == [1, 1, 2]


def test_an_id_that_another_source_uses_is_refused(town: Township1) -> None:
    take(town, canonical())
    with town.database.session(town.scope) as session:
        row = session.scalars(select(FollowUp)).one()
        row.source = "慢病系统"
        entry = session.scalars(select(ExchangeRecord)).one()
        entry.follow_up_id = None
    take(town, canonical(version=9))
    assert reasons_of(town) == ["ID_TAKEN"]


def test_the_cursor_moves_with_the_rows_or_not_at_all(town: Township1) -> None:
    def fail(session: Session) -> None:
        if session.scalars(select(FollowUp.id)).first() is not None:
            raise RuntimeError("the power is gone")

    event.listen(Session, "before_commit", fail)
    try:
        with pytest.raises(RuntimeError):
            pull(town.database, town.organisation_id, town.source_id, calm_client)
    finally:
        event.remove(Session, "before_commit", fail)
    with town.database.session(town.scope, read_only=True) as session:
        assert session.scalars(select(FollowUp)).all() == []
        assert session.get_one(SyncCursor, town.source_id).position_at is None
    pulled(town)
    assert pending_ids(town)


def test_a_clock_that_runs_ahead_does_not_carry_the_cursor_with_it(town: Township1, contract_system: Simulated) -> None:
    contract_system.system.clock_offset = timedelta(days=3)
    contract_system.system.change("F00001", {"plan_status": 3})
    pulled(town)
    contract_system.system.clock_offset = timedelta()
    contract_system.system.change("F00002", {"plan_status": 3, "plan_date": "2026-12-24", "last_date": None})
    pulled(town)
    row = find(town, "F00002")
    assert row is not None
    assert row.due == date(2026, 12, 24)
    with town.database.session(town.scope, read_only=True) as session:
        reached = session.get_one(SyncCursor, town.source_id).position_at
    assert reached is not None
    assert reached <= now()


class Stuck:
    """A contract system whose cursor goes back for ever."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    def send(self, call: Call) -> Answer:
        """The first page, whatever is asked for."""
        answer = self.inner.send(replace(call, query=(("limit", "5"),)))
        return replace(answer, body=answer.body.replace(b'"more": false', b'"more": true'))

    def close(self) -> None:
        """Give back connections."""
        self.inner.close()


def test_a_cursor_that_goes_back_for_ever_ends_the_run_with_its_reason(town: Township1) -> None:
    def stuck(source: ContractSource) -> ContractClient:
        client = calm_client(source)
        return replace(client, transport=Stuck(client.transport))

    ran = pull(town.database, town.organisation_id, town.source_id, stuck)
    assert (ran.state, ran.code) == (RunState.FAILED, "CURSOR_STUCK")
    assert ran.counts["added"] == 5
    counts = pulled(town)
    assert len(pending_ids(town)) == 5 + counts["added"]


def test_a_run_is_noted_with_its_end_and_in_the_audit(town: Township1) -> None:
    pulled(town)
    with town.database.session(town.scope, read_only=True) as session:
        run = session.scalars(select(SyncRun)).one()
        assert (run.state, run.counts["pages"]) == (RunState.COMPLETED, 1)
        assert run.finished_at is not None
        assert session.scalars(select(AuditEntry.action)).all()[-1] == "exchange:pull"


def test_a_system_that_does_not_answer_is_told_in_the_run(town: Township1) -> None:
    def silent(source: ContractSource) -> ContractClient:
        client = calm_client(source)
        client.close()
        return replace(client, transport=Silent())

    ran = pull(town.database, town.organisation_id, town.source_id, silent)
    assert (ran.state, ran.code) == (RunState.FAILED, "TIMED_OUT")


class Silent:
    """A transport that gets no answer."""

    def send(self, call: Call) -> Answer:
        """Nothing."""
        raise NotAnswered("TIMED_OUT", "无应答", "no answer")

    def close(self) -> None:
        """Nothing."""


def test_another_organisation_cannot_pull_from_it(town: Township1) -> None:
    with pytest.raises(UnknownSource):
        pull(town.database, "0" * 32, town.source_id, calm_client)


def test_a_page_that_leads_on_is_not_stuck() -> None:
    assert Page((), has_more=True, following=None).is_stuck
    assert not Page((), has_more=True, following=Position(now(), "a")).is_stuck
