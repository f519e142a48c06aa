"""The public sets without timing between visits: what is read, judged and written, on instances made up here."""

from pathlib import Path

import pytest

from optimizer.routing import search
from optimizer.stop import Budget
from tests.bench.sets import pvrp, vrptw
from tests.bench.sets.running import BenchSet, Judged, Task, run_set, searched
from tests.bench.sets.verdict import Verdict

VRPTW = """NAME : tiny
TYPE : CVRPTW
DIMENSION : 4
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 5
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 1
3 3 4
4 6 8
DEMAND_SECTION
1 0
2 4
3 4
4 4
TIME_WINDOW_SECTION
1 0 50
2 0 40
3 10 20
4 0 30
DEPOT_SECTION
1
-1
EOF
"""
PVRP = """1 1 3 2
40 5
40 4
 0 0 0 0 0 0 0
 1 3 4 1 2 2 1 3
 2 6 8 1 2 1 2 1 2
 3 0 5 1 3 1 1 2
"""


@pytest.fixture
def routes_with_windows(tmp_path: Path) -> vrptw.Vrptw:
    path = tmp_path / "tiny.vrp"
    path.write_text(VRPTW)
    return vrptw.read_vrptw(path)


@pytest.fixture
def periodic(tmp_path: Path) -> pvrp.Pvrp:
    path = tmp_path / "tiny.txt"
    path.write_text(PVRP)
    return pvrp.read_pvrp(path)


def test_a_vrptw_file_is_read_in_tenths_with_distances_cut(routes_with_windows: vrptw.Vrptw) -> None:
    one = routes_with_windows
    assert (one.name, one.vehicles, one.capacity) == ("tiny", 2, 10)
    assert one.demand.tolist() == [0, 4, 4, 4]
    assert one.windows_tenths[2].tolist() == [100, 200]
    assert one.service_tenths.tolist() == [0, 50, 50, 50]
    assert one.travel_tenths[0].tolist() == [0, 14, 50, 100]  # the root of 2 is cut to 1.4


@pytest.mark.parametrize("lost", ["3 3 4\n", "DEMAND_SECTION\n", "4 0 30\n"])
def test_a_vrptw_file_that_lacks_something_is_refused(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "tiny.vrp"
    path.write_text(VRPTW.replace(lost, "", 1))
    with pytest.raises(ValueError, match="has to have 4 lines"):
        vrptw.read_vrptw(path)


def test_a_right_vrptw_plan_costs_its_distance(routes_with_windows: vrptw.Vrptw) -> None:
    verdict = vrptw.judge(routes_with_windows, [[1, 2], [3]])
    assert verdict.is_valid
    assert verdict.cost == pytest.approx((14 + 36 + 50 + 200) / 10)


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        ([[1, 2, 3]], "carries 12, more than 10"),
        ([[1], [2], [3]], "more than 2 routes"),
        ([[1, 1], [2, 3]], "customer 1 is served 2 times"),
        ([[1, 2], [3, 4]], "customer 4 does not exist"),
        ([[2, 3], [1]], None),
        ([[3, 2], [1]], "route 0 reaches 2 at 20.0"),
    ],
)
def test_a_broken_vrptw_plan_is_refused(
    routes_with_windows: vrptw.Vrptw, routes: list[list[int]], fault: str | None
) -> None:
    routes_with_windows.windows_tenths[2, 1] = 199
    verdict = vrptw.judge(routes_with_windows, routes)
    assert verdict.is_valid is (fault is None)
    assert fault is None or any(fault in found for found in verdict.faults)


def test_a_vrptw_route_that_returns_late_is_refused(routes_with_windows: vrptw.Vrptw) -> None:
    assert vrptw.judge(routes_with_windows, [[1, 2], [3]]).is_valid
    routes_with_windows.windows_tenths[0, 1] = 249  # the second route is back at 25.0
    assert vrptw.judge(routes_with_windows, [[1, 2], [3]]).faults == ("route 1 reaches 0 at 25.0, after 24.9",)


