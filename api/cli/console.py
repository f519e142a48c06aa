"""What the commands say: plain lines or JSON on stdout, errors and progress on stderr."""

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.figures import cost_parts, figures_of
from optimizer.errors import DocumentFaults, ProblemFaults
from optimizer.plan import CostBreakdown, Result, Violation
from optimizer.problem import Problem
from optimizer.tables import Note, TableFaults

if TYPE_CHECKING:  # the solver takes seconds to load; only commands that solve wait for it
    from optimizer.solve import Progress as SolveProgress

MOST_LINES = 200


def out() -> Console:
    """The console for answers; made anew so that a redirected stdout is honoured."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def err() -> Console:
    """The console for errors and progress."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def say_json(content: object) -> None:
    """Print one JSON document."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def report(error: Exception, *, as_json: bool) -> None:
    """Print an error: all faults of an input, else one line."""
    faults = error.faults if isinstance(error, TableFaults | ProblemFaults | DocumentFaults) else ()
    if as_json:
        say_json({"error": str(error).partition("\n")[0], "faults": [dataclasses.asdict(fault) for fault in faults]})
        return
    console = err()
    if not faults:
        console.print(f"错误 error: {error}", markup=False)
        return
    console.print(f"输入有 {len(faults)} 处错误 / {len(faults)} fault(s) in the input:", markup=False)
    for fault in faults:
        console.print(f"  {fault}", markup=False)


def say_notes(notes: tuple[Note, ...]) -> None:
    """Print what was put right or left out while reading."""
    for note in notes:
        places = f"  ({', '.join(note.places)}{', …' if note.count > len(note.places) else ''})" if note.places else ""
        err().print(f"  注意 note: {note.count} × {note.message_zh} / {note.message_en}{places}", markup=False)


def say_result(problem: Problem, result: Result) -> None:
    """Print the figures, the cost and why an infeasible plan is infeasible."""
    console = out()
    table = Table(box=None, show_header=False, pad_edge=False)
    for figure in figures_of(problem, result.plan):
        table.add_row(f"{figure.name_zh} {figure.name_en}", figure.shown)
    console.print(table)
    say_cost(result.cost)
    for shortage in result.shortages[:MOST_LINES]:
        console.print(f"缺口 shortage: {shortage.message_zh} / {shortage.message_en}", markup=False)
    say_violations(result.violations)


def say_cost(cost: CostBreakdown) -> None:
    """Print the parts of a cost that are not 0, and the total."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for part in cost_parts(cost.parts):
        if part.points:
            table.add_row(f"{part.title_zh} {part.title_en}", f"{part.points:,}")
    table.add_row("合计 total cost", f"{cost.total:,}")
    out().print(table)


def say_violations(violations: tuple[Violation, ...]) -> None:
    """Print every broken rule."""
    for violation in violations[:MOST_LINES]:
        line = f"不可行 {violation.rule} {violation.where}: {violation.message_zh} / {violation.message_en}"
        out().print(line, markup=False)


def result_in_json(problem: Problem, result: Result) -> dict[str, object]:
    """A result for --json."""
    return {
        "status": str(result.status),
        "cancelled": result.cancelled,
        "cost": {"total": result.cost.total, **result.cost.parts},
        "figures": {figure.key: figure.value for figure in figures_of(problem, result.plan)},
        "violations": [dataclasses.asdict(violation) for violation in result.violations],
        "shortages": [dataclasses.asdict(shortage) for shortage in result.shortages],
    }


@dataclasses.dataclass(slots=True)
class Bar:
    """An observer that moves a progress bar; one line per phase."""

    progress: Progress | None
    tasks: dict[str, int] = dataclasses.field(default_factory=dict)

    def on_progress(self, progress: "SolveProgress") -> None:
        """Show one look at the search."""
        if self.progress is None:
            return
        if progress.phase not in self.tasks:
            self.tasks[progress.phase] = self.progress.add_task(progress.phase, total=1.0, cost="")
        cost = f"{progress.cost:,}" if progress.cost is not None else ""
        task = self.progress.tasks[self.tasks[progress.phase]]
        self.progress.update(task.id, completed=min(1.0, progress.share), cost=cost)


@contextmanager
def progress_bar(*, hidden: bool) -> Iterator[Bar]:
    """A progress bar on stderr while the solver runs; nothing with --json or when stderr is no terminal."""
    console = err()
    if hidden or not console.is_terminal:
        yield Bar(None)
        return
    columns = (TextColumn("{task.description:>10}"), BarColumn(), TextColumn("{task.fields[cost]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield Bar(progress)
