"""Kernels that book activities: with whom, in which vehicle, and what stands against it."""

from optimizer.calendar import HALVES_PER_DAY
from optimizer.roster.board import COST, NOBODY, Board, Table
from optimizer.roster.filling import count_fitting, note
from optimizer.routing.kernel import kernel
from optimizer.routing.randomness import below, uniform

FREE, CHOSEN = 1, 2
"""In `Table.trial`."""
FASTEST = 0.5
"""Chance of the fastest vehicle instead of the plainest, where minutes early in the day are counted."""
FOR_A_SIGN = 0.5
"""Chance of a crew that is drawn for what some of the contacts need."""


@kernel
def free_vehicle(board: Board, table: Table, a: int, fastest: bool) -> int:
    """The plainest class with a vehicle for the activity's crew, or the fastest of them if asked, or NOBODY."""
    best = NOBODY
    for number in range(len(board.seats)):
        used = table.now.driven[board.activity[a].half, number]
        if not board.may_take[a, number] or used >= board.vehicles[number, board.activity[a].half]:
            continue
        driver, there = False, table.now.size[a] <= board.seats[number]
        for place in range(table.now.size[a]):
            driver |= board.drives[number, table.now.crew[a, place]]
            there &= board.at_base[number, table.now.crew[a, place]]
        if driver and there and (best < 0 or board.early_sooner[a, 0, number] > board.early_sooner[a, 0, best]):
            best = number
            if not fastest:
                break
    return best


