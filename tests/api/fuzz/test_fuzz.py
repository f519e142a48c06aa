"""Generated requests to every operation, with real ids and callers; `python -m tests.bench fuzz` sends many more."""

from pathlib import Path
from random import Random

import pytest

from tests.api.fuzz.asking import mutated
from tests.api.fuzz.ground import Ground
from tests.api.fuzz.judging import told_words
from tests.api.fuzz.running import Report, run_fuzz

REQUESTS = 2_000


@pytest.fixture(scope="module")
def report(fuzz_ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What came of the requests."""
    return run_fuzz(fuzz_ground, tmp_path_factory.mktemp("worlds"), REQUESTS)


def test_no_answer_is_a_server_error_breaks_the_document_or_tells_of_a_person(report: Report) -> None:
    assert report.requests >= REQUESTS
    told = [f"{fault}\n    {requests[0]}" for fault, requests in report.findings.items()]
    assert told == [], "\n".join(told)


def test_every_operation_is_asked_and_most_answer_in_full(report: Report) -> None:
    full = [name for name, counts in report.operations.items() if counts["2xx"]]
    assert len(report.operations) > 100
    assert len(full) > 0.7 * len(report.operations), sorted(report.operations.keys() - set(full))


def test_a_mutation_changes_one_place_and_leaves_the_original_alone() -> None:
    value = {"a": [1, 2, {"b": 3}], "c": "x"}
    kept = repr(value)
    assert any(mutated(value, Random(number)) != value for number in range(5))
    assert repr(value) == kept


def test_a_personal_word_in_an_answer_is_found(tmp_path: Path) -> None:
    words = frozenset({"王小明", "13800000000"})
    assert told_words('{"name": "王小明"}'.encode(), "application/json", words) == ["王小明"]
    assert told_words(b'{"id": "R1"}', "application/json", words) == []
