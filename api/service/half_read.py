"""Bodies of which some fields break their form: the others are judged as well, so that every fault comes at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from api.service.problems import FieldFault


@dataclass(frozen=True, slots=True)
class HalfRead:
    """A body as far as it can be read: the fields that have their form, and what is wrong with the others."""

    fields: Mapping[str, Any]
    errors: tuple[Any, ...]

    @property
    def faulty(self) -> frozenset[str]:
        """The names of the other fields."""
        return frozenset(str(error["loc"][0]) for error in self.errors)

    def refused(self, judged: Sequence[FieldFault]) -> "BodyFaults":
        """The error to raise, with what was found by judging the fields that could be read."""
        errors = [{**error, "loc": ("body", *error["loc"])} for error in self.errors]
        return BodyFaults(errors, [fault for fault in judged if fault.pointer.partition("/")[2] not in self.faulty])


class BodyFaults(RequestValidationError):
    """Errors of the form of a body, and faults of what it says."""

    def __init__(self, errors: Sequence[Any], judged: Sequence[FieldFault]) -> None:
        super().__init__(errors)
        self.judged = tuple(judged)


def half_read(kind: type[BaseModel]) -> Any:
    """The kind of a body that comes as `HalfRead` where fields of it break their form."""

    def read(content: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(content)
        except ValidationError as error:
            errors = tuple(error.errors(include_url=False))
            if not isinstance(content, dict) or not all(item["loc"] for item in errors):
                raise
            faulty = {item["loc"][0] for item in errors}
            return HalfRead({name: value for name, value in content.items() if name not in faulty}, errors)

    return Annotated[kind, WrapValidator(read)]
