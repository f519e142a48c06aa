"""Small inputs for the search: one with every rule at once from a seed, and one plain day on a straight road."""

from collections.abc import Sequence

import numpy as np

from optimizer.routing import RoutingInput, blank_input

HOUR = 3600
DAYS, ROUTES, DEPOTS, VISITS = 2, 6, 2, 26
PAIRS = 3


def road_day(
    minutes: Sequence[int], *, routes: int = 1, service_minutes: int = 10, penalty: int = 100_000
) -> RoutingInput:
    """Visits on a straight road, so many minutes from the base at its beginning; routes from 8 to 18 without lunch."""
    places = np.array([0, *minutes])
    given = blank_input(matrices=60 * np.abs(places[:, None] - places[None, :])[None], depots=1, routes=routes)
    given.service[1:] = 60 * service_minutes
    given.penalty[1:] = penalty
    given.span_start[:] = 8 * HOUR
    given.soft_end[:] = 18 * HOUR
    given.hard_end[:] = 19 * HOUR
    return given


def full_week(seed: int, *, waiting_weight: int = 0) -> RoutingInput:
    """Two matrices, two bases, two days, half-days and whole days with lunch, several and soft windows, order classes,
    joint visits, shared members, limits of work and load, opening prices, static prices."""
    random = np.random.default_rng(seed)
    nodes = DEPOTS + VISITS
    places = random.uniform(0, 12, (nodes, 2))
    metric = np.abs(places[:, None, :] - places[None, :, :]).sum(axis=2) * 110
    matrices = np.stack([metric, metric * 1.67]).astype(np.int32) + 60
    for matrix in matrices:
        np.fill_diagonal(matrix, 0)
    given = blank_input(matrices=matrices, depots=DEPOTS, routes=ROUTES, days=DAYS, windows=2)
    _routes(given, random)
    _visits(given, random)
    for number in range(PAIRS):
        lead = DEPOTS + 2 * number
        given.partner[lead], given.partner[lead + 1] = lead + 1, lead
        for array in (given.windows, given.window_count, given.service, given.matrices[0], given.matrices[1]):
            array[lead + 1] = array[lead]
        for matrix in given.matrices:
            matrix[:, lead + 1] = matrix[:, lead]
        given.penalty[lead + 1] = 0
    object.__setattr__(given, "waiting_weight", waiting_weight)
    return given


def _routes(given: RoutingInput, random: np.random.Generator) -> None:
    given.start_node[:] = given.end_node[:] = [0, 0, 1, 0, 0, 1]
    given.day[:] = [0, 0, 0, 1, 1, 1]
    given.team[:] = [0, 0, 1, 0, 1, 1]
    given.matrix[:] = [0, 0, 0, 1, 1, 1]
    # Routes 0 and 1 are the morning and the afternoon of one crew, the others whole days with lunch.
    given.span_start[:] = np.array([8, 13.5, 8, 8, 8, 8]) * HOUR
    given.soft_end[:] = np.array([12, 17.5, 17.5, 17.5, 16, 17.5]) * HOUR
    given.hard_end[:] = given.soft_end + HOUR // 2
    given.lunch_earliest[:] = 11 * HOUR + 1800
    given.lunch_latest[:] = 13 * HOUR
    given.lunch_seconds[2:] = HOUR
    given.work_limit[3] = 5 * HOUR
    given.capacity[4] = 6
    given.open_cost[:] = random.integers(0, 2000, ROUTES)
    coupled = np.full((ROUTES, 1), -1, np.int32)
    coupled[0], coupled[1] = 1, 0
    object.__setattr__(given, "coupled", coupled)
    object.__setattr__(given, "coupled_limit", np.full((ROUTES, 1), 6 * HOUR, np.int32))


def _visits(given: RoutingInput, random: np.random.Generator) -> None:
    visits = slice(DEPOTS, None)
    given.service[visits] = random.integers(10, 70, VISITS) * 60
    given.penalty[visits] = random.choice([4_000, 20_000, 60_000], VISITS)
    given.rank[visits] = random.random(VISITS) < 0.15
    given.load[visits] = random.integers(0, 4, VISITS)
    given.cost[visits] = random.choice([-1, 0, 0, 0, 600], (VISITS, ROUTES))
    for visit in range(DEPOTS, DEPOTS + VISITS):
        for day in range(DAYS):
            begin = int(random.integers(8, 14)) * HOUR
            end = begin + int(random.integers(1, 4)) * HOUR
            late = end + (HOUR // 2 if random.random() < 0.3 else 0)
            kind = random.random()
            if kind < 0.3:
                given.windows[visit, day, 0] = (begin, end, late)
            elif kind < 0.5:
                given.windows[visit, day] = [
                    (8 * HOUR, 9 * HOUR, 9 * HOUR),
                    (begin + 3 * HOUR, end + 3 * HOUR, end + 3 * HOUR),
                ]
                given.window_count[visit, day] = 2
            elif kind < 0.6:
                given.window_count[visit, day] = 0