def test_a_vrptw_plan_that_leaves_somebody_is_not_valid(routes_with_windows: vrptw.Vrptw) -> None:
    verdict = vrptw.judge(routes_with_windows, [[1, 2]])
    assert (verdict.unserved, verdict.faults, verdict.is_valid) == (1, (), False)


def test_a_vrptw_solution_is_written_and_read_again() -> None:
    text = vrptw.solution_text([[1, 2], [], [3]], 30.0)
    assert text == "Route #1: 1 2\nRoute #2: 3\nCost 30.0\n"
    assert vrptw.read_solution(text) == [[1, 2], [3]]


def test_the_search_solves_the_vrptw_instance_and_the_judge_agrees(routes_with_windows: vrptw.Vrptw) -> None:
    answer = search(vrptw.input_of(routes_with_windows), seed=1, budget=Budget(iterations=200))
    verdict = vrptw.judge(routes_with_windows, answer.routes)
    assert verdict.is_valid
    assert verdict.cost * vrptw.TENTHS == answer.cost
    assert sorted(map(sorted, filter(None, answer.routes))) == [[1], [2, 3]]


def test_a_pvrp_file_is_read_with_its_combinations(periodic: pvrp.Pvrp) -> None:
    assert (periodic.name, periodic.vehicles, periodic.days) == ("tiny", 1, 2)
    assert (periodic.longest, periodic.capacity) == ((40.0, 40.0), (5.0, 4.0))
    assert [one.combinations for one in periodic.customers] == [((0, 1),), ((1,), (0,)), ((0,),)]
    assert periodic.distance[0].tolist() == [0.0, 5.0, 10.0, 5.0]


def test_a_limit_of_nothing_means_none(tmp_path: Path) -> None:
    path = tmp_path / "free.txt"
    path.write_text(PVRP.replace("40 5", "0 5"))
    assert pvrp.read_pvrp(path).longest == (float("inf"), 40.0)


@pytest.mark.parametrize(
    ("old", "new", "message"), [("1 1 3 2", "5 1 3 2", "of type 5"), ("2 1 3\n", "1 1 3\n", "does not have 1 days")]
)
def test_another_kind_of_pvrp_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "other.txt"
    path.write_text(PVRP.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        pvrp.read_pvrp(path)


RIGHT = [(0, [1, 3]), (1, [1, 2])]


def test_a_right_pvrp_plan_costs_its_distance(periodic: pvrp.Pvrp) -> None:
    verdict = pvrp.judge(periodic, RIGHT)
    assert verdict.is_valid
    assert verdict.cost == pytest.approx(5 + 10**0.5 + 5 + 20)


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        ([(0, [1, 2, 3]), (1, [1])], "carries 7, more than 5"),
        ([(0, [1]), (0, [3]), (1, [1, 2])], "day 0 has 2 routes, more than 1"),
        ([(0, [1, 3]), (1, [2])], "customer 1 is visited on days [0]"),
        ([(0, [1, 3, 1]), (1, [2])], "customer 1 is visited on days [0, 0]"),
        ([(0, [1]), (1, [1, 2, 3])], "customer 3 is visited on days [1]"),
        ([(0, [1, 3]), (2, [1, 2])], "a day or a customer that does not exist"),
        ([(0, [1, 3]), (1, [1, 2, 4])], "a day or a customer that does not exist"),
    ],
)
def test_a_broken_pvrp_plan_is_refused(periodic: pvrp.Pvrp, routes: list[tuple[int, list[int]]], fault: str) -> None:
    verdict = pvrp.judge(periodic, routes)
    assert not verdict.is_valid
    assert any(fault in found for found in verdict.faults)


def test_a_pvrp_route_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text(PVRP.replace("40 4", "21.9 4"))
    verdict = pvrp.judge(pvrp.read_pvrp(path), RIGHT)
    assert verdict.faults == ("route 1 takes 22.000, more than 21.9",)


def test_a_pvrp_plan_that_leaves_somebody_is_not_valid(periodic: pvrp.Pvrp) -> None:
    verdict = pvrp.judge(periodic, [(0, [1]), (1, [1, 2])])
    assert (verdict.unserved, verdict.faults, verdict.is_valid) == (1, (), False)


