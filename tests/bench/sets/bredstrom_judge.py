"""The judge of the set of Bredström and Rönnqvist (2008): every rule from its words, in plain Python."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.bench.sets.bredstrom import DAY_HOURS, Bredstrom
from tests.bench.sets.verdict import Verdict

TOLERANCE = 1e-3
Plan = Sequence[Sequence[tuple[int, float]]]
"""Per carer: visits in order, with their starts in minutes."""


def judge(instance: Bredstrom, plan: Plan) -> Verdict:
    """Travel in hours of a nine-hour day, visits that nobody makes, and every broken rule."""
    done = Counter(visit for route in plan for visit, _ in route)
    visits = range(1, len(instance.service))
    unserved = sum(done[visit] == 0 for visit in visits)
    faults = [f"visit {visit} is made {count} times" for visit, count in sorted(done.items()) if count > 1]
    faults += [f"there is no visit {visit}" for visit in sorted(done) if visit not in visits]
    if faults:
        return Verdict(float("inf"), unserved, tuple(faults))
    used = sum(bool(route) for route in plan)
    if used > instance.carers:
        faults.append(f"{used} carers instead of {instance.carers}")
    for route in plan:
        faults += _route_faults(instance, route)
    starts = {visit: start for route in plan for visit, start in route}
    for one, other in instance.pairs:
        if one in starts and other in starts and abs(starts[one] - starts[other]) > TOLERANCE:
            faults.append(f"{one} and {other} start {abs(starts[one] - starts[other]):.3f} min apart")
    minutes = sum(_travel(instance, route) for route in plan)
    return Verdict(minutes * DAY_HOURS / instance.day_end, unserved, tuple(faults))


def _route_faults(instance: Bredstrom, route: Sequence[tuple[int, float]]) -> Iterator[str]:
    """Windows, time for service and travel, and the end of the day; no carer makes both halves of a pair."""
    free_at, last = 0.0, 0
    for visit, start in route:
        first, latest = instance.windows[visit]
        if not first - TOLERANCE <= start <= latest + TOLERANCE:
            yield f"visit {visit} starts at {start:.3f}, not between {first} and {latest}"
        if start < free_at + instance.travel[last, visit] - TOLERANCE:
            yield f"visit {visit} starts before its carer can be there"
        free_at, last = start + float(instance.service[visit]), visit
    if free_at + instance.travel[last, 0] > instance.day_end + TOLERANCE:
        yield f"back at {free_at + instance.travel[last, 0]:.3f}, after {instance.day_end}"
    made = {visit for visit, _ in route}
    for one, other in instance.pairs:
        if one in made and other in made:
            yield f"one carer makes both {one} and {other}"


def _travel(instance: Bredstrom, route: Sequence[tuple[int, float]]) -> float:
    """Minutes of all legs of a route."""
    places = [0, *(visit for visit, _ in route), 0]
    return sum(float(instance.travel[a, b]) for a, b in pairwise(places))
