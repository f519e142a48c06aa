"""Kernels that take a roster apart: activities near each other, two sessions that change their half-days, or those
whose people a joint visit lacks.
"""

from optimizer.roster.board import FIRST, NOBODY, SECOND, TOUCHED, Board, Int, Settings, Table
from optimizer.roster.crewing import book_activity, draw_crew, may_be_on
from optimizer.roster.filling import clear, fill
from optimizer.roster.pairing import part
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
    """Cancel an activity, if there is one and it may be; its half-day is put together again."""
    if a >= 0 and table.now.on[a] and board.activity[a].movable:
        clear(board, table, a, True)
        part(board, table, a)
        book_activity(board, table, a, -1)
        touch(table, board.activity[a].half)


@kernel
def drawn(table: Table, activities: Int, first: int, after: int) -> int:
    """An activity of a stretch of the list, one that is on unless there are few."""
    a = activities[first + below(table.random, after - first)]
    for _ in range(MISSES):
        if table.now.on[a]:
            break
        a = activities[first + below(table.random, after - first)]
    return int(a)


@kernel
def activity_at(board: Board, s: int, h: int) -> int:
    """The activity that is a session on a half-day, or NOBODY where the session may not be held."""
    for number in range(board.half_from[h], board.half_from[h + 1]):
        if board.activity[board.at_half[number]].session == s:
            return int(board.at_half[number])
    return NOBODY


@kernel
def held_session(table: Table) -> int:
    """The activity of a session that is held, or NOBODY when none was drawn."""
    a = NOBODY
    for _ in range(MISSES):
        if a < 0:
            a = table.now.held[below(table.random, len(table.now.held))]
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
    if a < 0 or b < 0 or not board.activity[a].movable or not board.activity[b].movable:
        return False
    there, here = (
        activity_at(board, board.activity[a].session, board.activity[b].half),
        activity_at(board, board.activity[b].session, board.activity[a].half),
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
    h, s = board.activity[a].half, board.activity[a].session
    touch(table, h)
    if uniform(table.random) < IDLE:
        touch(table, board.activity[below(table.random, len(board.activity) - 1)].half)
    cancel(board, table, a)
    relation = uniform(table.random)
    for _ in range(below(table.random, settings.most_removed)):
        if s >= 0 and relation < NEAR:
            other = table.now.held[board.near[s, below(table.random, min(NEAR_SESSIONS, len(board.site)))]]
        elif relation < NEAR + SAME_HALF_DAY:
            other = drawn(table, board.at_half, board.half_from[h], board.half_from[h + 1])
        else:
            other = drawn(table, board.at_half, 0, len(board.at_half))
        if other >= 0:
            cancel(board, table, other)


@kernel
def make_way(board: Board, table: Table, row: int) -> None:
    """Free enough people for a part of a joint visit, drawn from those who could be in its crew.

    They are taken from what they do on the half-day, and from another half-day if they have none left.
    """
    a, sign = board.pair[row].activity, board.activity[board.pair[row].activity].sign_from + board.pair[row].sign
    first, halves = board.activity[a].member_from, len(table.now.busy)
    count = board.activity[a + 1].member_from - first
    cancel(board, table, a)
    for need in range(board.sign[sign].need_from, board.sign[sign + 1].need_from):
        missing, begin, other = board.sign_need[need].count, below(table.random, count), below(table.random, halves)
        for number in range(count):
            m = board.candidate[first + (begin + number) % count].member
            if missing == 0 or not board.fit[board.sign_need[need].fit, m]:
                continue
            missing -= 1
            for n in range(-1, halves):
                if n < 0 or table.now.used[m] >= board.person[m].most:
                    cancel(board, table, table.now.busy[board.activity[a].half if n < 0 else (other + n) % halves, m])


@kernel
def drawn_row(board: Board, table: Table, j: int, which: int, h: int) -> int:
    """A row of a part of a joint visit, on a half-day if it is given, or NOBODY when none was drawn."""
    rows = board.joint_from[j + 1] - board.joint_from[j]
    for _ in range(MISSES * rows):
        row = board.joint_row[board.joint_from[j] + below(table.random, rows)]
        if board.pair[row].part == which and h in (NOBODY, board.activity[board.pair[row].activity].half):
            return int(row)
    return NOBODY


@kernel
def aim(board: Board, table: Table) -> bool:
    """Take away from others the people whom a drawn joint visit that is left would need; False when none was drawn."""
    j = below(table.random, len(board.joint_group))
    second = drawn_row(board, table, j, SECOND, NOBODY) if table.now.left[board.joint_group[j]] else NOBODY
    if second < 0:
        return False
    h = board.activity[board.pair[second].activity].half
    touch(table, h)
    make_way(board, table, second)
    first = drawn_row(board, table, j, FIRST, h)
    if first >= 0:
        make_way(board, table, first)
    return True


@kernel
def take_apart(board: Board, table: Table, settings: Settings) -> int:
    """Cancel some activities, or swap two sessions; `touched` then lists the half-days to put together again.

    How many of these come first, whatever the others: where a joint visit was aimed at.
    """
    if len(board.joint_group) > 0 and uniform(table.random) < settings.aimed_share and aim(board, table):
        return 1
    may_swap = len(table.now.held) > 0 and uniform(table.random) < SWAP
    if not may_swap or not swap_sessions(board, table, settings):
        ruin(board, table, settings)
    return 0
