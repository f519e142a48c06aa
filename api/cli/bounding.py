"""xunzhen bound: how far a plan is from the best possible, proven."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, say_json
from api.interrupt import stoppable

INFEASIBLE = 1


def bound_files(
    problem_file: Annotated[Path, typer.Argument(metavar="problem.json", help="问题文件 / the problem")],
    plan_file: Annotated[Path, typer.Argument(metavar="plan.json", help="计划文件 / the plan")],
    seconds: Annotated[float, typer.Option(min=0.0, help="计算时间（秒）/ time to prove")] = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """证明离最优多远 / Prove how far above the best possible a plan can be; exit code 1 for an infeasible plan."""
    from optimizer.check import check  # here, because loading takes a second and --help should not wait
    from optimizer.documents import plan_from_json, problem_from_json
    from optimizer.stop import Budget
    from optimizer.week_bound import week_bound

    problem = problem_from_json(problem_file.read_text(encoding="utf-8"))
    verdict = check(problem, plan_from_json(plan_file.read_text(encoding="utf-8")))
    with stoppable() as stop:
        bound = week_bound(problem, budget=Budget(seconds=seconds, cancelled=stop.is_set))
    cost = verdict.cost.total
    gap = bound.gap_percent(cost) if verdict.is_feasible and bound.value else None
    if as_json:
        told = {"feasible": verdict.is_feasible, "cost": cost, "bound": bound.value, "certain": bound.certain}
        say_json(told | {"gap_percent": gap, "complete": bound.is_complete, "parts": bound.parts})
    elif verdict.is_feasible:
        out().print(bound.words_zh(cost), markup=False)
        out().print(bound.words_en(cost), markup=False)
    else:
        words = f"计划不可行，不能与下界比较 / not feasible, so not compared; the bound is {bound.value:,}"
        out().print(words, markup=False)
    return 0 if verdict.is_feasible else INFEASIBLE
