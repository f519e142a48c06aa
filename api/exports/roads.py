"""The engine that routes are drawn with: on the organisation's roads where there are any, else in straight lines."""

from functools import lru_cache
from pathlib import Path

from geodata import ContractionHierarchies, Dijkstra, Engine, GreatCircle, read_roads
from geodata.engines.hierarchies import is_available

ENGINES_KEPT = 4
"""Road graphs kept in memory: reading one takes seconds."""


def engine_of(file: Path) -> Engine:
    """The engine of a road file; without the file, straight lines. Raises RoadFileError."""
    if not file.exists():
        return GreatCircle(1.0)
    state = file.stat()
    return _engine(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=ENGINES_KEPT)
def _engine(file: Path, changed_ns: int, size_bytes: int) -> Engine:
    """The engine of a file in one state."""
    roads = read_roads(file)
    return ContractionHierarchies(roads) if is_available() else Dijkstra(roads)
