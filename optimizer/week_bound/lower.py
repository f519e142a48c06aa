"""The door: a lower bound of a whole week's cost."""

from collections import defaultdict

import numpy as np

from optimizer.problem import Problem
from optimizer.stop import Budget
from optimizer.week_bound.answer import WeekBound
from optimizer.week_bound.contacts import add_contacts
from optimizer.week_bound.field import Field, add_field
from optimizer.week_bound.hours import Clock
from optimizer.week_bound.offers import offers_of
from optimizer.week_bound.programme import Programme
from optimizer.week_bound.reach import reaches_of
from optimizer.week_bound.solver import EXACT, Solution, solve
from optimizer.week_bound.staff import Staff

PRECISIONS = (1e-3, 1e-4, EXACT)
"""How exactly the programme is solved, one after the other: each gives prices and so a bound."""
QUICK = 1
"""Precisions of the quick bound."""


def week_bound(problem: Problem, *, budget: Budget) -> WeekBound:
    """A cost that no plan of the week which keeps every rule can be below, whatever it does.

    A budget of iterations counts precisions (`QUICK` for a quick bound, at most `len(PRECISIONS)`) and is reproducible.
    When it is cancelled, what is certain of the follow-ups that were read till then is proven still.
    """
    running = budget.start()
    staff = Staff(problem)
    offers = offers_of(problem, staff, budget.cancelled)
    certain = sum(offer.left * count for offer, count in offers.items() if offer.is_hopeless)
    if running.is_over(0):
        return WeekBound(certain, certain, is_complete=False)
    programme = Programme()
    field = Field(problem, staff, Clock(problem, reaches_of(problem)), programme)
    add_field(field)
    add_contacts(field, offers)
    found, done, last = certain, 0, None
    for number, precision in enumerate(PRECISIONS):
        if running.is_over(number):
            break
        solution = solve(programme, precision, running)
        if solution is None:
            break
        done, last = number + 1, solution
        found = max(found, programme.proven(solution.prices))
    statistics = {
        "groups": float(len(offers)),
        "columns": float(len(programme.costs)),
        "rows": float(len(programme.lows)),
        "precisions": float(done),
        "seconds": running.elapsed_seconds(),
    }
    return WeekBound(max(0, found), certain, done == len(PRECISIONS), _parts(programme, last), statistics)


def _parts(programme: Programme, solution: Solution | None) -> dict[str, float]:
    """What the relaxed week spends on each part."""
    if solution is None:
        return {}
    spent: dict[str, float] = defaultdict(float)
    for part, points in zip(programme.parts, solution.values * np.array(programme.costs), strict=True):
        if part:
            spent[part] += float(points)
    return {part: round(points, 1) for part, points in sorted(spent.items())}
