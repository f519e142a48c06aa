"""Maps for planners: places, roads, travel times. Knows nothing of follow-ups, teams or plans."""

from geodata.coordinates import Box, Datum, convert, great_circle_metres, suspect_datum
from geodata.engines import (
    ContractionHierarchies,
    Dijkstra,
    Engine,
    GreatCircle,
    OsrmServer,
    Route,
    Snapped,
    Table,
    fastest_engine,
)
from geodata.errors import (
    CoordinateError,
    EngineMissingError,
    GeodataError,
    ModeError,
    PlaceFileError,
    PlaceTooFarError,
    RoadFileError,
    RoutingServerError,
    UnreachableError,
)
from geodata.matrix import Points, TravelMatrix, travel_matrices, travel_matrix
from geodata.modes import DEFAULT_SPEEDS, SNOW_SPEED_FACTOR, Mode
from geodata.roads import RoadGraph, read_roads

__all__ = [
    "DEFAULT_SPEEDS",
    "SNOW_SPEED_FACTOR",
    "Box",
    "ContractionHierarchies",
    "CoordinateError",
    "Datum",
    "Dijkstra",
    "Engine",
    "EngineMissingError",
    "GeodataError",
    "GreatCircle",
    "Mode",
    "ModeError",
    "OsrmServer",
    "PlaceFileError",
    "PlaceTooFarError",
    "Points",
    "RoadFileError",
    "RoadGraph",
    "Route",
    "RoutingServerError",
    "Snapped",
    "Table",
    "TravelMatrix",
    "UnreachableError",
    "convert",
    "fastest_engine",
    "great_circle_metres",
    "read_roads",
    "suspect_datum",
    "travel_matrices",
    "travel_matrix",
]
