"""Partial routes as rows of one table, and when one of them makes another needless.

A label built forward is a beginning of a route, one built backward an end of it. The columns are such that less is
never worse in both directions, so one rule of dominance serves both (Righini and Salani 2006, section 3).
"""

from typing import NamedTuple

import numpy as np

from optimizer.bound.network import Network
from optimizer.routing.input import MOST_STOPS, Int32, Int64
from optimizer.routing.kernel import inlined, kernel

# Columns of Labels.row; the sets of visits and then of cuts follow.
COST, TIME, BUSY, TIMELY, NEXT, SETS = 0, 1, 2, 3, 4, 5
"""Price so far; end of service forward, the negative of the latest arrival backward; travel and service seconds;
backward the latest arrival without further overtime (forward 0); next dearer label of the same list, beside what is
compared because the walk along a list is the hottest loop."""
# Columns of Labels.link.
CHAIN, PARENT, LIST, STOPS = 0, 1, 2, 3
"""Next of the same bucket; label before; list; number of visits. A list is a place, whether lunch is behind (forward)
or a crew may arrive before lunch (backward), and which of a few visits are remembered:
(place * 2 + lunch) * KEYS + key."""
KEY_BITS = 6
KEYS = 1 << KEY_BITS
"""Only lists whose key is part of a label's key can hold what makes it needless."""
BUCKETS = 1024
GLANCES = 6
"""Settled labels of each list that a new label is held against before it is kept."""


class Task(NamedTuple):
    """What one pricing asks for: prices of this round, what labels remember, how they are compared."""

    prize: Int64
    """(m + 1,) static price of a visit less its dual price."""
    memory: Int64
    """(m + 1, words) bits of the visits that a label at a place still remembers."""
    compared: Int64
    """(m + 1, words) bits of the visits that dominance looks at; all ones: exact."""
    keys: Int64
    """(m + 1, KEY_BITS) visits whose bits make the key at a place, -1: none."""
    cuts: Int64
    """(m + 1, most) cuts that a visit is part of."""
    cut_count: Int64
    """(m + 1,)."""
    cut_price: Int64
    """(cuts,) price of each second visit of a cut."""
    cut_words: int
    middle: int
    """Forward labels end service up to here, backward labels may end it later."""
    stop: Int64
    """(1,) 1: give up; set from outside while the kernel runs."""


class Labels(NamedTuple):
    """Room for the labels of one direction."""

    row: Int64
    """(most, SETS + words + cut words)."""
    link: Int32
    """(most, 4)."""
    head: Int64
    """(2 (m + 1) KEYS,) cheapest settled label of each list, -1: none."""
    bucket: Int64
    """(BUCKETS,) labels to be looked at, by time; -1: none."""
    used: Int64
    """(1,) labels in use."""


def blank_labels(most: int, places: int, columns: int) -> Labels:
    """Room for so many labels."""
    return Labels(
        row=np.zeros((most, columns), np.int64),
        link=np.zeros((most, 4), np.int32),
        head=np.full(2 * places * KEYS, -1, np.int64),
        bucket=np.full(BUCKETS, -1, np.int64),
        used=np.zeros(1, np.int64),
    )


@kernel
def clear(labels: Labels) -> None:
    """Forget all labels."""
    labels.head[:] = -1
    labels.bucket[:] = -1
    labels.used[0] = 0


@inlined
def has_bit(labels: Labels, label: int, visit: int) -> bool:
    """Whether a label remembers a visit."""
    return bool((labels.row[label, SETS + (visit >> 6)] >> (visit & 63)) & 1)


@inlined
def bit_number(bit: int) -> int:
    """Number of the one bit that is set."""
    bits = np.uint64(bit) - np.uint64(1)
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@kernel
def bits_price(task: Task, word: int, bits: int) -> int:
    """Prices of the cuts in one word."""
    price = 0
    while bits != 0:
        low = bits & -bits
        price += task.cut_price[64 * word + bit_number(low)]
        bits ^= low
    return int(price)


@inlined
def dominates(net: Network, task: Task, labels: Labels, first: int, second: int, place: int) -> bool:
    """Whether every route completed from the second label is no cheaper than the first completed in the same way.

    The first may still have to pay for cuts of which it has seen one visit more (Jepsen et al. 2008, section 5).
    """
    row = labels.row
    if row[first, TIME] > row[second, TIME] or row[first, BUSY] > row[second, BUSY]:
        return False
    words = task.memory.shape[1]
    for word in range(words):
        if row[first, SETS + word] & ~row[second, SETS + word] & task.compared[place, word]:
            return False
    lead = row[second, COST] - row[first, COST]
    lead = min(lead, lead - net.overtime_price * (row[second, TIMELY] - row[first, TIMELY]))
    if lead < 0:
        return False
    for word in range(task.cut_words):
        bits = row[first, SETS + words + word] & ~row[second, SETS + words + word]
        if bits != 0:
            lead -= bits_price(task, word, bits)
    return bool(lead >= 0)


