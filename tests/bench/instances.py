"""The measuring instances of one township-week, made by the recipe in `prob.py` of the measuring material.

They count time in tenths of a minute from 08:00; the search takes whole numbers of any unit, so they go in as they are.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from optimizer.routing import RoutingInput, blank_input

CASES = {150: "S150", 400: "M400", 1000: "L1000"}
Instance = dict[str, Any]


def load_recipe(folder: Path, name: str) -> ModuleType:
    """A module of the measuring material by its name."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return importlib.import_module(name)


def week_instance(folder: Path, size: int, seed: int) -> Instance:
    """The instance of a size (150, 400 or 1000 visits) as the recipe makes it."""
    instance: Instance = load_recipe(folder, "prob").case(CASES[size], seed)
    return instance


def input_of(instance: Instance, recipe: ModuleType) -> RoutingInput:
    """An instance as input of the search: visit v is node v, the base node 0."""
    routes, days = instance["R"], int(instance["day"].max()) + 1
    given = blank_input(matrices=instance["D"][None], depots=1, routes=routes, days=days)
    given.day[:] = instance["day"]
    given.team[:] = instance["team"]
    given.soft_end[:] = recipe.H
    given.hard_end[:] = recipe.HARD
    given.lunch_earliest[:] = recipe.LS
    given.lunch_latest[:] = recipe.LE
    given.lunch_seconds[:] = recipe.LD
    given.service[:] = instance["svc"]
    given.penalty[:] = instance["pen"]
    given.cost[:] = np.where(instance["ok"], instance["cont"][instance["team"]], -1).T
    given.windows[:, :, 0, 0] = instance["tw"][:, 0, None]
    given.windows[:, :, 0, 1:] = instance["tw"][:, 1, None, None]
    return given
