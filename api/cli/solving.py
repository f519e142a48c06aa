"""xunzhen solve: a problem as JSON to a plan as JSON."""

import errno
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import err, out, progress_bar, result_in_json, say_json, say_result
from api.cli.planning import exit_code, require_one_budget, solve_params
from api.files import require_writable, write_text
from api.interrupt import stoppable


def solve_file(
    problem_file: Annotated[Path, typer.Argument(metavar="problem.json", help="问题文件 / the problem")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="plan.json", help="计划文件 / the plan to write")],
    seconds: Annotated[float | None, typer.Option(min=0.0, help="计算时间（秒）/ time to search; 60")] = None,
    iterations: Annotated[
        int | None, typer.Option(min=0, help="计算次数，可重现 / reproducible: iterations instead of seconds")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="线程数 / threads")] = 2,
    prove: Annotated[
        bool, typer.Option("--prove", help="同时证明离最优多远 / prove how far from the best too")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """求解 / Solve a problem file and write the plan."""
    require_one_budget(seconds, iterations)
    from optimizer.documents import plan_to_json, problem_from_json  # here, because loading the solver takes seconds
    from optimizer.solve import solve

    params = solve_params(seconds, iterations, seed, workers, prove=prove)
    problem = problem_from_json(problem_file.read_text(encoding="utf-8"))
    if output.is_dir():
        raise IsADirectoryError(errno.EISDIR, "Is a directory", str(output))
    require_writable(output.parent)
    with stoppable() as stop:
        with progress_bar(hidden=as_json) as bar:
            result = solve(problem, params, bar, stop.is_set)
        result = replace(result, cancelled=result.cancelled or stop.is_set())
        write_text(output, plan_to_json(result.plan))
    if as_json:
        say_json(result_in_json(problem, result) | {"files": [str(output)]})
        return exit_code(result)
    if result.cancelled:
        err().print("已取消，保留目前最好的计划 / cancelled: the best plan so far was kept", markup=False)
    say_result(problem, result)
    out().print(f"文件 file: {output}", markup=False)
    return exit_code(result)
