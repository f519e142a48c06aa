"""Compiled kernels that are kept on disk, and when they are out of date."""

from pathlib import Path

from optimizer.bound.arcs import fill_detours, keep_useful
from optimizer.bound.backward import build_backward
from optimizer.bound.columns import route_price
from optimizer.bound.forward import build_forward
from optimizer.bound.join import join, read_route

ENTRIES = (build_forward, build_backward, join, read_route, route_price, fill_detours, keep_useful)
STEMS = ("arcs", "backward", "columns", "forward", "join")
SOURCES = (*STEMS, "labels", "network")
"""Modules of this package that kernels depend on."""


def drop_stale_kernels() -> None:
    """Delete compiled kernels on disk that are older than a source of this package.

    The compiler's cache looks at the file of the outermost function only, so a change further in would go unseen.
    """
    newest = max(path.stat().st_mtime for path in Path(__file__).parent.glob("*.py") if path.stem in SOURCES)
    for kernel in ENTRIES:
        for index in Path(kernel.stats.cache_path).glob("*.nbi"):
            if index.stat().st_mtime < newest and index.name.split(".")[0] in STEMS:
                index.unlink(missing_ok=True)
