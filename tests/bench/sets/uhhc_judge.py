"""The judge of the set of unified home care: every rule and every part of the cost from its words, in plain Python.

Times are the plan's own; nothing is repaired. Where the words of the set leave a choice, the strictest reading counts:
a double patient has two caregivers, also when the services are independent; a break lasts as long as it must and is
missed by a caregiver without a route; waiting counts everywhere but before the first stop, for which the caregiver
leaves later; whoever comes back late was idle for whatever of the longer day was not travel, service or break. A break
is measured by its start or its end as the services are, which is what the set's own checker does.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.sets.uhhc import LUNCH, Caregiver, Patient, Uhhc
from tests.bench.sets.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Served:
    """One service, or a break at a patient's door, as a plan has it, with its start in minutes."""

    patient: str
    service: str
    start: float


Plan = Mapping[str, Sequence[Served]]
"""By caregiver, in order."""


@dataclass(slots=True)
class Drive:
    """What one route comes to, in minutes."""

    travel: float = 0.0
    service: float = 0.0
    lunch: float = 0.0
    back: float = 0.0
    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def judge(instance: Uhhc, plan: Plan) -> Verdict:
    """Cost, services that nobody does though they must, and every broken rule."""
    unknown = [f"there is no caregiver {who}" for who in plan if who not in {c.id for c in instance.caregivers}]
    patients = {patient.id: patient for patient in instance.patients}
    unknown += [
        f"there is no patient {s.patient}" for stops in plan.values() for s in stops if s.patient not in patients
    ]
    if unknown:
        return Verdict(math.nan, 0, tuple(unknown))
    drives = {c.id: _drive(instance, patients, c, plan.get(c.id, ())) for c in instance.caregivers}
    values = components(instance, plan, drives)
    done = Counter((stop.patient, stop.service) for stops in plan.values() for stop in stops)
    faults = [fault for drive in drives.values() for fault in drive.faults]
    faults += _service_faults(instance, done)
    for patient in instance.patients:
        faults += _pair_faults(patient, plan)
    faults += [f"{name} is {values[name]:g} but a rule" for name in sorted(instance.rules) if values[name]]
    cost = sum(instance.weights[name] * value for name, value in values.items())
    return Verdict(cost, sum(_unserved(patient, done) for patient in instance.patients), tuple(faults))


def _drive(instance: Uhhc, patients: Mapping[str, Patient], caregiver: Caregiver, stops: Sequence[Served]) -> Drive:
    """Walk one route: leaving just in time for the first stop, never before the shift."""
    drive, place, free_at = Drive(), caregiver.base, float(caregiver.shift[0])
    for number, stop in enumerate(stops):
        there = patients[stop.patient].place
        arrival = free_at + float(instance.travel[place, there])
        drive.travel += float(instance.travel[place, there])
        if stop.start < arrival:
            drive.faults.append(f"{caregiver.id} is {arrival - stop.start:g} min too late at {stop.patient}")
        if number:
            drive.waits.append(max(0.0, stop.start - arrival))
        minutes = _minutes(instance, patients, caregiver, stop, drive)
        free_at, place = stop.start + minutes, there
    drive.travel += float(instance.travel[place, caregiver.home]) if stops else 0.0
    drive.back = free_at + float(instance.travel[place, caregiver.home])
    return drive


def _minutes(
    instance: Uhhc, patients: Mapping[str, Patient], caregiver: Caregiver, stop: Served, drive: Drive
) -> float:
    """How long a stop lasts, noted in the drive with what is wrong with its time."""
    if stop.service != LUNCH:
        patient = patients[stop.patient]
        minutes = float(dict(patient.services).get(stop.service, 0))
        drive.service += minutes
        if stop.start < patient.windows[0][0]:
            drive.faults.append(f"{stop.patient} is served {patient.windows[0][0] - stop.start:g} min too early")
        return minutes
    span = instance.lunch
    if span is None or not caregiver.has_lunch or drive.lunch:
        drive.faults.append(f"{caregiver.id} has no such break")
        return 0.0
    drive.lunch = float(span.minutes)
    if not span.begin <= stop.start <= span.last:
        drive.faults.append(f"the break of {caregiver.id} starts at {stop.start:g}, not {span.begin} to {span.last}")
    return drive.lunch


