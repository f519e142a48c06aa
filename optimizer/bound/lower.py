"""The door: a lower bound for one week of routes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from optimizer.bound.answer import Bound, BoundParams
from optimizer.bound.compiled import drop_stale_kernels
from optimizer.bound.master import Master
from optimizer.bound.network import UNIT
from optimizer.bound.pricing import Room, pricer_of
from optimizer.bound.rounds import Centre, Rounds
from optimizer.bound.start import Prices, Routes, first_duals, has_dropped_rules, known_columns
from optimizer.routing.input import RoutingInput
from optimizer.routing.search import search
from optimizer.stop import Budget

BOX = 0.3
"""Half the width of the box around dual prices, as a share of their mean."""


class Watcher(Protocol):
    """Told after each round: the share of the budget used and the bound so far."""

    def __call__(self, share: float, value: int) -> None: ...


def lower_bound(
    given: RoutingInput,
    *,
    budget: Budget,
    cost: int | None = None,
    plans: Sequence[Routes] = (),
    params: BoundParams | None = None,
    watcher: Watcher | None = None,
) -> Bound:
    """A cost that no plan of an input can be below, by column generation; a budget of iterations counts its rounds.

    `plans` are routes as the search gives them, the best first; `cost` is that plan's and ends the work once the
    wanted gap is proven. Raises ValueError when arrays do not fit together.
    """
    params = params or BoundParams()
    given.check_shapes()
    drop_stale_kernels()
    running = budget.start()
    if not plans and not budget.cancelled():
        first = search(given, seed=0, budget=Budget(iterations=params.search_iterations, cancelled=budget.cancelled))
        plans = [first.routes]
    pricers = [pricer_of(given, route) for route in range(given.routes)]
    prices = Prices(pricers)
    centre = first_duals(given, prices, plans[0] if plans else ())
    master = Master(given, centre, _box_width(given, centre), known_columns(prices, plans))
    days = np.zeros(given.windows.shape[:2])
    rounds = Rounds(given, params, pricers, prices, master, running, cost, Centre(centre, days, np.zeros(0)))
    for _ in range(params.workers):
        rounds.rooms.put(Room())
    with ThreadPoolExecutor(max_workers=params.workers) as pool:
        while not rounds.is_over():
            rounds.turn(pool)
            if watcher is not None:
                watcher(running.fraction(rounds.count), _whole(rounds.value))
    statistics = {
        "rounds": float(rounds.count),
        "labels": float(rounds.labels),
        "columns": float(len(master.columns)),
        "cuts": float(len(master.cuts)),
        "seconds": running.elapsed_seconds(),
    }
    return Bound(_whole(rounds.value), rounds.is_complete, has_dropped_rules(given), statistics)


def _whole(value: int) -> int:
    """Whole cost points, rounded up: every cost is whole."""
    return -(-value // UNIT)


def _box_width(given: RoutingInput, centre: NDArray[np.float64]) -> float:
    """Half the width of the box."""
    worth = centre[given.depots :]
    return max(1.0, BOX * float(np.mean(worth[worth > 0]))) if (worth > 0).any() else 1.0
