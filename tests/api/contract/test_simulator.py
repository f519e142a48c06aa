"""The simulator itself: an invented township, faults on demand, edits, and what it tells."""

import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from api.contract.numbers import find_record_number, has_check_sign, is_id_card
from api.contract.reading import read_row
from api.contract.routines import pull_all, reconcile_tonight, send_outbox
from api.contract.simulator.rows import vendor_row
from api.contract.vendors import get_vendor, list_vendors
from api.store.base import now
from api.store.database import Database
from api.store.models.exchange import RunState
from tests.api.contract.places import Simulated, calm_client, settle, small_township
from tests.api.contract.plans import pending_ids

START_SECONDS = 120


def test_its_people_are_invented() -> None:
    for record in small_township().records:
        assert is_id_card(str(record["id_card"]))
        assert not has_check_sign(str(record["id_card"]))
        assert str(record["mobile"])[3:7] == "0000"
        assert find_record_number(str(record["record_number"])) is not None


@pytest.mark.parametrize("name", list_vendors())
def test_its_rows_are_read_without_a_fault(name: str) -> None:
    vendor = get_vendor(name)
    for record in small_township().records:
        if name == "xunzhen" or record["business_type"] is not None:
            read = read_row(vendor, vendor_row(vendor, dict(record), now(), 1, is_deleted=False))
            assert read.faults == ()
            assert read.record is not None
            assert read.record.person.name == record["name"]


def test_control_sets_faults_edits_and_the_clock(contract_system: Simulated) -> None:
    with httpx2.Client(base_url=contract_system.url, trust_env=False) as control:
        wanted = {"rates": {"error_500": 1.0}, "seed": 7, "next": ["cut_off"]}
        assert control.post("/control/faults", json=wanted).json()["next"] == ["cut_off"]
        assert control.post("/control/faults", json={"rates": {"rain": 1}}).status_code == 422
        assert control.delete("/control/faults").json() == {"rates": {}, "next": []}
        edits = control.post("/control/edits", json={"count": 5, "seed": 3}).json()["edits"]
        assert len(edits) == 5
        control.post("/control/clock", json={"offset_seconds": -3600})
        assert contract_system.system.clock_offset == timedelta(hours=-1)
        counts = control.get("/control/counts").json()
        assert counts["records"] + counts["deleted"] == len(contract_system.system.held)
        assert control.get("/control/write-backs").json() == {"count": 0, "rows": []}
        assert control.get("/control/township/teams").json()["rows"]


def test_a_caller_without_the_key_gets_nothing(contract_system: Simulated) -> None:
    path = get_vendor("xunzhen").reading.path
    with httpx2.Client(base_url=contract_system.url, trust_env=False) as nobody:
        assert nobody.get(path).status_code == 401


def test_the_routines_of_a_worker_pull_reconcile_and_send(
    sqlite_database: Database, contract_system: Simulated
) -> None:
    town = settle(sqlite_database, contract_system.url)
    assert [ran.state for ran in pull_all(town.database, calm_client)] == [RunState.COMPLETED]
    night = now().replace(hour=18)  # two in the morning in China
    assert [ran.state for ran in reconcile_tonight(town.database, calm_client, lambda: night)] == [RunState.COMPLETED]
    assert reconcile_tonight(town.database, calm_client, lambda: now().replace(hour=4)) == [], "it is noon"
    assert reconcile_tonight(town.database, calm_client, lambda: night) == [], "once a night"
    send_outbox(town.database)
    assert pending_ids(town)


def test_the_command_serves_a_township(repository: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = f"from api.cli.contract_simulator import contract_simulator as run; run(people=3000, port={port})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=repository, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert _answer(f"http://127.0.0.1:{port}/control/counts")["records"] == len(small_township().records)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _answer(url: str) -> dict[str, int]:
    """What an address answers once it does."""
    limit = time.monotonic() + START_SECONDS
    while True:
        try:
            return dict(httpx2.get(url, trust_env=False).json())
        except httpx2.TransportError:
            assert time.monotonic() < limit, "the simulator did not start"
            time.sleep(0.05)
