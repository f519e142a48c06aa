"""The one table from exceptions to problems; routes raise and never translate."""

import errno
import logging
import typing
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.access.errors import AccessError
from api.service.catalogue import ProblemKind, kind_of, kind_of_access, kind_of_status
from api.service.half_read import BodyFaults
from api.service.logs import log
from api.service.problems import FieldFault, ProblemError, pointer_of, problem_response, shown
from api.service.validation import faults_of
from api.weeks.errors import WeekFaults
from optimizer.errors import DocumentFaults, Fault, ProblemFaults
from optimizer.tables import TableFault, TableFaults

RETRY_SECONDS = {"Retry-After": "5"}
FULL_SQLITE = ("database or disk is full", "disk I/O error", "SQLITE_FULL")
FULL_POSTGRESQL = ("53100",)
"""SQLSTATE of a full disk."""
UNIQUE_POSTGRESQL, UNIQUE_SQLITE = "23505", "UNIQUE constraint failed"

Handler = Callable[[Request, Any], Awaitable[Response]]


def request_id_of(request: Request) -> str:
    """The id under which the logs know a request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def _answer(request: Request, kind: ProblemKind, **parts: Any) -> Response:
    return problem_response(kind, request_id=request_id_of(request), **parts)


async def answer_problem(request: Request, error: ProblemError) -> Response:
    """A problem that a route has raised."""
    parts = {"detail": error.detail, "errors": error.errors, "headers": error.headers, "extra": error.extra}
    return _answer(request, error.kind, **parts)


async def answer_access(request: Request, error: AccessError) -> Response:
    """A refusal of the door."""
    faults = [
        FieldFault(fault.code, fault.pointer, "***", "", fault.advice_zh, fault.advice_en) for fault in error.faults
    ]
    return _answer(request, kind_of_access(error), errors=faults, headers=error.headers)


async def answer_validation(request: Request, error: RequestValidationError) -> Response:
    """A request that does not follow the OpenAPI document, with every fault."""
    errors = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return _answer(request, kind_of("MALFORMED_JSON"))
    route = request.scope.get("route")
    faults = faults_of(errors, lambda path: known_fields(route, path))
    judged = error.judged if isinstance(error, BodyFaults) else ()
    return _answer(request, kind_of("INPUT_INVALID"), errors=[*faults, *judged])


def known_fields(route: object, path: Sequence[object]) -> Sequence[str]:
    """Names of the fields that a route knows at a path such as ("body", "members", 0); empty when it cannot tell."""
    if not isinstance(route, APIRoute):
        return ()
    if path[0] != "body":
        params: list[Any] = getattr(route.dependant, f"{path[0]}_params", [])
        models = [param.field_info.annotation for param in params]
        return _fields_of(next((model for model in models if _is_model(model)), None)) or [p.alias for p in params]
    kind: Any = route.body_field.field_info.annotation if route.body_field else None
    for step in path[1:]:
        kind = _inner(kind, step)
    return _fields_of(_model_in(kind))


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _model_in(kind: Any) -> Any:
    """The model itself, or the one inside an optional or a list."""
    if _is_model(kind):
        return kind
    return next((found for found in map(_model_in, typing.get_args(kind)) if found is not None), None)


def _inner(kind: Any, step: object) -> Any:
    model = _model_in(kind)
    if isinstance(step, int):
        return model
    field = model.model_fields.get(step) if model is not None else None
    return field.annotation if field else None


def _fields_of(model: Any) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if _is_model(model) else []


async def answer_http(request: Request, error: HTTPException) -> Response:
    """A bare status of the framework, such as an unknown address or method."""
    return _answer(request, kind_of_status(error.status_code), headers=error.headers)


def field_fault(fault: Fault, inside: str = "") -> FieldFault:
    """A fault of the optimizer's documents or validation; `inside` points at the part of the body that was read."""
    pointer, found = f"{inside}{fault.where}", shown(fault.found)
    return FieldFault(fault.code, pointer, found, fault.expected, fault.advice_zh, fault.advice_en)


