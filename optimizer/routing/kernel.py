"""How the kernels of this package are compiled: without the interpreter lock, without reference counts.

Kernels allocate nothing, so counting references to the arrays they are handed would only cost time (the search was
about ten times slower with it). `@kernel` is for a function, `@inlined` for a few lines in a hot loop, `@entry` for
one that is called from Python and kept in the cache on disk. The first two can be called by kernels only: unpacking
the many arrays of a plan from Python objects was half of what there was to compile.
"""

from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy"}
INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **OPTIONS}

kernel = njit(**INNER)
inlined = njit(forceinline=True, **INNER)
entry = njit(cache=True, **OPTIONS)
