"""Problems, plans and results as JSON documents, read strictly; their JSON Schemas are in `optimizer/schemas`."""

from optimizer.documents.api import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    result_to_json,
)
from optimizer.documents.schema import schema_texts

__all__ = [
    "plan_from_json",
    "plan_to_json",
    "problem_from_json",
    "problem_to_json",
    "result_to_json",
    "schema_texts",
]
