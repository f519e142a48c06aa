"""The search on unified home care, the set of iolab-uniud/uhhc.

`python -m tests.bench uhhc --data FOLDER --seconds 60 --seeds 1 -o results.csv --solutions DIR`

FOLDER holds `best_known.csv` and the instances; `--instances i-054,i-077` takes some of them. A plan is judged by
tests/bench/sets/uhhc_judge.py and written in the set's own form.
"""

import json
from dataclasses import replace

import numpy as np

from optimizer.routing import RoutingInput, RoutingOutput, Timing, blank_input
from optimizer.routing.input import FORBIDDEN, UNLIMITED, RouteTimes
from tests.bench.sets.running import BenchSet, Judged, Task, run_set, searched
from tests.bench.sets.uhhc import LUNCH, Caregiver, Patient, Uhhc, read_best_known, read_uhhc
from tests.bench.sets.uhhc_judge import Plan, Served, judge

EVER = 1_000_000
"""No window ends and no route ends before, in minutes, in which the search counts here."""
LEFT_PENALTY = 10**9
"""Above any lateness: every service that is not optional has to be done."""
UNPRICED = ("max_waiting_time", "workload_balance", "working_time", "qualification", "incompabilities")
"""Parts of the cost that the search has no price for."""


def main(argv: list[str]) -> int:
    """Measure; 1 when some plan is not valid."""
    return run_set(BenchSet("uhhc", "i-*.json", ".json", read_best_known, run), argv, __doc__)


def run(task: Task) -> Judged:
    """One judged run."""
    instance = read_uhhc(task.path)
    answer, cpu_seconds = searched(input_of(instance), task)
    plan = plan_of(instance, answer)
    return Judged(judge(instance, plan), solution_text(instance, plan), answer.statistics["iterations"], cpu_seconds)


def visits_of(instance: Uhhc) -> list[tuple[Patient, int]]:
    """The visits in the order of their nodes, behind the bases: a patient and which of its services."""
    return [(patient, place) for patient in instance.patients for place in range(len(patient.services))]


def bases_of(instance: Uhhc) -> list[int]:
    """The places that caregivers leave from or return to, in the order of their nodes."""
    return sorted({place for caregiver in instance.caregivers for place in (caregiver.base, caregiver.home)})


def weight(instance: Uhhc, name: str) -> int:
    """The weight of a part of the cost. Raises ValueError when it is not whole."""
    found = instance.weights[name]
    if found != int(found):
        raise ValueError(f"the weight of {name} is {found}, not whole")
    return int(found)


def input_of(instance: Uhhc) -> RoutingInput:
    """The instance as input of the search. Raises ValueError for a part of the cost that it cannot price."""
    priced = [name for name in UNPRICED if name not in instance.rules and instance.weights[name]]
    if priced:
        raise ValueError(f"the search has no price for {', '.join(priced)}")
    visits, bases = visits_of(instance), bases_of(instance)
    places = [*bases, *(patient.place for patient, _ in visits)]
    blank = blank_input(
        matrices=instance.travel[np.ix_(places, places)][None],
        depots=len(bases),
        routes=len(instance.caregivers),
        windows=max(len(patient.windows) for patient in instance.patients),
    )
    missed = UNLIMITED if "missed_lunch_break" in instance.rules else weight(instance, "missed_lunch_break")
    given = replace(
        blank,
        timing=Timing.EXACT,
        travel_weight=weight(instance, "travel_time"),
        late_weight=weight(instance, "total_tardiness"),
        highest_late_weight=weight(instance, "highest_tardiness"),
        overtime_weight=weight(instance, "total_extra_time"),
        idle_weight=weight(instance, "max_idle_time"),
        waiting_weight=weight(instance, "total_waiting_time"),
        missed_lunch_price=missed,
    )
    for route, caregiver in enumerate(instance.caregivers):
        _fill_route(instance, given, bases, route, caregiver)
    for node, (patient, place) in enumerate(visits, start=len(bases)):
        _fill_visit(instance, given, node, patient, place)
    return given