def components(instance: Uhhc, plan: Plan, drives: Mapping[str, Drive]) -> dict[str, float]:
    """Every part of the cost, without its weight."""
    patients, seen = {patient.id: patient for patient in instance.patients}, set[str]()
    late, strangers, foes, unable = [0.0], 0, 0, 0
    for caregiver in instance.caregivers:
        for stop in plan.get(caregiver.id, ()):
            if stop.service == LUNCH:
                continue
            patient = patients[stop.patient]
            seen.add(patient.id)
            late.append(lateness(instance, patient, stop))
            strangers += patient.preferred is not None and caregiver.id not in patient.preferred
            foes += caregiver.id in patient.incompatible
            unable += stop.service not in caregiver.abilities
    waits = [wait for drive in drives.values() for wait in drive.waits]
    works = [drive.travel + drive.service for drive in drives.values()]
    extra = [max(0.0, drives[c.id].back - c.shift[1]) if plan.get(c.id) else 0.0 for c in instance.caregivers]
    idle = [
        c.shift[1] - c.shift[0] + more - work - drives[c.id].lunch
        for c, more, work in zip(instance.caregivers, extra, works, strict=True)
    ]
    mean = sum(works) / len(works)
    return {
        "travel_time": sum(drive.travel for drive in drives.values()),
        "total_tardiness": sum(late),
        "highest_tardiness": max(late),
        "total_waiting_time": sum(waits),
        "max_waiting_time": max(waits, default=0.0),
        "total_extra_time": sum(extra),
        "max_idle_time": max(idle),
        "workload_balance": sum(math.ceil(abs(work - mean)) for work in works),
        "working_time": sum(works),
        "caregiver_preferences": strangers,
        "optional_patients": sum(patient.id not in seen for patient in instance.patients if patient.is_optional),
        "missed_lunch_break": sum(c.has_lunch and not drives[c.id].lunch for c in instance.caregivers),
        "incompabilities": foes,
        "qualification": unable,
    }


def lateness(instance: Uhhc, patient: Patient, stop: Served) -> float:
    """Minutes after the end of the window that the start lies in or behind; of the service's end where that counts."""
    number = bisect_right([begin for begin, _ in patient.windows], stop.start) - 1
    minutes = dict(patient.services).get(stop.service, 0) if instance.is_end_in_window else 0
    return max(0.0, stop.start + minutes - patient.windows[max(0, number)][1])


def _service_faults(instance: Uhhc, done: Counter[tuple[str, str]]) -> Iterator[str]:
    """Services that nobody asked for, and those done twice."""
    asked = Counter((patient.id, service) for patient in instance.patients for service, _ in patient.services)
    for (patient, service), count in sorted((done - asked).items()):
        if service != LUNCH:
            yield f"{patient} has {service} {count} times too often"


def _unserved(patient: Patient, done: Counter[tuple[str, str]]) -> int:
    """Services missing: of a patient who must be served, or of one who is served in part."""
    asked = Counter((patient.id, service) for service, _ in patient.services)
    missing = sum((asked - done).values())
    return 0 if patient.is_optional and missing == len(patient.services) else missing


def _pair_faults(patient: Patient, plan: Plan) -> Iterator[str]:
    """Two services of one patient: by two caregivers, and as far apart as asked."""
    found = [
        (stop, who)
        for who, stops in plan.items()
        for stop in stops
        if stop.patient == patient.id and stop.service != LUNCH
    ]
    if len(patient.services) < 2 or len(found) != 2:
        return  # left or doubled, which is told elsewhere
    if found[0][1] == found[1][1]:
        yield f"{patient.id} has both services from {found[0][1]}"
    first, second = (stop for stop, _ in found)
    if first.service != patient.services[0][0]:
        first, second = second, first
    if patient.apart and not patient.apart[0] <= second.start - first.start <= patient.apart[1]:
        yield f"{patient.id}: {second.start - first.start:g} min apart, not {patient.apart[0]} to {patient.apart[1]}"
