"""Keeping extras up to date, and going back with the plan; without extras each name does nothing."""

from optimizer.routing.arrays import State
from optimizer.routing.by_timing import with_extras
from optimizer.routing.exact import UNFED, ExactData, ExactState
from optimizer.routing.exact_extras import MINUTES, MISSED
from optimizer.routing.exact_idle import aim, find_idlest
from optimizer.routing.exact_lunch import (
    choose_touched_lunches,
    eat_before,
    hand_lunch_on,
    is_used,
    lunch_minutes,
)
from optimizer.routing.exact_waiting import note_waiting
from optimizer.routing.input import NOBODY, Int64
from optimizer.routing.kernel import inlined, kernel


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


note_extras = with_extras(_note_extras)
"""Bring the figures up to date after the stops of a route have changed, or of all (below 0)."""


@kernel
def repack(fixed: ExactData, times: ExactState, route: int, busy: int) -> None:
    lunch = lunch_minutes(fixed, times, route) if busy else 0
    times.extras.packed[route] = fixed.point[fixed.leaves + route].earliest + busy + lunch


note_busy = with_extras(repack)
"""Bring a route up to date after its stops have changed."""


@inlined
def copy(source: Int64, target: Int64) -> None:
    for number in range(len(source)):
        target[number] = source[number]


@inlined
def restore_lunches(times: ExactState, source: Int64) -> None:
    """Have lunch in these gaps, by route."""
    extras = times.extras
    for route in range(len(source)):
        if extras.eats_before[route] >= 0:
            extras.fed[extras.eats_before[route]] = NOBODY
    for route in range(len(source)):
        extras.eats_before[route] = source[route]
        if source[route] >= 0:
            extras.fed[source[route]] = route


@kernel
def _keep_extras(times: ExactState) -> None:
    copy(times.extras.packed, times.extras.kept_packed)
    copy(times.extras.waiting, times.extras.kept_waiting)
    copy(times.extras.window, times.extras.kept_window)
    copy(times.extras.eats_before, times.extras.kept_eats_before)


keep_extras = with_extras(_keep_extras)
"""Make the present choices and figures those to go back to."""


@kernel
def _restore_extras(fixed: ExactData, times: ExactState) -> None:
    copy(times.extras.kept_packed, times.extras.packed)
    copy(times.extras.kept_waiting, times.extras.waiting)
    copy(times.extras.kept_window, times.extras.window)
    restore_lunches(times, times.extras.kept_eats_before)
    find_idlest(fixed, times)


restore_extras = with_extras(_restore_extras)
"""Go back to the kept ones."""


@kernel
def _keep_best_choices(times: ExactState) -> None:
    copy(times.extras.window, times.extras.best_window)
    copy(times.extras.eats_before, times.extras.best_eats_before)


keep_best_choices = with_extras(_keep_best_choices)
"""Note the present choices as those of the best plan."""


@kernel
def _go_to_best_choices(times: ExactState) -> None:
    copy(times.extras.best_window, times.extras.window)
    restore_lunches(times, times.extras.best_eats_before)


go_to_best_choices = with_extras(_go_to_best_choices)
"""Make those of the best plan the present ones."""


@kernel
def _leave_lunches_out(fixed: ExactData, times: ExactState) -> None:
    for route in range(len(times.extras.eats_before)):
        eat_before(fixed, times, route, NOBODY)


leave_lunches_out = with_extras(_leave_lunches_out)
"""Leave all lunches out."""


aim_lower = with_extras(aim)
pass_lunch_on = with_extras(hand_lunch_on)
choose_lunches = with_extras(choose_touched_lunches)
