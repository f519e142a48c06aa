"""Kernels that hand out contacts: which groups an activity serves, the dearest per minute first."""

from optimizer.roster.board import ATTACHED, CHANGED, COST, DROPPED, GIVEN, SESSION, STAMP, Board, Table
from optimizer.routing.kernel import inlined, kernel
from optimizer.routing.randomness import uniform


@kernel
def note(table: Table, a: int) -> None:
    """Remember that an activity changes in this iteration."""
    if not table.is_changed[a]:
        table.is_changed[a] = 1
        table.changed[table.totals[CHANGED]] = a
        table.totals[CHANGED] += 1


@kernel
def count_fitting(board: Board, table: Table, a: int, fit: int) -> int:
    """How many of an activity's crew are in a set."""
    fitting = 0
    for place in range(table.now.size[a]):
        fitting += board.fit[fit, table.now.crew[a, place]]
    return fitting


@kernel
def signs_met(board: Board, table: Table, a: int) -> int:
    """Bit set of the signs that the activity's crew meets."""
    met = 0
    for number in range(board.activity[a].sign_from, board.activity[a + 1].sign_from):
        is_met = table.now.size[a] >= board.sign[number].heads
        for row in range(board.sign[number].need_from, board.sign[number + 1].need_from):
            is_met = is_met and count_fitting(board, table, a, board.sign_need[row].fit) >= board.sign_need[row].count
        if is_met:
            met |= 1 << (number - board.activity[a].sign_from)
    return met


@inlined
def fitting(minutes: int, count: int, each: int) -> int:
    """How many of `count` fit into minutes, below zero for a lack of minutes; spares the division where all do."""
    return count if count * each <= minutes else minutes // each


@kernel
def early_room(table: Table, early: int, count: int, minutes: int) -> int:
    """How many of `count` fit before all the early ends in a bit set."""
    number = 0
    while early:
        if early & 1:
            count = fitting(table.early[number], count, minutes)
        early >>= 1
        number += 1
    return count


@kernel
def use_early(table: Table, early: int, minutes: int) -> None:
    """Take minutes off all the early ends in a bit set."""
    number = 0
    while early:
        if early & 1:
            table.early[number] -= minutes
        early >>= 1
        number += 1


@kernel
def extra_minutes(board: Board, table: Table, a: int, place: int, radial: int) -> int:
    """Minutes on the road that a home visit adds, after so many radial ones and the places of the present stamp."""
    if table.seen[place] == table.totals[STAMP]:
        return 0
    return int(board.detour[place] + max(0, board.radial[board.activity[a].base, place] - radial))


@kernel
def set_aside(board: Board, table: Table, a: int) -> tuple[int, int, int]:
    """What an activity has left beside its joint visits: minutes, radial minutes driven anyway, points (below zero).

    Minutes below zero are those missing. Marks the places with a new stamp.
    """
    minutes = board.activity[a].room * (table.now.size[a] if board.activity[a].session >= 0 else 1)
    table.totals[STAMP] += 1
    radial, value = 0, 0
    for row in range(board.activity[a].pair_from, board.activity[a + 1].pair_from):
        if table.now.pairs[board.pair[row].joint, board.pair[row].part] == row:
            extra = extra_minutes(board, table, a, board.pair[row].place, radial)
            radial = max(radial, board.radial[board.activity[a].base, board.pair[row].place])
            table.seen[board.pair[row].place] = table.totals[STAMP]
            minutes -= board.pair[row].minutes + extra
            value -= extra * board.minute_points
    return minutes, radial, value


