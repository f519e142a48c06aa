"""The times of a route with exact timing, for the answer."""

from collections.abc import Sequence

from optimizer.routing.arrays import State
from optimizer.routing.exact import ExactData
from optimizer.routing.input import RouteTimes, RoutingInput


def exact_times(
    given: RoutingInput, fixed: ExactData, state: State, stops: tuple[int, ...], legs: Sequence[int]
) -> RouteTimes:
    """Least starts; where waiting has a price, the first stops are as late as they can be at no cost."""
    starts = [int(state.exact.point[stop].start) for stop in stops]
    if fixed.extras is not None and fixed.extras.waiting_weight:
        starts = _late_starts(fixed, state, stops, starts, legs)
    ends = tuple(start + int(given.service[stop]) for start, stop in zip(starts, stops, strict=True))
    leave = starts[0] - legs[0]
    arrivals = tuple(end + leg for end, leg in zip((leave, *ends), legs, strict=True))
    return RouteTimes(leave, arrivals[-1], arrivals[:-1], tuple(starts), ends)


def _late_starts(
    fixed: ExactData, state: State, stops: tuple[int, ...], starts: Sequence[int], legs: Sequence[int]
) -> list[int]:
    """The starts when the crew leaves as late as it can, as `exact_waiting` prices it."""
    waited, rooms = [0], []
    for place, (stop, start) in enumerate(zip(stops, starts, strict=True)):
        if place:
            arrival = starts[place - 1] + int(fixed.point[stops[place - 1]].service) + legs[place]
            waited.append(waited[-1] + start - arrival)
        is_bound = state.exact.point[stop].mate >= 0 and fixed.extras.is_tied[stop]
        rooms.append(0 if is_bound else max(0, int(fixed.point[stop].due) - start))
    later = min(waited[-1], *(before + room for before, room in zip(waited, rooms, strict=True)))
    return [start + max(0, later - before) for start, before in zip(starts, waited, strict=True)]