def test_a_pvrp_solution_is_written_and_read_again(periodic: pvrp.Pvrp) -> None:
    text = pvrp.solution_text(periodic, RIGHT)
    assert text.splitlines() == ["33.16", "1 1 15.16 5 0 1 3 0", "2 1 22.00 4 0 1 2 0"]
    assert pvrp.read_solution(text) == RIGHT


def test_the_search_solves_the_pvrp_instance_and_the_judge_agrees(periodic: pvrp.Pvrp) -> None:
    view = pvrp.view_of(periodic)
    assert view.customer == (0, 1, 1, 2, 3)
    answer = search(view.given, seed=1, budget=Budget(iterations=200))
    routes = view.routes_of(answer.routes)
    assert [(day, sorted(stops)) for day, stops in routes] == [(0, [1, 3]), (1, [1, 2])]
    verdict = pvrp.judge(periodic, routes)
    assert verdict.is_valid
    assert answer.cost == pytest.approx(pvrp.SCALE * verdict.cost, abs=len(view.customer))


def test_a_choice_of_combinations_becomes_a_group(tmp_path: Path) -> None:
    path = tmp_path / "choice.txt"
    path.write_text("1 1 2 4\n" + "0 9\n" * 4 + "0 0 0 0 0 0 0\n1 0 1 0 1 2 2 10 5\n2 0 2 0 1 3 1 14\n")
    given = pvrp.view_of(pvrp.read_pvrp(path)).given
    given.check_shapes()
    assert given.group.tolist() == [-1, 0, 0, -1, -1, -1]
    assert given.patterns.tolist() == [[[0, 2], [1, 3]]]
    assert given.window_count[3:].tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]


def judged(task: Task) -> Judged:
    """Stands for a run whose plan costs as much as the file says."""
    return Judged(Verdict(float(task.path.read_text()), 0, ()), "the plan\n", 10.0, 1.0)


def test_a_set_is_run_by_instance_and_seed_and_written(tmp_path: Path) -> None:
    for name, cost in {"a1": "11", "a2": "20", "b1": "7"}.items():
        (tmp_path / f"{name}.txt").write_text(cost)
    bench_set = BenchSet("tiny", "*.txt", ".plan", lambda _: {"a1": 10.0, "a2": 20.0}, judged)
    output, folder = tmp_path / "out" / "rows.csv", tmp_path / "plans"
    words = ["--data", str(tmp_path), "--seconds", "1", "--seeds", "2", "--instances", "a1,a2"]
    assert run_set(bench_set, [*words, "-o", str(output), "--solutions", str(folder)], None) == 0
    lines = output.read_text().splitlines()
    assert [line.split(",")[1:9] for line in lines[1:3]] == [
        ["a1", "xunzhen", "1.0", "1", "1", "11.0", "10.0", "10.0"],
        ["a2", "xunzhen", "1.0", "1", "1", "20.0", "20.0", "0.0"],
    ]
    assert sorted(path.name for path in folder.iterdir()) == [f"a{n}-seed{k}.plan" for n in (1, 2) for k in (1, 2)]


def test_seeds_go_on_from_the_first_one(tmp_path: Path) -> None:
    (tmp_path / "a1.txt").write_text("11")
    bench_set = BenchSet("tiny", "*.txt", ".plan", lambda _: {}, judged)
    output = tmp_path / "rows.csv"
    words = ["--data", str(tmp_path), "--seeds", "2", "--first-seed", "4", "-o", str(output)]
    assert run_set(bench_set, words, None) == 0
    assert [line.split(",")[5] for line in output.read_text().splitlines()[1:]] == ["4", "5"]


def test_seconds_of_the_processor_end_a_run_too(periodic: pvrp.Pvrp, tmp_path: Path) -> None:
    _, cpu_seconds = searched(pvrp.view_of(periodic).given, Task(tmp_path, 0.05, 1, 1, "cpu"))
    assert cpu_seconds >= 0.05
