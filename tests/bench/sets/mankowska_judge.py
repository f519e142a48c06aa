"""The judge of the set of Mankowska, Meisel and Bierwirth (2014): every rule from its words, in plain Python.

Times are the plan's own; nothing is repaired. A rule may be missed by a thousandth of a minute, for travel minutes are
given to so many decimals.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.sets.mankowska import Mankowska
from tests.bench.sets.verdict import Verdict

TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Served:
    """One service as a plan has it, with its start in minutes."""

    patient: str
    service: str
    start: float


Plan = Mapping[str, Sequence[Served]]
"""By caregiver, in order."""


def judge(instance: Mankowska, plan: Plan) -> Verdict:
    """Cost, services that nobody does, and every broken rule."""
    asked = Counter((patient.id, service) for patient in instance.patients for service, _ in patient.services)
    done = Counter((stop.patient, stop.service) for stops in plan.values() for stop in stops)
    unserved = sum((asked - done).values())
    faults = [f"{patient} has {service} too often" for patient, service in sorted((done - asked).keys())]
    for caregiver, stops in plan.items():
        faults += _route_faults(instance, caregiver, stops)
    faults += _pair_faults(instance, plan)
    return Verdict(_cost(instance, plan), unserved, tuple(faults))


def _places(instance: Mankowska) -> dict[str, int]:
    return {patient.id: number for number, patient in enumerate(instance.patients, start=1)}


def _route_faults(instance: Mankowska, caregiver: str, stops: Sequence[Served]) -> Iterator[str]:
    """Ability, window begin, and time for service and travel."""
    if caregiver not in instance.abilities:
        yield f"there is no caregiver {caregiver}"
        return
    places, free_at, last = _places(instance), 0.0, 0
    for stop in stops:
        if stop.patient not in places:
            yield f"there is no patient {stop.patient}"
            return
        place = places[stop.patient]
        patient = instance.patients[place - 1]
        arrival = free_at + instance.travel[last, place]
        if stop.service not in instance.abilities[caregiver]:
            yield f"{caregiver} cannot do {stop.service}"
        if stop.start < patient.window[0] - TOLERANCE:
            yield f"{stop.patient} is served {patient.window[0] - stop.start:.3f} min before its window"
        if stop.start < arrival - TOLERANCE:
            yield f"{caregiver} is {arrival - stop.start:.3f} min too late at {stop.patient}"
        free_at = stop.start + dict(patient.services).get(stop.service, 0.0)
        last = place


def _pair_faults(instance: Mankowska, plan: Plan) -> Iterator[str]:
    """Two services of one patient: by two caregivers, and as far apart as asked."""
    for patient in instance.patients:
        if patient.apart is None:
            continue
        found = [(stop, who) for who, stops in plan.items() for stop in stops if stop.patient == patient.id]
        if len(found) != 2:
            continue  # left or doubled, which is told elsewhere
        (one, who), (other, who_else) = found
        if who == who_else:
            yield f"{patient.id} has both services from {who}"
        orders = [(one, other), (other, one)] if one.service == other.service else [(one, other)]
        if one.service != other.service and one.service != patient.services[0][0]:
            orders = [(other, one)]
        least, most = patient.apart
        if not any(least - TOLERANCE <= second.start - first.start <= most + TOLERANCE for first, second in orders):
            yield f"{patient.id}: {orders[0][1].start - orders[0][0].start:.3f} min apart, not {least} to {most}"


def _cost(instance: Mankowska, plan: Plan) -> float:
    """A third each of travel, total and largest lateness."""
    places, travel, late = _places(instance), 0.0, [0.0]
    for stops in plan.values():
        known = [stop for stop in stops if stop.patient in places]
        route = [0, *(places[stop.patient] for stop in known), 0]
        travel += sum(float(instance.travel[a, b]) for a, b in pairwise(route))
        late += [max(0.0, stop.start - instance.patients[places[stop.patient] - 1].window[1]) for stop in known]
    return (travel + sum(late) + max(late)) / 3.0
