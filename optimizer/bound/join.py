"""Whole routes from beginnings and ends: the cheapest of all, and the next ones as further columns."""

from optimizer.bound.forward import arrival_after, earliest_start
from optimizer.bound.labels import (
    BUSY,
    COST,
    KEYS,
    NEXT,
    PARENT,
    SETS,
    TIME,
    TIMELY,
    Labels,
    Task,
    bits_price,
    lunch_of,
    place_of,
)
from optimizer.bound.network import Network
from optimizer.routing.input import Int64
from optimizer.routing.kernel import entry, inlined, kernel
from optimizer.routing.shared import shared


@entry
def join(net: Network, task: Task, begins: Labels, ends: Labels, best: Int64, pairs: Int64) -> None:
    """Fill the prices of the cheapest routes (K,), in order, and their halves (K, 2); `best` holds the limits before.

    A route is looked at where its next visit would end after the middle, so that it is found once.
    """
    net, task, begins, ends = shared(net), shared(task), shared(begins), shared(ends)
    base = len(net.visits)
    for place in range(base + 1):
        for is_fed in range(2):
            label = begins.head[(2 * place + is_fed) * KEYS]
            while label >= 0:
                for number in range(net.after_count[place]):
                    _join_place(net, task, begins, ends, label, net.after[place, number], best, pairs)
                if place < base:
                    _join_place(net, task, begins, ends, label, base, best, pairs)
                label = begins.row[label, NEXT]


@kernel
def _join_place(
    net: Network, task: Task, begins: Labels, ends: Labels, label: int, place: int, best: Int64, pairs: Int64
) -> None:
    """One beginning with all ends at a place, lunch before, behind or between them."""
    if lunch_of(begins, label):
        _join_list(net, task, begins, ends, label, 2 * place * KEYS, False, best, pairs)
    else:
        _join_list(net, task, begins, ends, label, (2 * place + 1) * KEYS, False, best, pairs)
        _join_list(net, task, begins, ends, label, 2 * place * KEYS, True, best, pairs)


@kernel
def _join_list(
    net: Network,
    task: Task,
    begins: Labels,
    ends: Labels,
    label: int,
    number: int,
    has_lunch: bool,
    best: Int64,
    pairs: Int64,
) -> None:
    """One beginning with the ends of one list, cheapest first."""
    other = ends.head[number]
    if other < 0:
        return
    place = number // (2 * KEYS)
    leg = net.legs[place_of(begins, label), place]
    price = begins.row[label, COST] + net.travel_price * leg
    if price + ends.row[other, COST] >= best[-1]:
        return
    arrival = arrival_after(net, begins.row[label, TIME], leg, has_lunch)
    if place < len(net.visits) and earliest_start(net, place, arrival) + net.service[place] <= task.middle:
        return
    while other >= 0 and price + ends.row[other, COST] < best[-1]:
        busy = begins.row[label, BUSY] + leg + ends.row[other, BUSY]
        if arrival <= -ends.row[other, TIME] and busy <= net.work_limit:
            late = net.overtime_price * max(0, arrival - ends.row[other, TIMELY])
            total = price + ends.row[other, COST] + late
            if total < best[-1]:
                total = _with_sets(task, begins, ends, label, other, total)
                if total < best[-1]:
                    _keep(best, pairs, total, label, other)
        other = ends.row[other, NEXT]


@inlined
def _with_sets(task: Task, begins: Labels, ends: Labels, label: int, other: int, total: int) -> int:
    """The price with cuts that both halves touch; above all limits when a visit is in both."""
    words = task.memory.shape[1]
    for word in range(words):
        if begins.row[label, SETS + word] & ends.row[other, SETS + word]:
            return 1 << 60
    for word in range(task.cut_words):
        bits = begins.row[label, SETS + words + word] & ends.row[other, SETS + words + word]
        if bits != 0:
            total += bits_price(task, word, bits)
    return total


@inlined
def _keep(best: Int64, pairs: Int64, total: int, label: int, other: int) -> None:
    """Sort a route in, the dearest falls out."""
    place = len(best) - 1
    while place > 0 and best[place - 1] > total:
        best[place] = best[place - 1]
        pairs[place, 0], pairs[place, 1] = pairs[place - 1, 0], pairs[place - 1, 1]
        place -= 1
    best[place] = total
    pairs[place, 0] = label
    pairs[place, 1] = other


@entry
def read_route(begins: Labels, ends: Labels, label: int, other: int, stops: Int64) -> int:
    """Fill the visits (places) of a route from its halves; returns how many."""
    begins, ends = shared(begins), shared(ends)
    count = 0
    back = label
    while begins.link[back, PARENT] >= 0:
        count += 1
        back = begins.link[back, PARENT]
    total = count
    back = label
    while begins.link[back, PARENT] >= 0:
        total -= 1
        stops[total] = place_of(begins, back)
        back = begins.link[back, PARENT]
    while ends.link[other, PARENT] >= 0:
        stops[count] = place_of(ends, other)
        count += 1
        other = ends.link[other, PARENT]
    return count
