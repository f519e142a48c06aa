"""Engines that answer how long and how far between points: four of them behind one protocol."""

from geodata.engines.choice import fastest_engine
from geodata.engines.dijkstra import Dijkstra
from geodata.engines.great_circle import GreatCircle
from geodata.engines.hierarchies import ContractionHierarchies
from geodata.engines.osrm import OsrmServer
from geodata.engines.protocol import Engine, Route, Snapped, Table

__all__ = [
    "ContractionHierarchies",
    "Dijkstra",
    "Engine",
    "GreatCircle",
    "OsrmServer",
    "Route",
    "Snapped",
    "Table",
    "fastest_engine",
]
