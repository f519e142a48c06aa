"""The price of extras where places are looked for; for an input that asks for none each name stands for a constant."""

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.by_timing import by_extras, with_extras
from optimizer.routing.exact import IDLE, UNFED, WAITING, ExactData, ExactState
from optimizer.routing.exact_idle import (
    guide_price,
    half_idle_price,
    idle_after,
    idle_after_pair,
    idlest_but,
    is_guided,
)
from optimizer.routing.exact_lunch import is_used, lunch_minutes
from optimizer.routing.exact_waiting import waiting_change
from optimizer.routing.input import NOBODY
from optimizer.routing.kernel import kernel


@kernel
def _extra_price(fixed: ExactData, times: ExactState) -> int:
    waiting = fixed.extras.waiting_weight * times.figures[WAITING]
    return int(fixed.extras.idle_weight * times.figures[IDLE] + waiting + times.figures[UNFED])


extra_price = with_extras(_extra_price, 0)
"""Price of what only an input with extras pays for."""


@kernel
def _price_aside(fixed: ExactData, times: ExactState) -> int:
    return int(fixed.extras.waiting_weight * times.figures[WAITING] + times.figures[UNFED])


price_aside = with_extras(_price_aside, 0)
"""The part of it that propagation does not know."""


@kernel
def _same_idle(fixed: ExactData, times: ExactState, point: int, start: int, idle: int) -> int:
    return idle


@kernel
def _raised_idle(fixed: ExactData, times: ExactState, point: int, start: int, idle: int) -> int:
    if point < fixed.returns:
        return idle
    return int(max(idle, start - times.extras.packed[point - fixed.returns]))


raised_idle = by_extras(_same_idle, _raised_idle)
"""The largest idle time once a point starts later."""


@kernel
def _idle_price(fixed: ExactData, idle: int) -> int:
    return int(fixed.extras.idle_weight * idle)


idle_price = with_extras(_idle_price, 0)
"""Price of the largest idle time."""


@kernel
def _most_gain(fixed: ExactData, times: ExactState, route: int) -> int:
    if is_guided(times):
        return int(-guide_price(fixed, times, route, NEVER))
    return int(fixed.extras.idle_weight * (times.figures[IDLE] - idlest_but(times, route, NOBODY)))


most_gain = with_extras(_most_gain, 0)
"""What a change of one route can gain at most where time alone would cost."""


@kernel
def _most_gain_of_half(fixed: ExactData, times: ExactState, route: int) -> int:
    if is_guided(times):
        return int(-guide_price(fixed, times, route, NEVER))
    return int(-half_idle_price(fixed, times, route, NEVER))


most_gain_of_half = with_extras(_most_gain_of_half, 0)
"""The same for a change of this route and one other."""


@kernel
def _most_saved(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    return int(fixed.extras.waiting_weight * times.extras.waiting[route])


most_saved = with_extras(_most_saved, 0)
"""What a route that gets busier can save of its waiting at most."""


@kernel
def _busier_price(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    if is_guided(times):
        return int(guide_price(fixed, times, route, busier))
    return int(fixed.extras.idle_weight * (idle_after(fixed, times, route, busier) - times.figures[IDLE]))


busier_price = with_extras(_busier_price, 0)
"""Change in price when a route is busy for so many seconds more and no return moves."""


@kernel
def _half_price(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    if is_guided(times):
        return int(guide_price(fixed, times, route, busier))
    return int(half_idle_price(fixed, times, route, busier))


busier_half_price = with_extras(_half_price, 0)
"""One half's share in the change for two routes: both shares together are never above it."""


@kernel
def _pair_price(fixed: ExactData, times: ExactState, here: int, there: int, busier: int, busier_there: int) -> int:
    if is_guided(times):
        return int(guide_price(fixed, times, here, busier) + guide_price(fixed, times, there, busier_there))
    idle = idle_after_pair(fixed, times, here, there, busier, busier_there)
    return int(fixed.extras.idle_weight * (idle - times.figures[IDLE]))


busier_pair_price = with_extras(_pair_price, 0)
"""The change for two routes."""


@kernel
def _begin_trial(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    guide = 0
    if is_guided(times):
        guide = guide_price(fixed, times, route, busier)
    else:
        times.figures[IDLE] = idle_after(fixed, times, route, busier)
    times.extras.packed[route] += busier
    return int(guide)


begin_trial = with_extras(_begin_trial, 0)
"""Make a route busier for a trial; the largest idle time goes back with the starts. Returns the price of guidance."""


@kernel
def _begin_pair(fixed: ExactData, times: ExactState, here: int, there: int, busier: int, busier_there: int) -> int:
    guide = 0
    if is_guided(times):
        guide = guide_price(fixed, times, here, busier) + guide_price(fixed, times, there, busier_there)
    else:
        times.figures[IDLE] = idle_after_pair(fixed, times, here, there, busier, busier_there)
    times.extras.packed[here] += busier
    times.extras.packed[there] += busier_there
    return int(guide)


begin_pair_trial = with_extras(_begin_pair, 0)
"""The same for two routes."""


@kernel
def _end_trial(fixed: ExactData, times: ExactState, route: int, busier: int) -> None:
    times.extras.packed[route] -= busier


end_trial = with_extras(_end_trial)
"""Make a route of a trial as busy as it is."""


@kernel
def _waiting_price(fixed: ExactData, times: ExactState, state: State, here: int, there: int) -> int:
    weight = fixed.extras.waiting_weight
    return int(weight * waiting_change(fixed, times, state, here, there)) if weight else 0


waiting_price = with_extras(_waiting_price, 0)
"""Change in the price of waiting with the trial on the log, which changes one route or two."""


@kernel
def _without_waiting(fixed: ExactData) -> bool:
    return bool(fixed.extras.waiting_weight == 0)


is_known_at_once = with_extras(_without_waiting, True)
"""Whether the price of what moves no other stop needs no trial."""


@kernel
def _first_lunch(fixed: ExactData, times: ExactState, route: int) -> int:
    return 0 if is_used(fixed, times, route) else lunch_minutes(fixed, times, route)


first_lunch = with_extras(_first_lunch, 0)
"""Seconds of the lunch that comes with the first stop of a route."""
