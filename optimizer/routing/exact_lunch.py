"""Lunch with exact timing: every route has its gap in the plan, before one of its points, or goes without at a price.

It is taken at the door of the next stop; where it would begin too late there, or before the way home, at the stop in
front. Which gap is best is looked for along the route by itself, with the starts of pairs as they are.
"""

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.exact import IDLE, ExactData, ExactState
from optimizer.routing.exact_extras import BEGIN, END, FROM, LAST, MINUTES, MISSED, UNTIL
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import inlined, kernel


@inlined
def is_in_front(fixed: ExactData, route: int, arrival: int, is_return: bool) -> bool:
    """Whether lunch is taken before the way to the next point and not behind it."""
    return bool(is_return or arrival > fixed.extras.lunch[route, UNTIL])


@inlined
def lunch_begin(fixed: ExactData, route: int, free_at: int, arrival: int, is_leaving: bool, is_return: bool) -> int:
    """When lunch begins on the way between two points; NEVER when it would be too late.

    There is none at the base, but for a route without stops: its lunch waits for the first one.
    """
    lunch = fixed.extras.lunch[route]
    if not is_in_front(fixed, route, arrival, is_return):
        return int(max(arrival, lunch[FROM]))
    if free_at > lunch[UNTIL] or (is_leaving and not is_return):
        return NEVER
    return int(max(free_at, lunch[FROM]))


@inlined
def after_lunch(fixed: ExactData, route: int, free_at: int, arrival: int, is_leaving: bool, is_return: bool) -> int:
    """When the next point is reached, lunch behind; NEVER when it would begin too late."""
    begin = lunch_begin(fixed, route, free_at, arrival, is_leaving, is_return)
    if begin >= NEVER:
        return NEVER
    onward = arrival - free_at if is_in_front(fixed, route, arrival, is_return) else 0
    return int(begin + fixed.extras.lunch[route, MINUTES] + onward)


@kernel
def price_of_gap(fixed: ExactData, times: ExactState, route: int, gap: int) -> int:
    """Price of time of one route with lunch before a point (NOBODY: without); starts of pairs must not rise."""
    before, start, price = fixed.leaves + route, times.point[fixed.leaves + route].start, 0
    waited, least_room, point = 0, NEVER, times.point[fixed.leaves + route].next
    while point >= 0:
        free_at = start + fixed.point[before].service
        arrival, is_leaving = start + times.point[before].onward, before >= fixed.leaves
        is_return = point >= fixed.returns
        if point == gap:
            begin = lunch_begin(fixed, route, free_at, arrival, is_leaving, is_return)
            if begin >= NEVER:
                return NEVER
            if not is_leaving:
                waited += begin - (free_at if is_in_front(fixed, route, arrival, is_return) else arrival)
            least_room = min(least_room, waited + fixed.extras.lunch[route, UNTIL] - begin)
            arrival = after_lunch(fixed, route, free_at, arrival, is_leaving, is_return)
        if is_return:
            price += fixed.point[point].weight * max(0, arrival - fixed.point[point].due)
            break
        window = fixed.extras.windows[point, times.extras.window[point]]
        is_bound = times.point[point].mate >= 0 and fixed.extras.is_tied[point]
        start = max(arrival, times.point[point].start if is_bound else window[BEGIN])
        if start > window[LAST]:
            return NEVER
        late = max(0, start - window[END])
        price += fixed.point[point].weight * late
        if is_bound:
            price += (
                PUSH * (fixed.extras.waiting_weight + fixed.point[point].weight) * (start - times.point[point].start)
            )
        if not is_leaving or point == gap:
            waited += start - arrival
        least_room = min(least_room, waited + (0 if is_bound or late else window[END] - start))
        before, point = point, times.point[point].next
    return int(price + fixed.extras.waiting_weight * max(0, waited - least_room))


PUSH = 3
"""What a second by which the other half of a pair is made later counts as, in prices of waiting and lateness."""


@kernel
def choose_lunch(fixed: ExactData, times: ExactState, route: int) -> None:
    """Put a route's lunch into its cheapest gap, the first of equals, or leave it out when that is cheaper."""
    if fixed.extras.lunch[route, MINUTES] == 0:
        return
    if not is_used(fixed, times, route):
        is_possible = times.point[fixed.leaves + route].start <= fixed.extras.lunch[route, UNTIL]
        eat_before(fixed, times, route, fixed.returns + route if is_possible else NOBODY)
        return
    best, best_gap = price_of_gap(fixed, times, route, NOBODY) + missed_price(fixed, times, route), NOBODY
    point = times.point[fixed.leaves + route].next
    while point >= 0:
        price = price_of_gap(fixed, times, route, point)
        if price < NEVER and price < best:
            best, best_gap = price, point
        point = times.point[point].next
    eat_before(fixed, times, route, best_gap)


@inlined
def missed_price(fixed: ExactData, times: ExactState, route: int) -> int:
    """What it costs to go without lunch: a price, and time that may be more idle than any in the kept plan."""
    minutes = fixed.extras.lunch[route, MINUTES]
    without = times.extras.packed[route] - (minutes if times.extras.eats_before[route] >= 0 else 0)
    idle = times.point[fixed.returns + route].start - without - times.kept_figures[IDLE]
    return int(fixed.extras.lunch[route, MISSED] + fixed.extras.idle_weight * max(0, idle))


@inlined
def is_used(fixed: ExactData, times: ExactState, route: int) -> bool:
    """Whether a route has a stop."""
    return bool(0 <= times.point[fixed.leaves + route].next < fixed.leaves)


@inlined
def lunch_minutes(fixed: ExactData, times: ExactState, route: int) -> int:
    """Length of the lunch that a used route has, 0 where it has none."""
    return int(fixed.extras.lunch[route, MINUTES]) if times.extras.eats_before[route] >= 0 else 0


@inlined
def eat_before(fixed: ExactData, times: ExactState, route: int, gap: int) -> None:
    """Have a route's lunch before one of its points, or none."""
    extras, present = times.extras, times.extras.eats_before[route]
    if present >= 0:
        extras.fed[present] = NOBODY
    if is_used(fixed, times, route):
        extras.packed[route] += fixed.extras.lunch[route, MINUTES] * (int(gap >= 0) - int(present >= 0))
    extras.eats_before[route] = gap
    if gap >= 0:
        extras.fed[gap] = route


@kernel
def hand_lunch_on(fixed: ExactData, times: ExactState, state: State, route: int) -> None:
    """When the point that lunch was before has left the route: have it before the next one that is still there."""
    gap = times.extras.eats_before[route]
    if gap < 0 or gap >= fixed.returns or state.visit[gap].route == route:
        return
    point = gap
    while point < fixed.leaves and state.visit[point].route != route:
        point = times.point[point].next
    eat_before(fixed, times, route, point)


@kernel
def choose_touched_lunches(fixed: ExactData, times: ExactState, state: State, count: int) -> None:
    """Choose the lunches of the routes that differ from the kept plan."""
    for number in range(count):
        choose_lunch(fixed, times, state.touched[number])
