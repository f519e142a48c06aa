"""The measured week: its recipe gives the figures it always gave, and its judge keeps every rule."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.routing import search
from optimizer.stop import Budget
from tests.bench import week as bench
from tests.bench.results import Row
from tests.bench.weeks import demo
from tests.bench.weeks.judge import judge, price_route
from tests.bench.weeks.noon import without_lunch
from tests.bench.weeks.ours import input_of
from tests.bench.weeks.prototype import mapping_of
from tests.bench.weeks.recipe import ANY_SKILL, DAYS, NOBODY, SKILLS, Week, draw_week, make_week
from tests.optimizer.routing.weeks import full_week


def a_week() -> Week:
    """Three half-hour visits ten, twenty and thirty minutes from the base on one road, one team, any day."""
    places = np.arange(4)
    windows = np.zeros((4, 2), np.int64)
    windows[:, 1] = 6000
    days = np.zeros((4, 2), np.int64)
    days[:, 1] = DAYS - 1
    return Week(
        name="road",
        team_count=2,
        clinics=0,
        travel_tenths=100 * np.abs(places[:, None] - places[None, :]),
        service_tenths=np.array([0, 300, 300, 300]),
        penalty_tenths=np.array([0, 2000, 4000, 8000]),
        windows_tenths=windows,
        days=days,
        skill=np.full(4, ANY_SKILL),
        team_skills=np.zeros((2, SKILLS), np.bool_),
        preferred_team=np.full(4, NOBODY),
        place_km=np.zeros((4, 2)),
    )


@pytest.mark.parametrize(
    ("size", "load", "travel", "penalty", "service"),
    [
        (150, 0.5357843137254902, 6574052, 940000, 45650),
        (400, 1.1273725490196078, 52808920, 2488000, 119740),
        (1000, 1.1552614379084967, 269821819, 6240000, 293510),
    ],
)
def test_a_week_of_seed_one_is_the_one_of_earlier_figures(
    size: int, load: float, travel: int, penalty: int, service: int
) -> None:
    week = make_week(size, 1)
    assert (week.count, week.load) == (size, load)
    sums = [int(array.sum()) for array in (week.travel_tenths, week.penalty_tenths, week.service_tenths)]
    assert sums == [travel, penalty, service]


def test_the_same_seed_gives_the_same_week_and_another_seed_another() -> None:
    one, same, other = make_week(150, 1), make_week(150, 1), make_week(150, 2)
    assert one.name == "week-150-seed1"
    assert (one.travel_tenths == same.travel_tenths).all()
    assert (one.allowed == same.allowed).all()
    assert (one.travel_tenths != other.travel_tenths).any()


def test_a_right_route_costs_its_travel() -> None:
    assert price_route(a_week(), 0, [1, 2, 3]) == 600  # back after 2h30, before lunch begins at the latest
    assert judge(a_week(), {0: [1, 2, 3]}).cost_tenths == 600


def test_what_is_left_costs_its_penalty() -> None:
    verdict = judge(a_week(), {0: [1, 3]})
    assert verdict.cost_tenths == 600 + 4000
    assert (verdict.unserved, verdict.repaired) == ((2,), 0)


def test_continuity_is_paid_where_another_team_comes() -> None:
    week = replace(a_week(), preferred_team=np.array([NOBODY, 0, NOBODY, NOBODY]))
    assert price_route(week, 0, [1]) == 200
    assert price_route(week, DAYS, [1]) == 200 + 100


def test_overtime_is_paid_twice_from_the_end_of_the_shift() -> None:
    week = a_week()
    week.windows_tenths[1, 0] = 5400
    assert price_route(week, 0, [1]) == 200 + 2 * (5400 + 300 + 100 - 5700)


def test_a_return_after_the_last_one_is_refused() -> None:
    week = a_week()
    week.windows_tenths[1] = 5600, 6000
    assert price_route(week, 0, [1]) == 200 + 2 * (6000 - 5700)
    week.windows_tenths[1, 0] = 5601
    assert price_route(week, 0, [1]) is None


def test_lunch_is_an_hour_before_a_visit_that_starts_after_it() -> None:
    week = a_week()
    week.windows_tenths[2] = 2600, 3400
    week.service_tenths[1] = 2500
    assert price_route(week, 0, [1, 2]) == 400  # there at 2700, lunch to 3300
    week.windows_tenths[2, 1] = 3299
    assert price_route(week, 0, [1, 2]) is None


def test_a_day_without_room_for_lunch_is_refused() -> None:
    week = a_week()
    week.windows_tenths[1, 1] = 2699  # no room for lunch before it
    week.service_tenths[1] = 2600  # out at 100, done at 2700: lunch may just begin
    assert price_route(week, 0, [1]) == 200
    week.service_tenths[1] = 2601
    assert price_route(week, 0, [1]) is None


def test_a_late_start_is_refused() -> None:
    week = a_week()
    week.windows_tenths[3] = 0, 299
    assert price_route(week, 0, [3]) is None
    week.windows_tenths[3] = 0, 300
    assert price_route(week, 0, [3]) == 600


def test_a_day_that_is_not_the_visits_is_refused() -> None:
    week = a_week()
    week.days[1] = 1, 2
    assert [price_route(week, day, [1]) for day in range(4)] == [None, 200, 200, None]


def test_a_team_without_the_skill_is_refused() -> None:
    week = a_week()
    week.skill[1] = 3
    week.team_skills[1, 3] = True
    assert price_route(week, 0, [1]) is None
    assert price_route(week, DAYS, [1]) == 200


@pytest.mark.parametrize("stops", [[1, 1], [4], [0]])
def test_a_visit_twice_or_one_that_does_not_exist_is_refused_and_left_out(stops: list[int]) -> None:
    assert price_route(a_week(), 0, stops) is None
    verdict = judge(a_week(), {0: stops})
    assert verdict.repaired == 1
    assert verdict.routes[0] == ((1,) if stops == [1, 1] else ())


def test_a_visit_on_a_second_route_is_left_out_there() -> None:
    verdict = judge(a_week(), {0: [1, 2], 1: [2, 3]})
    assert verdict.routes == {0: (1, 2), 1: (3,)}
    assert (verdict.repaired, verdict.cost_tenths) == (1, 400 + 600)


def test_a_broken_route_is_mended_by_leaving_out_its_cheapest_visit() -> None:
    week = a_week()
    week.windows_tenths[3] = 0, 899  # too late for [1, 2, 3], in time without either
    verdict = judge(week, {0: [1, 2, 3]})
    assert verdict.routes[0] == (2, 3)
    assert (verdict.repaired, verdict.cost_tenths) == (1, 600 + 2000)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_search_and_the_judge_agree_on_the_cost(seed: int) -> None:
    week = draw_week("small", 40, 2, np.random.default_rng(seed))
    answer = search(input_of(week), seed=seed, budget=Budget(iterations=400))
    verdict = judge(week, dict(enumerate(answer.routes)))
    assert (verdict.cost_tenths, verdict.unserved, verdict.repaired) == (answer.cost, answer.absent, 0)


def test_a_plan_of_a_demo_week_is_judged_with_its_joint_visits() -> None:
    given = full_week(1)
    found = search(given, seed=1, budget=Budget(iterations=300))
    assert demo.judge(given, found) == found.cost
    lead = next(visit for stops in found.routes for visit in stops if given.partner[visit] != NOBODY)
    number = next(number for number, stops in enumerate(found.routes) if lead in stops)
    times = found.times[number]
    assert times is not None
    place = found.routes[number].index(lead)
    starts = (*times.starts[:place], times.starts[place] + 1, *times.starts[place + 1 :])
    late = (*found.times[:number], replace(times, starts=starts), *found.times[number + 1 :])
    assert demo.judge(given, replace(found, times=late)) is None


def test_a_plan_of_a_demo_week_with_half_a_joint_visit_or_one_team_for_both_is_refused() -> None:
    given = full_week(1)
    found = search(given, seed=1, budget=Budget(iterations=300))
    lead = next(visit for stops in found.routes for visit in stops if given.partner[visit] != NOBODY)
    number = next(number for number, stops in enumerate(found.routes) if lead in stops)
    times = found.times[number]
    assert times is not None
    place = found.routes[number].index(lead)
    fewer = replace(times, starts=times.starts[:place] + times.starts[place + 1 :])
    stops = found.routes[number][:place] + found.routes[number][place + 1 :]
    half = replace(
        found,
        routes=(*found.routes[:number], stops, *found.routes[number + 1 :]),
        times=(*found.times[:number], fewer, *found.times[number + 1 :]),
    )
    assert demo.judge(given, half) is None
    given.team[:] = 0
    assert demo.judge(given, found) is None


def test_a_day_without_lunch_has_no_hour_after_noon() -> None:
    assert [without_lunch(tenths) for tenths in (0, 2400, 2700, 3000, 3001, 6000)] == [0, 2400, 2400, 2400, 2401, 5400]


def test_an_earlier_version_is_told_the_same_week() -> None:
    week = make_week(150, 1)
    told = mapping_of(week)
    assert (told["n"], told["R"]) == (150, 20)
    assert (told["ok"] == week.allowed).all()


def test_a_solver_that_is_not_installed_is_left_out_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "is_installed", lambda name: name != "pyvrp")
    options = bench._options(["--solvers", "xunzhen,pyvrp"])
    assert bench._usable(options) == ["xunzhen"]
    assert "pyvrp is not installed" in capsys.readouterr().out


def test_an_unknown_size_or_solver_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--sizes", "149"], ["--solvers", "nobody"]):
        with pytest.raises(SystemExit):
            bench._options(words)
    assert "no such size or solver" in capsys.readouterr().err


def test_medians_are_set_against_ours_on_the_same_instance() -> None:
    costs = {("xunzhen", 1): 100.0, ("xunzhen", 2): 200.0, ("pyvrp", 1): 150.0, ("pyvrp", 2): 220.0}
    rows = [
        Row("week", f"week-150-seed{seed}", solver, 10.0, 1, seed, cost, np.nan, np.nan, 0, True, 1.0)
        for (solver, seed), cost in costs.items()
    ]
    lines = bench.medians(rows).splitlines()
    assert lines[1].split()[-3:] == ["150.0", "0", "100.0"]
    assert lines[2].split()[-3:] == ["185.0", "0", "130.0"]
