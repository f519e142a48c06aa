"""Kernels for joint visits: two crews of different teams on one half-day, the scarcer one first."""

from optimizer.roster.board import COST, FIRST, NOBODY, SECOND, Board, Settings, Table
from optimizer.roster.crewing import book_activity, crew_for, may_be_on
from optimizer.roster.filling import clear, fill, set_aside, signs_met
from optimizer.routing.kernel import kernel
from optimizer.routing.randomness import below, uniform

UNFIT, WAS_ON, OPENED = 0, 1, 2
"""How a crew for a part was found, if it was."""
OPENING = 10
"""A new crew is dearer than one that is on by up to so many times the noise: its people have other things to do."""


@kernel
def join(board: Board, table: Table, first: int, second: int, sign: int) -> None:
    """Give a joint visit to the crews of two rows (sign 1) or take it from them (sign -1)."""
    j = board.pair[first].joint
    g = board.joint_group[j]
    table.now.pairs[j, FIRST] = first if sign > 0 else NOBODY
    table.now.pairs[j, SECOND] = second if sign > 0 else NOBODY
    table.now.left[g] -= sign
    table.totals[COST] -= sign * (board.group[g].points - board.pair[first].price - board.pair[second].price)


@kernel
def part(board: Board, table: Table, a: int) -> None:
    """Take all joint visits from an activity; `meet_all` lets the other crews use the time."""
    for row in range(board.activity[a].pair_from, board.activity[a + 1].pair_from):
        j = board.pair[row].joint
        first, second = table.now.pairs[j, FIRST], table.now.pairs[j, SECOND]
        if row in (first, second):
            join(board, table, first, second, -1)


@kernel
def next_row(board: Board, table: Table, j: int, h: int, which: int, noise: float) -> int:
    """The untried row of a part on a half-day that looks cheapest, noise apart, or NOBODY."""
    best, least = NOBODY, 0.0
    for number in range(board.joint_from[j], board.joint_from[j + 1]):
        row = board.joint_row[number]
        a = board.pair[row].activity
        if table.tried[row] or board.pair[row].part != which or board.activity[a].half != h:
            continue
        opening = 0.0 if table.now.on[a] else board.activity[a].price + OPENING * noise * uniform(table.random)
        points = board.pair[row].price + opening + noise * uniform(table.random)
        if best < 0 or points < least:
            best, least = row, points
    return int(best)


@kernel
def forget(board: Board, table: Table, j: int, which: int) -> None:
    """All rows of a part are untried."""
    for number in range(board.joint_from[j], board.joint_from[j + 1]):
        if board.pair[board.joint_row[number]].part == which:
            table.tried[board.joint_row[number]] = 0


@kernel
def get_ready(board: Board, table: Table, row: int, noise: float) -> int:
    """Have a crew that can do a row's part: the one that is on, or a new one that is booked."""
    a, sign = board.pair[row].activity, board.pair[row].sign
    if table.now.on[a]:
        return WAS_ON if (signs_met(board, table, a) >> sign) & 1 else UNFIT
    if not may_be_on(board, table, a) or not crew_for(board, table, a, board.activity[a].sign_from + sign, noise):
        return UNFIT
    book_activity(board, table, a, 1)
    return OPENED


@kernel
def have_time(board: Board, table: Table, first: int, second: int) -> bool:
    """Whether the joint visits of two rows' crews fit into their half-days."""
    least = 0
    for number in range(2):
        minutes, _, _ = set_aside(board, table, board.pair[first if number == 0 else second].activity)
        least = min(least, minutes)
    return bool(least >= 0)


@kernel
def meet_first(board: Board, table: Table, j: int, second: int, noise: float) -> bool:
    """Give a joint visit to the crew of a row, which is ready, and to a first crew; False without one."""
    b = board.pair[second].activity
    forget(board, table, j, FIRST)
    while True:
        first = next_row(board, table, j, board.activity[b].half, FIRST, noise)
        if first < 0:
            return False
        table.tried[first] = 1
        a = board.pair[first].activity
        ready = get_ready(board, table, first, noise) if a != b else UNFIT
        if ready == UNFIT:
            continue
        join(board, table, first, second, 1)
        if have_time(board, table, first, second):
            return True
        join(board, table, first, second, -1)
        if ready == OPENED:
            book_activity(board, table, a, -1)


@kernel
def meet_all(board: Board, table: Table, h: int, settings: Settings) -> None:
    """Give joint visits that are left to two crews on a half-day, new ones if need be, as far as there are any.

    Then the crews that could have some hand out their other contacts anew, in the time that is left.
    """
    count = len(board.joint_group)
    begin = below(table.random, count) if count > 1 else 0
    for number in range(count):
        j = (begin + number) % count
        is_open = table.now.left[board.joint_group[j]] > 0 and uniform(table.random) >= settings.blink
        forget(board, table, j, SECOND)
        while is_open:
            second = next_row(board, table, j, h, SECOND, settings.noise)
            if second < 0:
                break
            table.tried[second] = 1
            ready = get_ready(board, table, second, settings.noise)
            is_open = ready == UNFIT or not meet_first(board, table, j, second, settings.noise)
            if is_open and ready == OPENED:
                book_activity(board, table, board.pair[second].activity, -1)
    for number in range(board.half_from[h], board.half_from[h + 1] if count > 0 else 0):
        a = board.at_half[number]
        if table.now.on[a] and board.activity[a].pair_from < board.activity[a + 1].pair_from:
            clear(board, table, a, True)
            fill(board, table, a, 0.0)
