"""Where the kernels of exact timing meet the extras: each name does nothing for an input that asks for none."""

from optimizer.routing.arrays import NEVER, State
from optimizer.routing.by_timing import by_extras
from optimizer.routing.exact import IDLE, UNFED, WAITING, ExactData, ExactState
from optimizer.routing.exact_extras import MINUTES, MISSED
from optimizer.routing.exact_idle import (
    aim,
    find_idlest,
    guide_price,
    half_idle_price,
    idle_after,
    idle_after_pair,
    idlest_but,
    is_guided,
)
from optimizer.routing.exact_lunch import (
    choose_touched_lunches,
    eat_before,
    hand_lunch_on,
    is_used,
    lunch_minutes,
)
from optimizer.routing.exact_waiting import note_waiting, waiting_change
from optimizer.routing.input import NOBODY, Int64
from optimizer.routing.kernel import inlined, kernel


@kernel
def _none(fixed: ExactData, times: ExactState) -> int:
    return 0


@kernel
def _extra_price(fixed: ExactData, times: ExactState) -> int:
    waiting = fixed.extras.waiting_weight * times.figures[WAITING]
    return int(fixed.extras.idle_weight * times.figures[IDLE] + waiting + times.figures[UNFED])


extra_price = by_extras(_none, _extra_price)
"""Price of what only an input with extras pays for."""


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
def _no_price(fixed: ExactData, idle: int) -> int:
    return 0


@kernel
def _idle_price(fixed: ExactData, idle: int) -> int:
    return int(fixed.extras.idle_weight * idle)


idle_price = by_extras(_no_price, _idle_price)


@kernel
def _no_gain(fixed: ExactData, times: ExactState, route: int) -> int:
    return 0


@kernel
def _most_gain(fixed: ExactData, times: ExactState, route: int) -> int:
    if is_guided(times):
        return int(-guide_price(fixed, times, route, NEVER))
    return int(fixed.extras.idle_weight * (times.figures[IDLE] - idlest_but(times, route, NOBODY)))


most_gain = by_extras(_no_gain, _most_gain)
"""What a change of one route can gain at most where time alone would cost."""


@kernel
def _most_gain_of_half(fixed: ExactData, times: ExactState, route: int) -> int:
    if is_guided(times):
        return int(-guide_price(fixed, times, route, NEVER))
    return int(-half_idle_price(fixed, times, route, NEVER))


most_gain_of_half = by_extras(_no_gain, _most_gain_of_half)
"""The same for a change of this route and one other."""


