"""The search over a week's routes against PyVRP, VROOM and OR-Tools at equal time, on the real shape of a week.

`python -m tests.bench week --sizes 150,400,1000 --seconds 30 --seeds 1,2,3 -o results.csv`

Every run has a fresh process, runs of the solvers take turns, one judge prices all plans. Costs are minutes; `--demo`
adds routing problems of demo townships (cost points). A solver whose library is not installed is left out.
"""

import argparse
import math
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.bench.about import note_command
from tests.bench.apart import WorkFailed, work_apart
from tests.bench.results import Pace, Row, write_pace, write_row
from tests.bench.weeks.demo import LEFT_OUT, DemoRun, judge, make_demo
from tests.bench.weeks.demo import SOLVERS as DEMO_SOLVERS
from tests.bench.weeks.demo import find as find_demo
from tests.bench.weeks.found import Limit
from tests.bench.weeks.recipe import TEAMS, make_week
from tests.bench.weeks.solvers import PROTOTYPE, SOLVERS, Run, is_installed, measure

SET = "week"
Measured = tuple[Row, Pace]


def main(argv: list[str]) -> int:
    """Measure, print every row as it comes and the medians; 1 when some plan of ours is not what it says."""
    options = _options(argv)
    solvers = _usable(options)
    note_command(options.output, SET, argv)
    rows: list[Row] = []
    for row, pace in _measured(options, solvers):
        write_row(options.output, row)
        write_pace(options.output, pace)
        print(f"    {pace.per_second:.0f} iterations/s, {pace.cpu_seconds:.1f} CPU s, {pace.repaired} repaired")
        rows.append(row)
    print(f"\n{medians(rows)}")
    return 0 if all(row.valid for row in rows) else 1


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench week", description=__doc__)
    parser.add_argument("--sizes", type=_whole_numbers, default=sorted(TEAMS))
    parser.add_argument("--seconds", type=_numbers, default=[30.0])
    parser.add_argument("--seeds", type=_whole_numbers, default=[1, 2, 3])
    parser.add_argument("--cores", type=_whole_numbers, default=[1])
    parser.add_argument("--solvers", type=lambda text: text.split(","), default=list(SOLVERS))
    parser.add_argument("--demo", type=_whole_numbers, default=[], help="seeds of demo townships")
    parser.add_argument("--prototype", type=Path, help="folder with `own.py`, measured too as `prototype`")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args(argv)
    unknown = [size for size in options.sizes if size not in TEAMS] + [s for s in options.solvers if s not in SOLVERS]
    if unknown:
        parser.error(f"no such size or solver: {unknown}; sizes are {sorted(TEAMS)}, solvers {sorted(SOLVERS)}")
    return options


