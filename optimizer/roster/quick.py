"""The quick search: a good whole roster in seconds, by compiled ruin and recreate, one chain per worker.

The chains differ in their random numbers only; at some points those that are behind go on from the best. With a count
of iterations a seed gives the same roster on any machine; in seconds the pace decides.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np

from optimizer.roster.board import BEST, BLANK, ITERATIONS, Board, Settings, Table, empty_table
from optimizer.roster.book import Book
from optimizer.roster.layout import Laid
from optimizer.roster.linear import IntVector
from optimizer.roster.rebuild import adopt, begin, rebuild
from optimizer.roster.sheet import Sheet
from optimizer.routing.kernel import drop_stale
from optimizer.stop import Running
from optimizer.weights import Weights

HOT, COLD, NOISE = 1.1, 0.03, 0.15
"""Temperatures at both ends, and the noise in choosing members, in what an unserved P2 follow-up costs."""
EXCHANGES = (0.5, 0.75, 0.9)
"""Shares of the search at which all chains go on from the best roster."""
FIRST_CHUNK = 50
LOOK_SECONDS = (0.03, 0.12)
"""A chunk of iterations between two looks at the clock is made longer or shorter to stay between these."""
ITERATIONS_PER_ACTIVITY = 4_000
"""More does not pay; small weeks end early with it."""
KERNELS = ("rebuild", "ruin", "pairing", "crewing", "filling", "board")
"""Modules with compiled code or with what it reads."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """How long the search may go on: a count of iterations, or up to a share of a running budget in seconds."""

    running: Running
    iterations: int
    """The most; in seconds, the most that pays."""
    end_share: float = 1.0

    def seconds(self) -> float:
        """Seconds left, 0 in a reproducible run."""
        remaining, total = self.running.remaining_seconds(), self.running.budget.seconds
        return max(0.0, remaining - total * (1 - self.end_share)) if remaining is not None and total else 0.0


Told = Callable[[float, int], None]
"""Told the share of the search that is done and the cost so far."""
Shown = Callable[[Table], None]
"""Given a table whose present roster is the best so far; it must not change it."""


def settings_of(weights: Weights) -> Settings:
    """The numbers of the search; what is in cost points follows the prices of the problem."""
    point = max(1.0, float(weights.unplanned[2]))
    return Settings(
        HOT * point,
        COLD * point,
        most_removed=5,
        blink=0.003,
        noise=NOISE * point,
        contacts_share=0.2,
        aimed_share=0.05,
    )


def quick(
    laid: Laid,
    sheet: Sheet,
    start: IntVector,
    seed: int,
    workers: int,
    settings: Settings,
    stretch: Stretch,
    told: Told,
    shown: Shown | None = None,
) -> Table:
    """The table of the best roster found, beginning with `start`, whose contacts are kept as far as they fit.

    `shown` gets the best table so far once, half-way.
    """
    tables = [_begun(laid, sheet, start, number) for number in _seeds(seed, workers)]
    if len(laid.board.activity) > 1 and stretch.iterations > 0:
        _run(laid.board, tables, settings, stretch, told, shown)
    best = _best(tables)
    best.present[:] = best.best
    return best


def values_of(laid: Laid, sheet: Sheet, book: Book, table: Table, nothing: IntVector) -> IntVector:
    """The decisions of a table's roster and who is left, in a copy of the values of doing nothing."""
    board, values = laid.board, nothing.copy()
    for a in np.flatnonzero(table.now.on):
        first, after = board.activity[a].member_from, board.activity[a + 1].member_from
        crew = np.isin(board.candidate.member[first:after], table.now.crew[a, : table.now.size[a]])
        values[laid.member[first:after][crew]] = 1
        values[laid.on[a]] = 1
        if board.activity[a].session >= 0:
            values[sheet.unheld[int(board.activity[a].session)]] = 0
    np.add.at(values, laid.entry, table.now.taken)
    values[laid.pair[table.now.pairs[table.now.pairs >= 0]]] = 1
    for group, variable in book.left.items():
        values[variable] = table.now.left[group]
    return values


