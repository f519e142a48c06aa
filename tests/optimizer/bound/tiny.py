"""Weeks so small that trying everything tells the truth: a few visits of `full_week`, all its rules kept."""

from collections.abc import Sequence
from functools import cache
from itertools import permutations

import numpy as np

from optimizer.routing import RoutingInput
from tests.optimizer.routing.reference import route_cost
from tests.optimizer.routing.weeks import DEPOTS, PAIRS, full_week

SINGLE = DEPOTS + 2 * PAIRS
"""First node that is no half of a joint visit."""


def tiny_week(seed: int, *, visits: int = 5, routes: Sequence[int] | None = None) -> RoutingInput:
    """A week in which only some single visits, and only some routes, may be used; the others cost nothing to leave."""
    given = full_week(seed)
    given.load[:] = 0  # the one rule of a route that the bound leaves out
    random = np.random.default_rng(seed + 1000)
    kept = SINGLE + random.permutation(given.nodes - SINGLE)[:visits]
    dropped = np.setdiff1d(np.arange(DEPOTS, given.nodes), kept)
    given.cost[dropped] = -1
    given.penalty[dropped] = 0
    if routes is not None:
        given.cost[:, np.setdiff1d(np.arange(given.routes), list(routes))] = -1
    return given


def visits_of(given: RoutingInput) -> tuple[int, ...]:
    """Visits that some route may make."""
    return tuple(np.flatnonzero((given.cost >= 0).any(axis=1) & (np.arange(given.nodes) >= given.depots)).tolist())


def best_route(given: RoutingInput, route: int, visits: Sequence[int]) -> int | None:
    """Cost of the cheapest order of visits on a route."""
    costs = [route_cost(given, route, order) for order in permutations(visits)]
    return min((cost for cost in costs if cost is not None), default=None)


def best_cost(given: RoutingInput) -> int:
    """The least cost of any plan, limits shared by routes left out: every subset of visits on every route."""
    visits = visits_of(given)
    always_left = int(given.penalty[given.depots :].sum() - given.penalty[list(visits)].sum())

    @cache
    def from_route(route: int, left: int) -> int:
        if route == given.routes:
            return sum(int(given.penalty[visit]) for number, visit in enumerate(visits) if left >> number & 1)
        found, subset = from_route(route + 1, left), left
        while subset:
            cost = subset_cost(route, subset)
            if cost is not None:
                found = min(found, cost + from_route(route + 1, left & ~subset))
            subset = (subset - 1) & left
        return found

    @cache
    def subset_cost(route: int, subset: int) -> int | None:
        return best_route(given, route, [visit for number, visit in enumerate(visits) if subset >> number & 1])

    return always_left + from_route(0, (1 << len(visits)) - 1)