@kernel
def is_free(board: Board, table: Table, a: int, m: int) -> bool:
    """Whether a member can join the activity."""
    h = board.activity[a].half
    if table.now.busy[h, m] >= 0 or table.now.used[m] >= board.person[m].most:
        return False
    return bool(table.now.field[h // HALVES_PER_DAY, m] + board.activity[a].seconds <= board.person[m].field_seconds)


@kernel
def member_points(board: Board, table: Table, m: int, price: int) -> int:
    """Points of one more half-day of a member, at a price."""
    return price + (board.burden if table.now.used[m] >= board.person[m].fair else 0)


@kernel
def price_of(board: Board, a: int, m: int) -> int:
    """Price of a member in an activity."""
    for row in range(board.activity[a].member_from, board.activity[a + 1].member_from):
        if board.candidate[row].member == m:
            return int(board.candidate[row].price)
    return 0


@kernel
def book_member(board: Board, table: Table, a: int, m: int, sign: int) -> None:
    """Book a member for an activity (sign 1) or take the member off (sign -1)."""
    h = board.activity[a].half
    if sign < 0:
        table.now.used[m] -= 1
    table.totals[COST] += sign * member_points(board, table, m, price_of(board, a, m))
    if sign > 0:
        table.now.used[m] += 1
    table.now.busy[h, m] = a if sign > 0 else NOBODY
    table.now.field[h // HALVES_PER_DAY, m] += sign * board.activity[a].seconds


@kernel
def book_activity(board: Board, table: Table, a: int, sign: int) -> None:
    """Book an activity with its crew and vehicle (sign 1) or cancel it (sign -1); contacts are another matter."""
    h, s = board.activity[a].half, board.activity[a].session
    note(table, a)
    table.now.on[a] = sign > 0
    table.totals[COST] += sign * board.activity[a].price
    table.now.driven[h, table.now.vehicle[a]] += sign
    for place in range(table.now.size[a]):
        book_member(board, table, a, table.now.crew[a, place], sign)
    if s >= 0:
        table.now.held[s] = a if sign > 0 else NOBODY
        table.totals[COST] -= sign * board.unheld[s]
        table.now.at_site[h, board.site[s]] += sign
        if board.series[s] >= 0:
            table.now.in_series[h // HALVES_PER_DAY, board.series[s]] += sign


@kernel
def price(board: Board, table: Table, a: int) -> int:
    """Points that an activity which is off costs with the crew that is noted for it, contacts apart."""
    points = board.activity[a].price
    for place in range(table.now.size[a]):
        m = table.now.crew[a, place]
        points += member_points(board, table, m, price_of(board, a, m))
    if board.activity[a].session >= 0:
        points -= board.unheld[board.activity[a].session]
    return int(points)


@kernel
def may_be_on(board: Board, table: Table, a: int) -> bool:
    """Whether the activity is off and nothing but its crew stands against it."""
    h, s = board.activity[a].half, board.activity[a].session
    if table.now.on[a] or not board.activity[a].movable:
        return False
    if s < 0:
        return True
    if table.now.held[s] >= 0 or table.now.at_site[h, board.site[s]] > 0:
        return False
    return bool(board.series[s] < 0 or table.now.in_series[h // HALVES_PER_DAY, board.series[s]] == 0)


@kernel
def add_best(board: Board, table: Table, a: int, fit: int) -> bool:
    """Add the free candidate with the least key (of a set, if `fit` names one) to the crew; False without one."""
    best, first = NOBODY, board.activity[a].member_from
    for row in range(first, board.activity[a + 1].member_from):
        if table.trial[row - first] != FREE or (fit >= 0 and not board.fit[fit, board.candidate[row].member]):
            continue
        if best < 0 or table.key[row - first] < table.key[best - first]:
            best = row
    if best < 0 or table.now.size[a] >= board.activity[a].high:
        return False
    table.trial[best - first] = CHOSEN
    table.now.crew[a, table.now.size[a]] = board.candidate[best].member
    table.now.size[a] += 1
    return True


@kernel
def meet(board: Board, table: Table, a: int, fit: int, count: int) -> bool:
    """Add members until so many of the crew are in a set; False when there are too few."""
    missing = count - count_fitting(board, table, a, fit)
    while missing > 0 and add_best(board, table, a, fit):
        missing -= 1
    return bool(missing <= 0)


@kernel
def list_free(board: Board, table: Table, a: int, noise: float) -> int:
    """Mark the free candidates of an activity and draw their keys, cheap ones first; how many they are."""
    first, free = board.activity[a].member_from, 0
    for row in range(first, board.activity[a + 1].member_from):
        table.trial[row - first] = is_free(board, table, a, board.candidate[row].member)
        free += table.trial[row - first]
    for row in range(first, board.activity[a + 1].member_from if free >= board.activity[a].low else first):
        if table.trial[row - first] == FREE:
            points = member_points(board, table, board.candidate[row].member, board.candidate[row].price)
            table.key[row - first] = points + noise * uniform(table.random)
    return free


@kernel
def begin_crew(board: Board, table: Table, a: int, noise: float) -> int:
    """A crew of free members that meets what the activity itself needs; how many were free, or NOBODY without one."""
    free = list_free(board, table, a, noise)
    table.now.size[a] = 0
    if free < board.activity[a].low:
        return NOBODY
    for row in range(board.activity[a].need_from, board.activity[a + 1].need_from):
        if not meet(board, table, a, board.need[row].fit, board.need[row].count):
            return NOBODY
    return int(free)


@kernel
def add_for_sign(board: Board, table: Table, a: int, sign: int) -> bool:
    """Add members until the crew has what a sign needs, heads apart; False when there are too few."""
    for row in range(board.sign[sign].need_from, board.sign[sign + 1].need_from):
        if not meet(board, table, a, board.sign_need[row].fit, board.sign_need[row].count):
            return False
    return True


@kernel
def end_crew(board: Board, table: Table, a: int, wanted: int) -> bool:
    """Add members up to a wanted number, and a vehicle; False without one or with too few members."""
    while table.now.size[a] < min(wanted, board.activity[a].high) and add_best(board, table, a, NOBODY):
        pass
    if table.now.size[a] < board.activity[a].low:
        return False
    table.now.vehicle[a] = free_vehicle(
        board, table, a, board.activity[a].early_count > 0 and uniform(table.random) < FASTEST
    )
    return bool(table.now.vehicle[a] >= 0)


@kernel
def draw_crew(board: Board, table: Table, a: int, noise: float) -> bool:
    """A crew of free members with a vehicle; sometimes one for what some of the contacts need. False without one."""
    free = begin_crew(board, table, a, noise)
    if free < 0:
        return False
    wanted = board.activity[a].low + (below(table.random, 2) if free > board.activity[a].low else 0)
    signs = board.activity[a + 1].sign_from - board.activity[a].sign_from
    if signs > 0 and uniform(table.random) < FOR_A_SIGN:
        sign = board.activity[a].sign_from + below(table.random, signs)
        wanted = max(wanted, board.sign[sign].heads)
        if not add_for_sign(board, table, a, sign):
            return False
    return bool(end_crew(board, table, a, wanted))


@kernel
def crew_for(board: Board, table: Table, a: int, sign: int, noise: float) -> bool:
    """A crew of free members with a vehicle that has what a sign asks for; False without one."""
    if begin_crew(board, table, a, noise) < 0 or not add_for_sign(board, table, a, sign):
        return False
    heads = max(board.activity[a].low, board.sign[sign].heads)
    return bool(end_crew(board, table, a, heads) and table.now.size[a] >= heads)
