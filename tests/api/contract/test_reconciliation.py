"""Nightly reconciliation finds what a pull cannot see, and takes nothing away that the other side still has."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from api.contract.pull import pull
from api.contract.reconciliation import reconcile, retry_letters
from api.contract.runs import Ran
from api.contract.simulator.faults import FaultKind
from api.store.database import Database
from api.store.models.exchange import DeadLetter, ExchangeRecord, LetterState, RunState
from api.store.models.follow_ups import FollowUp
from api.store.models.resources import Site
from tests.api.contract.places import Simulated, Township1, calm_client, settle
from tests.api.contract.plans import pending_ids


@pytest.fixture
def town(sqlite_database: Database, contract_system: Simulated) -> Township1:
    """An organisation that has pulled everything."""
    town = settle(sqlite_database, contract_system.url, overlap_seconds=60)
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    return town


def night(town: Township1) -> Ran:
    """One reconciliation that went well."""
    ran = reconcile(town.database, town.organisation_id, town.source_id, calm_client)
    assert ran.state is RunState.COMPLETED, ran.code
    assert ran.details["left"] == []
    return ran


def test_equal_sides_are_compared_without_reading_a_record(town: Township1) -> None:
    ran = night(town)
    assert (ran.details["found"], ran.counts) == ([], {})


def test_an_edit_made_under_a_slow_clock_is_found(town: Township1, contract_system: Simulated) -> None:
    contract_system.system.clock_offset = -timedelta(days=9)
    contract_system.system.change("F00002", {"plan_status": 1})
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    assert "F00002" in pending_ids(town), "nine days are more than the overlap"
    ran = night(town)
    assert "F00002" not in pending_ids(town)
    assert {found["status"] for found in ran.details["found"]} >= {"1"}


def test_a_record_that_we_lost_is_read_again(town: Township1) -> None:
    with town.database.session(town.scope) as session:
        session.execute(delete(ExchangeRecord).where(ExchangeRecord.external_id == "F00003"))
        session.execute(update(FollowUp).where(FollowUp.external_id == "F00003").values(is_deleted=True))
    night(town)
    assert "F00003" in pending_ids(town)


def test_a_version_that_we_misread_is_put_right_even_downwards(town: Township1) -> None:
    with town.database.session(town.scope) as session:
        session.execute(update(ExchangeRecord).where(ExchangeRecord.external_id == "F00003").values(record_version=99))
    night(town)
    with town.database.session(town.scope, read_only=True) as session:
        found = select(ExchangeRecord.record_version).where(ExchangeRecord.external_id == "F00003")
        assert session.scalars(found).one() == 1


def test_a_record_that_is_gone_without_a_tombstone_gets_one(town: Township1, contract_system: Simulated) -> None:
    del contract_system.system.held["F00004"]
    assert night(town).counts["absent"] == 1
    assert "F00004" not in pending_ids(town)


def test_a_list_that_lacks_records_takes_nothing_away(town: Township1, contract_system: Simulated) -> None:
    before = pending_ids(town)
    contract_system.system.change("F00005", {"address": "somewhere else"})
    contract_system.weather.storm({FaultKind.PARTIAL: 0.8}, 3)
    reconcile(town.database, town.organisation_id, town.source_id, calm_client)
    assert pending_ids(town) == before
    contract_system.weather.quiet()
    night(town)


def test_refused_records_count_as_known(town: Township1, contract_system: Simulated) -> None:
    contract_system.system.change("F00006", {"region_code": "12-digits?"})
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    assert night(town).details["found"] == []


def test_the_night_retries_dead_letters(town: Township1, contract_system: Simulated) -> None:
    contract_system.system.change("F00006", {"site": "V777", "plan_status": 0})
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    with town.database.session(town.scope) as session:
        assert session.scalars(select(DeadLetter.state)).all() == [LetterState.OPEN]
        session.add(Site(organisation_id=town.organisation_id, external_id="V777", kind="village"))
    night(town)
    with town.database.session(town.scope, read_only=True) as session:
        assert session.scalars(select(DeadLetter.state)).all() == [LetterState.RESOLVED]


def test_one_dead_letter_can_be_retried_alone(town: Township1, contract_system: Simulated) -> None:
    contract_system.system.change("F00006", {"region_code": "12-digits?", "plan_status": 0})
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    contract_system.system.change("F00006", {"region_code": None})
    ran = retry_letters(town.database, town.organisation_id, town.source_id, ["F00006"], calm_client)
    assert ran.counts["changed"] == 1


def test_a_side_that_cannot_count_is_told(town: Township1, contract_system: Simulated) -> None:
    contract_system.weather.storm({FaultKind.GARBAGE: 1.0}, 1)
    ran = reconcile(town.database, town.organisation_id, town.source_id, calm_client)
    assert (ran.state, ran.code) == (RunState.FAILED, "NOT_JSON")
