"""The database gone, busy or full: a problem with a time to come back, and nothing acknowledged is lost."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.config import Settings
from api.service.app import create_app
from api.store.crypto import demo_keys
from api.store.database import Database
from tests.api.service.conftest import Caller
from tests.api.service.township import Township, make_township


def test_a_database_that_is_gone_is_told_with_a_time_to_come_back(client: TestClient, township: Township) -> None:
    key = township.key("county_admin")
    township.database.engine.dispose()
    file = Path(str(township.database.url.database))
    kept = file.rename(file.with_suffix(".away"))
    file.mkdir()  # a folder cannot be opened as a database
    caller = Caller(client, key)
    for answer in (caller.get("/v1/sites"), client.get("/readyz")):
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        assert answer.headers["retry-after"] == "5"
    file.rmdir()
    kept.rename(file)
    assert caller.get("/v1/sites").status_code == 200


def test_postgresql_that_does_not_answer_is_told(settings: Settings) -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none", demo_keys())
    client = TestClient(create_app(settings, database), raise_server_exceptions=False)  # its start would fail
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")


FILL = """
import os, resource, signal, sys
from starlette.testclient import TestClient
from api.config import Settings
from api.service.app import create_app
from api.store.crypto import demo_keys
from api.store.database import Database

folder, key, organisation = sys.argv[1:]
database = Database(f"sqlite:///{folder}/xunzhen.sqlite", demo_keys())
app = create_app(Settings.from_values({"mode": "demo", "data_dir": folder}), database)
with TestClient(app, raise_server_exceptions=False) as client:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = os.path.getsize(f"{folder}/xunzhen.sqlite") + 300_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    for number in range(2_000):
        body = {"external_id": f"V9{number:05}", "kind": "village", "latitude": 36.7, "longitude": 118.9,
                "name": "x" * 1500, "organisation_id": organisation}
        answer = client.post("/v1/sites", json=body, headers={"Authorization": f"Bearer {key}"})
        if answer.status_code != 201:
            print(answer.status_code, answer.json()["code"], number)
            break
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="files cannot be limited on this system")
def test_a_full_disk_is_told_and_loses_nothing(sqlite_database: Database) -> None:
    township = make_township(sqlite_database)
    folder = Path(str(sqlite_database.url.database)).parent
    key = township.key("county_admin")
    sqlite_database.close()
    words = [sys.executable, "-W", "ignore", "-c", FILL, str(folder), key, township.own_id]
    run = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    status, code, acknowledged = run.stdout.split()
    assert (status, code) == ("507", "STORAGE_FULL")
    settings = Settings.from_values({"mode": "demo", "data_dir": folder})
    with TestClient(create_app(settings, Database(sqlite_database.url, demo_keys()))) as client:
        caller, cursor, seen = Caller(client, key), "", 0
        while True:
            page = caller.get("/v1/sites", params={"limit": 500, "cursor": cursor, "fields": "external_id"}).json()
            seen += sum(item["external_id"].startswith("V9") for item in page["items"])
            cursor = page["next_cursor"]
            if not cursor:
                break
    assert seen >= int(acknowledged) > 0
