"""How the kernels of this package are compiled: without the interpreter lock, without reference counts.

Kernels allocate nothing, so counting references to the arrays they are handed would only cost time (the search was
about ten times slower with it). `@kernel` is for a function, `@inlined` for a few lines in a hot loop, `@entry` for
one that is called from Python and kept in the cache on disk. The first two can be called by kernels only: unpacking
the many arrays of a plan from Python objects was half of what there was to compile. An entry begins with `shared`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy"}
INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **OPTIONS}

kernel = njit(**INNER)
inlined = njit(forceinline=True, **INNER)
entry = njit(cache=True, **OPTIONS)

COMMON = ("kernel", "randomness", "shared")
"""Modules beside this one that the kernels of every package depend on."""


def drop_stale(cache: str, stems: Iterable[str], sources: Iterable[Path]) -> None:
    """Delete compiled entries of some modules in a cache folder that are older than a source they may depend on.

    The compiler's cache looks at the file of the outermost function only, so a change further in would go unseen.
    """
    common = [Path(__file__).with_stem(stem) for stem in COMMON]
    newest = max(path.stat().st_mtime for path in (*common, *sources))
    for stem in stems:
        for index in Path(cache).glob(f"{stem}.*.nbi"):
            if index.stat().st_mtime < newest:
                index.unlink(missing_ok=True)
