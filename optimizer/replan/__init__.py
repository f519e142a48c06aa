"""Planning a week anew around a plan that residents know: pins, a freeze, a budget of changes, whom to phone."""

from optimizer.replan.answer import Notice, Replanned
from optimizer.replan.params import ReplanParams, Until, before_half_day
from optimizer.replan.replanning import replan

__all__ = ["Notice", "ReplanParams", "Replanned", "Until", "before_half_day", "replan"]
