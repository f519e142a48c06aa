"""Orders of insertion with exact timing."""

from optimizer.routing.arrays import Data, Settings, State
from optimizer.routing.kernel import kernel
from optimizer.routing.randomness import uniform


@kernel
def exact_order_key(data: Data, state: State, settings: Settings, visit: int, mode: float) -> float:
    """Key of one visit: random, by the begin of its window, far first, or near first."""
    if mode < 0.5:
        return float(uniform(state.random))
    if mode < 0.8:
        return float(data.exact.point[visit].earliest + uniform(state.random))
    if mode < 0.9:
        return -float(data.travel[0, 0, visit])
    return float(data.travel[0, 0, visit])
