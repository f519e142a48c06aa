"""Compiled kernels that are kept on disk, and when they are out of date."""

from pathlib import Path

from optimizer.bound.forward import build_forward
from optimizer.routing.kernel import drop_stale

STEMS = ("arcs", "backward", "columns", "forward", "join")
SOURCES = (*STEMS, "labels", "network")
"""Modules of this package that kernels depend on."""


def drop_stale_kernels() -> None:
    """Delete compiled kernels on disk that are older than a source of theirs."""
    drop_stale(build_forward.stats.cache_path, STEMS, [Path(__file__).with_stem(stem) for stem in SOURCES])
