"""Small days with many pairs, for exact timing: soft windows with lateness, or hard windows and overtime."""

from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.routing import RoutingInput, Timing, blank_input

MINUTE = 60


def paired_day(
    seed: int,
    *,
    visits: int = 16,
    pairs: int = 4,
    routes: int = 3,
    is_hard: bool = False,
    penalty: int = 10**6,
    windows: int = 1,
    lunch: bool = False,
    **more: Any,
) -> RoutingInput:
    """Visits on a plain of 40 minutes; the first nodes are pairs, every second of which is done one after the other."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 40, (visits + 1, 2))
    places[2 : 2 * pairs + 1 : 2] = places[1 : 2 * pairs + 1 : 2]
    matrix = np.ceil(MINUTE * np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))).astype(np.int32)
    given = blank_input(matrices=matrix[None], depots=1, routes=routes, windows=windows)
    given = replace(
        given,
        timing=Timing.EXACT,
        late_weight=0 if is_hard else 1,
        highest_late_weight=0 if is_hard else 2,
        overtime_weight=3 if is_hard else 0,
        **more,
    )
    given.team[:] = np.arange(routes)
    given.soft_end[:], given.hard_end[:] = 500 * MINUTE, (600 if is_hard else 10**5) * MINUTE
    given.service[1:] = random.integers(5, 30, visits) * MINUTE
    given.penalty[1:] = penalty
    given.open_cost[:] = 100
    given.cost[1:] = random.choice([-1, 0, 0, 50], (visits, routes))
    begins = random.integers(0, 300, visits) * MINUTE
    given.windows[1:, 0, 0, 0] = begins
    given.windows[1:, 0, 0, 1] = begins + random.integers(60, 150, visits) * MINUTE
    given.windows[1:, 0, 0, 2] = given.windows[1:, 0, 0, 1] if is_hard else 10**7
    for number in range(1, windows):
        given.window_count[1:] = windows
        given.windows[1:, 0, number, 0] = given.windows[1:, 0, number - 1, 1] + random.integers(20, 80, visits) * MINUTE
        given.windows[1:, 0, number, 1] = given.windows[1:, 0, number, 0] + random.integers(30, 90, visits) * MINUTE
        given.windows[1:, 0, number, 2] = given.windows[1:, 0, number, 1] if is_hard else 10**7
    if lunch:
        given.lunch_earliest[:], given.lunch_latest[:] = 180 * MINUTE, 330 * MINUTE
        given.lunch_seconds[:] = 30 * MINUTE
    for lead in range(1, 2 * pairs + 1, 2):
        given.partner[lead], given.partner[lead + 1] = lead + 1, lead
        given.windows[lead + 1] = given.windows[lead]
        given.penalty[lead + 1] = 0
        if lead % 4 == 3:
            given.gap_least[lead], given.gap_most[lead] = 20 * MINUTE, 45 * MINUTE
    return given
