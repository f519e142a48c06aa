"""Hands kernels a named tuple of arrays by its address instead of by value.

Compiled code passes a named tuple as some eight words for every array in it, thousands of bytes at each call that is
not inlined. An entry puts its tuples at one place (`shared`), and what it calls reads the fields that it needs there.
"""

from typing import Any, Protocol, TypeVar

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model

Given = TypeVar("Given")


class Shared(types.Type):
    """The address of a named tuple that does not change while kernels run."""

    def __init__(self, dtype: Any) -> None:
        self.dtype, self.fields, self.types = dtype, dtype.fields, dtype.types
        super().__init__(name=f"Shared({dtype})")


@register_model(Shared)
class SharedModel(models.PrimitiveModel):
    """A pointer to the tuple's own layout."""

    def __init__(self, manager: Any, kind: Shared) -> None:
        super().__init__(manager, kind, manager.lookup(kind.dtype).get_value_type().as_pointer())


@infer_getattr
class SharedAttributes(AttributeTemplate):
    """Fields have the names and types of the tuple's; tuples among them are shared as well."""

    key = Shared

    def generic_resolve(self, kind: Shared, name: str) -> types.Type | None:  # type: ignore[override]
        return _field_type(kind.types[kind.fields.index(name)]) if name in kind.fields else None


def _field_type(kind: types.Type) -> types.Type:
    return Shared(kind) if isinstance(kind, types.BaseNamedTuple) else kind


@lower_getattr_generic(Shared)
def _read_field(context: Any, builder: Any, kind: Shared, value: Any, name: str) -> Any:
    number = kind.fields.index(name)
    place = cgutils.gep_inbounds(builder, value, 0, number)
    if isinstance(kind.types[number], types.BaseNamedTuple):
        return place
    return _loaded(builder, place)


def _loaded(builder: Any, place: Any) -> Any:
    """What is at a place, number by number, so that what is not used is not read; it never changes."""
    kind = place.type.pointee
    if isinstance(kind, ir.BaseStructType | ir.ArrayType):
        found = ir.Constant(kind, ir.Undefined)
        for number in range(len(kind)):
            part = _loaded(builder, cgutils.gep_inbounds(builder, place, 0, number))
            found = builder.insert_value(found, part, number)
        return found
    found = builder.load(place)
    found.set_metadata("invariant.load", builder.module.add_metadata([]))
    return found


def _placed(_: Any, value: types.Type) -> Any:
    if isinstance(value, Shared):  # an entry that a kernel calls
        return value(value), lambda _context, _builder, _signature, arguments: arguments[0]
    if not isinstance(value, types.BaseNamedTuple):
        return None

    def place(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        here = cgutils.alloca_once_value(builder, arguments[0])
        # An empty instruction that could do anything: reads through its result are not moved before the copy is made.
        return builder.asm(ir.FunctionType(here.type, [here.type]), "", "=r,0,~{memory}", [here], side_effect=True)

    return Shared(value)(value), place


class Same(Protocol):
    """To a reader and a type checker, what it is given."""

    def __call__(self, value: Given) -> Given:
        """The address of a named tuple's copy, valid until the compiled function that asks for it returns."""


shared: Same = intrinsic(_placed)  # type: ignore[assignment]