def _numbers(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [float(word) for word in text.split(",")]


def _whole_numbers(text: str) -> list[int]:
    """Whole numbers separated by commas; an empty text is none."""
    return [int(word) for word in text.split(",") if word]


def _usable(options: argparse.Namespace) -> list[str]:
    """The wanted solvers whose library is there, with a line about the others."""
    wanted = [*options.solvers, *([PROTOTYPE] if options.prototype else [])]
    for name in wanted:
        if not is_installed(name):
            print(f"{name} is not installed and left out: .venv/bin/uv pip install -r pyproject.toml --extra bench")
    return [name for name in wanted if is_installed(name)]


def _measured(options: argparse.Namespace, solvers: list[str]) -> Iterator[Measured]:
    """Every run; the solvers take turns on each instance and limit."""
    for size in options.sizes:
        for limit in _limits(options):
            week = make_week(size, limit.seed)
            for solver in solvers:
                yield _measure(Run(solver, week, limit, options.prototype))
    if options.demo:
        print(LEFT_OUT)
    for seed in options.demo:
        given = make_demo(seed)
        for limit in _limits(options, [seed]):
            for solver in DEMO_SOLVERS:
                yield _measure_demo(f"demo-{given.nodes - given.depots}-seed{seed}", DemoRun(solver, given, limit))


def _limits(options: argparse.Namespace, seeds: list[int] | None = None) -> Iterator[Limit]:
    """Every limit asked for."""
    for cores in options.cores:
        for seconds in options.seconds:
            for seed in options.seeds if seeds is None else seeds:
                yield Limit(seconds, cores, seed)


def _measure(run: Run) -> Measured:
    """One run on a week; a process that died counts as no plan."""
    try:
        found = measure(run)
    except WorkFailed as failure:
        print(failure)
        return _row(run.week.name, run.solver, run.limit), _pace(run.week.name, run.solver, run.limit)
    verdict = found.verdict
    row = _row(
        *(run.week.name, run.solver, run.limit),
        cost=verdict.cost_tenths / 10,
        unserved=len(verdict.unserved),
        valid=found.agrees,
        megabytes=found.peak_mb,
    )
    pace = _pace(run.week.name, run.solver, run.limit, found.per_second, found.cpu_seconds, verdict.repaired)
    return row, pace


def _measure_demo(name: str, run: DemoRun) -> Measured:
    """One run on a demo week."""
    try:
        found = work_apart(find_demo, run)
    except WorkFailed as failure:
        print(failure)
        return _row(name, run.solver, run.limit), _pace(name, run.solver, run.limit)
    answer, cpu_seconds = found.answer
    cost = judge(run.given, answer)
    row = _row(
        *(name, run.solver, run.limit),
        cost=math.nan if cost is None else float(cost),
        unserved=sum(1 for visit in answer.absent if run.given.penalty[visit] > 0),
        valid=cost == answer.cost,
        megabytes=found.peak_mb,
    )
    is_ours = run.solver == "xunzhen"
    per_second = answer.statistics["iterations"] / run.limit.seconds if is_ours else math.nan
    return row, _pace(name, run.solver, run.limit, per_second, cpu_seconds)


def _row(
    name: str,
    solver: str,
    limit: Limit,
    *,
    cost: float = math.nan,
    unserved: int = -1,
    valid: bool = False,
    megabytes: float = math.nan,
) -> Row:
    """A row; without figures that of a run without an answer. No best known cost is published for these weeks."""
    return Row(
        *(SET, name, solver, limit.seconds, limit.cores, limit.seed, cost, math.nan, math.nan, unserved, valid),
        round(megabytes, 1),
    )


def _pace(
    name: str, solver: str, limit: Limit, per_second: float = math.nan, cpu_seconds: float = math.nan, repaired: int = 0
) -> Pace:
    """The pace of a run."""
    return Pace(
        *(SET, name, solver, limit.seconds, limit.cores, limit.seed),
        *(round(per_second, 1), round(cpu_seconds, 1), repaired),
    )


def medians(rows: list[Row]) -> str:
    """Median cost by size, limit and solver, and in percent of ours on the same instances."""
    lines = ["size          seconds cores solver      cost  unserved  % of xunzhen"]
    for kind in sorted({_kind(row) for row in rows}):
        group = [row for row in rows if _kind(row) == kind]
        ours = {row.instance: row.cost for row in group if row.solver == "xunzhen"}
        for solver in sorted({row.solver for row in group}, key=lambda name: (name != "xunzhen", name)):
            of_it = [row for row in group if row.solver == solver]
            cost = statistics.median(row.cost for row in of_it)
            left = statistics.median(row.unserved for row in of_it)
            shares = [100 * row.cost / ours[row.instance] for row in of_it if row.instance in ours]
            share = f"{statistics.median(shares):10.1f}" if shares else ""
            lines.append(f"{kind[0]:12} {kind[1]:7g} {kind[2]:5d} {solver:9} {cost:10.1f} {left:7g} {share}")
    return "\n".join(lines)


def _kind(row: Row) -> tuple[str, float, int]:
    """What runs have in common whose median counts: size, seconds and cores."""
    return row.instance.rpartition("-seed")[0], row.seconds, row.cores
