"""The OpenAPI document of an application: our words, the actions of the routes, problems as the default answer."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access.dependencies import EXTRA, SCHEMES
from api.access.permissions import PUBLIC
from api.service.problems import MEDIA_TYPE

EXAMPLES = Path(__file__).parent / "data" / "examples.json"
"""Invented bodies: by the name of their schema, and by operation where the body has no schema of its own name."""
METHODS = ("get", "put", "post", "patch", "delete")
DESCRIPTION = """\
Plans the week of family-doctor teams: home visits, patrol clinics and phone calls.

Ids are ours (32 hexadecimal digits) beside `external_id`, the one of your own system. Moments carry +08:00, weeks are
written 2026-W48. Every refusal is a problem (RFC 9457) with a stable `code` and every fault in `errors`.
`x-action` is what the caller must be allowed to do; `public` asks nobody.
"""


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document of an application: problems as the default answer of every operation."""
    document = get_openapi(
        title=app.title, version=app.version, openapi_version=app.openapi_version, description=DESCRIPTION,
        routes=app.routes,
    )  # fmt: skip
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                _with_security(item[method])
                _with_problems(item[method], FHIR_REFUSALS if path.startswith("/fhir/") else REFUSALS)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    _with_examples(document)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    document["components"]["securitySchemes"] = SCHEMES
    return document


REFUSALS: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
FHIR_REFUSALS: dict[str, Any] = {
    **REFUSALS,
    "application/fhir+json": {"schema": {"type": "object", "description": "An OperationOutcome"}},
}
"""The facade answers in the words of FHIR; limits, which are judged before it, answer with a problem there too."""


def _with_examples(document: dict[str, Any]) -> None:
    """Put the kept examples where a reader of the document looks for them."""
    kept = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for name, example in kept["bodies"].items():
        document["components"]["schemas"][name]["examples"] = [example]
    for operation, example in kept["operations"].items():
        method, path = operation.split(" ")
        for content in document["paths"][path][method.lower()]["requestBody"]["content"].values():
            content["example"] = example


def _with_security(operation: dict[str, Any]) -> None:
    """Everything but what is public wants one of the credentials."""
    if operation.get(EXTRA) != PUBLIC:
        operation["security"] = [{scheme: []} for scheme in SCHEMES]


def _with_problems(operation: dict[str, Any], content: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    if any(each["name"] == "If-None-Match" for each in operation.get("parameters", ())):
        responses["304"] = {"description": "The version that the caller has already"}
    responses["default"] = {"description": "A problem (RFC 9457)", "content": content}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": [
        *("type", "title", "title_zh", "status", "code", "detail", "advice_zh", "advice_en", "request_id"),
        *("errors", "errors_total"),
    ],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Where the kind is explained"},
        "title": _text("In English"),
        "title_zh": _text("In Chinese"),
        "status": {"type": "integer"},
        "code": _text("Stable"),
        "detail": _text("About this one case"),
        "advice_zh": _text("What to do, in Chinese"),
        "advice_en": _text("What to do, in English"),
        "request_id": _text("Under which the logs know the request"),
        "errors_total": {"type": "integer", "description": "How many faults there are; errors holds the first 200"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "in", "pointer", "found", "expected", "advice_zh", "advice_en"],
                "properties": {
                    "code": _text("Stable"),
                    "in": {"type": "string", "enum": ["body", "query", "path", "header", "cookie", "stored"]},
                    "pointer": _text("JSON pointer (RFC 6901) into that part of the request"),
                    "found": _text("The value, shortened, *** where it is personal"),
                    "expected": _text("What would do"),
                    "advice_zh": _text("What to do, in Chinese"),
                    "advice_en": _text("What to do, in English"),
                },
            },
        },
    },
}