@inlined
def list_of(task: Task, labels: Labels, label: int, place: int, lunch: int) -> int:
    """The list of a new label."""
    key = 0
    for bit in range(KEY_BITS):
        visit = task.keys[place, bit]
        if visit >= 0 and has_bit(labels, label, visit):
            key |= 1 << bit
    return (2 * place + lunch) * KEYS + key


@inlined
def place_of(labels: Labels, label: int) -> int:
    """Where a label is."""
    return int(labels.link[label, LIST] // (2 * KEYS))


@inlined
def lunch_of(labels: Labels, label: int) -> int:
    """Whether lunch is behind, or before a backward label a crew may arrive without it."""
    return int((labels.link[label, LIST] // KEYS) & 1)


@kernel
def is_covered(net: Network, task: Task, labels: Labels, label: int, number: int, most: int) -> bool:
    """Whether a settled label makes one of a list needless; looks at so many of each list that may hold such labels."""
    row, key, first = labels.row, number & (KEYS - 1), number & ~(KEYS - 1)
    cost, place = row[label, COST], number // (2 * KEYS)
    part = key
    while True:
        other, left = labels.head[first + part], most
        while other >= 0 and left > 0 and row[other, COST] <= cost:
            if dominates(net, task, labels, other, label, place):
                return True
            other = row[other, NEXT]
            left -= 1
        if part == 0:
            return False
        part = (part - 1) & key


@kernel
def settle(net: Network, task: Task, labels: Labels, label: int, has_better_list: bool) -> bool:
    """Put a label into its list, by price, unless another makes it needless."""
    row, number = labels.row, labels.link[label, LIST]
    if is_covered(net, task, labels, label, number, len(row)):
        return False
    is_unfed = has_better_list and not lunch_of(labels, label)
    if is_unfed and is_covered(net, task, labels, label, number + KEYS, len(row)):
        return False
    before, other = -1, labels.head[number]
    while other >= 0 and row[other, COST] <= row[label, COST]:
        before, other = other, row[other, NEXT]
    row[label, NEXT] = other
    if before < 0:
        labels.head[number] = label
    else:
        row[before, NEXT] = label
    return True


@kernel
def merge_keys(labels: Labels) -> None:
    """Make one list, by price, of the lists that differ in their keys only; for joining, when all is settled."""
    for first in range(0, len(labels.head), KEYS):
        step = 1
        while step < KEYS:
            for number in range(first, first + KEYS, 2 * step):
                labels.head[number] = _merge(labels, labels.head[number], labels.head[number + step])
                labels.head[number + step] = -1
            step *= 2


@kernel
def _merge(labels: Labels, one: int, two: int) -> int:
    """The cheapest label of two lists, with all others linked behind it by price."""
    row = labels.row
    if one < 0 or two < 0:
        return max(one, two)
    if row[two, COST] < row[one, COST]:
        one, two = two, one
    first, last = one, one
    one = row[one, NEXT]
    while one >= 0 and two >= 0:
        if row[two, COST] < row[one, COST]:
            one, two = two, one
        row[last, NEXT] = one
        last, one = one, row[one, NEXT]
    row[last, NEXT] = max(one, two)
    return int(first)


@inlined
def take_visit(task: Task, labels: Labels, label: int, parent: int, visit: int) -> None:
    """Sets and cut prices of a new label that adds a visit to its parent."""
    row = labels.row
    words = task.memory.shape[1]
    for word in range(words):
        row[label, SETS + word] = row[parent, SETS + word] & task.memory[visit, word]
    row[label, SETS + (visit >> 6)] |= np.int64(1) << (visit & 63)
    for word in range(task.cut_words):
        row[label, SETS + words + word] = row[parent, SETS + words + word]
    for number in range(task.cut_count[visit]):
        cut = task.cuts[visit, number]
        column, bit = SETS + words + (cut >> 6), np.int64(1) << (cut & 63)
        if row[label, column] & bit:
            row[label, COST] += task.cut_price[cut]
        row[label, column] ^= bit


@inlined
def enqueue(labels: Labels, label: int, parent: int, number: int, bucket: int) -> None:
    """Finish a new label of a list and put it into a bucket."""
    labels.link[label, LIST] = number
    labels.link[label, PARENT] = parent
    labels.link[label, STOPS] = labels.link[parent, STOPS] + 1 if parent >= 0 else 0
    labels.link[label, CHAIN] = labels.bucket[bucket]
    labels.bucket[bucket] = label
    labels.used[0] = label + 1


@inlined
def is_too_long(task: Task, labels: Labels, label: int, room: int) -> bool:
    """Whether a label with so many new ones may not be extended: no room, too many visits, or told to stop."""
    has_room = labels.used[0] + room <= len(labels.row) and labels.link[label, STOPS] < MOST_STOPS
    return bool(not has_room or task.stop[0])


@inlined
def dequeue(labels: Labels, bucket: int) -> int:
    """Take a label out of a bucket."""
    label = labels.bucket[bucket]
    labels.bucket[bucket] = labels.link[label, CHAIN]
    return int(label)
