"""The quick search: its rosters are solutions of the joint model at the cost it tells, and a seed repeats them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from optimizer.bundle import units_of
from optimizer.calendar import Day
from optimizer.problem import Problem
from optimizer.roster.board import BEST, BLANK, ITERATIONS, NOBODY, TOUCHED, Board, Settings, Table
from optimizer.roster.book import Book
from optimizer.roster.contacts import add_contacts
from optimizer.roster.cover import nothing_of
from optimizer.roster.crews import add_crews
from optimizer.roster.groups import groups_of
from optimizer.roster.layout import MOST_BITS, End, Laid, few, laid
from optimizer.roster.linear import IntVector, LinearModel
from optimizer.roster.neighbourhoods import tags_of
from optimizer.roster.quick import Stretch, quick, settings_of, values_of, warm
from optimizer.roster.ruin import swap_sessions, take_apart
from optimizer.roster.sheet import Sheet
from optimizer.roster.solving import Task, solve_parts
from optimizer.roster.week import week_of
from optimizer.routing.kernel import entry
from optimizer.stop import Budget, Running
from optimizer.weights import Weights
from tests.builders import a_vehicle
from tests.optimizer.roster.townships import HAMLETS, Size, a_township

SMALL = Size(villages=9, teams=3, due=90, later=60)


@dataclass(frozen=True)
class Case:
    """A week's joint model."""

    sheet: Sheet
    book: Book
    model: LinearModel

    @property
    def nothing(self) -> IntVector:
        return nothing_of(self.sheet, self.model, self.book)

    def laid(self, *, crossing: bool = True, sessions: bool = True) -> Laid:
        crosses = tags_of(self.sheet, self.book, self.model).crosses
        return laid(self.sheet, self.book, self.model, ~crosses | crossing, sessions=sessions)

    def values(self, board: Laid, table: Table) -> IntVector:
        """The values of a table's roster, with what follows from its decisions."""
        values = values_of(board, self.sheet, self.book, table, self.nothing)
        task = Task(~self.model.is_decision, effort=5.0, seed=0)
        answer = solve_parts(self.model, values, [task], Budget(iterations=1).start())[0]
        assert answer.values is not None, "the roster breaks a row of the joint model"
        return answer.values


def a_case(problem: Problem) -> Case:
    units = units_of(problem)
    week = week_of(problem, units, 1)
    sheet = Sheet(week, groups_of(week, list(range(len(units)))))
    add_crews(sheet)
    book = add_contacts(sheet)
    return Case(sheet, book, sheet.builder.finish())


def searched(
    case: Case, board: Laid, iterations: int = 2_000, start: IntVector | None = None, seed: int = 1, workers: int = 2
) -> Table:
    return quick(
        board,
        case.sheet,
        case.nothing if start is None else start,
        seed,
        workers,
        settings_of(Weights()),
        Stretch(Budget(iterations=1).start(), iterations),
        lambda share, cost: None,
    )


def snowed(problem: Problem) -> Problem:
    days = tuple(Day(day.date, snow=number == 1) for number, day in enumerate(problem.days))
    return replace(problem, days=days, vehicles=tuple(replace(v, snow_ok=v.mode == "car") for v in problem.vehicles))


def with_any_vehicle(problem: Problem) -> Problem:
    sessions = tuple(replace(session, vehicle_tag="") for session in problem.sessions)
    vehicles = tuple(a_vehicle(f"any{n}", mode="ebike", seats=9, needs_driver=False, base="base") for n in range(2))
    return replace(problem, sessions=sessions, vehicles=vehicles)


def with_few_half_days(problem: Problem) -> Problem:
    members = tuple(replace(m, max_half_days=2, max_field_seconds_day=5 * 3600) for m in problem.members)
    return replace(problem, members=members)


