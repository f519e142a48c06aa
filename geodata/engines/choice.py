"""The fastest engine that this machine has for a road graph."""

from __future__ import annotations

from geodata.engines.dijkstra import Dijkstra
from geodata.engines.hierarchies import ContractionHierarchies, is_available
from geodata.engines.protocol import Engine
from geodata.modes import DEFAULT_SPEEDS, SpeedTable
from geodata.roads import RoadGraph


def fastest_engine(graph: RoadGraph, speeds: SpeedTable = DEFAULT_SPEEDS) -> Engine:
    """Contraction hierarchies where their library is installed, else Dijkstra; the answers are the same."""
    return ContractionHierarchies(graph, speeds) if is_available() else Dijkstra(graph, speeds)
