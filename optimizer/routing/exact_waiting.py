"""Waiting with exact timing: least starts, but every crew leaves as late as they allow, and its first stops with it.

Leaving later makes the first stops later up to a stop that may not move: it would be late, or the other half of its
pair is bound to its start. What of the waiting is left cannot be saved on the route alone. It is priced for every route
by walking along it, after all starts are known.
"""

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.exact import LOGGED, WAITING, ExactData, ExactState
from optimizer.routing.kernel import inlined, kernel


@inlined
def room(fixed: ExactData, times: ExactState, visit: int) -> int:
    """Seconds by which a placed visit may start later at no cost, as far as it alone is concerned."""
    if times.point[visit].mate >= 0 and fixed.extras.is_tied[visit]:
        return 0
    return int(max(0, fixed.point[visit].due - times.point[visit].start))


@kernel
def route_waiting(fixed: ExactData, times: ExactState, route: int) -> int:
    """Seconds that a route waits when it leaves as late as it can."""
    before, waited, least_room = fixed.leaves + route, 0, NEVER
    visit = times.point[before].next
    while 0 <= visit < fixed.leaves:
        if before < fixed.leaves:
            waited += times.point[visit].start - times.point[before].start - times.point[before].onward
        least_room = min(least_room, waited + room(fixed, times, visit))
        before, visit = visit, times.point[visit].next
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


@inlined
def route_of(fixed: ExactData, state: State, point: int) -> int:
    """The route that a point lies on, below 0 for none."""
    return int(state.visit[point].route if point < fixed.leaves else point - fixed.returns)


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
