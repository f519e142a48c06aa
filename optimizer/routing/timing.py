"""The schedule of one route, stop by stop, for every gap in which lunch may lie: lateness, waiting, overtime.

Linear in the stops for each gap. The search uses it only where the labels do not tell the price; the answer uses it
for its times. A start is always the earliest possible, and the crew leaves as late as the starts allow.
"""

from optimizer.routing.arrays import NEVER, Data, State
from optimizer.routing.input import Int64
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.windows import earliest_start, lateness


@inlined
def stop_at(state: State, route: int, place: int, visit: int, position: int) -> int:
    """The stop at a place (0..) of a route with a visit put in at a position; visit -1: of the route as it is."""
    if visit < 0 or place < position:
        return int(state.stops[route, place])
    return visit if place == position else int(state.stops[route, place - 1])


@kernel
def timed_cost(data: Data, state: State, route: int, visit: int, position: int) -> int:
    """Least price of lateness, waiting and overtime over all places of lunch; above any real price when infeasible."""
    return int(best_lunch_gap(data, state, route, visit, position)[0])


@kernel
def best_lunch_gap(data: Data, state: State, route: int, visit: int, position: int) -> tuple[int, int]:
    """Price and gap (0: before the first stop, -1: no lunch) of the cheapest schedule, then the earliest return."""
    best, best_back, best_gap = NEVER * 1000, NEVER, -1
    gaps = 0
    if data.route[route].lunch_seconds > 0:
        gaps = state.route[route].length + (1 if visit >= 0 else 0) + 1
    for gap in range(-1, gaps):
        price, back = walk(data, state, route, visit, position, gap, state.no_starts)
        if price < best or (price == best and back < best_back):
            best, best_back, best_gap = price, back, gap
    return best, best_gap


@kernel
def walk(data: Data, state: State, route: int, visit: int, position: int, gap: int, starts: Int64) -> tuple[int, int]:
    """Price of time and return of the schedule with lunch in one gap; fills `starts` when it has room."""
    impossible = (NEVER * 1000, NEVER)
    count = state.route[route].length + (1 if visit >= 0 else 0)
    matrix, day, last = data.route[route].matrix, data.route[route].day, data.route[route].start_node
    end, late, waiting = data.route[route].span_start, 0, 0
    for place in range(count):
        stop = stop_at(state, route, place, visit, position)
        leg = int(data.travel[matrix, last, stop])
        lunch = data.route[route].lunch_seconds if place == gap else 0
        arrival = gap_end(data, route, end, leg, place == gap)
        start = earliest_start(data, state, stop, day, arrival)
        if start >= NEVER:
            return impossible
        if data.soft[stop, day]:
            late += lateness(data, stop, day, start)
        waiting += start - leg - lunch - (leaving(data, route, start, leg, lunch) if place == 0 else end)
        if len(starts):
            starts[place] = start
        end, last = start + data.visit[stop].service, stop
    back = gap_end(data, route, end, int(data.travel[matrix, last, data.route[route].end_node]), count == gap)
    if back > (data.route[route].hard_end if gap >= 0 else data.route[route].home_by):
        return impossible
    overtime = max(0, back - data.route[route].soft_end)
    price = data.late_weight * late + data.waiting_weight * waiting + data.overtime_weight * overtime
    return price, back


@inlined
def gap_end(data: Data, route: int, end: int, leg: int, has_lunch: bool) -> int:
    """Earliest arrival after a gap; NEVER when lunch would begin too late."""
    if not has_lunch:
        return end + leg
    if end > data.route[route].lunch_latest:
        return NEVER
    return int(max(end + leg, data.route[route].lunch_earliest) + data.route[route].lunch_seconds)


@inlined
def leaving(data: Data, route: int, start: int, leg: int, lunch: int) -> int:
    """When the crew leaves for its first stop: as late as possible, but out before a lunch in that gap is due."""
    leave = start - leg - lunch
    return min(leave, data.route[route].lunch_latest) if lunch > 0 else leave
