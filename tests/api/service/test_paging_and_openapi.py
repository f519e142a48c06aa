"""Cursors that nobody can make or change; an OpenAPI document that is what the code says."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.permissions import ACTIONS
from api.service.conditions import check_version, etag_of, is_known
from api.service.document import METHODS
from api.service.openapi import FILE, main
from api.service.paging import open_cursor, seal_cursor, sparse, wanted_fields
from api.service.problems import ProblemError
from api.service.rendered import Rendered

KEY, LIST = b"k" * 32, ["sites", {"kind": "base"}]
VALUES = st.lists(st.text() | st.integers(-(2**53), 2**53), max_size=4)


@given(VALUES)
def test_a_cursor_opens_to_what_was_put_in(values: list[Any]) -> None:
    assert open_cursor(seal_cursor(values, KEY, LIST), KEY, LIST) == values


@given(VALUES, st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_cursor_is_refused(values: list[Any], place: int, change: int) -> None:
    cursor = bytearray(seal_cursor(values, KEY, LIST).encode())
    cursor[place % len(cursor)] ^= change
    if cursor.decode("latin-1").rstrip("=") == seal_cursor(values, KEY, LIST):
        return
    try:
        assert open_cursor(cursor.decode("latin-1"), KEY, LIST) == values  # spare bits of base64 change nothing
    except ProblemError as error:
        assert error.kind.code == "BAD_CURSOR"  # noqa: PT017 - either outcome is right


@given(st.text())
def test_any_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(ProblemError):
        open_cursor(text, KEY, LIST)


@pytest.mark.parametrize(("key", "name"), [(b"x" * 32, LIST), (KEY, ["teams", {"kind": "base"}]), (KEY, ["sites", {}])])
def test_a_cursor_fits_its_list_filters_and_key_only(key: bytes, name: Any) -> None:
    with pytest.raises(ProblemError):
        open_cursor(seal_cursor(["V001"], KEY, LIST), key, name)


def test_fields_come_in_the_order_of_the_list_and_always_with_the_id() -> None:
    names = wanted_fields("kind, external_id", ("id", "external_id", "kind", "name"))
    assert names == ("id", "external_id", "kind")
    assert sparse({"id": 1, "name": 2}, names) == {"id": 1}


@given(st.integers(1, 2**31))
def test_a_version_fits_its_own_tag_only(version: int) -> None:
    check_version(etag_of(version), version)
    assert is_known(f'W/{etag_of(version)}, "0"', version)
    for other in (etag_of(version + 1), f"W/{etag_of(version)}", "*", str(version)):
        with pytest.raises(ProblemError):
            check_version(other, version)


def test_the_least_used_answers_are_forgotten_first() -> None:
    kept = Rendered(most_bytes=20)
    for name in "ab":
        kept.keep(name, b"x" * 10)
    assert kept.find("a") == b"x" * 10
    kept.keep("c", b"y" * 10)
    assert kept.find("a") == b"x" * 10
    assert kept.find("b") is None


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The file in the repository."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def test_the_file_is_what_the_code_says() -> None:
    assert main(["--check"]) == 0, "run python -m api.service.openapi"


def test_a_file_that_drifts_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "openapi.json"
    monkeypatch.setattr("api.service.openapi.FILE", file)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    file.write_text(file.read_text(encoding="utf-8").replace("residents:read", "public", 1), encoding="utf-8")
    assert main(["--check"]) == 1


def test_every_operation_names_an_action_that_the_permissions_know(document: dict[str, Any]) -> None:
    strange = [name for name, item in operations(document) if item.get("x-action") not in {*ACTIONS, "public"}]
    assert strange == []


def test_every_operation_answers_with_problems_and_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    found = operations(document)
    assert all("application/problem+json" in item["responses"]["default"]["content"] for _, item in found)
    assert len({item["operationId"] for _, item in found}) == len(found)


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= document["components"]["schemas"].keys()
