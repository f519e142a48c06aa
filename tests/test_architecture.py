"""The house's shape, read from the sources with `ast`: who may import whom, and how long a file may grow.

Nothing is imported here. Every rule gives a list of faults in words; each is also shown a planted breach.
"""

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGES = ("optimizer", "geodata", "api")
FOLDERS = {"optimizer", "geodata", "api", "notebooks", "tests", "demo", "out"}  # the last two: made by users, not kept

ALLOWED_THIRD_PARTY = {
    "optimizer": {"numpy", "numba", "llvmlite", "ortools"},
    "optimizer.tables": {"numpy", "pandas"},
    "geodata": {
        *("numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "pyarrow", "osmium", "pyroutingkit"),
        *("matplotlib", "pylopdf_fonts_zh_cn", "httpx2"),
    },
    "api": {
        *("numpy", "pandas", "geopandas", "matplotlib", "openpyxl", "xlsxwriter", "typer", "rich"),
        *("fastapi", "starlette", "pydantic", "httpx2", "stamina", "uvicorn", "limits"),
        *("sqlalchemy", "alembic", "psycopg", "cryptography", "argon2", "authlib", "joserfc", "jwt"),
        *("prometheus_client", "typst", "pylopdf_fonts_zh_cn", "segno", "icalendar", "fhir", "ray"),
    },
}
FORBIDDEN_STDLIB = {"optimizer": {"logging", "socket", "urllib", "http", "subprocess", "sqlite3", "random"}}
CLOCK_MODULES = {"time", "timeit", "sched"}
CLOCK_CALLS = {"now", "today", "utcnow"}

# Inside optimizer, a module imports only from lower rows (or its own row); `stop` and `weights` are leaves.
ROWS = (
    {"explain", "whatif", "simulate", "compare", "kpis", "tables", "demand", "documents", "baseline", "__init__"},
    {"replan"},
    {"edits", "solve"},
    {"judged"},
    {"week_bound"},  # reads an earlier plan as the judge does
    {"check"},  # whoever stands above may call the judge; what it may import itself is JUDGE_MAY_IMPORT
    {"assemble", "fill", "reasons", "attendance", "seat_prices"},
    {"roster", "pool"},
    {"bound"},
    {"routing"},
    {"cost"},
    {"bundle", "due", "duties"},
    {"problem", "validation"},  # an earlier plan is part of a problem, so Plan stands below Problem
    {"plan", "staffing"},
    {"model", "travel"},
    {"calendar", "rules", "errors", "stop", "weights", "gap"},
)
UNREAD = {"explain", "whatif", "simulate", "compare", "kpis", "tables", "baseline"}  # readers that no other reads
JUDGE_MAY_IMPORT = {"check", "problem", "model", "plan", "rules", "errors", "calendar", "travel", "weights"}

LONG_FILES: dict[str, str] = {
    # "path": "the reason why one file is clearer than two",
}
LONG_FUNCTIONS: dict[str, str] = {
    # "path::function": "the reason",
}
MOST_FILE_LINES, MOST_FUNCTION_LINES = 400, 60


@dataclass(frozen=True, slots=True)
class Source:
    """One module: its dotted name, its file and its tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    is_package: bool

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Import:
    """One thing that a module imports, by its full dotted name, and where."""

    target: str
    line: int
    is_for_types: bool


def read_sources(root: Path, packages: tuple[str, ...] = PACKAGES) -> dict[str, Source]:
    """All modules of the packages by dotted name."""
    sources = {}
    for path in sorted(path for package in packages for path in (root / package).rglob("*.py")):
        words = path.relative_to(root).with_suffix("").parts
        is_package = words[-1] == "__init__"
        name = ".".join(words[:-1] if is_package else words)
        text = path.read_text(encoding="utf-8")
        sources[name] = Source(name, path, text, ast.parse(text, str(path)), is_package)
    return sources


def list_imports(source: Source) -> Iterator[Import]:
    """Every import of a module, also those inside functions; relative ones are made absolute."""
    type_only = {
        id(child)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, id(node) in type_only)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = source.name.split(".")
                kept = parts[: len(parts) - node.level + source.is_package]
                base = ".".join([*kept, *([base] if base else [])])
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, id(node) in type_only)


def own_module(target: str, sources: dict[str, Source]) -> str | None:
    """The module of ours that an import reaches: the longest known prefix of its dotted name."""
    words = target.split(".")
    names = (".".join(words[:count]) for count in range(len(words), 0, -1))
    return next((name for name in names if name in sources), None)


def import_faults(sources: dict[str, Source]) -> list[str]:
    """Imports outside the allow-lists, and packages that must not know each other."""
    faults = []
    for source in sources.values():
        allowed = ALLOWED_THIRD_PARTY.get(".".join(source.name.split(".")[:2]), ALLOWED_THIRD_PARTY[source.package])
        partners = set(PACKAGES) if source.package == "api" else {source.package}
        for item in list_imports(source):
            top = item.target.partition(".")[0]
            where = f"{source.name}:{item.line}"
            if top in {*PACKAGES, "tests", "notebooks", "run"}:
                if top not in partners:
                    faults.append(f"{where}: {source.package} must not import {top}")
            elif top in sys.stdlib_module_names:
                if top in FORBIDDEN_STDLIB.get(source.package, set()):
                    faults.append(f"{where}: {source.package} must not import {top}")
                if source.package == "optimizer" and top in CLOCK_MODULES and source.name != "optimizer.stop":
                    faults.append(f"{where}: only optimizer/stop.py reads a clock")
            elif top not in allowed:
                faults.append(f"{where}: {top} is not on the allow-list of {source.package}")
    return faults


def find_circles(sources: dict[str, Source]) -> list[str]:
    """Every group of modules that reach each other by imports (strongly connected, found by depth-first search)."""
    edges = {
        name: {own_module(item.target, sources) for item in list_imports(source) if not item.is_for_types}
        - {None, name}
        for name, source in sources.items()
    }

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        stack = [start]
        while stack:
            for following in edges[stack.pop()]:
                if following is not None and following not in seen:
                    seen.add(following)
                    stack.append(following)
        return seen

    reach = {name: reachable(name) for name in edges}
    groups = {tuple(sorted(other for other in reach[name] if name in reach[other])) for name in reach}
    return [f"import circle: {' <-> '.join(group)}" for group in sorted(groups) if group]


def part_of_optimizer(name: str) -> str:
    """The module or sub-package directly under optimizer that a dotted name belongs to."""
    words = name.split(".")
    return words[1] if len(words) > 1 else "__init__"


def order_faults(sources: dict[str, Source]) -> list[str]:
    """Imports inside optimizer that run up the order, and whatever the judge must not know."""
    row_of = {part: row for row, parts in enumerate(ROWS) for part in parts}
    faults = []
    for name, source in sources.items():
        if source.package != "optimizer":
            continue
        part = part_of_optimizer(name)
        if part not in row_of:
            faults.append(f"{name}: give this module a row in ROWS of tests/test_architecture.py")
            continue
        for item in list_imports(source):
            target = own_module(item.target, sources)
            if target is None or not target.startswith("optimizer"):
                continue
            other = part_of_optimizer(target)
            where = f"{name}:{item.line}"
            if part == "check" and other not in JUDGE_MAY_IMPORT:
                faults.append(f"{where}: the judge must not know {other}")
            if part != "__init__" and other == "__init__":
                faults.append(f"{where}: import the module that defines the name, not the shop window")
            elif part != "__init__" and row_of.get(other, 99) < row_of[part]:
                faults.append(f"{where}: {part} must not import {other}, which stands above it")
            elif other in UNREAD - {part} and part != "__init__" and part not in UNREAD:
                faults.append(f"{where}: nothing reads {other}")
    return faults


def purity_faults(sources: dict[str, Source]) -> list[str]:
    """Printing in optimizer and geodata; clocks and the environment in optimizer; `except Exception` anywhere."""
    faults = []
    for name, source in sources.items():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                method = called.rpartition(".")[2]
                if called == "print" and source.package != "api":
                    faults.append(f"{name}:{node.lineno}: {source.package} does not print")
                if source.package == "optimizer" and "." in called and method in CLOCK_CALLS:
                    faults.append(f"{name}:{node.lineno}: only optimizer/stop.py reads a clock ({called})")
            elif isinstance(node, ast.Attribute) and source.package == "optimizer":
                if ast.unparse(node) in {"os.environ", "os.getenv"}:
                    faults.append(f"{name}:{node.lineno}: optimizer reads no environment")
            elif isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                if caught in {"everything", "Exception", "BaseException"}:
                    faults.append(f"{name}:{node.lineno}: catches {caught}")
    return faults


def size_faults(sources: dict[str, Source], root: Path) -> list[str]:
    """Files and functions that are too long and not on the list with a reason, and reasons no longer needed."""
    faults, used = [], set()
    for source in sources.values():
        path = source.path.relative_to(root).as_posix()
        count = source.text.count("\n")
        if count > MOST_FILE_LINES:
            used.add(path)
            if path not in LONG_FILES:
                faults.append(f"{path}: {count} lines, more than {MOST_FILE_LINES}, and no reason in LONG_FILES")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                key = f"{path}::{node.name}"
                if lines > MOST_FUNCTION_LINES:
                    used.add(key)
                    if key not in LONG_FUNCTIONS:
                        faults.append(f"{key}: {lines} lines, more than {MOST_FUNCTION_LINES}, no reason given")
    stale = {*LONG_FILES, *LONG_FUNCTIONS} - used
    return faults + [f"{key}: short enough now, take it off the list" for key in sorted(stale)]


def folder_faults(root: Path) -> list[str]:
    """Top-level folders that the layout does not know; hidden ones and caches are free."""
    found = {path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    built = {name for name in found if name in {"build", "dist"} or name.endswith(".egg-info")}
    return [f"{name}/ is not in the layout" for name in sorted(found - FOLDERS - built)]


def notebook_faults(root: Path) -> list[str]:
    """Notebooks that import api or tests, or store outputs."""
    faults = []
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            lines = "".join(cell["source"]).splitlines()
            if cell["cell_type"] != "code":
                continue
            if cell.get("outputs") or cell.get("execution_count"):
                faults.append(f"{path.name}, cell {number}: stored output")
            tree = ast.parse("\n".join(line for line in lines if not line.lstrip().startswith(("%", "!"))))
            source = Source(path.stem, path, "", tree, is_package=False)
            tops = {item.target.partition(".")[0] for item in list_imports(source)}
            faults += [f"{path.name}, cell {number}: imports {top}" for top in sorted(tops & {"api", "tests"})]
    return faults


def all_faults(root: Path) -> list[str]:
    """Everything that is wrong with the shape of the tree under `root`."""
    sources = read_sources(root)
    return [
        *import_faults(sources),
        *find_circles(sources),
        *order_faults(sources),
        *purity_faults(sources),
        *size_faults(sources, root),
        *folder_faults(root),
        *notebook_faults(root),
    ]


def test_the_house_keeps_its_own_rules(repository: Path) -> None:
    faults = all_faults(repository)
    assert not faults, "\n" + "\n".join(faults)


def test_the_door_needs_the_standard_library_only(repository: Path) -> None:
    text = (repository / "run.py").read_text(encoding="utf-8")
    source = Source("run", repository / "run.py", text, ast.parse(text), is_package=False)
    assert {item.target.partition(".")[0] for item in list_imports(source)} <= set(sys.stdlib_module_names)


PLANTED = {
    "optimizer imports geodata": ("optimizer/model.py", "import geodata.roads", "optimizer must not import geodata"),
    "geodata imports optimizer": ("geodata/roads.py", "from optimizer import x", "geodata must not import optimizer"),
    "somebody imports api": ("geodata/roads.py", "import api.cli", "geodata must not import api"),
    "somebody imports tests": ("api/cli.py", "from tests import builders", "api must not import tests"),
    "pandas outside tables": ("optimizer/plan.py", "import pandas as pd", "pandas is not on the allow-list"),
    "an unlisted library": ("geodata/roads.py", "import requests", "requests is not on the allow-list"),
    "a clock outside stop": ("optimizer/cost.py", "from time import monotonic", "only optimizer/stop.py reads a clock"),
    "today in the optimizer": ("optimizer/due.py", "import datetime\nx = datetime.date.today()", "reads a clock"),
    "logging in the optimizer": ("optimizer/plan.py", "import logging", "optimizer must not import logging"),
    "printing": ("optimizer/plan.py", "def f() -> None:\n    print(1)", "optimizer does not print"),
    "environment": ("optimizer/plan.py", "import os\nx = os.environ['A']", "optimizer reads no environment"),
    "catching all": ("api/cli.py", "try:\n    x = 1\nexcept Exception:\n    x = 2", "catches Exception"),
    "running up": ("optimizer/cost.py", "import optimizer.routing", "cost must not import routing"),
    "running up, hidden in a function": (
        "optimizer/model.py",
        "def f() -> None:\n    from optimizer.solve import solve",
        "model must not import solve",
    ),
    "running up, relative": ("optimizer/model.py", "from .problem import Problem", "model must not import problem"),
    "the judge knows the search": ("optimizer/check.py", "from optimizer import cost", "the judge must not know cost"),
    "the search asks the judge": ("optimizer/cost.py", "import optimizer.check", "cost must not import check"),
    "reading the readers": ("optimizer/solve.py", "from optimizer import kpis", "kpis, which stands above"),
    "shop window": ("optimizer/cost.py", "import optimizer", "not the shop window"),
    "unknown module": ("optimizer/magic.py", "x = 1", "give this module a row"),
    "a circle": ("geodata/roads.py", "import geodata.circle", "import circle: geodata.circle <-> geodata.roads"),
    "a long file": ("geodata/long.py", "x = 1\n" * 401, "geodata/long.py: 40"),
    "a long function": ("api/long.py", "def f() -> None:\n" + "    x = 1\n" * 61, "api/long.py::f: 62 lines"),
    "an unknown folder": ("utils/x.py", "x = 1", "utils/ is not in the layout"),
    "a notebook that knows the api": (
        "notebooks/01.ipynb",
        json.dumps({"cells": [{"cell_type": "code", "source": ["import api.cli"], "outputs": []}]}),
        "imports api",
    ),
    "a notebook with outputs": (
        "notebooks/01.ipynb",
        json.dumps({"cells": [{"cell_type": "code", "source": ["x"], "outputs": [{}]}]}),
        "stored output",
    ),
}


def plant(root: Path) -> None:
    """A small, faultless house."""
    for package in PACKAGES:
        (root / package / "routing").mkdir(parents=True)
        (root / package / "__init__.py").write_text("")
    for name in ("model", "plan", "problem", "cost", "routing/__init__", "solve", "kpis", "check", "due"):
        (root / "optimizer" / f"{name}.py").write_text("import optimizer.errors\n")
    (root / "optimizer" / "errors.py").write_text("")
    (root / "optimizer" / "stop.py").write_text("import time\n")
    (root / "optimizer" / "tables.py").write_text("import pandas\n")
    (root / "geodata" / "circle.py").write_text("import geodata.roads\n")
    (root / "geodata" / "roads.py").write_text("import osmium\n")
    (root / "api" / "cli.py").write_text("import optimizer.solve\nimport geodata.roads\nimport typer\n")


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_breach_is_caught(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "LONG_FILES", {})
    monkeypatch.setattr(sys.modules[__name__], "LONG_FUNCTIONS", {})
    plant(tmp_path)
    assert all_faults(tmp_path) == []
    path, text, expected = PLANTED[name]
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text + "\n")
    faults = all_faults(tmp_path)
    assert any(expected in fault for fault in faults), faults
