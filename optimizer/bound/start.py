"""Where the rounds begin: routes of known plans, and dual prices read off the first of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.bound.columns import route_price
from optimizer.bound.master import Column
from optimizer.bound.network import NEVER, UNIT
from optimizer.bound.pricing import Pricer
from optimizer.routing.input import NOBODY, RoutingInput

Routes = Sequence[Sequence[int]]


class Prices:
    """Prices of whole routes, by node numbers."""

    def __init__(self, pricers: Sequence[Pricer]) -> None:
        self._nets = [pricer.net for pricer in pricers]
        self._places = [{int(node): place for place, node in enumerate(net.visits)} for net in self._nets]

    def of(self, route: int, visits: Sequence[int]) -> int | None:
        """Price in thousandths, None where the route cannot be driven; 0 without visits."""
        if not visits:
            return 0
        places = self._places[route]
        if any(visit not in places for visit in visits):
            return None
        price = route_price(self._nets[route], np.array([places[visit] for visit in visits], np.int64))
        return None if price >= NEVER * UNIT else int(price)


def known_columns(prices: Prices, plans: Sequence[Routes]) -> dict[Column, int]:
    """Every route of the plans, on every crew-day that may drive it."""
    found: dict[Column, int] = {}
    routes = len(plans[0]) if plans else 0
    for visits in dict.fromkeys(tuple(map(int, route)) for plan in plans for route in plan if len(route)):
        for route in range(routes):
            price = prices.of(route, visits)
            if price is not None and len(set(visits)) == len(visits):
                found[route, visits] = price
    return found


def first_duals(given: RoutingInput, prices: Prices, plan: Routes) -> NDArray[np.float64]:
    """(N,) what each visit costs in a plan: what its route would save without it, and a share of what is left of the
    route's price; what leaving costs where it is absent."""
    duals = given.penalty.astype(np.float64)
    duals[: given.depots] = 0
    for route, listed in enumerate(plan):
        visits = tuple(map(int, listed))
        whole = prices.of(route, visits)
        if whole is None or not visits:
            continue
        without = [prices.of(route, visits[:place] + visits[place + 1 :]) for place in range(len(visits))]
        saved = [0 if rest is None else max(0, whole - rest) for rest in without]
        duals[list(visits)] = (np.array(saved) + (whole - sum(saved)) / len(visits)) / UNIT
    return duals


def has_dropped_rules(given: RoutingInput) -> bool:
    """Whether the input has rules that the relaxation leaves out."""
    has_shared = bool((given.coupled != NOBODY).any())
    has_days = bool((given.group != NOBODY).any()) or bool((given.partner != NOBODY).any())
    has_load = bool((given.load > 0).any()) and bool((given.capacity < given.load.sum()).any())
    return has_shared or has_days or has_load or given.waiting_weight > 0 or bool(given.pinned.any())
