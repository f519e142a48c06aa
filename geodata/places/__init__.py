"""Lists of places from the files people have: read, cleaned, deduplicated, located, with a report of what was done.

It never derives one village code from the other, never swaps or shifts coordinates, and drops nothing silently.
"""

from geodata.places.cleaning import DEFAULT_ALIASES, LocationSource, Places, clean_places
from geodata.places.reading import COLUMNS, read_places
from geodata.places.report import PlaceNote, PlacesReport

__all__ = [
    "COLUMNS",
    "DEFAULT_ALIASES",
    "LocationSource",
    "PlaceNote",
    "Places",
    "PlacesReport",
    "clean_places",
    "read_places",
]
