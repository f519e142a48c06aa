"""How far a whole week is from the best possible: a lower bound of the cost that the judge would find for any plan."""

from optimizer.week_bound.answer import WeekBound
from optimizer.week_bound.lower import PRECISIONS, QUICK, week_bound

__all__ = ["PRECISIONS", "QUICK", "WeekBound", "week_bound"]
