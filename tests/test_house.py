"""The door (`run.py`), the lock file, the wheel and the rules for tests, each held to what CONTRIBUTING.md promises."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

import run
from tests.bench.__main__ import list_benches

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)


def plain_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def lock_text(repository: Path) -> str:
    return (repository / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    return found


def pins_for_here(lock_text: str) -> dict[str, str]:
    """Name and version of every pin whose marker holds for this interpreter and system."""
    here = default_environment()
    return {
        name: version
        for name, version, marker in PIN.findall(lock_text)
        if not marker or Requirement(f"x ; {marker}").marker.evaluate({k: str(v) for k, v in here.items()})  # type: ignore[union-attr] # it has one
    }


def test_every_requirement_of_the_project_is_pinned_to_a_version_it_accepts(
    lock_text: str, project: dict[str, dict[str, list[str]]]
) -> None:
    pins = pins_for_here(lock_text)
    for wanted in map(Requirement, project["project"]["dependencies"] + project["dependency-groups"]["dev"]):
        if wanted.marker and not wanted.marker.evaluate():
            continue
        assert wanted.specifier.contains(pins.get(plain_name(wanted.name), "0"), prereleases=True), f"{wanted}: lock it"


def test_the_lock_closes_over_what_its_packages_need(lock_text: str) -> None:
    pins = pins_for_here(lock_text)
    for name in pins:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # an environment made by hand may lack some of them
        for wanted in map(Requirement, needs):
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                assert plain_name(wanted.name) in pins, f"{name} needs {wanted}: run `python3 run.py lock`"


def test_every_pin_carries_hashes_and_nothing_names_a_host_or_a_path(lock_text: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", lock_text.strip())
    assert len(blocks) == len(PIN.findall(lock_text)) > 50
    for block in blocks:
        lines = [line.strip().removesuffix("\\").strip() for line in block.splitlines()[1:]]
        assert lines
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines), block
    assert not re.search(r"://|index-url|find-links|file:|@ ", lock_text)


def test_the_door_can_be_read_by_an_old_python_and_says_what_it_needs(repository: Path) -> None:
    ast.parse((repository / "run.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 1, 'final', 0); runpy.run_path('run.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", pretend],
        cwd=repository,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_refused_and_no_command_gives_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["bake"], 2), ([], 0)):
        with pytest.raises(SystemExit) as stopped:
            run.main(arguments)
        assert stopped.value.code == code
    assert "demo" in capsys.readouterr().out


def test_a_package_is_cut_from_the_lock_with_its_hashes() -> None:
    lines = run.locked_lines("uv")
    assert lines.startswith("uv==")
    assert lines.count("--hash=sha256:") >= 1
    assert lines.count("==") == 1
    with pytest.raises(run.SetupError, match="no-such-package"):
        run.locked_lines("no-such-package")


@pytest.fixture
def empty_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """run.py pointed at an empty folder, with every command it would run written down instead."""
    venv = tmp_path / ".venv"
    for name, path in {
        "ROOT": tmp_path,
        "VENV": venv,
        "STAMP": venv / "xunzhen-ready.json",
        "MAKING": venv / "xunzhen-making",
        "PYTHON": venv / "python",
        "XUNZHEN": venv / "xunzhen",
    }.items():
        monkeypatch.setattr(run, name, path)
    (tmp_path / "pyproject.toml").write_text("")
    commands: list[str] = []

    def fake_run(*command: str | Path, quiet: bool = False) -> int:
        commands.append(" ".join(map(str, command)))
        if "venv" in command:
            (venv / "python").touch()
        if "--editable" in command:
            (venv / "xunzhen").touch()
        return 0

    monkeypatch.setattr(run, "run", fake_run)
    monkeypatch.setattr(run, "package_source", list)
    return commands


def test_set_up_happens_once_and_again_when_the_project_file_changes(empty_clone: list[str]) -> None:
    assert run.ensure_environment()
    assert not run.ensure_environment()
    count = len(empty_clone)
    (run.ROOT / "pyproject.toml").write_text("changed")
    assert run.ensure_environment()
    assert not any(" -m venv " in command for command in empty_clone[count:])
    assert any("--require-hashes" in command for command in empty_clone[count:])


def test_a_failed_installation_is_not_trusted_by_the_next_run(
    empty_clone: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = run.run

    def fail_to_install(*command: str | Path, quiet: bool = False) -> int:
        return 1 if "install" in command else working(*command, quiet=quiet)

    monkeypatch.setattr(run, "run", fail_to_install)
    with pytest.raises(run.SetupError, match="network"):
        run.ensure_environment()
    assert run.read_stamp() == {}
    monkeypatch.setattr(run, "run", working)
    (run.VENV / "left-over").touch()
    assert run.ensure_environment()
    assert not (run.VENV / "left-over").exists()


def test_a_moved_clone_makes_its_environment_anew(empty_clone: list[str]) -> None:
    run.ensure_environment()
    run.STAMP.write_text(run.STAMP.read_text(encoding="utf-8").replace('"place": "', '"place": "elsewhere'))
    (run.VENV / "left-over").touch()
    assert run.ensure_environment()
    assert not (run.VENV / "left-over").exists()


def test_an_environment_made_by_hand_is_filled_and_not_thrown_away(empty_clone: list[str]) -> None:
    run.VENV.mkdir()
    (run.VENV / "python").touch()
    (run.VENV / "mine").touch()
    assert run.ensure_environment()
    assert (run.VENV / "mine").exists()


def test_only_one_process_sets_up_at_a_time(tmp_path: Path) -> None:
    with open(tmp_path / "lock", "a+b") as first, open(tmp_path / "lock", "a+b") as second:
        assert run.try_lock(first.fileno())
        assert not run.try_lock(second.fileno())
        first.close()
        assert run.try_lock(second.fileno())


def test_ci_runs_the_two_commands_that_people_run(repository: Path) -> None:
    script = repository / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert text.index("python3 run.py check") < text.index("python3 run.py test")
    assert "set -euo pipefail" in text
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_the_wheel_holds_the_packages_with_their_data_and_no_tests(repository: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"optimizer", "geodata", "api"}
    wanted = {
        path.relative_to(repository).as_posix()
        for package in tops
        for path in (repository / package).rglob("*")
        if path.is_file() and not {"__pycache__", ".mypy_cache"} & set(path.parts)
    }
    assert wanted <= names


SKIPPING_TESTS = """
import pytest

