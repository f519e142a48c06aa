"""Why a joint visit or a group of visits finds no place: asked as a whole, for its parts hold each other back.

The answers come from the checks of the search, as in `refusals`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.routing.arrays import NEVER, Data, State
from optimizer.routing.exact_refusals import ask_meeting_exactly, with_open_ends
from optimizer.routing.input import NOBODY, Int64, RoutingInput
from optimizer.routing.insertion import detour, fixed_price, time_price
from optimizer.routing.kernel import entry, inlined, kernel
from optimizer.routing.meeting import may_meet
from optimizer.routing.pairs import paired_starts, possible_start
from optimizer.routing.refusals import Answer, asked, best_of_route, refusal, time_refusal
from optimizer.routing.relaxing import Limit
from optimizer.routing.shared import shared

_MEETING, _PRICE = int(Limit.MEETING), int(Limit.PRICE)
LIMIT, AMOUNT, HALF, COST, POSITION, OTHER_POSITION = 0, 1, 2, 3, 4, 5
"""Columns of what `ask_meeting` finds."""


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """The best positions of both halves on two routes: the price of both, or what refuses them by how much."""

    route: int
    position: int
    other_route: int
    other_position: int
    limit: Limit
    amount: int
    refused: int | None
    """The half that the limit holds back; None where it is both, or neither."""
    price: int | None


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """One combination of days: the best answer for each of the group's visits, and the first limit in the way."""

    days: tuple[int, ...]
    answers: tuple[Answer | None, ...]
    """None where no route drives on the day."""
    limit: Limit
    amount: int
    price: int | None


def ask_pair(
    given: RoutingInput, routes: Sequence[Sequence[int]], lead: int, *, relaxed: Collection[Limit] = ()
) -> tuple[PairAnswer, ...]:
    """One answer for every two routes that may hold the halves of an absent joint visit, with some limits relaxed.

    `lead` is the half with the lower number. MEETING relaxed lets the halves be at any time. Raises ValueError where
    `ask` does, and for a visit that leads no pair.
    """
    other = int(given.partner[lead])
    if other < lead:
        raise ValueError(f"visit {lead} does not lead a joint visit")
    data, state = asked(given, routes, [lead, other], relaxed)
    found, answers = np.zeros(6, np.int64), []
    opened = data if data.exact is None else with_open_ends(data)
    for here in range(given.routes):
        for there in range(given.routes):
            if data.exact is None:
                is_asked = ask_meeting(data, state, lead, here, there, found)
            else:
                is_asked = ask_meeting_exactly(data, opened, state, lead, here, there, found)
            if is_asked and found[LIMIT] == NOBODY:
                answers.append(_half_answer(data, state, lead, here, there, int(found[HALF])))
            elif is_asked:
                answers.append(_pair_answer(here, there, found))
    return tuple(answers)


def _half_answer(data: Data, state: State, lead: int, here: int, there: int, half: int) -> PairAnswer:
    """The answer where one half has no position of its own."""
    own = best_of_route(data, state, here if half == lead else there, half)
    positions = (own.position, 0) if half == lead else (0, own.position)
    return PairAnswer(here, positions[0], there, positions[1], own.limit, own.amount, half, None)


def _pair_answer(here: int, there: int, found: Int64) -> PairAnswer:
    """The columns above in words."""
    limit, amount, half, price, position, other_position = (int(value) for value in found)
    is_possible = limit in (Limit.NOTHING, Limit.PRICE)
    refused, known = half if half >= 0 else None, price if is_possible else None
    return PairAnswer(here, position, there, other_position, Limit(limit), amount, refused, known)


@entry
def ask_meeting(data: Data, state: State, visit: int, here: int, there: int, found: Int64) -> bool:
    """Fill the columns above for the best positions of both halves; False when the routes may not hold them."""
    data, state = shared(data), shared(state)
    if not may_meet(data, here, there):
        return False
    found[LIMIT] = -1
    for position in range(state.route[here].length + 1):
        for other_position in range(state.route[there].length + 1):
            limit, amount, half, price = meeting(data, state, visit, here, there, position, other_position)
            if is_better(found, limit, amount, price):
                found[LIMIT], found[AMOUNT], found[HALF], found[COST] = limit, amount, half, price
                found[POSITION], found[OTHER_POSITION] = position, other_position
    return True


@inlined
def is_better(found: Int64, limit: int, amount: int, price: int) -> bool:
    """Whether a cheaper way was found, or one whose refusal comes later or is smaller."""
    if found[LIMIT] < 0:
        return True
    is_possible, was_possible = limit in (0, _PRICE), found[LIMIT] in (0, _PRICE)
    if is_possible != was_possible:
        return is_possible
    if is_possible:
        return bool(price < found[COST])
    return bool(limit > found[LIMIT] or (limit == found[LIMIT] and amount < found[AMOUNT]))


