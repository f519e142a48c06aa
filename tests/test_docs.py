"""The documents, held to the code: rules, settings and commands are described, and README's commands are real.

Words that belong to one machine or to unfinished work are looked for in every file of the project.
"""

import dataclasses
import importlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

READMES = ("README.md", "README.zh.md")
MOST_README_LINES = 80
RECORDS = {  # a module and the record of settings in it
    "optimizer.solve": "SolveParams",
    "optimizer.weights": "Weights",
    "optimizer.model": "Parameters",
}
RUN_COMMANDS = {"demo", "test", "check", "lock"}
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b(?!=)|<[a-z]+>")  # FILE, DIR: a line to be filled in, not run

FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|farm)/"),
    "a package host": re.compile(r"pypi\.org|pythonhosted|npmjs\."),
    "unfinished work": re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
    "a ticket": re.compile(r"\bissue ?#?\d", re.IGNORECASE),
    "how it was made": re.compile(r"\bCEO\b|\b(?:AI|sub-?|coding) ?agents?\b", re.IGNORECASE),
}
UNREAD_SUFFIXES = {".png", ".pbf", ".xlsx", ".ttf", ".otf", ".gz", ".parquet", ".gpkg", ".pdf", ".lock"}


def load(name: str) -> ModuleType:
    """The module, or a skip while it is not written (which CI does not allow)."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not written yet")
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def documents(repository: Path) -> str:
    """Every document of the project in one text."""
    folders = (repository, *(repository / name for name in ("optimizer", "geodata", "api", "notebooks")))
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.md")))


def is_named(word: str, text: str) -> bool:
    """Whether the word stands in the text as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def test_every_rule_code_is_documented(documents: str) -> None:
    rules = load("optimizer.rules").RULES
    assert len(rules) > 20
    codes = rules if isinstance(rules, Mapping) else [rule.code for rule in rules]
    assert [code for code in codes if not is_named(code, documents)] == []


def test_every_part_of_the_cost_is_documented(documents: str) -> None:
    assert [part for part in load("optimizer.rules").COST_PARTS if not is_named(part, documents)] == []


@pytest.mark.parametrize("module", RECORDS)
def test_every_setting_is_documented(module: str, documents: str) -> None:
    record: Any = getattr(load(module), RECORDS[module])
    missing = [field.name for field in dataclasses.fields(record) if not is_named(field.name, documents)]
    assert missing == [], f"settings of {RECORDS[module]}"


def cli_commands() -> dict[str, Any]:
    """The commands of `xunzhen` by name, as click sees them."""
    typer_main = importlib.import_module("typer.main")
    return dict(typer_main.get_command(load("api.cli").app).commands)


def test_every_command_is_documented(documents: str) -> None:
    assert [name for name in cli_commands() if f"xunzhen {name}" not in documents] == []


def test_every_command_and_option_has_a_help_text() -> None:
    for name, command in cli_commands().items():
        assert command.help, name
        nameless = [p.name for p in command.params if p.param_type_name == "option" and not getattr(p, "help", None)]
        assert nameless == [], f"options of {name} without help"


