"""Named tuples that kernels are handed by their address: the same fields, nested ones too; what is written is kept."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numba.core.errors import TypingError
from numpy.typing import NDArray

from optimizer.routing.by_timing import by_timing
from optimizer.routing.kernel import drop_stale, entry, kernel
from optimizer.routing.shared import shared

Int64 = NDArray[np.int64]
THING = np.dtype([("weight", np.int64), ("count", np.int64)])


class Inner(NamedTuple):
    """A part of another tuple."""

    values: Int64
    factor: int


class Outer(NamedTuple):
    """Whatever a tuple of the search can hold."""

    table: NDArray[np.float64]
    things: Any
    exact: Inner | None
    limit: int
    share: float
    is_open: bool


def an_outer(exact: Inner | None) -> Outer:
    things = np.zeros(3, THING).view(np.recarray)
    things.weight[:] = (5, 6, 7)
    return Outer(np.arange(6.0).reshape(2, 3), things, exact, 11, 0.5, True)


@kernel
def sum_inner(inner: Inner) -> int:
    total = 0
    for number in range(len(inner.values)):
        total += inner.values[number] * inner.factor
    return total


@kernel
def add_up(outer: Outer, row: int) -> float:
    total = outer.limit * outer.share if outer.is_open else 0.0
    for column in range(outer.table.shape[1]):
        total += outer.table[row, column] * outer.things[column].weight
    return float(total + sum_inner(outer.exact))


@kernel
def count(outer: Outer) -> None:
    outer.things[1].count += outer.exact.factor  # type: ignore[union-attr]
    outer.table[0, 0] = 99.0


@entry
def by_address(outer: Outer, row: int) -> float:
    outer = shared(outer)
    found = add_up(outer, row)
    count(outer)
    return float(found)


@entry
def by_value(outer: Outer, row: int) -> float:
    return float(add_up(outer, row))


def test_kernels_read_the_same_by_address_as_by_value_and_write_to_the_same_arrays() -> None:
    outer = an_outer(Inner(np.array([1, 2, 3]), 10))
    expected = 11 * 0.5 + (3 * 5 + 4 * 6 + 5 * 7) + 60
    assert by_value(outer, 1) == expected
    assert by_address(outer, 1) == expected
    assert outer.things.count.tolist() == [0, 10, 0]
    assert outer.table[0, 0] == 99.0


def test_every_call_reads_the_tuple_that_it_is_given() -> None:
    lengths = (2, 200, 2)
    found = [by_address(an_outer(Inner(np.arange(length), length)), 1) for length in lengths]
    assert found == [by_value(an_outer(Inner(np.arange(length), length)), 1) for length in lengths]
    assert found[0] == found[2] != found[1]


@entry
def twice(outer: Outer, row: int) -> float:
    return float(by_address(shared(outer), row))


def test_an_entry_that_a_kernel_calls_reads_the_same_address() -> None:
    outer = an_outer(Inner(np.array([1, 2, 3]), 10))
    assert twice(outer, 1) == by_value(an_outer(Inner(np.array([1, 2, 3]), 10)), 1)
    assert outer.things.count.tolist() == [0, 10, 0]


class Alike(NamedTuple):
    """A tuple whose fields all have one type."""

    first: Int64
    second: Int64


@entry
def difference(alike: Alike, number: int) -> int:
    alike = shared(alike)
    return int(alike.first[number] - alike.second[number])


def test_a_tuple_of_fields_of_one_type_is_read_as_well() -> None:
    assert difference(Alike(np.array([5, 9]), np.array([2, 3])), 1) == 6


@kernel
def without(outer: Outer) -> int:
    return 1


@kernel
def with_inner(outer: Outer) -> int:
    return 2


chosen = by_timing(without, with_inner)


@entry
def which(outer: Outer) -> int:
    return int(chosen(shared(outer)))


def test_a_kernel_is_chosen_by_a_part_that_is_there_or_not() -> None:
    assert which(an_outer(None)) == 1
    assert which(an_outer(Inner(np.arange(3), 1))) == 2


@entry
def wrong(values: Int64) -> int:
    return len(shared(values))


@entry
def misspelt(outer: Outer) -> int:
    return shared(outer).limits  # type: ignore[attr-defined, no-any-return]


def test_what_is_no_named_tuple_and_a_field_that_it_lacks_are_refused() -> None:
    with pytest.raises(TypingError):
        wrong(np.arange(3))
    with pytest.raises(TypingError, match="limits"):
        misspelt(an_outer(None))


def test_compiled_entries_older_than_a_source_are_deleted_and_others_kept(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.touch()
    now = source.stat().st_mtime
    for name, moment in (("one.f-1.nbi", now - 10), ("one.g-1.nbi", now + 10**6), ("other.f-1.nbi", now - 10)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment, moment))
    drop_stale(str(tmp_path), ("one",), [source])
    assert sorted(path.name for path in tmp_path.glob("*.nbi")) == ["one.g-1.nbi", "other.f-1.nbi"]
