"""The outbox: written with the plan, sent at least once, in order, and dead with a reason."""

import random
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from api.contract.codes import NoVisitReason, PlanStatus, VisitEffect, VisitWay
from api.contract.outbox import Outcome, enqueue_outcome
from api.contract.pull import pull
from api.contract.push import NotDead, Overtaken, Pace, Sender, replay
from api.contract.simulator.faults import FaultKind
from api.contract.sources import get_source
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import OutboxMessage, OutboxState
from api.store.models.follow_ups import FollowUp
from tests.api.contract.places import Simulated, Township1, calm_client, settle
from tests.api.contract.plans import pending_ids, publish


@pytest.fixture
def town(sqlite_database: Database, contract_system: Simulated) -> Township1:
    """An organisation that has pulled everything."""
    return pulled(sqlite_database, contract_system)


def pulled(database: Database, contract_system: Simulated, vendor: str = "xunzhen") -> Township1:
    """An organisation that has pulled everything."""
    town = settle(database, contract_system.url, vendor)
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    return town


def sender(town: Township1, *, hours: float = 0, **pace: Any) -> Sender:
    """A sender whose clock is some hours ahead."""
    return Sender(
        town.database, calm_client, pace=Pace(**pace), clock=lambda: now() + timedelta(hours=hours),
        rng=random.Random(1),
    )  # fmt: skip


def messages(town: Township1) -> list[OutboxMessage]:
    """The outbox in its order."""
    with town.database.session(town.scope, read_only=True) as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.number)))


def bodies(contract_system: Simulated) -> list[dict[str, Any]]:
    """What was written back, in the order of arrival."""
    return [dict(one.body) for one in contract_system.system.written.values()]


def test_a_published_plan_is_written_back(database: Database, contract_system: Simulated) -> None:
    town = pulled(database, contract_system)
    chosen = pending_ids(town)[:5]
    assert publish(town, chosen, day=2) == 5
    assert sender(town).send_due() == {"sent": 5}
    assert sorted(body["external_id"] for body in bodies(contract_system)) == chosen
    first = bodies(contract_system)[0]
    assert (first["state"], first["plan_date"], first["half_day"], first["visit_way"]) == (
        "planned", "2026-11-25", "morning", 4
    )  # fmt: skip
    assert first["members"] == ["M001", "M002"]
    assert set(contract_system.system.written) == {message.id for message in messages(town)}


def test_the_other_vendor_gets_it_in_its_own_words(sqlite_database: Database, contract_system: Simulated) -> None:
    town = pulled(sqlite_database, contract_system, "community-health")
    publish(town, pending_ids(town)[:1], day=1, channel="phone")
    sender(town).send_due()
    (body,) = bodies(contract_system)
    assert (body["scheduleStatus"], body["visitDate"], body["dayPart"], body["visitWay"]) == (
        "1",
        "2026-11-24",
        "AM",
        "5",
    )


def test_publishing_the_same_again_tells_nothing_new(town: Township1) -> None:
    chosen = pending_ids(town)[:3]
    publish(town, chosen)
    assert publish(town, chosen, number=2) == 0


def test_what_a_new_plan_moves_or_drops_is_told(town: Township1, contract_system: Simulated) -> None:
    stays, goes = pending_ids(town)[:2]
    publish(town, [stays, goes])
    assert publish(town, [stays], number=2, day=1) == 2
    sender(town).send_due()
    last = {body["external_id"]: body["state"] for body in bodies(contract_system)}
    assert last == {stays: "planned", goes: "cancelled"}


def test_what_we_made_ourselves_is_not_told(town: Township1) -> None:
    assert publish(town, ["reading-1", "nobody"]) == 0


def test_an_unpublished_transaction_leaves_no_message(town: Township1) -> None:
    with town.database.session(town.scope) as session:
        follow_up = session.scalars(select(FollowUp)).first()
        assert follow_up is not None
        assert enqueue_outcome(session, follow_up, Outcome(PlanStatus.DONE, date(2026, 11, 25))) == 1
        session.rollback()
    assert messages(town) == []


def test_an_outcome_is_written_back_and_comes_home_as_a_status(town: Township1, contract_system: Simulated) -> None:
    name = pending_ids(town)[0]
    outcome = Outcome(
        PlanStatus.LOST, date(2026, 11, 25), VisitWay.HOME, VisitEffect.TEMPORARILY_LOST, NoVisitReason.MOVED
    )
    with town.database.session(town.scope) as session:
        follow_up = session.scalars(select(FollowUp).where(FollowUp.external_id == name)).one()
        assert enqueue_outcome(session, follow_up, outcome) == 1
    sender(town).send_due()
    assert contract_system.system.held[name].record["no_visit_reason"] == "moved"
    pull(town.database, town.organisation_id, town.source_id, calm_client)
    assert name not in pending_ids(town)


@pytest.mark.parametrize("kind", [FaultKind.CUT_OFF, FaultKind.GARBAGE, FaultKind.ERROR_500, FaultKind.WRONG_TYPE])
def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    town: Township1, contract_system: Simulated, kind: FaultKind
) -> None:
    publish(town, pending_ids(town)[:4])
    contract_system.weather.storm({kind: 1.0}, 5)
    assert sender(town).send_due() == {"later": 4}
    contract_system.weather.quiet()
    assert sender(town, hours=5).send_due() == {"sent": 4}
    assert len(contract_system.system.written) == 4
    assert {message.attempts for message in messages(town)} == {2}


