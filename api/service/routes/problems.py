"""The catalogue of problems: one address for each `type`, as JSON or as a plain page."""

import html
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from api.access.dependencies import action
from api.service.bodies import Answer
from api.service.catalogue import PATH, ProblemKind, all_kinds
from api.service.problems import ProblemError
from api.service.routing import new_router

router = new_router("problems")


class ProblemPage(Answer):
    """One kind of problem."""

    type: str
    code: str
    status: int
    title: str
    title_zh: str
    advice_en: str
    advice_zh: str


class ProblemCatalogue(Answer):
    """All kinds of problems."""

    items: list[ProblemPage]


AS_PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}


@router.get(PATH, response_model=ProblemCatalogue, responses=AS_PAGE, **action("public"))
async def list_problems(request: Request) -> ProblemCatalogue | Response:
    """Every kind of problem that the service answers with."""
    kinds = list(all_kinds().values())
    if wants_page(request):
        return HTMLResponse(page_of(kinds))
    return ProblemCatalogue(items=[_page(kind) for kind in kinds])


@router.get(f"{PATH}/{{slug}}", response_model=ProblemPage, responses=AS_PAGE, **action("public"))
async def read_problem(slug: str, request: Request) -> ProblemPage | Response:
    """One kind of problem, by the last part of its type or by its code."""
    kind = all_kinds().get(slug.upper().replace("-", "_"))
    if kind is None:
        raise ProblemError("NOT_FOUND")
    return HTMLResponse(page_of([kind])) if wants_page(request) else _page(kind)


def wants_page(request: Request) -> bool:
    """Whether a browser asks."""
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and "application/json" not in accepted


def page_of(kinds: list[ProblemKind]) -> str:
    """Kinds as a page without scripts or styles."""
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>问题目录 / Problems</title></head><body>'
        "<h1>问题目录 / Problems</h1>" + "".join(_section(kind) for kind in kinds) + "</body></html>"
    )


def _section(kind: ProblemKind) -> str:
    words = [html.escape(word) for word in (kind.title_zh, kind.title_en, kind.advice_zh, kind.advice_en)]
    return (
        f'<section id="{kind.slug}"><h2>{kind.status} {kind.code}</h2><p>{words[0]} / {words[1]}</p>'
        f"<p>{words[2]}</p><p>{words[3]}</p></section>"
    )


def _page(kind: ProblemKind) -> ProblemPage:
    return ProblemPage(
        type=kind.type,
        code=kind.code,
        status=kind.status,
        title=kind.title_en,
        title_zh=kind.title_zh,
        advice_en=kind.advice_en,
        advice_zh=kind.advice_zh,
    )
