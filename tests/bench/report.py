"""Writes the tables and plots of the kept results: every figure in their README comes from here.

`python -m tests.bench report --folder tests/bench/results`

For `NAME.csv` the table goes between `<!-- begin NAME -->` and `<!-- end NAME -->`; where an instance has several
time limits a plot goes to `NAME.png`. The medians of weeks are in percent of the cheapest plan that any run found of an
instance.
"""

import argparse
import math
import re
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from tests.bench.about import read_about
from tests.bench.results import Pace, Row, read_paces, read_rows

FOLDER = Path(__file__).parent / "results"
OURS = "xunzhen"
PACE_SUFFIX = ".pace.csv"
Item = TypeVar("Item")
Key = TypeVar("Key")


def main(argv: list[str]) -> int:
    """Write the README and the plots of a folder; 1 when a file of results has no place in the README."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench report", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder: Path = parser.parse_args(argv).folder
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    missing = [path.stem for path in result_files(folder) if begin(path.stem) not in text]
    for name in missing:
        print(f"{readme} has no {begin(name)} and {end(name)}")
    readme.write_text(filled(text, folder), encoding="utf-8")
    for path in result_files(folder):
        plot(read_rows(path), path.with_suffix(".png"))
    return int(bool(missing))


def result_files(folder: Path) -> list[Path]:
    """The files of rows of a folder."""
    return [path for path in sorted(folder.glob("*.csv")) if not path.name.endswith(PACE_SUFFIX)]


def begin(name: str) -> str:
    """The mark before a table."""
    return f"<!-- begin {name} -->"


def end(name: str) -> str:
    """The mark behind a table."""
    return f"<!-- end {name} -->"


def filled(text: str, folder: Path) -> str:
    """A README's text with the present table between every pair of marks."""
    for path in result_files(folder):
        pattern = re.compile(re.escape(begin(path.stem)) + r".*?" + re.escape(end(path.stem)), re.DOTALL)
        before, found, after = _split(pattern, text)
        text = f"{before}{begin(path.stem)}\n{section_of(path)}\n{end(path.stem)}{after}" if found else text
    return text


def _split(pattern: re.Pattern[str], text: str) -> tuple[str, bool, str]:
    """What stands before and behind the first match, and whether there is one."""
    found = pattern.search(text)
    return (text[: found.start()], True, text[found.end() :]) if found else (text, False, "")


def section_of(path: Path) -> str:
    """Where the rows come from, the table, and the plot where there is one."""
    rows, paces = read_rows(path), read_paces(path)
    parts = [_origin(path), week_table(rows, paces) if rows[0].set == "week" else set_table(rows)]
    if has_curve(rows):
        parts.append(f"![{path.stem}: cost over time]({path.stem}.png)")
    return "\n\n".join(part for part in parts if part)


def _origin(path: Path) -> str:
    """Commands, day, versions and machine."""
    lines = []
    for about in read_about(path):
        versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
        lines.append(f"`{about.command}` ({about.date}, revision {about.revision}, {about.cores} cores; {versions})")
    return "\n\n".join(lines)


def week_table(rows: list[Row], paces: list[Pace]) -> str:
    """A line for every size, limit and solver: medians over the seeds."""
    best = {name: min(row.cost for row in of_it) for name, of_it in _grouped(rows, lambda row: row.instance).items()}
    ours = {(row.instance, *_limit(row)): row.cost for row in rows if row.solver == OURS}
    speeds = _grouped(paces, lambda pace: (_size(pace.instance), *_limit(pace), pace.solver))
    table = []
    for key, group in _grouped(rows, lambda row: (_size(row.instance), *_limit(row), row.solver)).items():
        ratio = [
            100 * row.cost / ours[row.instance, *_limit(row)] for row in group if (row.instance, *_limit(row)) in ours
        ]
        pace = speeds.get(key, [])
        table.append(
            [
                *(key[0], f"{key[1]:g}", str(key[2]), key[3], str(len(group))),
                *(f"{_median(row.cost for row in group):.0f}", f"{_median(row.unserved for row in group):g}"),
                f"{_median(100 * row.cost / best[row.instance] for row in group):.1f}",
                f"{_median(ratio):.1f}",
                _whole(max(row.peak_mb for row in group)),
                _whole(_median(one.per_second for one in pace)),
                f"{_median(one.cpu_seconds for one in pace):.0f}",
                "yes" if all(row.valid for row in group) else "NO",
            ]
        )
    head = ["week", "s", "cores", "solver", "runs", "cost", "unserved", "% of best", "% of xunzhen", "most MB"]
    return markdown([*head, "iterations/s", "CPU s", "valid"], table)


