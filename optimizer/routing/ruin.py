"""Taking visits out: strings of neighbouring stops on routes near a seed, an area, or room for an absent joint visit.

Slack induction by string removals, Christiaens and Vanden Berghe (2020), section 4.1; the split string of section
4.1.3 with half a chance. Pinned visits stay where they are.
"""

from optimizer.routing.areas import remove_crew, remove_day, remove_dearest, remove_village
from optimizer.routing.arrays import (
    CREW,
    DAY,
    DEAREST,
    EARLY,
    KIND,
    NEVER,
    OPEN,
    PAIR,
    REMOVED,
    STOPS,
    STRINGS,
    VILLAGE,
    Data,
    Settings,
    State,
)
from optimizer.routing.kernel import kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.operators import draw_kind
from optimizer.routing.plan import mark_absent, place_of, set_length
from optimizer.routing.randomness import below, uniform
from optimizer.routing.removal import note_removed, take_out


@kernel
def ruin(data: Data, state: State, settings: Settings) -> None:
    """Take visits out; `removed` then holds them, and the total PAIR the joint visit that room was made for, or -1."""
    state.totals[REMOVED] = 0
    pair = -1
    if len(data.leads) and uniform(state.random) < settings.pair_ruin:
        pair = _absent_pair(data, state)
    if pair < 0 or not clear_room(data, state, pair):
        pair = -1
        if len(data.visit) > data.depots:
            _remove_around(data, state, settings, data.depots + below(state.random, len(data.visit) - data.depots))
    remove_other_halves(data, state)
    if len(data.members) and uniform(state.random) < settings.whole_groups:
        _complete_groups(data, state)
    state.totals[PAIR] = pair
    if pair >= 0:
        state.totals[KIND] = -1


@kernel
def _remove_around(data: Data, state: State, settings: Settings, seed: int) -> None:
    """Take out visits around a seed in a way drawn by what it has gained."""
    kind = STRINGS if uniform(state.random) < settings.string_share else draw_kind(state)
    state.totals[KIND] = kind
    if kind == VILLAGE:
        remove_village(data, state, settings, seed)
    elif kind == DAY:
        remove_day(data, state, settings, seed)
    elif kind == CREW:
        remove_crew(data, state, settings, seed)
    elif kind == DEAREST:
        remove_dearest(data, state, settings)
    else:
        remove_strings(data, state, settings, seed)


@kernel
def remove_strings(data: Data, state: State, settings: Settings, seed: int) -> None:
    """Remove one string from each of some routes near a seed visit (section 4.1.1, equations 5 to 9)."""
    mean_length = state.totals[STOPS] / max(1, state.totals[OPEN])
    longest = min(float(settings.longest_string), mean_length)
    most_strings = 4.0 * settings.mean_removed / (1.0 + longest) - 1.0
    strings = int(uniform(state.random) * most_strings + 1.0)
    day = -1
    if len(data.members) and state.visit[seed].route >= 0 and uniform(state.random) < settings.one_day:
        day = data.route[state.visit[seed].route].day
    for number in range(data.near.shape[1]):
        if strings <= 0:
            break
        visit = data.near[seed, number]
        route = state.visit[visit].route
        if route < 0 or _has_given_up(state, route) or (day >= 0 and data.route[route].day != day):
            continue
        remove_string(data, state, route, visit, min(float(state.route[route].length), longest))
        strings -= 1


@kernel
def _has_given_up(state: State, route: int) -> bool:
    """Whether a string was already taken from a route in this iteration."""
    return bool(state.route[route].is_touched)


@kernel
def remove_string(data: Data, state: State, route: int, visit: int, longest: float) -> None:
    """Remove stops around a visit, half of the times with a block in between that stays."""
    count, place = state.route[route].length, place_of(state, route, visit)
    length = min(int(uniform(state.random) * longest + 1.0), count)
    stay = 0
    if length < count and uniform(state.random) < 0.5:
        stay = 1
        while length + stay < count and uniform(state.random) > 0.5:
            stay += 1
    lowest, highest = max(0, place - length - stay + 1), min(place, count - length - stay)
    begin = lowest + below(state.random, highest - lowest + 1)
    stay_from = begin + (below(state.random, length + 1) if stay > 0 else 0)
    kept = begin
    for number in range(begin, count):
        stop = state.stops[route, number]
        is_inside = number < begin + length + stay and not stay_from <= number < stay_from + stay
        if is_inside and not data.visit[stop].pinned:
            mark_absent(data, state, stop)
            note_removed(state, stop)
        else:
            state.stops[route, kept] = stop
            kept += 1
    set_length(data, state, route, kept)


@kernel
def remove_other_halves(data: Data, state: State) -> None:
    """Take out the halves of joint visits whose other half was removed."""
    number = 0
    while number < state.totals[REMOVED]:
        other = data.visit[state.removed[number]].partner
        if other >= 0 and state.visit[other].route >= 0:
            take_out(data, state, other)
        number += 1


@kernel
def _complete_groups(data: Data, state: State) -> None:
    """Take out the other visits of the groups of which one was removed."""
    number = 0
    while number < state.totals[REMOVED]:
        group = data.visit[state.removed[number]].group
        if group >= 0:
            for place in range(data.members.shape[1]):
                visit = data.members[group, place]
                if visit >= 0 and state.visit[visit].route >= 0:
                    take_out(data, state, visit)
        number += 1


@kernel
def _absent_pair(data: Data, state: State) -> int:
    """A joint visit that is absent, found in a few draws, or -1."""
    for _ in range(8):
        visit = data.leads[below(state.random, len(data.leads))]
        if state.visit[visit].route < 0:
            return int(visit)
    return -1


@kernel
def clear_room(data: Data, state: State, visit: int) -> bool:
    """Take one to four stops out of two routes that could meet for a joint visit, around a time that suits it."""
    other = data.visit[visit].partner
    here, there = _draw_route(data, state, visit), -1
    for _ in range(16):
        route = _draw_route(data, state, other)
        if route >= 0 and here >= 0 and may_meet(data, here, route):
            there = route
            break
    if there < 0:
        return False
    window = below(state.random, data.window_count[visit, data.route[here].day])
    first = max(data.route[here].span_start, int(data.windows[visit, data.route[here].day, window, 0]))
    last = min(data.route[here].soft_end, int(data.windows[visit, data.route[here].day, window, 1]))
    time = first + below(state.random, max(1, last - first))
    clear_around(data, state, here, time)
    clear_around(data, state, there, time + data.visit[visit].gap_least)
    note_removed(state, visit)
    note_removed(state, other)
    return True


@kernel
def _draw_route(data: Data, state: State, visit: int) -> int:
    """One of the routes allowed for a visit, or -1."""
    first, after = data.visit[visit].allowed_from, data.visit[visit].allowed_after
    return data.allowed[first + below(state.random, after - first)] if after > first else -1


@kernel
def clear_around(data: Data, state: State, route: int, time: int) -> None:
    """Take out up to four stops of a route, those that end nearest to a time."""
    for _ in range(1 + below(state.random, 4)):
        nearest, distance = -1, NEVER
        for place in range(state.route[route].length):
            stop = state.stops[route, place]
            apart = abs(int(state.labels[route, place + 1, EARLY]) - time)
            if apart < distance and not data.visit[stop].pinned:
                nearest, distance = stop, apart
        if nearest >= 0:
            take_out(data, state, nearest)
