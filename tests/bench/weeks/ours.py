"""The measured week for our own search: visit v is node v, the base node 0, times stay tenths of a minute."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.routing import RoutingInput, SearchParams, blank_input, search, warm
from optimizer.stop import Budget
from tests.bench.weeks.found import Found, Limit
from tests.bench.weeks.recipe import (
    DAYS,
    LAST_RETURN_TENTHS,
    LUNCH_EARLIEST_TENTHS,
    LUNCH_LATEST_TENTHS,
    LUNCH_TENTHS,
    OVERTIME_WEIGHT,
    SHIFT_END_TENTHS,
    Week,
)


def solve(week: Week, limit: Limit) -> Found:
    """Our plan; compiling does not count."""
    warm()
    began = time.process_time()
    answer = search(
        input_of(week),
        seed=limit.seed,
        budget=Budget(seconds=limit.seconds),
        params=SearchParams(workers=limit.cores),
    )
    taken = time.process_time() - began
    return Found(dict(enumerate(answer.routes)), taken, answer.cost, answer.statistics["iterations"])


def input_of(week: Week) -> RoutingInput:
    """A week as input of the search."""
    given = blank_input(matrices=week.travel_tenths[None], depots=1, routes=len(week.route_day), days=DAYS)
    continuity: NDArray[Any] = week.continuity_tenths[week.route_team]
    _fill(given.day, week.route_day)
    _fill(given.team, week.route_team)
    _fill(given.soft_end, SHIFT_END_TENTHS)
    _fill(given.hard_end, LAST_RETURN_TENTHS)
    _fill(given.lunch_earliest, LUNCH_EARLIEST_TENTHS)
    _fill(given.lunch_latest, LUNCH_LATEST_TENTHS)
    _fill(given.lunch_seconds, LUNCH_TENTHS)
    _fill(given.service, week.service_tenths)
    _fill(given.penalty, week.penalty_tenths)
    _fill(given.cost, np.where(week.allowed, continuity, -1).T)
    _fill(given.windows[:, :, 0, 0], week.windows_tenths[:, :1])
    _fill(given.windows[:, :, 0, 1:], week.windows_tenths[:, 1, None, None])
    assert given.overtime_weight == OVERTIME_WEIGHT
    return given


def _fill(target: NDArray[Any], values: NDArray[Any] | int) -> None:
    """Write values into an array of the input."""
    target[...] = values
