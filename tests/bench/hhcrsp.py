"""The search on home care with pairs and soft windows, the set of Mankowska, Meisel and Bierwirth (2014).

`python -m tests.bench hhcrsp --data FOLDER --seconds 60 --seeds 3 --cores 2 -o results.csv --solutions DIR`

FOLDER holds `best_known.csv` and the instances in the JSON form of iolab-uniud; `--instances A1,B6` takes some of them.
A plan is judged by tests/bench/sets/mankowska_judge.py and written as that form's solutions are.
"""

import json
from dataclasses import replace

import numpy as np

from optimizer.routing import RoutingInput, RoutingOutput, Timing, blank_input
from optimizer.routing.input import FORBIDDEN
from tests.bench.sets.mankowska import Mankowska, label_of, read_best_known, read_mankowska
from tests.bench.sets.mankowska_judge import Plan, Served, judge
from tests.bench.sets.running import BenchSet, Judged, Task, run_set, searched

THOUSANDTHS = 1000
"""The search counts thousandths of a minute, to which travel is given."""
EVER = 500_000_000
"""No window ends and no route ends before."""
LEFT_PENALTY = 10**11
"""Above any lateness: every service has to be done."""
Visit = tuple[int, int]
"""A patient and which of its services, both from 0."""


def main(argv: list[str]) -> int:
    """Measure; 1 when some plan is not valid."""
    return run_set(BenchSet("hhcrsp", "Instanz*.json", ".json", read_best_known, run, label_of), argv, __doc__)


def run(task: Task) -> Judged:
    """One judged run."""
    instance = read_mankowska(task.path)
    answer, cpu_seconds = searched(input_of(instance), task)
    plan = plan_of(instance, answer)
    return Judged(judge(instance, plan), solution_text(instance, plan), answer.statistics["iterations"], cpu_seconds)


def visits_of(instance: Mankowska) -> list[Visit]:
    """The visits in the order of their nodes, from node 1 on."""
    return [
        (number, service)
        for number, patient in enumerate(instance.patients)
        for service in range(len(patient.services))
    ]


def input_of(instance: Mankowska) -> RoutingInput:
    """The instance as input of the search: node 0 is the office, then the visits."""
    visits = visits_of(instance)
    places = [0, *(patient + 1 for patient, _ in visits)]
    travel = np.rint(THOUSANDTHS * instance.travel).astype(np.int64)[np.ix_(places, places)]
    blank = blank_input(matrices=travel[None], depots=1, routes=len(instance.abilities))
    given = replace(blank, timing=Timing.EXACT, late_weight=1, highest_late_weight=1, overtime_weight=0)
    given.team[:] = np.arange(given.routes)
    given.soft_end[:] = given.hard_end[:] = EVER
    for node, (number, place) in enumerate(visits, start=1):
        patient = instance.patients[number]
        service, minutes = patient.services[place]
        given.service[node] = round(THOUSANDTHS * minutes)
        begin, end = (round(THOUSANDTHS * bound) for bound in patient.window)
        given.windows[node, 0, 0] = (begin, end, EVER)
        can_do = [service in abilities for abilities in instance.abilities.values()]
        given.cost[node] = np.where(can_do, 0, FORBIDDEN)
        given.penalty[node] = LEFT_PENALTY if place == 0 else 0
        if patient.apart is not None:
            given.partner[node] = node + 1 if place == 0 else node - 1
            given.gap_least[node], given.gap_most[node] = (round(THOUSANDTHS * bound) for bound in patient.apart)
    return given


def plan_of(instance: Mankowska, answer: RoutingOutput) -> Plan:
    """The answer in the words of the set."""
    visits = visits_of(instance)
    plan: dict[str, list[Served]] = {caregiver: [] for caregiver in instance.abilities}
    for stops, route, times in zip(plan.values(), answer.routes, answer.times, strict=True):
        for node, start in zip(route, times.starts if times else (), strict=True):
            patient = instance.patients[visits[node - 1][0]]
            stops.append(Served(patient.id, patient.services[visits[node - 1][1]][0], start / THOUSANDTHS))
    return plan


def solution_text(instance: Mankowska, plan: Plan) -> str:
    """A plan in the form of the set: `arrival_time` is the start of service."""
    minutes = {(patient.id, service): span for patient in instance.patients for service, span in patient.services}
    routes = [
        {
            "caregiver_id": caregiver,
            "locations": [
                {
                    "patient": stop.patient,
                    "service": stop.service,
                    "arrival_time": stop.start,
                    "departure_time": round(stop.start + minutes[stop.patient, stop.service], 3),
                }
                for stop in stops
            ],
        }
        for caregiver, stops in plan.items()
    ]
    return json.dumps({"routes": routes, "global_ordering": []}, indent=1)