@kernel
def hand_out(board: Board, table: Table, a: int, blink: float) -> int:
    """Hand out contacts of an activity that has none but its joint visits, each entry skipped by chance `blink`.

    They are noted in `given` and gone from `left`, nothing else; returns the points that they save.
    """
    met = signs_met(board, table, a)
    minutes, radial, value = set_aside(board, table, a)
    heads, spare, stamp = board.activity[a].heads, board.spare[a, table.now.vehicle[a]], table.totals[STAMP]
    least = board.activity[a].least
    table.totals[GIVEN] = 0
    for number in range(board.activity[a].early_count):
        sooner = board.early_sooner[a, number, table.now.vehicle[a]]
        table.early[number] = board.early_minutes[a, number] * table.now.size[a] + sooner * board.activity[a].low
    for e in range(board.activity[a].entry_from, board.activity[a + 1].entry_from):
        g = board.served[e]
        count = table.now.left[g]
        if count == 0:
            continue
        entry = board.entry[e]
        if not (met >> entry.sign) & 1 or (blink > 0 and uniform(table.random) < blink):
            continue
        each, kind, extra = entry.minutes, entry.kind, 0
        if kind == SESSION:
            count = early_room(table, entry.early, min(fitting(minutes, count, each), heads), each)
        elif kind == ATTACHED:
            count = fitting(spare, count, each)
        else:
            extra = extra_minutes(board, table, a, entry.place, radial)
            count = fitting(minutes - extra, count, each)
        saved = count * entry.saves - extra * board.minute_points
        if count <= 0 or saved <= 0:
            continue
        if kind == ATTACHED:
            spare -= count * each
        else:
            minutes -= count * each + extra
        if kind == SESSION:
            heads -= count
            use_early(table, entry.early, count * each)
        elif kind != ATTACHED and table.seen[entry.place] != stamp:
            radial = max(radial, board.radial[board.activity[a].base, entry.place])
            table.seen[entry.place] = stamp
        table.now.left[g] -= count
        table.given[table.totals[GIVEN], 0] = e
        table.given[table.totals[GIVEN], 1] = count
        table.totals[GIVEN] += 1
        value += saved
        if minutes < least and spare < least:
            break
    return int(value)


@kernel
def worth(board: Board, table: Table, a: int) -> int:
    """Points that contacts of an activity would save with the crew that is noted for it; nothing is changed."""
    value = hand_out(board, table, a, 0.0)
    for number in range(table.totals[GIVEN]):
        table.now.left[board.served[table.given[number, 0]]] += table.given[number, 1]
    return int(value)


@kernel
def fill(board: Board, table: Table, a: int, blink: float) -> None:
    """Give an activity contacts, each entry skipped by chance `blink`."""
    value = hand_out(board, table, a, blink)
    for number in range(table.totals[GIVEN]):
        table.now.taken[table.given[number, 0]] = table.given[number, 1]
    table.now.value[a] = value
    table.totals[COST] -= value
    note(table, a)


@kernel
def clear(board: Board, table: Table, a: int, is_dropping: bool) -> None:
    """Take all contacts of an activity back but joint visits; who is due is noted as dropped, if asked."""
    for e in range(board.activity[a].entry_from, board.activity[a + 1].entry_from):
        if table.now.taken[e]:
            g = board.served[e]
            table.now.left[g] += table.now.taken[e]
            table.now.taken[e] = 0
            if is_dropping and board.group[g].is_due and table.totals[DROPPED] < len(table.dropped):
                table.dropped[table.totals[DROPPED]] = g
                table.totals[DROPPED] += 1
    table.totals[COST] += table.now.value[a]
    table.now.value[a] = 0
    note(table, a)


@kernel
def refill(board: Board, table: Table, blink: float) -> None:
    """Fill the activities again that could serve those who were dropped."""
    table.totals[STAMP] += 1
    stamp = table.totals[STAMP]
    for number in range(table.totals[DROPPED]):
        g = table.dropped[number]
        for row in range(board.group[g].way_from, board.group[g + 1].way_from):
            a = board.way[row]
            if table.now.left[g] == 0:
                break
            if table.now.on[a] and table.stamp[a] < stamp:
                table.stamp[a] = stamp
                clear(board, table, a, False)
                fill(board, table, a, blink)
