"""Kernels that take a roster apart: activities near each other, or two sessions that change their half-days."""

from optimizer.roster.board import NOBODY, TOUCHED, Board, Int, Settings, Table
from optimizer.roster.crewing import book_activity, draw_crew, may_be_on
from optimizer.roster.filling import clear, fill
from optimizer.routing.kernel import kernel
from optimizer.routing.randomness import below, uniform

NEAR, SAME_HALF_DAY = 0.4, 0.45
"""Shares of how the activities that are taken apart together are related; the rest are drawn from all."""
NEAR_SESSIONS = 10
SWAP = 0.1
"""Share of the iterations in which two sessions change their half-days."""
MISSES = 30
"""Draws of an activity that is on, before giving up."""
IDLE = 0.1
"""Chance of a drawn half-day to be put together too."""


@kernel
def touch(table: Table, h: int) -> None:
    """Note a half-day to put together again."""
    if not table.is_touched[h]:
        table.is_touched[h] = 1
        table.touched[table.totals[TOUCHED]] = h
        table.totals[TOUCHED] += 1


@kernel
def cancel(board: Board, table: Table, a: int) -> None:
    """Cancel an activity, if that is possible; its half-day is put together again."""
    if table.on[a] and board.movable[a]:
        clear(board, table, a, True)
        book_activity(board, table, a, -1)
        touch(table, board.half[a])


@kernel
def drawn(table: Table, activities: Int, first: int, after: int) -> int:
    """An activity of a stretch of the list, one that is on unless there are few."""
    a = activities[first + below(table.random, after - first)]
    for _ in range(MISSES):
        if table.on[a]:
            break
        a = activities[first + below(table.random, after - first)]
    return int(a)


@kernel
def activity_at(board: Board, s: int, h: int) -> int:
    """The activity that is a session on a half-day, or NOBODY where the session may not be held."""
    for number in range(board.half_from[h], board.half_from[h + 1]):
        if board.session[board.at_half[number]] == s:
            return int(board.at_half[number])
    return NOBODY


@kernel
def held_session(table: Table) -> int:
    """The activity of a session that is held, or NOBODY when none was drawn."""
    a = NOBODY
    for _ in range(MISSES):
        if a < 0:
            a = table.held[below(table.random, len(table.held))]
    return int(a)


@kernel
def hold(board: Board, table: Table, a: int, settings: Settings) -> None:
    """Book an activity with a drawn crew, if there is one."""
    if may_be_on(board, table, a) and draw_crew(board, table, a, settings.noise):
        book_activity(board, table, a, 1)
        fill(board, table, a, settings.blink)


@kernel
def swap_sessions(board: Board, table: Table, settings: Settings) -> bool:
    """Hold two sessions each on the half-day of the other; the rest of both is put together again around them.

    Whether two were drawn that may move there; if not, nothing is changed.
    """
    a, b = held_session(table), held_session(table)
    if a < 0 or b < 0 or not board.movable[a] or not board.movable[b]:
        return False
    there, here = (
        activity_at(board, board.session[a], board.half[b]),
        activity_at(board, board.session[b], board.half[a]),
    )
    if there < 0 or here < 0:
        return False
    cancel(board, table, a)
    cancel(board, table, b)
    hold(board, table, there, settings)
    hold(board, table, here, settings)
    return True


@kernel
def ruin(board: Board, table: Table, settings: Settings) -> None:
    """Take apart an activity and some that are near, on the same half-day or anywhere."""
    a = drawn(table, board.at_half, 0, len(board.at_half))
    h, s = board.half[a], board.session[a]
    touch(table, h)
    if uniform(table.random) < IDLE:
        touch(table, board.half[below(table.random, len(board.half))])
    cancel(board, table, a)
    relation = uniform(table.random)
    for _ in range(below(table.random, settings.most_removed)):
        if s >= 0 and relation < NEAR:
            other = table.held[board.near[s, below(table.random, min(NEAR_SESSIONS, len(board.site)))]]
        elif relation < NEAR + SAME_HALF_DAY:
            other = drawn(table, board.at_half, board.half_from[h], board.half_from[h + 1])
        else:
            other = drawn(table, board.at_half, 0, len(board.at_half))
        if other >= 0:
            cancel(board, table, other)


@kernel
def take_apart(board: Board, table: Table, settings: Settings) -> None:
    """Cancel some activities, or swap two sessions; `touched` then lists the half-days to put together again."""
    may_swap = len(table.held) > 0 and uniform(table.random) < SWAP
    if not may_swap or not swap_sessions(board, table, settings):
        ruin(board, table, settings)
