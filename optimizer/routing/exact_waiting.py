"""Waiting with exact timing: least starts, but every crew leaves as late as they allow, and its first stops with it.

Leaving later makes the first stops later up to a stop that may not move: it would be late, or the other half of its
pair is bound to its start. What of the waiting is left cannot be saved on the route alone. It is priced for every route
by walking along it, after all starts are known.
"""

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.exact import LOGGED, WAITING, ExactData, ExactState
from optimizer.routing.exact_choices import arrival_at, due_of
from optimizer.routing.exact_extras import UNTIL
from optimizer.routing.exact_line import route_of
from optimizer.routing.exact_lunch import is_in_front, lunch_begin
from optimizer.routing.kernel import inlined, kernel


@inlined
def room(fixed: ExactData, times: ExactState, visit: int) -> int:
    """Seconds by which a placed visit may start later at no cost, as far as it alone is concerned."""
    if times.point[visit].mate >= 0 and fixed.extras.is_tied[visit]:
        return 0
    return int(max(0, due_of(fixed, times, visit) - times.point[visit].start))


@kernel
def route_waiting(fixed: ExactData, times: ExactState, route: int) -> int:
    """Seconds that a route waits when it leaves as late as it can."""
    before, waited, least_room = fixed.leaves + route, 0, NEVER
    point = times.point[before].next
    while point >= 0:
        is_fed, is_leaving, is_return = times.extras.fed[point] >= 0, before >= fixed.leaves, point >= fixed.returns
        if is_fed:
            free_at = times.point[before].start + fixed.point[before].service
            arrival = times.point[before].start + times.point[before].onward
            begin = lunch_begin(fixed, route, free_at, arrival, is_leaving, is_return)
            if not is_leaving:
                waited += begin - (free_at if is_in_front(fixed, route, arrival, is_return) else arrival)
            least_room = min(least_room, waited + fixed.extras.lunch[route, UNTIL] - begin)
        if is_return:
            break
        if is_fed or not is_leaving:
            waited += times.point[point].start - arrival_at(fixed, times, before, point)
        least_room = min(least_room, waited + room(fixed, times, point))
        before, point = point, times.point[point].next
    return int(max(0, waited - least_room))


@inlined
def begin_look(times: ExactState) -> int:
    """A number for marking routes as seen."""
    seen = times.extras.seen
    seen[len(seen) - 1] += 1
    return int(seen[len(seen) - 1])


@inlined
def is_new(times: ExactState, route: int, look: int) -> bool:
    """Whether a route was not met before in a look."""
    found = times.extras.seen[route] != look
    times.extras.seen[route] = look
    return bool(found)


@kernel
def waiting_change(fixed: ExactData, times: ExactState, state: State, here: int, there: int) -> int:
    """Change in waiting with the trial that is on the log and changes one route or two (the same twice for one)."""
    look = begin_look(times)
    change = route_waiting(fixed, times, here) - times.extras.waiting[here]
    times.extras.seen[here] = look
    for number in range(-1, times.figures[LOGGED]):
        route = there if number < 0 else route_of(fixed, state, times.log[number, 0])
        if route >= 0 and is_new(times, route, look):
            change += route_waiting(fixed, times, route) - times.extras.waiting[route]
    return int(change)


@inlined
def wait_anew(fixed: ExactData, times: ExactState, route: int) -> None:
    """Reckon one route's waiting."""
    seconds = route_waiting(fixed, times, route)
    times.figures[WAITING] += seconds - times.extras.waiting[route]
    times.extras.waiting[route] = seconds


@kernel
def note_waiting(fixed: ExactData, times: ExactState, state: State, changed: int) -> None:
    """Reckon the waiting of a route with other stops and of those that it moves, or of all (changed below 0)."""
    if changed < 0 or times.figures[LOGGED] < 0:
        for route in range(len(times.extras.waiting)):
            wait_anew(fixed, times, route)
        return
    look = begin_look(times)
    for number in range(times.figures[LOGGED]):
        route = route_of(fixed, state, times.log[number, 0])
        if route >= 0 and is_new(times, route, look):
            wait_anew(fixed, times, route)
    if is_new(times, changed, look):
        wait_anew(fixed, times, changed)
    visit = times.point[fixed.leaves + changed].next
    while 0 <= visit < fixed.leaves:  # a pair put together binds the other route, too
        mate = times.point[visit].mate
        if mate >= 0 and is_new(times, state.visit[mate].route, look):
            wait_anew(fixed, times, state.visit[mate].route)
        visit = times.point[visit].next