def _fill_route(instance: Uhhc, given: RoutingInput, bases: list[int], route: int, caregiver: Caregiver) -> None:
    """A caregiver's day. One without a route misses lunch, too: the first visit earns what that costs."""
    given.team[route] = route
    given.start_node[route], given.end_node[route] = bases.index(caregiver.base), bases.index(caregiver.home)
    given.span_start[route], given.soft_end[route] = caregiver.shift
    given.hard_end[route] = EVER
    if caregiver.has_lunch and instance.lunch:
        given.lunch_earliest[route], given.lunch_seconds[route] = instance.lunch.begin, instance.lunch.minutes
        given.lunch_latest[route] = instance.lunch.last
        given.open_cost[route] = -given.missed_lunch_price


def _fill_visit(instance: Uhhc, given: RoutingInput, node: int, patient: Patient, place: int) -> None:
    """One service of a patient; the end of a window is for the start, whatever the set measures."""
    service, minutes = patient.services[place]
    given.service[node] = minutes
    given.window_count[node] = len(patient.windows)
    for number, (begin, end) in enumerate(patient.windows):
        end -= minutes if instance.is_end_in_window else 0
        given.windows[node, 0, number] = (begin, max(begin, end), EVER)
    for route, caregiver in enumerate(instance.caregivers):
        can_do = service in caregiver.abilities and caregiver.id not in patient.incompatible
        is_stranger = patient.preferred is not None and caregiver.id not in patient.preferred
        price = weight(instance, "caregiver_preferences") if is_stranger else 0
        given.cost[node, route] = price if can_do else FORBIDDEN
    if place == 0:
        given.penalty[node] = weight(instance, "optional_patients") if patient.is_optional else LEFT_PENALTY
    if len(patient.services) == 2:
        given.partner[node] = node + 1 if place == 0 else node - 1
        apart = patient.apart or (-UNLIMITED, UNLIMITED)
        given.gap_least[node], given.gap_most[node] = apart


def plan_of(instance: Uhhc, answer: RoutingOutput) -> Plan:
    """The answer in the words of the set."""
    visits, first = visits_of(instance), len(bases_of(instance))
    plan: dict[str, list[Served]] = {caregiver.id: [] for caregiver in instance.caregivers}
    for stops, route, times in zip(plan.values(), answer.routes, answer.times, strict=True):
        for node, start in zip(route, times.starts if times else (), strict=True):
            patient, place = visits[node - first]
            stops.append(Served(patient.id, patient.services[place][0], start))
        if times and times.lunch_start is not None:
            _add_lunch(instance, stops, times)
    return plan


def _add_lunch(instance: Uhhc, stops: list[Served], times: RouteTimes) -> None:
    """Write a route's break: at the next patient's door, or at the last one's when it would be too late there."""
    assert times.lunch_start is not None
    place = sum(end <= times.lunch_start for end in times.ends)
    places = {patient.id: patient.place for patient in instance.patients}
    is_at_door = place == 0
    if 0 < place < len(stops):
        leg = instance.travel[places[stops[place - 1].patient], places[stops[place].patient]]
        is_at_door = times.ends[place - 1] + int(leg) <= times.lunch_start
    patient = stops[place if is_at_door else place - 1].patient
    stops.insert(place, Served(patient, LUNCH, times.lunch_start))


def solution_text(instance: Uhhc, plan: Plan) -> str:
    """A plan in the form of the set: `arrival_time` is the start of service."""
    minutes = {(patient.id, service): span for patient in instance.patients for service, span in patient.services}
    lunch = instance.lunch.minutes if instance.lunch else 0
    routes = [
        {
            "caregiver_id": caregiver,
            "locations": [
                {
                    "patient": stop.patient,
                    "service": stop.service,
                    "arrival_time": stop.start,
                    "departure_time": stop.start
                    + (lunch if stop.service == LUNCH else minutes[stop.patient, stop.service]),
                }
                for stop in stops
            ],
        }
        for caregiver, stops in plan.items()
        if stops
    ]
    return json.dumps({"instance": instance.name, "cost_components": {}, "routes": routes}, indent=1)
