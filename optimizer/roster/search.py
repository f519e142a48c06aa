"""Improves a feasible roster by solving parts of it again, several at once, each from the same incumbent.

With an iteration budget everything is counted in deterministic time, so a seed gives the same roster on any machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.roster.book import Book
from optimizer.roster.linear import IntVector, LinearModel
from optimizer.roster.neighbourhoods import WHOLE, Arm, Neighbourhood
from optimizer.roster.solving import Answer, Task, solve_parts
from optimizer.stop import Running

LEAST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Slice:
    """How long one neighbourhood may take: seconds, or deterministic time units in a reproducible run."""

    seconds: float
    effort: float


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a running search: the neighbourhoods solved before it, the share of the budget at which it ends."""

    running: Running
    workers: int
    slice: Slice
    solved_before: int = 0
    end_share: float = 1.0

    def is_over(self, solved: int) -> bool:
        """Whether the phase has used its budget after so many neighbourhoods, earlier ones included."""
        iterations = self.running.budget.iterations
        if iterations is not None and solved >= int(iterations * self.end_share):
            return True
        return self.running.is_over(solved) or self.running.fraction(solved) >= self.end_share

    def tasks(self, solved: int) -> int:
        """How many neighbourhoods the next round has: one per worker, as long as iterations last."""
        iterations = self.running.budget.iterations
        if iterations is None:
            return self.workers
        return max(1, min(self.workers, int(iterations * self.end_share) - solved))

    def effort(self) -> float:
        """Effort of one neighbourhood: seconds, or deterministic time."""
        remaining, seconds = self.running.remaining_seconds(), self.running.budget.seconds
        if remaining is None or seconds is None:
            return self.slice.effort
        return max(LEAST_SECONDS, min(self.slice.seconds, remaining - seconds * (1 - self.end_share)))


class Teller(Protocol):
    """Told the share of the phase that is done, and the cost so far."""

    def __call__(self, share: float, cost: int | None = None) -> None:
        """One look at the search."""


class Picker(Protocol):
    """Draws the parts that are decided again, and is told what they gained."""

    def draw(self, values: IntVector, count: int) -> list[Neighbourhood]:
        """At most so many parts, given the incumbent."""

    def learn(self, arm: Arm, gain: float, effort: float) -> None:
        """What a part gained for its effort, as a share of the cost."""


@dataclass(frozen=True, slots=True)
class Improved:
    """The best values, how many neighbourhoods were solved and helped, and the effort of solving them."""

    values: IntVector
    cost: int
    solved: int = 0
    helped: int = 0
    effort: float = 0.0
    """Deterministic time units in a reproducible run, else seconds of all workers together."""


def improve(
    model: LinearModel, book: Book, values: IntVector, picker: Picker, phase: Phase, tell: Teller | None = None
) -> Improved:
    """Neighbourhoods, a round for all workers at a time, until the phase is over or nothing better exists."""
    solved, helped, spent, cost = phase.solved_before, 0, 0.0, model.price(values)
    is_finished = not model.is_decision.any()
    while not is_finished and not phase.is_over(solved):
        drawn = picker.draw(values, phase.tasks(solved))
        effort = phase.effort()
        tasks = [Task(model.with_followers(each.free), effort, solved + n) for n, each in enumerate(drawn, start=1)]
        answers = solve_parts(model, values, tasks, phase.running, _look(phase, solved, cost, tell))
        for each, answer in zip(drawn, answers, strict=True):
            gain = cost - model.price(answer.values) if answer.values is not None else 0
            picker.learn(each.arm, gain / max(1, abs(cost)), answer.effort)
            helped += gain > 0
            spent += answer.effort
            is_finished = is_finished or (each.arm.kind == WHOLE and answer.is_proved)
        values = merged(model, values, answers, book)
        cost = model.price(values)
        solved += len(tasks)
        if tell is not None:
            tell(phase.end_share if is_finished else phase.running.fraction(solved), cost)
    return Improved(values, cost, solved - phase.solved_before, helped, spent)


def _look(phase: Phase, solved: int, cost: int, tell: Teller | None) -> Callable[[], None] | None:
    """Tells the share and the cost again while solvers run, so that nobody thinks the search is dead."""
    return None if tell is None else lambda: tell(phase.running.fraction(solved), cost)


def merged(model: LinearModel, values: IntVector, answers: Sequence[Answer], book: Book) -> IntVector:
    """The incumbent with the changes of all answers that fit together, best first; equal ones are accepted."""
    found = [answer.values for answer in answers if answer.values is not None]
    found = [each for each in found if model.price(each) <= model.price(values)]
    order = sorted(range(len(found)), key=lambda number: (model.price(found[number]), number))
    best = values
    for number in order:
        both = without_excess(best + (found[number] - values), best, book)
        if model.is_feasible(both) and model.price(both) <= model.price(best):
            best = both
        elif np.array_equal(best, values):
            best = found[number]
    return best


def without_excess(values: IntVector, before: IntVector, book: Book) -> IntVector:
    """The values with some of the new contacts taken back where more of a group are served than there are."""
    for left, contacts in book.by_left.items():
        excess = -int(values[left])
        for variable in contacts if excess > 0 else ():
            back = min(excess, max(0, int(values[variable] - before[variable])))
            values[variable] -= back
            values[left] += back
            excess -= back
    return values
