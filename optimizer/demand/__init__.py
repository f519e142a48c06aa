"""Invented demand for a given township: staff, sessions and pending follow-ups, as rows of the folder's sheets."""

from optimizer.demand.places import DemoHomes, DemoPlaces, Spot
from optimizer.demand.township import demo_rows

__all__ = ["DemoHomes", "DemoPlaces", "Spot", "demo_rows"]
