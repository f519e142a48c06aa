"""The public set of unified home care: what is read, every part of the cost by hand, and what the judge refuses."""

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest

from optimizer.routing import search
from optimizer.stop import Budget
from tests.bench import uhhc
from tests.bench.sets.uhhc import Uhhc, read_uhhc
from tests.bench.sets.uhhc_judge import Plan, Served, judge

WEIGHTS: dict[str, Any] = {"caregiver_preferences": 0, "optional_patients": 0, "missed_lunch_break": 0}
DISTANCES = [[0, 10, 20], [10, 0, 10], [20, 10, 0]]


def home_care(folder: Path, weights: dict[str, Any], **more: Any) -> Uhhc:
    """An optional patient with two windows and one whose second service follows the first after 30 to 40 minutes."""
    content: dict[str, Any] = {
        "metadata": {"time_window_met": more.pop("met", "at_service_start"), "cost_components": WEIGHTS | weights},
        "distances": DISTANCES,
        "terminal_points": [{"id": "d0", "distance_matrix_index": 0}],
        "services": [{"id": "s1", "type": "t", "default_duration": 15}, {"id": "s2", "type": "t"}],
        "lunch_breaks": {"start": 180, "end": 360, "min_duration": 30},
        "caregivers": [caregiver("c1", ["s1"]), caregiver("c2", ["s1", "s2"])],
        "patients": [
            {
                "id": "p1",
                "distance_matrix_index": 1,
                "required_services": [{"service": "s1"}],
                "time_windows": [{"start": 60, "end": 100}, {"start": 300, "end": 330}],
                "optional": True,
            }
            | more.pop("p1", {}),
            {
                "id": "p2",
                "distance_matrix_index": 2,
                "required_services": [{"service": "s1", "duration": 10}, {"service": "s2", "duration": 20}],
                "time_windows": [{"start": 100, "end": 130}],
                "synchronization": {"type": "sequential", "distance": {"min": 30, "max": 40}},
                "optional": False,
            }
            | more.pop("p2", {}),
        ],
    }
    path = folder / "i-001.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_uhhc(path)


def caregiver(name: str, abilities: list[str]) -> dict[str, Any]:
    """A shift of 400 minutes with lunch."""
    points = {"departing_point": "d0", "arrival_point": "d0"}
    shift = {"start": 0, "end": 400}
    return {"id": name, "abilities": abilities, "working_shift": shift, "lunch_break": True} | points


GOOD: dict[str, list[Served]] = {
    "c1": [Served("p1", "s1", 60), Served("p2", "s1", 100)],
    "c2": [Served("p2", "s2", 130), Served("p2", "lunch_break", 180)],
}


def cost(folder: Path, plan: Plan, component: str, **more: Any) -> float:
    """What a part of the cost of a valid plan is."""
    verdict = judge(home_care(folder, {component: 1}, **more), plan)
    assert verdict.is_valid, verdict
    return verdict.cost


def test_an_instance_is_read(tmp_path: Path) -> None:
    instance = home_care(tmp_path, {"travel_time": 3, "total_tardiness": "HARD"})
    assert instance.weights["travel_time"] == 3
    assert instance.rules == {"total_tardiness", "qualification", "incompabilities"}
    first, second = instance.patients
    assert (first.services, first.windows, first.is_optional) == ((("s1", 15),), ((60, 100), (300, 330)), True)
    assert (second.services, second.apart) == ((("s1", 10), ("s2", 20)), (30, 40))
    with pytest.raises(ValueError, match="unknown cost components: joy"):
        home_care(tmp_path, {"joy": 1})


def test_every_part_of_the_cost(tmp_path: Path) -> None:
    assert cost(tmp_path, GOOD, "travel_time") == 40 + 40
    assert cost(tmp_path, GOOD, "working_time") == 80 + 45
    assert cost(tmp_path, GOOD, "workload_balance") == 3 + 3  # 65 and 60 against 62.5
    assert cost(tmp_path, GOOD, "total_waiting_time") == 15 + 30  # 85 to 100; 150 to 180
    assert cost(tmp_path, GOOD, "max_waiting_time") == 30
    assert cost(tmp_path, GOOD, "missed_lunch_break") == 1
    assert cost(tmp_path, GOOD, "max_idle_time") == 400 - 65  # the other one 400 - 60 - 30
    assert cost(tmp_path, GOOD, "optional_patients") == 0
    assert cost(tmp_path, GOOD | {"c1": GOOD["c1"][1:]}, "optional_patients") == 1


