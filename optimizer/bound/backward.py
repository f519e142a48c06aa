"""Ends of a route, from the base back to the middle of the day.

An end tells what arriving at its first visit at a time costs: a price up to a timely arrival, rising with overtime up
to the latest one. Lunch and hard windows keep that form; of a soft window each piece has one price.
"""

from optimizer.bound.forward import bucket_width
from optimizer.bound.labels import (
    BUCKETS,
    BUSY,
    COST,
    GLANCES,
    KEYS,
    TIME,
    TIMELY,
    Labels,
    Task,
    clear,
    dequeue,
    enqueue,
    has_bit,
    is_covered,
    is_too_long,
    list_of,
    lunch_of,
    merge_keys,
    place_of,
    settle,
    take_visit,
)
from optimizer.bound.network import NEVER, Network
from optimizer.routing.kernel import entry, inlined, kernel
from optimizer.routing.shared import shared


@entry
def build_backward(net: Network, task: Task, labels: Labels) -> bool:
    """Fill all ends that no other makes needless; False when the room does not suffice or it has to stop."""
    net, task, labels = shared(net), shared(task), shared(labels)
    clear(labels)
    base = len(net.visits)
    _root(net, labels, 2 * base * KEYS, net.hard_end)
    if net.lunch_seconds > 0:
        _root(net, labels, (2 * base + 1) * KEYS, min(net.lunch_latest, net.hard_end))
    most = net.pieces.shape[1]
    for bucket in range(BUCKETS):
        while labels.bucket[bucket] >= 0:
            label = dequeue(labels, bucket)
            if not settle(net, task, labels, label, False):
                continue
            if is_too_long(task, labels, label, 2 * most * base):
                return False
            _extend(net, task, labels, label)
    merge_keys(labels)
    return True


@kernel
def _root(net: Network, labels: Labels, number: int, latest: int) -> None:
    """Coming back to the base."""
    label = labels.used[0]
    labels.row[label, :] = 0
    labels.row[label, TIME] = -latest
    labels.row[label, TIMELY] = net.soft_end
    enqueue(labels, label, -1, number, _bucket(net, latest))


@inlined
def _bucket(net: Network, latest: int) -> int:
    """Bucket of a latest arrival: the latest first."""
    return int((net.hard_end - latest) // bucket_width(net))


@kernel
def _extend(net: Network, task: Task, labels: Labels, label: int) -> None:
    """Every visit that may come before a label, with lunch after it or not."""
    place, kind = place_of(labels, label), lunch_of(labels, label)
    latest, timely = -labels.row[label, TIME], labels.row[label, TIMELY]
    fed = net.lunch_earliest + net.lunch_seconds
    for number in range(net.before_count[place]):
        visit = net.before[place, number]
        if has_bit(labels, label, visit):
            continue
        leg = net.legs[visit, place]
        _add(net, task, labels, label, visit, kind, latest - leg, timely - leg, 0)
        if kind == 0 and net.lunch_seconds > 0 and fed <= latest:
            end = min(net.lunch_latest, latest - net.lunch_seconds - leg)
            timely_end = max(timely - net.lunch_seconds, net.lunch_earliest) - leg
            _add(net, task, labels, label, visit, 1, end, timely_end, net.overtime_price * max(0, fed - timely))


@kernel
def _add(
    net: Network, task: Task, labels: Labels, parent: int, visit: int, kind: int, end: int, timely_end: int, price: int
) -> None:
    """The labels with one more visit in front that has to end by a time, one for each piece of its windows."""
    row = labels.row
    service = net.service[visit]
    leg = net.legs[visit, place_of(labels, parent)]
    busy = row[parent, BUSY] + leg + service
    if busy > net.work_limit:
        return
    price += row[parent, COST] + net.travel_price * leg + task.prize[visit]
    for number in range(net.piece_count[visit]):
        begin = net.pieces[visit, number, 0]
        latest = min(net.pieces[visit, number, 1], end - service)
        if latest < begin or latest < net.span_start or latest + service <= task.middle:
            continue
        timely = timely_end - service
        label = labels.used[0]
        row[label, COST] = price + net.pieces[visit, number, 2] + net.overtime_price * max(0, begin - timely)
        row[label, TIME] = -latest
        row[label, BUSY] = busy if net.work_limit < NEVER else 0
        row[label, TIMELY] = max(begin, timely)
        take_visit(task, labels, label, parent, visit)
        listed = list_of(task, labels, label, visit, kind)
        if not is_covered(net, task, labels, label, listed, GLANCES):
            enqueue(labels, label, parent, listed, _bucket(net, latest))
