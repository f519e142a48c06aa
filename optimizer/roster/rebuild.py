"""Kernels that search: some sessions and crews are taken apart, then their half-days are put together greedily.

Ruin and recreate (Schrimpf et al. 2000) under a falling temperature, as in Christiaens and Vanden Berghe (2020),
section 4.
"""

import numpy as np

from optimizer.calendar import HALVES_PER_DAY
from optimizer.roster.board import (
    BEST,
    CHANGED,
    COST,
    CURRENT,
    DROPPED,
    FIRST,
    ITERATIONS,
    NOBODY,
    SECOND,
    STAMP,
    TOUCHED,
    Board,
    Int,
    Roster,
    Settings,
    Table,
)
from optimizer.roster.crewing import book_activity, draw_crew, free_vehicle, is_free, may_be_on, price
from optimizer.roster.filling import clear, fill, refill, worth
from optimizer.roster.pairing import meet_all
from optimizer.roster.ruin import aim, drawn, take_apart
from optimizer.routing.kernel import entry, kernel
from optimizer.routing.randomness import below, uniform
from optimizer.routing.shared import shared

MOST_SKIPPED = 0.5
"""Up to this share of a half-day's activities is not considered when it is put together."""
SCORE_NOISE = 0.3
FIRST_ALONE = 100
"""So many iterations for every joint visit look at these alone, before anything else can take their people."""


@kernel
def saving(board: Board, table: Table, a: int, settings: Settings) -> float:
    """Points that an activity would save with a drawn crew, which it keeps; 0 without a crew."""
    if not may_be_on(board, table, a) or not draw_crew(board, table, a, settings.noise):
        return 0.0
    return float(worth(board, table, a) - price(board, table, a))


@kernel
def put_together(board: Board, table: Table, h: int, settings: Settings) -> None:
    """Book activities of a half-day, the one that saves most next, until none pays."""
    per_member, skipped = uniform(table.random) < 0.5, MOST_SKIPPED * uniform(table.random)
    count, nobody = 0, h - h + NOBODY  # as a variable: kernels would be compiled for the constant anew
    for number in range(board.half_from[h], board.half_from[h + 1]):
        if uniform(table.random) >= skipped:
            table.paying[count] = board.at_half[number]
            count += 1
    while True:
        best, best_score, paying = nobody, 0.0, 0
        for number in range(count):
            a = table.paying[number]
            saved = saving(board, table, a, settings)
            if saved <= 0.0:
                continue
            # What does not pay now will not pay later, when fewer people are free.
            table.paying[paying] = a
            paying += 1
            score = saved * (1.0 - SCORE_NOISE * uniform(table.random)) / (table.now.size[a] if per_member else 1)
            if score > best_score:
                best, best_score = a, score
        if best < 0:
            return
        count = paying
        book_activity(board, table, best, 1)
        fill(board, table, best, settings.blink)


@kernel
def rebook(board: Board, table: Table, a: int, size: int, vehicle: int) -> None:
    """Book an activity that is on anew with the first so many of its crew, and fill it."""
    clear(board, table, a, False)
    book_activity(board, table, a, -1)
    table.now.size[a], table.now.vehicle[a] = size, vehicle
    book_activity(board, table, a, 1)
    fill(board, table, a, 0.0)


@kernel
def widen(board: Board, table: Table, h: int) -> None:
    """Let idle members join the activities of a half-day where that pays."""
    for number in range(board.half_from[h], board.half_from[h + 1]):
        a = board.at_half[number]
        if not table.now.on[a] or not board.activity[a].movable:
            continue
        for row in range(board.activity[a].member_from, board.activity[a + 1].member_from):
            if table.now.size[a] >= board.activity[a].high or not is_free(board, table, a, board.candidate[row].member):
                continue
            before, size, vehicle = table.totals[COST], table.now.size[a], table.now.vehicle[a]
            table.now.driven[h, vehicle] -= 1
            table.now.crew[a, size] = board.candidate[row].member
            table.now.size[a] = size + 1
            wider = free_vehicle(board, table, a, board.activity[a].early_count > 0)
            table.now.size[a] = size
            table.now.driven[h, vehicle] += 1
            if wider >= 0:
                rebook(board, table, a, size + 1, wider)
                if table.totals[COST] >= before:
                    rebook(board, table, a, size, vehicle)


