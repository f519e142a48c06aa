"""Joint visits in the quick search: the scarce get their crews before anybody else takes them, at any budget."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.check import check
from optimizer.model import Channel, ChannelOption, FollowUp, Joint, Member, Skill, StaffNeed, Team, TimeWindow
from optimizer.problem import Problem
from optimizer.roster.board import BEST, COST, Board, Settings, Table
from optimizer.roster.pairing import meet_all
from optimizer.roster.quick import settings_of
from optimizer.roster.ruin import aim, cancel
from optimizer.roster.solving import Task, solve_parts
from optimizer.routing.kernel import entry
from optimizer.solve import SolveParams, solve
from optimizer.stop import Budget
from optimizer.weights import Weights
from tests.builders import week_day
from tests.optimizer.roster.test_quick import SMALL, Case, a_case, searched
from tests.optimizer.roster.townships import TWO_TRAINED, Size, a_township

PSYCHIATRIST = StaffNeed(roles=("PSYCHIATRIST",))
DAYLIGHT = (TimeWindow(8 * 3600, 16 * 3600),)
HOME_IN_PAIRS = ChannelOption(Channel.HOME, 2400, (TWO_TRAINED,), head_count=2)


def jointly(item: FollowUp, last_day: int) -> FollowUp:
    """The follow-up as an urgent joint visit that has to be made by a day."""
    return replace(
        item,
        channels=(HOME_IN_PAIRS,),
        patrol_sites=(),
        time_windows=DAYLIGHT,
        priority=0,
        earliest=week_day(0),
        due=week_day(last_day),
        latest=week_day(last_day),
        hard_end=True,
        joint=Joint((PSYCHIATRIST,)),
    )


def with_joints(problem: Problem, count: int, half_days: tuple[int, ...] = (0, 4, 6), most: int = 2) -> Problem:
    """A week with so many urgent joint visits and one psychiatrist, whom nobody but a joint visit needs."""
    expert = Member("psy", "PSYCHIATRIST", "far", "base", half_days, drives=("ebike",), max_half_days=most)
    homes = [number for number, item in enumerate(problem.follow_ups) if item.site.startswith("h")][:count]
    items = list(problem.follow_ups)
    for place, number in enumerate(homes):
        items[number] = jointly(items[number], (4, 0, 2, 3)[place % 4])
    teams = (*problem.teams, Team("far", 3, "base"))
    return replace(problem, follow_ups=tuple(items), members=(*problem.members, expert), teams=teams)


def all_trained(problem: Problem) -> Problem:
    members = tuple(m if m.role == "PSYCHIATRIST" else replace(m, skills=(Skill("SMD"),)) for m in problem.members)
    return replace(problem, members=members)


def most_met(case: Case) -> int:
    """How many joint visits the joint model can serve at all, whatever it costs the others; proved."""
    groups = case.sheet.groups
    left = [variable for number, variable in case.book.left.items() if groups[number].sample.joint is not None]
    free = np.zeros(case.model.variable_count, np.bool_)
    for slot in case.sheet.slots:
        free[[slot.on, *slot.members.values()]] = True
    free[[c.variable for c in case.book.contacts if groups[c.group].sample.joint is not None]] = True
    cost = np.zeros_like(case.model.cost)
    cost[left] = 1
    model = replace(case.model, cost=cost)
    task = Task(model.with_followers(free), effort=20.0, seed=0)
    answer = solve_parts(model, case.nothing, [task], Budget(iterations=1).start())[0]
    assert answer.values is not None
    assert answer.is_proved
    return len(left) - int(answer.values[left].sum())


def met(table: Table) -> int:
    return int(np.count_nonzero(table.now.pairs[:, 0] >= 0))


@pytest.mark.parametrize("seed", range(1, 7))
def test_as_many_urgent_joint_visits_are_met_at_once_as_can_be_met_at_all(seed: int) -> None:
    case = a_case(with_joints(a_township(seed, SMALL), 7))
    table = searched(case, case.laid(), iterations=1_000, workers=1)
    assert met(table) == most_met(case)


@pytest.mark.parametrize("iterations", [1, 50, 300, 2_000])
@pytest.mark.parametrize("seed", range(1, 4))
def test_a_roster_with_joint_visits_is_a_solution_of_the_joint_model_at_the_cost_told(
    seed: int, iterations: int
) -> None:
    case = a_case(all_trained(with_joints(a_township(seed, SMALL), 5)))
    case = replace(case, model=replace(case.model, cost=np.where(case.model.cost < 0, 0, case.model.cost)))
    board = case.laid()
    table = searched(case, board, iterations=iterations)
    values = case.values(board, table)
    assert case.model.is_feasible(values)
    assert case.model.price(values) == int(table.totals[BEST])
    assert met(table) > 0 or iterations == 1


@entry
def meet_on(board: Board, table: Table, h: int, settings: Settings) -> None:
    """Compiled entry for a test."""
    meet_all(board, table, h, settings)


@entry
def take_away(board: Board, table: Table, a: int) -> None:
    """Compiled entry for a test."""
    cancel(board, table, a)


@entry
def aim_at(board: Board, table: Table) -> bool:
    """Compiled entry for a test."""
    return bool(aim(board, table))


def test_a_crew_that_is_taken_away_leaves_its_joint_visits_and_they_find_others() -> None:
    case = a_case(all_trained(with_joints(a_township(2, SMALL), 3)))
    laid_out = case.laid()
    board, table = laid_out.board, searched(case, laid_out, iterations=500, workers=1)
    before, cost = met(table), int(table.totals[COST])
    row = int(table.now.pairs[table.now.pairs[:, 0] >= 0][0, 0])
    take_away(board, table, int(board.pair[row].activity))
    assert met(table) < before
    assert int(table.totals[COST]) > cost
    meet_on(board, table, int(board.activity[board.pair[row].activity].half), settings_of(Weights()))
    assert met(table) == before


def test_who_may_also_be_seen_at_a_session_is_seen_there_when_no_crews_can_meet() -> None:
    problem = with_joints(a_township(2, SMALL), 2, half_days=())
    seen = ChannelOption(Channel.PATROL, 600)
    items = tuple(
        replace(item, channels=(HOME_IN_PAIRS, seen), patrol_sites=(problem.sessions[0].site,)) if item.joint else item
        for item in problem.follow_ups
    )
    case = a_case(replace(problem, follow_ups=items))
    board = case.laid()
    table = searched(case, board, iterations=500)
    joint = [number for number, group in enumerate(case.sheet.groups) if group.sample.joint is not None]
    assert len(joint) == 2
    assert met(table) == 0
    assert case.model.is_feasible(case.values(board, table))
    assert int(table.now.left[joint].sum()) < 2


def test_nothing_is_aimed_at_when_all_are_met() -> None:
    case = a_case(all_trained(with_joints(a_township(1, SMALL), 1)))
    table = searched(case, case.laid(), iterations=500, workers=1)
    assert met(table) == 1
    assert not aim_at(case.laid().board, table)


def test_without_a_psychiatrist_a_joint_visit_is_left_and_the_plan_says_why() -> None:
    problem = with_joints(a_township(3, Size(villages=6, teams=3, due=40, later=20)), 2, half_days=())
    result = solve(problem, SolveParams(iterations=1, workers=1))
    assert check(problem, result.plan).is_feasible
    joint = {item.id for item in problem.follow_ups if item.joint}
    reasons = {left.id: left.rules for left in (*result.plan.unplanned, *result.plan.deferred) if left.id in joint}
    assert set(reasons) == joint
    assert all("JOINT" in rules for rules in reasons.values())


def test_a_pair_of_far_teams_makes_a_joint_visit_when_nobody_nearer_can() -> None:
    problem = with_joints(a_township(1, Size(villages=20, teams=9, due=120, later=40)), 1, half_days=(2,))
    trained = {"m1.0", "m6.0"}
    members = tuple(
        replace(m, skills=(Skill("SMD"),) if m.id in trained else (), field_half_days=tuple({*m.field_half_days, 2}))
        for m in problem.members
    )
    problem = replace(problem, members=members)
    result = solve(problem, SolveParams(iterations=600, workers=1))
    verdict = check(problem, result.plan)
    assert verdict.is_feasible
    (name,) = (item.id for item in problem.follow_ups if item.joint)
    crews = [crew for crew in result.plan.crews if any(name in stop.follow_ups for stop in crew.stops)]
    assert len(crews) == 2
    assert any(trained <= set(crew.members) for crew in crews)


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_solve_of_one_neighbourhood_makes_the_urgent_joint_visits(seed: int) -> None:
    problem = all_trained(with_joints(a_township(seed, Size(villages=20, teams=6, due=300, later=200)), 3))
    result = solve(problem, SolveParams(seed=seed, iterations=1, workers=1))
    assert check(problem, result.plan).is_feasible
    joint = {item.id for item in problem.follow_ups if item.joint}
    assert not joint & {left.id for left in result.plan.unplanned}
