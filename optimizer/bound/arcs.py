"""Which visits are worth following which at given prices: an arc into a visit that is better left out is no use.

Where leaving a visit out of any route that has the arc saves as much as it earns, and makes no part of the route later,
a cheapest route without the arc exists. So the bound stays exact on real routes, and is a bound on relaxed ones.
"""

from typing import NamedTuple

import numpy as np

from optimizer.bound.network import NEVER, Network
from optimizer.routing.input import Int64
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.shared import shared


class Detours(NamedTuple):
    """(m + 1, m + 1) least price of travel that leaving one end of an arc [from, to] out saves; negative: unknown."""

    second: Int64
    """Its second visit, over all places that may come next."""
    first: Int64
    """Its first visit, over all places that may come before."""


def detours_of(net: Network) -> Detours:
    """The savings of one route; they do not depend on dual prices."""
    places = len(net.visits) + 1
    found = Detours(np.zeros((places, places), np.int64), np.zeros((places, places), np.int64))
    fill_detours(net, found)
    return found


@entry
def fill_detours(net: Network, detours: Detours) -> None:
    """Fill both tables: cubic in the visits."""
    net, detours = shared(net), shared(detours)
    base = len(net.visits)
    for here in range(base + 1):
        for there in range(base + 1):
            detours.second[here, there] = NEVER * NEVER
            detours.first[here, there] = NEVER * NEVER
    for before in range(base + 1):
        for visit in range(base):
            for after in range(base + 1):
                if visit in (before, after) or (before == after and before < base):
                    continue
                saved = _saved(net, before, visit, after)
                detours.second[before, visit] = min(detours.second[before, visit], saved)
                detours.first[visit, after] = min(detours.first[visit, after], saved)


@kernel
def _saved(net: Network, before: int, visit: int, after: int) -> int:
    """Price of travel saved without a visit; below any price when the way without it is not shorter in time."""
    base = len(net.visits)
    around = net.legs[before, visit] + net.legs[visit, after]
    straight = 0 if before == base and after == base else net.legs[before, after]
    if straight > around + net.service[visit]:
        return -NEVER * NEVER
    return int(net.travel_price * (around - straight))


@entry
def keep_useful(net: Network, detours: Detours, prize: Int64, useful: Network) -> None:
    """Fill the lists of `useful` (room of the same shapes) with the arcs of a route that are of use at these prizes."""
    net, detours, useful = shared(net), shared(detours), shared(useful)
    base = len(net.visits)
    for place in range(base + 1):
        useful.after_count[place] = 0
        useful.before_count[place] = 0
        for number in range(net.after_count[place]):
            visit = net.after[place, number]
            if _is_useful(detours, prize, base, place, visit):
                useful.after[place, useful.after_count[place]] = visit
                useful.after_count[place] += 1
        for number in range(net.before_count[place]):
            visit = net.before[place, number]
            if _is_useful(detours, prize, base, visit, place):
                useful.before[place, useful.before_count[place]] = visit
                useful.before_count[place] += 1


@kernel
def _is_useful(detours: Detours, prize: Int64, base: int, here: int, there: int) -> bool:
    """Whether both ends of an arc may earn more than they cost on the way."""
    if there < base and detours.second[here, there] + prize[there] >= 0:
        return False
    return not (here < base and detours.first[here, there] + prize[here] >= 0)


def with_room(net: Network) -> Network:
    """A copy of a route whose lists can be filled anew."""
    return net._replace(
        after=net.after.copy(),
        after_count=net.after_count.copy(),
        before=net.before.copy(),
        before_count=net.before_count.copy(),
    )