def test_lazy():
    pytest.skip("not today")

def test_material(shared_folder):
    assert shared_folder

@pytest.mark.xfail(reason="known", strict=True)
def test_known():
    assert False
"""


@pytest.mark.parametrize(("ci", "expected"), [("true", "1 failed, 1 skipped, 1 xfailed"), ("", "2 skipped, 1 xfailed")])
def test_ci_allows_no_skip_but_for_absent_material(repository: Path, tmp_path: Path, ci: str, expected: str) -> None:
    (tmp_path / "conftest.py").write_bytes((repository / "tests" / "conftest.py").read_bytes())
    (tmp_path / "test_skips.py").write_text(SKIPPING_TESTS)
    values = {**os.environ, "CI": ci, "XUNZHEN_SHARED": str(tmp_path / "absent")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=values, capture_output=True, encoding="utf-8", check=False)
    assert expected in done.stdout, done.stdout


def test_a_bench_is_a_module_with_a_main_and_its_first_line_says_what_it_measures(tmp_path: Path) -> None:
    (tmp_path / "speed.py").write_text('"""How fast it is.\n\nMore."""\ndef main(argv): ...\n')
    (tmp_path / "part.py").write_text('"""Not a bench."""\n')
    assert list_benches(tmp_path) == {"speed": "How fast it is."}
    assert all(text for text in list_benches().values())