def test_pauses_grow_and_are_jittered() -> None:
    pace, rng = Pace(first_pause_seconds=4, longest_pause_seconds=100), random.Random(1)
    pauses = [pace.pause_seconds(attempts, rng) for attempts in range(1, 12)]
    for number, pause in enumerate(pauses):
        assert 0.5 * min(100, 4 * 2**number) <= pause <= 1.5 * min(100, 4 * 2**number)
    assert len(set(pauses)) == len(pauses)


def test_nothing_is_tried_before_its_pause_is_over(town: Township1, contract_system: Simulated) -> None:
    publish(town, pending_ids(town)[:1])
    contract_system.weather.wanted.append(FaultKind.ERROR_503)
    assert sender(town).send_due() == {"later": 1}
    assert sender(town).send_due() == {}


def test_a_message_that_never_arrives_is_dead_with_its_reason(town: Township1, contract_system: Simulated) -> None:
    publish(town, pending_ids(town)[:1])
    contract_system.weather.storm({FaultKind.ERROR_500: 1.0}, 1)
    results = [sender(town, hours=10 * hours, most_attempts=3).send_due() for hours in range(4)]
    assert results == [{"later": 1}, {"later": 1}, {"dead": 1}, {}]
    (message,) = messages(town)
    assert (message.state, message.code, message.attempts) == (OutboxState.DEAD, "STATUS_500", 3)
    assert message.message_zh


def test_a_refusal_is_dead_at_once(town: Township1, contract_system: Simulated) -> None:
    name = pending_ids(town)[0]
    publish(town, [name])
    del contract_system.system.held[name]
    assert sender(town).send_due() == {"dead": 1}
    assert messages(town)[0].code == "STATUS_404"


def test_messages_of_one_record_wait_for_each_other(town: Township1, contract_system: Simulated) -> None:
    first, second = pending_ids(town)[:2]
    publish(town, [first, second])
    publish(town, [first, second], number=2, day=1)
    contract_system.weather.wanted.append(FaultKind.ERROR_500)
    counts = sender(town).send_due()
    assert counts == {"later": 1, "sent": 2}, "the other record is not held up"
    assert sender(town, hours=5).send_due() == {"sent": 2}
    days = [body["plan_date"] for body in bodies(contract_system) if body["external_id"] == first]
    assert days == ["2026-11-23", "2026-11-24"]


def test_a_dead_message_can_be_replayed(town: Township1, contract_system: Simulated) -> None:
    name = pending_ids(town)[0]
    publish(town, [name])
    held = contract_system.system.held.pop(name)
    sender(town).send_due()
    contract_system.system.held[name] = held
    (dead,) = messages(town)
    with town.database.session(town.scope) as session:
        assert replay(session, dead.id) is not None
    assert sender(town).send_due() == {"sent": 1}


def test_a_dead_message_that_was_overtaken_is_not_replayed(town: Township1, contract_system: Simulated) -> None:
    name = pending_ids(town)[0]
    publish(town, [name])
    held = contract_system.system.held.pop(name)
    sender(town).send_due()
    contract_system.system.held[name] = held
    publish(town, [name], number=2, day=1)
    sender(town).send_due()
    dead, sent = messages(town)
    with town.database.session(town.scope) as session:
        with pytest.raises(Overtaken):
            replay(session, dead.id)
        with pytest.raises(NotDead):
            replay(session, sent.id)
        assert replay(session, "0" * 32) is None


def test_a_sender_that_lost_its_claim_settles_nothing(town: Township1) -> None:
    publish(town, pending_ids(town)[:1])
    slow = sender(town, lease_seconds=0.0)
    claimed = slow._claim(1)
    quick = sender(town, hours=1)
    assert quick.send_due() == {"sent": 1}
    assert slow._settle(claimed[0], None) == "lost_claim"
    assert messages(town)[0].attempts == 1


def test_a_claim_of_a_dead_sender_runs_out(town: Township1) -> None:
    publish(town, pending_ids(town)[:1])
    sender(town, lease_seconds=600)._claim(1)
    assert sender(town).send_due() == {}
    assert sender(town, hours=1).send_due() == {"sent": 1}


def test_two_senders_share_the_work(postgresql_database: Database, contract_system: Simulated) -> None:
    town = pulled(postgresql_database, contract_system)
    publish(town, pending_ids(town)[:40])
    start, counts = Barrier(2), list[int]()

    def work() -> None:
        start.wait(10)
        counts.append(sender(town, batch=3).send_due()["sent"])

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == 40
    assert {one.times for one in contract_system.system.written.values()} == {1}


def test_a_switched_off_source_keeps_its_messages(town: Township1) -> None:
    publish(town, pending_ids(town)[:1])
    with town.database.session(town.scope) as session:
        get_source(session, town.source_id).is_active = False
    assert sender(town).send_due() == {"later": 1}
    assert messages(town)[0].code == "SOURCE_OFF"