def bash_lines(path: Path) -> Iterator[list[str]]:
    """Every command in the ```bash blocks of a document, split into words; continued lines are joined."""
    for block in re.findall(r"^```bash\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def xunzhen_words(words: list[str]) -> list[str] | None:
    """What follows `xunzhen` in a command line, however it is reached; None for another command."""
    name = Path(words[0].replace("\\", "/")).name
    return words[1:] if name in {"xunzhen", "xunzhen.exe"} else None


def existing_readmes(repository: Path) -> list[Path]:
    found = [repository / name for name in READMES if (repository / name).exists()]
    if len(found) < len(READMES):
        pytest.skip("README.md and README.zh.md are not both written yet")
    return found


def test_a_readme_is_at_most_80_lines_and_its_links_lead_somewhere(repository: Path) -> None:
    for path in existing_readmes(repository):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= MOST_README_LINES, path.name
        links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
        assert [link for link in links if not (repository / link).exists()] == [], path.name
        assert "OpenStreetMap" in text, f"{path.name} names the source of the map data"


def test_both_readmes_show_the_same_commands(repository: Path) -> None:
    english, chinese = (list(bash_lines(path)) for path in existing_readmes(repository))
    assert english == chinese


def test_readme_commands_exist_with_all_their_options(repository: Path) -> None:
    commands = cli_commands()
    seen = 0
    for words in [words for path in existing_readmes(repository) for words in bash_lines(path)]:
        rest = xunzhen_words(words)
        if rest is not None and rest[0] != "--help":
            seen += 1
            assert rest[0] in commands, words
            commands[rest[0]].make_parser(_context(commands[rest[0]])).parse_args(list(rest[1:]))
        elif "run.py" in words:
            seen += 1
            assert words[words.index("run.py") + 1] in RUN_COMMANDS, words
    assert seen >= 3


def _context(command: Any) -> Any:
    return command.context_class(command, info_name=command.name)


def quick(words: list[str]) -> list[str]:
    """The same command with a small, reproducible budget instead of its own."""
    kept = [w for i, w in enumerate(words) if w not in {"--seconds", "--iterations"} and _previous(words, i) == ""]
    return [*kept, "--iterations", "200"] if words[0] in {"plan", "solve"} else kept


def _previous(words: list[str], position: int) -> str:
    """The budget option before this word, or nothing."""
    before = words[position - 1] if position else ""
    return before if before in {"--seconds", "--iterations"} else ""


def test_a_command_is_shortened_without_losing_its_other_words() -> None:
    assert quick(["plan", "d", "--seconds", "60", "--seed", "1"]) == ["plan", "d", "--seed", "1", "--iterations", "200"]
    assert quick(["check", "a", "b"]) == ["check", "a", "b"]


def test_readme_commands_run(repository: Path, tmp_path: Path) -> None:
    """The English README's `xunzhen` lines, one after the other in an empty folder, with small budgets."""
    existing_readmes(repository)
    load("api.cli")
    ran = 0
    for words in bash_lines(repository / "README.md"):
        rest = xunzhen_words(words)
        if rest is None or PLACEHOLDER.search(" ".join(rest)):
            continue
        call = "from api.cli import main; main()"
        command = [sys.executable, "-c", call, *(quick(rest))]
        environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(repository)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        ran += 1
    assert ran >= 1


def project_files(repository: Path) -> list[Path]:
    """Every file that is or would be kept in version control."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "-c",
        "core.quotepath=off",
        "ls-files",
        "-z",
        "-co",
        "--exclude-standard",
    ]
    done = subprocess.run(command, cwd=repository, capture_output=True, check=False)
    names = done.stdout.decode("utf-8").split("\0") if done.returncode == 0 else []
    paths = [repository / name for name in names if name] or [
        path for path in repository.rglob("*") if not any(part.startswith(".") for part in path.parts)
    ]
    return [path for path in paths if path.is_file() and path.suffix not in UNREAD_SUFFIXES and path != Path(__file__)]


def test_the_project_speaks_only_of_itself(repository: Path) -> None:
    found = []
    for path in project_files(repository):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found += [
                f"{path.relative_to(repository)}:{number}: {name}: {line.strip()[:80]}"
                for name, pattern in FORBIDDEN.items()
                if pattern.search(line)
            ]
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line", ["see /work/main", "index https://pypi.org/simple", "TODO: later", "as issue #12 says", "the CEO"]
)
def test_a_foreign_word_is_found(line: str) -> None:
    assert any(pattern.search(line) for pattern in FORBIDDEN.values())


def test_the_glossary_names_what_the_code_names(repository: Path) -> None:
    """Every class of the model is a term of the glossary."""
    model = load("optimizer.model")
    glossary = (repository / "GLOSSARY.md").read_text(encoding="utf-8")
    own = [n for n, value in vars(model).items() if isinstance(value, type) and value.__module__ == model.__name__]
    assert [name for name in own if not name.startswith("_") and not is_named(name, glossary)] == []
