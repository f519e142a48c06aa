"""What a file of results comes from: the command, the day, the versions, the machine; one line of JSON for each run."""

import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

LIBRARIES = ("numba", "numpy", "ortools", "pyvrp", "pyvroom")


@dataclass(frozen=True, slots=True)
class About:
    """Where some rows come from."""

    command: str
    date: str
    revision: str
    versions: dict[str, str]
    cores: int


def about_path(path: Path) -> Path:
    """The file beside a file of rows."""
    return path.with_suffix(".about.jsonl")


def note_command(path: Path | None, name: str, argv: list[str]) -> None:
    """Append what is being run to the file beside the results."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    about = About(
        command=command_of(name, argv),
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        revision=_revision(),
        versions={"python": platform.python_version()} | _versions(),
        cores=os.cpu_count() or 1,
    )
    with about_path(path).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(about)) + "\n")


def read_about(path: Path) -> list[About]:
    """All runs noted beside a file of rows."""
    if not about_path(path).exists():
        return []
    lines = about_path(path).read_text(encoding="utf-8").splitlines()
    return [About(**json.loads(line)) for line in lines]


def command_of(name: str, argv: list[str]) -> str:
    """The command as another machine would give it: of a path only its last part."""
    words = [Path(word).name if os.sep in word else word for word in argv]
    return f"python -m tests.bench {shlex.join([name, *words])}"


def _versions() -> dict[str, str]:
    """Versions of the installed libraries that matter."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _revision() -> str:
    """The short name of the commit, with a plus where files have changed since; empty outside a clone."""
    folder = Path(__file__).parent
    done = [
        subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
        for words in (["rev-parse", "--short=9", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    return "" if done[0].returncode else done[0].stdout.strip() + ("+" if done[1].stdout.strip() else "")
