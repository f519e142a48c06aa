"""How the temperature's share runs with the budget: once for large inputs, in several cycles for small ones.

A small input is as good as it gets after some hundred iterations per visit; cooling again from the best plan then finds
more than cooling more slowly (measured: 1.1 % on the smallest bench instance).
"""

from dataclasses import dataclass

ITERATIONS_PER_VISIT = 800
"""Length of a cycle."""
EXACT_ITERATIONS_PER_VISIT = 4000
"""The same with exact timing, where pairs tie the routes together and a short cycle freezes too early."""


@dataclass(slots=True)
class Cooling:
    """Cycles of equal length over a budget of `total` iterations, or of seconds (None: the pace is learned)."""

    total: int | None
    visits: int
    per_visit: int = ITERATIONS_PER_VISIT
    cycles: int = 1
    per_iteration: float = 0.0
    is_learned: bool = False

    def __post_init__(self) -> None:
        if self.total is not None:
            self.cycles = self._cycles(self.total)

    def at(self, done: int, fraction: float) -> tuple[int, float, float, int]:
        """Cycle, offset and step of its share (offset + step * iteration), and iterations left in it."""
        if self.total is None:
            cycle = min(int(fraction * self.cycles), self.cycles - 1)
            step = self.per_iteration * self.cycles
            return cycle, fraction * self.cycles - cycle - step * done, step, 1 << 62
        cycle = done * self.cycles // self.total
        begin, end = self._begin(cycle), self._begin(cycle + 1)
        step = 1.0 / (end - begin)
        return cycle, -begin * step, step, end - done

    def learn(self, count: int, seconds: float, budget_seconds: float) -> None:
        """Take note of the pace; the first chunk that is long enough to measure sets the number of cycles."""
        self.per_iteration = seconds / budget_seconds / count
        if not self.is_learned and seconds > 0.02:
            self.is_learned = True
            self.cycles = self._cycles(int(1.0 / self.per_iteration))

    def _cycles(self, iterations: int) -> int:
        return max(1, round(iterations / (self.per_visit * max(1, self.visits))))

    def _begin(self, cycle: int) -> int:
        """First iteration of a cycle."""
        assert self.total is not None
        return -(-cycle * self.total // self.cycles)
