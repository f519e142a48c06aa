"""RULES.md says what the code says: every rule, weight, parameter and fault, with its title, default and remedy."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import optimizer.rules
from optimizer.documents.reading import ADVICE as DOCUMENT_ADVICE
from optimizer.model import Parameters
from optimizer.rules import COST_PARTS, HARD_RULES, REASONS, RULES, SOFT_RULES, Rule
from optimizer.validation.spots import ADVICE as PROBLEM_ADVICE
from optimizer.weights import Weights

Row = list[str]


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Row]]:
    """The rows of every table of RULES.md, by the English heading above it."""
    text = (Path(optimizer.rules.__file__).parent / "RULES.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {section.splitlines()[0]: list(rows_of(section)) for section in sections}


def rows_of(section: str) -> list[Row]:
    """The cells of every row whose first cell is code."""
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def named(tables: dict[str, list[Row]], heading: str) -> list[Row]:
    """The rows under a heading that begins so."""
    [rows] = [rows for name, rows in tables.items() if name.startswith(heading)]
    return rows


@pytest.mark.parametrize(("heading", "rules"), [("Hard", HARD_RULES), ("Soft", SOFT_RULES), ("Reasons", REASONS)])
def test_every_rule_is_described(tables: dict[str, list[Row]], heading: str, rules: tuple[Rule, ...]) -> None:
    rows = named(tables, heading)
    expected = [
        [
            rule.code,
            rule.title_zh,
            rule.title_en,
            *([rule.cost_part] if rule.cost_part else []),
            rule.remedy_zh,
            rule.remedy_en,
        ]
        for rule in rules
    ]
    assert [[*row[:-4], *row[-2:]] for row in rows] == expected
    for row in rows:
        meaning, source = row[-4:-2]
        assert len(meaning) > 10
        assert re.match(r"assumption|S[1-5]\b", source), row


@pytest.mark.parametrize(("heading", "kind"), [("Weights", Weights), ("Parameters", Parameters)])
def test_every_setting_is_described_with_its_default(
    tables: dict[str, list[Row]], heading: str, kind: type[Weights | Parameters]
) -> None:
    rows = named(tables, heading)
    assert [(row[0], row[4]) for row in rows] == [(field.name, str(field.default)) for field in fields(kind)]
    assert all(all(row) and len(row) == 6 for row in rows)


@pytest.mark.parametrize(
    ("heading", "advice"), [("Faults of a problem", PROBLEM_ADVICE), ("Faults of a document", DOCUMENT_ADVICE)]
)
def test_every_fault_is_described(
    tables: dict[str, list[Row]], heading: str, advice: dict[str, tuple[str, str]]
) -> None:
    assert {row[0]: tuple(row[1:]) for row in named(tables, heading)} == advice


def test_codes_are_unique_and_every_soft_rule_has_a_part_of_the_cost() -> None:
    assert len(RULES) == len(HARD_RULES) + len(SOFT_RULES) + len(REASONS)
    assert len(set(COST_PARTS)) == len(SOFT_RULES)
    assert all(rule.is_hard for rule in HARD_RULES)
    assert not any(rule.is_hard for rule in SOFT_RULES)
