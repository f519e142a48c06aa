"""The report of measured runs is made of their rows alone, and the kept one is what the kept rows say."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import report
from tests.bench.about import About, about_path
from tests.bench.results import Pace, Row, write_pace, write_row

ROW = Row("week", "week-150-seed1", "xunzhen", 10.0, 1, 1, 1549.5, math.nan, math.nan, 0, True, 187.5)
SET_ROW = Row("vrptw", "C101", "xunzhen", 30.0, 1, 1, 828.1, 827.3, 0.097, 0, True, 150.0)
PACE = Pace("week", "week-150-seed1", "xunzhen", 10.0, 1, 1, 31000.5, 11.2, 0)


def test_a_week_is_reported_by_medians_against_the_best_and_against_ours() -> None:
    rows = [
        ROW,
        replace(ROW, seed=2, instance="week-150-seed2", cost=2000.0),
        replace(ROW, solver="pyvrp", cost=1859.4, unserved=2, peak_mb=99.6),
        replace(ROW, solver="pyvrp", seed=2, instance="week-150-seed2", cost=1900.0),
    ]
    lines = report.week_table(rows, [PACE]).splitlines()
    head = [word.strip() for word in lines[0].split("|")[1:-1]]
    ours, peer = (dict(zip(head, (w.strip() for w in line.split("|")[1:-1]), strict=True)) for line in lines[2:])
    assert (ours["solver"], ours["runs"], ours["cost"], ours["% of xunzhen"]) == ("xunzhen", "2", "1775", "100.0")
    assert ours["% of best"] == "102.6"  # of 100 and 105.3
    assert (ours["iterations/s"], peer["iterations/s"]) == ("31000", "-")
    assert (peer["cost"], peer["unserved"], peer["% of xunzhen"], peer["most MB"]) == ("1880", "1", "107.5", "188")


def test_a_set_is_reported_by_classes_with_its_worst_gap() -> None:
    rows = [
        SET_ROW,
        replace(SET_ROW, instance="C102", gap_percent=0.0),
        replace(SET_ROW, instance="R101", gap_percent=1.5),
        replace(SET_ROW, instance="R102", gap_percent=9.0, valid=False),
    ]
    lines = report.set_table(rows).splitlines()[2:]
    assert [line.split(" | ")[4:10] for line in lines] == [
        ["2", "2", "0.05", "0.10 (C101)", "1", "2 of 2"],
        ["2", "2", "1.50", "1.50 (R101)", "0", "1 of 2"],
    ]


def a_folder(folder: Path) -> Path:
    """Results of two time limits and their README, not filled yet."""
    for row in (ROW, replace(ROW, seconds=30.0, cost=1540.0)):
        write_row(folder / "few.csv", row)
    write_pace(folder / "few.csv", PACE)
    line = About("python -m tests.bench week", "2026-01-02", "abc", {"python": "3.11"}, 2)
    about_path(folder / "few.csv").write_text(
        f'{{"command": "{line.command}", "date": "{line.date}", "revision": "abc", '
        '"versions": {"python": "3.11"}, "cores": 2}\n'
    )
    (folder / "README.md").write_text("# Results\n\n<!-- begin few -->old<!-- end few -->\n\nWords stay.\n")
    return folder


def test_the_report_fills_the_marks_and_draws_the_plot(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    assert report.main(["--folder", str(folder)]) == 0
    text = (folder / "README.md").read_text()
    assert "old" not in text
    assert text.endswith("<!-- end few -->\n\nWords stay.\n")
    assert "`python -m tests.bench week` (2026-01-02, revision abc, 2 cores; python 3.11)" in text
    assert "| week-150 | 30 | 1 | xunzhen | 1 | 1540 |" in text
    assert report.filled(text, folder) == text
    assert (folder / "few.png").read_bytes().startswith(b"\x89PNG")


def test_limits_of_different_instances_are_no_curve() -> None:
    assert report.has_curve([SET_ROW, replace(SET_ROW, seconds=60.0)])
    assert not report.has_curve([SET_ROW, replace(SET_ROW, instance="R101", seconds=60.0)])


def test_instances_are_put_together_by_letters_and_number_of_customers() -> None:
    names = ("C101", "RC208", "R1_2_4", "RC2_10_1", "p01", "pr01", "10N")
    assert [report._class(name) for name in names] == ["C", "RC", "R_2", "RC_10", "p", "pr", "10N"]


def test_weeks_are_put_together_by_size_and_demo_weeks_as_one_kind() -> None:
    names = ("week-150-seed1", "week-1000-seed12", "demo-581-seed1", "demo-540-seed2")
    assert [report._size(name) for name in names] == ["week-150", "week-1000", "demo", "demo"]


def test_results_without_a_place_in_the_readme_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_folder(tmp_path)
    (folder / "README.md").write_text("# Results\n")
    assert report.main(["--folder", str(folder)]) == 1
    assert "<!-- begin few -->" in capsys.readouterr().out


def test_the_kept_results_are_what_their_readme_says() -> None:
    text = (report.FOLDER / "README.md").read_text(encoding="utf-8")
    files = report.result_files(report.FOLDER)
    assert files
    assert set(re.findall(r"<!-- begin (\S+) -->", text)) == {path.stem for path in files}
    assert report.filled(text, report.FOLDER) == text
    for name in re.findall(r"\]\((\S+\.png)\)", text):
        assert (report.FOLDER / name).stat().st_size < 300_000
