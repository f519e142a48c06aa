"""The times of a route with exact timing, for the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.routing.arrays import State
from optimizer.routing.exact import ExactData
from optimizer.routing.exact_extras import END, FROM, MINUTES, UNTIL
from optimizer.routing.input import RouteTimes, RoutingInput


@dataclass(slots=True)
class _Lunch:
    """A lunch: the stop it lies before (their number: before the return), begin, end, and arrival at that stop."""

    place: int
    begin: int
    end: int
    arrival: int


def exact_times(
    given: RoutingInput,
    fixed: ExactData,
    state: State,
    route: int,
    stops: tuple[int, ...],
    legs: Sequence[int],
) -> RouteTimes:
    """Least starts; where waiting has a price, the first stops are as late as they can be at no cost."""
    starts = [int(state.exact.point[stop].start) for stop in stops]
    service = [int(given.service[stop]) for stop in stops]
    if fixed.extras is not None and fixed.extras.waiting_weight:
        starts = _late_starts(fixed, state, route, stops, starts, legs)
    ends = [start + seconds for start, seconds in zip(starts, service, strict=True)]
    lunch = _lunch_of(fixed, state, route, stops, [int(given.span_start[route]), *ends], legs)
    leave = starts[0] - legs[0]
    if lunch and lunch.place == 0:
        lunch.begin = min(starts[0] - lunch.end + lunch.begin, int(given.lunch_latest[route]))
        leave = lunch.begin - legs[0]
    arrivals = [end + leg for end, leg in zip((leave, *ends), legs, strict=True)]
    if lunch and lunch.place:
        arrivals[lunch.place] = lunch.arrival
    lunch_start = lunch.begin if lunch else None
    return RouteTimes(leave, arrivals[-1], tuple(arrivals[:-1]), tuple(starts), tuple(ends), lunch_start)


def _lunch_of(
    fixed: ExactData, state: State, route: int, stops: tuple[int, ...], free_at: Sequence[int], legs: Sequence[int]
) -> _Lunch | None:
    """A route's lunch as early as it can be: at the door of the next stop, or at the stop in front."""
    if fixed.extras is None or state.exact.extras.eats_before[route] < 0:
        return None
    gap, row = int(state.exact.extras.eats_before[route]), fixed.extras.lunch[route].tolist()
    place = stops.index(gap) if gap in stops else len(stops)
    arrival = free_at[place] + legs[place]
    if place == len(stops) or arrival > row[UNTIL]:
        begin = max(free_at[place], row[FROM])
        return _Lunch(place, begin, begin + row[MINUTES], begin + row[MINUTES] + legs[place])
    begin = max(arrival, row[FROM])
    return _Lunch(place, begin, begin + row[MINUTES], arrival)


def _late_starts(
    fixed: ExactData, state: State, route: int, stops: tuple[int, ...], starts: Sequence[int], legs: Sequence[int]
) -> list[int]:
    """The starts when the crew leaves as late as it can, as `exact_waiting` prices it."""
    extras = state.exact.extras
    ends = [start + int(fixed.point[stop].service) for stop, start in zip(stops, starts, strict=True)]
    free_at = [int(fixed.point[fixed.leaves + route].earliest), *ends]
    lunch = _lunch_of(fixed, state, route, stops, free_at, legs)
    waited, before, least_room = 0, [], 10**9
    for place, start in enumerate([*starts, None]):
        arrival = free_at[place] + legs[place]
        if lunch and lunch.place == place:
            is_at_door = lunch.arrival == arrival
            waited += (lunch.begin - (arrival if is_at_door else free_at[place])) if place else 0
            least_room = min(least_room, waited + int(fixed.extras.lunch[route, UNTIL]) - lunch.begin)
            arrival = lunch.end if is_at_door else lunch.arrival
        if start is None:
            break
        stop = stops[place]
        waited += start - arrival if place or (lunch and lunch.place == 0) else 0
        before.append(waited)
        is_bound = state.exact.point[stop].mate >= 0 and fixed.extras.is_tied[stop]
        due = int(fixed.extras.windows[stop, extras.window[stop], END])
        least_room = min(least_room, waited + (0 if is_bound else max(0, due - start)))
    later = min(waited, least_room)
    return [start + max(0, later - so_far) for start, so_far in zip(starts, before, strict=True)]
