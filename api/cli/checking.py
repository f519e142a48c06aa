"""xunzhen check: judges a plan against a problem from the rules alone."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, say_cost, say_json, say_violations


def check_files(
    problem_file: Annotated[Path, typer.Argument(metavar="problem.json", help="问题文件 / the problem")],
    plan_file: Annotated[Path, typer.Argument(metavar="plan.json", help="计划文件 / the plan")],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """检查计划 / Check a plan: exit code 0 only when it keeps every rule; prints the recomputed cost."""
    from optimizer.check import check  # here, because loading takes a second and --help should not wait
    from optimizer.documents import plan_from_json, problem_from_json

    problem = problem_from_json(problem_file.read_text(encoding="utf-8"))
    verdict = check(problem, plan_from_json(plan_file.read_text(encoding="utf-8")))
    if as_json:
        say_json(
            {
                "feasible": verdict.is_feasible,
                "cost": {"total": verdict.cost.total, **verdict.cost.parts},
                "violations": [dataclasses.asdict(violation) for violation in verdict.violations],
            }
        )
        return 0 if verdict.is_feasible else 1
    say_violations(verdict.violations)
    count = len(verdict.violations)
    line = "可行 feasible" if verdict.is_feasible else f"不可行，违反 {count} 处 / not feasible: {count} violation(s)"
    out().print(line, markup=False)
    say_cost(verdict.cost)
    return 0 if verdict.is_feasible else 1
