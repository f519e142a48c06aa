"""Which two routes may hold the halves of a joint visit."""

from optimizer.routing.arrays import Data
from optimizer.routing.kernel import inlined


@inlined
def may_meet(data: Data, first: int, second: int) -> bool:
    """Whether two routes may hold the halves of a joint visit: one day, two teams, no common member."""
    here, there = data.route[first], data.route[second]
    if first == second or here.day != there.day or here.team == there.team:
        return False
    is_shared = False
    for number in range(data.coupled.shape[1]):
        is_shared |= data.coupled[first, number, 0] == second
    return not is_shared
