"""The client against a contract system that misbehaves on a real port."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract.cells import Json
from api.contract.client import START, ContractClient, Patience, vendor_message
from api.contract.digests import set_digest
from api.contract.errors import BadAnswer, NotAnswered, Refused
from api.contract.simulator.app import DEMO_KEY
from api.contract.simulator.faults import OF_WIRE, FaultKind
from api.contract.transport import LONGEST_WAIT_SECONDS, Bounds, Call, HttpTransport, wait_seconds
from api.contract.vendors import get_vendor, list_vendors
from tests.api.contract.places import IMPATIENT, QUICK, Simulated

ONCE = Patience(attempts=1)
APPOINTMENT: dict[str, Json] = {
    "external_id": "F00001", "plan_id": "a" * 32, "revision": 2, "state": "planned", "week": "2026-W48",
    "plan_date": "2026-11-25", "half_day": "afternoon", "start": "2026-11-25T06:00:00+00:00",
    "end": "2026-11-25T06:15:00+00:00", "visit_way": 4, "site": "V001", "team": "T01", "members": ["M001", "M002"],
}  # fmt: skip


def client(url: str, vendor: str = "xunzhen", patience: Patience = IMPATIENT, bounds: Bounds = QUICK) -> ContractClient:
    """A client with short time-outs."""
    return ContractClient(get_vendor(vendor), HttpTransport(url, DEMO_KEY, bounds), patience)


@pytest.mark.parametrize("vendor", list_vendors())
def test_pages_lead_through_all_records_once_and_in_order(contract_system: Simulated, vendor: str) -> None:
    with_vendor = client(contract_system.url, vendor, bounds=Bounds())
    position, seen = START, list[str]()
    while True:
        page = with_vendor.pull(position, 30)
        seen += [place.external_id for row in page.rows if (place := with_vendor.position_of(row))]
        if page.following is None:
            break
        position = page.following
    with_vendor.close()
    counts = contract_system.system.buckets(with_vendor.vendor)
    assert len(dict.fromkeys(seen)) == sum(count for count, _ in counts.values())
    if vendor == "xunzhen":
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize("kind", sorted(OF_WIRE))
def test_a_failure_of_the_wire_is_tried_again(contract_system: Simulated, kind: FaultKind) -> None:
    contract_system.weather.wanted.append(kind)
    found = client(contract_system.url)
    assert found.pull(START, 10).rows
    assert contract_system.weather.counts == {kind: 1}
    found.close()


@pytest.mark.parametrize("kind", sorted(OF_WIRE - {FaultKind.DELAY}))
def test_a_failure_that_stays_is_told_with_its_code(contract_system: Simulated, kind: FaultKind) -> None:
    contract_system.weather.storm({kind: 1.0}, 1)
    found = client(contract_system.url, patience=ONCE)
    with pytest.raises((NotAnswered, BadAnswer)) as caught:
        found.pull(START, 10)
    expected = {
        FaultKind.TIME_OUT: "TIMED_OUT", FaultKind.CUT_OFF: "CUT_OFF", FaultKind.ERROR_500: "STATUS_500",
        FaultKind.ERROR_502: "STATUS_502", FaultKind.ERROR_503: "STATUS_503",
    }  # fmt: skip
    assert caught.value.code == expected.get(kind, "NOT_JSON")
    assert caught.value.message_zh
    found.close()


def test_a_wrong_key_is_told(contract_system: Simulated) -> None:
    found = ContractClient(get_vendor("xunzhen"), HttpTransport(contract_system.url, "wrong", QUICK), ONCE)
    with pytest.raises(NotAnswered) as caught:
        found.counts()
    assert caught.value.code == "KEY_REFUSED"
    found.close()


def test_an_answer_that_is_too_long_is_cut(contract_system: Simulated) -> None:
    found = client(contract_system.url, patience=ONCE, bounds=Bounds(most_bytes=1000))
    with pytest.raises(BadAnswer, match="1000 bytes"):
        found.pull(START, 100)
    found.close()


def test_no_server_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = client(f"http://127.0.0.1:{port}", patience=ONCE)
    with pytest.raises(NotAnswered) as caught:
        found.counts()
    assert caught.value.code == "NO_CONNECTION"
    found.close()


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server whose answer comes byte by byte and never ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(5)

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
            for _ in range(100_000):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    thread = Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()
    thread.join(5)


def test_an_answer_that_only_drips_ends_by_the_total_time(dripping: str) -> None:
    transport = HttpTransport(dripping, "", Bounds(read_seconds=5, total_seconds=0.0))
    with pytest.raises(NotAnswered) as caught:
        transport.send(Call("GET", "/"))
    assert caught.value.code == "TIMED_OUT"
    transport.close()


def test_records_are_fetched_by_id_and_absence_is_told(contract_system: Simulated) -> None:
    found = client(contract_system.url, bounds=Bounds())
    name = next(iter(contract_system.system.held))
    page = found.fetch([name, "NOBODY"])
    assert (len(page.rows), page.absent) == (1, ("NOBODY",))
    found.close()


def test_the_same_push_twice_counts_once(contract_system: Simulated) -> None:
    found = client(contract_system.url, "community-health", bounds=Bounds())
    known = next(iter(contract_system.system.held))
    for _ in range(2):
        found.push("appointment", {**APPOINTMENT, "external_id": known}, "key-1")
    (written,) = contract_system.system.written.values()
    assert (written.times, written.topic) == (2, "appointment")
    found.close()


def test_a_push_of_something_else_with_the_same_key_is_refused(contract_system: Simulated) -> None:
    found = client(contract_system.url, bounds=Bounds())
    known = next(iter(contract_system.system.held))
    found.push("appointment", {**APPOINTMENT, "external_id": known}, "key-1")
    with pytest.raises(Refused):
        found.push("appointment", {**APPOINTMENT, "external_id": known, "visit_way": 5}, "key-1")
    found.close()


def test_a_push_for_an_unknown_record_is_refused_in_either_form(contract_system: Simulated) -> None:
    for vendor in list_vendors():
        found = client(contract_system.url, vendor, bounds=Bounds())
        with pytest.raises(Refused) as caught:
            found.push("appointment", APPOINTMENT | {"external_id": "NOBODY"}, "key-9")
        assert caught.value.code == "STATUS_404"
        found.close()


def test_an_appointment_is_written_in_the_words_of_the_vendor() -> None:
    assert vendor_message(get_vendor("community-health"), "appointment", APPOINTMENT) == {
        "planId": "F00001", "scheduleId": "a" * 32, "scheduleVersion": 2, "scheduleStatus": "1",
        "visitDate": "2026-11-25", "dayPart": "PM", "beginTime": "2026-11-25 14:00:00.000000",
        "endTime": "2026-11-25 14:15:00.000000", "visitWay": "4", "visitPlace": "V001", "doctorIds": "M001,M002",
    }  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), [("", 0), ("12", 12), ("-3", 0), ("9999999", LONGEST_WAIT_SECONDS),
                                               ("tomorrow", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 0)])  # fmt: skip
def test_a_wait_that_is_asked_for_is_bounded(text: str, seconds: float) -> None:
    assert wait_seconds(text) == seconds


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 9)), max_size=8), st.randoms())
def test_a_digest_does_not_depend_on_the_order(records: list[tuple[str, int]], rng: object) -> None:
    assert set_digest(records) == set_digest(reversed(records))


def test_a_record_that_is_there_twice_changes_the_digest() -> None:
    assert set_digest([("a", 1), ("a", 1), ("b", 2)]) != set_digest([("b", 2)])