def test_lateness_counts_against_the_window_that_the_start_lies_in_or_behind(tmp_path: Path) -> None:
    for start, late in [(100, 0), (110, 10), (299, 199), (300, 0), (340, 10)]:
        served = GOOD | {"c1": [], "c2": [*GOOD["c2"], Served("p1", "s1", start)]}
        served |= {"c1": [Served("p2", "s1", 100)], "c2": [Served("p2", "s2", 130)]}
        plan = served | {"c1": sorted([*served["c1"], Served("p1", "s1", start)], key=lambda stop: stop.start)}
        if start < 200:
            plan = {"c1": [Served("p1", "s1", start), Served("p2", "s1", start + 25)]}
            plan["c2"] = [Served("p2", "s2", start + 55)]
        before = 0 if start >= 200 else max(0, start + 25 - 130) + max(0, start + 55 - 130)
        assert cost(tmp_path, plan, "total_tardiness") == late + before


def test_the_end_of_a_service_can_be_what_is_late(tmp_path: Path) -> None:
    plan = {"c1": [Served("p1", "s1", 90), Served("p2", "s1", 115)], "c2": [Served("p2", "s2", 145)]}
    assert cost(tmp_path, plan, "total_tardiness", met="at_service_end") == 5 + 0 + 35
    assert cost(tmp_path, plan, "highest_tardiness", met="at_service_end") == 35
    assert cost(tmp_path, plan, "highest_tardiness") == 15


def test_a_late_return_is_extra_time_and_lengthens_what_may_be_idle(tmp_path: Path) -> None:
    plan = {"c1": [Served("p2", "s1", 100), Served("p1", "s1", 390)], "c2": [Served("p2", "s2", 130)]}
    assert cost(tmp_path, plan, "total_extra_time") == 390 + 15 + 10 - 400
    assert cost(tmp_path, plan, "max_idle_time") == max(415 - 65, 400 - 60)


def test_preferences_count_by_visit_and_an_unused_caregiver_is_idle_all_day(tmp_path: Path) -> None:
    liked: dict[str, Any] = {"preferred_caregivers": ["c2"]}
    assert cost(tmp_path, GOOD, "caregiver_preferences", p2=liked) == 1
    one: dict[str, Any] = {"required_services": [{"service": "s1"}]}
    alone = {"c2": [Served("p2", "s1", 100)]}
    assert cost(tmp_path, alone, "max_idle_time", p2=one) == 400
    assert cost(tmp_path, alone, "missed_lunch_break", p2=one) == 2


def test_independent_services_may_overlap(tmp_path: Path) -> None:
    plan = {"c1": [Served("p2", "s1", 100)], "c2": [Served("p2", "s2", 100)]}
    assert cost(tmp_path, plan, "travel_time", p2={"synchronization": {"type": "independent"}}) == 80


@pytest.mark.parametrize(
    ("who", "stops", "words"),
    [
        ("c1", [Served("p1", "s1", 59), Served("p2", "s1", 100)], "served 1 min too early"),
        ("c1", [Served("p1", "s1", 90), Served("p2", "s1", 100)], "15 min too late at p2"),
        ("c1", [Served("p1", "s1", 60), Served("p2", "s1", 101)], "29 min apart"),
        ("c2", [Served("p2", "s2", 141)], "41 min apart"),
        ("c1", [Served("p1", "s1", 60), Served("p2", "s1", 100), Served("p1", "s1", 200)], "too often"),
        ("c1", [Served("p2", "s2", 200)], "qualification is 1 but a rule"),
        ("c2", [Served("p2", "s2", 130), Served("p2", "lunch_break", 170)], "starts at 170, not 180 to 360"),
        ("c2", [Served("p2", "s2", 130), Served("p2", "lunch_break", 361)], "starts at 361, not 180 to 360"),
        ("c2", [Served("p2", "s2", 130), *[Served("p2", "lunch_break", t) for t in (200, 250)]], "no such break"),
        ("c9", [], "no caregiver c9"),
        ("c1", [Served("p9", "s1", 60)], "no patient p9"),
    ],
)
def test_the_judge_names_what_is_broken(tmp_path: Path, who: str, stops: list[Served], words: str) -> None:
    verdict = judge(home_care(tmp_path, {}), GOOD | {who: stops})
    assert not verdict.is_valid
    assert words in " ".join(verdict.faults)


@pytest.mark.parametrize(("met", "last"), [("at_service_start", 360), ("at_service_end", 330)])
def test_a_break_starts_or_ends_within_its_span_as_services_do_in_their_windows(
    tmp_path: Path, met: str, last: int
) -> None:
    windows = {
        "p1": {"time_windows": [{"start": 60, "end": 400}]},
        "p2": {"time_windows": [{"start": 100, "end": 400}]},
    }
    for start, is_allowed in ((last, True), (last + 1, False)):
        plan = GOOD | {"c2": [Served("p2", "s2", 130), Served("p2", "lunch_break", start)]}
        assert judge(home_care(tmp_path, {}, met=met, **windows), plan).is_valid == is_allowed


