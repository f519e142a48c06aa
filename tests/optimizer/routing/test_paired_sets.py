"""The public sets of days with pairs: what is read, what the judges refuse, and plans as good as the proven best."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimizer.routing import search
from optimizer.stop import Budget
from tests.bench import hhcrsp, sync
from tests.bench.sets import bredstrom, bredstrom_judge, mankowska, mankowska_judge
from tests.bench.sets.mankowska_judge import Served

OFFICE, NEAR, FAR = [0.0, 0.0], [10.0, 0.0], [20.0, 0.0]
DISTANCES = [[0.0, 10.0, 20.0], [10.0, 0.0, 10.0], [20.0, 10.0, 0.0]]


def home_care(folder: Path) -> mankowska.Mankowska:
    """A patient with one service and one whose second service follows the first after 30 to 40 minutes."""
    pair = [{"service": "s1", "duration": 10.0}, {"service": "s2"}]
    content: dict[str, Any] = {
        "patients": [
            {"id": "p1", "location": NEAR, "time_window": [60, 100], "required_caregivers": [{"service": "s1"}]},
            {
                "id": "p2",
                "location": FAR,
                "time_window": [100, 130],
                "required_caregivers": pair,
                "synchronization": {"type": "sequential", "distance": [30, 40]},
            },
        ],
        "services": [{"id": "s1", "default_duration": 15}, {"id": "s2", "default_duration": 20}],
        "caregivers": [{"id": "c1", "abilities": ["s1"]}, {"id": "c2", "abilities": ["s1", "s2"]}],
        "central_offices": [{"id": "d", "location": OFFICE}],
        "distances": DISTANCES,
    }
    path = folder / "InstanzCPLEX_HCSRP_10_7.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return mankowska.read_mankowska(path)


GOOD = {"c1": [Served("p1", "s1", 60.0), Served("p2", "s1", 100.0)], "c2": [Served("p2", "s2", 130.0)]}


def test_home_care_is_read_and_a_good_plan_is_valid(tmp_path: Path) -> None:
    instance = home_care(tmp_path)
    assert instance.label == "A7"
    assert instance.patients[0].services == (("s1", 15.0),)
    assert instance.patients[1].apart == (30.0, 40.0)
    verdict = mankowska_judge.judge(instance, GOOD)
    assert verdict.is_valid
    assert verdict.cost == pytest.approx((40 + 40) / 3)


@pytest.mark.parametrize(
    ("caregiver", "stops", "words"),
    [
        ("c1", [Served("p1", "s1", 59.0), Served("p2", "s1", 100.0)], "before its window"),
        ("c1", [Served("p1", "s1", 90.0), Served("p2", "s1", 100.0)], "too late at p2"),
        ("c1", [Served("p1", "s1", 60.0), Served("p2", "s1", 101.0)], "29.000 min apart"),
        ("c2", [Served("p2", "s2", 140.1)], "40.100 min apart"),
        ("c1", [Served("p1", "s1", 60.0), Served("p2", "s1", 100.0), Served("p1", "s1", 200.0)], "too often"),
        ("c1", [Served("p2", "s2", 200.0)], "cannot do s2"),
        ("c9", [], "no caregiver c9"),
        ("c1", [Served("p9", "s1", 60.0)], "no patient p9"),
    ],
)
def test_the_judge_of_home_care_names_what_is_broken(
    tmp_path: Path, caregiver: str, stops: list[Served], words: str
) -> None:
    verdict = mankowska_judge.judge(home_care(tmp_path), GOOD | {caregiver: stops})
    assert not verdict.is_valid
    assert words in " ".join(verdict.faults)


def test_both_services_from_one_caregiver_are_refused_and_a_service_left_is_counted(tmp_path: Path) -> None:
    alone = {"c1": [], "c2": [Served("p2", "s1", 100.0), Served("p2", "s2", 130.0)]}
    verdict = mankowska_judge.judge(home_care(tmp_path), alone)
    assert verdict.unserved == 1
    assert verdict.faults == ("p2 has both services from c2",)


def test_lateness_counts_in_total_and_at_its_largest(tmp_path: Path) -> None:
    late = {"c1": [Served("p1", "s1", 110.0), Served("p2", "s1", 135.0)], "c2": [Served("p2", "s2", 170.0)]}
    verdict = mankowska_judge.judge(home_care(tmp_path), late)
    assert verdict.is_valid
    assert verdict.cost == pytest.approx((80 + 10 + 5 + 40 + 40) / 3)


def test_the_search_plans_home_care_and_its_plan_reads_as_the_set_writes_it(tmp_path: Path) -> None:
    instance = home_care(tmp_path)
    answer = search(hhcrsp.input_of(instance), seed=1, budget=Budget(iterations=50))
    plan = hhcrsp.plan_of(instance, answer)
    verdict = mankowska_judge.judge(instance, plan)
    assert verdict.is_valid
    assert verdict.cost == pytest.approx(80 / 3)
    assert answer.cost == pytest.approx(3000 * verdict.cost)
    written = json.loads(hhcrsp.solution_text(instance, plan))
    assert {route["caregiver_id"] for route in written["routes"]} == {"c1", "c2"}
    assert {
        stop["departure_time"] - stop["arrival_time"] for route in written["routes"] for stop in route["locations"]
    } == {
        10.0,
        15.0,
        20.0,
    }


DAT = """set Shared_Visited:= (1,3),;
param kn:= 2;
param T:= 100;
param s_id: 1 2 3 :=
0 0 0 0
1 10 10 10
2 5 5 5
3 10 10 10
;
param t_ij: 0 1 2 3 :=
0 0 10 20 10
1 10 10000 10 10000
2 20 10 10000 10
3 10 10000 10 10000
;
param e_id: 1 2 3 :=
0 0 0 0
1 20 20 20
2 0 0 0
3 20 20 20
;
param l_id: 1 2 3 :=
0 0 0 0
1 40 40 40
2 90 90 90
3 40 40 40
;
"""


def synchronised(folder: Path) -> bredstrom.Bredstrom:
    """Two halves of a visit and one visit behind it."""
    path = folder / "case_2_20_4_2_3.dat"
    path.write_text(DAT, encoding="utf-8")
    return bredstrom.read_bredstrom(path)


def test_synchronised_visits_are_read_and_a_good_plan_is_valid(tmp_path: Path) -> None:
    instance = synchronised(tmp_path)
    assert (instance.label, instance.carers, instance.day_end, instance.pairs) == ("2M", 2, 100.0, ((1, 3),))
    verdict = bredstrom_judge.judge(instance, [[(1, 20.0), (2, 40.0)], [(3, 20.0)]])
    assert verdict.is_valid
    assert verdict.cost == pytest.approx((40 + 20) * 9 / 100)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ([[(1, 19.0), (2, 40.0)], [(3, 19.0)]], "not between"),
        ([[(1, 41.0), (2, 61.0)], [(3, 41.0)]], "not between"),
        ([[(1, 20.0), (2, 39.0)], [(3, 20.0)]], "before its carer"),
        ([[(1, 20.0), (2, 76.0)], [(3, 20.0)]], "after 100"),
        ([[(1, 20.0), (2, 40.0)], [(3, 21.0)]], "1.000 min apart"),
        ([[(1, 20.0)], [(3, 20.0)], [(2, 40.0)]], "3 carers instead of 2"),
        ([[(1, 20.0), (3, 20.0)], [(2, 40.0)]], "one carer makes both"),
        ([[(1, 20.0), (2, 40.0)], [(3, 20.0), (2, 40.0)]], "made 2 times"),
        ([[(7, 20.0)], []], "no visit 7"),
    ],
)
def test_the_judge_of_synchronised_visits_names_what_is_broken(
    tmp_path: Path, plan: list[list[tuple[int, float]]], words: str
) -> None:
    verdict = bredstrom_judge.judge(synchronised(tmp_path), plan)
    assert not verdict.is_valid
    assert words in " ".join(verdict.faults)


def test_a_visit_left_is_counted(tmp_path: Path) -> None:
    verdict = bredstrom_judge.judge(synchronised(tmp_path), [[(1, 20.0)], [(3, 20.0)]])
    assert (verdict.unserved, verdict.faults, verdict.is_valid) == (1, (), False)


def test_the_search_plans_synchronised_visits(tmp_path: Path) -> None:
    instance = synchronised(tmp_path)
    answer = search(sync.input_of(instance), seed=1, budget=Budget(iterations=50))
    verdict = bredstrom_judge.judge(instance, sync.plan_of(answer))
    assert verdict.is_valid
    assert verdict.cost == pytest.approx((40 + 20) * 9 / 100)


def test_a_carer_less_and_the_visits_behind_are_left(tmp_path: Path) -> None:
    instance = replace(synchronised(tmp_path), carers=1)
    answer = search(sync.input_of(instance), seed=1, budget=Budget(iterations=50))
    assert answer.absent == (1, 3)


def test_instances_of_ten_patients_are_planned_to_the_proven_best(shared_folder: Path) -> None:
    folder = shared_folder / "bench" / "hhcrsp_mankowska"
    known = mankowska.read_best_known(folder)
    paths = sorted(folder.glob("InstanzCPLEX_HCSRP_10_*.json"))
    assert paths
    for path in paths:
        instance = mankowska.read_mankowska(path)
        answer = search(hhcrsp.input_of(instance), seed=1, budget=Budget(iterations=10_000))
        verdict = mankowska_judge.judge(instance, hhcrsp.plan_of(instance, answer))
        assert verdict.is_valid
        assert verdict.cost == pytest.approx(known[instance.label], abs=1e-3)


@pytest.mark.parametrize("name", ["case_1_20_4_2_1.dat", "case_2_20_4_2_3.dat", "case_4_20_4_2_2.dat"])
def test_instances_of_twenty_visits_are_planned_to_the_proven_best(shared_folder: Path, name: str) -> None:
    folder = shared_folder / "bench" / "bredstrom_ronnqvist"
    instance = bredstrom.read_bredstrom(folder / name)
    answer = search(sync.input_of(instance), seed=1, budget=Budget(iterations=10_000))
    verdict = bredstrom_judge.judge(instance, sync.plan_of(answer))
    assert verdict.is_valid
    # The table has two decimals.
    assert verdict.cost == pytest.approx(bredstrom.read_best_known(folder)[instance.label], abs=0.0051)
