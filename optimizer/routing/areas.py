"""Taking visits out by what they have in common: a village, a day, a crew, or that they are dear where they are."""

from optimizer.routing.arrays import OPEN, STOPS, Data, Settings, State
from optimizer.routing.kernel import kernel
from optimizer.routing.plan import place_of
from optimizer.routing.randomness import below, uniform
from optimizer.routing.removal import take_out

VILLAGE_SHARE, DAY_SHARE = 0.8, 0.7
"""Chance of a near visit to be taken out."""
SAMPLE = 6
"""Visits of which the dearest is taken out."""
NEXT_CREW = 0.5
"""Chance of a second crew to be emptied."""


@kernel
def _wanted(state: State, settings: Settings) -> int:
    """How many visits to take out: as many as strings do in the mean, drawn between half and one and a half of it."""
    return 1 + int(settings.mean_removed * (0.5 + uniform(state.random)))


@kernel
def is_loose(data: Data, state: State, visit: int) -> bool:
    """Whether a visit is placed and may be taken out."""
    return bool(state.visit[visit].route >= 0 and not data.visit[visit].pinned)


@kernel
def remove_village(data: Data, state: State, settings: Settings, seed: int) -> None:
    """The nearest visits around a seed, whatever crew and day they are with."""
    left = _wanted(state, settings)
    for number in range(data.near.shape[1]):
        visit = data.near[seed, number]
        if left > 0 and is_loose(data, state, visit) and uniform(state.random) < VILLAGE_SHARE:
            take_out(data, state, visit)
            left -= 1


@kernel
def remove_day(data: Data, state: State, settings: Settings, seed: int) -> None:
    """The nearest visits around a seed that are made on its day (any day for an absent seed)."""
    if state.visit[seed].route < 0:
        remove_village(data, state, settings, seed)
        return
    left, day = _wanted(state, settings), data.route[state.visit[seed].route].day
    for number in range(data.near.shape[1]):
        visit = data.near[seed, number]
        is_there = is_loose(data, state, visit) and data.route[state.visit[visit].route].day == day
        if left > 0 and is_there and uniform(state.random) < DAY_SHARE:
            take_out(data, state, visit)
            left -= 1


@kernel
def empty_route(data: Data, state: State, route: int) -> None:
    """All visits of a route that may be taken out."""
    for place in range(state.route[route].length - 1, -1, -1):
        visit = state.stops[route, place]
        if not data.visit[visit].pinned:
            take_out(data, state, visit)


@kernel
def remove_crew(data: Data, state: State, settings: Settings, seed: int) -> None:
    """The route of a seed whole, at times with the route of the nearest visit that is with another crew.

    Where routes are long, strings around the seed instead: emptying such a route is another problem, not a step.
    """
    route = state.visit[seed].route
    if route < 0 or state.totals[STOPS] > 2.0 * settings.mean_removed * max(1, state.totals[OPEN]):
        remove_village(data, state, settings, seed)
        return
    other = -1
    if uniform(state.random) < NEXT_CREW:
        for number in range(data.near.shape[1]):
            found = state.visit[data.near[seed, number]].route
            if found >= 0 and found != route:
                other = found
                break
    empty_route(data, state, route)
    if other >= 0:
        empty_route(data, state, other)


@kernel
def saving(data: Data, state: State, visit: int) -> int:
    """What a route saves in travel and static price without one of its visits."""
    route = state.visit[visit].route
    place, matrix = place_of(state, route, visit), data.route[route].matrix
    before = state.stops[route, place - 1] if place > 0 else data.route[route].start_node
    last = place + 1 >= state.route[route].length
    after = data.route[route].end_node if last else state.stops[route, place + 1]
    legs = int(data.travel[matrix, before, visit]) + int(data.travel[matrix, visit, after])
    return data.travel_weight * (legs - int(data.travel[matrix, before, after])) + int(data.cost[visit, route])


@kernel
def remove_dearest(data: Data, state: State, settings: Settings) -> None:
    """One after the other the dearest of a few drawn visits."""
    for _ in range(_wanted(state, settings)):
        dearest, most = -1, -1
        for _ in range(SAMPLE):
            visit = data.depots + below(state.random, len(data.visit) - data.depots)
            if is_loose(data, state, visit):
                price = saving(data, state, visit)
                if price > most:
                    dearest, most = visit, price
        if dearest >= 0:
            take_out(data, state, dearest)
