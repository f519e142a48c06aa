"""One name for two kernels, chosen when compiled code is made: by the way of timing of the data it is made for.

A search with frozen starts is then compiled without the kernels of exact timing, and the other way round.
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

    def chosen(*arguments: Any) -> Any:
        raise NotImplementedError("only compiled code can call this")

    @overload(chosen, jit_options=_INNER, strict=False)
    def choose(*arguments: Any) -> Callable[..., Any]:
        first = arguments[0]
        is_frozen = isinstance(first.types[first.fields.index("exact")], types.NoneType)
        kernel: Any = frozen if is_frozen else exact
        return kernel.py_func  # type: ignore[no-any-return]

    return chosen  # type: ignore[return-value] # stands for both
