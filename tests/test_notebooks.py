"""The notebooks run from top to bottom in an empty folder, leak no warning, and store no output."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NAMES = ("01_demo_county", "02_travel_times", "03_plan_a_week")
XUNZHEN = Path(sys.executable).with_name("xunzhen")
SECONDS = 600  # a kernel that hangs is ended; a notebook takes less than a minute on a quiet machine

Run = Callable[[str], nbformat.NotebookNode]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a notebook by name in a kernel of this environment and gives it back with its outputs."""
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent), prepend=os.pathsep)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))  # nobody's own profile
    monkeypatch.delenv("XUNZHEN_FOLDER", raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)  # pictures go into the page, as they do for a reader

    def execute(name: str) -> nbformat.NotebookNode:
        path = FOLDER / f"{name}.ipynb"
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # no types
        where = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(notebook, kernel_name="python3", timeout=SECONDS, resources=where).execute()
        return notebook

    return execute


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def text(notebook: nbformat.NotebookNode) -> str:
    """All text that the cells print or show."""
    return "\n".join(one.get("text", "") + one.get("data", {}).get("text/plain", "") for one in outputs(notebook))


def assert_is_clean(notebook: nbformat.NotebookNode, pictures: int) -> None:
    """No cell wrote to the error stream, and all pictures came out."""
    found = outputs(notebook)
    assert [one["text"] for one in found if one.get("name") == "stderr"] == []
    assert sum("image/png" in one.get("data", {}) for one in found) == pictures


def test_every_notebook_is_tested() -> None:
    assert tuple(sorted(path.stem for path in FOLDER.glob("*.ipynb"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_stores_nothing_of_a_run(name: str) -> None:
    content = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in content["cells"])
    assert set(content["metadata"]) == {"kernelspec", "language_info"}
    assert set(content["metadata"]["language_info"]) == {"name"}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_defines_almost_nothing(name: str) -> None:
    """What is wanted twice belongs to a package."""
    content = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert content.count('"def ') + content.count('"class ') <= 1


def test_every_notebook_is_described() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"({name}.ipynb)" not in readme] == []


@pytest.mark.slow
def test_the_county_is_shown(run: Run) -> None:
    notebook = run("01_demo_county")
    assert_is_clean(notebook, pictures=5)
    assert "600,000 people, 10 towns" in text(notebook)
    assert "mean from 0.5 to 40 km: shortest way 1.3" in text(notebook)


@pytest.mark.slow
def test_travel_times_are_compared(run: Run) -> None:
    notebook = run("02_travel_times")
    assert_is_clean(notebook, pictures=5)
    gap = re.search(r"largest gap between the searches: (\d+) s, (\d+) m", text(notebook))
    assert gap is not None
    assert max(int(one) for one in gap.groups()) <= 1
    assert "villages beyond 30 min" in text(notebook)


@pytest.mark.slow
def test_travel_times_of_an_own_folder_are_shown(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([XUNZHEN, "demo", tmp_path / "own", "--people", "5000"], check=True, stdout=subprocess.DEVNULL)
    monkeypatch.setenv("XUNZHEN_FOLDER", str(tmp_path / "own"))
    notebook = run("02_travel_times")
    assert_is_clean(notebook, pictures=5)
    assert "villages, 1 bases" in text(notebook)


@pytest.mark.slow
def test_a_week_is_planned_and_checked_with_and_without_a_doctor(run: Run) -> None:
    notebook = run("03_plan_a_week")
    assert_is_clean(notebook, pictures=2)
    assert text(notebook).count("status: feasible, check passed: True") == 2
