"""Answers of the facade: resources as application/fhir+json, and every refusal as an OperationOutcome."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response

from api.fhir.models import FhirNotInstalled
from api.fhir.outcomes import issue, outcome
from api.fhir.words import MEDIA_TYPE, Resource
from api.service.handlers import HANDLERS
from api.service.routing import StrictRoute

KEPT_HEADERS = ("www-authenticate", "retry-after", "etag", "allow")


def fhir_answer(resource: Resource, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource as an answer."""
    text = json.dumps(resource, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, headers, MEDIA_TYPE)


class FhirRoute(StrictRoute):
    """A route whose refusals are OperationOutcomes; the service's own table says what each refusal is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind our checks, with refusals in the words of FHIR."""
        handle = super().get_route_handler()

        async def handle_or_tell(request: Request) -> Response:
            try:
                return await handle(request)
            except FhirNotInstalled as error:
                told = issue("NOT_INSTALLED", error.message_zh, error.message_en)
                return fhir_answer(outcome([told]), 501)
            except KNOWN as error:
                handler = next(HANDLER_OF[kind] for kind in type(error).__mro__ if kind in HANDLER_OF)
                return in_fhir(await handler(request, error))

        return handle_or_tell


HANDLER_OF = {kind: handler for kind, handler in HANDLERS if kind is not Exception}
"""An unforeseen error goes on to the frame of the service."""
KNOWN = tuple(HANDLER_OF)


def in_fhir(problem: Response) -> Response:
    """A problem of the service as an OperationOutcome, with every fault."""
    content = json.loads(bytes(problem.body))
    issues = [_issue(fault) for fault in content["errors"]]
    whole = issue(content["code"], content["title_zh"], content["title"], diagnostics=_advice(content))
    headers = {name: value for name, value in problem.headers.items() if name in KEPT_HEADERS}
    return fhir_answer(outcome(issues or [whole]), problem.status_code, headers)


def _issue(fault: dict[str, str]) -> Resource:
    diagnostics = f"{fault['in']} {fault['pointer']}: found {fault['found']}, expected {fault['expected']}"
    return issue(fault["code"], fault["advice_zh"], fault["advice_en"], diagnostics=diagnostics)


def _advice(content: dict[str, str]) -> str:
    return f"{content['advice_zh']} / {content['advice_en']}"


def fhir_router() -> APIRouter:
    """A router of such routes."""
    return APIRouter(route_class=FhirRoute, tags=["fhir"], redirect_slashes=False)
