"""JSON Schemas (draft 2020-12) of problem and plan, made from the same fields that the reader follows."""

import inspect
import json
from datetime import date
from typing import Any

from optimizer.documents.forms import (
    FORMAT_FIELD,
    PLAN_FORMAT,
    PROBLEM_FORMAT,
    fields_of,
    is_choice,
    is_matrix,
    is_value,
    items_of,
    optional_of,
    values_of,
)
from optimizer.documents.matrices import ENCODING
from optimizer.documents.writing import plain
from optimizer.plan import Plan
from optimizer.problem import Problem

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
}
MATRIX: Schema = {
    "description": "Rows of whole numbers, or little-endian 32-bit integers row by row, zlib-compressed, as base64.",
    "oneOf": [
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        {
            "type": "object",
            "properties": {
                "encoding": {"const": ENCODING},
                "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
                "data": {"type": "string", "contentEncoding": "base64"},
            },
            "required": ["encoding", "shape", "data"],
            "additionalProperties": False,
        },
    ],
}


def schema_texts() -> dict[str, str]:
    """The published schemas as text, by file name."""
    return {
        "problem.schema.json": _text(document_schema(Problem, PROBLEM_FORMAT)),
        "plan.schema.json": _text(document_schema(Plan, PLAN_FORMAT)),
    }


def document_schema(kind: type, format_name: str) -> Schema:
    """The schema of a document of one kind."""
    parts: dict[str, Schema] = {}
    _name_part(kind, parts)
    body = parts[kind.__name__]
    if not _is_used(kind.__name__, parts):
        del parts[kind.__name__]
    return {
        "$schema": DRAFT,
        "title": format_name,
        **body,
        "properties": {FORMAT_FIELD: {"const": format_name}, **body["properties"]},
        "required": [FORMAT_FIELD, *body["required"]],
        "$defs": dict(sorted(parts.items())),
    }


def _is_used(name: str, parts: dict[str, Schema]) -> bool:
    return f"#/$defs/{name}" in json.dumps(parts)


def _name_part(kind: type, parts: dict[str, Schema]) -> Schema:
    """A reference to the schema of one of our values, which is added to the parts."""
    if kind.__name__ not in parts:
        parts[kind.__name__] = {}
        fields = fields_of(kind)
        parts[kind.__name__] = {
            "description": (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "),
            "type": "object",
            "properties": {
                field.name: _schema_of(field.hint, parts)
                | ({} if field.is_required else {"default": plain(field.default)})
                for field in fields
            },
            "required": [field.name for field in fields if field.is_required],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _schema_of(hint: Any, parts: dict[str, Schema]) -> Schema:
    inside, items, values = optional_of(hint), items_of(hint), values_of(hint)
    if inside is not None:
        return {"anyOf": [_schema_of(inside, parts), {"type": "null"}]}
    if items is not None:
        size = {} if items[1] is None else {"minItems": items[1], "maxItems": items[1]}
        return {"type": "array", "items": _schema_of(items[0], parts), **size}
    if values is not None:
        return {"type": "object", "additionalProperties": _schema_of(values, parts)}
    if is_matrix(hint):
        parts["Matrix"] = MATRIX
        return {"$ref": "#/$defs/Matrix"}
    if is_choice(hint):
        return {"enum": [choice.value for choice in hint]}
    return _name_part(hint, parts) if is_value(hint) else dict(PLAIN[hint])


def _text(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
