"""JSON as the standard says, and nothing else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract.strict_json import NotJson, read_json


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"a": 1} x', b'{"a": 1, "a": 2}', b"NaN", b"[Infinity]", b"1e999", b'"\xff"', b"[" * 100_000,
        b"[" * 40 + b"]" * 40, b"1" * 5000, b"'a'",
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(body)


@given(st.binary(max_size=60))
def test_bytes_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    with suppress(NotJson):
        read_json(body)


@given(st.dictionaries(st.text(), st.lists(st.integers(min_value=-(10**30), max_value=10**30)), max_size=4))
def test_what_json_writes_is_read(value: dict[str, list[int]]) -> None:
    assert read_json(json.dumps(value).encode()) == value
