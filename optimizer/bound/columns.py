"""What a route costs in the relaxation, stop by stop: the price of a column of the master."""

from optimizer.bound.forward import arrival_after, earliest_start, least_lateness
from optimizer.bound.network import NEVER, Network
from optimizer.routing.input import Int64
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.shared import shared


@entry
def route_price(net: Network, stops: Int64) -> int:
    """Price of a route (places, in order) with its cheapest lunch; NEVER * 1000 or more when it cannot be driven."""
    net = shared(net)
    price, busy, place = net.open_price, 0, len(net.visits)
    for stop in stops:
        leg = net.legs[place, stop]
        price += net.static[stop] + net.travel_price * leg
        busy += leg + net.service[stop]
        place = stop
    leg = net.legs[place, len(net.visits)]
    if busy + leg > net.work_limit:
        return NEVER * 1000
    least = _time_price(net, stops, -1)
    if net.lunch_seconds > 0:
        for gap in range(len(stops) + 1):
            least = min(least, _time_price(net, stops, gap))
    return int(price + net.travel_price * leg + least)


@kernel
def _time_price(net: Network, stops: Int64, gap: int) -> int:
    """Lateness and overtime with lunch in one gap (-1: none)."""
    end, place, late = net.span_start, len(net.visits), 0
    for number in range(len(stops)):
        stop = stops[number]
        arrival = arrival_after(net, end, net.legs[place, stop], number == gap)
        start = earliest_start(net, stop, arrival)
        if start >= NEVER:
            return NEVER * 1000
        late += least_lateness(net, stop, arrival)
        end, place = start + net.service[stop], stop
    back = arrival_after(net, end, net.legs[place, len(net.visits)], len(stops) == gap)
    is_unfed = gap < 0 and net.lunch_seconds > 0
    if back > (min(net.lunch_latest, net.hard_end) if is_unfed else net.hard_end):
        return NEVER * 1000
    return int(net.late_price * late + net.overtime_price * max(0, back - net.soft_end))
