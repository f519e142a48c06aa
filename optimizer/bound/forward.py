"""Beginnings of a route, up to the middle of the day."""

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


@inlined
def earliest_start(net: Network, visit: int, arrival: int) -> int:
    """First possible start at or after an arrival, NEVER when there is none."""
    for number in range(net.window_count[visit]):
        if arrival <= net.windows[visit, number, 2]:
            return int(max(arrival, net.windows[visit, number, 0]))
    return NEVER


@kernel
def least_lateness(net: Network, visit: int, arrival: int) -> int:
    """Least seconds of lateness of any start at or after an arrival, also of one that waits for a later window."""
    least = NEVER
    for number in range(net.window_count[visit]):
        if arrival <= net.windows[visit, number, 2]:
            start = max(arrival, net.windows[visit, number, 0])
            least = min(least, max(0, start - net.windows[visit, number, 1]))
    return int(least)


@inlined
def arrival_after(net: Network, end: int, leg: int, has_lunch: bool) -> int:
    """Arrival after a leg, with lunch on it or not; NEVER when lunch would begin too late."""
    if not has_lunch:
        return end + leg
    if end > net.lunch_latest:
        return NEVER
    return int(max(end + leg, net.lunch_earliest) + net.lunch_seconds)


@inlined
def bucket_width(net: Network) -> int:
    """Seconds of one bucket."""
    return (net.hard_end - net.span_start) // BUCKETS + 1


@entry
def build_forward(net: Network, task: Task, labels: Labels) -> bool:
    """Fill all beginnings that no other makes needless; False when the room does not suffice or it has to stop."""
    net, task, labels = shared(net), shared(task), shared(labels)
    clear(labels)
    base = len(net.visits)
    labels.row[0, :] = 0
    labels.row[0, COST] = net.open_price
    labels.row[0, TIME] = net.span_start
    enqueue(labels, 0, -1, (2 * base + (0 if net.lunch_seconds > 0 else 1)) * KEYS, 0)
    for bucket in range(BUCKETS):
        while labels.bucket[bucket] >= 0:
            label = dequeue(labels, bucket)
            if not settle(net, task, labels, label, True):
                continue
            if is_too_long(task, labels, label, 2 * base):
                return False
            _extend(net, task, labels, label)
    merge_keys(labels)
    return True


@kernel
def _extend(net: Network, task: Task, labels: Labels, label: int) -> None:
    """Every visit that may follow a label, with lunch before it or not."""
    place, is_fed = place_of(labels, label), lunch_of(labels, label)
    for number in range(net.after_count[place]):
        visit = net.after[place, number]
        if has_bit(labels, label, visit):
            continue
        _add(net, task, labels, label, visit, is_fed, False)
        if not is_fed:
            _add(net, task, labels, label, visit, 1, True)


@inlined
def _add(net: Network, task: Task, labels: Labels, parent: int, visit: int, is_fed: int, has_lunch: bool) -> None:
    """The label after one more visit, when it ends in time."""
    row = labels.row
    leg = net.legs[place_of(labels, parent), visit]
    arrival = arrival_after(net, row[parent, TIME], leg, has_lunch)
    start = earliest_start(net, visit, arrival)
    end = start + net.service[visit]
    busy = row[parent, BUSY] + leg + net.service[visit]
    if end > task.middle or busy > net.work_limit or (not is_fed and end > net.lunch_latest):
        return
    late = least_lateness(net, visit, arrival) if net.piece_count[visit] > 1 else 0
    label = labels.used[0]
    row[label, COST] = row[parent, COST] + net.travel_price * leg + task.prize[visit] + net.late_price * late
    row[label, TIME] = end
    row[label, BUSY] = busy if net.work_limit < NEVER else 0
    row[label, TIMELY] = 0
    take_visit(task, labels, label, parent, visit)
    number = list_of(task, labels, label, visit, is_fed)
    if is_covered(net, task, labels, label, number, GLANCES):
        return
    enqueue(labels, label, parent, number, (end - net.span_start) // bucket_width(net))