def _seeds(seed: int, workers: int) -> list[int]:
    return [int(word) for word in np.random.SeedSequence(seed).generate_state(workers, np.uint64) >> np.uint64(1)]


def _begun(laid: Laid, sheet: Sheet, start: IntVector, seed: int) -> Table:
    """A table with the activities, crews, vehicles and contacts of a feasible solution."""
    table = empty_table(laid.board, seed)
    for number, activity in enumerate(sheet.activities):
        if start[activity.on]:
            crew = [member for member, variable in activity.members.items() if start[variable]]
            table.now.on[number], table.now.size[number] = 1, len(crew)
            table.now.crew[number, : len(crew)] = crew
            chosen = [n for n, variable in activity.vehicles.items() if start[variable]]
            table.now.vehicle[number] = laid.classes.index(chosen[0]) if chosen else 0
    begin(laid.board, table, np.where(_is_on(laid, table), start[laid.entry], 0))
    return table


def _is_on(laid: Laid, table: Table) -> IntVector:
    """Which entries are of activities that are on."""
    return np.repeat(table.now.on, np.diff(laid.board.activity.entry_from))


def _best(tables: list[Table]) -> Table:
    """The table with the cheapest best roster, the first of equals."""
    return min(tables, key=lambda table: int(table.totals[BEST]))


def _exchange(tables: list[Table]) -> None:
    best = _best(tables)
    cost = int(best.totals[BEST])
    for table in tables:
        table.best[:] = best.best
        adopt(table, cost)


def _run(
    board: Board, tables: list[Table], settings: Settings, stretch: Stretch, told: Told, shown: Shown | None
) -> None:
    """Chunks of all chains until the stretch is over, with a look at the clock between them."""
    running, seconds, began, chunk = stretch.running, stretch.seconds(), stretch.running.elapsed_seconds(), FIRST_CHUNK
    marks, share, pace = list(EXCHANGES), 0.0, 0.0
    with ThreadPoolExecutor(len(tables)) as pool:
        while share < 1.0 and not (chunk > FIRST_CHUNK and running.budget.cancelled()):
            done, looked = int(tables[0].totals[ITERATIONS]), running.elapsed_seconds()
            step = max(pace, 1 / stretch.iterations)
            count = min(chunk, stretch.iterations - done, *_until(marks, stretch, done))
            jobs = [pool.submit(rebuild, board, table, settings, count, share - step * done, step) for table in tables]
            for job in jobs:
                job.result()
            spent = running.elapsed_seconds() - looked
            chunk = chunk * 2 if spent < LOOK_SECONDS[0] else max(1, chunk // 2) if spent > LOOK_SECONDS[1] else chunk
            share = (done + count) / stretch.iterations
            if not running.budget.is_reproducible:
                pace = spent / count / max(seconds, 1e-9)
                share = max(share, (running.elapsed_seconds() - began) / max(seconds, 1e-9))
            while marks and share >= marks[0]:
                _exchange(tables)
                if shown is not None and marks[0] == EXCHANGES[0]:
                    shown(_best(tables))
                del marks[0]
            told(min(1.0, share), int(_best(tables).totals[BEST]))


def _until(marks: list[float], stretch: Stretch, done: int) -> list[int]:
    """In a reproducible run, iterations up to the next exchange, whatever the pace."""
    if not stretch.running.budget.is_reproducible or not marks:
        return []
    return [max(1, ceil(stretch.iterations * marks[0]) - done)]


def warm() -> None:
    """Compile the kernels, or load them from the cache on disk; takes some seconds the first time."""
    drop_stale(rebuild.stats.cache_path, ("rebuild",), [Path(__file__).with_stem(stem) for stem in KERNELS])
    table = empty_table(BLANK, 0)
    begin(BLANK, table, np.zeros(0, np.int64))
    rebuild(BLANK, table, settings_of(Weights()), 0, 0.0, 1.0)
    adopt(table, 0)
