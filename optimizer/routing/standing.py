"""What refuses a visit at a position whatever the clock says: crew, load, work and the order of classes."""

from optimizer.routing.arrays import Data, State
from optimizer.routing.insertion import detour, has_room, is_allowed, keeps_order, seconds_left
from optimizer.routing.kernel import kernel
from optimizer.routing.relaxing import Limit

_NOT_ALLOWED, _CAPACITY, _WORK, _ORDER = (int(limit) for limit in list(Limit)[1:5])


@kernel
def standing_refusal(data: Data, state: State, route: int, visit: int, position: int) -> tuple[int, int]:
    """The first of these limits in the way of a visit at a position and its amount; (0, 0) when there is none."""
    if not is_allowed(data, visit, route):
        return _NOT_ALLOWED, 0
    if not has_room(data, state, route, visit):
        over = state.route[route].load + data.visit[visit].load - data.route[route].capacity
        return _CAPACITY, max(0, int(over))
    left = seconds_left(data, state, route) - data.visit[visit].service
    above = detour(data, state, route, visit, position) - left
    if above > 0:
        return _WORK, int(above)
    return (0, 0) if keeps_order(data, state, route, visit, position) else (_ORDER, 0)
