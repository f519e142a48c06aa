"""Paths such as `/v1/plans/{row_id}:compare` reach their own route, and not the plain one that would fit them too."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Match

from api.service.openapi import FILE

ROW_ID = "0" * 32
METHODS = ("get", "put", "post", "patch", "delete")


def with_verbs() -> list[tuple[str, str]]:
    """Method and path of every operation whose path ends in a verb behind a colon."""
    paths: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    return [
        (method.upper(), path) for path, item in paths.items() for method in METHODS if method in item and ":" in path
    ]


def flat(routes: list[BaseRoute]) -> list[BaseRoute]:
    """The routes in the order in which they are tried, those of routers in their place."""
    found: list[BaseRoute] = []
    for route in routes:
        inner = getattr(route, "original_router", None)
        found += flat(inner.routes) if inner is not None else [route]
    return found


def first_match(app: FastAPI, method: str, path: str) -> str:
    """The template of the first route that takes a request."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    taken = (route for route in flat(app.routes) if route.matches(scope)[0] is Match.FULL)
    return str(getattr(next(taken), "path", ""))


def test_the_document_has_the_verbs_of_plans_and_jobs() -> None:
    verbs = {path.rpartition(":")[2] for _, path in with_verbs()}
    assert {"check", "recommend", "replan", "publish", "compare", "undo", "archive", "cancel", "lookup"} <= verbs


@pytest.mark.parametrize(("method", "template"), with_verbs())
def test_a_verb_reaches_its_own_route(app: FastAPI, method: str, template: str) -> None:
    path = re.sub(r"\{[^}]+\}", ROW_ID, template)
    assert first_match(app, method, path) == template


def test_the_plain_path_alone_would_swallow_a_verb(app: FastAPI) -> None:
    plain = next(route for route in flat(app.routes) if getattr(route, "path", "") == "/v1/plans/{row_id}")
    scope = {"type": "http", "method": "GET", "path": f"/v1/plans/{ROW_ID}:compare", "root_path": "", "headers": []}
    assert plain.matches(scope)[0] is Match.FULL
