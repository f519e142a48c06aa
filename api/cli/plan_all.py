"""xunzhen plan-all: plans every township of a county; workers do the work, here it is asked for and watched."""

import dataclasses
import sys
import time
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.table import Table

from api.cli.console import PHASES, err, out, say_json
from api.cli.keeping import open_database
from api.cli.planning import DEFAULT_SECONDS, require_one_budget

if TYPE_CHECKING:
    from api.jobs.county import Standing

NOT_ALL = 1
LOOK_SECONDS = 0.5
MOST_FAULTS = 20
"""Told of one township; the job itself has all of them."""
STATES = {
    "queued": "排队",
    "preparing": "准备",
    "solving": "计算",
    "completed": "完成",
    "infeasible": "不可行",
    "failed": "失败",
    "cancelled": "已取消",
}


def plan_all(
    week: Annotated[str, typer.Option(help="周，如 2026-W48 / ISO week, or a date in it")],
    county: Annotated[str | None, typer.Option(help="县的外部编号，可省 / external id of the county")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.0, help="每乡镇秒数 / seconds per township; 60")] = None,
    iterations: Annotated[int | None, typer.Option(min=0, help="计算次数，可重现 / iterations instead")] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="每乡镇线程数 / threads for each township")] = 2,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="只提交，不等待 / ask and do not wait")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """计划全县 / Plan every township of a county; run `xunzhen worker` on as many machines as you like."""
    require_one_budget(seconds, iterations)
    from api.jobs.county import enqueue_county, standings  # here, because the store takes a second to load
    from api.weeks import week_name

    budget = (
        {"iterations": iterations}
        if iterations is not None
        else {"seconds": DEFAULT_SECONDS if seconds is None else seconds}
    )
    database = open_database()
    job_ids = enqueue_county(database, county, week_name(week), {**budget, "workers": threads}, seed, "console")
    found = standings(database, job_ids)
    is_shown = sys.stderr.isatty() and not as_json
    with Live(_table(found), console=err(), auto_refresh=False, transient=True) if is_shown else nullcontext() as live:
        while not no_wait and not all(each.has_ended for each in found):
            time.sleep(LOOK_SECONDS)
            found = standings(database, job_ids)
            if live is not None:
                live.update(_table(found), refresh=True)
    database.close()
    say(found, as_json=as_json)
    return 0 if no_wait or all(each.state == "completed" for each in found) else NOT_ALL


def say(found: "list[Standing]", *, as_json: bool) -> None:
    """The last table and the counts."""
    counts = Counter(str(each.state) for each in found)
    if as_json:
        say_json({"jobs": [dataclasses.asdict(each) for each in found], "counts": dict(counts)})
        return
    out().print(_table(found))
    for each in found:
        if each.message_zh:
            out().print(f"{each.organisation}: {each.message_zh} / {each.message_en}", markup=False)
        for fault in each.faults[:MOST_FAULTS]:
            out().print(f"  {fault['where']}: {fault['advice_zh']} / {fault['advice_en']}", markup=False)
        if len(each.faults) > MOST_FAULTS:
            out().print(f"  … {len(each.faults)}", markup=False)
    words = ", ".join(f"{STATES[state]} {state} {count}" for state, count in sorted(counts.items()))
    out().print(f"乡镇 townships: {len(found)}; {words}", markup=False)


def _table(found: "list[Standing]") -> Table:
    """One line per organisation."""
    table = Table(box=None, pad_edge=False)
    for title in ("乡镇 township", "状态 state", "进度 progress", "成本 cost", "未安排 unplanned"):
        table.add_column(title)
    for each in found:
        progress = ""
        if each.phase is not None and not each.has_ended:
            progress = f"{PHASES.get(each.phase, each.phase)} {each.share or 0.0:.0%}"
        table.add_row(
            each.organisation,
            f"{STATES[each.state]} {each.state}",
            progress,
            f"{each.cost:,}" if each.cost is not None else "",
            str(each.unplanned) if each.unplanned is not None else "",
        )
    return table