@kernel
def move_contacts(board: Board, table: Table) -> None:
    """Let the others serve those of one activity first, and the activity whoever is left then."""
    a = drawn(table, board.at_half, 0, len(board.at_half))
    if table.now.on[a]:
        clear(board, table, a, True)
        table.now.on[a] = 0
        refill(board, table, 0.0)
        table.now.on[a] = 1
        fill(board, table, a, 0.0)


@kernel
def rebuild_once(board: Board, table: Table, settings: Settings, alone: bool) -> None:
    """One ruin and recreate, or only contacts moved; if asked, of joint visits alone."""
    table.totals[TOUCHED], table.totals[DROPPED], table.totals[CHANGED] = 0, 0, 0
    if not alone and uniform(table.random) < settings.contacts_share:
        move_contacts(board, table)
        return
    aimed = int(aim(board, table)) if alone else take_apart(board, table, settings)
    for number in range(table.totals[TOUCHED]):
        table.is_touched[table.touched[number]] = 0
    for number in range(aimed, table.totals[TOUCHED]):
        other = number + below(table.random, table.totals[TOUCHED] - number)
        h = table.touched[other]
        table.touched[other] = table.touched[number]
        table.touched[number] = h
    for number in range(table.totals[TOUCHED]):
        meet_all(board, table, table.touched[number], settings)
        if not alone:
            put_together(board, table, table.touched[number], settings)
            widen(board, table, table.touched[number])
    refill(board, table, settings.blink)


@kernel
def copy(source: Int, target: Int, first: int, after: int) -> None:
    """Copy a stretch of a roster."""
    for number in range(first, after):
        target[number] = source[number]


@kernel
def copy_activity(board: Board, table: Table, source: Roster, target: Roster, a: int) -> None:
    """Copy an activity with its contacts, and who of their groups is left."""
    target.on[a], target.size[a], target.vehicle[a] = source.on[a], source.size[a], source.vehicle[a]
    target.value[a] = source.value[a]
    for place in range(source.crew.shape[1]):
        target.crew[a, place] = source.crew[a, place]
    for e in range(board.activity[a].entry_from, board.activity[a + 1].entry_from):
        if target.taken[e] != source.taken[e]:
            target.left[board.served[e]] += target.taken[e] - source.taken[e]
            target.taken[e] = source.taken[e]


