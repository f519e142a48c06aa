"""How far from the best possible a week of routes can be: a lower bound of its cost, proven by column generation."""

from optimizer.bound.answer import Bound, BoundParams
from optimizer.bound.lower import Watcher, lower_bound

__all__ = ["Bound", "BoundParams", "Watcher", "lower_bound"]
