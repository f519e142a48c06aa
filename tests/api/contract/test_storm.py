"""The storm: every fault there is, at once, while people edit; afterwards both sides agree, nothing doubled or lost."""

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from api.contract.pull import pull
from api.contract.push import Pace, Sender
from api.contract.reconciliation import reconcile
from api.contract.simulator.faults import OF_PAGES, OF_WIRE, FaultKind
from api.contract.simulator.system import Held, edit_some
from api.contract.sources import ClientOf
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import DeadLetter, LetterState, OutboxMessage, OutboxState, RunState
from api.store.models.follow_ups import FollowUp
from tests.api.contract.places import Simulated, Township1, calm_client, quick_client, settle, simulated
from tests.api.contract.plans import pending_ids, publish

ROUNDS = 3
RATES = {**dict.fromkeys(OF_PAGES, 0.15), **dict.fromkeys(OF_WIRE, 0.05), FaultKind.DELAY: 0.1,
         FaultKind.TIME_OUT: 0.02}  # fmt: skip


@pytest.mark.parametrize(("vendor", "seed"), [("xunzhen", 1), ("community-health", 2)])
def test_after_a_storm_both_sides_agree(database: Database, vendor: str, seed: int) -> None:
    weather_a_storm(database, vendor, seed)


def test_the_kind_of_storm_does_not_matter(sqlite_database: Database) -> None:
    weather_a_storm(sqlite_database, "xunzhen", 3)


def weather_a_storm(database: Database, vendor: str, seed: int) -> None:
    """A storm, then quiet, then the judgement."""
    with simulated() as contract_system:
        town = settle(database, contract_system.url, vendor, page_rows=25)
        came = blow(contract_system, town, seed)
        calm(contract_system, town)
        assert len(came) > len(FaultKind) / 2, "the storm was none"
        judge_records(contract_system, town, vendor)
        judge_write_backs(contract_system, town)


def blow(contract_system: Simulated, town: Township1, seed: int) -> Counter[FaultKind]:
    """Pull, reconcile, publish and send while everything goes wrong."""
    rng = np.random.default_rng(seed)
    contract_system.weather.storm(RATES, seed)
    contract_system.weather.delay_seconds = 0.01
    for number in range(1, ROUNDS + 1):
        edit_some(contract_system.system, 15, rng)
        contract_system.system.clock_offset = timedelta(minutes=int(rng.integers(-90, 90)))
        pull(town.database, town.organisation_id, town.source_id, quick_client)
        if number % 2:
            reconcile(town.database, town.organisation_id, town.source_id, quick_client)
        known = pending_ids(town)
        chosen = sorted(known[int(place)] for place in rng.permutation(len(known))[:8])
        publish(town, chosen, number=number, day=number % 5)
        send(town, quick_client, hours=number)
    return Counter(contract_system.weather.counts)


def calm(contract_system: Simulated, town: Township1) -> None:
    """No more faults: one pull, one night, and whatever is still in the outbox."""
    contract_system.weather.quiet()
    contract_system.system.clock_offset = timedelta()
    assert pull(town.database, town.organisation_id, town.source_id, calm_client).state is RunState.COMPLETED
    ran = reconcile(town.database, town.organisation_id, town.source_id, calm_client)
    assert (ran.state, ran.details["left"]) == (RunState.COMPLETED, [])
    for hours in range(ROUNDS + 1, ROUNDS + 4):
        send(town, calm_client, hours=100 * hours)


def send(town: Township1, client_of: ClientOf, *, hours: int) -> None:
    """Send what is due, some hours ahead of the clock so that pauses are over."""
    sender = Sender(
        town.database, client_of, pace=Pace(batch=5, lease_seconds=1.0, most_attempts=200),
        clock=lambda: now() + timedelta(hours=hours), rng=random.Random(hours),
    )  # fmt: skip
    sender.send_due(most=60)


def judge_records(contract_system: Simulated, town: Township1, vendor: str) -> None:
    """Every pending record is one live follow-up with its present dates, or a dead letter with a reason."""
    held = {name: one for name, one in contract_system.system.held.items() if is_pending(one, vendor)}
    refused = {name for name, one in held.items() if is_refused(one)}
    with town.database.session(town.scope, read_only=True) as session:
        rows = list(session.scalars(select(FollowUp).where(FollowUp.is_deleted.is_(False))))
        letters = set(session.scalars(select(DeadLetter.reference).where(DeadLetter.state == LetterState.OPEN)))
    live = {row.external_id: row for row in rows if row.plan_status in (0, 3)}
    assert len({row.external_id for row in rows}) == len(rows), "doubled"
    assert set(held) - refused <= set(live), "lost"
    assert set(live) <= set(held), "gone at the source, and still planned"
    assert refused <= letters
    for name in set(held) - refused:
        record = held[name].record
        assert live[name].due == date.fromisoformat(str(record["plan_date"]))
        assert live[name].plan_status == record["plan_status"]


def is_pending(held: Held, vendor: str) -> bool:
    """Whether a record of the contract system is to be planned, by its own words."""
    is_held = vendor == "xunzhen" or held.record["business_type"] is not None
    return is_held and not held.is_deleted and held.record["plan_status"] in (0, 3)


def is_refused(held: Held) -> bool:
    """Whether it cannot be planned: a contract that has ended, or a code that means nothing."""
    record = held.record
    ends = [str(record[name]) for name in ("contract_end", "stop_date") if record.get(name)]
    return record.get("region_code") == "12-digits?" or str(record["plan_date"]) > min(ends, default="9999")


def judge_write_backs(contract_system: Simulated, town: Township1) -> None:
    """Every message arrived once by its key, and those of one record in their order."""
    with town.database.session(town.scope, read_only=True) as session:
        messages = list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.number)))
    gone = {name for name, held in contract_system.system.held.items() if held.is_deleted}
    assert {message.state for message in messages} == {OutboxState.SENT}, gone
    written = contract_system.system.written
    assert set(written) == {message.id for message in messages}
    for name in {str(message.payload["external_id"]) for message in messages}:
        ours = [message.id for message in messages if message.payload["external_id"] == name]
        theirs = [key for key, one in written.items() if one.external_id == name]
        assert theirs == ours, "overtaken"
