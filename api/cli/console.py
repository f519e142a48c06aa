"""What the commands say: plain lines or JSON on stdout, errors and progress on stderr."""

import dataclasses
import errno
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:  # tables and solver take seconds to load; --help and a wrong word must not wait for them
    from optimizer.plan import CostBreakdown, Result, Violation
    from optimizer.problem import Problem
    from optimizer.solve import Progress as SolveProgress
    from optimizer.tables import Note

MOST_LINES = 200
PHASES = {"roster": "排班", "routing": "路线", "attendance": "就诊"}
_WRITING = {
    errno.EEXIST: ("那里已有同名文件，不是文件夹；换一个位置", "a file of that name is there; choose another"),
    errno.ENOTDIR: ("路径中有一段是文件，不是文件夹", "a part of the path is a file, not a folder"),
    errno.EISDIR: ("那是文件夹，应为文件", "that is a folder; name a file"),
    errno.ENOENT: ("找不到；核对路径", "not found; check the path"),
    errno.EACCES: ("没有权限，或文件正在 Excel 中打开；请关闭", "not allowed, or open in Excel: close it"),
    errno.EPERM: ("没有权限；换一个位置", "not allowed; choose another place"),
    errno.EROFS: ("位置只读；换一个位置", "that place is read-only; choose another"),
    errno.EADDRINUSE: ("端口已被占用；用 --port 换一个", "the port is taken; choose another with --port"),
    errno.ENOSPC: ("磁盘已满，未写出任何文件；请腾出空间", "the disk is full, nothing was written; make room"),
}  # fmt: skip


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
    faults: tuple[Any, ...] = getattr(error, "faults", ())
    if as_json:
        line = str(error).partition("\n")[0] if faults else in_words(error)
        say_json({"error": line, "faults": [dataclasses.asdict(fault) for fault in faults]})
        return
    console = err()
    if not faults:
        console.print(f"错误 error: {in_words(error)}", markup=False)
        return
    console.print(f"输入有 {len(faults)} 处错误 / {len(faults)} fault(s) in the input:", markup=False)
    for fault in faults:
        console.print(f"  {_fault_in_words(fault)}", markup=False)


def _fault_in_words(fault: Any) -> str:
    """A fault's own words, or for those of the service where it is and what to do."""
    if hasattr(fault, "pointer"):
        return f"{fault.code} {fault.pointer}: {fault.advice_zh} / {fault.advice_en}"
    return str(fault)


def in_words(error: Exception) -> str:
    """An error in one line; what the system says about files in both languages and with what to do."""
    if isinstance(error, UnicodeDecodeError):
        return "文件不是 UTF-8 文本 / the file is not text in UTF-8"
    if (cause := getattr(error, "orig", None)) is not None:  # of a database; the rest of its words is SQL
        return f"数据库无法使用 / the database cannot be used: {str(cause).partition(chr(10))[0]}"
    if not isinstance(error, OSError) or error.errno not in _WRITING:
        return str(error)
    zh, en = _WRITING[error.errno]
    name = error.filename2 or error.filename
    return f"{zh} / {en}" + (f": {name}" if name else "")


def report_usage(command: list[str], *, as_json: bool) -> None:
    """Say where the right way to write a command stands, after typer's own words about the wrong one."""
    way = " ".join(["xunzhen", *command, "--help"])
    line = f"命令或参数写法有误，写法见 {way} / the command is not written right, see {way}"
    if as_json:
        say_json({"error": line, "faults": []})
    else:
        err().print(line, markup=False)


def report_interrupt(*, as_json: bool) -> None:
    """Say that a second Ctrl-C ended the program at once."""
    line = "已中断，没有写出文件 / interrupted: no file was written"
    if as_json:
        say_json({"error": line, "faults": []})
    else:
        err().print(line, markup=False)


def say_notes(notes: "tuple[Note, ...]") -> None:
    """Print what was put right or left out while reading."""
    for note in notes:
        places = f"  ({', '.join(note.places)}{', …' if note.count > len(note.places) else ''})" if note.places else ""
        err().print(f"  注意 note: {note.count} × {note.message_zh} / {note.message_en}{places}", markup=False)


def say_result(problem: "Problem", result: "Result") -> None:
    """Print whether the plan may be carried out, the figures, the cost and why an infeasible plan is infeasible."""
    from api.figures import figures_of

    console = out()
    if result.violations:
        count = len(result.violations)
        line = f"计划不可行，违反 {count} 处，请勿执行 / NOT feasible, do not carry it out: {count} broken rule(s)"
        console.print(line, markup=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    for figure in figures_of(problem, result.plan):
        table.add_row(f"{figure.name_zh} {figure.name_en}", figure.shown)
    console.print(table)
    say_cost(result.cost)
    say_gap(result)
    for shortage in result.shortages[:MOST_LINES]:
        console.print(f"缺口 shortage: {shortage.message_zh} / {shortage.message_en}", markup=False)
    say_violations(result.violations)


def say_gap(result: "Result") -> None:
    """Print how far above the best possible cost a plan can be at most, where a bound was proven."""
    gap = result.gap_percent
    if gap is None:
        return
    zh = f"已证明：成本最多比最优计划高 {gap:.1f}%（任何计划都不低于 {result.bound:,}）"
    en = f"proven: at most {gap:.1f} % above the best possible (no plan can cost less than {result.bound:,})"
    out().print(f"{zh} / {en}", markup=False)


def say_cost(cost: "CostBreakdown") -> None:
    """Print the parts of a cost that are not 0, and the total."""
    from api.figures import cost_parts

    table = Table(box=None, show_header=False, pad_edge=False)
    for part in cost_parts(cost.parts):
        if part.points:
            table.add_row(f"{part.title_zh} {part.title_en}", f"{part.points:,}")
    table.add_row("合计 total cost", f"{cost.total:,}")
    out().print(table)


def say_violations(violations: "tuple[Violation, ...]") -> None:
    """Print every broken rule."""
    for violation in violations[:MOST_LINES]:
        line = f"不可行 {violation.rule} {violation.where}: {violation.message_zh} / {violation.message_en}"
        out().print(line, markup=False)


def result_in_json(problem: "Problem", result: "Result") -> dict[str, object]:
    """A result for --json."""
    from api.figures import figures_of

    return {
        "status": str(result.status),
        "cancelled": result.cancelled,
        "cost": {"total": result.cost.total, **result.cost.parts},
        "bound": result.bound,
        "gap_percent": result.gap_percent,
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
            self.tasks[progress.phase] = self.progress.add_task(
                f"{PHASES.get(progress.phase, '')} {progress.phase}".strip(), total=1.0, cost=""
            )
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
    columns = (TextColumn("{task.description:>12}"), BarColumn(), TextColumn("{task.fields[cost]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield Bar(progress)
