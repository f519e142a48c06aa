"""The commands that keep the store, as somebody at the console uses them: verify, back up, restore, renew, serve."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from api.cli import run
from api.config import Settings
from api.store import audit
from api.store.database import Database
from api.store.models.residents import Resident
from tests.api.store.databases import add_organisation, scope_in


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo in a folder of its own."""
    monkeypatch.setenv("XUNZHEN_MODE", "demo")
    monkeypatch.setenv("XUNZHEN_DATA_DIR", str(tmp_path))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The database that the commands find there."""
    settings = Settings.from_values({"mode": "demo", "data_dir": tmp_path})
    found = Database(settings.database_location, settings.key_ring)
    found.migrate()
    yield found
    found.close()


def fill(database: Database) -> str:
    """The id of an organisation with a resident and three entries of the audit log."""
    organisation = add_organisation(database)
    with database.session(scope_in(organisation)) as session:
        session.add(Resident(organisation_id=organisation, external_id="R1", name="王小明", phone="13100001111"))
        for number in range(3):
            audit.append(session, organisation, "test", target_id=str(number))
    return organisation


def tamper(database: Database, statement: str) -> None:
    """What somebody does who may change the file itself."""
    with database.engine.begin() as connection:
        for trigger in ("audit_entries_no_update", "audit_entries_no_delete"):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text(statement))


def test_a_whole_log_is_said_to_be_whole(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    fill(database)
    assert run(["audit", "verify"]) == 0
    assert "审计链完整" in capsys.readouterr().out
    assert run(["audit", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"broken": []}


@pytest.mark.parametrize(
    ("statement", "number", "reason"),
    [
        ("UPDATE audit_entries SET actor = 'nobody' WHERE number = 2", 2, "changed"),
        ("DELETE FROM audit_entries WHERE number = 2", 2, "missing"),
        ("DELETE FROM audit_entries WHERE number = 3", 3, "cut off"),
    ],
)
def test_a_broken_log_ends_with_1_and_names_organisation_and_entry(
    statement: str, number: int, reason: str, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    organisation = fill(database)
    tamper(database, statement)
    assert run(["audit", "verify"]) == 1
    said = capsys.readouterr().out
    assert organisation in said
    assert f"第 {number} 条" in said
    assert reason in said
    assert run(["audit", "verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "broken": [{"chain": organisation, "number": number, "reason": reason}]
    }


def test_what_is_backed_up_is_restored_into_an_empty_folder_only(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    organisation = fill(database)
    assert run(["backup", str(tmp_path / "kept.db"), "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["rows"]
    assert counts["residents"] == 1
    assert run(["restore", str(tmp_path / "kept.db")]) == 2
    assert "rows already" in capsys.readouterr().err
    monkeypatch.setenv("XUNZHEN_DATA_DIR", str(tmp_path / "elsewhere"))
    assert run(["restore", str(tmp_path / "kept.db"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == counts
    assert run(["audit", "verify"]) == 0
    settings = Settings.from_values({"mode": "demo", "data_dir": tmp_path / "elsewhere"})
    restored = Database(settings.database_location, settings.key_ring)
    with restored.session(scope_in(organisation)) as session:
        assert session.query(Resident).one().name == "王小明"
    restored.close()


@pytest.mark.parametrize(
    "command", [["backup", "kept.db"], ["restore", "none.db"], ["audit", "verify"], ["keys", "renew"]]
)
def test_where_there_is_no_database_or_file_that_is_said_in_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(command) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [["backup", "kept.db"], ["audit", "verify"], ["organisation", "add", "T1"]])
def test_a_database_that_does_not_answer_is_said_in_one_line_without_its_password(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XUNZHEN_DATABASE_URL", "postgresql://somebody:very-secret@127.0.0.1:1/none")
    assert run(command) == 2
    said = capsys.readouterr().err
    assert "数据库无法使用" in said
    assert "very-secret" not in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "way"),
    [
        (["keys", "renew", "--now"], "xunzhen keys renew --help"),
        (["audit", "very"], "xunzhen audit --help"),
        (["restore"], "xunzhen restore --help"),
    ],
)
def test_a_command_that_is_not_written_right_points_at_its_own_help(
    words: list[str], way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert way in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["serve", "--workers", "0", "--port", str(taken.getsockname()[1])]) == 2
    assert "端口已被占用" in capsys.readouterr().err
