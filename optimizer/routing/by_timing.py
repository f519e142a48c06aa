"""One name for two kernels, chosen when compiled code is made: by the way of timing of the data it is made for.

A search with frozen starts is then compiled without the kernels of exact timing, and the other way round; and one with
exact timing without those of its extras where the input asks for none.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import types
from numba.extending import overload

from optimizer.routing.kernel import INNER

_INNER: Any = INNER

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def by_timing(frozen: Kernel, exact: Kernel) -> Kernel:
    """A function for kernels whose first argument is Data or State: `exact` where that has an exact part."""
    return _chosen(frozen, exact, "exact")


def by_extras(plain: Kernel, extra: Kernel) -> Kernel:
    """The same for kernels whose first argument is ExactData or ExactState: `extra` where that has extras."""
    return _chosen(plain, extra, "extras")


def with_extras(extra: Kernel, otherwise: int | None = None) -> Kernel:
    """The same where a kernel without extras does nothing and returns a constant."""

    def constant(*arguments: Any) -> int | None:
        return otherwise

    return _chosen(constant, extra, "extras")


def _chosen(without: Callable[..., Any], with_part: Kernel, name: str) -> Kernel:
    """A function that is `with_part` where the field of the first argument is not None."""

    def chosen(*arguments: Any) -> Any:
        raise NotImplementedError("only compiled code can call this")

    @overload(chosen, jit_options=_INNER, strict=False)
    def choose(*arguments: Any) -> Callable[..., Any]:
        first = arguments[0]
        part = first.types[first.fields.index(name)]
        kernel: Any = without if isinstance(part, types.NoneType) else with_part
        return getattr(kernel, "py_func", kernel)  # type: ignore[no-any-return]

    return chosen  # type: ignore[return-value] # stands for both
