"""The whole way round by itself: a contract system and the service as processes, from the pull to the writing back."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from api.cli import run
from api.cli.commands import BAD_INPUT
from api.config import Settings
from api.store.database import Database
from api.store.models.access import Account
from api.store.models.exchange import OutboxMessage
from api.store.models.plans import WeekPlan
from api.store.models.resources import Team
from api.store.scope import everything
from api.weeks import plan_of, problem_of
from optimizer.check import check
from tests.api.conftest import WEEK
from tests.api.jobs.trials import until

WORDS = ("--people", "3000", "--week", WEEK, "--iterations", "300", "--port", "0", "--once")


def test_the_demo_goes_once_around_and_both_sides_agree(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    assert run(["demo-service", str(tmp_path), *WORDS]) == 0
    said = capsys.readouterr().out
    assert "核对通过 checked: 0 违规 violations" in said
    assert "差异 differences 0" in said
    settings = Settings.from_values({"mode": "demo", "data_dir": tmp_path / "service"})
    database = Database(settings.database_location, settings.key_ring)
    with database.session(everything("tests"), read_only=True) as session:
        plan = session.scalars(select(WeekPlan)).one()
        messages = set(session.scalars(select(OutboxMessage.state)))
        leader = session.scalars(select(Account)).one()
        verdict = check(problem_of(session, plan), plan_of(session, plan))
        assert (plan.state, plan.is_feasible, verdict.is_feasible) == ("published", True, True)
        assert messages == {"sent"}
        assert set(leader.team_external_ids) == set(session.scalars(select(Team.external_id)))
    database.close()


@pytest.mark.parametrize("what", ["nothing there", "empty", "other files", "a county"])
def test_a_folder_without_lists_is_one_fault_that_says_what_to_do(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "lists"
    if what != "nothing there":
        (folder / "service").mkdir(parents=True)
        (folder / "service" / "kept").touch()
    if what == "other files":
        (folder / "followups.csv").write_text("id\n")  # these come from the contract system
        (folder / "sites.csv").mkdir()
    if what == "a county":
        (folder / "01-town").mkdir()
        (folder / "01-town" / "sites.csv").write_text("id\n")
        (folder / "county.csv").write_text("folder\n")
    assert run(["demo-service", str(folder), *WORDS]) == BAD_INPUT
    said = capsys.readouterr().err
    assert said.count(f"{folder}: ") == 1
    assert "输入有 1 处错误 / 1 fault(s)" in said
    for words in (
        f"先运行 xunzhen demo {folder}",
        f"run xunzhen demo {folder} first",
        "sites.csv",
        "没有清单",
        "no lists",
    ):
        assert words in said
    assert (folder / "service" / "kept").exists() == (what != "nothing there") == folder.exists()


def test_when_it_is_told_to_end_its_processes_end_too(demo_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    call = [sys.executable, "-c", "from api.cli import main; main()", "demo-service", str(tmp_path), *WORDS[:-1]]
    with (tmp_path / "log").open("wb") as log:
        demo = subprocess.Popen(call, stdout=log, stderr=log)
    ports = [tmp_path / "service" / f"{name}.port" for name in ("contract-simulator", "serve")]
    until(lambda: all(port.exists() and port.read_text() for port in ports), "both listen")
    demo.terminate()
    demo.wait(60)
    for port in ports:
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", int(port.read_text()))):
            pass
