"""Stateless answers for integrators: a bare problem is solved, a plan is judged; nothing is kept."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.access.dependencies import action
from api.jobs.engines import Engine, engine_of
from api.jobs.messages import Found, Look, Order
from api.jobs.refusals import JobRefused
from api.service.bodies import Answer
from api.service.deps import Config, Slots
from api.service.documents import read_parts, result_with_plan
from api.service.limits import large_body
from api.service.problems import FieldFault, ProblemError
from api.service.resource_routes import answered, json_answer
from api.service.routing import new_router, strict_json

router = new_router("solving")

MOST_SECONDS, MOST_ITERATIONS = 60.0, 200_000
DEFAULT_ITERATIONS = 20_000
GRACE_SECONDS = 240.0
"""For loading, a first compilation and the last step; a search of iterations is cut after it as well."""
DOCUMENT: dict[str, Any] = {"type": "object", "description": "A document of optimizer/schemas, read strictly"}


class SolveAnswer(Answer):
    """A result document: status, plan, cost by part, violations, shortages, statistics."""

    status: str
    plan: dict[str, Any]
    cost: dict[str, Any]


class CheckAnswer(Answer):
    """What the judge says: all rules are soft here, every breach is listed."""

    is_feasible: bool
    cost_total: int
    cost_parts: dict[str, int]
    violations: list[dict[str, str]]


def _with_body(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The action of a route together with the JSON body that it reads itself."""
    said = action(name)
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {**said, "openapi_extra": {**said["openapi_extra"], "requestBody": body}}


@router.post("/v1/solve", **answered(SolveAnswer), **_with_body("solve:run", DOCUMENT))
@large_body
async def solve_problem(
    request: Request,
    slots: Slots,
    config: Config,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="The same seed gives the same plan")] = 1,
    iterations: Annotated[
        int | None, Query(ge=0, le=MOST_ITERATIONS, description="Reproducible budget; 20000 when nothing is given")
    ] = None,
    seconds: Annotated[
        float | None, Query(ge=0.0, le=MOST_SECONDS, description="Wall-clock budget instead of iterations")
    ] = None,
) -> Response:
    """Solve a problem document and wait for the result; an infeasible one is a result with its violations."""
    if iterations is not None and seconds is not None:
        advice = "seconds 与 iterations 只给一个", "Give seconds or iterations, not both"
        raise ProblemError("INPUT_INVALID", errors=[_fault("TWO_BUDGETS", "/seconds", *advice, place="query")])
    most = DEFAULT_ITERATIONS if iterations is None else iterations
    budget: dict[str, float] = {"seconds": seconds} if seconds is not None else {"iterations": most}
    text = await _text(request)
    order = Order(text, {"seed": seed, **budget}, (seconds or 0.0) + GRACE_SECONDS)
    result = await run_in_threadpool(_solved, order, slots, config.ray_address)
    return Response(result, 200, media_type="application/json")


def _solved(order: Order, slots: Slots, ray_address: str) -> str:
    """The result document. Raises ProblemError."""
    with slots.taken():
        engine: Engine = engine_of(ray_address)
        try:
            return result_with_plan(engine.run(order, _ignore, lambda: False).result)
        except JobRefused as refused:
            raise problem_of(refused) from None
        finally:
            engine.close()


def _ignore(message: Look | Found) -> None:
    """Nobody watches an answer that is waited for."""


def problem_of(refused: JobRefused) -> ProblemError:
    """A refusal of the solver as an answer."""
    if refused.reason.code in ("INPUT_FAULTS", "PARAMETERS"):
        faults = [
            FieldFault(f["code"], f["where"], "***", f.get("expected", ""), f["advice_zh"], f["advice_en"])
            for f in refused.faults
        ]
        return ProblemError("PROBLEM_FAULTS", errors=faults)
    detail = f"{refused.reason.message_zh} / {refused.reason.message_en}"
    return ProblemError("SOLVE_FAILED", detail=detail, extra={"reason": refused.reason.code})


@router.post(
    "/v1/check",
    **answered(CheckAnswer),
    **_with_body(
        "solve:run",
        {
            "type": "object",
            "required": ["problem", "plan"],
            "additionalProperties": False,
            "properties": {"problem": DOCUMENT, "plan": DOCUMENT},
        },
    ),
)
@large_body
async def check_plan(request: Request, slots: Slots) -> Response:
    """Judge a hand-made plan against a problem: `{"problem": ..., "plan": ...}`; every breach is listed."""
    text = await _text(request)
    return await run_in_threadpool(_checked, text, slots)


def _checked(text: str, slots: Slots) -> Response:
    """The verdict. Raises ProblemError, and the faults of the documents."""
    from optimizer.check import check  # here, because the solver's packages take a second to load
    from optimizer.documents import plan_from_json, problem_from_json

    content = strict_json(text.encode())
    wanted = ("problem", "plan")
    if not isinstance(content, dict) or set(content) != set(wanted):
        advice = "写作 {“problem”: …, “plan”: …}", 'Write {"problem": ..., "plan": ...}'
        raise ProblemError("INPUT_INVALID", errors=[_fault("WRONG_FIELDS", "", *advice)])
    with slots.taken():
        problem, plan = read_parts(content, problem=problem_from_json, plan=plan_from_json)
        verdict = check(problem, plan)
    return json_answer(
        {
            "is_feasible": verdict.is_feasible,
            "cost_total": verdict.cost.total,
            "cost_parts": verdict.cost.parts,
            "violations": [asdict(violation) for violation in verdict.violations],
        }
    )


async def _text(request: Request) -> str:
    """The body as text. Raises ProblemError."""
    try:
        return (await request.body()).decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError("MALFORMED_JSON", detail="the body is not UTF-8") from None


def _fault(code: str, pointer: str, zh: str, en: str, *, place: str = "body") -> FieldFault:
    return FieldFault(code, pointer, "***", "", zh, en, place)
