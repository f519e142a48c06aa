"""Validates resources with the published models of R4B, which are loaded when first needed: they are an extra."""

import importlib
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from api.fhir.words import Resource
from api.service.problems import shown
from optimizer.errors import Fault

MODULES = {
    name: name.lower()
    for name in (
        *("ServiceRequest", "Task", "Appointment", "Schedule", "Slot", "Bundle", "CapabilityStatement"),
        *("OperationOutcome",),
    )
}
_CODES = {"extra_forbidden": "UNKNOWN_FIELD", "missing": "MISSING", "fhir-validation-wrong-resource-type": "WRONG_TYPE"}
ELEMENTS: Mapping[object, str] = {"resource_type": "resourceType"}
"""What the models call otherwise than R4B does."""


class FhirNotInstalled(RuntimeError):
    """The extra with the models is not installed."""

    def __init__(self) -> None:
        self.message_zh = "未安装 FHIR 组件：pip install 'xunzhen[fhir]'"
        self.message_en = "the FHIR part is not installed: pip install 'xunzhen[fhir]'"
        super().__init__(f"{self.message_zh} / {self.message_en}")


@cache
def model_of(kind: str) -> type[BaseModel]:
    """The model of a kind of resource. Raises FhirNotInstalled, KeyError for a kind that we do not use."""
    module_name = MODULES[kind]
    try:
        module = importlib.import_module(f"fhir.resources.R4B.{module_name}")  # slow, and an extra
    except ModuleNotFoundError:
        raise FhirNotInstalled from None
    model: type[BaseModel] = getattr(module, kind)
    return model


def faults_of(kind: str, resource: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Every place where a resource does not follow R4B. Raises FhirNotInstalled."""
    try:
        model_of(kind).model_validate(dict(resource))
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple(_fault(kind, tuple(part["loc"]), part["type"]) for part in errors)
    return ()


def valid(resource: Resource) -> Resource:
    """A resource of ours, checked against R4B on its way out. Raises ValueError when it is wrong: a fault of ours."""
    faults = faults_of(resource["resourceType"], resource)
    if faults:
        logging.getLogger(__name__).error("a %s of ours breaks R4B at %s", resource["resourceType"], faults[0].where)
        raise ValueError(f"{resource['resourceType']} breaks R4B at {', '.join(fault.where for fault in faults)}")
    return resource


def _fault(kind: str, location: tuple[object, ...], error: str) -> Fault:
    code = _CODES.get(error, "WRONG_VALUE")
    location = tuple(ELEMENTS.get(step, step) for step in location)
    where = kind + "".join(f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in location)
    zh, en = {
        "UNKNOWN_FIELD": (
            "R4B 没有这个元素；更正名称或删除",
            "R4B has no such element: correct its name or take it out",
        ),
        "MISSING": ("补充该元素", "add the element"),
        "WRONG_TYPE": ("资源类型与地址不符", "the type of the resource does not fit the address"),
    }.get(code, ("按 R4B 的类型和格式改正", "follow the type and form of R4B"))
    return Fault(code, where, "(not shown)", "as R4B defines it", zh, en)
