"""Compiling ahead of the first plan."""

import numpy as np

from optimizer.routing.input import blank_input
from optimizer.routing.search import search
from optimizer.stop import Budget


def warm() -> None:
    """Compile all kernels, or load them from the cache on disk; takes some seconds the first time."""
    given = blank_input(matrices=np.full((1, 3, 3), 60), depots=1, routes=1)
    given.penalty[:] = 1000
    search(given, seed=0, budget=Budget(iterations=2))
