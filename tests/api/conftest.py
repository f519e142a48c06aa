"""One tiny demo township, written and planned once for all tests of this folder."""

from pathlib import Path

import pytest

from api.cli import run
from api.demo import write_demo
from optimizer.tables import monday_of

WEEK = "2026-W48"


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented township of 3,000 people with its roads; not to be changed."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, 1, 3000, monday_of(WEEK))
    return folder


@pytest.fixture(scope="session")
def planned_folder(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `xunzhen plan` writes for it; not to be changed."""
    out = tmp_path_factory.mktemp("plan")
    assert run(["plan", str(demo_folder), "--week", WEEK, "--iterations", "300", "-o", str(out), "--json"]) == 0
    return out
