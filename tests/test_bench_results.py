"""Rows of measured runs, what is noted beside them, and work in a process of its own."""

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.about import about_path, command_of, note_command, read_about
from tests.bench.apart import WorkFailed, work_apart, work_side_by_side
from tests.bench.results import (
    Pace,
    Row,
    gap_percent,
    pace_path,
    peak_mb,
    read_paces,
    read_rows,
    write_pace,
    write_row,
)

ROW = Row("week", "week-150-seed1", "xunzhen", 10.0, 1, 1, 1549.5, math.nan, math.nan, 0, True, 187.5)
SET_ROW = Row("vrptw", "C101", "xunzhen", 30.0, 1, 1, 828.1, 827.3, 0.097, 0, True, 150.0)
PACE = Pace("week", "week-150-seed1", "xunzhen", 10.0, 1, 1, 31000.5, 11.2, 0)


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.csv"
    for row in (SET_ROW, replace(SET_ROW, valid=False, unserved=3)):
        write_row(path, row)
    assert read_rows(path) == [SET_ROW, replace(SET_ROW, valid=False, unserved=3)]
    head = path.read_text().splitlines()[0]
    assert head == "set,instance,solver,seconds,cores,seed,cost,best_known,gap_percent,unserved,valid,peak_mb"


def test_a_value_that_is_not_known_comes_back_as_not_a_number(tmp_path: Path) -> None:
    write_row(tmp_path / "rows.csv", ROW)
    assert math.isnan(read_rows(tmp_path / "rows.csv")[0].best_known)


def test_paces_stand_beside_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    assert read_paces(path) == []
    write_pace(path, PACE)
    write_pace(None, PACE)
    assert pace_path(path).name == "rows.pace.csv"
    assert read_paces(path) == [PACE]


def test_a_gap_is_percent_above_the_best_known() -> None:
    assert gap_percent(110.0, 100.0) == 10.0
    assert gap_percent(99.0, 100.0) == -1.0
    assert math.isnan(gap_percent(110.0, math.nan))
    assert math.isnan(gap_percent(110.0, 0.0))


def double(number: int) -> int:
    """Some work."""
    return 2 * number


def die(number: int) -> int:
    """Work that ends its process."""
    os._exit(number)


def hold(megabytes: int) -> int:
    """Work that takes memory."""
    return len(bytearray(megabytes << 20))


def test_work_apart_gives_its_answer_and_the_memory_of_its_own_process() -> None:
    held = bytearray(200 << 20)  # here, and not in the new process
    small, large = work_side_by_side(hold, [0, 100])
    assert (small.answer, large.answer) == (0, 100 << 20)
    assert large.peak_mb - small.peak_mb == pytest.approx(100, abs=20)
    assert peak_mb() > small.peak_mb + 100
    assert len(held) == 200 << 20


def test_a_process_that_dies_is_told_from_an_answer() -> None:
    assert work_apart(double, 4).answer == 8
    with pytest.raises(WorkFailed, match="ended with code 7"):
        work_apart(die, 7)


def test_a_command_is_noted_without_paths_of_one_machine(tmp_path: Path) -> None:
    words = ["--data", "/data/sets/vrptw", "--seconds", "30"]
    assert command_of("vrptw", words) == "python -m tests.bench vrptw --data vrptw --seconds 30"
    assert command_of("week", ["--sizes", ""]) == "python -m tests.bench week --sizes ''"
    path = tmp_path / "rows.csv"
    note_command(path, "vrptw", words)
    note_command(None, "vrptw", words)
    (about,) = read_about(path)
    assert about.command == command_of("vrptw", words)
    assert about.versions["ortools"]
    assert about_path(path).name == "rows.about.jsonl"