@kernel
def copy_half_day(source: Roster, target: Roster, h: int) -> None:
    """Copy who does what on a half-day, and what is counted by half-day or day."""
    for m in range(source.busy.shape[1]):
        target.busy[h, m] = source.busy[h, m]
        target.field[h // HALVES_PER_DAY, m] = source.field[h // HALVES_PER_DAY, m]
    for number in range(source.driven.shape[1]):
        target.driven[h, number] = source.driven[h, number]
    for number in range(source.at_site.shape[1]):
        target.at_site[h, number] = source.at_site[h, number]
    for number in range(source.in_series.shape[1]):
        target.in_series[h // HALVES_PER_DAY, number] = source.in_series[h // HALVES_PER_DAY, number]


@kernel
def copy_changes(board: Board, table: Table, source: Roster, target: Roster) -> None:
    """Copy what one iteration has changed: some activities, their half-days, and what is not by either."""
    table.totals[STAMP] += 1
    for number in range(table.totals[CHANGED]):
        a = table.changed[number]
        table.is_changed[a] = 0
        copy_activity(board, table, source, target, a)
        if table.copied[board.activity[a].half] != table.totals[STAMP]:
            table.copied[board.activity[a].half] = table.totals[STAMP]
            copy_half_day(source, target, board.activity[a].half)
    for m in range(len(source.used)):
        target.used[m] = source.used[m]
    for s in range(len(source.held)):
        target.held[s] = source.held[s]
    for j in range(len(source.pairs)):
        target.pairs[j, FIRST], target.pairs[j, SECOND] = source.pairs[j, FIRST], source.pairs[j, SECOND]
        target.left[board.joint_group[j]] = source.left[board.joint_group[j]]


@entry
def rebuild(board: Board, table: Table, settings: Settings, count: int, offset: float, step: float) -> None:
    """So many iterations; the share of the budget at iteration i of this search is offset + step * i.

    Before the very first, joint visits get their crews; these iterations are not counted.
    """
    board, table = shared(board), shared(table)
    early = FIRST_ALONE * len(board.joint_group) if table.totals[ITERATIONS] == 0 else 0
    fall = np.log(settings.cold / settings.hot)
    for number in range(-early, count):
        share = min(1.0, max(0.0, offset + step * table.totals[ITERATIONS]))
        temperature = settings.hot * np.exp(fall * share)
        limit = table.totals[CURRENT] - temperature * np.log(1.0 - uniform(table.random))
        rebuild_once(board, table, settings, number < 0)
        if table.totals[COST] < limit:
            copy_changes(board, table, table.now, table.was)
            table.totals[CURRENT] = table.totals[COST]
            if table.totals[CURRENT] < table.totals[BEST]:
                table.totals[BEST] = table.totals[CURRENT]
                copy(table.present, table.best, 0, len(table.present))
        else:
            copy_changes(board, table, table.was, table.now)
            table.totals[COST] = table.totals[CURRENT]
        table.totals[ITERATIONS] += number >= 0


@entry
def begin(board: Board, table: Table, wanted: Int) -> None:
    """Book what is `on` in an otherwise empty table, whose crews and vehicles are set.

    `wanted` (entries,) says how many of every entry are served, as far as they fit; joint visits are met anew.
    """
    board, table = shared(board), shared(table)
    for g in range(len(table.now.left)):
        table.now.left[g] = 0
    for a in range(len(table.now.on)):
        if table.now.on[a]:
            book_activity(board, table, a, 1)
            fill_wanted(board, table, a, wanted)
    for g in range(len(table.now.left)):
        table.now.left[g] += board.group[g].count
    for a in range(len(table.now.on)):
        if table.now.on[a]:
            for e in range(board.activity[a].entry_from, board.activity[a + 1].entry_from):
                table.now.left[board.served[e]] -= table.now.taken[e]
    keep_all(table)


@kernel
def fill_wanted(board: Board, table: Table, a: int, wanted: Int) -> None:
    """Give an activity the contacts wanted, as far as they fit; nobody is left before and after."""
    for e in range(board.activity[a].entry_from, board.activity[a + 1].entry_from):
        table.now.left[board.served[e]] += wanted[e]
    fill(board, table, a, 0.0)
    for e in range(board.activity[a].entry_from, board.activity[a + 1].entry_from):
        table.now.left[board.served[e]] = 0


@entry
def adopt(table: Table, cost: int) -> None:
    """Go on from the best roster, which may have been put there by another search, at its cost."""
    table = shared(table)
    copy(table.best, table.present, 0, len(table.present))
    table.totals[COST] = cost
    keep_all(table)


@kernel
def keep_all(table: Table) -> None:
    """The present roster is also the kept and the best one."""
    for number in range(table.totals[CHANGED]):
        table.is_changed[table.changed[number]] = 0
    table.totals[CHANGED] = 0
    copy(table.present, table.kept, 0, len(table.present))
    copy(table.present, table.best, 0, len(table.present))
    table.totals[CURRENT] = table.totals[COST]
    table.totals[BEST] = table.totals[COST]