def table_field_fault(fault: TableFault, stored_id: str = "") -> FieldFault:
    """A fault of a table: the pointer names sheet, row as in a spreadsheet, or the id of a stored row, and column."""
    pointer = pointer_of(word for word in (fault.sheet, stored_id or fault.row, fault.column) if word)
    found, place = shown(fault.value, fault.column), "stored" if stored_id else "body"
    return FieldFault(fault.code, pointer, found, fault.advice_en, fault.advice_zh, fault.advice_en, place)


async def answer_optimizer(request: Request, error: ProblemFaults | DocumentFaults) -> Response:
    """A document that cannot be planned from."""
    return _answer(request, kind_of("PROBLEM_FAULTS"), errors=[field_fault(fault) for fault in error.faults])


async def answer_tables(request: Request, error: TableFaults) -> Response:
    """Tables that cannot be planned from; rows that are stored already go by their own ids."""
    ids = error.external_ids if isinstance(error, WeekFaults) else {}
    errors = [table_field_fault(fault, ids.get((fault.sheet, fault.row), "")) for fault in error.faults]
    return _answer(request, kind_of("TABLE_FAULTS"), errors=errors)


async def answer_stale(request: Request, error: StaleDataError) -> Response:
    """Somebody else has changed the row in the meantime."""
    return _answer(request, kind_of("STALE_VERSION"))


async def answer_integrity(request: Request, error: exc.IntegrityError) -> Response:
    """The database refuses: an id that is taken, or a reference that leads nowhere."""
    is_taken = sql_state(error) == UNIQUE_POSTGRESQL or UNIQUE_SQLITE in str(error.orig)
    return _answer(request, kind_of("ALREADY_EXISTS" if is_taken else "CONFLICT"))


def sql_state(error: exc.DBAPIError) -> str:
    """The SQLSTATE of PostgreSQL, or ""."""
    return str(getattr(error.orig, "sqlstate", None) or "")


async def answer_database(request: Request, error: exc.DBAPIError | exc.TimeoutError) -> Response:
    """The database is gone, busy for too long, or its disk is full; nothing was acknowledged."""
    state = sql_state(error) if isinstance(error, exc.DBAPIError) else ""
    text = str(error.orig) if isinstance(error, exc.DBAPIError) else ""
    is_full = state in FULL_POSTGRESQL or any(words in text for words in FULL_SQLITE)
    kind = kind_of("STORAGE_FULL" if is_full else "DATABASE_UNAVAILABLE")
    log("database", {"request_id": request_id_of(request), "code": kind.code}, level=logging.ERROR, error=error)
    return _answer(request, kind, headers=RETRY_SECONDS)


async def answer_data(request: Request, error: exc.DataError) -> Response:
    """A value that the database cannot hold; our own validation should have refused it."""
    log("data", {"request_id": request_id_of(request)}, level=logging.WARNING, error=error)
    return _answer(request, kind_of("INPUT_INVALID"))


async def answer_system(request: Request, error: OSError) -> Response:
    """A full disk; any other trouble of the system is an incident."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        log("disk", {"request_id": request_id_of(request)}, level=logging.ERROR, error=error)
        return _answer(request, kind_of("STORAGE_FULL"), headers=RETRY_SECONDS)
    return await answer_incident(request, error)


async def answer_incident(request: Request, error: Exception) -> Response:
    """Anything unforeseen: the caller gets the id under which the logs tell more, and nothing else."""
    log("incident", {"request_id": request_id_of(request)}, level=logging.ERROR, error=error)
    return _answer(request, kind_of("INTERNAL"))


HANDLERS: tuple[tuple[type[Exception], Handler], ...] = (
    (ProblemError, answer_problem),
    (AccessError, answer_access),
    (RequestValidationError, answer_validation),
    (HTTPException, answer_http),
    (ProblemFaults, answer_optimizer),
    (DocumentFaults, answer_optimizer),
    (TableFaults, answer_tables),
    (StaleDataError, answer_stale),
    (exc.IntegrityError, answer_integrity),
    (exc.DataError, answer_data),
    (exc.OperationalError, answer_database),
    (exc.InterfaceError, answer_database),
    (exc.TimeoutError, answer_database),
    (OSError, answer_system),
    (Exception, answer_incident),
)
"""Exceptions and who answers them; the nearest class wins."""


def add_handlers(app: FastAPI) -> None:
    """Give an application all handlers."""
    for kind, handler in HANDLERS:
        app.add_exception_handler(kind, handler)
