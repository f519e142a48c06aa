"""xunzhen plan: from a folder to a checked week plan with its printed sheets and map."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import err, out, progress_bar, result_in_json, say_json, say_notes, say_result
from api.files import require_writable, write_files
from api.interrupt import stoppable

if TYPE_CHECKING:
    from api.planning import Prepared
    from optimizer.plan import Result
    from optimizer.solve import SolveParams

NOT_FEASIBLE, CANCELLED = 1, 130
DEFAULT_SECONDS = 60.0


def plan(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="数据文件夹或工作簿 / folder or workbook")],
    week: Annotated[str, typer.Option(help="周，如 2026-W48 / ISO week, or a date in it")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="输出文件夹 / where to write")],
    seconds: Annotated[float | None, typer.Option(min=0.0, help="计算时间（秒）/ time to search; 60")] = None,
    iterations: Annotated[
        int | None, typer.Option(min=0, help="计算次数，可重现 / reproducible: iterations instead of seconds")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="线程数 / threads")] = 2,
    earlier: Annotated[
        Path | None, typer.Option(metavar="plan.json", help="尽量保持的原计划 / a plan to stay close to")
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="同时证明离最优多远 / prove how far from the best too")
    ] = False,
    no_map: Annotated[bool, typer.Option("--no-map", help="不画地图 / draw no map")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """安排一周 / Plan a week: writes problem.json, plan.json, week.xlsx and map.png."""
    require_one_budget(seconds, iterations)
    from api.planning import prepare  # here, because loading tables, maps and solver takes seconds
    from optimizer.documents import plan_from_json

    before = plan_from_json(earlier.read_text(encoding="utf-8")) if earlier else None
    with stoppable() as stop:
        prepared = prepare(folder, week, earlier=before)
        if not as_json:
            say_notes(prepared.draft.notes)
        require_writable(output)
        from optimizer.solve import solve

        with progress_bar(hidden=as_json) as bar:
            params = solve_params(seconds, iterations, seed, workers, prove=prove)
            result = solve(prepared.problem, params, bar, stop.is_set)
        result = replace(result, cancelled=result.cancelled or stop.is_set())
        files = _write(prepared, result, output, with_map=not no_map)
    _say(prepared, result, files, as_json=as_json)
    return exit_code(result)


def require_one_budget(seconds: float | None, iterations: int | None) -> None:
    """Raises ValueError when both budgets are given."""
    if seconds is not None and iterations is not None:
        raise ValueError("--seconds 与 --iterations 只能给一个 / give --seconds or --iterations, not both")


def solve_params(
    seconds: float | None, iterations: int | None, seed: int, workers: int, *, prove: bool = False
) -> "SolveParams":
    """The solver's parameters from the options."""
    from optimizer.solve import SolveParams  # here, because loading the solver takes seconds

    if iterations is None and seconds is None:
        seconds = DEFAULT_SECONDS
    return SolveParams(seed=seed, seconds=seconds, iterations=iterations, workers=workers, prove=prove)


def exit_code(result: "Result") -> int:
    """0 feasible, 1 not feasible, 130 cancelled."""
    from optimizer.plan import Status

    if result.cancelled:
        return CANCELLED
    return 0 if result.status is Status.FEASIBLE else NOT_FEASIBLE


def _write(prepared: "Prepared", result: "Result", output: Path, *, with_map: bool) -> list[Path]:
    """All files of a plan, or none of them."""
    from api.workbook import week_workbook
    from optimizer.documents import plan_to_json, problem_to_json

    contents = {
        output / "problem.json": problem_to_json(prepared.problem).encode("utf-8"),
        output / "plan.json": plan_to_json(result.plan).encode("utf-8"),
        output / "week.xlsx": week_workbook(prepared.draft, prepared.problem, result),
    }
    if with_map:
        from api.week_map import week_map  # here, because a run without a picture needs no matplotlib

        contents[output / "map.png"] = week_map(prepared, result.plan)
    write_files(contents)
    return list(contents)


def _say(prepared: "Prepared", result: "Result", files: list[Path], *, as_json: bool) -> None:
    if as_json:
        notes = [{"code": n.code, "count": n.count, "message": n.message_en} for n in prepared.draft.notes]
        answer = result_in_json(prepared.problem, result)
        say_json(answer | {"files": [str(file) for file in files], "notes": notes})
        return
    if result.cancelled:
        err().print("已取消，保留目前最好的计划 / cancelled: the best plan so far was kept", markup=False)
    say_result(prepared.problem, result)
    if prepared.problem.follow_ups and not (result.plan.crews or result.plan.phone_calls):
        err().print("没有安排任何随访：看缺口，或给更多时间 / nothing is planned: see the shortages, or give more time")
    out().print("文件 files: " + "  ".join(str(file) for file in files), markup=False)