def test_rules_that_an_instance_gives_no_weight_are_kept(tmp_path: Path) -> None:
    verdict = judge(home_care(tmp_path, {"missed_lunch_break": None}), GOOD)
    assert verdict.faults == ("missed_lunch_break is 1 but a rule",)
    assert judge(home_care(tmp_path, {}, p2={"incompatible_caregivers": ["c1"]}), GOOD).faults
    assert judge(home_care(tmp_path, {"optional_patients": "HARD"}), {**GOOD, "c1": GOOD["c1"][1:]}).faults


def test_both_services_from_one_caregiver_are_refused_and_a_service_left_is_counted(tmp_path: Path) -> None:
    alone = {"c2": [Served("p2", "s1", 100), Served("p2", "s2", 130)]}
    verdict = judge(home_care(tmp_path, {}), alone)
    assert (verdict.unserved, verdict.faults) == (0, ("p2 has both services from c2",))
    assert judge(home_care(tmp_path, {}), {"c2": alone["c2"][1:]}).unserved == 1
    assert judge(home_care(tmp_path, {}), {}).unserved == 2


def random_home_care(folder: Path, seed: int) -> Uhhc:
    """Twelve patients, a third of them double, and three caregivers; every part that the search prices has a weight."""
    draw = Random(seed)
    places = [(draw.uniform(0, 30), draw.uniform(0, 30)) for _ in range(14)]
    names = (
        *("travel_time", "total_tardiness", "highest_tardiness", "total_waiting_time", "total_extra_time"),
        *("max_idle_time", "caregiver_preferences", "optional_patients", "missed_lunch_break"),
    )
    patients = []
    for number in range(12):
        begin = 15 * draw.randrange(20)
        services = [{"service": f"s{1 + n}", "duration": draw.choice([15, 30, 45])} for n in range(1 + (number < 4))]
        kinds: list[dict[str, Any]] = [{"type": "simultaneous"}, {"type": "independent"}]
        kinds.append({"type": "sequential", "distance": {"min": 15, "max": 60}})
        windows = [{"start": begin + 150 * n, "end": begin + 150 * n + 90} for n in range(1 + number % 2)]
        patient: dict[str, Any] = {
            "id": f"p{number}",
            "distance_matrix_index": number + 2,
            "required_services": services,
        }
        patient |= {"time_windows": windows, "synchronization": kinds[number % 3], "optional": number % 3 == 0}
        patients.append(patient | ({"preferred_caregivers": ["c1"]} if number % 4 == 0 else {}))
    distances = [[math.ceil(math.dist(a, b)) for b in places] for a in places]
    weights = {name: draw.randint(1, 9) for name in names} | {"max_idle_time": 40, "optional_patients": 90}
    content = {
        "metadata": {
            "time_window_met": draw.choice(["at_service_start", "at_service_end"]),
            "cost_components": weights,
        },
        "distances": distances,
        "terminal_points": [{"id": f"d{n}", "distance_matrix_index": n} for n in range(2)],
        "services": [],
        "lunch_breaks": {"start": 180, "end": 300, "min_duration": 30},
        "caregivers": [caregiver(f"c{n}", ["s1", "s2"]) | {"lunch_break": n > 1} for n in range(1, 4)],
        "patients": patients,
    }
    content["caregivers"][2]["arrival_point"] = "d1"  # type: ignore[index] # a list of records
    path = folder / "i-002.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_uhhc(path)


@pytest.mark.parametrize("seed", range(8))
def test_the_search_asks_what_the_judge_asks(tmp_path: Path, seed: int) -> None:
    instance = random_home_care(tmp_path, seed)
    for iterations in (0, 10, 200):
        answer = search(uhhc.input_of(instance), seed=seed, budget=Budget(iterations=iterations))
        verdict = judge(instance, uhhc.plan_of(instance, answer))
        assert verdict.is_valid, verdict
        # The input pays what an unused caregiver's lunch costs back to the first visit.
        assert verdict.cost == answer.cost + 2 * instance.weights["missed_lunch_break"]


def test_the_search_plans_home_care_and_its_plan_reads_as_the_set_writes_it(tmp_path: Path) -> None:
    instance = home_care(tmp_path, {"travel_time": 2, "optional_patients": 100, "missed_lunch_break": 50})
    answer = search(uhhc.input_of(instance), seed=1, budget=Budget(iterations=50))
    plan = uhhc.plan_of(instance, answer)
    verdict = judge(instance, plan)
    assert verdict.is_valid
    assert verdict.cost == answer.cost + 2 * 50 == 160
    written = json.loads(uhhc.solution_text(instance, plan))
    stops = [stop for route in written["routes"] for stop in route["locations"]]
    assert sorted(stop["service"] for stop in stops) == ["lunch_break", "lunch_break", "s1", "s1", "s2"]
    assert {stop["departure_time"] - stop["arrival_time"] for stop in stops} == {10, 15, 20, 30}
    with pytest.raises(ValueError, match="no price for workload_balance"):
        uhhc.input_of(home_care(tmp_path, {"workload_balance": 1}))