@kernel
def meeting(
    data: Data, state: State, visit: int, here: int, there: int, position: int, other_position: int
) -> tuple[int, int, int, int]:
    """Limit, amount, refused half and price of both halves at two positions."""
    other, day = data.visit[visit].partner, data.route[here].day
    limit, amount = refusal(data, state, here, visit, position)
    if limit > 0:
        return limit, amount, visit, 0
    limit, amount = refusal(data, state, there, other, other_position)
    if limit > 0:
        return limit, amount, other, 0
    first = possible_start(data, state, here, visit, position)
    second = possible_start(data, state, there, other, other_position)
    start, start_other = paired_starts(data, state, day, visit, first, second)
    if start >= NEVER:
        return _MEETING, missed_seconds(data, visit, day, first, second), NOBODY, 0
    state.visit[visit].frozen, state.visit[other].frozen = start, start_other
    limit, amount = time_refusal(data, state, here, visit, position)
    _, amount_other = time_refusal(data, state, there, other, other_position)
    price = data.travel_weight * detour(data, state, here, visit, position) + fixed_price(data, state, here, visit)
    price += data.travel_weight * detour(data, state, there, other, other_position)
    price += fixed_price(data, state, there, other)
    if amount == 0 and amount_other == 0:
        price += time_price(data, state, here, visit, position)
        price += time_price(data, state, there, other, other_position)
    state.visit[visit].frozen, state.visit[other].frozen = NOBODY, NOBODY
    if amount > 0 or amount_other > 0:
        return _MEETING, max(amount, amount_other), visit if amount > amount_other else other, 0
    above = price - data.visit[visit].penalty - data.visit[other].penalty
    return (_PRICE, int(above), NOBODY, int(price)) if above >= 0 else (0, 0, NOBODY, int(price))


@kernel
def missed_seconds(data: Data, visit: int, day: int, first: int, second: int) -> int:
    """Seconds by which the later half is too late for the window that the time between both leaves the other."""
    other, least, most = data.visit[visit].partner, data.visit[visit].gap_least, data.visit[visit].gap_most
    last = int(data.windows[visit, day, data.window_count[visit, day] - 1, 2])
    last_other = int(data.windows[other, day, data.window_count[other, day] - 1, 2])
    missed = max(first + least - last_other, second - most - last)
    return int(max(1, missed))


def ask_group(
    given: RoutingInput, routes: Sequence[Sequence[int]], group: int, *, relaxed: Collection[Limit] = ()
) -> tuple[GroupAnswer, ...]:
    """One answer for every combination of days of a group of absent visits, with some limits relaxed for them.

    Each visit is asked for by itself: exact, because the days of a combination are driven by different routes. Raises
    ValueError where `ask` does.
    """
    visits = np.flatnonzero(given.group == group).tolist()
    data, state = asked(given, routes, visits, relaxed)
    leaving = int(data.visit["penalty"][visits].sum())
    by_route = {visit: [best_of_route(data, state, route, visit) for route in range(given.routes)] for visit in visits}
    answers = []
    for pattern in given.patterns[group].tolist():
        days = tuple(day for day in pattern if day >= 0)
        if days:
            on_days = [
                [by_route[v][r] for r in np.flatnonzero(given.day == day)] for v, day in zip(visits, days, strict=True)
            ]
            answers.append(_group_answer(days, on_days, leaving))
    return tuple(answers)


def _group_answer(days: tuple[int, ...], on_days: list[list[Answer]], leaving: int) -> GroupAnswer:
    """The answer of a combination from those of its visits on the routes of their days."""
    best = tuple(min(found, key=_rank) if found else None for found in on_days)
    if None in best:
        return GroupAnswer(days, best, Limit.NOT_ALLOWED, 0, None)
    refused = [answer for answer in best if answer is not None and answer.price is None]
    if refused:
        worst = min(refused, key=lambda answer: answer.limit)
        return GroupAnswer(days, best, worst.limit, worst.amount, None)
    price = sum(answer.price or 0 for answer in best if answer is not None)
    is_worth_it = price < leaving
    return GroupAnswer(
        days, best, Limit.NOTHING if is_worth_it else Limit.PRICE, 0 if is_worth_it else price - leaving, price
    )


def _rank(answer: Answer) -> tuple[int, int, int]:
    """Possible answers first, by price; then those whose limit is asked last, by amount."""
    return (0, answer.price, 0) if answer.price is not None else (1, -int(answer.limit), answer.amount)
