"""Events that come in, each counted once, and subscribers who are told."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from api.contract.push import Sender
from api.contract.signatures import BadSignature, Signed, sign, verify
from api.contract.sources import BadAddress
from api.contract.webhooks import MOST_BYTES, BadEvent, Received, Taken, receive, subscribe
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import DeadLetter, InboxEvent, OutboxMessage, OutboxState, Topic
from api.store.models.follow_ups import FollowUp
from tests.api.contract.places import Township1, calm_client, settle
from tests.api.contract.plans import publish
from tests.api.contract.rows import canonical

SECRET = "whsec-for-tests"
DAY = date(2026, 11, 20)


@pytest.fixture
def town(sqlite_database: Database) -> Township1:
    """An organisation that knows one resident."""
    town = settle(sqlite_database, "http://127.0.0.1:9")
    assert send(town, "e0", "follow_up.changed", {"records": [canonical()]}).taken is Taken.TAKEN
    return town


def send(town: Township1, event_id: str, kind: str, data: Any, **parts: Any) -> Received:
    """Take an event as the route would."""
    body = parts.get("body", json.dumps({"type": kind, "data": data}).encode())
    signed = sign(parts.get("secret", SECRET), event_id, now(), parts.get("signed_body", body))
    with town.database.session(town.scope) as session:
        return receive(session, town.source_id, signed, body)


def reading(**changes: Any) -> dict[str, Any]:
    """An abnormal reading of the known resident."""
    return {
        "reading_id": "B1",
        "resident_id": "E-77",
        "kind": "blood_pressure",
        "level": "emergency",
        "measured_at": f"{DAY}T07:30:00+08:00",
    } | changes


def referral(**changes: Any) -> dict[str, Any]:
    """A referral of the known resident."""
    return {
        "referral_id": "Z1",
        "resident_id": "E-77",
        "condition": "hypertension",
        "referred_on": str(DAY),
    } | changes


def items(town: Township1) -> dict[str, FollowUp]:
    """The follow-ups by id."""
    with town.database.session(town.scope, read_only=True) as session:
        return {row.external_id: row for row in session.scalars(select(FollowUp))}


def reasons(town: Township1) -> list[str]:
    """The reasons of all dead letters."""
    with town.database.session(town.scope, read_only=True) as session:
        return [reason["code"] for letter in session.scalars(select(DeadLetter)) for reason in letter.reasons]


def test_a_changed_record_is_taken_like_a_pulled_one(town: Township1) -> None:
    send(town, "e1", "follow_up.changed", {"records": [canonical(version=4, plan_date="2026-11-27")]})
    assert items(town)["P-1"].due == date(2026, 11, 27)


def test_a_replayed_event_does_nothing(database: Database) -> None:
    town = settle(database, "http://127.0.0.1:9")
    send(town, "e0", "follow_up.changed", {"records": [canonical()]})
    assert send(town, "e1", "home_reading.abnormal", reading()).taken is Taken.TAKEN
    assert send(town, "e1", "home_reading.abnormal", reading()).taken is Taken.REPEATED
    assert send(town, "e2", "home_reading.abnormal", reading()).taken is Taken.REPEATED, "the reading is known"
    assert len(items(town)) == 2


def test_an_id_is_not_used_for_another_event(town: Township1) -> None:
    with pytest.raises(BadEvent) as caught:
        send(town, "e0", "home_reading.abnormal", reading())
    assert caught.value.code == "EVENT_ID_REUSED"


@pytest.mark.parametrize(
    ("kind", "level", "rule", "priority"),
    [
        ("blood_pressure", "raised", "HTN_UNCTRL_2W", 1),
        ("blood_pressure", "emergency", "HTN_EMERG_2W", 0),
        ("glucose", "raised", "DM_UNCTRL_2W", 1),
        ("glucose", "emergency", "DM_EMERG_2W", 0),
    ],
)
def test_an_abnormal_reading_becomes_a_due_item_with_priority(
    town: Township1, kind: str, level: str, rule: str, priority: int
) -> None:
    send(town, "e1", "home_reading.abnormal", reading(kind=kind, level=level))
    item = items(town)["reading-B1"]
    assert (item.rule, item.priority, item.site, item.team) == (rule, priority, "V001", "T01")
    assert item.latest == DAY + timedelta(days=14)
    assert item.earliest is not None
    assert DAY <= item.earliest <= item.due


def test_a_referral_is_followed_within_two_weeks(town: Township1) -> None:
    send(town, "e1", "referral.made", referral())
    item = items(town)["referral-Z1"]
    assert (item.rule, item.due, item.latest) == (
        "HTN_REFER_2W",
        DAY + timedelta(days=14),
        DAY + timedelta(days=14),
    )


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("home_reading.abnormal", reading(resident_id="NOBODY"), "UNKNOWN_RESIDENT"),
        ("home_reading.abnormal", reading(measured_at="2199-01-01T00:00:00Z"), "FUTURE_DATE"),
        ("home_reading.abnormal", reading(measured_at="2026-11-20T07:30:00"), "BAD_EVENT"),
        ("home_reading.abnormal", reading(systolic=190), "BAD_EVENT"),
        ("referral.made", referral(referred_on="2027-12-30"), "FUTURE_DATE"),
        ("weather.changed", {}, "BAD_EVENT"),
        ("follow_up.changed", {"records": []}, "BAD_EVENT"),
    ],
)
def test_an_event_that_cannot_be_done_is_a_dead_letter(town: Township1, kind: str, data: Any, code: str) -> None:
    assert send(town, "e1", kind, data).taken is Taken.REFUSED
    assert code in reasons(town)
    assert set(items(town)) == {"P-1"}


def test_faults_of_an_event_point_into_the_event_and_name_its_kind(town: Township1) -> None:
    bad = reading(measured_at="soon")
    del bad["reading_id"]
    received = send(town, "e1", "home_reading.abnormal", bad)
    assert received.kind == "home_reading.abnormal"
    assert {fault.where for fault in received.faults} == {"/data/reading_id", "/data/measured_at"}
    unknown = send(town, "e2", "weather.changed", {})
    assert (unknown.kind, len(unknown.faults)) == ("unknown", 1)


def test_an_item_after_the_end_of_the_contract_is_refused(town: Township1) -> None:
    send(town, "e1", "follow_up.changed", {"records": [canonical(version=4, contract_end="2026-11-28")]})
    assert send(town, "e2", "referral.made", referral()).taken is Taken.REFUSED
    assert "CONTRACT_ENDED" in reasons(town)


def test_a_wrong_signature_leaves_no_trace(town: Township1) -> None:
    with pytest.raises(BadSignature):
        send(town, "e1", "referral.made", referral(), secret="guessed")
    with pytest.raises(BadSignature):
        send(town, "e1", "referral.made", referral(), signed_body=b"{}")
    with town.database.session(town.scope, read_only=True) as session:
        assert session.scalars(select(InboxEvent.event_id)).all() == ["e0"]


@pytest.mark.parametrize(("body", "code"), [(b"{", "NOT_JSON"), (b" " * (MOST_BYTES + 1), "TOO_LARGE")])
def test_a_body_that_is_no_event_is_refused(town: Township1, body: bytes, code: str) -> None:
    with pytest.raises(BadEvent) as caught:
        send(town, "e1", "", None, body=body)
    assert caught.value.code == code


@pytest.fixture
def subscriber() -> Iterator[tuple[str, list[tuple[Signed, bytes]]]]:
    """A subscriber on a port of its own, and what it was told."""
    told: list[tuple[Signed, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            names = ("webhook-id", "webhook-timestamp", "webhook-signature")
            told.append((Signed(*(self.headers[name] for name in names)), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", told
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_published_plan_is_told_to_subscribers_signed(
    town: Township1, subscriber: tuple[str, list[tuple[Signed, bytes]]]
) -> None:
    url, told = subscriber
    with town.database.session(town.scope) as session:
        _, secret = subscribe(session, town.organisation_id, url, [Topic.PLAN_PUBLISHED])
    assert publish(town, []) == 1
    assert Sender(town.database, calm_client).send_due() == {"sent": 1}
    ((signed, body),) = told
    verify(secret, signed, body, now())
    content = json.loads(body)
    assert (content["type"], content["data"]["week"], content["id"]) == ("plan.published", "2026-W48", signed.event_id)


def test_a_subscription_that_ended_is_told_nothing_more(town: Township1) -> None:
    with town.database.session(town.scope) as session:
        row, _ = subscribe(session, town.organisation_id, "http://127.0.0.1:9", [Topic.PLAN_PUBLISHED])
        session.commit()
        assert publish(town, []) == 1
        row.is_active = False
    assert Sender(town.database, calm_client).send_due() == {"dead": 1}
    with town.database.session(town.scope, read_only=True) as session:
        message = session.scalars(select(OutboxMessage)).one()
        assert (message.state, message.code) == (OutboxState.DEAD, "UNSUBSCRIBED")
    assert publish(town, [], number=2) == 0


@pytest.mark.parametrize("url", ["ftp://a", "http://", "http://u:p@a/", "javascript:1", "http://a/?k=1", "http://主机"])
def test_an_address_that_we_do_not_call_is_refused(town: Township1, url: str) -> None:
    with town.database.session(town.scope) as session, pytest.raises(BadAddress):
        subscribe(session, town.organisation_id, url, [Topic.PLAN_PUBLISHED])