@kernel
def _no_change(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    return 0


@kernel
def _busier_price(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    if is_guided(times):
        return int(guide_price(fixed, times, route, busier))
    return int(fixed.extras.idle_weight * (idle_after(fixed, times, route, busier) - times.figures[IDLE]))


busier_price = by_extras(_no_change, _busier_price)
"""Change in price when a route is busy for so many seconds more and no return moves."""


@kernel
def _half_price(fixed: ExactData, times: ExactState, route: int, busier: int) -> int:
    if is_guided(times):
        return int(guide_price(fixed, times, route, busier))
    return int(half_idle_price(fixed, times, route, busier))


busier_half_price = by_extras(_no_change, _half_price)
"""One half's share in the change for two routes: both shares together are never above it."""


@kernel
def _no_pair_change(fixed: ExactData, times: ExactState, here: int, there: int, busier: int, busier_there: int) -> int:
    return 0


@kernel
def _pair_price(fixed: ExactData, times: ExactState, here: int, there: int, busier: int, busier_there: int) -> int:
    if is_guided(times):
        return int(guide_price(fixed, times, here, busier) + guide_price(fixed, times, there, busier_there))
    idle = idle_after_pair(fixed, times, here, there, busier, busier_there)
    return int(fixed.extras.idle_weight * (idle - times.figures[IDLE]))


busier_pair_price = by_extras(_no_pair_change, _pair_price)
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


begin_trial = by_extras(_no_change, _begin_trial)
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


begin_pair_trial = by_extras(_no_pair_change, _begin_pair)


@kernel
def _nothing_noted_of(fixed: ExactData, times: ExactState, route: int, busier: int) -> None:
    pass


@kernel
def _end_trial(fixed: ExactData, times: ExactState, route: int, busier: int) -> None:
    times.extras.packed[route] -= busier


end_trial = by_extras(_nothing_noted_of, _end_trial)
"""Make a route of a trial as busy as it is."""


@kernel
def _nothing_noted(fixed: ExactData, times: ExactState, state: State, changed: int) -> None:
    pass


@kernel
def _note_extras(fixed: ExactData, times: ExactState, state: State, changed: int) -> None:
    find_idlest(fixed, times)
    times.figures[UNFED] = 0
    for route in range(len(times.extras.eats_before)):
        is_unfed = fixed.extras.lunch[route, MINUTES] > 0 and times.extras.eats_before[route] < 0
        if is_unfed and is_used(fixed, times, route):
            times.figures[UNFED] += fixed.extras.lunch[route, MISSED]
    if fixed.extras.waiting_weight:
        note_waiting(fixed, times, state, changed)


note_extras = by_extras(_nothing_noted, _note_extras)
"""Bring the figures up to date after the stops of a route have changed, or of all (below 0)."""


@kernel
def _most_saved(fixed: ExactData, times: ExactState, route: int) -> int:
    return int(fixed.extras.waiting_weight * times.extras.waiting[route])


@kernel
def _price_aside(fixed: ExactData, times: ExactState) -> int:
    return int(fixed.extras.waiting_weight * times.figures[WAITING] + times.figures[UNFED])


price_aside = by_extras(_none, _price_aside)
"""The part of the price of time that propagation does not know."""


most_saved = by_extras(_no_gain, _most_saved)
"""What a change of one route can save of its waiting at most."""


@kernel
def _no_waiting(fixed: ExactData, times: ExactState, state: State, here: int, there: int) -> int:
    return 0


@kernel
def _waiting_price(fixed: ExactData, times: ExactState, state: State, here: int, there: int) -> int:
    weight = fixed.extras.waiting_weight
    return int(weight * waiting_change(fixed, times, state, here, there)) if weight else 0


waiting_price = by_extras(_no_waiting, _waiting_price)
"""Change in the price of waiting with the trial on the log, which changes one route or two."""


@kernel
def _always(fixed: ExactData) -> bool:
    return True


@kernel
def _without_waiting(fixed: ExactData) -> bool:
    return bool(fixed.extras.waiting_weight == 0)


is_known_at_once = by_extras(_always, _without_waiting)
"""Whether the price of what moves no other stop needs no trial."""


@kernel
def repack(fixed: ExactData, times: ExactState, route: int, busy: int) -> None:
    lunch = lunch_minutes(fixed, times, route) if busy else 0
    times.extras.packed[route] = fixed.point[fixed.leaves + route].earliest + busy + lunch


note_busy = by_extras(_nothing_noted_of, repack)
"""Bring a route up to date after its stops have changed."""


@kernel
def _nothing_kept(times: ExactState) -> None:
    pass


@inlined
def copy(source: Int64, target: Int64) -> None:
    for number in range(len(source)):
        target[number] = source[number]


@kernel
def _keep_extras(times: ExactState) -> None:
    copy(times.extras.packed, times.extras.kept_packed)
    copy(times.extras.waiting, times.extras.kept_waiting)
    copy(times.extras.window, times.extras.kept_window)
    copy(times.extras.eats_before, times.extras.kept_eats_before)


keep_extras = by_extras(_nothing_kept, _keep_extras)


@kernel
def _nothing_restored(fixed: ExactData, times: ExactState) -> None:
    pass


@inlined
def restore_lunches(times: ExactState, source: Int64) -> None:
    extras = times.extras
    for route in range(len(source)):
        if extras.eats_before[route] >= 0:
            extras.fed[extras.eats_before[route]] = NOBODY
    for route in range(len(source)):
        extras.eats_before[route] = source[route]
        if source[route] >= 0:
            extras.fed[source[route]] = route


@kernel
def _restore_extras(fixed: ExactData, times: ExactState) -> None:
    copy(times.extras.kept_packed, times.extras.packed)
    copy(times.extras.kept_waiting, times.extras.waiting)
    copy(times.extras.kept_window, times.extras.window)
    restore_lunches(times, times.extras.kept_eats_before)
    find_idlest(fixed, times)


restore_extras = by_extras(_nothing_restored, _restore_extras)


@kernel
def _no_aim(fixed: ExactData, times: ExactState, state: State) -> None:
    pass


aim_lower = by_extras(_no_aim, aim)


@kernel
def _no_lunch(fixed: ExactData, times: ExactState, route: int) -> int:
    return 0


@kernel
def _first_lunch(fixed: ExactData, times: ExactState, route: int) -> int:
    return 0 if is_used(fixed, times, route) else lunch_minutes(fixed, times, route)


first_lunch = by_extras(_no_lunch, _first_lunch)
"""Seconds of the lunch that comes with the first stop of a route."""


@kernel
def _nothing_handed_on(fixed: ExactData, times: ExactState, state: State, route: int) -> None:
    pass


pass_lunch_on = by_extras(_nothing_handed_on, hand_lunch_on)


@kernel
def _nothing_chosen(fixed: ExactData, times: ExactState, state: State, count: int) -> None:
    pass


choose_lunches = by_extras(_nothing_chosen, choose_touched_lunches)


@kernel
def _nothing_best(times: ExactState) -> None:
    pass


@kernel
def _keep_best_choices(times: ExactState) -> None:
    copy(times.extras.window, times.extras.best_window)
    copy(times.extras.eats_before, times.extras.best_eats_before)


keep_best_choices = by_extras(_nothing_best, _keep_best_choices)


@kernel
def _go_to_best_choices(times: ExactState) -> None:
    copy(times.extras.best_window, times.extras.window)
    restore_lunches(times, times.extras.best_eats_before)


go_to_best_choices = by_extras(_nothing_best, _go_to_best_choices)


@kernel
def _leave_lunches_out(fixed: ExactData, times: ExactState) -> None:
    for route in range(len(times.extras.eats_before)):
        eat_before(fixed, times, route, NOBODY)


leave_lunches_out = by_extras(_nothing_restored, _leave_lunches_out)