def set_table(rows: list[Row]) -> str:
    """A line for every class of instances, limit and solver: gaps to the best known, over all seeds."""
    table = []
    for key, group in _grouped(rows, lambda row: (_class(row.instance), *_limit(row), row.solver)).items():
        gaps = [row.gap_percent for row in group if row.valid and not math.isnan(row.gap_percent)]
        worst = max((row for row in group if row.valid), key=lambda row: row.gap_percent, default=None)
        table.append(
            [
                *(key[0], f"{key[1]:g}", str(key[2]), key[3]),
                *(str(len({row.instance for row in group})), str(len(group))),
                f"{statistics.mean(gaps):.2f}" if gaps else "-",
                f"{worst.gap_percent:.2f} ({worst.instance})" if worst else "-",
                str(sum(1 for gap in gaps if gap <= 0.0)),
                f"{sum(row.valid for row in group)} of {len(group)}",
                _whole(max(row.peak_mb for row in group)),
            ]
        )
    head = ["class", "s", "cores", "solver", "instances", "runs", "mean gap %", "worst gap %", "reached", "valid"]
    return markdown([*head, "most MB"], table)


def markdown(head: list[str], table: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *table]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plot(rows: list[Row], path: Path) -> None:
    """Median percent above the best over the seconds: a panel for every size or class, a line for every solver."""
    if not has_curve(rows):
        return
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    panels = _grouped(_above(rows), lambda item: item[0])
    figure, axes = pyplot.subplots(1, len(panels), figsize=(1.5 + 3.2 * len(panels), 3.4), squeeze=False)
    for axis, (name, items) in zip(axes[0], panels.items(), strict=True):
        for (solver, cores), points in _grouped(items, lambda item: (item[1], item[2])).items():
            by_seconds = _grouped(points, lambda item: item[3])
            values = [_median(item[4] for item in group) for group in by_seconds.values()]
            label = solver if cores == 1 else f"{solver}, {cores} cores"
            axis.plot(list(by_seconds), values, marker="o", markersize=4, label=label)
        axis.set_title(name, fontsize=10)
        axis.set_xlabel("seconds")
        axis.set_yscale("symlog", linthresh=1.0)
        axis.grid(visible=True, alpha=0.3)
    axes[0][0].set_ylabel("% above the best plan found")
    axes[0][-1].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


Point = tuple[str, str, int, float, float]
"""Panel, solver, cores, seconds, percent above the best."""


def _above(rows: list[Row]) -> list[Point]:
    """Every valid run as a point: against the best known cost, or the best found where none is known."""
    found: list[Point] = []
    for of_it in _grouped(rows, lambda row: row.instance).values():
        best = min((row.cost for row in of_it if row.valid), default=math.nan)
        for row in of_it:
            known = best if math.isnan(row.best_known) else row.best_known
            panel = _size(row.instance) if row.set == "week" else _class(row.instance)
            if row.valid:
                found.append((panel, row.solver, row.cores, row.seconds, 100 * (row.cost / known - 1)))
    return found


def _grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Items by key, keys in order."""
    found: dict[Key, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return {name: found[name] for name in sorted(found, key=_order)}


def _order(key: object) -> tuple[object, ...]:
    """Sorts numbers in names by their value, and our own solver before the others."""
    parts = key if isinstance(key, tuple) else (key,)
    return tuple(_part_order(part) for part in parts)


def _part_order(part: object) -> tuple[object, ...]:
    """One part of a key."""
    if not isinstance(part, str):
        return (part,)
    words = re.split(r"(\d+)", part)
    return (part != OURS, *(word.zfill(9) if word.isdigit() else word for word in words))


def _limit(row: Row | Pace) -> tuple[float, int]:
    """Seconds and cores."""
    return row.seconds, row.cores


def has_curve(rows: list[Row]) -> bool:
    """Whether some instance was run with several limits, so that there is a cost over time."""
    limits: dict[str, set[float]] = {}
    for row in rows:
        limits.setdefault(row.instance, set()).add(row.seconds)
    return any(len(seconds) > 1 for seconds in limits.values())


def _size(instance: str) -> str:
    """`week-150-seed1` is of `week-150`; weeks of demo townships, each of another size, are put together."""
    return "demo" if instance.startswith("demo") else instance.rpartition("-seed")[0] or instance


def _class(instance: str) -> str:
    """The letters that an instance's name begins with; `R1_2_4` with 200 customers is of `R_2`."""
    found = re.match(r"([A-Za-z]+)(?:\d(_\d+)_)?", instance)
    return found.group(1) + (found.group(2) or "") if found else instance


def _median(values: Iterable[float]) -> float:
    """The median, not a number where there is no value."""
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def _whole(value: float) -> str:
    """A whole number, or a dash where it is not known."""
    return "-" if math.isnan(value) else f"{value:.0f}"
