"""The commands as a user types them: files, exit codes, short errors, JSON."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import optimizer.solve
from api.cli import run
from optimizer.plan import Result
from optimizer.problem import Problem
from optimizer.solve import SolveParams
from optimizer.stop import Cancelled
from tests.api.conftest import WEEK
from tests.optimizer.tables.folders import small, write


def test_plan_writes_problem_plan_workbook_and_map(planned_folder: Path) -> None:
    assert sorted(file.name for file in planned_folder.iterdir()) == [
        "map.png",
        "plan.json",
        "problem.json",
        "week.xlsx",
    ]
    assert all(file.stat().st_size > 1000 for file in planned_folder.iterdir())


def test_check_of_a_plan_that_plan_wrote_is_feasible(planned_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(planned_folder / "problem.json"), str(planned_folder / "plan.json")]
    assert run(["check", *files]) == 0
    assert "可行 feasible" in capsys.readouterr().out
    assert run(["check", *files, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["feasible"] is True
    assert answer["cost"]["total"] == sum(value for part, value in answer["cost"].items() if part != "total")


def test_bound_of_a_plan_says_how_far_it_can_be_from_the_best(
    planned_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan = str(planned_folder / "problem.json"), planned_folder / "plan.json"
    assert run(["bound", problem, str(plan), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert 0 < answer["certain"] <= answer["bound"] <= answer["cost"]
    assert answer["gap_percent"] == pytest.approx(100 * (answer["cost"] / answer["bound"] - 1))
    assert run(["bound", problem, str(plan)]) == 0
    told = capsys.readouterr().out
    assert "已证明" in told
    assert f"at most {answer['gap_percent']:.1f} % above" in told.replace("\n", " ")
    nothing = {**json.loads(plan.read_text(encoding="utf-8")), "deferred": [], "unplanned": []}
    (tmp_path / "plan.json").write_text(json.dumps(nothing), encoding="utf-8")
    assert run(["bound", problem, str(tmp_path / "plan.json")]) == 1
    assert "not feasible" in capsys.readouterr().out


def test_check_of_a_broken_plan_ends_with_1_and_names_the_rule(
    planned_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = json.loads((planned_folder / "plan.json").read_text(encoding="utf-8"))
    plan["deferred"] = []
    plan["unplanned"] = []
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    assert run(["check", str(planned_folder / "problem.json"), str(tmp_path / "plan.json")]) == 1
    assert "ONCE" in capsys.readouterr().out


def test_solve_gives_the_plan_of_the_same_seed_again(planned_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "again.json"
    command = ["solve", str(planned_folder / "problem.json"), "-o", str(target), "--iterations", "300", "--json"]
    assert run(command) == 0
    assert target.read_bytes() == (planned_folder / "plan.json").read_bytes()


def test_plan_in_json_says_status_figures_and_files(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["plan", str(demo_folder), "--week", WEEK, "--iterations", "0", "-o", str(tmp_path), "--no-map", "--json"]
    assert run(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "feasible"
    assert answer["figures"]["follow_ups"] > 0
    assert [Path(file).name for file in answer["files"]] == ["problem.json", "plan.json", "week.xlsx"]


def test_bad_tables_end_with_2_and_one_line_per_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = small()
    rows["members"][0]["field"] = "周八"
    rows["vehicles"][0]["seats"] = "0"
    write(tmp_path, rows)
    words = ["plan", str(tmp_path), "--week", WEEK, "-o", str(tmp_path / "out"), "--iterations", "0"]
    assert run(words) == 2
    said = capsys.readouterr().err
    assert "members!2 field [周八]" in said
    assert "vehicles!2 seats [0]" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
    assert run([*words, "--json"]) == 2
    assert len(json.loads(capsys.readouterr().out)["faults"]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "no-such-folder", "--week", WEEK, "-o", "out"],
        ["plan", ".", "--week", WEEK, "-o", "out", "--seconds", "1", "--iterations", "1"],
        ["plan", ".", "--week", WEEK],
        ["demo", "out", "--county", "--roads", "x.osm.pbf"],
        ["demo", "out", "--people", "5"],
        ["demo", "out", "--week", "soon"],
        ["template", "out", "--language", "fr"],
        ["check", "a.json", "b.json"],
        ["bake"],
    ],
)
def test_a_command_that_cannot_work_ends_with_2_and_writes_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(words) == 2
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_document_that_is_none_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.json").write_text('{"format": "something else"}', encoding="utf-8")
    assert run(["check", str(tmp_path / "p.json"), str(tmp_path / "p.json")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_template_and_demo_say_where_their_files_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", str(tmp_path / "t.xlsx")]) == 0
    assert run(["demo", str(tmp_path / "d"), "--people", "3000"]) == 0
    said = capsys.readouterr().out
    assert "t.xlsx" in said
    assert f"xunzhen plan {tmp_path / 'd'}" in said


def test_ctrl_c_keeps_the_best_plan_so_far_and_ends_with_130(
    demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = optimizer.solve.solve

    def interrupted(problem: Problem, params: SolveParams, observer: object, cancelled: Cancelled) -> Result:
        os.kill(os.getpid(), signal.SIGINT)
        assert threading.Event().wait(0.01) or cancelled()
        return real(problem, params, None, cancelled)

    monkeypatch.setattr(optimizer.solve, "solve", interrupted)
    words = ["plan", str(demo_folder), "--week", WEEK, "--iterations", "50", "-o", str(tmp_path), "--no-map", "--json"]
    assert run(words) == 130
    assert (tmp_path / "plan.json").exists()
    assert run(["check", str(tmp_path / "problem.json"), str(tmp_path / "plan.json")]) == 0


def test_an_earlier_plan_is_kept_close_to(demo_folder: Path, planned_folder: Path, tmp_path: Path) -> None:
    words = ["plan", str(demo_folder), "--week", WEEK, "--iterations", "300", "-o", str(tmp_path), "--no-map", "--json"]
    assert run([*words, "--earlier", str(planned_folder / "plan.json")]) == 0
    problem = json.loads((tmp_path / "problem.json").read_text(encoding="utf-8"))
    assert problem["earlier"]["crews"]


def test_an_earlier_plan_is_understood_when_households_came_before(tmp_path: Path) -> None:
    """Households are numbered anew in every folder; a plan is followed by its follow-ups, not by those numbers."""
    rows = small()
    rows["followups"][0]["channels"] = "上门"
    words = ["--week", WEEK, "--iterations", "50", "--no-map", "--json"]
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(["plan", str(write(tmp_path / "a", rows)), *words, "-o", str(first)]) == 0
    other = {"id": "F0", "resident": "R0", "household": "H0", "latitude": "36.7106", "longitude": "118.9056"}
    rows["followups"].insert(0, rows["followups"][0] | other)
    folder = str(write(tmp_path / "b", rows))
    assert run(["plan", folder, *words, "-o", str(second), "--earlier", str(first / "plan.json")]) == 0
    assert run(["check", str(second / "problem.json"), str(second / "plan.json")]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "tables", "--week", "2026-W60", "-o", "out"],
        ["plan", "nowhere", "--week", WEEK, "-o", "out"],
        ["plan", "empty", "--week", WEEK, "-o", "out"],
        ["plan", "tables", "--week", WEEK, "-o", "out", "--iterations", "-1"],
        ["plan", "tables", "--week", WEEK, "-o", "out", "--seconds", "many"],
        ["plan", "tables", "--week", WEEK, "-o", "a-file", "--iterations", "0"],
        ["plan", "tables", "--week", WEEK, "-o", "a-file/out", "--iterations", "0"],
        ["plan", "tables", "--week", WEEK, "-o", "out", "--earlier", "a-file"],
        ["solve", "a-file", "-o", "plan.json"],
        ["solve", "nowhere.json", "-o", "plan.json"],
        ["check", "gbk.json", "gbk.json"],
        ["template", "a-file"],
        ["demo", "out", "--week", "soon"],
        ["bake"],
    ],
)
def test_a_wrong_word_is_answered_in_both_languages_and_as_one_json_document(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "tables", small())
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").write_text("{}", encoding="utf-8")
    (tmp_path / "gbk.json").write_bytes("巡诊".encode("gbk"))
    before = sorted(tmp_path.rglob("*"))
    assert run(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert " / " in told.err
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told.err)
    assert "Errno" not in told.err
    assert "Traceback" not in told.err
    assert run([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]
    assert sorted(tmp_path.rglob("*")) == before


def test_law_sessions_that_nobody_can_hold_end_with_1_and_say_not_feasible_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = small()
    rows["sessions"] = [
        {"id": f"S{n}", "site": site, "half_days": "周一上午", "law": "是"} for n, site in enumerate(["V1", "V2", "V3"])
    ]
    write(tmp_path / "tables", rows)
    words = ["plan", str(tmp_path / "tables"), "--week", WEEK, "--iterations", "0", "-o", str(tmp_path / "out")]
    assert run([*words, "--no-map"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("计划不可行")
    assert "NOT feasible" in said
    assert "SESSION_REQUIRED" in said
    assert run([*words, "--no-map", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["violations"][0]["rule"]) == ("infeasible", "SESSION_REQUIRED")


def test_a_second_ctrl_c_ends_at_once_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_problem: Problem, _params: SolveParams, _observer: object, cancelled: Cancelled) -> Result:
        os.kill(os.getpid(), signal.SIGINT)
        assert threading.Event().wait(0.01) or cancelled()
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("not reached")

    monkeypatch.setattr(optimizer.solve, "solve", interrupted)
    words = ["plan", str(write(tmp_path / "tables", small())), "--week", WEEK, "-o", str(tmp_path / "out"), "--no-map"]
    assert run(words) == 130
    told = capsys.readouterr()
    assert "没有写出文件" in told.err
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_keeps_the_files_of_the_plan_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    words = ["plan", str(write(tmp_path / "tables", small())), "--week", WEEK, "-o", str(tmp_path / "out"), "--no-map"]
    assert run([*words, "--iterations", "0"]) == 0
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(os, "chmod", full)
    assert run([*words, "--iterations", "50"]) == 2
    assert "磁盘已满" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before


def test_a_plan_that_holds_nothing_is_remarked_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = small()
    rows["members"] = []
    folder = write(tmp_path / "tables", rows)
    assert run(["plan", str(folder), "--week", WEEK, "--iterations", "0", "-o", str(tmp_path / "out"), "--no-map"]) == 0
    assert "nothing is planned" in capsys.readouterr().err


def test_help_and_wrong_words_do_not_wait_for_the_solver_or_the_maps() -> None:
    code = (
        "import sys; from api.cli import run; code = run(['plan', '--help']);"
        "print(code, sorted({'ortools', 'geopandas', 'pandas', 'numba', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
