"""Routers of the service: JSON is read strictly, and query parameters that nobody knows are refused.

Every module of routes makes its router with `new_router` and includes the whole path in its routes.
"""

import json
import math
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.service.limits import BODY_LIMIT
from api.service.problems import ProblemError
from api.service.validation import unknown_name

DEEPEST = 64
LARGE_BODY_BYTES = 1 << 16


def strict_json(body: bytes) -> Any:
    """The value of a JSON text. Raises ProblemError for what RFC 8259 programs would not read alike."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except RecursionError:
        raise ProblemError("MALFORMED_JSON", detail=f"values nest deeper than {DEEPEST}") from None
    except UnicodeDecodeError:
        raise ProblemError("MALFORMED_JSON", detail="the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise ProblemError("MALFORMED_JSON", detail=detail) from None
    except ValueError as error:
        raise ProblemError("MALFORMED_JSON", detail=str(error)) from None
    _judge_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a field is given twice in one object")
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _judge_depth(value: Any) -> None:
    """Level by level, so that no depth of the input is a depth of ours."""
    level = [value]
    for _ in range(DEEPEST):
        containers = [item for item in level if isinstance(item, list | dict)]
        if not containers:
            return
        level = [inner for item in containers for inner in (item.values() if isinstance(item, dict) else item)]
    raise ProblemError("MALFORMED_JSON", detail=f"values nest deeper than {DEEPEST}")


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The value of the body. Raises ProblemError."""
        if not hasattr(self, "_strict_json"):
            body = await self.body()
            is_large = len(body) > LARGE_BODY_BYTES  # reading it would hold up everybody else
            self._strict_json = await run_in_threadpool(strict_json, body) if is_large else strict_json(body)
        return self._strict_json


class StrictRoute(APIRoute):
    """A route that reads JSON strictly and refuses query parameters it does not know."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind our checks."""
        handle = super().get_route_handler()
        known = tuple(query_names(self.dependant))
        tells_unknown = any(map(_is_query_model, self.dependant.query_params))  # then together with other faults
        has_large_body = hasattr(self.endpoint, "has_large_body") or (
            self.body_field is not None and isinstance(self.body_field.field_info, Form)
        )

        async def handle_strictly(request: Request) -> Response:
            unknown = [name for name in request.query_params if name not in known]
            if unknown and not tells_unknown:
                raise ProblemError("INPUT_INVALID", errors=[unknown_name(name, known, "query") for name in unknown])
            if has_large_body:
                request.scope["state"][BODY_LIMIT].widen()
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def _is_query_model(param: Any) -> bool:
    """Whether a parameter takes the whole query, and refuses what it does not know."""
    kind = param.field_info.annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel) and kind.model_config.get("extra") == "forbid"


def query_names(dependant: Dependant) -> Iterator[str]:
    """The names of all query parameters of a route and of what it depends on."""
    for param in dependant.query_params:
        kind = param.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield param.alias
    for inner in dependant.dependencies:
        yield from query_names(inner)


def new_router(tag: str) -> APIRouter:
    """A router of strict routes; the tag groups them in the OpenAPI document."""
    return APIRouter(route_class=StrictRoute, tags=[tag], redirect_slashes=False)