CHANGES: dict[str, Callable[[Problem], Problem]] = {
    "as it is": lambda problem: problem,
    "a day of snow": snowed,
    "vehicles are only counted": with_any_vehicle,
    "short weeks and days": with_few_half_days,
    "crews of two at home": lambda problem: replace(
        problem, parameters=replace(problem.parameters, min_home_crew_members=2)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seed", range(1, 4))
def test_its_roster_is_a_solution_of_the_joint_model_and_never_cheaper_than_told(change: str, seed: int) -> None:
    case = a_case(CHANGES[change](a_township(seed, SMALL)))
    board = case.laid()
    table = searched(case, board)
    values = case.values(board, table)
    assert case.model.is_feasible(values)
    # Crews that stay together all day may make it cheaper; nothing may make it dearer.
    assert case.model.price(values) <= int(table.totals[BEST]) < case.model.price(case.nothing)


def test_the_cost_that_is_kept_up_is_the_cost_of_the_roster() -> None:
    case = a_case(a_township(2, SMALL))
    case = replace(case, model=replace(case.model, cost=np.where(case.model.cost < 0, 0, case.model.cost)))
    board = case.laid()  # nothing is gained by staying together now
    table = searched(case, board)
    assert case.model.price(case.values(board, table)) == int(table.totals[BEST])


def test_it_begins_with_the_contacts_of_the_roster_that_it_is_given() -> None:
    case = a_case(a_township(2, SMALL))
    case = replace(case, model=replace(case.model, cost=np.where(case.model.cost < 0, 0, case.model.cost)))
    board = case.laid()
    values = case.values(board, searched(case, board, seed=5))
    again = searched(case, board, iterations=0, start=values)
    assert int(again.totals[BEST]) == case.model.price(values)
    assert np.array_equal(case.values(board, again), values)


def test_the_same_seed_and_iterations_give_the_same_roster_and_another_seed_another() -> None:
    case = a_case(a_township(3, SMALL))
    first, second, other = (searched(case, case.laid(), seed=seed).present for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_chunks_and_the_clock_do_not_change_a_counted_search(monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(a_township(3, SMALL))
    first = searched(case, case.laid(), iterations=900).present
    monkeypatch.setattr("optimizer.roster.quick.FIRST_CHUNK", 7)
    assert np.array_equal(first, searched(case, case.laid(), iterations=900).present)


def test_every_chain_does_all_iterations() -> None:
    case = a_case(a_township(1, HAMLETS))
    assert searched(case, case.laid(), iterations=777).totals[ITERATIONS] == 777


def test_sessions_that_are_kept_stay_with_their_crews() -> None:
    case = a_case(a_township(4, SMALL))
    board = case.laid()
    values = case.values(board, searched(case, board, iterations=100))
    kept = case.laid(sessions=False)
    after = case.values(kept, searched(case, kept, start=values))
    own = [v for a in case.sheet.sessions.values() for v in (a.on, *a.members.values())]
    assert values[own].any()
    assert np.array_equal(values[own], after[own])


def test_usual_channels_only_offer_nothing_else() -> None:
    case = a_case(a_township(5, SMALL))
    crosses = tags_of(case.sheet, case.book, case.model).crosses
    usual, free = (case.laid(crossing=crossing) for crossing in (False, True))
    assert not case.values(usual, searched(case, usual))[crosses].any()
    assert case.values(free, searched(case, free))[crosses].any()


def test_costs_told_never_rise_and_the_share_ends_at_one() -> None:
    case, heard = a_case(a_township(1, SMALL)), list[tuple[float, int]]()
    stretch = Stretch(Budget(iterations=1).start(), 1_500)
    settings = settings_of(Weights())
    quick(case.laid(), case.sheet, case.nothing, 1, 2, settings, stretch, lambda *told: heard.append(told))
    assert all(before[1] >= after[1] and before[0] <= after[0] for before, after in pairwise(heard))
    assert heard[-1][0] == 1.0


def test_the_best_roster_is_shown_once_half_way_and_showing_it_changes_nothing() -> None:
    case, shown = a_case(a_township(1, SMALL)), list[tuple[int, int, bool]]()
    board, settings = case.laid(), settings_of(Weights())

    def look(table: Table) -> None:
        is_best = np.array_equal(table.present, table.best)
        shown.append((int(table.totals[ITERATIONS]), int(table.totals[BEST]), is_best))

    arguments = (board, case.sheet, case.nothing, 1, 2, settings)
    heard = quick(*arguments, Stretch(Budget(iterations=1).start(), 1_500), lambda *told: None, look)
    alone = quick(*arguments, Stretch(Budget(iterations=1).start(), 1_500), lambda *told: None)
    ((iterations, cost, is_best),) = shown
    assert iterations == 750
    assert is_best
    assert cost >= int(heard.totals[BEST])
    assert np.array_equal(heard.present, alone.present)


def stopped(running: Running) -> Table:
    case = a_case(a_township(1, SMALL))
    return quick(
        case.laid(), case.sheet, case.nothing, 1, 2, settings_of(Weights()), Stretch(running, 10**9), lambda *told: None
    )


def test_seconds_end_the_search() -> None:
    running = Budget(seconds=0.3).start()
    assert stopped(running).totals[ITERATIONS] > 0
    assert running.elapsed_seconds() < 30, "it would take hours"


def _is_late(asked: Iterator[int], patience: int) -> bool:
    return next(asked) > patience


def test_cancelling_ends_the_search_and_keeps_a_roster() -> None:
    asked = iter(range(10**9))
    for patience in (3, -1):
        budget = Budget(seconds=10_000.0, cancelled=partial(_is_late, asked, patience))
        table = stopped(budget.start())
        assert 0 < table.totals[ITERATIONS] < 10**8
        assert table.now.on.any()


@entry
def swap(board: Board, table: Table, settings: Settings) -> None:
    """Compiled entry for a test."""
    swap_sessions(board, table, settings)


@entry
def part(board: Board, table: Table, settings: Settings) -> None:
    """Compiled entry for a test."""
    take_apart(board, table, settings)


def half_days(board: Board, table: Table) -> list[int]:
    """The half-day of every session, NOBODY where it is not held."""
    return [int(board.activity[a].half) if a >= 0 else NOBODY for a in table.now.held]


def test_two_sessions_change_their_half_days_and_no_other_moves() -> None:
    case = a_case(a_township(4, SMALL))
    laid_out, settings = case.laid(), settings_of(Weights())
    board, swapped = laid_out.board, 0
    for seed in range(20):
        table = searched(case, laid_out, iterations=200, seed=seed, workers=1)
        before = half_days(board, table)
        swap(board, table, settings)
        after = half_days(board, table)
        moved = [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        held = [number for number in moved if after[number] != NOBODY]
        assert len(moved) <= 2
        assert all(before[number] != NOBODY for number in moved)
        if len(held) == 2:
            assert [after[number] for number in held] == [before[number] for number in reversed(held)]
            swapped += 1
        assert case.values(laid_out, table) is not None
    assert swapped >= 3


def test_sessions_that_may_not_be_held_then_are_not_swapped() -> None:
    problem = a_township(4, SMALL)
    fixed = tuple(replace(session, half_days=session.half_days[:1]) for session in problem.sessions)
    case = a_case(replace(problem, sessions=fixed))
    board = case.laid()
    table = searched(case, board, iterations=500, workers=1)
    before = half_days(board.board, table)
    assert len(set(before) - {NOBODY}) > 1
    for _ in range(20):
        swap(board.board, table, settings_of(Weights()))
        after = half_days(board.board, table)
        assert all(new in (old, NOBODY) for old, new in zip(before, after, strict=True))


def test_where_sessions_may_not_move_every_iteration_takes_something_apart() -> None:
    case = a_case(a_township(4, SMALL))
    laid_out = case.laid()
    board = laid_out.board
    table = searched(case, laid_out, iterations=200, workers=1)
    board.activity.movable[:] = board.activity.session < 0
    before = half_days(board, table)
    for _ in range(200):
        table.totals[TOUCHED] = 0
        table.is_touched[:] = 0
        part(board, table, settings_of(Weights()))
        assert table.totals[TOUCHED] > 0
    assert half_days(board, table) == before
    assert any(half != NOBODY for half in before)


def test_too_many_early_ends_become_one_that_keeps_them_all() -> None:
    ends = [End({number}, 100 + number) for number in range(MOST_BITS + 5)]
    kept = few(ends)
    assert kept[:MOST_BITS] == ends[:MOST_BITS]
    assert kept[MOST_BITS:] == [End({MOST_BITS + n for n in range(5)}, 100 + MOST_BITS)]
    assert few(ends[:3]) == ends[:3]


def test_kernels_are_compiled_for_the_very_types_of_a_week() -> None:
    warm()
    board = a_case(a_township(1, HAMLETS)).laid().board
    for name, blank in zip(BLANK._fields, BLANK, strict=True):
        array = getattr(board, name)
        if isinstance(blank, np.ndarray):
            assert (array.dtype, array.ndim) == (blank.dtype, blank.ndim), name
            assert array.flags.c_contiguous, name
