"""Documents of the optimizer inside the body of a request, and the plan of a result as a document of its own."""

import json
from collections.abc import Callable
from typing import Any

from api.service.handlers import field_fault
from api.service.problems import FieldFault, ProblemError
from optimizer.documents.forms import PLAN_FORMAT
from optimizer.errors import DocumentFaults, ProblemFaults


def read_parts(content: dict[str, Any], **readers: Callable[[str], Any]) -> list[Any]:
    """The named parts of a body, read as documents. Raises ProblemError with every fault of all of them."""
    values, faults = [], list[FieldFault]()
    for name, read in readers.items():
        try:
            values.append(read(json.dumps(content[name])))
        except (DocumentFaults, ProblemFaults) as error:
            faults += [field_fault(fault, f"/{name}") for fault in error.faults]
    if faults:
        raise ProblemError("PROBLEM_FAULTS", errors=faults)
    return values


def result_with_plan(document: str) -> str:
    """A result document whose plan says its format, so that it can be sent back as it is."""
    content = json.loads(document)
    content["plan"] = {"format": PLAN_FORMAT, **content["plan"]}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
